//! Writes JSON objects field by field in a fixed order.

use alloc::string::String;
use core::fmt::{self, Write as _};

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
