//! The parts of a node's state that pictures show, the same for both profiles.

use alloc::vec::Vec;

use crate::clock::LamportTime;
use crate::distributed::{DistributedLock, Turn};
use crate::hardened;
use crate::id::{NodeSet, RequestId, Term, Token};
use crate::node::Stack;
use crate::protocols::Protocols;
use crate::{election, mutex};

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

impl Stack {
    /// The state of the node's own candidacy. `None` in a run without elections.
    pub fn candidacy(&self) -> Option<Candidacy> {
        Some(match self.protocols() {
            Protocols::None | Protocols::Distributed(_) => return None,
            Protocols::Classic { election, .. } => match election.campaign() {
                election::Campaign::Idle => Candidacy::Idle,
                election::Campaign::AwaitsAnswers { .. } | election::Campaign::Asks { .. } => {
                    Candidacy::AwaitingAnswers
                }
                election::Campaign::AwaitsCoordinator { .. } => Candidacy::AwaitingCoordinator,
            },
            Protocols::Hardened { election, .. } => match election.campaign() {
                hardened::Campaign::Idle => Candidacy::Idle,
                hardened::Campaign::Probes { .. } => Candidacy::Probing,
                hardened::Campaign::AwaitsAnswers { .. } | hardened::Campaign::Asks { .. } => {
                    Candidacy::AwaitingAnswers
                }
                hardened::Campaign::AwaitsCoordinator => Candidacy::AwaitingCoordinator,
                hardened::Campaign::Proposes { .. } => Candidacy::Proposing,
                hardened::Campaign::Rests => Candidacy::Resting,
            },
        })
    }

    /// The node's term. `None` in the classic profile.
    pub const fn term(&self) -> Option<Term> {
        match self.protocols() {
            Protocols::None | Protocols::Classic { .. } | Protocols::Distributed(_) => None,
            Protocols::Hardened { election, .. } => Some(election.term()),
        }
    }

    /// The lock from the node's point of view. `None` in a run without a lock.
    pub fn lock(&self) -> Option<LockView> {
        match self.protocols() {
            Protocols::None => None,
            Protocols::Distributed(lock) => Some(distributed_lock(lock)),
            Protocols::Classic { mutex, .. } => mutex.as_ref().map(classic_lock),
            Protocols::Hardened { election, mutex } => {
                let without_lease = match election.standing() {
                    hardened::Standing::Leads(office) => !office.has_lease(),
                    hardened::Standing::Leaderless | hardened::Standing::Follows { .. } => false,
                };
                mutex.as_ref().map(|mutex| hardened_lock(mutex, without_lease))
            }
        }
    }
}

fn classic_lock(lock: &mutex::Mutex) -> LockView {
    let requests = lock.requests().iter();
    let requests = requests.map(|r| (r.id, r.progress == mutex::Progress::Holding)).collect();
    let table = match lock.role() {
        mutex::Role::Participant { .. } => None,
        mutex::Role::Coordinator(table) => Some(TableView {
            holder: table.holder(),
            queue: table.queue().iter().copied().collect(),
            ..TableView::default()
        }),
    };
    LockView { requests, table, ..LockView::default() }
}

fn distributed_lock(lock: &DistributedLock) -> LockView {
    let holding = lock.holding();
    let requests = lock.requests().map(|request| (request, holding == Some(request))).collect();
    let asking = match *lock.turn() {
        Turn::Asking { request, stamp, missing } => {
            Some(AskingView { request: request.id, stamp, missing })
        }
        Turn::Idle | Turn::Inside { .. } => None,
    };
    LockView { requests, asking, deferred: lock.deferred().to_vec(), ..LockView::default() }
}

fn hardened_lock(lock: &hardened::Mutex, without_lease: bool) -> LockView {
    let holds = |request: &hardened::Request| {
        matches!(request.progress, hardened::Progress::Holding { .. })
    };
    let requests = lock.requests().iter().map(|request| (request.id, holds(request))).collect();
    let table = match lock.role() {
        hardened::Role::Participant { .. } => None,
        hardened::Role::Coordinator(table) => Some(TableView {
            holder: table.holder().map(|held| held.request),
            queue: table.queue().iter().map(|waiter| waiter.request).collect(),
            recovering: table.stage() != hardened::Stage::Serving,
            without_lease,
        }),
    };
    let token = lock.holding().map(|(_, token, _)| token);
    LockView { requests, token, table, ..LockView::default() }
}
