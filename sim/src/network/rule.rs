//! Interventions on messages that have not been sent yet.

use crate::scenario::{Tampering, Which};
use crate::trace::{Content, MessageId, Recipient};

/// An intervention on a message that has not been sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub which: Which,
    pub tampering: Tampering,
}

impl Rule {
    /// Counts a message that is sent. Returns whether the rule is about it.
    pub fn is_met_by(&mut self, id: MessageId, to: Recipient, content: &Content) -> bool {
        match &mut self.which {
            Which::Id(meant) => *meant == id,
            Which::Nth { kind, from, to: receiver, nth, copy } => {
                let fits = id.copy == 0
                    && !id.forged
                    && kind == content.name()
                    && from.is_none_or(|from| from == id.from)
                    && receiver.is_none_or(|receiver| Recipient::Node(receiver) == to);
                *nth -= u32::from(fits);
                let found = fits && *nth == 0;
                if found && *copy > 0 {
                    // The message is known from here on; its copy has yet to be made.
                    self.which = Which::Id(MessageId { copy: *copy, ..id });
                    return false;
                }
                found
            }
        }
    }
}
