//! Writes a run as a PlantUML sequence diagram.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::Header;
use super::sequence::{self, Arrow, Notation};
use crate::trace::TraceEvent;

pub fn write(header: &Header, trace: &[TraceEvent]) -> String {
    sequence::draw::<PlantUml>(header, trace)
}

enum PlantUml {}

impl Notation for PlantUml {
    fn open(title: &str) -> Vec<String> {
        let mut lines = alloc::vec!["@startuml".to_string()];
        if !title.is_empty() {
            lines.push(format!("title {}", label(title)));
        }
        lines
    }

    fn participant(name: &str, shown: Option<&str>) -> String {
        match shown {
            Some(shown) => format!("participant \"{shown}\" as {name}"),
            None => format!("participant {name}"),
        }
    }

    fn arrow(arrow: &Arrow) -> String {
        let head = match (arrow.reply, arrow.lost) {
            (false, false) => "->",
            (true, false) => "-->",
            (false, true) => "->x",
            (true, true) => "-->x",
        };
        format!("{} {head} {} : {}", arrow.from, arrow.to, label(&arrow.text))
    }

    fn note(name: &str, text: &str) -> String {
        format!("note over {name} : {}", label(text))
    }

    fn comment(text: &str) -> String {
        format!("' {text}")
    }

    fn close() -> Option<&'static str> {
        Some("@enduml")
    }
}

/// Escapes a text for PlantUML: letters, digits and a few marks stay; other characters become
/// character codes. A line end becomes a space.
fn label(text: &str) -> String {
    let mut label = String::new();
    for letter in text.chars() {
        match letter {
            '\n' | '\r' => label.push(' '),
            ' ' | ',' | '.' | '(' | ')' | ';' | ':' | '+' | '\'' | '→' => label.push(letter),
            letter if letter.is_alphanumeric() => label.push(letter),
            letter => write!(label, "<U+{:04X}>", u32::from(letter)).expect("a string takes all"),
        }
    }
    label
}
