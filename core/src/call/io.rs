//! The messages, timers and draws of remote calls.

use crate::fields::FieldForm;
use crate::id::{CallId, NodeId};
use crate::kind::{Kind, Traffic};

/// Messages between client and server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum CallMessage {
    /// MESSAGE: carries nothing but its stamp.
    Plain,
    /// CALL: asks for a random number.
    Call {
        /// The number of the call.
        call: CallId,
    },
    /// REPLY: answers a call with a random number.
    Reply {
        /// The call that is answered.
        call: CallId,
        /// The random number, 0 to 99.
        number: u32,
    },
}

/// Timers of the remote calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallTimer {
    /// How long until the node makes its next call by itself.
    Wait,
    /// How long the client waits for the reply before it gives the call up.
    Reply,
}

/// Random draws of the remote calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallChoice {
    /// How long to wait before the next call, in microseconds.
    Wait,
    /// The node to call, as an index into the other nodes in ascending order, from 0.
    Peer,
    /// The random number of a server's reply.
    Number {
        /// The node that gets the reply.
        client: NodeId,
        /// The call that the reply answers.
        call: CallId,
    },
}

impl CallMessage {
    /// The message's name, its family, and whether it is a reply.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Plain => Kind::request("MESSAGE", Traffic::Clock),
            Self::Call { .. } => Kind::request("CALL", Traffic::Clock),
            Self::Reply { .. } => Kind::reply("REPLY", Traffic::Clock),
        }
    }
}

impl CallMessage {
    /// The simplest message of each kind from `from` to `to`.
    pub(crate) const fn simplest(from: NodeId, to: NodeId) -> [Self; 3] {
        let (call, theirs) = (CallId::first_of(from), CallId::first_of(to));
        [Self::Plain, Self::Call { call }, Self::Reply { call: theirs, number: 1 }]
    }

    /// Carries the fields to `form`.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Plain => {}
            Self::Call { call } => form.needed("call", call),
            Self::Reply { call, number } => {
                form.needed("call", call);
                form.from_zero("number", number);
            }
        }
    }
}

impl CallTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Wait => "call-wait",
            Self::Reply => "call-reply",
        }
    }
}
