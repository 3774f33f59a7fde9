//! What chance does to messages: how long they take, which are lost, which arrive twice.

use crate::random::Random;
use crate::scenario::duration::micros_of;
use crate::scenario::{Latency, NetworkConfig};

/// The network's chance, with its spans in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    random: Random,
    latency: Span,
    /// The probability that a message is lost.
    loss: f64,
    /// The probability that a message arrives twice.
    duplicate: f64,
    /// When it stops to do harm.
    faults_end_us: u64,
}

/// How long messages take.
#[derive(Clone, Copy, Debug)]
enum Span {
    Fixed(u64),
    Uniform {
        min: u64,
        max: u64,
    },
    /// At least `min`, and an exponentially distributed rest with this mean.
    Exponential {
        min: u64,
        rest: u64,
    },
}

impl Chance {
    pub fn new(config: &NetworkConfig, random: Random) -> Self {
        let latency = match config.latency {
            Latency::Fixed(latency) => Span::Fixed(micros_of(latency)),
            Latency::Uniform { min, max } => {
                Span::Uniform { min: micros_of(min), max: micros_of(max) }
            }
            Latency::Exponential { mean, min } => {
                Span::Exponential { min: micros_of(min), rest: micros_of(mean.saturating_sub(min)) }
            }
        };
        Self {
            random,
            latency,
            loss: config.loss,
            duplicate: config.duplicate,
            faults_end_us: config.faults_end.map_or(u64::MAX, micros_of),
        }
    }

    /// How long a message takes that is sent now.
    #[inline]
    pub fn latency_us(&mut self, now_us: u64) -> u64 {
        match self.latency {
            Span::Fixed(latency) => latency,
            Span::Uniform { min, max } => self.random.between(min, max),
            Span::Exponential { min, rest } => {
                let drawn = self.random.exponential(rest as f64) as u64;
                let most = if self.has_faults(now_us) { u64::MAX } else { rest };
                min.saturating_add(drawn.min(most))
            }
        }
    }

    /// Whether a message is lost that is sent now.
    pub fn loses(&mut self, now_us: u64) -> bool {
        self.has_faults(now_us) && self.random.happens(self.loss)
    }

    /// Whether a message arrives twice that is sent now.
    pub fn doubles(&mut self, now_us: u64) -> bool {
        self.has_faults(now_us) && self.random.happens(self.duplicate)
    }

    /// Whether it loses and doubles messages, and lets them take longer than the spans allow.
    pub const fn has_faults(&self, now_us: u64) -> bool {
        now_us < self.faults_end_us
    }
}
