//! Figures: causal histories made by hand, as drawn on a blackboard, and the stamps of their
//! events.

mod event;
mod read;
mod stamp;

use alloc::string::String;
use alloc::vec::Vec;

use antes_core::LamportTime;

pub use read::{FigureError, read};
pub use stamp::{Stamped, stamp};

/// The most processes of a figure.
pub const MAX_PROCESSES: usize = 64;

/// The most events of a figure.
pub const MAX_EVENTS: usize = 1_000;

/// The highest value that a clock may start from: far from where numbers end, and read without loss by
/// every reader of JSON.
pub const MAX_START: u64 = 1 << 52;

/// A causal history. Every message of it has one send and one receipt at most, and nothing is
/// received before it is sent: [`read`] has made sure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Its title.
    pub title: String,
    /// The names of the processes, in the order in which they are drawn.
    pub processes: Vec<String>,
    /// What the Lamport clock of each process reads before its first event.
    pub start: Vec<LamportTime>,
    /// The events, those of one process in its order.
    pub events: Vec<FigureEvent>,
    /// Fields of the file that mean nothing here, and are no answers of an exercise either.
    pub unknown: Vec<String>,
}

/// An event of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureEvent {
    /// Its name.
    pub id: String,
    /// The place of its process among [`Figure::processes`].
    pub process: usize,
    /// What it is.
    pub kind: FigureKind,
}

/// What an event of a figure is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FigureKind {
    /// A local event.
    Local,
    /// One event that sends these messages.
    Send {
        /// The names of the messages.
        messages: Vec<String>,
    },
    /// The receipt of a message.
    Receive {
        /// The name of the message.
        message: String,
        /// The place of its send among [`Figure::events`].
        sent_by: usize,
    },
}

impl Figure {
    /// The places of the events in an order in which each comes after all that it needs: the one
    /// before it in its process, and the send of what it receives. Events that wait for each
    /// other in a circle, and what comes after them, are missing.
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
