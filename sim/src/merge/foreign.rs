//! Names files that are no traces: what they are, and what would be right.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::encoding::{UTF_16, is_utf16, without_mark};

/// The most bytes at the beginning of a file that are looked at.
const MOST_BYTES: usize = 1 << 20;

/// What a file is, if it does not begin like a trace and is known: one sentence.
pub(super) fn named(bytes: &[u8]) -> Option<&'static str> {
    if is_utf16(bytes) {
        return Some(UTF_16);
    }
    let packed = "the file is compressed; expected the trace that is in it: unpack it";
    match bytes {
        [0x1F, 0x8B, ..]
        | [b'P', b'K', 3, 4, ..]
        | [0x28, 0xB5, 0x2F, 0xFD, ..]
        | [0xFD, b'7', b'z', b'X', b'Z', ..]
        | [b'B', b'Z', b'h', ..] => return Some(packed),
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
        return Some(
            "this is a log for ShiViz, which leaves out most of a trace; expected the trace: \
             --format jsonl writes it",
        );
    }
    if first.starts_with("sequenceDiagram") {
        return Some("this is a Mermaid diagram; expected the trace: --format jsonl writes it");
    }
    if text.lines().take(8).any(|line| line.trim_start().starts_with("time (s)  node")) {
        return Some(
            "this is a run told in plain text; expected the trace: --format jsonl writes it",
        );
    }
    if first.starts_with("<!") || first.starts_with("<html") || first.starts_with("<svg") {
        return Some("this is a page or a picture; expected a trace in JSON Lines");
    }
    if is_scenario(text) {
        return Some(
            "this is a scenario, which has not been run; expected a trace: antes run SCENARIO \
             --format jsonl writes it",
        );
    }
    let is_json = text.is_empty() || text.starts_with('{');
    (!is_json).then_some(
        "this is no trace; expected JSON Lines that begin with a header, {\"antes_trace\":1,...}",
    )
}

fn is_list(text: &str) -> bool {
    text.starts_with('[') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Fields by which a JSON file is known.
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
    let spread = "this is JSON, but not a line for each event; expected JSON Lines: the header in \
                  the first line, and an event in every other";
    if is_list(text) {
        return Some(spread);
    }
    let known: Known = serde_json::from_str(text).ok()?;
    if known.processes.is_some() && known.expected.is_some() && known.events.is_none() {
        return Some("this is what antes stamp prints of a figure; expected the trace of a run");
    }
    if known.processes.is_some() || known.events.is_some() && known.antes_trace.is_none() {
        return Some("this is a figure; expected a trace: antes stamp reads figures");
    }
    if known.messages.is_some() && known.entries.is_some() {
        return Some("this is a summary of a run; expected the trace: --format jsonl writes it");
    }
    known.antes_trace.is_some().then_some(spread)
}

/// Whether the first lines that say something are those of a scenario file.
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
