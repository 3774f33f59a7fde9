//! The fields of messages in traces.

use alloc::vec::Vec;

use antes_core::{Field, FieldForm, Message, NodeId, Value, Write};

use super::Content;

impl Content {
    /// The simplest message of each kind from `from` to `to`, and the simplest write of `from`.
    pub fn simplest(from: NodeId, to: NodeId) -> impl Iterator<Item = Self> {
        let messages = Message::simplest(from, to).map(Self::Message);
        messages.chain([Self::Write(Write::simplest(from))])
    }

    /// Carries the fields to `form`, in the order of files.
    pub fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Message(message) => message.carry(form),
            Self::Write(write) => write.carry(form),
        }
    }

    /// The fields, in the order of files.
    pub fn fields(mut self) -> Vec<Field> {
        let mut list = List(Vec::new());
        self.carry(&mut list);
        list.0
    }

    /// The last of `candidates` of which all fields are there, otherwise the first. Kinds of messages with
    /// the same name have different fields: the CALL of the detector `poll` has a `question`.
    pub(crate) fn fullest(
        candidates: impl Iterator<Item = Self>,
        is_there: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let is_full = |it: &Self| it.fields().iter().all(|field| is_there(field.name));
        candidates.reduce(|best, next| if is_full(&next) { next } else { best })
    }
}

/// A form that only lists the fields.
struct List(Vec<Field>);

impl FieldForm for List {
    fn field(&mut self, field: Field, _: &mut Option<Value>) {
        self.0.push(field);
    }
}
