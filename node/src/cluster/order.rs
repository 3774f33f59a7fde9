//! Orders from outside to a running node.

use std::time::Duration;

use antes_core::{Command, NodeId};
use tokio::sync::oneshot;

/// How many orders may wait. For a further one, the sender waits, or gets the answer that the node
/// is busy.
pub const MAX_ORDERS: usize = 64;

/// The content of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A command to the protocols.
    Command(Command),
    /// Pause: do nothing while messages queue up and the clock continues.
    Pause,
    /// Resume: overdue timers fire first.
    Resume,
    /// Crash like a killed process.
    Crash,
    /// Lose all messages to this node.
    Cut { to: NodeId },
    /// Delay all messages to this node.
    Delay {
        to: NodeId,
        /// The delay of each message. Zero ends it.
        by: Duration,
    },
    /// Lose the next messages to this node.
    Drop { to: NodeId, count: u32 },
    /// End all faults of links.
    Heal,
}

/// An order with the channel for its answer.
#[derive(Debug)]
pub struct Order {
    pub wish: Wish,
    /// Gets the result when the order is carried out or declined.
    pub answer: oneshot::Sender<Result<(), Declined>>,
}

impl Order {
    /// An order, and the receiver of its answer.
    pub fn new(wish: Wish) -> (Self, oneshot::Receiver<Result<(), Declined>>) {
        let (answer, answered) = oneshot::channel();
        (Self { wish, answer }, answered)
    }
}

/// The reason why an order was declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declined {
    Paused,
    NotPaused,
    /// The node takes no part in the cluster.
    TakesNoPart,
    /// There is no such node, or it is this one.
    NoSuchLink,
    /// The order had no effect: the running protocols have no use for it at the moment.
    Nothing,
}

impl std::fmt::Display for Declined {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Paused => "the node is paused; expected it to be resumed first",
            Self::NotPaused => "the node is not paused; expected it to be paused first",
            Self::TakesNoPart => "the node takes no part in the cluster; /state says why",
            Self::NoSuchLink => "expected another node of the cluster",
            Self::Nothing => "the command had no effect: the node has no use for it at the moment",
        })
    }
}

impl std::error::Error for Declined {}
