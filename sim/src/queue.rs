//! What is yet to happen, in order.

use alloc::collections::VecDeque;

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

/// Names one entry of the queue, and says where it stands: the instant, then the class, then the
/// number in which it was planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticket {
    at_us: u64,
    /// The class, and in the bits below it the number.
    order: u64,
}

/// Numbers take the bits below: 2^62 of them outlast every run.
const CLASS_SHIFT: u32 = 62;

impl Ticket {
    /// The ticket of nothing.
    pub const NONE: Self = Self { at_us: 0, order: 0 };

    const fn new(at_us: u64, class: Class, number: u64) -> Self {
        Self { at_us, order: (class as u64) << CLASS_SHIFT | number }
    }

    pub const fn is_none(self) -> bool {
        self.number() == 0
    }

    pub const fn at_us(self) -> u64 {
        self.at_us
    }

    /// How many had been planned with it, whatever their instants.
    pub const fn number(self) -> u64 {
        self.order & ((1 << CLASS_SHIFT) - 1)
    }

    /// One number instead of two: it is compared without a branch.
    const fn key(self) -> u128 {
        (self.at_us as u128) << 64 | self.order as u128
    }
}

/// A ticket and what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub ticket: Ticket,
    pub what: What,
}

/// The queue, sorted. Few things are under way at a time and most of them are planned in about the
/// order in which they happen, so that a plan goes to the end or a few places before it: that costs
/// less than a heap does, and what is called off can be taken out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    entries: VecDeque<Entry>,
    issued: u64,
}

impl Queue {
    /// Plans `what`; later plans of the same instant and class come after it.
    #[inline]
    pub fn plan(&mut self, at_us: u64, class: Class, what: What) -> Ticket {
        self.issued += 1;
        let ticket = Ticket::new(at_us, class, self.issued);
        let entry = Entry { ticket, what };
        match self.entries.back() {
            Some(last) if ticket.key() < last.ticket.key() => self.squeeze_in(entry),
            Some(_) | None => self.entries.push_back(entry),
        }
        ticket
    }

    #[inline(never)]
    fn squeeze_in(&mut self, entry: Entry) {
        self.entries.insert(self.place_of(entry.ticket), entry);
    }

    /// Takes a plan back. One that has been taken off the queue is not there any more.
    pub fn cancel(&mut self, ticket: Ticket) {
        let place = self.place_of(ticket);
        if self.entries.get(place).is_some_and(|entry| entry.ticket == ticket) {
            self.entries.remove(place);
        }
    }

    pub fn peek(&self) -> Option<&Entry> {
        self.entries.front()
    }

    pub fn pop(&mut self) -> Option<Entry> {
        self.entries.pop_front()
    }

    fn place_of(&self, ticket: Ticket) -> usize {
        self.entries.partition_point(|entry| entry.ticket.key() < ticket.key())
    }
}
