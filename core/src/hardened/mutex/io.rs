//! The messages of the hardened lock.

use crate::id::{Identity, RequestId, Token};
use crate::kind::{Kind, Traffic};

/// Messages between a node and its coordinator (hardened).
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MutexMessage {
    /// REPORT: what the sender holds when it enters the coordinator's term.
    Report {
        /// The sender and its incarnation.
        me: Identity,
        /// The request that is in the critical section, and its token.
        holds: Option<(RequestId, Token)>,
        /// The sender's configured lease, in microseconds.
        lease_us: u64,
    },
    /// REQUEST: asks for the lock.
    Request {
        /// The number of the request.
        request: RequestId,
        /// The number of the attempt: how often the request has been sent, including this time.
        repetition: u32,
        /// The number of the oldest open request of the node.
        oldest: u32,
        /// The sender's configured lease, in microseconds.
        lease_us: u64,
    },
    /// GRANT: gives the lock to a request, until its lease ends.
    Grant {
        /// The request that is granted.
        request: RequestId,
        /// The attempt that is answered. 0 for a withdrawn request, so that the grant comes back.
        repetition: u32,
        token: Token,
    },
    /// RELEASE: the node has left the critical section, or gives an unused grant back.
    Release {
        /// The request that is finished.
        request: RequestId,
        /// The token of the grant.
        token: Token,
    },
    /// RELEASE_ACK: this request is finished, at the coordinator too.
    ReleaseAck { request: RequestId },
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
            Self::Report { .. } => Kind::reply("REPORT", Traffic::Mutex),
            Self::Request { .. } => Kind::request("REQUEST", Traffic::Mutex),
            Self::Grant { .. } => Kind::reply("GRANT", Traffic::Mutex),
            Self::Release { .. } => Kind::request("RELEASE", Traffic::Mutex),
            Self::ReleaseAck { .. } => Kind::reply("RELEASE_ACK", Traffic::Mutex),
            Self::Withdraw { .. } => Kind::request("WITHDRAW", Traffic::Mutex),
        }
    }

    /// The request that it grants and the token, if it is a GRANT.
    pub const fn granted(&self) -> Option<(RequestId, Token)> {
        match self {
            Self::Grant { request, token, .. } => Some((*request, *token)),
            Self::Report { .. }
            | Self::Request { .. }
            | Self::Release { .. }
            | Self::ReleaseAck { .. }
            | Self::Withdraw { .. } => None,
        }
    }

    /// The token that it carries, if any.
    pub const fn token(&self) -> Option<Token> {
        match self {
            Self::Report { holds: Some((_, token)), .. }
            | Self::Grant { token, .. }
            | Self::Release { token, .. } => Some(*token),
            Self::Report { holds: None, .. }
            | Self::Request { .. }
            | Self::ReleaseAck { .. }
            | Self::Withdraw { .. } => None,
        }
    }
}
