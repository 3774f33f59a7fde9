//! Looks for what breaks a core, for `cargo xtask mutants`: it is built once for each mutant, so it
//! depends on the simulator and the model checker and on nothing else of the project.
//!
//! - `antes-hunt storms SEEDS OUT BASE...` tries the first SEEDS storms over each scenario, and prints the
//!   first that fails: the scenario's title, the seed, what broke, when, how many steps its shortest script
//!   has, and why. The script goes to the file OUT.
//! - `antes-hunt states KEY=NUMBER...` visits the states of the lock's model with these totals (see
//!   [`states`]), and prints the property that is broken, and in how many steps.
//!
//! Fields are separated by tabs. Without a find, nothing is printed.

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
