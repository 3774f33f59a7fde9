//! The output formats of `antes run` and `antes merge`.

use antes_sim::export::{Header, is_routine, jsonl, mermaid, perfetto, plantuml, shiviz, text};
use antes_sim::scenario::{self, Scenario};
use antes_sim::summary::Summary;
use antes_sim::trace::TraceEvent;
use clap::ValueEnum;

use crate::Failure;
use crate::output::Output;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One line an event in plain words, then a summary.
    Text,
    /// JSON Lines, which the page opens: a header, then one event a line.
    Jsonl,
    /// The summary alone, as one JSON object.
    Summary,
    /// A Mermaid sequence diagram.
    Mermaid,
    /// A PlantUML sequence diagram.
    Plantuml,
    /// A log for ShiViz.
    Shiviz,
    /// JSON in the trace event format, for ui.perfetto.dev and chrome://tracing.
    Perfetto,
    /// The scenario file that makes the run, with what the options have changed.
    Scenario,
    /// A picture of a moment: see its options.
    Svg,
    /// The same, as pixels.
    Png,
}

impl Format {
    /// Whether it shows one moment instead of the whole run.
    pub const fn is_picture(self) -> bool {
        self.picture().is_some()
    }

    /// The form of a picture. `None` if the format is none.
    pub const fn picture(self) -> Option<Pixels> {
        match self {
            Self::Svg => Some(Pixels::No),
            Self::Png => Some(Pixels::Yes),
            _ => None,
        }
    }
}

/// Whether a picture is converted to pixels.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pixels {
    Yes,
    No,
}

/// A run that has ended, with what the formats need of it.
pub struct Finished<'a> {
    pub header: &'a Header,
    /// Its scenario. `None` for the run of a real cluster.
    pub scenario: Option<&'a Scenario>,
    /// Lines to print above the text format.
    pub above: String,
    pub trace: &'a [TraceEvent],
    pub summary: &'a Summary,
}

impl Finished<'_> {
    /// Prints the run to `out`, which is opened only if this format can express the run. The text leaves out
    /// the failure detector's routine messages if that was asked for.
    pub fn print(
        &self,
        format: Format,
        hide_routine: bool,
        out: impl FnOnce() -> Result<Output, Failure>,
    ) -> Result<(), Failure> {
        let Self { header, trace, summary, .. } = self;
        let size = header.size();
        if matches!(format, Format::Scenario) && self.scenario.is_none() {
            let sentence = "a trace contains no scenario; expected another --format";
            return Err(Failure::BadInput(sentence.to_owned()));
        }
        let mut out = out()?;
        match format {
            Format::Text => {
                out.print(&self.above)?;
                for event in trace.iter().filter(|event| !(hide_routine && is_routine(event))) {
                    out.line(&text::line(event, size))?;
                }
                out.print(&format!("\n{summary}"))?;
            }
            Format::Jsonl => {
                out.line(&header.to_json())?;
                for event in *trace {
                    out.line(&jsonl::line(event, size))?;
                }
            }
            Format::Summary => out.line(&summary.to_json())?,
            Format::Mermaid => out.print(&mermaid::write(header, trace))?,
            Format::Plantuml => out.print(&plantuml::write(header, trace))?,
            Format::Shiviz => out.print(&shiviz::write(trace))?,
            Format::Perfetto => out.print(&perfetto::write(header, trace))?,
            Format::Scenario => {
                out.print(&self.scenario.map(scenario::write).unwrap_or_default())?
            }
            Format::Svg | Format::Png => {}
        }
        out.finish()
    }
}
