//! Writes a run as a Mermaid sequence diagram.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Header;
use super::sequence::{self, Arrow, Notation};
use crate::trace::TraceEvent;

pub fn write(header: &Header, trace: &[TraceEvent]) -> String {
    sequence::draw::<Mermaid>(header, trace)
}

enum Mermaid {}

impl Notation for Mermaid {
    fn open(title: &str) -> Vec<String> {
        let mut lines = alloc::vec!["sequenceDiagram".to_string()];
        if !title.is_empty() {
            lines.push(format!("  title {}", label(title)));
        }
        lines
    }

    fn participant(name: &str, shown: Option<&str>) -> String {
        match shown {
            Some(shown) => format!("  participant {name} as {shown}"),
            None => format!("  participant {name}"),
        }
    }

    fn arrow(arrow: &Arrow) -> String {
        let head = match (arrow.reply, arrow.lost) {
            (false, false) => "->>",
            (true, false) => "-->>",
            (false, true) => "-x",
            (true, true) => "--x",
        };
        format!("  {}{head}{}: {}", arrow.from, arrow.to, arrow.text)
    }

    fn note(name: &str, text: &str) -> String {
        format!("  Note over {name}: {}", label(text))
    }

    fn comment(text: &str) -> String {
        format!("  %% {text}")
    }

    fn close() -> Option<&'static str> {
        None
    }
}

/// Escapes a text for Mermaid, which ends a statement at `;` and reads `#` as the start of a
/// character code.
fn label(text: &str) -> String {
    text.replace('#', "#35;").replace(';', ",").replace(['\n', '\r'], " ")
}
