//! The messages of the lock (classic).

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
