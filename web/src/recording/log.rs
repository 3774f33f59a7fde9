//! Reads logs for ShiViz, with the browser's regular expressions.

use antes_sim::export::MAX_LINES;
use antes_sim::export::shiviz::REGEX;
use antes_sim::history::{History, Note, Record, of_records};
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

// web/whole.js, which loads this program.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = antes)]
    fn search(what: &Array, is_known: bool) -> Promise;
}

/// The regular expression of logs in which the description follows the clock, as the library `GoVector` writes them.
/// It begins at the start of a line. Otherwise a long line without a clock would take quadratic time.
const CLOCK_FIRST: &str = r"^[ \t]*(?<host>\S*) (?<clock>{.*})\n(?<event>.*)";

/// The groups that ShiViz needs.
const GROUPS: [&str; 3] = ["(?<host>", "(?<clock>", "(?<event>"];

/// A log that begins with a regular expression, and in the second line with one that stands between several runs.
/// Without them, as ShiViz reads it by default.
///
/// # Errors
///
/// If it is no log: the line, what is wrong, and what would be right.
pub async fn read(text: &str) -> Result<History, String> {
    let text = text.replace("\r\n", "\n");
    let first = text.lines().next().unwrap_or_default();
    let is_named = GROUPS.iter().any(|group| first.contains(group));
    let (pattern, delimiter, begin) = if is_named {
        let mut lines = text.splitn(3, '\n').skip(1);
        let delimiter = lines.next().unwrap_or_default();
        (first, delimiter, text.len() - lines.next().unwrap_or_default().len())
    } else if first.trim_end().ends_with('}') && first.contains(" {\"") {
        (CLOCK_FIRST, "", 0)
    } else {
        (REGEX, "", 0)
    };
    if let Some(missing) = GROUPS.iter().find(|group| !pattern.contains(**group)) {
        return Err([
            "1: the regular expression has no group ",
            missing,
            "…); expected host, clock and event",
        ]
        .concat());
    }
    check(pattern, "1")?;
    check(delimiter, "2")?;
    let (anchored, is_known) = match (pattern, delimiter) {
        // For the same reason as CLOCK_FIRST.
        (REGEX, delimiter) => (["^", REGEX].concat(), delimiter.is_empty()),
        (pattern, _) => (pattern.to_owned(), pattern == CLOCK_FIRST),
    };
    let (events, is_cut) = searched(&anchored, delimiter, &text[begin..], is_known).await?;
    let mut records = Vec::new();
    let (mut counted, mut line) = (0, 1);
    for Event { at, host, clock, event } in events {
        line += text[counted..begin + at].bytes().filter(|&byte| byte == b'\n').count();
        counted = begin + at;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        records.push(Record { line, host, clock, text: event });
    }
    if records.is_empty() {
        return Err([
            "1: the regular expression ",
            pattern,
            " finds no event; expected one that fits the log",
        ]
        .concat());
    }
    let mut history = of_records(&records)?;
    if is_cut {
        history.notes.push(Note::SeveralRuns);
    }
    Ok(history)
}

/// Fails if the browser does not understand a regular expression.
fn check(pattern: &str, line: &str) -> Result<(), String> {
    // The constructor itself would throw.
    let made = Reflect::get(&js_sys::global(), &"RegExp".into()).and_then(|constructor| {
        Reflect::construct(&constructor.into(), &Array::of2(&pattern.into(), &"gm".into()))
    });
    let refused = |_| {
        [line, ": \"", pattern, "\" is no regular expression; expected one of JavaScript"].concat()
    };
    made.map(drop).map_err(refused)
}

/// The findings of a regular expression.
struct Event {
    /// The byte at which it begins.
    at: usize,
    host: String,
    clock: String,
    event: String,
}

/// All events of the first run that has some, and whether another run follows. More events than a history may
/// have are refused later, so they need not all be in memory.
async fn searched(
    pattern: &str,
    delimiter: &str,
    text: &str,
    is_known: bool,
) -> Result<(Vec<Event>, bool), String> {
    let most = JsValue::from(u32::try_from(MAX_LINES).unwrap_or(u32::MAX));
    let what = Array::of4(&pattern.into(), &delimiter.into(), &text.into(), &most);
    let found = search(&what, is_known).await.map_err(|reason| match reason.as_string() {
        Some(reason) if reason == "slow" => [
            "1: the regular expression \"",
            pattern,
            "\" takes too long; expected one in which no repetition contains another, as in (a+)+",
        ]
        .concat(),
        _ => [
            "1: the regular expression \"",
            pattern,
            "\" cannot be used here, because the page may start no worker; expected a log that begins \
             with its first event",
        ]
        .concat(),
    })?;
    let found: Array = found.unchecked_into();
    let parts: Array = found.get(0).unchecked_into();
    let (mut units, mut bytes) = (0, 0);
    let mut letters = text.chars();
    let mut events = Vec::new();
    for place in (0..parts.length()).step_by(4) {
        let begin = parts.get(place).as_f64().unwrap_or_default() as usize;
        // The browser counts in UTF-16.
        while units < begin
            && let Some(letter) = letters.next()
        {
            units += letter.len_utf16();
            bytes += letter.len_utf8();
        }
        let group = |number| parts.get(place + number).as_string().unwrap_or_default();
        events.push(Event { at: bytes, host: group(1), clock: group(2), event: group(3) });
    }
    Ok((events, found.get(1).is_truthy()))
}
