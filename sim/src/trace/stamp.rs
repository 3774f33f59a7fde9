//! The stamp of a line.

use alloc::boxed::Box;

use antes_core::{Count, LamportTime, MAX_NODES, NodeId, Stamp, VectorClock};

/// The stamp of a line of a trace.
///
/// Nearly all lines have counts below 2^32, and are kept in half the memory. A node that has run for
/// hours can pass that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineStamp(Width);

/// The form follows from the numbers, so that equal stamps have equal forms.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Width {
    Narrow { lamport: u32, counts: [u32; MAX_NODES as usize] },
    Wide(Box<Stamp>),
}

impl LineStamp {
    /// The reading of Lamport's clock.
    pub fn lamport(&self) -> LamportTime {
        match &self.0 {
            Width::Narrow { lamport, .. } => LamportTime(u64::from(*lamport)),
            Width::Wide(stamp) => stamp.lamport,
        }
    }

    /// The number of known events of `node`.
    pub fn of(&self, node: NodeId) -> u64 {
        match &self.0 {
            Width::Narrow { counts, .. } => u64::from(counts[node.index()]),
            Width::Wide(stamp) => stamp.vector.of(node),
        }
    }

    /// The vector clock.
    pub fn vector(&self) -> VectorClock {
        match &self.0 {
            Width::Narrow { counts, .. } => VectorClock::from_counts(&counts.map(u64::from)),
            Width::Wide(stamp) => stamp.vector,
        }
    }

    /// Both clocks, with 64 bits.
    pub fn wide(&self) -> Stamp {
        Stamp { lamport: self.lamport(), vector: self.vector() }
    }
}

impl Default for LineStamp {
    fn default() -> Self {
        Self(Width::Narrow { lamport: 0, counts: Default::default() })
    }
}

impl From<&Stamp<u32>> for LineStamp {
    #[inline]
    fn from(stamp: &Stamp<u32>) -> Self {
        match u32::try_from(stamp.lamport.0) {
            Ok(lamport) => Self(Width::Narrow { lamport, counts: *stamp.vector.counts() }),
            // The clock has been moved by a forged message.
            Err(_) => widened(stamp),
        }
    }
}

#[cold]
fn widened(stamp: &Stamp<u32>) -> LineStamp {
    let vector = VectorClock::from_counts(&stamp.vector.counts().map(u64::from));
    LineStamp(Width::Wide(Box::new(Stamp { lamport: stamp.lamport, vector })))
}

impl From<&Stamp> for LineStamp {
    fn from(stamp: &Stamp) -> Self {
        let counts = stamp.vector.counts();
        let fits = |&count: &u64| u32::try_from(count).is_ok();
        match u32::try_from(stamp.lamport.0) {
            Ok(lamport) if counts.iter().all(fits) => {
                Self(Width::Narrow { lamport, counts: counts.map(u32::from_wide) })
            }
            _ => Self(Width::Wide(Box::new(*stamp))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size of a stamp when clusters had at most 8 nodes and counts 64 bits.
    const WITH_EIGHT_NODES: usize = 72;

    #[test]
    fn stamps_of_sixteen_nodes_are_no_larger_than_those_of_eight_were() {
        assert!(size_of::<Stamp<u32>>() <= WITH_EIGHT_NODES);
        assert!(size_of::<LineStamp>() <= WITH_EIGHT_NODES);
    }

    #[test]
    fn a_line_keeps_counts_of_64_bits() {
        let largest = u64::from(u32::MAX);
        for count in [0, 1, largest - 1, largest, largest + 1, u64::MAX] {
            let in_vector =
                Stamp { lamport: LamportTime(3), vector: VectorClock::from_counts(&[0, count]) };
            let in_lamport = Stamp { lamport: LamportTime(count), ..Stamp::default() };
            for stamp in [in_vector, in_lamport] {
                let line = LineStamp::from(&stamp);
                assert_eq!(line.wide(), stamp);
                assert_eq!(line, LineStamp::from(&line.wide()));
                assert_eq!(line.lamport(), stamp.lamport);
                assert_eq!(line.of(NodeId::new(2).unwrap()), stamp.vector.counts()[1]);
            }
        }
    }

    #[test]
    fn a_simulated_clock_that_was_moved_far_is_kept() {
        let stamp = Stamp::<u32> { lamport: LamportTime(1 << 40), ..Stamp::default() };
        assert_eq!(LineStamp::from(&stamp).lamport(), stamp.lamport);
    }
}
