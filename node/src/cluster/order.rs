//! What the outside may ask of a running node.

use std::time::Duration;

use antes_core::{Command, NodeId};
use tokio::sync::oneshot;

/// How many orders may wait. Whoever gives more waits for room, or is told that the node is busy.
pub const MAX_ORDERS: usize = 64;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A command to the protocols.
    Command(Command),
    /// Do nothing from here on; messages queue up, the clock runs on.
    Pause,
    /// Go on: what is overdue fires first.
    Resume,
    /// End at once, like a process that is killed.
    Crash,
    /// Lose everything that is sent to this node.
    Cut {
        /// The end of the link.
        to: NodeId,
    },
    /// Hold back everything that is sent to this node, for this long each.
    Delay {
        /// The end of the link.
        to: NodeId,
        /// For how long; zero ends it.
        by: Duration,
    },
    /// Lose the next messages to this node.
    Drop {
        /// The end of the link.
        to: NodeId,
        /// How many.
        count: u32,
    },
    /// End everything that was done to links.
    Heal,
}

/// A wish, and where the answer goes.
#[derive(Debug)]
pub struct Order {
    /// What is asked.
    pub wish: Wish,
    /// Told once it is done, or why it is not.
    pub answer: oneshot::Sender<Result<(), Declined>>,
}

impl Order {
    /// An order, and where its answer arrives.
    pub fn new(wish: Wish) -> (Self, oneshot::Receiver<Result<(), Declined>>) {
        let (answer, answered) = oneshot::channel();
        (Self { wish, answer }, answered)
    }
}

/// Why an order was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declined {
    /// The node is paused.
    Paused,
    /// The node is not paused.
    NotPaused,
    /// The node takes no part in what the cluster does.
    TakesNoPart,
    /// The cluster has no such node, or it is this one.
    NoSuchLink,
    /// Nothing came of it: the protocols that run have no use for it at the moment.
    Nothing,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Paused => "the node is paused; expected it to be resumed first",
            Self::NotPaused => "the node is not paused",
            Self::TakesNoPart => "the node takes no part in what the cluster does; /state says why",
            Self::NoSuchLink => "expected another node of the cluster",
            Self::Nothing => "nothing came of it: the node has no use for it at the moment",
        })
    }
}

impl std::error::Error for Declined {}
