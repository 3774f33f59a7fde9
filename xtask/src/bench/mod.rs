//! `cargo xtask bench`: measurements in parts that can be selected by name.
//!
//! A part prints Markdown tables on stdout and fetches what it needs. docs/benchmarks.md has a
//! section per part that explains the figures. To add a part: a variant here, a file in this
//! folder, and the section.

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

/// The command line of `bench`.
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
    /// The storms that are judged per second
    Sweep,
    /// The states that are explored per second, beside a bare model
    Check,
    /// The size of the page's files
    Size,
    /// The page in headless Chromium: first visit, frames, steps back, memory
    Page,
    /// The real cluster's lock beside Redis, etcd and others
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

/// Measures the selected parts and prints the results. Stops at the first failure.
pub fn run(options: &Options) -> Result<()> {
    let chosen = match options.parts.as_slice() {
        [] => Part::value_variants(),
        parts => parts,
    };
    // Measurements would disturb each other, and they write to the same folders.
    let _lock = Lock::of(&target_dir().join("bench"))?;
    for part in chosen {
        say(&format!("benchmark: {}", part.title()));
        println!("\n## {}", part.title());
        part.measure(options)?;
    }
    Ok(())
}
