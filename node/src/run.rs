//! `antes run`: runs a scenario without a page.

use std::time::Duration;

use antes_sim::export::{Header, text};
use antes_sim::run::{MAX_LINES, Run};
use antes_sim::scenario::{self, Action, Scenario, duration};
use antes_sim::summary::Summary;
use clap::{Args, ValueEnum};

use crate::format::{Finished, Format};
use crate::input::Input;
use crate::output::{Output, complain};
use crate::picture::PictureOptions;
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct RunArguments {
    /// The scenario file; `-` reads standard input
    scenario: String,
    /// The seed of all random numbers, instead of the file's
    #[arg(long)]
    seed: Option<u64>,
    /// The profile, instead of the file's
    #[arg(long)]
    profile: Option<Profile>,
    /// How long the run lasts, such as 30s, instead of the file's `until`
    #[arg(long, value_parser = duration::parse)]
    until: Option<Duration>,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Leave heartbeats and polls out of the text
    #[arg(long)]
    hide_heartbeats: bool,
    #[command(flatten)]
    picture: PictureOptions,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Profile {
    /// The algorithms as published, with their failures
    Classic,
    /// The algorithms made safe under faults
    Hardened,
}

impl From<Profile> for antes_core::Profile {
    fn from(profile: Profile) -> Self {
        match profile {
            Profile::Classic => Self::Classic,
            Profile::Hardened => Self::Hardened,
        }
    }
}

/// Runs the scenario to its end, or to its first violation, and prints it.
impl Profile {
    /// The scenario in this profile.
    ///
    /// # Errors
    ///
    /// If it cannot run in this profile: what would be right.
    pub fn of(self, scenario: Scenario, name: &str) -> Result<Scenario, Failure> {
        match scenario.refuses(self.into()) {
            Some(refusal) => Err(Failure::BadInput(format!("{name}: {refusal}"))),
            None => Ok(scenario.in_profile(self.into())),
        }
    }
}

pub fn run(arguments: &RunArguments) -> Result<Outcome, Failure> {
    arguments.picture.check(arguments.format)?;
    let input = Input::read(&arguments.scenario)?;
    let mut scenario = scenario::read(&input.text).map_err(|error| input.failure(error))?;
    if let Some(profile) = arguments.profile {
        scenario = profile.of(scenario, &input.name)?;
    }
    scenario.seed = arguments.seed.unwrap_or(scenario.seed);
    scenario.duration = arguments.until.unwrap_or(scenario.duration);
    warn(&input.name, &scenario);
    let size = scenario.config.size;
    let mut run = Run::new(scenario);
    run.finish();
    if run.is_full() {
        let sentence = format!(
            "{}: the run has more than {MAX_LINES} events after {} s; expected a shorter \
             duration, which --until can give",
            input.name,
            run.now_us() / 1_000_000
        );
        return Err(Failure::BadInput(sentence));
    }
    let summary = Summary::new(size, run.trace());
    if let Some(pixels) = arguments.format.picture() {
        let svg = arguments.picture.of_run(&mut run, &input.name)?;
        arguments.picture.look().print(&svg, pixels, Output::new())?;
    } else {
        let scenario = run.scenario();
        let finished = Finished {
            header: &Header::of(scenario),
            scenario: Some(scenario),
            above: text::header(scenario),
            trace: run.trace(),
            summary: &summary,
        };
        finished.print(arguments.format, arguments.hide_heartbeats, || Ok(Output::new()))?;
    }
    Ok(if summary.violations.is_empty() { Outcome::Fine } else { Outcome::Violated })
}

/// Warns if the scenario does something for which the hardened profile guarantees nothing.
fn warn(name: &str, scenario: &Scenario) {
    if scenario.config.profile != antes_core::Profile::Hardened {
        return;
    }
    if let Some((hold, certain)) = scenario.hold_beyond_lease(core::iter::empty()) {
        let (hold, certain) = (duration::display(hold), duration::display(certain));
        complain(&format!(
            "{name}: the lease may end before the work: a request holds the lock for {hold}, and the \
             lease guarantees only {certain}"
        ));
    }
    let mut losers = antes_core::NodeSet::default();
    for step in &scenario.steps {
        if let Action::RestartWithoutStorage(node) = step.action {
            losers.insert(node);
        }
    }
    // Other nodes that lost their memory too may be the ones that should know the new memory.
    let most = antes_core::hardened::witnesses(scenario.config.size);
    if losers.len() > most {
        complain(&format!(
            "{name}: {} nodes restart with lost storage; the hardened profile guarantees nothing if more \
             than {most} do",
            losers.len()
        ));
    }
}
