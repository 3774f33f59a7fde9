//! The parts of a node's state that pictures show, the same for both profiles.

use alloc::vec::Vec;

use crate::clock::LamportTime;
use crate::id::{NodeSet, RequestId, Token};

/// The state of a node's own candidacy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidacy {
    /// The node runs no election of its own.
    Idle,
    /// Hardened: it has sent PROBE and waits for consent to the next term.
    Probing,
    /// It waits for OK from the nodes with higher ids.
    AwaitingAnswers,
    /// It has received OK and waits for COORDINATOR.
    AwaitingCoordinator,
    /// Hardened: it has sent PROPOSE and waits for ACCEPT.
    Proposing,
    /// Hardened: its candidacy failed; it waits before it tries again.
    Resting,
}

/// The lock from the point of view of one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockView {
    /// The node's own requests, oldest first, and whether each is in the critical section.
    pub requests: Vec<(RequestId, bool)>,
    /// The token of the grant that the node holds. `None` without one, and in the classic profile.
    pub token: Option<Token>,
    /// The coordinator's table, if the node is the coordinator.
    pub table: Option<TableView>,
    /// Distributed: the request for which the node has asked all others. `None` if it does not ask.
    pub asking: Option<AskingView>,
    /// Distributed: the requests of other nodes that wait for this node's OK.
    pub deferred: Vec<RequestId>,
}

/// A request of the distributed lock that has not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AskingView {
    /// The request that waits for these answers.
    pub request: RequestId,
    /// The stamp of its first REQUEST. The smaller (stamp, id) goes first.
    pub stamp: LamportTime,
    /// The nodes that have not answered.
    pub missing: NodeSet,
}

/// A coordinator's table, in either profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableView {
    /// The request that holds the lock.
    pub holder: Option<RequestId>,
    /// The waiting requests; the first is granted next.
    pub queue: Vec<RequestId>,
    /// Hardened: recovery is not complete, so nothing is granted.
    pub recovering: bool,
    /// Hardened: the leader has lost its lease, so nothing is granted.
    pub without_lease: bool,
}
