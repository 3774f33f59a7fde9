//! `antes check`: explores the states of a model.

use std::path::{Path, PathBuf};
use std::time::Duration;

use antes_check::catalogue::{self, Bound, Entry, MODELS};
use antes_check::explore::{Counterexample, Order, Outcome as Found, Progress, Report, Search};
use antes_sim::scenario;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct CheckArguments {
    /// The model; without one, all are listed
    model: Option<String>,
    /// The number of nodes
    #[arg(long)]
    nodes: Option<u8>,
    /// The highest value of a clock
    #[arg(long)]
    max_clock: Option<u8>,
    /// How many crashes may happen, on all nodes together
    #[arg(long)]
    crashes: Option<u8>,
    /// How many restarts may happen
    #[arg(long)]
    restarts: Option<u8>,
    /// How many messages may be lost
    #[arg(long)]
    losses: Option<u8>,
    /// How many messages may be duplicated
    #[arg(long)]
    duplicates: Option<u8>,
    /// How many timers may fire
    #[arg(long)]
    timeouts: Option<u8>,
    /// How many elections a user may start
    #[arg(long)]
    elections: Option<u8>,
    /// How many requests a user may make; in hardened-lock: how many nodes may request
    #[arg(long)]
    requests: Option<u8>,
    /// How many attempts a request may have
    #[arg(long)]
    repetitions: Option<u8>,
    /// How many requests may be withdrawn; in hardened-lock: 1 if nodes may withdraw and request
    /// again
    #[arg(long)]
    withdrawals: Option<u8>,
    /// How many terms may follow the first
    #[arg(long)]
    new_terms: Option<u8>,
    /// Breadth first: counterexamples are as short as possible (the default)
    #[arg(long, conflicts_with = "dfs")]
    bfs: bool,
    /// Depth first: fewer states wait in memory
    #[arg(long)]
    dfs: bool,
    /// Stop after about this many states, counted with repeats
    #[arg(long)]
    max_states: Option<usize>,
    /// The number of threads [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
    /// The file for a counterexample, written as a scenario
    #[arg(long)]
    out: Option<PathBuf>,
}

impl CheckArguments {
    fn chosen(&self) -> Vec<(Bound, u8)> {
        let bounds = [
            (Bound::Nodes, self.nodes),
            (Bound::MaxClock, self.max_clock),
            (Bound::Crashes, self.crashes),
            (Bound::Restarts, self.restarts),
            (Bound::Losses, self.losses),
            (Bound::Duplicates, self.duplicates),
            (Bound::Timeouts, self.timeouts),
            (Bound::Elections, self.elections),
            (Bound::Requests, self.requests),
            (Bound::NewTerms, self.new_terms),
            (Bound::Repetitions, self.repetitions),
            (Bound::Withdrawals, self.withdrawals),
        ];
        bounds.into_iter().filter_map(|(bound, value)| Some((bound, value?))).collect()
    }

    /// Whether the command line has no option that belongs to a search.
    fn is_empty(&self) -> bool {
        let limits = self.max_states.is_none() && self.threads.is_none() && self.out.is_none();
        self.chosen().is_empty() && !self.bfs && !self.dfs && limits
    }

    fn search(&self) -> Result<Search, Failure> {
        let bad = |sentence: String| Err(Failure::BadInput(sentence));
        if let Some(threads) = self.threads.filter(|threads| !(1..=MOST_THREADS).contains(threads))
        {
            return bad(format!("--threads is {threads}: expected 1 to {MOST_THREADS}"));
        }
        if self.max_states == Some(0) {
            return bad("--max-states is 0: expected 1 or more".to_owned());
        }
        if let Some(path) = &self.out {
            // Checked before the search, which may take long.
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.is_dir()) || path.is_dir() {
                let path = path.display();
                return bad(format!("--out {path}: expected a file in a folder that exists"));
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Search {
            order: if self.dfs { Order::Depth } else { Order::Breadth },
            threads: self.threads.unwrap_or(cores),
            max_states: self.max_states,
        })
    }
}

/// More threads than the cores of any machine.
const MOST_THREADS: usize = 1024;

/// Checks the model in `arguments`, or lists all models.
pub fn check(arguments: &CheckArguments) -> Result<Outcome, Failure> {
    let names = || MODELS.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ");
    let Some(name) = &arguments.model else {
        if arguments.is_empty() {
            return list();
        }
        return Err(Failure::BadInput(format!("no model is named; expected {}", names())));
    };
    let Some(entry) = catalogue::find(name) else {
        let sentence = format!("there is no model {name:?}; expected {}", names());
        return Err(Failure::BadInput(sentence));
    };
    let bad = |error: catalogue::BadSetting| Failure::BadInput(error.to_string());
    let settings = entry.settings(&arguments.chosen()).map_err(bad)?;
    let search = arguments.search()?;
    let bar = progress_bar(search.max_states);
    let mut watch = |progress: Progress| {
        bar.set_position(progress.states as u64);
        bar.set_message(format!("{} unique, depth {}", count(progress.unique), progress.depth));
    };
    let report = entry.check(&settings, search, &mut watch);
    bar.finish_and_clear();
    print(entry, &settings, &report)?;
    match (report.counterexample(), &arguments.out) {
        (Some((property, found)), Some(path)) => write(entry, &settings, property, found, path)?,
        (None, Some(path)) => {
            let mut out = Output::new();
            out.line(&format!("no property is violated: {} is not written", path.display()))?;
            out.finish()?;
        }
        (_, None) => {}
    }
    Ok(if report.fails() { Outcome::Violated } else { Outcome::Fine })
}

fn list() -> Result<Outcome, Failure> {
    let mut out = Output::new();
    for entry in MODELS {
        out.line(&format!("{:<26} {}", entry.name, entry.says))?;
        let bounds: Vec<_> = entry
            .bounds
            .iter()
            .map(|(bound, value)| format!("--{} {value}", bound.name()))
            .collect();
        out.line(&format!("{:<26}   {}", "", bounds.join(" ")))?;
    }
    out.finish()?;
    Ok(Outcome::Fine)
}

fn progress_bar(max_states: Option<usize>) -> ProgressBar {
    let (bar, template) = match max_states {
        Some(max) => {
            (ProgressBar::new(max as u64), "{bar:40} {human_pos} of {human_len} states, {msg}")
        }
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} states, {msg}, {elapsed}"),
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

fn print(entry: &Entry, settings: &catalogue::Settings, report: &Report) -> Result<(), Failure> {
    let mut out = Output::new();
    let bounds: Vec<_> =
        settings.all().map(|(bound, value)| format!("{} {value}", bound.name())).collect();
    out.line(&format!("{}: {}", entry.name, bounds.join(", ")))?;
    let reached = report.reached;
    out.line(&format!("states      {}", count(reached.states)))?;
    out.line(&format!("unique      {}", count(reached.unique)))?;
    out.line(&format!("depth       {}", reached.depth))?;
    let seconds = report.took.as_secs_f64();
    let rate = reached.unique as f64 / seconds.max(1e-9);
    out.line(&format!("time        {seconds:.1} s, {rate:.0} unique states a second"))?;
    let all = if report.exhausted { "all states" } else { "not all states" };
    out.line(&format!("explored    {all}"))?;
    for verdict in &report.verdicts {
        let outcome = match &verdict.outcome {
            Found::Holds => "holds".to_owned(),
            Found::NotBroken => "not violated so far".to_owned(),
            Found::Seen => "happens".to_owned(),
            Found::Missed => "NEVER HAPPENS".to_owned(),
            Found::NotSeen => "not reached so far".to_owned(),
            Found::Broken(found) => format!("BROKEN, after {} steps", found.lines.len()),
        };
        out.line(&format!("  {:<56} {outcome}", verdict.property))?;
    }
    if let Some((_, found)) = report.counterexample() {
        print_lines(&mut out, &found.lines)?;
    }
    out.finish()
}

fn print_lines(out: &mut Output, lines: &[String]) -> Result<(), Failure> {
    for (place, line) in lines.iter().enumerate() {
        out.line(&format!("{:>4}  {line}", place + 1))?;
    }
    Ok(())
}

/// Writes the counterexample as a scenario. If it has none, writes the next one that has.
fn write(
    entry: &Entry,
    settings: &catalogue::Settings,
    property: &str,
    counterexample: &Counterexample,
    path: &Path,
) -> Result<(), Failure> {
    let mut out = Output::new();
    let found = match &counterexample.scenario {
        Ok(found) => found.clone(),
        Err(_) => {
            let found = entry.scenario(settings, property).map_err(|error| {
                Failure::BadInput(format!(
                    "this cannot be written as a scenario: {error}; nothing is written"
                ))
            })?;
            let ways = count(found.passed_over);
            out.line(&format!(
                "{ways} other ways to do it cannot be written as a scenario; this one can:"
            ))?;
            print_lines(&mut out, &found.lines)?;
            found
        }
    };
    std::fs::write(path, scenario::write(&found.scenario)).map_err(|error| {
        Failure::BadInput(format!("{}: cannot be written: {error}", path.display()))
    })?;
    let at = scenario::duration::display(Duration::from_micros(found.at_us));
    if let Some(address) = entry.seen_at {
        out.line(&format!("the page shows a similar run at the address {address}"))?;
    }
    out.line(&format!("to see this one, at {at}: antes run {}", path.display()))?;
    out.finish()
}

/// A number with a comma between thousands.
fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
