//! Random faults: latencies, losses and duplicates.

use crate::random::Random;
use crate::scenario::duration::micros_of;
use crate::scenario::{Latency, NetworkConfig};

/// The random part of the network. Spans are in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    random: Random,
    latency: Span,
    /// The probability that a message is lost.
    loss: f64,
    /// The probability that a message is duplicated.
    duplicate: f64,
    /// When random faults end, in microseconds.
    faults_end_us: u64,
}

/// The distribution of the messages' latency.
#[derive(Clone, Copy, Debug)]
enum Span {
    Fixed(u64),
    Uniform {
        min: u64,
        max: u64,
    },
    /// `min` plus an exponentially distributed part with mean `rest`.
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

    /// Draws the latency of a message that is sent now.
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

    /// Draws whether a message that is sent now is lost.
    pub fn loses(&mut self, now_us: u64) -> bool {
        self.has_faults(now_us) && self.random.happens(self.loss)
    }

    /// Draws whether a message that is sent now is duplicated.
    pub fn doubles(&mut self, now_us: u64) -> bool {
        self.has_faults(now_us) && self.random.happens(self.duplicate)
    }

    /// Whether messages may be lost, duplicated, and delayed longer than the spans allow.
    pub const fn has_faults(&self, now_us: u64) -> bool {
        now_us < self.faults_end_us
    }
}
