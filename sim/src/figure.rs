//! Figures: hand-made causal histories, as on a blackboard, and the stamps of their events.

mod event;
mod read;
mod stamp;

use alloc::string::String;
use alloc::vec::Vec;

use antes_core::LamportTime;

pub use read::{FigureError, read};
pub use stamp::{Stamped, stamp};

/// The most processes in a figure.
pub const MAX_PROCESSES: usize = 64;

/// The most events in a figure.
pub const MAX_EVENTS: usize = 1_000;

/// The most messages in a figure. A send may have several, which need not be received.
pub const MAX_MESSAGES: usize = 1_000;

/// The highest start value of a clock. It is far below the largest number, and all JSON readers
/// represent it exactly.
pub const MAX_START: u64 = 1 << 52;

/// A causal history. [`read()`] has checked that each message has exactly one send and at most one
/// receipt, and that no message is received before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    pub title: String,
    /// The names of the processes, in drawing order.
    pub processes: Vec<String>,
    /// The Lamport clock of each process before its first event.
    pub start: Vec<LamportTime>,
    /// The events. Events of the same process are in process order.
    pub events: Vec<FigureEvent>,
    /// Fields of the file that are unknown, apart from answers of exercises.
    pub unknown: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureEvent {
    pub id: String,
    /// The index of its process in [`Figure::processes`].
    pub process: usize,
    pub kind: FigureKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureKind {
    Local,
    /// One event that sends these messages.
    Send {
        messages: Vec<String>,
    },
    Receive {
        message: String,
        /// The index of its send in [`Figure::events`].
        sent_by: usize,
    },
}

impl Figure {
    /// The indices of the events in an order in which each event comes after its predecessor in the
    /// process and after the send of the message that it receives. Events in a cycle, and events
    /// after them, are missing.
    fn causal_order(&self) -> Vec<usize> {
        let mut lines: Vec<Vec<usize>> = self.processes.iter().map(|_| Vec::new()).collect();
        for (place, event) in self.events.iter().enumerate() {
            lines[event.process].push(place);
        }
        let mut done = alloc::vec![false; self.events.len()];
        let mut next = alloc::vec![0; lines.len()];
        let mut order = Vec::new();
        loop {
            let before = order.len();
            for (line, next) in lines.iter().zip(&mut next) {
                while let Some(&place) = line.get(*next) {
                    if let FigureKind::Receive { sent_by, .. } = self.events[place].kind
                        && !done[sent_by]
                    {
                        break;
                    }
                    done[place] = true;
                    order.push(place);
                    *next += 1;
                }
            }
            if order.len() == before {
                return order;
            }
        }
    }
}
