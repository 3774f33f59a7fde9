//! Writes JSON objects field by field in a fixed order.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use antes_core::{Absence, Field, FieldForm, NodeId, RequestId, Value};

use super::number_of;
use crate::trace::{LineForm, MessageRecord};

/// A JSON object that is written to the end of a text.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

impl<'a> Object<'a> {
    pub(crate) fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    pub(crate) fn close(self) {
        self.out.push('}');
    }

    /// Writes the key of a field. The caller appends the value to the returned text.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        if !self.empty {
            self.out.push(',');
        }
        self.empty = false;
        string(self.out, key);
        self.out.push(':');
        self.out
    }

    /// Writes a number, `true`, `false` or `null`.
    pub(crate) fn literal(&mut self, key: &str, value: impl fmt::Display) {
        write!(self.key(key), "{value}").expect("a string takes everything");
    }

    /// Writes a number, or `null`.
    pub(crate) fn optional(&mut self, key: &str, value: Option<impl fmt::Display>) {
        match value {
            Some(value) => self.literal(key, value),
            None => self.literal(key, "null"),
        }
    }

    pub(crate) fn string(&mut self, key: &str, value: &str) {
        string(self.key(key), value);
    }

    /// Writes the display form of `value` as a string.
    pub(crate) fn name(&mut self, key: &str, value: impl fmt::Display) {
        self.string(key, &alloc::format!("{value}"));
    }

    pub(crate) fn numbers<T: fmt::Display>(
        &mut self,
        key: &str,
        values: impl IntoIterator<Item = T>,
    ) {
        list(self.key(key), values, |out, value| {
            write!(out, "{value}").expect("a string takes everything");
        });
    }
}

impl FieldForm for Object<'_> {
    fn field(&mut self, Field { name, absence, .. }: Field, value: &mut Option<Value>) {
        match *value {
            Some(Value::Number(number)) => self.literal(name, number),
            Some(Value::Flag(flag)) => self.literal(name, flag),
            Some(Value::Name(by, number)) => self.name(name, format_args!("{by}:{number}")),
            Some(Value::Token(token)) => self.numbers(name, [token.term.0, token.sequence]),
            Some(Value::Node(node)) => self.literal(name, node),
            Some(Value::Word(word)) => self.string(name, word),
            None if absence == Absence::Null => self.literal(name, "null"),
            None => {}
        }
    }
}

impl LineForm for Object<'_> {
    fn message(&mut self, record: &mut MessageRecord) {
        let mut message = Object::open(self.key("message"));
        message.name("id", record.id);
        message.literal("from", record.id.from);
        message.literal("to", number_of(record.to));
        message.string("type", record.content.name());
        record.content.carry(&mut message);
        message.close();
    }

    fn word(
        &mut self,
        name: &'static str,
        _: Absence,
        _: &dyn Fn(&str) -> Option<&'static str>,
        word: &mut Option<&'static str>,
    ) {
        if let Some(word) = word {
            self.string(name, word);
        }
    }

    fn mark(&mut self, name: &'static str, word: &'static str, is_there: &mut bool) {
        if *is_there {
            self.string(name, word);
        }
    }

    fn text(&mut self, name: &'static str, text: &mut String) {
        self.string(name, text);
    }

    fn requests(&mut self, name: &'static str, requests: &mut Vec<RequestId>) {
        list(self.key(name), requests, |out, request| string(out, &alloc::format!("{request}")));
    }

    fn nodes(&mut self, name: &'static str, nodes: &mut Vec<NodeId>) {
        self.numbers(name, nodes);
    }

    fn refuse(&mut self, _: &str) {}
}

/// Writes `[a,b]`; `write` writes each item.
pub(crate) fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

/// Writes `text` in quotes, with JSON's escapes.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => {
                write!(out, "\\u{:04x}", u32::from(control)).expect("a string takes everything");
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
