//! Reads a figure from JSON.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use antes_core::LamportTime;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::event::{EVENT, LooseKind, RawEvent, received_twice};
use super::{Figure, FigureEvent, FigureKind, MAX_EVENTS, MAX_MESSAGES, MAX_PROCESSES, MAX_START};
use crate::encoding::without_mark;
use crate::scenario::{place, suggest};

/// The reason why a text is no figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureError {
    pub line: u32,
    /// Counted in characters, from 1.
    pub column: u32,
    /// The mistake, and what would be right.
    pub problem: String,
}

impl fmt::Display for FigureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)
    }
}

impl core::error::Error for FigureError {}

/// How to write a figure.
const FIGURE: &str = "expected a figure such as {\"processes\": [\"P\", \"Q\"], \"events\": [...]}";

/// The file as it is written.
#[derive(Deserialize)]
struct RawFigure<'a> {
    #[serde(default)]
    title: String,
    processes: Vec<String>,
    #[serde(borrow, default)]
    start: Option<&'a RawValue>,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

/// Fields of exercise files that are ignored: the answers, and comments on them.
const ANSWERS: &[&str] = &[
    "expected",
    "concurrent_pairs",
    "total_order",
    "id",
    "name",
    "description",
    "comment",
    "note",
    "source",
];

/// Reads a figure. A leading byte order mark is skipped.
///
/// # Errors
///
/// If the text is no valid figure: the first mistake, with its position and what would be right.
pub fn read(text: &str) -> Result<Figure, FigureError> {
    let text = without_mark(text);
    check_json(text)?;
    let raw: RawFigure<'_> = serde_json::from_str(text).map_err(|error| no_figure(&error, text))?;
    check_processes(&raw.processes).map_err(|problem| at(text, 0, problem))?;
    if raw.events.len() > MAX_EVENTS {
        let problem =
            format!("there are {} events; expected {MAX_EVENTS} at most", raw.events.len());
        return Err(at(text, 0, problem));
    }
    let start = match raw.start {
        Some(start) => start_values(start.get(), &raw.processes)
            .map_err(|problem| at(text, offset(text, start), problem))?,
        None => raw.processes.iter().map(|_| LamportTime::default()).collect(),
    };
    let mut reader = Reader { text, processes: &raw.processes, sends: BTreeMap::new() };
    let mut events = Vec::new();
    for raw_event in &raw.events {
        events.push(reader.event(raw_event, events.len())?);
    }
    if reader.sends.len() > MAX_MESSAGES {
        let problem =
            format!("there are {} messages; expected {MAX_MESSAGES} at most", reader.sends.len());
        return Err(at(text, 0, problem));
    }
    let events = reader.connect(events, &raw.events)?;
    let unknown = raw.others.into_keys().filter(|key| !ANSWERS.contains(&key.as_str())).collect();
    let figure = Figure { title: raw.title, processes: raw.processes, start, events, unknown };
    check_causality(&figure)
        .map_err(|(place, problem)| at(text, offset(text, raw.events[place]), problem))?;
    Ok(figure)
}

/// Returns an error if the text is no JSON.
fn check_json(text: &str) -> Result<(), FigureError> {
    let Err(error) = serde_json::from_str::<IgnoredAny>(text) else { return Ok(()) };
    let mut wrong = of_json(&error, text, 0);
    // The parser stops after the character that it cannot accept.
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let word_start = error.column().saturating_sub(1).min(line.len());
    let (before, here) = line.split_at_checked(word_start).unwrap_or_default();
    let found = ["NaN", "Infinity", "nan", "inf"].iter().find(|word| here.starts_with(**word));
    let sign = if before.ends_with('-') { "-" } else { "" };
    wrong.problem = match found {
        Some(word) => format!("{sign}{word} is no number of JSON; expected a whole number"),
        None if here.starts_with([']', '}']) && before.trim_end().ends_with(',') => {
            "this is no JSON: nothing follows the last comma; expected no comma there".to_string()
        }
        None if text.trim().is_empty() => format!("the file is empty; {FIGURE}"),
        None => format!("this is no JSON: {}; {FIGURE}", wrong.problem),
    };
    Err(wrong)
}

/// The error for JSON that is no figure.
fn no_figure(error: &serde_json::Error, text: &str) -> FigureError {
    let wrong = of_json(error, text, 0);
    let problem = match text.trim_start().starts_with('{') {
        true => format!("this is no figure: {}; {FIGURE}", wrong.problem),
        false => format!("this is no figure, because it is no JSON object; {FIGURE}"),
    };
    FigureError { problem, ..wrong }
}

/// The start value of each process's clock.
fn start_values(text: &str, processes: &[String]) -> Result<Vec<LamportTime>, String> {
    let example =
        processes.first().map_or_else(String::new, |name| name.escape_debug().to_string());
    let expected = format!(
        "expected the Lamport clock of each process before its first event, such as \"start\": \
         {{\"{example}\": 10}}; a process that is left out starts at 0"
    );
    let values: BTreeMap<String, u64> = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        format!("\"start\" is not what it should be: {message}; {expected}")
    })?;
    for (name, &value) in &values {
        let name_shown = name.escape_debug();
        if !processes.contains(name) {
            let names: Vec<&str> = processes.iter().map(String::as_str).collect();
            let advice = suggest::advice(name, &names);
            return Err(format!("\"start\" is about \"{name_shown}\"; {advice}"));
        }
        if value > MAX_START {
            return Err(format!(
                "\"{name_shown}\" starts at {value}; expected {MAX_START} at most"
            ));
        }
    }
    let value = |name| LamportTime(values.get(name).copied().unwrap_or(0));
    Ok(processes.iter().map(value).collect())
}

fn at(text: &str, at: usize, problem: String) -> FigureError {
    let (line, column) = place(text, at);
    FigureError { line, column, problem }
}

/// The byte offset of `raw` in `text`.
fn offset(text: &str, raw: &RawValue) -> usize {
    (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// A JSON error within the part of `text` that begins at byte `start`.
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

/// An event whose receipt is not matched with its send yet.
struct Loose {
    id: String,
    process: usize,
    kind: LooseKind,
}

struct Reader<'a> {
    text: &'a str,
    processes: &'a [String],
    /// The send of each message, as an index of its event.
    sends: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn event(&mut self, raw: &RawValue, place: usize) -> Result<Loose, FigureError> {
        let start = offset(self.text, raw);
        let event: RawEvent = serde_json::from_str(raw.get()).map_err(|error| {
            let wrong = of_json(&error, self.text, start);
            FigureError { problem: format!("{}; {EVENT}", wrong.problem), ..wrong }
        })?;
        self.loose(event, place).map_err(|problem| at(self.text, start, problem))
    }

    fn loose(&mut self, raw: RawEvent, place: usize) -> Result<Loose, String> {
        let Some(process) = self.processes.iter().position(|name| *name == raw.proc) else {
            let names: Vec<&str> = self.processes.iter().map(String::as_str).collect();
            let advice = suggest::advice(&raw.proc, &names);
            let id = raw.id.escape_debug();
            return Err(format!("\"{id}\" is at \"{}\"; {advice}", raw.proc.escape_debug()));
        };
        let kind = raw.kind()?;
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

    /// Matches each receipt with its send.
    fn connect(
        &self,
        events: Vec<Loose>,
        raw: &[&RawValue],
    ) -> Result<Vec<FigureEvent>, FigureError> {
        let mut ids: BTreeMap<String, ()> = BTreeMap::new();
        let mut received: BTreeMap<String, String> = BTreeMap::new();
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
                    if let Some(first) = received.insert(message.clone(), loose.id.clone()) {
                        let process = &self.processes[loose.process];
                        let both = [first.as_str(), loose.id.as_str()];
                        return Err(wrong(received_twice(&message, both, process)));
                    }
                    FigureKind::Receive { message, sent_by }
                }
            };
            connected.push(FigureEvent { id: loose.id, process: loose.process, kind });
        }
        Ok(connected)
    }
}

/// Returns an error if a message is received before it is sent, as with an arrow back in time. The
/// error is at the first receipt that can never happen.
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
