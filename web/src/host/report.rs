//! Reports to the host. Each change is reported once.

use antes_sim::trace::{Happening, TraceEvent};
use wasm_bindgen::JsValue;

use crate::host::link::{self, Object};
use crate::host::order::{ID, NAME};
use crate::host::value::Value;
use crate::language::Language;
use crate::sentence;

/// The shortest time between two reports of a moment that only moves on, in microseconds of real
/// time.
const STATE_US: u64 = 250_000;

/// The most events that are reported one by one for one picture.
const MAX_EVENTS: usize = 200;

/// A node in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeState {
    pub id: u8,
    /// The name and value of each of the page's handles for it.
    pub handles: Vec<(&'static str, String)>,
    pub clock: u64,
}

/// The state of the run in a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    pub texts: Vec<(&'static str, String)>,
    pub numbers: Vec<(&'static str, f64)>,
    pub flags: Vec<(&'static str, bool)>,
    pub nodes: Vec<NodeState>,
}

/// A violation or a decision.
struct Happened<'a> {
    event: &'a TraceEvent,
    trace: &'a [TraceEvent],
    side: &'static str,
}

/// Remembers what it has reported, so that it reports only changes.
#[derive(Debug, Default)]
pub struct Reporter {
    state: Option<State>,
    state_us: u64,
    lines: usize,
    run: u32,
    note: usize,
    is_over: bool,
    width_px: u32,
    is_ready: bool,
}

/// The present state of a run.
pub struct News<'a> {
    /// The state. Computed only if there is a host.
    pub state: State,
    /// The trace up to this moment.
    pub trace: &'a [TraceEvent],
    /// The number of the run; it changes with each new run.
    pub run: u32,
    /// The number of the present note from 1, the number of notes, and its text.
    pub note: (usize, usize, String),
    /// Whether the run, or its range, is at its end.
    pub is_over: bool,
    pub is_playing: bool,
    /// The side of a comparison. Empty for a single run.
    pub side: &'static str,
    /// Whether the first picture has been drawn.
    pub is_seen: bool,
    /// The language of the texts.
    pub language: Language,
}

impl Reporter {
    /// Reports all news to the host.
    pub fn tell(&mut self, news: &News<'_>, now_us: u64) {
        if !news.is_seen {
            return;
        }
        if !std::mem::replace(&mut self.is_ready, true) {
            self.skip(news);
            ready(&news.state).post();
        }
        self.tell_events(news);
        self.tell_note(news);
        self.tell_state(news, now_us);
        if news.is_over && !self.is_over {
            let at = news.state.number("at");
            message("end").number("at", at).post();
        }
        self.is_over = news.is_over;
        self.tell_height();
    }

    /// Reports only the events, of the second run of a comparison.
    pub fn tell_only_events(&mut self, news: &News<'_>) {
        if !news.is_seen {
            return;
        }
        if !std::mem::replace(&mut self.is_ready, true) {
            self.skip(news);
        }
        self.tell_events(news);
    }

    /// Whether the host knows that the page is ready.
    pub const fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// Reports only that the page is there, and the kind of its content.
    pub fn tell_frame(&mut self, is_seen: bool, kind: &'static str) {
        if is_seen && !std::mem::replace(&mut self.is_ready, true) {
            let state = State { flags: vec![(kind, true)], ..State::default() };
            ready(&state).post();
        }
        self.tell_height();
    }

    /// Skips events from before the host listened.
    fn skip(&mut self, news: &News<'_>) {
        self.lines = news.trace.len();
        self.run = news.run;
        self.note = news.note.0;
        self.is_over = news.is_over;
    }

    fn tell_events(&mut self, news: &News<'_>) {
        let known =
            if self.run == news.run { self.lines.min(news.trace.len()) } else { news.trace.len() };
        self.lines = news.trace.len();
        self.run = news.run;
        let new = news.trace.iter().skip(known).filter(|event| sentence::is_decision(event));
        for event in new.take(MAX_EVENTS) {
            Happened { event, trace: news.trace, side: news.side }.message(news.language).post();
        }
    }

    fn tell_note(&mut self, news: &News<'_>) {
        let (place, count, text) = &news.note;
        if std::mem::replace(&mut self.note, *place) != *place && *place > 0 {
            message("note")
                .number("note", *place as f64)
                .number("count", *count as f64)
                .text("text", text)
                .post();
        }
    }

    fn tell_state(&mut self, news: &News<'_>, now_us: u64) {
        let is_known = self.state.as_ref() == Some(&news.state);
        let is_soon = now_us.abs_diff(self.state_us) < STATE_US;
        let only_moves = news.is_playing
            && self.state.as_ref().is_some_and(|state| state.flags == news.state.flags);
        if is_known || only_moves && is_soon {
            return;
        }
        self.state_us = now_us;
        self.state = Some(news.state.clone());
        news.state.message(None).post();
    }

    fn tell_height(&mut self) {
        let Some((width_px, height_px)) = link::wanted_height() else { return };
        if std::mem::replace(&mut self.width_px, width_px) != width_px {
            message("resize").number("height", f64::from(height_px)).post();
            link::resize_of_splice(height_px).post();
        }
    }
}

impl State {
    fn number(&self, name: &str) -> f64 {
        self.numbers.iter().find(|(other, _)| *other == name).map_or(0.0, |(_, number)| *number)
    }

    /// The message with the state.
    pub fn message(&self, id: Option<&Value>) -> Object {
        self.written(message("state").id(id))
    }

    fn written(&self, mut told: Object) -> Object {
        for (name, text) in &self.texts {
            told = told.text(name, text);
        }
        for (name, number) in &self.numbers {
            told = told.number(name, *number);
        }
        for (name, flag) in &self.flags {
            told = told.flag(name, *flag);
        }
        let nodes = js_sys::Array::new();
        for node in &self.nodes {
            let mut object =
                Object::new().number("id", f64::from(node.id)).number("clock", node.clock as f64);
            for (name, value) in &node.handles {
                object = object.text(name, value);
            }
            nodes.push(&object.into());
        }
        told.value("nodes", &nodes)
    }
}

impl Happened<'_> {
    fn message(&self, language: Language) -> Object {
        let Self { event, trace, side } = self;
        let text = sentence::told(event, trace, language);
        let name = match event.happening {
            Happening::Violation(_) => "violation",
            _ => "event",
        };
        let told = message(name)
            .number("event", event.seq as f64)
            .number("at", event.at_us as f64)
            .text("text", &text);
        let told = if side.is_empty() { told } else { told.text("side", side) };
        match event.node {
            Some(node) => told.number("node", f64::from(node.get())),
            None => told,
        }
    }
}

fn message(name: &str) -> Object {
    Object::new().text(NAME, name)
}

/// The message that the page is ready.
pub fn ready(state: &State) -> Object {
    state.written(message("ready").number("version", 1.0))
}

/// The answer to the host's `ping`.
pub fn pong(id: Option<&Value>, is_ready: bool) -> Object {
    message("pong").number("version", 1.0).flag("ready", is_ready).id(id)
}

/// The message that a request failed.
pub fn error(of: &str, reason: &str, id: Option<&Value>) -> Object {
    message("error").text("of", of).text("reason", reason).id(id)
}

/// The message with an exported run.
pub fn export(format: &str, content: &str, id: Option<&Value>) -> Object {
    message("export").text("format", format).text("content", content).id(id)
}

/// The message with a key that the page does not use.
pub fn key(name: &str) -> Object {
    message("key").text("key", name)
}

impl Object {
    /// The id of the message that is answered.
    #[must_use]
    pub fn id(self, id: Option<&Value>) -> Self {
        match id {
            Some(Value::Text(text)) => self.text(ID, text),
            Some(Value::Number(number)) => self.number(ID, *number),
            Some(Value::Flag(flag)) => self.flag(ID, *flag),
            // An id is a text or a number. Other values are not returned.
            Some(Value::Null | Value::List(_) | Value::Table(_)) | None => self,
        }
    }
}

impl From<Object> for JsValue {
    fn from(object: Object) -> Self {
        object.into_value()
    }
}
