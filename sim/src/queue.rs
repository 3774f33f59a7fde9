//! What is yet to happen, in order.

use alloc::collections::BinaryHeap;
use core::cmp::Ordering;

use antes_core::NodeId;

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
    /// The timer of this node that has the entry's ticket runs out.
    Timer(NodeId),
}

/// Names one entry of the queue, so that one that was replaced is told from one that holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(u64);

impl Ticket {
    /// The ticket of nothing.
    pub const NONE: Self = Self(0);

    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// A small one is a fast one: entries are moved about and compared more than anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub at_us: u64,
    /// The class, and in the bits below it the ticket.
    order: u64,
    pub what: What,
}

/// Tickets take the bits below: 2^62 of them outlast every run.
const CLASS_SHIFT: u32 = 62;

impl Entry {
    pub const fn ticket(&self) -> Ticket {
        Ticket(self.order & ((1 << CLASS_SHIFT) - 1))
    }

    /// One number instead of two: it is compared without a branch.
    const fn key(&self) -> u128 {
        (self.at_us as u128) << 64 | self.order as u128
    }
}

impl Ord for Entry {
    /// The earliest is the greatest: [`BinaryHeap`] gives the greatest first.
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(&self.key())
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
        let order = (class as u64) << CLASS_SHIFT | ticket.0;
        self.heap.push(Entry { at_us, order, what });
        ticket
    }

    pub fn peek(&self) -> Option<&Entry> {
        self.heap.peek()
    }

    pub fn pop(&mut self) -> Option<Entry> {
        self.heap.pop()
    }
}
