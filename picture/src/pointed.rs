//! The thing under the pointer.

use antes_core::NodeId;
use antes_sim::trace::{Happening, MessageId, Recipient, TraceEvent};

/// The thing that is under the pointer or has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// An event, by its line in the trace.
    Event(u64),
    Node(NodeId),
    Message(MessageId),
}

impl Pointed {
    /// The thing that an element stands for, by the name and the value of its handle.
    pub fn from_handle(name: &str, value: &str) -> Option<Self> {
        Some(match name {
            "data-event" => Self::Event(value.parse().ok()?),
            "data-node" => Self::Node(NodeId::new(value.parse().ok()?)?),
            "data-message" => Self::Message(value.parse().ok()?),
            _ => return None,
        })
    }

    /// Whether a line of the trace is this event, or belongs to this node or message.
    pub fn is_about(self, event: &TraceEvent) -> bool {
        match self {
            Self::Event(seq) => event.seq == seq,
            Self::Node(node) => {
                let goes_to = event.message().map(|message| message.to);
                event.node == Some(node) || goes_to == Some(Recipient::Node(node))
            }
            Self::Message(id) => match &event.happening {
                Happening::Write { id: written, .. } => *written == id,
                _ => event.message().is_some_and(|message| message.id == id),
            },
        }
    }
}
