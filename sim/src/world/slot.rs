//! A node's slot in the world: the process and its surroundings.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use antes_core::hardened::Memory;
use antes_core::{Identity, Stable, Timer};

use crate::narrow::{Node, Stamp};
use crate::network::Flight;
use crate::queue::Ticket;
use crate::random::Random;
use crate::scenario::{Moment, Ppm};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Up,
    /// It is frozen, but alive.
    Paused,
    Crashed,
    /// It has stopped in order.
    Stopped,
}

impl Status {
    /// Whether the node has crashed or stopped.
    pub const fn is_down(self) -> bool {
        matches!(self, Self::Crashed | Self::Stopped)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmedTimer {
    pub timer: Timer,
    /// When it was set, in microseconds.
    pub set_us: u64,
    /// When it fires, in microseconds.
    pub due_us: u64,
    pub(super) ticket: Ticket,
}

#[derive(Clone, Debug)]
pub struct Slot<P = Node> {
    pub(super) status: Status,
    pub(super) me: Identity,
    pub(super) process: P,
    /// The clocks after the latest effect that was carried out.
    pub(super) stamp: Stamp,
    pub(super) stable: Stable,
    /// The rest of the node's stable storage.
    pub(super) memory: Memory,
    pub(super) timers: Vec<ArmedTimer>,
    /// Tickets of timers that became due while the node was paused, in the order of their
    /// deadlines.
    pub(super) overdue: Vec<Ticket>,
    /// Messages that arrived while the node was paused.
    pub(super) inbox: VecDeque<Flight>,
    pub(super) crash_at: Option<Moment>,
    pub(super) rate: Ppm,
    pub(super) random: Random,
}

impl<P> Slot<P> {
    pub(super) fn new(me: Identity, process: P, stable: Stable, rate: Ppm, random: Random) -> Self {
        Self {
            status: Status::Up,
            me,
            process,
            stamp: Stamp::default(),
            stable,
            memory: Memory::default(),
            timers: Vec::new(),
            overdue: Vec::new(),
            inbox: VecDeque::new(),
            crash_at: None,
            rate,
            random,
        }
    }

    /// Whether the node is up or paused, or how it ended.
    pub const fn status(&self) -> Status {
        self.status
    }

    pub const fn me(&self) -> Identity {
        self.me
    }

    /// The process. If the node is down, its state at the crash.
    pub const fn node(&self) -> &P {
        &self.process
    }

    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    pub const fn stable(&self) -> &Stable {
        &self.stable
    }

    /// The number of messages that wait until a paused node resumes.
    pub fn inbox_len(&self) -> usize {
        self.inbox.len()
    }

    /// The moment at which it will crash, if one is set.
    pub const fn crash_at(&self) -> Option<Moment> {
        self.crash_at
    }

    /// The timers that are set and have neither fired nor been cancelled.
    pub fn timers(&self) -> impl Iterator<Item = &ArmedTimer> {
        self.timers.iter()
    }

    /// The timer whose queue entry has this ticket. `None` if it was cancelled or replaced.
    pub(super) fn timer_of(&self, ticket: Ticket) -> Option<Timer> {
        self.timers.iter().find(|armed| armed.ticket == ticket).map(|armed| armed.timer)
    }

    /// How many microseconds pass while the node's clock counts `span_us`.
    pub(super) fn by_own_clock(&self, span_us: u64) -> u64 {
        if self.rate == Ppm::TRUE {
            return span_us;
        }
        let scaled = u128::from(span_us) * u128::from(Ppm::TRUE.0) / u128::from(self.rate.0.max(1));
        u64::try_from(scaled).unwrap_or(u64::MAX)
    }
}
