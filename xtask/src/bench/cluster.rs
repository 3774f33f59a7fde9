//! Measures the lock of the real cluster beside other lock services.
//!
//! The program `antes-bench-cluster` of the package `antes-bench` does the measuring; this part provides the programs. A program
//! that can neither be found nor fetched is skipped with a message.

use anyhow::Result;

use crate::command::{cargo, run, say, target_dir};
use crate::tools;

pub fn measure() -> Result<()> {
    run(&mut cargo(&["build", "--release", "-p", "antes-node"]))?;
    let mut bench = cargo(&["run", "--quiet", "--release", "-p", "antes-bench"]);
    bench.args(["--no-default-features", "--features", "cluster"]);
    bench.args(["--bin", "antes-bench-cluster", "--"]);
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
