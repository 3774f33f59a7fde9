//! `cargo xtask test`: all tests, in parts that can be selected by name.

mod engines;
mod exports;
mod parts;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::command::{say, spoken, target_dir};
use crate::docker;
use crate::lock::Lock;
use crate::tools::{Engine, Keep};

/// The command line of `test`.
#[derive(Args)]
pub struct Options {
    /// The parts to run, in this order [default: all but those that run only by name]
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
    /// Only tell how many of the end-to-end tests each browser engine runs, and why it leaves out the rest
    #[arg(long)]
    engines: bool,
}

/// A part of the tests. All selected parts run, even after one has failed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The formatting of all Rust sources
    Fmt,
    /// Clippy's warnings, as errors: natively and for WebAssembly
    Clippy,
    /// The dependencies' licenses and sources
    Deny,
    /// All tests without a browser, including doc tests
    Native,
    /// Ten thousand storms over each of three hardened clusters, in a release build
    Sweep,
    /// The exhaustive checks of small clusters
    Check,
    /// The documentation, warnings as errors
    Docs,
    /// core and sim, built for a target without std
    NoStd,
    /// The unit tests of web and sim, in headless Chromium
    Browser,
    /// The page as built in development, driven in headless Chromium
    E2e,
    /// The page in Firefox and in WebKit: that it starts and plays
    Engines,
    /// Only by name: the tests of e2e in headless Firefox
    Firefox,
    /// Only by name: the tests of e2e in WebKit
    Webkit,
    /// Only by name: exports for other tools, opened by Mermaid and PlantUML
    Exports,
    /// Only by name: films of the page, read by ffprobe
    Films,
    /// The page as published: its size, and that it starts in headless Chromium
    Dist,
    /// The cluster in containers, with a real engine and both generations of Compose
    Docker,
}

/// The result of a part.
struct Outcome {
    part: Part,
    took: Duration,
    verdict: Verdict,
}

enum Verdict {
    Passed,
    Failed(anyhow::Error),
    /// The part could not run. In CI this is a failure.
    NotRun(String),
}

impl Part {
    /// The parts that run if none is named.
    fn usual() -> Vec<Part> {
        let by_name = [Part::Firefox, Part::Webkit, Part::Exports, Part::Films];
        Part::value_variants().iter().copied().filter(|part| !by_name.contains(part)).collect()
    }

    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Runs the part. `asked`: it was named, or all parts were.
    fn run(self, asked: bool) -> Verdict {
        let outcome = match self {
            Part::Fmt => parts::fmt(),
            Part::Clippy => parts::clippy(),
            Part::Deny => parts::deny(),
            Part::Native => parts::native(),
            Part::Sweep => parts::sweep(),
            Part::Check => parts::check(),
            Part::Docs => parts::docs(),
            Part::NoStd => parts::no_std(),
            Part::Browser => parts::browser(),
            Part::E2e => parts::e2e(),
            Part::Engines => match engines::found() {
                Ok(engines) => engines::smoke(&engines),
                Err(error) if asked || in_ci() => Err(error),
                Err(error) => return Verdict::NotRun(format!("{error:#}")),
            },
            Part::Firefox => engines::firefox(),
            Part::Webkit => engines::webkit(),
            Part::Exports => exports::exports(),
            Part::Films => parts::films(),
            Part::Dist => parts::dist(),
            Part::Docker => match Engine::get(Keep::No) {
                Ok(engine) => docker::test::run_in(&engine),
                Err(error) if asked || in_ci() => Err(error),
                Err(error) => return Verdict::NotRun(format!("{error:#}")),
            },
        };
        outcome.map_or_else(Verdict::Failed, |()| Verdict::Passed)
    }
}

/// Whether this is the CI run, in which no part may be skipped.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// Runs the selected parts and prints their results. Fails if any failed.
pub fn run(options: &Options) -> Result<()> {
    if options.engines {
        print!("{}", engines::table()?);
        return Ok(());
    }
    let asked = !options.parts.is_empty();
    let chosen = if asked { options.parts.clone() } else { Part::usual() };
    let outcomes: Vec<_> = chosen.into_iter().map(|part| outcome(part, asked)).collect();
    print_table(&outcomes);

    let failed = outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Failed(_)));
    let names: Vec<_> = failed.map(|outcome| outcome.part.name()).collect();
    let not_run = outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::NotRun(_)));
    let (failed, not_run) = (names.len(), not_run.count());
    let passed = outcomes.len() - failed - not_run;
    println!("{passed} passed, {failed} failed, {not_run} not run");
    if names.is_empty() {
        return Ok(());
    }
    bail!("to repeat what failed: cargo xtask test {}", names.join(" "));
}

fn outcome(part: Part, asked: bool) -> Outcome {
    say(&format!("test part {}", part.name()));
    // Each part has files of its own below target/, so it runs only once at a time.
    let lock = Lock::of(&target_dir().join(format!("test-{}", part.name())));
    let start = Instant::now();
    let verdict = lock.map_or_else(Verdict::Failed, |_lock| part.run(asked));
    if let Verdict::Failed(error) = &verdict {
        eprintln!("error: {}: {error:#}", part.name());
    }
    Outcome { part, took: start.elapsed(), verdict }
}

fn print_table(outcomes: &[Outcome]) {
    println!();
    for Outcome { part, took, verdict } in outcomes {
        let (word, more) = match verdict {
            Verdict::Passed => ("passed", None),
            Verdict::Failed(error) => ("FAILED", Some(format!("{error:#}"))),
            Verdict::NotRun(reason) => ("NOT RUN", Some(reason.clone())),
        };
        println!("{:<8} {word:<7} {:>12}", part.name(), spoken(*took));
        if let Some(more) = more {
            println!("         {more}");
        }
    }
    let total = outcomes.iter().map(|outcome| outcome.took).sum();
    println!("{:<8}         {:>12}", "all", spoken(total));
}
