//! What a person points at.

use antes_core::NodeId;
use antes_sim::trace::{Happening, MessageId, Recipient, TraceEvent};

/// What is pointed at, or has the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointed {
    /// An event, by its place in the trace.
    Event(u64),
    /// A node.
    Node(NodeId),
    /// A message on its way.
    Message(MessageId),
}

impl Pointed {
    /// What an element with this name of a handle and this value stands for.
    pub fn from_handle(name: &str, value: &str) -> Option<Self> {
        Some(match name {
            "data-event" => Self::Event(value.parse().ok()?),
            "data-node" => Self::Node(NodeId::new(value.parse().ok()?)?),
            "data-message" => Self::Message(value.parse().ok()?),
            _ => return None,
        })
    }

    /// Whether a line of the trace is it, or belongs to it.
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
