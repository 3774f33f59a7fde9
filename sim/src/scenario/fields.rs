//! Reads tables and values with their positions, so that errors can point at them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{ClusterSize, DurationRange, NodeId};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::duration;
use super::error::Fault;
use super::suggest::{advice, one_of};
use super::words::Words;
use super::{Ppm, Text};

/// A table with known keys.
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    /// The byte position of its start.
    pub(super) at: usize,
    /// Its name in error messages.
    name: String,
}

impl<'a> Section<'a> {
    /// Checks that the table has no keys besides `keys`.
    pub(super) fn open(
        table: &'a DeTable<'a>,
        at: usize,
        name: &str,
        keys: &[&str],
    ) -> Result<Self, Fault> {
        let unknown = table.keys().filter(|key| !keys.contains(&key.get_ref().as_ref()));
        if let Some(key) = unknown.min_by_key(|key| key.span().start) {
            let word = key.get_ref().as_ref();
            let problem = format!("{} has no {}", name, quoted(word));
            return Err(Fault::new(key.span().start, problem, advice(word, keys)));
        }
        Ok(Self { table, at, name: name.to_string() })
    }

    /// The field `key`, if present.
    pub(super) fn get(&self, key: &str) -> Option<Field<'a>> {
        let (key, value) = self.table.get_key_value(key)?;
        Some(Field { name: key.get_ref().to_string(), at: key.span().start, value })
    }

    /// The required field `key`. `remedy` is what the error says is expected.
    pub(super) fn require(&self, key: &str, remedy: &str) -> Result<Field<'a>, Fault> {
        let missing = || Fault::new(self.at, format!("{} has no \"{key}\"", self.name), remedy);
        self.get(key).ok_or_else(missing)
    }

    /// If the field `key` is present, sets `value` to the result of `read`.
    pub(super) fn set<T>(
        &self,
        key: &str,
        value: &mut T,
        read: impl FnOnce(&Field<'a>) -> Result<T, Fault>,
    ) -> Result<(), Fault> {
        if let Some(field) = self.get(key) {
            *value = read(&field)?;
        }
        Ok(())
    }

    /// Whether the table `outer` in this one has the field `inner`.
    pub(super) fn has(&self, outer: &str, inner: &str) -> bool {
        self.inner(outer, inner).is_some()
    }

    /// An error in the field `inner` of the table `outer`. If the file does not have the field, the
    /// error is at the profile that requires it.
    pub(super) fn fault_at(
        &self,
        outer: &str,
        inner: &str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        match self.inner(outer, inner).or_else(|| self.get("profile")) {
            Some(field) => field.fault(problem, remedy),
            None => Fault::new(self.at, problem, remedy),
        }
    }

    fn inner(&self, outer: &str, inner: &str) -> Option<Field<'a>> {
        let table = self.get(outer)?.value.get_ref().as_table()?;
        let (key, value) = table.get_key_value(inner)?;
        Some(Field { name: key.get_ref().to_string(), at: key.span().start, value })
    }

    /// The fields in the order of the file.
    pub(super) fn in_order(&self) -> Vec<Field<'a>> {
        let mut fields: Vec<_> =
            self.table.keys().filter_map(|key| self.get(key.get_ref())).collect();
        fields.sort_by_key(|field| field.at);
        fields
    }
}

/// A value with its name.
pub(super) struct Field<'a> {
    /// Its name in error messages.
    pub(super) name: String,
    /// The byte position of its key.
    at: usize,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Field<'a> {
    /// An error in this field.
    pub(super) fn fault(&self, problem: impl Into<String>, remedy: impl Into<String>) -> Fault {
        let span = self.value.span();
        // A table made by dotted keys has no position of its own.
        let at = if span.is_empty() { self.at } else { span.start };
        Fault::new(at, problem, remedy)
    }

    /// An error that the value is not what is expected.
    fn not(&self, expected: impl Into<String>) -> Fault {
        let is = match self.value.get_ref() {
            DeValue::String(text) => quoted(text),
            DeValue::Integer(number) => shortened(&number.to_string()),
            DeValue::Float(number) => shortened(&number.to_string()),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Datetime(_) => "a date".to_string(),
            DeValue::Array(_) => "a list".to_string(),
            DeValue::Table(_) => "a table".to_string(),
        };
        self.fault(format!("\"{}\" is {is}", self.name), expected)
    }

    /// Reads a table with known keys.
    pub(super) fn section(&self, keys: &[&str], expected: &str) -> Result<Section<'a>, Fault> {
        let DeValue::Table(table) = self.value.get_ref() else { return Err(self.not(expected)) };
        let span = self.value.span();
        let at = if span.is_empty() { self.at } else { span.start };
        Section::open(table, at, &format!("\"{}\"", self.name), keys)
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    /// The items of a list. Each has the name of the list.
    pub(super) fn list(&self, expected: &str) -> Result<Vec<Self>, Fault> {
        let DeValue::Array(items) = self.value.get_ref() else { return Err(self.not(expected)) };
        let item = |value: &'a Spanned<DeValue<'a>>| Self {
            name: self.name.clone(),
            at: value.span().start,
            value,
        };
        Ok(items.iter().map(item).collect())
    }

    pub(super) fn string(&self, expected: &str) -> Result<&'a str, Fault> {
        self.value.get_ref().as_str().ok_or_else(|| self.not(expected))
    }

    pub(super) fn boolean(&self) -> Result<bool, Fault> {
        self.value.get_ref().as_bool().ok_or_else(|| self.not("expected true or false"))
    }

    /// Checks that the value is `true`, if `false` would have no meaning.
    pub(super) fn yes(&self) -> Result<(), Fault> {
        match self.value.get_ref() {
            DeValue::Boolean(true) => Ok(()),
            _ => Err(self.not("expected true")),
        }
    }

    /// The value if it is `true` or `false`.
    pub(super) fn as_boolean(&self) -> Option<bool> {
        self.value.get_ref().as_bool()
    }

    /// A whole number from `low` to `high`.
    pub(super) fn whole(&self, low: u64, high: u64) -> Result<u64, Fault> {
        let expected = || format!("expected a whole number from {low} to {high}");
        let DeValue::Integer(number) = self.value.get_ref() else {
            return Err(self.not(expected()));
        };
        let value = u64::from_str_radix(number.as_str(), number.radix()).ok();
        value.filter(|value| (low..=high).contains(value)).ok_or_else(|| self.not(expected()))
    }

    /// A number from `low` to `high`.
    pub(super) fn number(&self, low: f64, high: f64) -> Result<f64, Fault> {
        let value = match self.value.get_ref() {
            DeValue::Float(number) => number.as_str().parse().ok(),
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            _ => None,
        };
        let in_range = value.filter(|value| (low..=high).contains(value));
        in_range.ok_or_else(|| self.not(format!("expected a number from {low} to {high}")))
    }

    /// A number from `low` to `high`, in millionths.
    pub(super) fn ppm(&self, low: f64, high: f64) -> Result<Ppm, Fault> {
        let millionths = libm::round(self.number(low, high)? * 1e6);
        // The range check makes sure that the value fits the type.
        Ok(Ppm(millionths as u32))
    }

    /// A duration of at least `shortest`.
    pub(super) fn duration(&self, shortest: Duration) -> Result<Duration, Fault> {
        let text = self.string("expected a duration such as \"1.5s\" or \"100ms\"")?;
        let value = duration::parse(text).map_err(|error| self.not(error.to_string()))?;
        if value < shortest {
            let shortest = duration::display(shortest);
            return Err(self.not(format!("expected at least \"{shortest}\"")));
        }
        Ok(value)
    }

    /// `{ min, max }`, or one duration for both.
    pub(super) fn range(&self, shortest: Duration) -> Result<DurationRange, Fault> {
        if !self.is_table() {
            let both = self.duration(shortest)?;
            return Ok(DurationRange { min: both, max: both });
        }
        let section = self.section(&["min", "max"], "")?;
        let remedy = "expected { min = \"...\", max = \"...\" }";
        let min = section.require("min", remedy)?.duration(shortest)?;
        let max = section.require("max", remedy)?;
        let longest = max.duration(shortest)?;
        if longest < min {
            let remedy = format!("expected at least the \"min\", \"{}\"", duration::display(min));
            return Err(max.not(remedy));
        }
        Ok(DurationRange { min, max: longest })
    }

    /// The value of one of `words`.
    pub(super) fn word<T: Copy>(&self, words: Words<T>) -> Result<T, Fault> {
        let names: Vec<&str> = words.iter().map(|&(word, _)| word).collect();
        let text = self.string(&format!("expected {}", one_of(&names)))?;
        let found = words.iter().find(|&&(word, _)| word == text);
        found.map(|&(_, value)| value).ok_or_else(|| self.not(advice(text, &names)))
    }

    /// The value, if it is one of `words`.
    pub(super) fn one_of(&self, words: &[&str]) -> Result<&'a str, Fault> {
        let text = self.string(&format!("expected {}", one_of(words)))?;
        if words.contains(&text) { Ok(text) } else { Err(self.not(advice(text, words))) }
    }

    /// A node of a cluster of this size.
    pub(super) fn node(&self, size: ClusterSize) -> Result<NodeId, Fault> {
        let number = self.whole(1, u64::from(size.get())).map_err(|mut fault| {
            fault.remedy = format!("expected a node, 1 to {size}", size = size.get());
            fault
        })?;
        let node = u8::try_from(number).ok().and_then(NodeId::new);
        Ok(node.expect("the range has been checked"))
    }

    /// A text in one or more languages.
    pub(super) fn text(&self) -> Result<Text, Fault> {
        let expected = "expected a text, or one for each of \"en\" and \"pt\"";
        if !self.is_table() {
            return Ok(Text { en: self.string(expected)?.to_string(), pt: None });
        }
        let section = self.section(&["en", "pt"], expected)?;
        let en = section.require("en", "expected the English text, or only one text for all")?;
        let mut pt = None;
        section
            .set("pt", &mut pt, |field| Ok(Some(field.string("expected a text")?.to_string())))?;
        Ok(Text { en: en.string("expected a text")?.to_string(), pt })
    }
}

/// The most characters of a wrong value that an error shows.
const MOST_SHOWN: usize = 40;

fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(&text.escape_debug().to_string()))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_string(),
    }
}
