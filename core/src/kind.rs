//! The kinds of messages. Each protocol gives its messages their kinds, in one table.

/// Facts about a type of message for traces, pictures and filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind {
    /// The name of the message type in traces and summaries.
    pub name: &'static str,
    /// The family that it belongs to.
    pub traffic: Traffic,
    /// Whether it answers another message.
    pub is_reply: bool,
}

impl Kind {
    /// The kind of a message that answers no other message.
    pub(crate) const fn request(name: &'static str, traffic: Traffic) -> Self {
        Self { name, traffic, is_reply: false }
    }

    /// The kind of a message that answers another message.
    pub(crate) const fn reply(name: &'static str, traffic: Traffic) -> Self {
        Self { name, traffic, is_reply: true }
    }
}

/// The families of messages that pictures and filters distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// Remote calls and plain messages.
    Clock,
    /// Messages of elections, without heartbeats and polls.
    Election,
    /// Heartbeats and polls, with their answers.
    Heartbeat,
    /// Messages of the lock, and writes to the resource.
    Mutex,
}
