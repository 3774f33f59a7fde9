//! Measures how many storms per second are judged on all cores.

use anyhow::{Context, Result};

use crate::command::{cargo, run_and_keep};
use crate::storms::{SEEDS, bases};

pub fn measure() -> Result<()> {
    let seeds = format!("1..{SEEDS}");
    let mut table = String::from("\n| cluster | storms | seeds a second |\n| --- | --- | --- |\n");
    for base in bases()? {
        let told = run_and_keep(
            cargo(&["run", "--quiet", "--release", "-p", "antes-node", "--", "sweep"])
                .arg(&base)
                .args(["--seeds", &seeds]),
        )?;
        let rate = told.rsplit(", ").next().and_then(|end| end.split(' ').next());
        let rate = rate.context("the sweep did not tell its speed")?;
        let nodes = base.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        table += &format!("| {nodes} nodes | {SEEDS} | {rate} |\n");
    }
    print!("{table}");
    Ok(())
}
