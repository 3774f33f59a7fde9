//! Runs fault storms as `antes sweep` does.

use antes_sim::scenario;
use antes_sim::storm::{Faults, first_failing, judge, minimised, storm};
use anyhow::{Context, Result, anyhow};

/// Prints the first storm that fails, and writes its shortest script.
pub fn hunt(mut arguments: impl Iterator<Item = String>) -> Result<()> {
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
        // The written file must fail too, so it is read back and run.
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
