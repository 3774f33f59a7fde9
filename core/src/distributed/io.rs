//! The messages of the distributed lock. Timers and draws are only those of its application.

use crate::clock::LamportTime;
use crate::fields::FieldForm;
use crate::id::{NodeId, RequestId};
use crate::kind::{Kind, Traffic};

/// Messages between a node that asks for the lock and each other node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum DistributedMessage {
    /// REQUEST: asks for the receiver's OK.
    Request {
        /// The number of the request.
        request: RequestId,
        /// The Lamport stamp of the request's first REQUEST, the same in each.
        stamp: LamportTime,
    },
    /// OK: the sender lets this request go before its own.
    Ok {
        /// The request that it answers.
        request: RequestId,
    },
}

impl DistributedMessage {
    /// The message's name, its family, and whether it is a reply.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Request { .. } => Kind::request("REQUEST", Traffic::Mutex),
            Self::Ok { .. } => Kind::reply("OK", Traffic::Mutex),
        }
    }

    /// The simplest message of each kind from `from` to `to`.
    pub(crate) const fn simplest(from: NodeId, to: NodeId) -> [Self; 2] {
        let (request, theirs) = (RequestId::first_of(from), RequestId::first_of(to));
        [Self::Request { request, stamp: LamportTime(1) }, Self::Ok { request: theirs }]
    }

    /// Carries the fields to `form`.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Request { request, stamp } => {
                form.needed("request", request);
                form.needed("stamp", stamp);
            }
            Self::Ok { request } => form.needed("request", request),
        }
    }

    /// The request that it belongs to.
    pub const fn request(&self) -> RequestId {
        match self {
            Self::Request { request, .. } | Self::Ok { request } => *request,
        }
    }

    /// The stamp of the request, if it is a REQUEST.
    pub const fn stamp(&self) -> Option<LamportTime> {
        match self {
            Self::Request { stamp, .. } => Some(*stamp),
            Self::Ok { .. } => None,
        }
    }
}
