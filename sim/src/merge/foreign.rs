//! Recognizes files that are no traces, and says what they are and what is expected.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::encoding::{UTF_16, is_utf16, without_mark};

/// How many bytes at the beginning of a file are examined.
const MOST_BYTES: usize = 1 << 20;

const PACKED: &str = "the file is compressed; expected the trace that is in it: unpack it";
const SHIVIZ: &str = "this is a log for ShiViz, which leaves out most of a trace; expected the trace: --format jsonl writes it";
const MERMAID: &str = "this is a Mermaid diagram; expected the trace: --format jsonl writes it";
const PLAIN_TEXT: &str =
    "this is a run told in plain text; expected the trace: --format jsonl writes it";
const PAGE_OR_PICTURE: &str = "this is a page or a picture; expected a trace in JSON Lines";
const SCENARIO: &str = "this is a scenario, which has not been run; expected a trace: antes run SCENARIO --format jsonl writes it";
const NO_TRACE: &str =
    "this is no trace; expected JSON Lines that begin with a header, {\"antes_trace\":1,...}";
const SPREAD: &str = "this is JSON, but not a line for each event; expected JSON Lines: the header in the first line, and an event in every other";
const STAMPED: &str = "this is what antes stamp prints of a figure; expected the trace of a run";
const FIGURE: &str = "this is a figure; expected a trace: antes stamp reads figures";
const SUMMARY: &str = "this is a summary of a run; expected the trace: --format jsonl writes it";

/// All messages about such files.
pub const FOREIGN: [&str; 12] = [
    UTF_16,
    PACKED,
    SHIVIZ,
    MERMAID,
    PLAIN_TEXT,
    PAGE_OR_PICTURE,
    SCENARIO,
    NO_TRACE,
    SPREAD,
    STAMPED,
    FIGURE,
    SUMMARY,
];

/// A sentence about the file if it is a known kind of file that is no trace.
pub(super) fn named(bytes: &[u8]) -> Option<&'static str> {
    if is_utf16(bytes) {
        return Some(UTF_16);
    }
    match bytes {
        [0x1F, 0x8B, ..]
        | [b'P', b'K', 3, 4, ..]
        | [0x28, 0xB5, 0x2F, 0xFD, ..]
        | [0xFD, b'7', b'z', b'X', b'Z', ..]
        | [b'B', b'Z', b'h', ..] => return Some(PACKED),
        _ => {}
    }
    let head = &bytes[..bytes.len().min(MOST_BYTES)];
    let text = match core::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            core::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => "?",
    };
    of_text(without_mark(text).trim_start())
}

fn of_text(text: &str) -> Option<&'static str> {
    let first = text.lines().next().unwrap_or_default();
    if text.starts_with(['{', '['])
        && let Some(kind) = of_json(text)
    {
        return Some(kind);
    }
    if first.starts_with("(?<") {
        return Some(SHIVIZ);
    }
    if first.starts_with("sequenceDiagram") {
        return Some(MERMAID);
    }
    if text.lines().take(8).any(|line| line.trim_start().starts_with("time (s)  node")) {
        return Some(PLAIN_TEXT);
    }
    if first.starts_with("<!") || first.starts_with("<html") || first.starts_with("<svg") {
        return Some(PAGE_OR_PICTURE);
    }
    if is_scenario(text) {
        return Some(SCENARIO);
    }
    let is_json = text.is_empty() || text.starts_with('{');
    (!is_json).then_some(NO_TRACE)
}

fn is_list(text: &str) -> bool {
    text.starts_with('[') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The fields that identify a kind of JSON file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Known {
    antes_trace: Option<IgnoredAny>,
    processes: Option<IgnoredAny>,
    messages: Option<IgnoredAny>,
    entries: Option<IgnoredAny>,
    events: Option<IgnoredAny>,
    expected: Option<IgnoredAny>,
}

fn of_json(text: &str) -> Option<&'static str> {
    if is_list(text) {
        return Some(SPREAD);
    }
    let known: Known = serde_json::from_str(text).ok()?;
    if known.processes.is_some() && known.expected.is_some() && known.events.is_none() {
        return Some(STAMPED);
    }
    if known.processes.is_some() || known.events.is_some() && known.antes_trace.is_none() {
        return Some(FIGURE);
    }
    if known.messages.is_some() && known.entries.is_some() {
        return Some(SUMMARY);
    }
    known.antes_trace.is_some().then_some(SPREAD)
}

/// Whether the first non-empty lines are those of a scenario file.
fn is_scenario(text: &str) -> bool {
    const KEYS: &[&str] = &[
        "title",
        "summary",
        "look_for",
        "simplifies",
        "algorithm",
        "profile",
        "nodes",
        "seed",
        "duration",
        "network",
        "election",
        "mutex",
        "application",
        "node",
        "step",
        "claims",
        "keywords",
    ];
    let lines = text.lines().map(str::trim);
    let first = lines.into_iter().find(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = first else { return false };
    let key = match first.strip_prefix('[') {
        Some(table) => table.trim_start_matches('[').split([']', '.']).next(),
        None => first.split_once('=').and_then(|(key, _)| key.split('.').next()),
    };
    key.is_some_and(|key| KEYS.contains(&key.trim()))
}
