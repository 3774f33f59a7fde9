//! The tools for which a trace is exported, one row each.

use alloc::string::String;

use super::{Header, mermaid, perfetto, plantuml, shiviz};
use crate::trace::TraceEvent;

/// A tool that opens traces in a format of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Mermaid,
    Plantuml,
    Shiviz,
    Perfetto,
}

/// The facts about a tool's format.
struct Row {
    name: &'static str,
    title: &'static str,
    about: &'static str,
    end: &'static str,
    kind: &'static str,
}

impl Tool {
    pub const ALL: [Self; 4] = [Self::Mermaid, Self::Plantuml, Self::Shiviz, Self::Perfetto];

    const fn row(self) -> &'static Row {
        match self {
            Self::Mermaid => &Row {
                name: "mermaid",
                title: "Mermaid",
                about: "A Mermaid sequence diagram",
                end: ".mmd",
                kind: "text/plain",
            },
            Self::Plantuml => &Row {
                name: "plantuml",
                title: "PlantUML",
                about: "A PlantUML sequence diagram",
                end: ".puml",
                kind: "text/plain",
            },
            Self::Shiviz => &Row {
                name: "shiviz",
                title: "ShiViz",
                about: "A log for ShiViz",
                end: ".log",
                kind: "text/plain",
            },
            Self::Perfetto => &Row {
                name: "perfetto",
                title: "Perfetto",
                about: "JSON in the trace event format, for ui.perfetto.dev and chrome://tracing",
                end: ".perfetto.json",
                kind: "application/json",
            },
        }
    }

    /// The name of the format in commands and messages.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The name of the tool.
    pub const fn title(self) -> &'static str {
        self.row().title
    }

    /// A sentence about the format, without its full stop.
    pub const fn about(self) -> &'static str {
        self.row().about
    }

    /// The ending of a file's name.
    pub const fn end(self) -> &'static str {
        self.row().end
    }

    /// The type of its content.
    pub const fn kind(self) -> &'static str {
        self.row().kind
    }

    /// The trace in the format of the tool.
    pub fn write(self, header: &Header, trace: &[TraceEvent]) -> String {
        match self {
            Self::Mermaid => mermaid::write(header, trace),
            Self::Plantuml => plantuml::write(header, trace),
            Self::Shiviz => shiviz::write(trace),
            Self::Perfetto => perfetto::write(header, trace),
        }
    }
}
