//! The clusters over which storms are swept, in tests, benchmarks and for mutants alike.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::command::target_dir;

/// How many storms over each of the three clusters are a sweep of the tests.
pub const SEEDS: u64 = 10_000;

/// How many storms over each cluster of a shape are a sweep of the tests: a thousand of each shape.
pub const SEEDS_OF_SHAPES: u64 = 63;

/// How many nodes, and what `preempt` is set to: an even number and odd ones, the smallest that
/// survives a crash among them, and every answer to who may take over.
const CLUSTERS: [(u8, &str); 3] = [(4, "true"), (5, "false"), (3, "\"stable\"")];

/// A kind of storm that is swept over 1 to 8 nodes, in both forms.
struct Shape {
    name: &'static str,
    /// What is set of the election.
    election: &'static str,
    /// What else is set.
    rest: &'static str,
}

/// The spans that are left out are the least that fit, because messages or heartbeats are so slow
/// that the usual ones would be too short.
const SHAPES: [Shape; 7] = [
    // Where the file's applications act by themselves, each storm is a saturated one.
    Shape { name: "saturated", election: "", rest: "[application]\nauto = true\n" },
    // Where somebody gives up in the file, waiters do in each storm, to its end.
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
    // Here X follows from what a follower with a fast clock hears of a leader with a slow one.
    Shape {
        name: "tightest X, drift 0.1, long calm",
        election: "heartbeat = \"1200ms\"\n",
        rest: "[network]\nlatency = \"20ms\"\n[mutex]\ndrift = 0.1\n",
    },
    // Where a node has a latency of its own in the file, each storm has near nodes and far ones.
    Shape {
        name: "tightest spans, drift 0.1, far nodes, long calm",
        election: "",
        rest: "[mutex]\ndrift = 0.1\n[[node]]\nid = 1\nlatency = \"300ms\"\n",
    },
    // Where storage is lost in the file, a node loses it in each storm. This step finds node 1 up.
    Shape {
        name: "lost storage",
        election: "",
        rest: "[[step]]\nat = \"1ms\"\nrestart = { node = 1, storage = \"lost\" }\n",
    },
];

/// Writes the three clusters down, and says where they are.
pub fn bases() -> Result<Vec<PathBuf>> {
    let write = |(nodes, preempt): (u8, &str)| {
        let title = format!("{nodes} nodes, preempt {}", preempt.trim_matches('"'));
        write_down(&nodes.to_string(), &title, nodes, &format!("[election]\npreempt = {preempt}\n"))
    };
    CLUSTERS.into_iter().map(write).collect()
}

/// Writes the clusters of all shapes down, and says where they are.
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
