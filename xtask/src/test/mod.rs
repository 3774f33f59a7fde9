//! `cargo xtask test`: every test there is, in parts that can be chosen by name.

mod parts;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::command::{say, spoken};

/// What may be asked of `test`.
#[derive(Args)]
pub struct Options {
    /// The parts to run, in this order [default: all]
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
}

/// A part of the tests. All of them run, also after one has failed.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The formatting of all Rust sources
    Fmt,
    /// Clippy's warnings, as errors: natively and for WebAssembly
    Clippy,
    /// All that runs without a browser, doc tests included
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
    /// The page as published: its size, and that it starts in headless Chromium
    Dist,
}

/// How a part went.
struct Outcome {
    part: Part,
    took: Duration,
    error: Option<anyhow::Error>,
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self) -> Result<()> {
        match self {
            Part::Fmt => parts::fmt(),
            Part::Clippy => parts::clippy(),
            Part::Native => parts::native(),
            Part::Sweep => parts::sweep(),
            Part::Check => parts::check(),
            Part::Docs => parts::docs(),
            Part::NoStd => parts::no_std(),
            Part::Browser => parts::browser(),
            Part::E2e => parts::e2e(),
            Part::Dist => parts::dist(),
        }
    }
}

/// Runs the chosen parts and tells how each went; fails if any did.
pub fn run(options: &Options) -> Result<()> {
    let chosen = match options.parts.as_slice() {
        [] => Part::value_variants(),
        parts => parts,
    };
    let outcomes: Vec<_> = chosen.iter().map(|&part| outcome(part)).collect();
    print_table(&outcomes);

    let failed: Vec<_> = outcomes.iter().filter(|outcome| outcome.error.is_some()).collect();
    println!("{} passed, {} failed", outcomes.len() - failed.len(), failed.len());
    if failed.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = failed.iter().map(|outcome| outcome.part.name()).collect();
    bail!("to repeat what failed: cargo xtask test {}", names.join(" "));
}

fn outcome(part: Part) -> Outcome {
    say(&format!("test part {}", part.name()));
    let start = Instant::now();
    let error = part.run().err();
    if let Some(error) = &error {
        eprintln!("error: {}: {error:#}", part.name());
    }
    Outcome { part, took: start.elapsed(), error }
}

fn print_table(outcomes: &[Outcome]) {
    println!();
    for Outcome { part, took, error } in outcomes {
        let verdict = if error.is_some() { "FAILED" } else { "passed" };
        println!("{:<8} {verdict}  {:>12}", part.name(), spoken(*took));
        if let Some(error) = error {
            println!("         {error:#}");
        }
    }
    let total = outcomes.iter().map(|outcome| outcome.took).sum();
    println!("{:<8}         {:>12}", "all", spoken(total));
}
