//! Identifiers: nodes, their incarnations, and the numbers of calls, elections, requests and
//! grants.

use core::fmt;
use core::num::NonZeroU32;

/// The most nodes that a cluster can have. Vector clocks and node sets have this size.
pub const MAX_NODES: u8 = 16;

/// A node of the cluster, numbered from 1. A higher id has priority in an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "u8", into = "u8"))]
pub struct NodeId(u8);

impl NodeId {
    /// The node with this number, or `None` outside 1 to [`MAX_NODES`].
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= MAX_NODES { Some(Self(number)) } else { None }
    }

    /// The node's number, 1 to [`MAX_NODES`].
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The node's index in arrays with one element per node, from 0.
    pub const fn index(self) -> usize {
        self.0 as usize - 1
    }
}

impl TryFrom<u8> for NodeId {
    type Error = InvalidNodeId;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or(InvalidNodeId(number))
    }
}

impl From<NodeId> for u8 {
    fn from(node: NodeId) -> Self {
        node.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number that is no valid node id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidNodeId(pub u8);

impl fmt::Display for InvalidNodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a node id: expected 1 to {MAX_NODES}", self.0)
    }
}

impl core::error::Error for InvalidNodeId {}

/// How many nodes the cluster has. It is fixed for a run, and dead nodes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClusterSize(u8);

impl ClusterSize {
    /// A cluster of [`MAX_NODES`] nodes.
    pub const MAX: Self = Self(MAX_NODES);

    /// A cluster of `nodes` nodes, or `None` outside 1 to [`MAX_NODES`].
    pub const fn new(nodes: u8) -> Option<Self> {
        if nodes >= 1 && nodes <= MAX_NODES { Some(Self(nodes)) } else { None }
    }

    /// The number of nodes, 1 to [`MAX_NODES`].
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The highest id, which leads when all nodes are up.
    pub const fn highest(self) -> NodeId {
        NodeId(self.0)
    }

    /// Whether `node` belongs to the cluster.
    pub const fn contains(self, node: NodeId) -> bool {
        node.0 <= self.0
    }

    /// Every node, in ascending order.
    pub fn nodes(self) -> impl DoubleEndedIterator<Item = NodeId> + Clone {
        (1..=self.0).map(NodeId)
    }

    /// Every node but `me`, in ascending order.
    pub fn others(self, me: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + Clone {
        self.nodes().filter(move |&node| node != me)
    }

    /// The nodes that outrank `me`, in ascending order.
    pub fn above(self, me: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + Clone {
        (me.0 + 1..=self.0).map(NodeId)
    }

    /// The nodes that `me` outranks, in ascending order.
    pub fn below(self, me: NodeId) -> impl DoubleEndedIterator<Item = NodeId> + Clone {
        (1..me.0).map(NodeId)
    }
}

/// A set of node ids, as a bit mask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeSet(u16);

impl NodeSet {
    /// Removes `node`; returns whether it was in the set.
    pub fn remove(&mut self, node: NodeId) -> bool {
        let was_in = self.contains(node);
        self.0 &= !(1 << node.index());
        was_in
    }

    /// Adds `node`; it may be in the set already.
    pub fn insert(&mut self, node: NodeId) {
        self.0 |= 1 << node.index();
    }

    /// Whether `node` is in the set.
    pub const fn contains(self, node: NodeId) -> bool {
        self.0 & (1 << node.index()) != 0
    }

    /// The number of nodes in the set.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether the set has no member.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<NodeId> for NodeSet {
    fn from_iter<I: IntoIterator<Item = NodeId>>(nodes: I) -> Self {
        let mut set = Self::default();
        nodes.into_iter().for_each(|node| set.insert(node));
        set
    }
}

/// The number of a node's life: 1 at first, one more with each restart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Incarnation(NonZeroU32);

impl Incarnation {
    /// The life before the first crash.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The life with this number, or `None` for 0.
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number of this life, from 1.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// The life after a restart.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// One life of one node. It tells the actions of a restarted node from those before the crash.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Identity {
    pub node: NodeId,
    /// The number of its life.
    pub incarnation: Incarnation,
}

impl fmt::Display for Identity {
    /// `2` in the first life, `2#3` in the third.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.incarnation {
            Incarnation::FIRST => write!(f, "{}", self.node),
            later => write!(f, "{}#{}", self.node, later.get()),
        }
    }
}

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        pub struct $name {
            /// The node, and the life in which it gave the number.
            pub by: Identity,
            /// Its number within that life, from 1.
            pub number: u32,
        }

        impl $name {
            /// The first one of `node`.
            pub const fn first_of(node: NodeId) -> Self {
                let by = Identity { node, incarnation: Incarnation::FIRST };
                Self { by, number: 1 }
            }
        }

        impl fmt::Display for $name {
            /// `2:7`, or `2#3:7` in the third life.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", self.by, self.number)
            }
        }
    };
}

numbered! {
    /// A remote call, numbered by its client.
    CallId
}
numbered! {
    /// An election, numbered by its initiator. OK repeats the number, so that a late OK is
    /// recognized.
    ElectionId
}
numbered! {
    /// A request for the lock. It is served at most once.
    RequestId
}

/// A period with at most one leader (hardened profile; named after Raft).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Term(pub u64);

impl Term {
    /// The next term; `None` after `u64::MAX`.
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(next) => Some(Self(next)),
            None => None,
        }
    }
}

/// A fencing token: it grows strictly with each grant, also across terms. A resource can therefore
/// refuse a write by an earlier holder.
///
/// Ordered by term, then sequence: `(2, 9) < (3, 1)`. (Kleppmann, "How to do distributed
/// locking", 2016.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Token {
    /// The term of the coordinator that granted.
    pub term: Term,
    /// The number of the grant within the term, from 1.
    pub sequence: u64,
}

impl fmt::Display for Token {
    /// Term and sequence, as in `2.1`: the first grant of term 2.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.term.0, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    #[test]
    fn neighbours_are_listed_in_ascending_order() {
        let size = ClusterSize::new(4).unwrap();
        let me = NodeId::new(2).unwrap();
        let numbers = |nodes: Vec<NodeId>| nodes.into_iter().map(NodeId::get).collect::<Vec<_>>();
        assert_eq!(numbers(size.above(me).collect()), [3, 4]);
        assert_eq!(numbers(size.below(me).collect()), [1]);
        assert_eq!(numbers(size.others(me).collect()), [1, 3, 4]);
    }

    #[test]
    fn a_restarted_node_is_named_with_its_incarnation() {
        let first = Identity { node: NodeId(2), incarnation: Incarnation::FIRST };
        let second = Identity { incarnation: first.incarnation.next(), ..first };
        assert_eq!(RequestId { by: first, number: 7 }.to_string(), "2:7");
        assert_eq!(RequestId { by: second, number: 1 }.to_string(), "2#2:1");
    }

    #[test]
    fn tokens_are_ordered_across_terms() {
        let earlier = Token { term: Term(2), sequence: 9 };
        let later = Token { term: Term(3), sequence: 1 };
        assert!(earlier < later);
        assert_eq!([earlier, later].map(|token| token.to_string()), ["2.9", "3.1"]);
    }

    #[test]
    fn a_set_forgets_whom_it_is_told_to() {
        let mut set: NodeSet = [NodeId(1), NodeId(8)].into_iter().collect();
        assert!(set.remove(NodeId(8)) && !set.remove(NodeId(8)));
        assert!(set.contains(NodeId(1)) && !set.is_empty());
    }
}
