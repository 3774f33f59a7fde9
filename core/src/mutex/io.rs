//! The messages, timers and draws of the lock (classic).

use crate::fields::{Absence, FieldForm};
use crate::id::{NodeId, RequestId, Token};
use crate::kind::{Kind, Traffic};

/// Messages between a node and its coordinator (classic).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MutexMessage {
    /// REQUEST: asks for the lock.
    Request {
        /// The number of the request.
        request: RequestId,
    },
    /// GRANT: gives the lock to a request, until its RELEASE.
    Grant {
        /// The request that is granted.
        request: RequestId,
        /// The fencing token. `None` in the classic profile.
        token: Option<Token>,
    },
    /// RELEASE: gives the lock back. It does not say for which request.
    Release,
    /// WITHDRAW: gives up a request that waits.
    Withdraw {
        /// The request that is given up.
        request: RequestId,
    },
}

/// Timers of the lock and of its application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutexTimer {
    /// How long until the application asks for the lock by itself.
    RequestWait,
    /// How long this critical section still lasts.
    Hold(RequestId),
    /// Hardened: how long until unanswered messages are repeated.
    Retry,
    /// Hardened, at the requesting node: how long a grant that answers this attempt of the request
    /// would last. The number is the attempt, from 1.
    Claim(RequestId, u32),
    /// Hardened, at the coordinator: how long the holder may still be in the critical section.
    Lease,
    /// Hardened, at a new coordinator: how long a holder that has not reported may still be in the
    /// critical section.
    Grace,
}

/// Random draws of the lock's application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MutexChoice {
    /// How long to wait before the application asks for the lock, in microseconds.
    RequestWait,
    /// How long to hold the lock, in microseconds.
    Hold(RequestId),
}

/// The place of a write within a critical section.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Phase {
    Entry,
    /// In between, on a user's command.
    Inside,
    Exit,
}

impl MutexMessage {
    /// The message's name, its family, and whether it is a reply.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Request { .. } => Kind::request("REQUEST", Traffic::Mutex),
            Self::Grant { .. } => Kind::reply("GRANT", Traffic::Mutex),
            Self::Release => Kind::request("RELEASE", Traffic::Mutex),
            Self::Withdraw { .. } => Kind::request("WITHDRAW", Traffic::Mutex),
        }
    }

    /// The request that it grants and the token, if it is a GRANT.
    pub const fn granted(&self) -> Option<(RequestId, Option<Token>)> {
        match self {
            Self::Grant { request, token } => Some((*request, *token)),
            Self::Request { .. } | Self::Release | Self::Withdraw { .. } => None,
        }
    }
}

impl MutexMessage {
    /// The simplest message of each kind from `from` to `to`.
    pub(crate) const fn simplest(from: NodeId, to: NodeId) -> [Self; 4] {
        let (request, theirs) = (RequestId::first_of(from), RequestId::first_of(to));
        [
            Self::Request { request },
            Self::Grant { request: theirs, token: None },
            Self::Release,
            Self::Withdraw { request },
        ]
    }

    /// Carries the fields to `form`.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Request { request } | Self::Withdraw { request } => {
                form.needed("request", request);
            }
            Self::Grant { request, token } => {
                form.needed("request", request);
                form.optional("token", Absence::LeftOut, token);
            }
            Self::Release => {}
        }
    }
}

impl Phase {
    /// The names in files.
    pub const NAMES: [&str; 3] = ["entry", "inside", "exit"];

    const ALL: [Self; 3] = [Self::Entry, Self::Inside, Self::Exit];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The phase with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}

impl MutexTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RequestWait => "request-wait",
            Self::Hold(_) => "hold",
            Self::Retry => "retry",
            Self::Claim(..) => "claim",
            Self::Lease => "lease",
            Self::Grace => "grace",
        }
    }
}
