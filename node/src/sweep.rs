//! `antes sweep`: many seeds on all cores.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Instant;

use antes_sim::scenario::{self, Scenario};
use antes_sim::storm::{self, Failure as Broken, Faults};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::input::Input;
use crate::output::Output;
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct SweepArguments {
    /// The scenario whose cluster, profile and spans are used; `-` reads standard input.
    scenario: String,
    /// The seeds, first and last.
    #[arg(long, default_value = "1..10000", value_parser = seeds)]
    seeds: RangeInclusive<u64>,
    /// Which profile runs, instead of what the file says.
    #[arg(long)]
    profile: Option<crate::run::Profile>,
    /// What goes wrong [default: everything]
    #[arg(long, value_enum, value_delimiter = ',')]
    faults: Vec<Fault>,
    /// Where the shortest script that fails is written [default: failing-SEED.toml]
    #[arg(long)]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Fault {
    /// Messages are lost.
    Loss,
    /// Messages arrive twice.
    Duplicates,
    /// Messages overtake each other.
    Reordering,
    /// Links are cut, one way and both ways.
    Cuts,
    /// Nodes die, at any moment, and come back.
    Crashes,
    /// Nodes freeze.
    Pauses,
    /// Clocks run fast and slow, within the bound.
    Drift,
    /// Messages and writes are held back for seconds.
    Delays,
}

fn seeds(text: &str) -> Result<RangeInclusive<u64>, String> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    let number = |text: &str| text.trim().trim_start_matches('=').parse::<u64>().ok();
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Err(format!(
            "the first seed, {first}, is greater than the last one, {last}; expected {last}..{first}"
        )),
        (Some(_), Some(u64::MAX)) => {
            Err(format!("the last seed is {}; expected {} at most", u64::MAX, u64::MAX - 1))
        }
        (Some(first), Some(last)) => Ok(first..=last),
        _ => Err("expected two whole numbers, such as 1..10000".into()),
    }
}

fn chosen(faults: &[Fault]) -> Faults {
    if faults.is_empty() {
        return Faults::ALL;
    }
    let mut chosen = Faults::NONE;
    for fault in faults {
        match fault {
            Fault::Loss => chosen.loss = true,
            Fault::Duplicates => chosen.duplicates = true,
            Fault::Reordering => chosen.reordering = true,
            Fault::Cuts => chosen.cuts = true,
            Fault::Crashes => chosen.crashes = true,
            Fault::Pauses => chosen.pauses = true,
            Fault::Drift => chosen.drift = true,
            Fault::Delays => chosen.delays = true,
        }
    }
    chosen
}

/// Sweeps as `arguments` say.
pub fn sweep(arguments: &SweepArguments) -> Result<Outcome, Failure> {
    let input = Input::read(&arguments.scenario)?;
    let mut base = scenario::read(&input.text).map_err(|error| input.failure(error))?;
    if let Some(profile) = arguments.profile {
        base = base.in_profile(profile.into());
    }
    let faults = chosen(&arguments.faults);
    let started = Instant::now();
    let count = arguments.seeds.end() - arguments.seeds.start() + 1;
    let bar = progress_bar(count);
    let found = storm::first_failing(&base, arguments.seeds.clone(), faults, || bar.inc(1));
    bar.finish_and_clear();
    let Some(seed) = found else {
        let seconds = started.elapsed().as_secs_f64();
        let rate = count as f64 / seconds.max(1e-9);
        let line = format!("{count} seeds, none fails; {seconds:.1} s, {rate:.0} seeds a second");
        Output::only_line(&line)?;
        return Ok(Outcome::Fine);
    };
    let storm = storm::storm(&base, seed, faults);
    let Err(broken) = storm::judge(&storm) else { unreachable!("the same seed has the same run") };
    let shortest = storm::minimised(storm, &broken);
    // The shorter script may break the same invariant at another moment.
    let broken = storm::judge(&shortest).err().unwrap_or(broken);
    let path = arguments.out.clone().unwrap_or_else(|| format!("failing-{seed}.toml").into());
    std::fs::write(&path, scenario::write(&shortest)).map_err(|error| {
        Failure::BadInput(format!("{}: cannot be written: {error}", path.display()))
    })?;
    tell(seed, &broken, &shortest, &path)?;
    Ok(Outcome::Violated)
}

fn tell(seed: u64, broken: &Broken, shortest: &Scenario, path: &Path) -> Result<(), Failure> {
    let mut out = Output::new();
    let at = broken.at_us as f64 / 1e6;
    out.line(&format!("seed {seed} fails: {} at {at:.3} s: {}", broken.name, broken.sentence))?;
    let steps = shortest.steps.len();
    out.line(&format!("the shortest script that fails like that has {steps} steps"))?;
    out.line(&format!("to see it: antes run {}", path.display()))?;
    out.finish()
}

fn progress_bar(seeds: u64) -> ProgressBar {
    let bar = ProgressBar::new(seeds);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} seeds, {eta} left") {
        bar.set_style(style);
    }
    bar
}
