//! The lock of the native cluster, beside others that guard a lock over a network.
//!
//! The package `antes-bench-cluster` starts, measures and ends everything; here it is only given
//! the programs. What cannot be found or fetched is left out, and said.

use anyhow::Result;

use crate::command::{cargo, run, say, target_dir};
use crate::tools;

/// Measures and prints.
pub fn measure() -> Result<()> {
    run(&mut cargo(&["build", "--release", "-p", "antes-node"]))?;
    let mut bench = cargo(&["run", "--quiet", "--release", "-p", "antes-bench-cluster", "--"]);
    bench.arg("--antes").arg(target_dir().join("release/antes"));
    let rivals =
        [("--redis", tools::redis()), ("--etcd", tools::etcd()), ("--python", tools::python())];
    for (option, program) in rivals {
        match program {
            Ok(program) => _ = bench.arg(option).arg(program),
            Err(error) => say(&format!("left out: {error:#}")),
        }
    }
    run(&mut bench)
}
