//! Reads a trace from JSON Lines.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use antes_core::{Incarnation, LamportTime, Stamp, VectorClock};

use super::header::Header;
use super::raw::{RawObject, Tables};
use crate::encoding::without_mark;
use crate::trace::{Happening, LineStamp, TraceEvent};

/// The most events of a trace.
pub const MAX_LINES: usize = 1_000_000;

/// The reason why a text is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonlError {
    pub line: u32,
    pub problem: String,
}

impl fmt::Display for JsonlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.problem)
    }
}

impl core::error::Error for JsonlError {}

/// Reads the header and the events of a trace. Unknown fields are ignored: later versions may add
/// some.
///
/// # Errors
///
/// If a line is not valid: the first such line.
pub fn read_jsonl(text: &str) -> Result<(Header, Vec<TraceEvent>), JsonlError> {
    let text = without_mark(text);
    let at = |place: usize, problem: String| JsonlError {
        line: u32::try_from(place + 1).unwrap_or(u32::MAX),
        problem,
    };
    let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let Some((place, first)) = lines.next() else {
        return Err(at(0, "the file is empty; expected a trace".into()));
    };
    let header = Header::read(first).map_err(|problem| at(place, problem))?;
    let reader = LineReader::default();
    let mut events = Vec::new();
    for (place, line) in lines {
        if events.len() == MAX_LINES {
            return Err(at(place, format!("there are more than {MAX_LINES} events")));
        }
        events.push(reader.read(line, header.nodes).map_err(|problem| at(place, problem))?);
    }
    Ok((header, events))
}

/// Reads the lines of traces.
#[derive(Clone, Debug)]
pub struct LineReader {
    tables: Tables,
}

impl Default for LineReader {
    fn default() -> Self {
        Self { tables: Tables::new() }
    }
}

impl LineReader {
    /// Reads one event of a cluster with `nodes` nodes.
    ///
    /// # Errors
    ///
    /// If the line is no valid event: what is wrong.
    pub fn read(&self, line: &str, nodes: u8) -> Result<TraceEvent, String> {
        let mut raw = RawObject::line(line, &self.tables)?;
        let vector = raw.counts("vector");
        if vector.len() != usize::from(nodes) {
            return Err(format!("the vector has {} counts; expected {nodes}", vector.len()));
        }
        let number = |name| raw.number(name).unwrap_or_default();
        let lamport = LamportTime(number("lamport"));
        let stamp = Stamp { lamport, vector: VectorClock::from_counts(vector) };
        let stamp = LineStamp::from(&stamp);
        let (seq, at_us) = (number("seq"), number("at_us"));
        let life = u32::try_from(number("inc")).ok().and_then(Incarnation::new);
        let incarnation = life.ok_or("\"inc\" is 0; expected 1 or more")?;
        let node = raw.node("node")?;
        let mut happening = self.simplest(raw.string("kind").unwrap_or_default())?;
        happening.carry(&mut raw);
        raw.finish(TraceEvent { seq, at_us, node, incarnation, stamp, happening })
    }

    /// The simplest event of this kind.
    fn simplest(&self, kind: &str) -> Result<Happening, String> {
        let events = &self.tables.events;
        let found = events.iter().find(|event| event.kind() == kind);
        found.cloned().ok_or_else(|| {
            let mut kinds = Vec::new();
            for kind in events.iter().map(Happening::kind).filter(|&kind| kind != "stop") {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
            let (kind, kinds) = (kind.escape_debug(), kinds.join(", "));
            format!("\"{kind}\" is no kind of event; expected one of {kinds}")
        })
    }
}
