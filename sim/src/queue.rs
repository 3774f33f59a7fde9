//! What is yet to happen, in order.

use alloc::collections::BinaryHeap;
use core::cmp::Ordering;

use antes_core::{NodeId, Timer};

/// What goes first among things of the same instant. Script steps come before all of them; they
/// are kept apart, since people add to them while the run goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// The messages that a paused node missed. (Its overdue timers have fired by then.)
    Backlog,
    /// A message lands, or dies on its way.
    Delivery,
    /// A timer runs out.
    Timer,
}

/// Something that is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The flight in this place of the network ends.
    Flight(u32),
    /// This timer of this node runs out.
    Timer(NodeId, Timer),
}

/// Names one entry of the queue, so that one that was replaced is told from one that holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub at_us: u64,
    class: Class,
    pub ticket: Ticket,
    pub what: What,
}

impl Ord for Entry {
    /// The earliest is the greatest: [`BinaryHeap`] gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |entry: &Self| (entry.at_us, entry.class, entry.ticket);
        key(other).cmp(&key(self))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The queue. Entries are not taken out when what they stand for is cancelled or put off; whoever
/// takes one asks whether its ticket still holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Entry>,
    issued: u64,
}

impl Queue {
    /// Plans `what`; later plans of the same instant and class come after it.
    pub fn plan(&mut self, at_us: u64, class: Class, what: What) -> Ticket {
        self.issued += 1;
        let ticket = Ticket(self.issued);
        self.heap.push(Entry { at_us, class, ticket, what });
        ticket
    }

    pub fn peek(&self) -> Option<&Entry> {
        self.heap.peek()
    }

    pub fn pop(&mut self) -> Option<Entry> {
        self.heap.pop()
    }
}
