//! The queue of future events.

use alloc::collections::VecDeque;

use antes_core::NodeId;

/// The order of events at the same instant. Script steps come before all of them. They are kept
/// separately, since users add steps during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A message that a paused node missed. (Its overdue timers have fired before.)
    Backlog,
    /// A message arrives or is lost.
    Delivery,
    Timer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The flight in this slot of the network ends.
    Flight(u32),
    /// The timer of this node whose ticket is the entry's fires.
    Timer(NodeId),
}

/// Identifies an entry and its position: ordered by instant, then class, then the number in which
/// it was scheduled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ticket {
    at_us: u64,
    /// The class in the highest bits, and the number below.
    order: u64,
}

/// The numbers have the bits below: 2^62 of them are enough for any run.
const CLASS_SHIFT: u32 = 62;

impl Ticket {
    /// The ticket of no entry.
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

    /// The number of entries scheduled up to this one, at any instant.
    pub const fn number(self) -> u64 {
        self.order & ((1 << CLASS_SHIFT) - 1)
    }

    /// Both parts as one number, which is compared without a branch.
    const fn key(self) -> u128 {
        (self.at_us as u128) << 64 | self.order as u128
    }
}

/// A ticket and its event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub ticket: Ticket,
    pub what: What,
}

/// The queue as a sorted list. Few events are scheduled at a time, and most are scheduled in about
/// the order in which they happen. So a new entry goes to the end or a few positions before it,
/// which is cheaper than a heap, and entries can be removed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    entries: VecDeque<Entry>,
    issued: u64,
}

impl Queue {
    /// Schedules `what` after all entries of the same instant and class.
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

    /// Removes an entry, if it is still in the queue.
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
