//! Reads logs for ShiViz, with the browser's regular expressions.

use antes_sim::export::MAX_LINES;
use antes_sim::export::shiviz::REGEX;
use antes_sim::history::{History, Record, of_records};
use js_sys::{Array, JsString, Reflect, RegExp};
use wasm_bindgen::JsValue;

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
pub fn read(text: &str) -> Result<History, String> {
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
    let expression = match pattern {
        // For the same reason as CLOCK_FIRST.
        REGEX => compiled(&["^", REGEX].concat(), "1")?,
        pattern => compiled(pattern, "1")?,
    };
    let (end, is_cut) = match delimiter {
        "" => (text.len(), false),
        delimiter => end_of_first(&text, begin, &compiled(delimiter, "2")?, &expression),
    };
    let mut records = Vec::new();
    let (mut counted, mut line) = (0, 1);
    // More events than a history may have are refused below. They need not all be in memory.
    for (groups, at) in matches(&expression, &text[begin..end]).take(MAX_LINES + 1) {
        let group = |name: &str| {
            let text = Reflect::get(&groups, &name.into()).ok().and_then(|it| it.as_string());
            text.unwrap_or_default()
        };
        line += text[counted..begin + at].bytes().filter(|&byte| byte == b'\n').count();
        counted = begin + at;
        records.push(Record {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            host: group("host"),
            clock: group("clock"),
            text: group("event"),
        });
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
        history.notes.push("the log has several runs, of which the first is shown".to_owned());
    }
    Ok(history)
}

/// Where the first run that has an event ends, and whether another one follows.
fn end_of_first(
    text: &str,
    begin: usize,
    delimiter: &RegExp,
    expression: &RegExp,
) -> (usize, bool) {
    let rest = &text[begin..];
    let first = matches(expression, rest).next().map_or(0, |(_, at)| at);
    let next = matches(delimiter, rest).map(|(_, at)| at).find(|&at| at > first);
    next.map_or((text.len(), false), |at| (begin + at, true))
}

/// A regular expression, as the browser understands it.
fn compiled(pattern: &str, line: &str) -> Result<RegExp, String> {
    let arguments = Array::of2(&pattern.into(), &"gm".into());
    // The constructor itself would throw.
    let made = Reflect::get(&js_sys::global(), &"RegExp".into())
        .and_then(|constructor| Reflect::construct(&constructor.into(), &arguments));
    let refused = |_| {
        [line, ": \"", pattern, "\" is no regular expression; expected one of JavaScript"].concat()
    };
    made.map(Into::into).map_err(refused)
}

/// Every match, with its groups and the byte at which it begins.
fn matches(expression: &RegExp, text: &str) -> impl Iterator<Item = (JsValue, usize)> {
    let (mut units, mut bytes) = (0, 0);
    let mut letters = text.chars();
    let found = JsString::from(text).match_all(expression).into_iter();
    found.flatten().map(move |found| {
        let field = |name: &str| Reflect::get(&found, &name.into()).unwrap_or_default();
        let begin = field("index").as_f64().unwrap_or_default() as usize;
        // The browser counts in UTF-16.
        while units < begin
            && let Some(letter) = letters.next()
        {
            units += letter.len_utf16();
            bytes += letter.len_utf8();
        }
        (field("groups"), bytes)
    })
}
