//! `antes sweep`: storms for many seeds, on all cores and on many machines.

mod report;
mod shard;

use std::num::NonZeroU64;
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
use report::{Collection, Failing, Report, Settings};
use shard::Shard;

#[derive(Args)]
pub struct SweepArguments {
    /// The scenario with the cluster, profile and timeouts; `-` reads standard input
    #[arg(required_unless_present = "collect")]
    scenario: Option<String>,
    /// The first and the last seed
    #[arg(long, default_value = "1..10000", value_parser = seeds)]
    seeds: RangeInclusive<u64>,
    /// The profile, instead of the file's
    #[arg(long)]
    profile: Option<crate::run::Profile>,
    /// The kinds of faults [default: all]
    #[arg(long, value_enum, value_delimiter = ',')]
    faults: Vec<Fault>,
    /// The file for the shortened failing script [default: failing-SEED.toml]
    #[arg(long)]
    out: Option<PathBuf>,
    /// Sweep one of several equal parts of the seeds: its number, from 0, and how many there are,
    /// such as 0/8. The result is printed as one line of JSON, and the exit status is 0 even if a
    /// seed fails
    #[arg(long, value_name = "I/N", conflicts_with = "shards")]
    shard: Option<Shard>,
    /// The number of parts, if the environment says which part this is, from 0:
    /// JOB_COMPLETION_INDEX of a Kubernetes indexed job, SLURM_ARRAY_TASK_ID of a Slurm array, or
    /// SWARM_TASK_SLOT
    #[arg(long, value_name = "N")]
    shards: Option<NonZeroU64>,
    /// Join what the shards of a sweep have printed; `-` reads standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = [
        "scenario", "seeds", "profile", "faults", "out", "shard", "shards",
    ])]
    collect: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fault {
    /// Messages are lost
    Loss,
    /// Messages are duplicated
    Duplicates,
    /// Messages overtake each other
    Reordering,
    /// Links are cut, in one or both directions
    Cuts,
    /// Nodes crash at any moment and restart
    Crashes,
    /// Nodes are paused
    Pauses,
    /// Clocks run fast and slow, within the bound
    Drift,
    /// Messages and writes are delayed for seconds
    Delays,
    /// A restarted node finds its stable storage empty (hardened profile)
    Disks,
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
            Fault::Disks => chosen.disks = true,
        }
    }
    chosen
}

/// The names of the faults, in a fixed order.
fn names(faults: &[Fault]) -> Vec<String> {
    let all = Fault::value_variants().iter();
    let wanted = all.filter(|fault| faults.is_empty() || faults.contains(fault));
    wanted.filter_map(|fault| Some(fault.to_possible_value()?.get_name().to_owned())).collect()
}

/// Sweeps the seeds in `arguments`, or collects the results of shards.
pub fn sweep(arguments: &SweepArguments) -> Result<Outcome, Failure> {
    let Some(scenario) = &arguments.scenario else { return collect(&arguments.collect) };
    let input = Input::read(scenario)?;
    let mut base = scenario::read(&input.text).map_err(|error| input.failure(error))?;
    if let Some(profile) = arguments.profile {
        base = profile.of(base, &input.name)?;
    }
    match (arguments.shard, arguments.shards) {
        (Some(shard), _) => sweep_shard(arguments, &base, shard),
        (None, Some(shards)) => {
            let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
            let shard = shard::of_environment(shards, variable).map_err(Failure::BadInput)?;
            sweep_shard(arguments, &base, shard)
        }
        (None, None) => sweep_all(arguments, &base),
    }
}

fn sweep_all(arguments: &SweepArguments, base: &Scenario) -> Result<Outcome, Failure> {
    let faults = chosen(&arguments.faults);
    let started = Instant::now();
    let count = arguments.seeds.end() - arguments.seeds.start() + 1;
    let bar = progress_bar(count);
    let found = storm::first_failing(base, arguments.seeds.clone(), faults, || bar.inc(1));
    bar.finish_and_clear();
    let Some(seed) = found else {
        let seconds = started.elapsed().as_secs_f64();
        let rate = count as f64 / seconds.max(1e-9);
        let line = format!("{count} seeds, none fails; {seconds:.1} s, {rate:.0} seeds a second");
        Output::only_line(&line)?;
        return Ok(Outcome::Fine);
    };
    let (storm, broken) = failing(base, seed, faults);
    let shortest = storm::minimised(storm, &broken);
    // The shortened script may violate the same invariant at another moment.
    let broken = storm::judge(&shortest).err().unwrap_or(broken);
    let path = arguments.out.clone().unwrap_or_else(|| format!("failing-{seed}.toml").into());
    write(&path, &shortest)?;
    tell(seed, &broken, &shortest, &path)?;
    Ok(Outcome::Violated)
}

/// The storm of a failing seed, and its failure.
fn failing(base: &Scenario, seed: u64, faults: Faults) -> (Scenario, Broken) {
    let storm = storm::storm(base, seed, faults);
    let Err(broken) = storm::judge(&storm) else { unreachable!("the same seed has the same run") };
    (storm, broken)
}

/// Sweeps the seeds of one shard and prints the result. This succeeds even if a seed fails: an
/// engine would restart a shard that ends with another status.
fn sweep_shard(
    arguments: &SweepArguments,
    base: &Scenario,
    shard: Shard,
) -> Result<Outcome, Failure> {
    let faults = chosen(&arguments.faults);
    let seeds = shard.seeds(&arguments.seeds);
    let started = Instant::now();
    // Empty if there are more shards than seeds.
    let found = match seeds.end.checked_sub(1).filter(|last| *last >= seeds.start) {
        Some(last) => storm::first_failing(base, seeds.start..=last, faults, || {}),
        None => None,
    };
    let seconds = started.elapsed().as_secs_f64();
    let failing = match found {
        None => None,
        Some(seed) => {
            let (storm, broken) = failing(base, seed, faults);
            if let Some(path) = &arguments.out {
                write(path, &storm::minimised(storm, &broken))?;
            }
            Some(Failing::new(seed, &broken))
        }
    };
    let (title, text) = (&base.title.en, scenario::write(base));
    let settings =
        Settings::new(title, &text, names(&arguments.faults), &arguments.seeds, shard.of);
    Output::only_line(&Report::new(settings, shard, failing, seconds).to_json())?;
    Ok(Outcome::Fine)
}

/// Collects the reports of shards, which are lines of these files.
fn collect(files: &[String]) -> Result<Outcome, Failure> {
    let mut collection = Collection::default();
    for name in files {
        let input = Input::read(name)?;
        for (at, line) in input.text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let place = format!("{}:{}", input.name, at + 1);
            let report = Report::read(line)
                .map_err(|error| Failure::BadInput(format!("{place}: {error}")))?;
            collection.add(place, report).map_err(Failure::BadInput)?;
        }
    }
    let mut out = Output::new();
    out.print(&collection.to_string())?;
    out.finish()?;
    match (collection.failing(), collection.is_complete()) {
        (Some(_), _) => Ok(Outcome::Violated),
        (None, true) => Ok(Outcome::Fine),
        (None, false) => {
            Err(Failure::BadInput("not all shards have reported; expected a line of each".into()))
        }
    }
}

fn write(path: &Path, scenario: &Scenario) -> Result<(), Failure> {
    std::fs::write(path, scenario::write(scenario)).map_err(|error| {
        Failure::BadInput(format!("{}: cannot be written: {error}", path.display()))
    })
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
