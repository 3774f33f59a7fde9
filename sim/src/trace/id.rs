//! The ids of messages.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use antes_core::NodeId;

/// The id of a message: its sender, its number among all messages of that sender in all its lives
/// (from 1), and the number of the copy. A forged message has a number among the forged messages,
/// and the id does not contain the sender that it claims.
#[derive(Clone, Copy, Debug)]
pub struct MessageId {
    /// The sender. For a forged message, the sender that it claims.
    pub from: NodeId,
    /// The number among the sender's messages, or among the forged messages.
    pub number: u32,
    /// 0 for the message itself, 1 and up for the network's copies of it.
    pub copy: u8,
    /// Whether no node sent it.
    pub forged: bool,
}

impl MessageId {
    /// The id of the message with this number from `from`.
    pub const fn new(from: NodeId, number: u32) -> Self {
        Self { from, number, copy: 0, forged: false }
    }

    /// The first number of the id: the sender, or 0 for a forged message.
    pub const fn sender(&self) -> u8 {
        if self.forged { 0 } else { self.from.get() }
    }

    /// The numbers by which ids are compared.
    const fn key(&self) -> (u8, u32, u8) {
        (self.sender(), self.number, self.copy)
    }
}

impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for MessageId {}

impl Ord for MessageId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for MessageId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for MessageId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for MessageId {
    /// `2:4`, or `2:4+1` for its first copy; `0:4` for the fourth forged message.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sender(), self.number)?;
        if self.copy > 0 { write!(f, "+{}", self.copy) } else { Ok(()) }
    }
}

/// A text that is no message id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMessageId;

impl fmt::Display for InvalidMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a message id such as \"2:4\", or \"2:4+1\" for a copy")
    }
}

impl core::error::Error for InvalidMessageId {}

impl FromStr for MessageId {
    // The id of a forged message does not contain its claimed sender, so `from` is arbitrary.
    type Err = InvalidMessageId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, rest) = text.split_once(':').ok_or(InvalidMessageId)?;
        let (number, copy) = rest.split_once('+').unwrap_or((rest, "0"));
        let forged = from == "0";
        let from = if forged { "1" } else { from };
        let from = from.parse().ok().and_then(NodeId::new).ok_or(InvalidMessageId)?;
        let number = number.parse().map_err(|_| InvalidMessageId)?;
        let copy = copy.parse().map_err(|_| InvalidMessageId)?;
        Ok(Self { from, number, copy, forged })
    }
}
