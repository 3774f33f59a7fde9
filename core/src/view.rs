//! What a picture shows of a node, whatever its profile.

use alloc::vec::Vec;

use crate::hardened;
use crate::id::{RequestId, Term, Token};
use crate::node::{Protocols, Stack};
use crate::{election, mutex};

/// How far a node's own candidacy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Candidacy {
    /// It runs none.
    Idle,
    /// Hardened: it asks whether the others would follow into the next term.
    Probing,
    /// It waits for an OK of those above.
    AwaitingAnswers,
    /// It waits for whoever is above to win.
    AwaitingCoordinator,
    /// Hardened: it has asked all to accept it.
    Proposing,
    /// Hardened: it has come to nothing and will be tried again.
    Resting,
}

/// What the lock looks like from a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockView {
    /// The node's own requests, oldest first, and whether they are in the critical section.
    pub requests: Vec<(RequestId, bool)>,
    /// The token that the node holds the lock with; none in the classic profile.
    pub token: Option<Token>,
    /// What it keeps as coordinator, if it is.
    pub table: Option<TableView>,
}

/// A coordinator's table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableView {
    /// The request that the lock is granted to.
    pub holder: Option<RequestId>,
    /// The requests that wait, the next one first.
    pub queue: Vec<RequestId>,
    /// Hardened: it does not know yet what it has taken over, and grants nothing.
    pub recovering: bool,
    /// Hardened: it has lost touch with the majority, and grants nothing.
    pub without_lease: bool,
}

impl Stack {
    /// How far the node's own candidacy is; none in a run without elections.
    pub fn candidacy(&self) -> Option<Candidacy> {
        Some(match self.protocols() {
            Protocols::None => return None,
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

    /// The term that the node is in; classic has none.
    pub const fn term(&self) -> Option<Term> {
        match self.protocols() {
            Protocols::None | Protocols::Classic { .. } => None,
            Protocols::Hardened { election, .. } => Some(election.term()),
        }
    }

    /// What the lock looks like from the node; none in a run without one.
    pub fn lock(&self) -> Option<LockView> {
        match self.protocols() {
            Protocols::None => None,
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
    LockView { requests, token: None, table }
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
    LockView { requests, token: lock.holding().map(|(_, token, _)| token), table }
}
