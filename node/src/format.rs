//! The output formats of `antes run` and `antes merge`.

use antes_sim::export::{Header, Tool, is_routine, jsonl, text};
use antes_sim::scenario::{self, Scenario};
use antes_sim::summary::Summary;
use antes_sim::trace::TraceEvent;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::Failure;
use crate::output::Output;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    /// JSON Lines, which the page opens.
    Jsonl,
    Summary,
    /// The format of another tool.
    Tool(Tool),
    Scenario,
    /// A picture of a moment.
    Svg,
    /// The same, as pixels.
    Png,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        const OWN: [Format; 3] = [Format::Text, Format::Jsonl, Format::Summary];
        const LAST: [Format; 3] = [Format::Scenario, Format::Svg, Format::Png];
        const ALL: [Format; OWN.len() + Tool::ALL.len() + LAST.len()] = {
            let mut all = [Format::Text; OWN.len() + Tool::ALL.len() + LAST.len()];
            let mut place = 0;
            while place < all.len() {
                all[place] = if place < OWN.len() {
                    OWN[place]
                } else if place < OWN.len() + Tool::ALL.len() {
                    Format::Tool(Tool::ALL[place - OWN.len()])
                } else {
                    LAST[place - OWN.len() - Tool::ALL.len()]
                };
                place += 1;
            }
            all
        };
        &ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, about) = match self {
            Self::Text => ("text", "One line an event in plain words, then a summary"),
            Self::Jsonl => {
                ("jsonl", "JSON Lines, which the page opens: a header, then one event a line")
            }
            Self::Summary => ("summary", "The summary alone, as one JSON object"),
            Self::Tool(tool) => (tool.name(), tool.about()),
            Self::Scenario => (
                "scenario",
                "The scenario file that makes the run, with what the options have changed",
            ),
            Self::Svg => ("svg", "A picture of a moment: see its options"),
            Self::Png => ("png", "The same, as pixels"),
        };
        Some(PossibleValue::new(name).help(about))
    }
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
            Format::Tool(tool) => out.print(&tool.write(header, trace))?,
            Format::Scenario => {
                out.print(&self.scenario.map(scenario::write).unwrap_or_default())?
            }
            Format::Svg | Format::Png => {}
        }
        out.finish()
    }
}
