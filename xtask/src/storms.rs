//! The clusters for storms in tests, benchmarks and mutation testing.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::target_dir;

/// The number of storms over each of the three clusters in the tests.
pub const SEEDS: u64 = 10_000;

/// The number of storms over each cluster of a shape in the tests: about a thousand per shape.
pub const SEEDS_OF_SHAPES: u64 = 63;

/// The number of nodes and the value of `preempt`: an even number and odd ones, including the
/// smallest cluster that survives a crash, and all values of `preempt`.
const CLUSTERS: [(u8, &str); 3] = [(4, "true"), (5, "false"), (3, "\"stable\"")];

/// A kind of storm, which is swept over 1 to 8 nodes in both forms.
struct Shape {
    name: &'static str,
    /// Fields of the scenario's table `[election]`, one per line.
    election: &'static str,
    /// Further tables of the scenario.
    rest: &'static str,
}

/// Default timeouts here are the shortest that fit, since messages or heartbeats are slower than
/// the usual timeouts allow.
const SHAPES: [Shape; 7] = [
    // If the applications of a base act by themselves, all its storms are saturated.
    Shape { name: "saturated", election: "", rest: "[application]\nauto = true\n" },
    // If a base has a withdrawal, all its storms have withdrawals to the end.
    Shape {
        name: "saturated, waiters give up",
        election: "",
        rest: "[application]\nauto = true\n[[step]]\nat = \"1s\"\nwithdraw = 1\n",
    },
    Shape {
        name: "tightest spans, drift 0.01",
        election: "",
        rest: "[network]\nlatency = \"350ms\"\n",
    },
    Shape {
        name: "tightest spans, drift 0.1, long calm",
        election: "",
        rest: "[network]\nlatency = \"300ms\"\n[mutex]\ndrift = 0.1\n",
    },
    // Here X follows from the case of a follower with a fast clock and a leader with a slow one.
    Shape {
        name: "tightest X, drift 0.1, long calm",
        election: "heartbeat = \"1200ms\"\n",
        rest: "[network]\nlatency = \"20ms\"\n[mutex]\ndrift = 0.1\n",
    },
    // If a node of a base has a latency of its own, all its storms have distances.
    Shape {
        name: "tightest spans, drift 0.1, far nodes, long calm",
        election: "",
        rest: "[mutex]\ndrift = 0.1\n[[node]]\nid = 1\nlatency = \"300ms\"\n",
    },
    // If a base has a loss of storage, a node loses it in all its storms. This step has no effect,
    // since node 1 is up.
    Shape {
        name: "lost storage",
        election: "",
        rest: "[[step]]\nat = \"1ms\"\nrestart = { node = 1, storage = \"lost\" }\n",
    },
];

/// Writes the three clusters to files and returns their paths.
pub fn bases() -> Result<Vec<PathBuf>> {
    let write = |(nodes, preempt): (u8, &str)| {
        let title = format!("{nodes} nodes, preempt {}", preempt.trim_matches('"'));
        write_down(&nodes.to_string(), &title, nodes, &format!("[election]\npreempt = {preempt}\n"))
    };
    CLUSTERS.into_iter().map(write).collect()
}

/// Writes the clusters of all shapes to files and returns their paths.
pub fn shapes() -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (number, shape) in SHAPES.iter().enumerate() {
        let calm = if shape.name.contains("long calm") { "duration = \"240s\"\n" } else { "" };
        for nodes in 1..=8 {
            for form in ["parallel", "sequential"] {
                let Shape { name, election, rest } = shape;
                let settings = format!("{calm}[election]\nform = \"{form}\"\n{election}{rest}");
                let (file, title) =
                    (format!("{number}-{nodes}-{form}"), format!("{name}, {nodes} nodes, {form}"));
                paths.push(write_down(&file, &title, nodes, &settings)?);
            }
        }
    }
    Ok(paths)
}

fn write_down(file: &str, title: &str, nodes: u8, settings: &str) -> Result<PathBuf> {
    let folder = target_dir().join("storms");
    std::fs::create_dir_all(&folder).context("cannot make the folder of the storms")?;
    let path = folder.join(format!("{file}.toml"));
    let text = format!(
        "title = \"{title}\"\nalgorithm = \"mutex\"\nprofile = \"hardened\"\n\
         nodes = {nodes}\n{settings}"
    );
    std::fs::write(&path, text).context("cannot write a scenario for the storms")?;
    Ok(path)
}
