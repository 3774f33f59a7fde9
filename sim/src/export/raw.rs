//! Reads a line of a trace field by field.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use antes_core::{
    Absence, ClusterSize, Field, FieldForm, Identity, Incarnation, NodeId, RequestId, Shape, Term,
    Token, Value,
};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::header::of_json;
use crate::trace::{Content, Happening, LineForm, MessageId, MessageRecord, Recipient};

/// The JSON type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    U8,
    U32,
    U64,
    Flag,
    Text,
    Pair,
    Numbers,
    Texts,
    Counts,
    Message,
}

impl Type {
    const fn of(shape: Shape) -> Self {
        match shape {
            Shape::Number => Self::U64,
            Shape::Count { .. } | Shape::Life => Self::U32,
            Shape::Flag => Self::Flag,
            Shape::Name | Shape::Word(_) => Self::Text,
            Shape::Token => Self::Pair,
            Shape::Node => Self::U8,
        }
    }
}

/// The fields of an object and their types. Fields with other names are ignored: later versions may add some.
#[derive(Clone, Debug)]
struct Known {
    /// The name in errors.
    object: &'static str,
    /// The fields that each of these objects has, first.
    fields: Vec<(&'static str, Type)>,
    /// How many these are.
    always: usize,
}

impl Known {
    fn new(
        object: &'static str,
        always: &[(&'static str, Type)],
        other: (&'static str, Type),
    ) -> Self {
        let fields = always.iter().copied().chain([other]).collect();
        Self { object, fields, always: always.len() }
    }

    fn add(&mut self, name: &'static str, kind: Type) {
        if self.fields.iter().all(|(known, _)| *known != name) {
            self.fields.push((name, kind));
        }
    }
}

/// The fields of all lines and of all messages, by which lines are read.
#[derive(Clone, Debug)]
pub(super) struct Tables {
    line: Known,
    message: Known,
    /// The simplest events, at least one of each kind.
    pub(super) events: Vec<Happening>,
}

impl Tables {
    pub(super) fn new() -> Self {
        let always = [
            ("seq", Type::U64),
            ("at_us", Type::U64),
            ("inc", Type::U32),
            ("kind", Type::Text),
            ("lamport", Type::U64),
            ("vector", Type::Counts),
        ];
        let mut line = Known::new("struct RawEvent", &always, ("node", Type::U8));
        let events = Happening::simplest();
        for event in &events {
            event.clone().carry(&mut line);
        }
        let always = [("id", Type::Text), ("to", Type::U8), ("type", Type::Text)];
        let mut message = Known::new("struct RawMessage", &always, ("from", Type::U8));
        let node = ClusterSize::MAX.highest();
        for mut content in Content::simplest(node, node) {
            content.carry(&mut message);
        }
        Self { line, message, events }
    }
}

/// An object in a line.
pub(super) struct RawObject<'a> {
    fields: Vec<(&'static str, Read<'a>)>,
    /// The first problem with a field that was carried.
    problem: Option<String>,
}

/// The content of a field.
enum Read<'a> {
    Number(u64),
    Flag(bool),
    Text(Cow<'a, str>),
    Pair(u64, u64),
    Counts(Vec<u64>),
    Numbers(Vec<u8>),
    Texts(Vec<String>),
    Message(Box<RawObject<'a>>),
}

impl<'a> RawObject<'a> {
    /// The object that is the whole line.
    pub(super) fn line(line: &'a str, tables: &'a Tables) -> Result<Self, String> {
        let mut deserializer = serde_json::Deserializer::from_str(line);
        let read = Objects { known: &tables.line, tables }.deserialize(&mut deserializer);
        let read = read.and_then(|read| deserializer.end().map(|()| read));
        read.map_err(|error| of_json(&error))
    }

    fn find(&self, name: &str) -> Option<&Read<'a>> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, read)| read)
    }

    /// The number in a field.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        match self.find(name) {
            Some(Read::Number(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn string(&self, name: &str) -> Option<&str> {
        match self.find(name) {
            Some(Read::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn counts(&self, name: &str) -> &[u64] {
        match self.find(name) {
            Some(Read::Counts(counts)) => counts,
            _ => &[],
        }
    }

    /// The node with the number in a field.
    pub(super) fn node(&self, name: &str) -> Result<Option<NodeId>, String> {
        self.number(name).map(node).transpose()
    }

    /// The result of reading fields.
    pub(super) fn finish<T>(self, read: T) -> Result<T, String> {
        self.problem.map_or(Ok(read), Err)
    }

    /// Reads a value, unless there was a problem before.
    fn take<T>(&mut self, value: &mut T, read: impl FnOnce(&mut Self) -> Result<T, String>) {
        if self.problem.is_some() {
            return;
        }
        match read(self) {
            Ok(read) => *value = read,
            Err(problem) => self.problem = Some(problem),
        }
    }

    fn value(&self, Field { name, shape, .. }: Field) -> Result<Option<Value>, String> {
        let Some(read) = self.find(name) else { return Ok(None) };
        Ok(match (shape, read) {
            (Shape::Life, Read::Number(0)) => {
                return Err(format!("\"{name}\" is 0; expected 1 or more"));
            }
            (Shape::Node, Read::Number(number)) => Some(Value::Node(node(*number)?)),
            (_, Read::Number(number)) => Some(Value::Number(*number)),
            (_, Read::Flag(flag)) => Some(Value::Flag(*flag)),
            (_, &Read::Pair(term, sequence)) => {
                Some(Value::Token(Token { term: Term(term), sequence }))
            }
            (Shape::Word(words), Read::Text(_)) => {
                let known = |text: &str| words.iter().copied().find(|&word| word == text);
                self.known_word(name, &known)?.map(Value::Word)
            }
            (_, Read::Text(text)) => {
                let (by, number) = parsed(name, text, life_and_number)?;
                Some(Value::Name(by, number))
            }
            (_, Read::Counts(_) | Read::Numbers(_) | Read::Texts(_) | Read::Message(_)) => None,
        })
    }

    fn known_word(
        &self,
        name: &str,
        known: &dyn Fn(&str) -> Option<&'static str>,
    ) -> Result<Option<&'static str>, String> {
        let Some(text) = self.string(name) else { return Ok(None) };
        let wrong = || {
            let text = text.escape_debug();
            match name {
                "cause" => format!("\"{text}\" is no cause"),
                "storage" => format!("\"storage\" is \"{text}\"; expected \"lost\""),
                _ => format!("\"{name}\" is \"{text}\""),
            }
        };
        known(text).map(Some).ok_or_else(wrong)
    }

    /// Reads the object as a message.
    fn record(mut self) -> Result<MessageRecord, String> {
        let id = parsed("id", self.string("id").unwrap_or_default(), |text| text.parse().ok())?;
        let id = self.sender(id)?;
        let to = match self.number("to") {
            None | Some(0) => Recipient::Resource,
            Some(number) => Recipient::Node(node(number)?),
        };
        let mut content = self.content(id.from, to)?;
        content.carry(&mut self);
        self.finish(())?;
        match (&content, to) {
            (Content::Write(_), Recipient::Resource)
            | (Content::Message(_), Recipient::Node(_)) => Ok(MessageRecord { id, to, content }),
            (Content::Write(_), Recipient::Node(_)) => {
                Err("a WRITE goes to the resource: expected \"to\": 0".into())
            }
            (Content::Message(_), Recipient::Resource) => {
                Err("only a WRITE goes to the resource: expected a node in \"to\"".into())
            }
        }
    }

    /// The id with its sender. The sender of a forged message is in `from` only. Refuses an id whose
    /// sender differs from `from`.
    fn sender(&self, id: MessageId) -> Result<MessageId, String> {
        match self.number("from") {
            from if id.forged => Ok(MessageId { from: node(needed("from", from)?)?, ..id }),
            Some(from) if from != u64::from(id.from.get()) => Err(format!(
                "the message \"{id}\" is \"from\": {from}, but its id begins with its sender; expected \
                 \"from\": {}, or an id such as \"{from}:{}\"",
                id.from, id.number
            )),
            _ => Ok(id),
        }
    }

    /// The simplest message of this type. Messages of the hardened profile, and only these, have a term.
    fn content(&self, from: NodeId, to: Recipient) -> Result<Content, String> {
        let kind = self.string("type").unwrap_or_default();
        let termed = self.find("term").is_some();
        let to = match to {
            Recipient::Node(to) => to,
            Recipient::Resource => from,
        };
        let named = Content::simplest(from, to).filter(|content| {
            let is_termed = matches!(content, Content::Message(it) if it.term().is_some());
            is_termed == termed && content.name() == kind
        });
        Content::fullest(named, |name| self.find(name).is_some()).ok_or_else(|| {
            let more = if termed { " that carries a term" } else { "" };
            format!("\"{}\" is no type of message{more}", kind.escape_debug())
        })
    }
}

impl FieldForm for RawObject<'_> {
    fn field(&mut self, field: Field, value: &mut Option<Value>) {
        self.take(value, |raw| match raw.value(field)? {
            None if field.absence == Absence::Refused => needed(field.name, None),
            read => Ok(read),
        });
    }
}

impl LineForm for RawObject<'_> {
    fn message(&mut self, record: &mut MessageRecord) {
        self.take(record, |raw| {
            let place = raw.fields.iter().position(|(_, read)| matches!(read, Read::Message(_)));
            match place.map(|place| raw.fields.swap_remove(place).1) {
                Some(Read::Message(message)) => message.record(),
                _ => needed("message", None),
            }
        });
    }

    fn word(
        &mut self,
        name: &'static str,
        absence: Absence,
        known: &dyn Fn(&str) -> Option<&'static str>,
        word: &mut Option<&'static str>,
    ) {
        self.take(word, |raw| match raw.known_word(name, known)? {
            None if absence == Absence::Refused => needed(name, None),
            read => Ok(read),
        });
    }

    fn mark(&mut self, name: &'static str, word: &'static str, is_there: &mut bool) {
        self.take(is_there, |raw| Ok(raw.string(name) == Some(word)));
    }

    fn text(&mut self, name: &'static str, text: &mut String) {
        self.take(text, |raw| needed(name, raw.string(name).map(String::from)));
    }

    fn requests(&mut self, name: &'static str, requests: &mut Vec<RequestId>) {
        self.take(requests, |raw| match raw.find(name) {
            Some(Read::Texts(texts)) => {
                let read = |text: &String| {
                    let (by, number) = parsed(name, text, life_and_number)?;
                    Ok(RequestId { by, number })
                };
                texts.iter().map(read).collect()
            }
            _ => needed(name, None),
        });
    }

    fn nodes(&mut self, name: &'static str, nodes: &mut Vec<NodeId>) {
        self.take(nodes, |raw| match raw.find(name) {
            Some(Read::Numbers(numbers)) => {
                numbers.iter().map(|&number| node(u64::from(number))).collect()
            }
            _ => needed(name, None),
        });
    }

    fn refuse(&mut self, problem: &str) {
        self.problem.get_or_insert_with(|| problem.to_string());
    }
}

impl FieldForm for Known {
    fn field(&mut self, field: Field, _: &mut Option<Value>) {
        self.add(field.name, Type::of(field.shape));
    }
}

impl LineForm for Known {
    fn message(&mut self, _: &mut MessageRecord) {
        self.add("message", Type::Message);
    }

    fn word(
        &mut self,
        name: &'static str,
        _: Absence,
        _: &dyn Fn(&str) -> Option<&'static str>,
        _: &mut Option<&'static str>,
    ) {
        self.add(name, Type::Text);
    }

    fn mark(&mut self, name: &'static str, _: &'static str, _: &mut bool) {
        self.add(name, Type::Text);
    }

    fn text(&mut self, name: &'static str, _: &mut String) {
        self.add(name, Type::Text);
    }

    fn requests(&mut self, name: &'static str, _: &mut Vec<RequestId>) {
        self.add(name, Type::Texts);
    }

    fn nodes(&mut self, name: &'static str, _: &mut Vec<NodeId>) {
        self.add(name, Type::Numbers);
    }

    fn refuse(&mut self, _: &str) {}
}

/// Most objects have at most this many fields.
const MOST_FIELDS: usize = 12;

/// Reads an object with these fields.
#[derive(Clone, Copy)]
struct Objects<'a> {
    known: &'a Known,
    tables: &'a Tables,
}

impl<'de> DeserializeSeed<'de> for Objects<'de> {
    type Value = RawObject<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Objects<'de> {
    type Value = RawObject<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.known.object)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(MOST_FIELDS);
        let mut seen = 0_u64;
        while let Some(Text(key)) = map.next_key()? {
            let Some(place) = self.known.fields.iter().position(|(known, _)| *known == key) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let (name, kind) = self.known.fields[place];
            if seen & 1 << place != 0 {
                return Err(A::Error::duplicate_field(name));
            }
            seen |= 1 << place;
            let slot = Slot { kind, is_needed: place < self.known.always, tables: self.tables };
            if let Some(read) = map.next_value_seed(slot)? {
                fields.push((name, read));
            }
        }
        let missing = (0..self.known.always).find(|place| seen & 1 << place == 0);
        match missing {
            Some(place) => Err(A::Error::missing_field(self.known.fields[place].0)),
            None => Ok(RawObject { fields, problem: None }),
        }
    }
}

/// Reads a value of this type. Where it is not needed, it can be `null`.
struct Slot<'a> {
    kind: Type,
    is_needed: bool,
    tables: &'a Tables,
}

impl<'de> DeserializeSeed<'de> for Slot<'de> {
    type Value = Option<Read<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        let is_needed = self.is_needed;
        Ok(match self.kind {
            Type::U8 => value::<u8, D>(from, is_needed)?.map(|it| Read::Number(it.into())),
            Type::U32 => value::<u32, D>(from, is_needed)?.map(|it| Read::Number(it.into())),
            Type::U64 => value(from, is_needed)?.map(Read::Number),
            Type::Flag => value(from, is_needed)?.map(Read::Flag),
            Type::Text => value(from, is_needed)?.map(|Text(text)| Read::Text(text)),
            Type::Pair => value(from, is_needed)?.map(|(one, other)| Read::Pair(one, other)),
            Type::Counts => value(from, is_needed)?.map(Read::Counts),
            Type::Numbers => value(from, is_needed)?.map(Read::Numbers),
            Type::Texts => value(from, is_needed)?.map(Read::Texts),
            Type::Message => from.deserialize_option(self)?,
        })
    }
}

/// Reads an object, or `null`.
impl<'de> Visitor<'de> for Slot<'de> {
    type Value = Option<Read<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tables.message.object)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        let objects = Objects { known: &self.tables.message, tables: self.tables };
        objects.deserialize(from).map(|object| Some(Read::Message(Box::new(object))))
    }
}

fn value<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    from: D,
    is_needed: bool,
) -> Result<Option<T>, D::Error> {
    if is_needed { T::deserialize(from).map(Some) } else { Option::deserialize(from) }
}

/// A text that is copied only if it contains escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// The value of a required field.
fn needed<T>(name: &str, value: Option<T>) -> Result<T, String> {
    value.ok_or_else(|| format!("the line has no \"{name}\""))
}

/// The node with this number.
fn node(number: u64) -> Result<NodeId, String> {
    let number = u8::try_from(number).unwrap_or(u8::MAX);
    NodeId::try_from(number).map_err(|error| error.to_string())
}

/// Reads a name such as `2:4` or `2#3:7`.
fn parsed<T>(name: &str, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, String> {
    let wrong = || format!("\"{name}\" is \"{}\": this names nothing", text.escape_debug());
    parse(text).ok_or_else(wrong)
}

/// Splits a name such as `2#3:7` into the life and the number.
fn life_and_number(text: &str) -> Option<(Identity, u32)> {
    let (life, number) = text.split_once(':')?;
    let (node, incarnation) = life.split_once('#').unwrap_or((life, "1"));
    let node = NodeId::new(node.parse().ok()?)?;
    let incarnation = Incarnation::new(incarnation.parse().ok()?)?;
    Some((Identity { node, incarnation }, number.parse().ok()?))
}
