//! The rules of the election's model: its configuration and bounds.

use antes_core::{Config, NodeId, Term};

/// The largest number of nodes in this model.
pub const MOST_NODES: u8 = 4;
/// The largest term in this model.
pub const LAST_TERM: Term = Term(4);

/// The part of stable storage that survives a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    Kept,
    /// The term, but not the vote. Shows that the vote is needed.
    VoteLost,
    /// Nothing, and no other node notices. Shows that births are needed.
    AllLost,
}

/// The births and the leader that nodes know at the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// All nodes know each other, and follow the highest id in the first term.
    Founded,
    /// All memories are new, and no nodes have met.
    New {
        /// A node that may lose its memory once, at any moment.
        loses: Option<NodeId>,
    },
    /// All nodes know each other, except for one that no other node has met. It may lose its memory
    /// once, at any moment.
    Joined { by: NodeId },
}

impl Origin {
    /// The node that may lose its memory, if any.
    pub const fn loser(self) -> Option<NodeId> {
        match self {
            Self::Founded => None,
            Self::New { loses } => loses,
            Self::Joined { by } => Some(by),
        }
    }
}

/// The configuration and bounds of the model.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The hardened profile without the lock, with at most [`MOST_NODES`] nodes.
    pub config: Config,
    /// The last term that is explored, at most [`LAST_TERM`]. The highest id leads the first term.
    pub last_term: Term,
    pub memory: Memory,
    pub origin: Origin,
}
