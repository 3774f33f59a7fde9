//! Searches for failures of a mutated core, for `cargo xtask mutants`, which builds it from sources with all
//! mutants and chooses one of them in its environment.
//!
//! - `antes-hunt storms SEEDS OUT BASE...` runs the first SEEDS fault storms over each scenario, and prints
//!   the first that fails: the scenario's title, the seed, the broken invariant, the instant, the number of
//!   steps of the shortest script, and the reason. It writes the script to the file OUT.
//! - `antes-hunt states MODEL KEY=NUMBER...` visits the states of a lock's model, `hardened-lock` or
//!   `distributed-lock`, with these bounds (see [`states`]). It prints the broken property and the number of
//!   steps to it.
//!
//! Fields are separated by tabs. If nothing fails, it prints nothing.

mod states;
mod storms;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().context("expected storms or states")?;
    match what.as_str() {
        "storms" => storms::hunt(arguments),
        "states" => states::hunt(arguments),
        _ => bail!("{what:?} is neither storms nor states"),
    }
}
