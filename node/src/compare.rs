//! `antes compare`: two runs side by side.

use antes_sim::compare::{Comparison, Variant};
use antes_sim::export::{Header, read_jsonl};
use antes_sim::run::{MAX_LINES, Run};
use antes_sim::scenario::{self, Scenario};
use antes_sim::trace::TraceEvent;
use clap::{Args, ValueEnum};

use crate::input::Input;
use crate::output::Output;
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct CompareArguments {
    /// A scenario, or a whole trace; `-` reads standard input
    #[arg(value_name = "A")]
    one: String,
    /// Another one, or a variant of A: `classic`, `hardened`, `parallel`, `sequential`, or
    /// `without:2` for the same script without its second act
    #[arg(value_name = "B")]
    other: String,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A table, and where the runs diverge
    Text,
    /// One JSON object
    Json,
}

/// A run that has been played to its end, or read from a trace.
struct Played {
    header: Header,
    trace: Vec<TraceEvent>,
}

/// Compares the runs in `arguments`. A violated invariant is part of the comparison, not a failure.
pub fn compare(arguments: &CompareArguments) -> Result<Outcome, Failure> {
    let CompareArguments { one, other, format } = arguments;
    let sides = match other.parse::<Variant>() {
        Ok(variant) => variants(one, variant, other)?,
        Err(expected) => {
            if other.starts_with("without:") {
                return Err(Failure::BadInput(format!("{other}: {expected}")));
            }
            [play_file(one)?, play_file(other)?]
        }
    };
    let comparison = Comparison::new(sides.each_ref().map(|side| (&side.header, &side.trace[..])));
    let mut out = Output::new();
    match format {
        Format::Text => out.print(&comparison.to_string())?,
        Format::Json => out.line(&comparison.to_json())?,
    }
    out.finish()?;
    Ok(Outcome::Fine)
}

/// A scenario and a variant of it.
fn variants(name: &str, variant: Variant, spelled: &str) -> Result<[Played; 2], Failure> {
    let input = Input::read(name)?;
    if is_trace(&input) {
        let sentence = format!(
            "{name}: a trace cannot be run {spelled}; expected a scenario, or another trace"
        );
        return Err(Failure::BadInput(sentence));
    }
    let scenario = scenario::read(&input.text).map_err(|error| input.failure(error))?;
    let Some(other) = variant.of(&scenario) else {
        let refusal = match variant {
            Variant::Profile(profile) => scenario.refuses(profile),
            Variant::Form(_) | Variant::Without(_) => None,
        };
        return Err(Failure::BadInput(match refusal {
            Some(refusal) => format!("{}: {refusal}", input.name),
            None => format!(
                "{}: the script has no such act: {spelled}; expected the number of an act, from 1",
                input.name
            ),
        }));
    };
    Ok([play(&input, scenario)?, play(&input, other)?])
}

fn play_file(name: &str) -> Result<Played, Failure> {
    let input = Input::read(name)?;
    if is_trace(&input) {
        let (header, trace) = read_jsonl(&input.text).map_err(|error| input.failure(error))?;
        return Ok(Played { header, trace });
    }
    let scenario = scenario::read(&input.text).map_err(|error| input.failure(error))?;
    play(&input, scenario)
}

/// A trace begins with a brace, a scenario never does.
fn is_trace(input: &Input) -> bool {
    input.text.trim_start().starts_with('{')
}

fn play(input: &Input, scenario: Scenario) -> Result<Played, Failure> {
    let header = Header::of(&scenario);
    let mut run = Run::new(scenario);
    run.finish();
    if run.is_full() {
        let sentence = format!(
            "{}: the run has more than {MAX_LINES} events; expected a shorter duration",
            input.name
        );
        return Err(Failure::BadInput(sentence));
    }
    Ok(Played { header, trace: run.trace().to_vec() })
}
