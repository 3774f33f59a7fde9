//! Looks for a storm that breaks a core: `hunt SEEDS OUT BASE...`.
//!
//! It tries the first SEEDS storms over each scenario, and prints the first that fails: the
//! scenario's title, the seed, what broke, when, how many steps its shortest script has, and why.
//! The script goes to the file OUT. Without a failure it prints nothing. It is built once for each
//! mutant of the core, so it hangs on nothing but the simulator.

use antes_sim::scenario;
use antes_sim::storm::{Faults, first_failing, judge, minimised, storm};
use anyhow::{Context, Result, anyhow};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let seeds: u64 = arguments.next().context("expected how many seeds are tried")?.parse()?;
    let out = arguments.next().context("expected where the script is written")?;
    for path in arguments {
        let text = std::fs::read_to_string(&path).with_context(|| path.clone())?;
        let base = scenario::read(&text).map_err(|error| anyhow!("{path}: {error}"))?;
        let Some(seed) = first_failing(&base, 1..=seeds, Faults::ALL, || ()) else { continue };
        let found = storm(&base, seed, Faults::ALL);
        let Err(failure) = judge(&found) else { unreachable!("the same seed has the same run") };
        let shortest = minimised(found, &failure);
        std::fs::write(&out, scenario::write(&shortest)).with_context(|| out.clone())?;
        // What was written is what fails.
        let written = scenario::read(&std::fs::read_to_string(&out)?)
            .map_err(|error| anyhow!("{out}: {error}"))?;
        let again = judge(&written).err().with_context(|| format!("{out} does not fail"))?;
        let at_s = again.at_us as f64 / 1e6;
        let (title, steps) = (&base.title.en, shortest.steps.len());
        println!("{title}\t{seed}\t{}\t{at_s:.1} s\t{steps}\t{}", again.name, again.sentence);
        return Ok(());
    }
    Ok(())
}
