//! The clusters over which storms are swept, in tests, benchmarks and for mutants alike.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::target_dir;

/// How many storms over each cluster are a sweep of the tests.
pub const SEEDS: u64 = 10_000;

/// How many nodes, and what `preempt` is set to: an even number and odd ones, the smallest that
/// survives a crash among them, and every answer to who may take over.
const CLUSTERS: [(u8, &str); 3] = [(4, "true"), (5, "false"), (3, "\"stable\"")];

/// Writes the scenarios down, and says where they are.
pub fn bases() -> Result<Vec<PathBuf>> {
    let folder = target_dir().join("storms");
    std::fs::create_dir_all(&folder).context("cannot make the folder of the storms")?;
    let write = |(nodes, preempt): (u8, &str)| {
        let path = folder.join(format!("{nodes}.toml"));
        let plain = preempt.trim_matches('"');
        let text = format!(
            "title = \"{nodes} nodes, preempt {plain}\"\n\
             algorithm = \"mutex\"\nprofile = \"hardened\"\nnodes = {nodes}\n\
             [election]\npreempt = {preempt}\n"
        );
        std::fs::write(&path, text).context("cannot write a scenario for the storms")?;
        Ok(path)
    };
    CLUSTERS.into_iter().map(write).collect()
}
