//! The messages and timers of the hardened lock.

use crate::fields::{Absence, FieldForm};
use crate::id::{Identity, NodeId, RequestId, Term, Token};
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

/// Timers of a lock with leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockTimer {
    /// How long until unanswered messages are repeated.
    Retry,
    /// At the requesting node: how long a grant that answers this attempt of the request would
    /// last. The number is the attempt, from 1.
    Claim(RequestId, u32),
    /// At the coordinator: how long the holder may still be in the critical section.
    Lease,
    /// At a new coordinator: how long a holder that has not reported may still be in the critical
    /// section.
    Grace,
}

impl LockTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Claim(..) => "claim",
            Self::Lease => "lease",
            Self::Grace => "grace",
        }
    }
}

/// The request in the critical section and its token. A request without a token holds nothing.
fn carry_hold(me: NodeId, holds: &mut Option<(RequestId, Token)>, form: &mut dyn FieldForm) {
    let (mut request, mut token) = holds.unzip();
    form.optional("request", Absence::LeftOut, &mut request);
    form.optional("token", Absence::LeftOut, &mut token);
    *holds = token.map(|token| {
        let request = request.unwrap_or_else(|| {
            let mut first = RequestId::first_of(me);
            form.needed("request", &mut first);
            first
        });
        (request, token)
    });
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

    /// The simplest message of each kind from `from` to `to`.
    pub(crate) const fn simplest(from: NodeId, to: NodeId) -> [Self; 6] {
        let (request, theirs) = (RequestId::first_of(from), RequestId::first_of(to));
        let token = Token { term: Term(1), sequence: 1 };
        [
            Self::Report { me: request.by, holds: None, lease_us: 0 },
            Self::Request { request, repetition: 1, oldest: 1, lease_us: 0 },
            Self::Grant { request: theirs, repetition: 1, token },
            Self::Release { request, token },
            Self::ReleaseAck { request: theirs },
            Self::Withdraw { request },
        ]
    }

    /// Carries the fields to `form`. The sender of a REPORT is that of the message.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Report { me, holds, lease_us } => {
                form.needed("inc", &mut me.incarnation);
                carry_hold(me.node, holds, form);
                form.unless_zero("lease_us", lease_us);
            }
            Self::Request { request, repetition, oldest, lease_us } => {
                form.needed("request", request);
                form.needed("repetition", repetition);
                form.needed("oldest", oldest);
                form.unless_zero("lease_us", lease_us);
            }
            Self::Grant { request, repetition, token } => {
                form.needed("request", request);
                form.needed("repetition", repetition);
                form.needed("token", token);
            }
            Self::Release { request, token } => {
                form.needed("request", request);
                form.needed("token", token);
            }
            Self::ReleaseAck { request } | Self::Withdraw { request } => {
                form.needed("request", request);
            }
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
