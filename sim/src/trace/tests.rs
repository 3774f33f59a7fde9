//! Every kind of message and of line survives every form. The values of its fields are random.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{
    Absence, Algorithm, ClusterSize, Field, FieldForm, Identity, Incarnation, LamportTime, Lock,
    Message, NodeId, Profile, RequestId, Shape, Stamp, Term, Token, Value,
};

use super::{
    Content, Happening, IgnoredBecause, Invariant, LineForm, LineStamp, Loss, MessageId,
    MessageRecord, Recipient, TraceEvent,
};
use crate::export::{LineReader, jsonl};
use crate::scenario::{self, About, Action, Forgery, Scenario, Step, packed};
use crate::summary::TYPES;

const SIZE: ClusterSize = ClusterSize::MAX;

/// How often each kind is tried with other values.
const ROUNDS: u64 = 40;

/// Replaces each field by a random value that scripts and traces can have.
struct Random {
    state: u64,
    /// Whether fields that may be absent are.
    may_lack: bool,
}

impl Random {
    const fn new(seed: u64, may_lack: bool) -> Self {
        Self { state: seed, may_lack }
    }

    /// A number from `low` to `high` (SplitMix64).
    fn number(&mut self, low: u64, high: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        low + (mixed ^ (mixed >> 31)) % (high - low + 1)
    }

    fn node(&mut self) -> NodeId {
        let place = self.number(0, u64::from(SIZE.get()) - 1);
        SIZE.nodes().nth(usize::try_from(place).unwrap()).unwrap()
    }

    fn life(&mut self) -> Identity {
        let incarnation = u32::try_from(self.number(1, 9)).unwrap();
        Identity { node: self.node(), incarnation: Incarnation::new(incarnation).unwrap() }
    }

    fn request(&mut self) -> RequestId {
        RequestId { by: self.life(), number: u32::try_from(self.number(1, 999)).unwrap() }
    }

    fn value(&mut self, shape: Shape) -> Value {
        match shape {
            Shape::Number => Value::Number(self.number(1, 1_000_000_000)),
            Shape::Count { least } => Value::Number(self.number(least.into(), 1_000_000_000)),
            Shape::Life => Value::Number(self.number(1, 9)),
            Shape::Flag => Value::Flag(self.number(0, 1) == 1),
            Shape::Name => {
                let RequestId { by, number } = self.request();
                Value::Name(by, number)
            }
            Shape::Token => {
                let term = Term(self.number(0, 99));
                Value::Token(Token { term, sequence: self.number(0, 99) })
            }
            Shape::Node => Value::Node(self.node()),
            Shape::Word(words) => {
                let place = self.number(0, words.len() as u64 - 1);
                Value::Word(words[usize::try_from(place).unwrap()])
            }
        }
    }

    /// A message of the same kind.
    fn content(&mut self, content: Content) -> Content {
        let mut content = content;
        content.carry(self);
        content
    }

    /// Two different nodes.
    fn link(&mut self) -> (NodeId, NodeId) {
        let from = self.node();
        let others: Vec<_> = SIZE.others(from).collect();
        let place = self.number(0, others.len() as u64 - 1);
        (from, others[usize::try_from(place).unwrap()])
    }
}

impl FieldForm for Random {
    fn field(&mut self, field: Field, value: &mut Option<Value>) {
        let lacks = self.may_lack && field.absence != Absence::Refused && self.number(0, 2) == 0;
        *value = (!lacks).then(|| self.value(field.shape));
    }
}

impl LineForm for Random {
    fn message(&mut self, record: &mut MessageRecord) {
        let (from, to) = self.link();
        let all: Vec<_> = Content::simplest(from, to).collect();
        let is_write = |content: &Content| matches!(content, Content::Write(_));
        let content = match record.content {
            Content::Write(_) => all.into_iter().find(is_write).unwrap(),
            Content::Message(_) => {
                let place = self.number(0, all.len() as u64 - 2);
                all[usize::try_from(place).unwrap()]
            }
        };
        let to = if is_write(&content) { Recipient::Resource } else { Recipient::Node(to) };
        let copy = u8::try_from(self.number(0, 3)).unwrap();
        let forged = self.number(0, 3) == 0;
        let id = MessageId { copy, forged, ..MessageId::new(from, 7) };
        *record = MessageRecord { id, to, content: self.content(content) };
    }

    fn word(
        &mut self,
        _: &'static str,
        absence: Absence,
        known: &dyn Fn(&str) -> Option<&'static str>,
        word: &mut Option<&'static str>,
    ) {
        let words = Loss::ALL.map(Loss::name).into_iter();
        let words = words.chain(IgnoredBecause::ALL.map(IgnoredBecause::name));
        let words = words.chain(Invariant::ALL.map(Invariant::name)).chain(["lost"]);
        let mut words: Vec<_> = words.filter_map(known).map(Some).collect();
        if absence == Absence::LeftOut && known("lost").is_some() {
            words.push(None);
        }
        if !words.is_empty() {
            let place = self.number(0, words.len() as u64 - 1);
            *word = words[usize::try_from(place).unwrap()];
        }
    }

    fn mark(&mut self, _: &'static str, _: &'static str, is_there: &mut bool) {
        *is_there = self.number(0, 1) == 1;
    }

    fn text(&mut self, _: &'static str, text: &mut String) {
        *text = format!("\"\\\n\u{e9}\u{1}{}", self.number(0, 9));
    }

    fn requests(&mut self, _: &'static str, requests: &mut Vec<RequestId>) {
        *requests = (0..self.number(0, 2)).map(|_| self.request()).collect();
    }

    fn nodes(&mut self, _: &'static str, nodes: &mut Vec<NodeId>) {
        *nodes = (0..self.number(0, 2)).map(|_| self.node()).collect();
    }

    fn refuse(&mut self, problem: &str) {
        panic!("{problem}");
    }
}

fn event(happening: Happening) -> TraceEvent {
    TraceEvent {
        seq: 3,
        at_us: 1_000_001,
        node: Some(SIZE.highest()),
        incarnation: Incarnation::FIRST,
        stamp: LineStamp::from(&Stamp { lamport: LamportTime(7), ..Stamp::<u64>::default() }),
        happening,
    }
}

/// The send of a message.
fn sent(from: NodeId, to: NodeId, content: Content) -> TraceEvent {
    let to = match content {
        Content::Write(_) => Recipient::Resource,
        Content::Message(_) => Recipient::Node(to),
    };
    event(Happening::Send(MessageRecord { id: MessageId::new(from, 1), to, content }))
}

fn read(line: &str) -> Result<TraceEvent, String> {
    LineReader::default().read(line, SIZE.get())
}

/// Every kind of message, with random fields, and its sender and receiver.
fn every_message(may_lack: bool) -> impl Iterator<Item = (NodeId, NodeId, Content)> {
    (0..ROUNDS).flat_map(move |seed| {
        let mut random = Random::new(seed, may_lack);
        let (from, to) = random.link();
        let messages = Content::simplest(from, to);
        messages.map(move |content| (from, to, random.content(content)))
    })
}

#[test]
fn every_line_reads_back_as_it_was_written() {
    let reader = LineReader::default();
    for seed in 0..ROUNDS {
        let mut random = Random::new(seed, true);
        for mut happening in Happening::simplest() {
            happening.carry(&mut random);
            let event = event(happening);
            let line = jsonl::line(&event, SIZE);
            assert_eq!(reader.read(&line, SIZE.get()).as_ref(), Ok(&event), "{line}");
        }
    }
}

#[test]
fn every_message_reads_back_as_it_was_written() {
    let reader = LineReader::default();
    for (from, to, content) in every_message(true) {
        let event = sent(from, to, content);
        let line = jsonl::line(&event, SIZE);
        assert_eq!(reader.read(&line, SIZE.get()).as_ref(), Ok(&event), "{line}");
    }
}

/// Adds the value at each place of a message as serde sees it.
fn add_places(
    json: &serde_json::Value,
    place: &str,
    values: &mut BTreeMap<String, BTreeSet<String>>,
) {
    match json {
        serde_json::Value::Object(fields) => {
            fields.iter().for_each(|(name, it)| add_places(it, &format!("{place}.{name}"), values));
        }
        serde_json::Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, it)| add_places(it, &format!("{place}.{index}"), values));
        }
        value => _ = values.entry(place.to_string()).or_default().insert(value.to_string()),
    }
}

#[test]
fn no_field_of_a_message_is_missing_in_the_list() {
    let mut values = BTreeMap::new();
    for (_, _, content) in every_message(false) {
        let json = match content {
            Content::Message(message) => serde_json::to_value(message),
            Content::Write(write) => serde_json::to_value(write),
        };
        add_places(&json.unwrap(), content.name(), &mut values);
    }
    // A message without fields is its name.
    let is_name = |value: &String| value.starts_with('"') && !value.contains(':');
    for (place, values) in values {
        let told = format!("{place} is always {values:?}");
        let is_phase = place.ends_with(".phase");
        assert!(values.len() > 1 || (values.iter().all(is_name) && !is_phase), "{told}");
    }
}

/// The values of a message's fields.
struct Values(Vec<(&'static str, Value)>);

impl FieldForm for Values {
    fn field(&mut self, field: Field, value: &mut Option<Value>) {
        self.0.extend(value.map(|value| (field.name, value)));
    }
}

/// The script that forges exactly this message.
fn forging(from: NodeId, to: NodeId, mut content: Content) -> Scenario {
    let mut values = Values(Vec::new());
    content.carry(&mut values);
    let mut scenario = Scenario::new(Algorithm::Mutex, SIZE);
    let mut lamport = 9;
    match content {
        Content::Message(Message::Hardened(_)) => {
            scenario = scenario.in_profile(Profile::Hardened);
        }
        Content::Message(Message::Distributed(message)) => {
            scenario.config.mutex.lock = Lock::Distributed;
            lamport = message.stamp().map_or(lamport, |stamp| stamp.0);
            values.0.retain(|(name, _)| *name != "stamp");
        }
        Content::Message(_) | Content::Write(_) => {}
    }
    let forgery = Forgery {
        kind: content.name().to_string(),
        from,
        to: matches!(content, Content::Message(_)).then_some(to),
        lamport,
        latency: None,
        about: About::from_iter(values.0),
    };
    scenario.steps.push(Step::new(Duration::ZERO, 0, Action::Forge(Box::new(forgery))));
    scenario
}

fn forged(scenario: &Scenario) -> Content {
    match &scenario.steps[0].action {
        Action::Forge(forgery) => forgery.content(&scenario.config),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_message_can_be_forged_and_its_script_survives_both_forms() {
    for (from, to, content) in every_message(false) {
        let scenario = forging(from, to, content);
        assert_eq!(forged(&scenario), content);
        let text = scenario::write(&scenario);
        let read = scenario::read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read, scenario, "{text}");
        let unpacked = packed::unpack(&packed::pack(core::slice::from_ref(&scenario)));
        assert_eq!(unpacked, Some(Vec::from([scenario])), "{text}");
    }
}

#[test]
fn a_message_without_a_field_is_refused_or_has_no_value_there() {
    for (from, to, content) in every_message(false) {
        for field in content.fields() {
            let line = jsonl::line(&sent(from, to, content), SIZE);
            let mut json: serde_json::Value = serde_json::from_str(&line).unwrap();
            json["message"].as_object_mut().unwrap().remove(field.name).unwrap();
            let read = read(&json.to_string());
            let told = format!("{} of {line}: {read:?}", field.name);
            match field.absence {
                // The fields tell which of two messages with the same name it is.
                Absence::Refused => assert_ne!(read, Ok(sent(from, to, content)), "{told}"),
                // A token without its request holds nothing.
                Absence::LeftOut if field.name == "request" => assert!(read.is_err(), "{told}"),
                Absence::LeftOut | Absence::Null => assert!(read.is_ok(), "{told}"),
            }
        }
    }
}

#[test]
fn fields_that_older_traces_lack_have_defaults() {
    let lacking = |happening: Happening, name: &str| {
        let line = jsonl::line(&event(happening), SIZE);
        let mut json: serde_json::Value = serde_json::from_str(&line).unwrap();
        json.as_object_mut().unwrap().remove(name);
        read(&json.to_string()).unwrap().happening
    };
    let sentence = String::from("x");
    let ignored = |because| Happening::Ignored { sentence: sentence.clone(), because };
    assert_eq!(
        lacking(ignored(IgnoredBecause::Down), "because"),
        ignored(IgnoredBecause::NothingToDo)
    );
    for mut happening in Happening::simplest() {
        happening.carry(&mut Random::new(1, false));
        if let Happening::Write { id, write, accepted, overlaps, .. } = happening.clone() {
            let heard = false;
            let expected = Happening::Write { id, write, accepted, overlaps, heard };
            assert_eq!(lacking(happening, "heard"), expected);
        }
    }
}

#[test]
fn a_name_of_a_field_has_the_same_shape_everywhere() {
    let mut shapes: BTreeMap<&str, Shape> = BTreeMap::new();
    let node = SIZE.highest();
    for field in Content::simplest(node, node).flat_map(Content::fields) {
        let shape = match field.shape {
            // Only scripts ask for the smallest one.
            Shape::Count { .. } => Shape::Count { least: 0 },
            shape => shape,
        };
        assert_eq!(*shapes.entry(field.name).or_insert(shape), shape, "{}", field.name);
    }
}

#[test]
fn summaries_count_every_type_of_message() {
    let node = SIZE.highest();
    let names: BTreeSet<_> = Content::simplest(node, node).map(|it| it.name()).collect();
    assert_eq!(names, BTreeSet::from(TYPES));
}
