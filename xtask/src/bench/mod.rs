//! `cargo xtask bench`: what is measured, in parts that can be chosen by name.
//!
//! A part prints Markdown tables on stdout and fetches by itself what it needs; docs/benchmarks.md
//! has a section on each, which says what the figures mean. To add one: a variant here, a file
//! beside this one, and the section.

mod check;
mod cluster;
mod page;
mod sim;
mod size;
mod sweep;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::command::{say, target_dir};
use crate::lock::Lock;

/// What may be asked of `bench`.
#[derive(Args)]
pub struct Options {
    /// The parts to measure, in this order [default: all]
    #[arg(value_name = "PART")]
    parts: Vec<Part>,
    /// Leave out what is measured in the browser
    #[arg(long)]
    native: bool,
}

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The simulator beside a bare loop and turmoil, natively and in WebAssembly
    Sim,
    /// The storms that are judged in a second
    Sweep,
    /// The states that are visited in a second, beside a bare model
    Check,
    /// The size of the page's files
    Size,
    /// The page in headless Chromium: first visit, frames, steps back
    Page,
    /// The native cluster's lock beside Redis, etcd and others
    Cluster,
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Part::Sim => "The simulator",
            Part::Sweep => "The sweep",
            Part::Check => "The model checker",
            Part::Size => "The page's files",
            Part::Page => "The page in Chromium",
            Part::Cluster => "The native cluster",
        }
    }

    fn measure(self, options: &Options) -> Result<()> {
        match self {
            Part::Sim => sim::measure(options.native),
            Part::Sweep => sweep::measure(),
            Part::Check => check::measure(),
            Part::Size => size::measure(),
            Part::Page => page::measure(),
            Part::Cluster => cluster::measure(),
        }
    }
}

/// Measures the chosen parts and prints what came of it; the first failure ends it.
pub fn run(options: &Options) -> Result<()> {
    let chosen = match options.parts.as_slice() {
        [] => Part::value_variants(),
        parts => parts,
    };
    // Measurements would disturb each other, and write to the same folders.
    let _lock = Lock::of(&target_dir().join("bench"))?;
    for part in chosen {
        say(&format!("benchmark: {}", part.title()));
        println!("\n## {}", part.title());
        part.measure(options)?;
    }
    Ok(())
}
