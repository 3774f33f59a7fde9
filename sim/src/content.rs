//! Recognizes a file by its content. Its name does not count.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::encoding::utf8;
use crate::merge::has_header;

/// How many bytes at the beginning of a file are examined, in most cases.
const MOST_BYTES: usize = 1 << 20;

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A trace, or what is left of one: JSON Lines with a header.
    Trace,
    /// TOML, so probably a scenario.
    Scenario,
    Figure,
    /// A log for ShiViz, which begins with a regular expression or has the lines of the default one.
    Shiviz,
    /// A figure with the stamps of its events, as `antes stamp` writes it.
    Stamped,
    /// The summary of a run.
    Summary,
    /// A trace as one JSON value, instead of a line for each event.
    Spread,
    /// Other JSON, or JSON that ends too early.
    Json,
    /// A sequence diagram for Mermaid or PlantUML.
    Diagram,
    /// A run in plain text, as `antes run` writes it.
    PlainText,
    /// HTML or SVG.
    Page,
    /// A picture, a film or a document in a binary format.
    Picture,
    /// A compressed file.
    Packed,
    /// Bytes that are no text.
    Binary,
    Empty,
    /// Text of an unknown kind.
    Text,
}

/// Recognizes a file by its bytes. A file with several mistakes is what it seems to be meant as.
pub fn recognize(bytes: &[u8]) -> Content {
    if let Some(content) = of_magic(bytes) {
        return content;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.trim_ascii().is_empty() {
        return Content::Empty;
    }
    // An odd number of bytes would cut a character in UTF-16.
    let head = &bytes[..bytes.len().min(MOST_BYTES)];
    let head = utf8(head);
    let is_decoded = matches!(head, Cow::Owned(_));
    if head.trim_ascii().is_empty() {
        return Content::Empty;
    }
    if has_header(if is_decoded { &head } else { bytes }) {
        return Content::Trace;
    }
    let text = match core::str::from_utf8(&head) {
        Ok(text) => text,
        // The last character may be cut off.
        Err(error) if error.error_len().is_none() => {
            core::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return Content::Binary,
    };
    if text.contains('\0') {
        return Content::Binary;
    }
    of_text(text.trim_start())
}

/// Recognizes a file by the numbers that files of its kind begin with.
fn of_magic(bytes: &[u8]) -> Option<Content> {
    let begins = |magic: &&[u8]| bytes.starts_with(magic);
    const PACKED: [&[u8]; 6] = [
        b"\x1F\x8B",
        b"PK\x03\x04",
        b"\x28\xB5\x2F\xFD",
        b"\xFD7zXZ",
        b"BZh",
        b"7z\xBC\xAF\x27\x1C",
    ];
    const PICTURES: [&[u8]; 6] =
        [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"RIFF", b"\x1A\x45\xDF\xA3", b"%PDF-"];
    if PACKED.iter().any(begins) {
        return Some(Content::Packed);
    }
    PICTURES.iter().any(begins).then_some(Content::Picture)
}

fn of_text(text: &str) -> Content {
    let first = text.lines().next().unwrap_or_default();
    if text.starts_with(['{', '['])
        && let Some(content) = of_json(text)
    {
        return content;
    }
    if has_group(first) || text.lines().take(8).any(is_clock) {
        return Content::Shiviz;
    }
    if ["sequenceDiagram", "@startuml"].iter().any(|begin| first.starts_with(begin)) {
        return Content::Diagram;
    }
    if text.lines().take(8).any(|line| line.trim_start().starts_with("time (s)  node")) {
        return Content::PlainText;
    }
    let begins = |tag: &str| first.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag));
    if ["<!", "<html", "<svg", "<?xml"].into_iter().any(begins) {
        return Content::Page;
    }
    if is_toml(text) {
        return Content::Scenario;
    }
    if text.starts_with('{') { Content::Json } else { Content::Text }
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

/// Recognizes a text that begins like JSON. `None` if it is TOML, or JSON that cannot be told apart.
fn of_json(text: &str) -> Option<Content> {
    if text.starts_with('[') {
        let is_list = serde_json::from_str::<IgnoredAny>(text).is_ok();
        return is_list.then_some(Content::Spread);
    }
    let Ok(known) = serde_json::from_str::<Known>(text) else {
        // A figure with a mistake: the reader of figures says where it is.
        let is_meant = ["\"processes\"", "\"events\""].iter().all(|name| text.contains(name));
        return is_meant.then_some(Content::Figure);
    };
    if known.processes.is_some() && known.expected.is_some() && known.events.is_none() {
        return Some(Content::Stamped);
    }
    if known.processes.is_some() || known.events.is_some() && known.antes_trace.is_none() {
        return Some(Content::Figure);
    }
    if known.messages.is_some() && known.entries.is_some() {
        return Some(Content::Summary);
    }
    Some(if known.antes_trace.is_some() { Content::Spread } else { Content::Json })
}

/// Whether a line is a regular expression with groups of ShiViz.
fn has_group(line: &str) -> bool {
    ["(?<event>", "(?<host>", "(?<clock>"].iter().any(|group| line.contains(group))
}

/// Whether a line is the host and the clock of an event for ShiViz: `N1 {"N1":1}`.
fn is_clock(line: &str) -> bool {
    let line = line.trim_end();
    let Some((host, clock)) = line.split_once(' ') else { return false };
    !host.is_empty()
        && clock.starts_with("{\"")
        && clock.ends_with('}')
        && serde_json::from_str::<BTreeMap<&str, u64>>(clock).is_ok()
}

/// Whether the first line that is no comment is a key with a value, or the name of a table.
fn is_toml(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let Some(first) = first else { return false };
    let key = match first.strip_prefix('[') {
        Some(table) => {
            table.trim_start_matches('[').split(']').next().filter(|_| first.contains(']'))
        }
        None => first.split_once('=').map(|(key, _)| key),
    };
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-. \"'".contains(letter);
    key.is_some_and(|key| !key.trim().is_empty() && key.chars().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "{\"antes_trace\":1,\"source\":\"sim\",\"nodes\":2}";

    #[test]
    fn every_kind_is_recognized_by_its_content() {
        let figure = "{\"processes\":[\"P\"],\"events\":[]}";
        for (text, content) in [
            (HEADER, Content::Trace),
            ("\n\n{ \"antes_trace\": 1 }\n", Content::Trace),
            ("# mine\n\ntitle = \"x\"\n", Content::Scenario),
            ("titel.en = \"misspelt\"", Content::Scenario),
            ("[[step]]\nat = \"1s\"", Content::Scenario),
            ("[network", Content::Text),
            (figure, Content::Figure),
            ("{\"processes\": [\"P\"],\n \"events\": [{]}", Content::Figure),
            ("(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\nx\nN1 {\"N1\":1}\n", Content::Shiviz),
            ("\n\nx\nN1 {\"N1\":1}\n", Content::Shiviz),
            ("N1 {\"N1\":1}\nx\n", Content::Shiviz),
            ("{\"processes\":[\"P\"],\"expected\":{}}", Content::Stamped),
            ("{\"messages\":{},\"entries\":[]}", Content::Summary),
            ("[{\"a\":1}]", Content::Spread),
            ("{\"name\":\"x\"}", Content::Json),
            ("{\"seq\":0}\n{\"seq\":1}\n", Content::Json),
            ("{\"processes\":[", Content::Json),
            ("sequenceDiagram\n", Content::Diagram),
            ("@startuml\n", Content::Diagram),
            ("<!DOCTYPE html>", Content::Page),
            ("<SVG>", Content::Page),
            ("PK\u{3}\u{4}", Content::Packed),
            ("GIF89a", Content::Picture),
            ("a\0b", Content::Binary),
            ("", Content::Empty),
            (" \n", Content::Empty),
            ("# Heading\n\nText.", Content::Text),
            ("a,b = c", Content::Text),
        ] {
            assert_eq!(recognize(text.as_bytes()), content, "{text}");
            if !matches!(content, Content::Packed | Content::Picture) && !text.contains('\0') {
                let marked = ["\u{FEFF}", text].concat();
                assert_eq!(recognize(marked.as_bytes()), content, "with a mark: {text}");
                let units = marked.encode_utf16();
                let bytes: alloc::vec::Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
                assert_eq!(recognize(&bytes), content, "UTF-16: {text}");
            }
        }
        assert_eq!(recognize(b"\xFF\xD8\xFF\xE0"), Content::Picture);
        assert_eq!(recognize(b"a = \"\xC3\x28\""), Content::Binary);
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_recognized_without_a_panic() {
        let whole = [HEADER, "\ntitle = \"\u{e9}\"\nN1 {\"N1\":1}\n"].concat();
        for end in 0..whole.len() {
            recognize(&whole.as_bytes()[..end]);
            recognize(&whole.as_bytes()[end..]);
        }
    }
}
