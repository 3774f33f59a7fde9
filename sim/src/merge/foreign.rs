//! Says what a file is that is no trace, and what is expected.

use crate::content::Content;

const PACKED: &str = "the file is compressed; expected the trace that is in it: unpack it";
const SHIVIZ: &str = "this is a log for ShiViz, which leaves out most of a trace; expected the trace: --format jsonl writes it";
const DIAGRAM: &str = "this is a diagram of a run; expected the trace: --format jsonl writes it";
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

/// A sentence about a file that is no trace. `None` for a trace, an empty file, and JSON that may be lines of a
/// trace: the reader of lines says what is wrong with them.
pub(super) const fn sentence(content: Content) -> Option<&'static str> {
    Some(match content {
        Content::Trace | Content::Empty | Content::Json => return None,
        Content::Scenario => SCENARIO,
        Content::Figure => FIGURE,
        Content::Shiviz => SHIVIZ,
        Content::Stamped => STAMPED,
        Content::Summary => SUMMARY,
        Content::Spread => SPREAD,
        Content::Diagram => DIAGRAM,
        Content::PlainText => PLAIN_TEXT,
        Content::Page | Content::Picture => PAGE_OR_PICTURE,
        Content::Packed => PACKED,
        Content::Binary | Content::Text => NO_TRACE,
    })
}
