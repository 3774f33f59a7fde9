//! Logical time: Lamport's clock and vector clocks.
//!
//! Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System" (1978), rules IR1
//! and IR2. Vector clocks after Fidge (1988) and Mattern (1989).

use core::fmt;
use core::hash::Hash;

use crate::id::{MAX_NODES, NodeId};

/// A reading of Lamport's clock. Clocks start at 0, so the first event is 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LamportTime(pub u64);

impl LamportTime {
    /// A local event or a send: `C := C + 1` (IR1).
    pub fn tick(&mut self) {
        self.0 = self.0.saturating_add(1);
    }

    /// The receipt of stamp `t`: `C := max(C, t) + 1` (IR2). It ticks even if the receiver's clock
    /// is ahead already, since a receipt is an event like any other.
    pub fn witness(&mut self, t: Self) {
        self.0 = self.0.max(t.0);
        self.tick();
    }
}

impl fmt::Display for LamportTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The causal order of two events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Causality {
    /// The first happened before the second.
    Before,
    /// The second happened before the first.
    After,
    /// They are the same event.
    Same,
    /// Neither happened before the other.
    Concurrent,
}

/// A number of events in a vector clock.
///
/// `u64` is for nodes that run for years: they never stop because a count is full. `u32` is for runs
/// whose number of events is limited, and makes stamps half as large.
pub trait Count: Copy + Default + Ord + fmt::Debug + Hash + Into<u64> {
    /// The next number. The largest `u64` is followed by itself.
    ///
    /// # Panics
    ///
    /// After the largest `u32`, which a run with a limit does not reach.
    #[must_use]
    fn next(self) -> Self;

    /// This number, or the largest one if it does not fit.
    fn from_wide(number: u64) -> Self;
}

impl Count for u32 {
    fn next(self) -> Self {
        self.checked_add(1).expect("a run ends before a node has 2^32 events")
    }

    fn from_wide(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }
}

impl Count for u64 {
    fn next(self) -> Self {
        self.saturating_add(1)
    }

    fn from_wide(number: u64) -> Self {
        number
    }
}

/// How many events of each node are known: one count per node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct VectorClock<C = u64>([C; MAX_NODES as usize]);

impl<C: Count> VectorClock<C> {
    /// The clock with these counts in the order of node ids; missing counts are 0.
    ///
    /// Counts beyond [`MAX_NODES`] are ignored.
    pub fn from_counts(counts: &[C]) -> Self {
        let mut clock = Self::default();
        for (slot, count) in clock.0.iter_mut().zip(counts) {
            *slot = *count;
        }
        clock
    }

    /// The counts of all [`MAX_NODES`] slots, in the order of node ids.
    pub const fn counts(&self) -> &[C; MAX_NODES as usize] {
        &self.0
    }

    /// The number of known events of `node`.
    pub const fn of(&self, node: NodeId) -> C {
        self.0[node.index()]
    }

    /// A local event or a send at `me`.
    pub fn tick(&mut self, me: NodeId) {
        let count = &mut self.0[me.index()];
        *count = count.next();
    }

    /// The receipt, at `me`, of a message stamped `other`: element-wise maximum, then a tick.
    pub fn witness(&mut self, other: &Self, me: NodeId) {
        for (slot, theirs) in self.0.iter_mut().zip(&other.0) {
            *slot = (*slot).max(*theirs);
        }
        self.tick(me);
    }

    /// How the event stamped `self` relates to the event stamped `other`. This is exact: vector
    /// clocks order two events if and only if one happened before the other.
    pub fn relation(&self, other: &Self) -> Causality {
        let some_less = self.0.iter().zip(&other.0).any(|(a, b)| a < b);
        let some_more = self.0.iter().zip(&other.0).any(|(a, b)| a > b);
        match (some_less, some_more) {
            (false, false) => Causality::Same,
            (true, false) => Causality::Before,
            (false, true) => Causality::After,
            (true, true) => Causality::Concurrent,
        }
    }
}

/// The stamp of a message or of a line of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamp<C = u64> {
    /// Lamport's clock: orders all events, but does not tell which are concurrent.
    pub lamport: LamportTime,
    /// The vector clock: tells exactly what happened before what.
    pub vector: VectorClock<C>,
}

impl<C: Count> Stamp<C> {
    /// Copies field by field. In WebAssembly a copy of more than 64 bytes is a function call, which
    /// is slower where millions of messages are copied.
    #[inline(always)]
    #[must_use]
    pub const fn copy(&self) -> Self {
        Self { lamport: self.lamport, vector: self.vector }
    }

    /// A local event or a send at `me`.
    pub fn tick(&mut self, me: NodeId) {
        self.lamport.tick();
        self.vector.tick(me);
    }

    /// The receipt, at `me`, of a message stamped `other`.
    pub fn witness(&mut self, other: &Self, me: NodeId) {
        self.lamport.witness(other.lamport);
        self.vector.witness(&other.vector, me);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(local: u64, stamp: u64) -> u64 {
        let mut clock = LamportTime(local);
        clock.witness(LamportTime(stamp));
        clock.0
    }

    #[test]
    fn a_receipt_takes_the_larger_clock_and_ticks() {
        assert_eq!(received(2, 5), 6);
    }

    #[test]
    fn a_receipt_ticks_also_when_the_own_clock_is_ahead() {
        assert_eq!(received(55, 40), 56);
    }

    #[test]
    fn a_receipt_at_the_end_of_time_does_not_overflow() {
        assert_eq!(received(1, u64::MAX), u64::MAX);
    }

    #[test]
    fn a_count_of_64_bits_stays_at_its_end() {
        let me = NodeId::new(1).unwrap();
        let mut clock = VectorClock::from_counts(&[u64::MAX]);
        clock.tick(me);
        assert_eq!(clock.of(me), u64::MAX);
    }

    #[test]
    #[should_panic(expected = "a run ends before a node has 2^32 events")]
    fn a_count_of_32_bits_does_not_wrap() {
        VectorClock::from_counts(&[u32::MAX]).tick(NodeId::new(1).unwrap());
    }

    #[test]
    fn ordered_lamport_stamps_can_belong_to_concurrent_events() {
        let [p, q] = [1, 2].map(|n| NodeId::new(n).unwrap());
        let (mut a, mut b) = (Stamp::<u32>::default(), Stamp::default());
        a.tick(p);
        b.tick(q);
        b.tick(q);
        assert!(a.lamport < b.lamport);
        assert_eq!(a.vector.relation(&b.vector), Causality::Concurrent);
    }

    #[test]
    fn a_message_orders_its_send_before_its_receipt() {
        let [p, q] = [1, 2].map(|n| NodeId::new(n).unwrap());
        let (mut sent, mut received) = (Stamp::<u64>::default(), Stamp::default());
        sent.tick(p);
        received.witness(&sent, q);
        assert_eq!(sent.vector.relation(&received.vector), Causality::Before);
        assert_eq!(received.vector.relation(&sent.vector), Causality::After);
        assert_eq!(sent.vector.relation(&sent.vector), Causality::Same);
    }
}
