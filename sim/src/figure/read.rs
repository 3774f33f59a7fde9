//! Reads a figure from JSON.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Figure, FigureEvent, FigureKind, MAX_EVENTS, MAX_PROCESSES};
use crate::scenario::{place, suggest};

/// Why a text is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureError {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl fmt::Display for FigureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)
    }
}

impl core::error::Error for FigureError {}

/// The file. What it has besides is not looked at: figures of exercises carry their answers.
#[derive(Deserialize)]
struct RawFigure<'a> {
    #[serde(default)]
    title: String,
    processes: Vec<String>,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEvent {
    id: String,
    proc: String,
    kind: String,
    msgs: Option<Vec<String>>,
    msg: Option<String>,
}

/// The figure that `text` describes.
///
/// # Errors
///
/// The first mistake, with its place, what is wrong and what would be right.
pub fn read(text: &str) -> Result<Figure, FigureError> {
    let raw: RawFigure<'_> =
        serde_json::from_str(text).map_err(|error| of_json(&error, text, 0))?;
    check_processes(&raw.processes).map_err(|problem| at(text, 0, problem))?;
    if raw.events.len() > MAX_EVENTS {
        let problem =
            format!("there are {} events; expected {MAX_EVENTS} at most", raw.events.len());
        return Err(at(text, 0, problem));
    }
    let mut reader = Reader { text, processes: &raw.processes, sends: BTreeMap::new() };
    let mut events = Vec::new();
    for raw_event in &raw.events {
        events.push(reader.event(raw_event, events.len())?);
    }
    let events = reader.connect(events, &raw.events)?;
    let figure = Figure { title: raw.title, processes: raw.processes, events };
    check_causality(&figure)
        .map_err(|(place, problem)| at(text, offset(text, raw.events[place]), problem))?;
    Ok(figure)
}

fn at(text: &str, at: usize, problem: String) -> FigureError {
    let (line, column) = place(text, at);
    FigureError { line, column, problem }
}

/// Where in `text` the part `raw` of it begins.
fn offset(text: &str, raw: &RawValue) -> usize {
    (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// A JSON error in the part of `text` that begins at `start`.
fn of_json(error: &serde_json::Error, text: &str, start: usize) -> FigureError {
    let message = error.to_string();
    let problem = message.split(" at line ").next().unwrap_or_default().to_string();
    let lines = text[start..].split_inclusive('\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(str::len).sum();
    at(text, start + before + error.column().saturating_sub(1), problem)
}

fn check_processes(processes: &[String]) -> Result<(), String> {
    if processes.is_empty() || processes.len() > MAX_PROCESSES {
        let count = processes.len();
        return Err(format!("there are {count} processes; expected 1 to {MAX_PROCESSES}"));
    }
    for (place, name) in processes.iter().enumerate() {
        if processes[..place].contains(name) {
            return Err(format!(
                "there are two processes \"{}\"; expected different names",
                name.escape_debug()
            ));
        }
    }
    Ok(())
}

/// An event whose receipt has not found its send.
struct Loose {
    id: String,
    process: usize,
    kind: LooseKind,
}

enum LooseKind {
    Local,
    Send(Vec<String>),
    Receive(String),
}

struct Reader<'a> {
    text: &'a str,
    processes: &'a [String],
    /// Who sends each message.
    sends: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn event(&mut self, raw: &RawValue, place: usize) -> Result<Loose, FigureError> {
        let start = offset(self.text, raw);
        let event: RawEvent =
            serde_json::from_str(raw.get()).map_err(|error| of_json(&error, self.text, start))?;
        self.loose(event, place).map_err(|problem| at(self.text, start, problem))
    }

    fn loose(&mut self, raw: RawEvent, place: usize) -> Result<Loose, String> {
        let id = raw.id.escape_debug().to_string();
        let Some(process) = self.processes.iter().position(|name| *name == raw.proc) else {
            let names: Vec<&str> = self.processes.iter().map(String::as_str).collect();
            let advice = suggest::advice(&raw.proc, &names);
            return Err(format!("\"{id}\" is at \"{}\"; {advice}", raw.proc.escape_debug()));
        };
        let kind = match (raw.kind.as_str(), raw.msgs, raw.msg) {
            ("local", None, None) => LooseKind::Local,
            ("local", ..) => return Err(format!("\"{id}\" is local; expected no message")),
            ("send", Some(messages), None) => LooseKind::Send(messages),
            ("send", None, Some(message)) => LooseKind::Send(Vec::from([message])),
            ("send", ..) => return Err(format!("\"{id}\" is a send; expected \"msgs\"")),
            ("recv" | "receive", None, Some(message)) => LooseKind::Receive(message),
            ("recv" | "receive", ..) => {
                return Err(format!("\"{id}\" is a receipt; expected \"msg\""));
            }
            (other, ..) => {
                let advice = suggest::advice(other, &["local", "send", "recv"]);
                return Err(format!(
                    "\"{id}\" is of the kind \"{}\"; {advice}",
                    other.escape_debug()
                ));
            }
        };
        if let LooseKind::Send(messages) = &kind {
            for message in messages {
                if self.sends.insert(message.clone(), place).is_some() {
                    let message = message.escape_debug();
                    return Err(format!("message \"{message}\" is sent twice; expected once"));
                }
            }
        }
        Ok(Loose { id: raw.id, process, kind })
    }

    /// Connects each receipt with its send.
    fn connect(
        &self,
        events: Vec<Loose>,
        raw: &[&RawValue],
    ) -> Result<Vec<FigureEvent>, FigureError> {
        let mut ids: BTreeMap<String, ()> = BTreeMap::new();
        let mut received: BTreeMap<String, ()> = BTreeMap::new();
        let mut connected = Vec::new();
        for (loose, raw) in events.into_iter().zip(raw) {
            let wrong = |problem| at(self.text, offset(self.text, raw), problem);
            if ids.insert(loose.id.clone(), ()).is_some() {
                let id = loose.id.escape_debug();
                return Err(wrong(format!("there are two events \"{id}\"; expected one")));
            }
            let kind = match loose.kind {
                LooseKind::Local => FigureKind::Local,
                LooseKind::Send(messages) => FigureKind::Send { messages },
                LooseKind::Receive(message) => {
                    let name = message.escape_debug().to_string();
                    let Some(&sent_by) = self.sends.get(&message) else {
                        let names: Vec<&str> = self.sends.keys().map(String::as_str).collect();
                        let advice = match names.as_slice() {
                            [] => "expected one that is sent".to_string(),
                            names => suggest::advice(&message, names),
                        };
                        let problem = format!("nobody sends message \"{name}\"; {advice}");
                        return Err(wrong(problem));
                    };
                    if received.insert(message.clone(), ()).is_some() {
                        let problem =
                            format!("message \"{name}\" is received twice; expected once");
                        return Err(wrong(problem));
                    }
                    FigureKind::Receive { message, sent_by }
                }
            };
            connected.push(FigureEvent { id: loose.id, process: loose.process, kind });
        }
        Ok(connected)
    }
}

/// Refuses a figure in which something is received before it is sent: an arrow that goes back in
/// time. Tells the first receipt that can never happen.
fn check_causality(figure: &Figure) -> Result<(), (usize, String)> {
    let order = figure.causal_order();
    let stuck = (0..figure.events.len()).find(|&place| {
        matches!(figure.events[place].kind, FigureKind::Receive { .. }) && !order.contains(&place)
    });
    let Some(place) = stuck else { return Ok(()) };
    let FigureKind::Receive { message, .. } = &figure.events[place].kind else { return Ok(()) };
    Err((
        place,
        format!(
            "\"{}\" receives \"{}\" before it can have been sent; expected no arrow back in time",
            figure.events[place].id.escape_debug(),
            message.escape_debug()
        ),
    ))
}
