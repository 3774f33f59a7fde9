//! The first line of a trace: who wrote it, and of which run.

use alloc::format;
use alloc::string::{String, ToString};

use antes_core::{Algorithm, ClusterSize, MAX_NODES, NodeId, Profile};
use serde::Deserialize;

use super::jsonl::{algorithm_name, profile_name};
use super::object::Object;
use crate::scenario::Scenario;
use crate::scenario::duration::micros_of;

/// Who wrote a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The simulator.
    Sim,
    /// A real cluster.
    Cluster,
}

/// The first line of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// The version of the format: 1.
    pub antes_trace: u32,
    /// Who wrote it.
    pub source: Source,
    /// How many nodes there are.
    pub nodes: u8,
    /// Where chance started from, if it is known.
    #[serde(default)]
    pub seed: Option<u64>,
    /// The name of the profile.
    #[serde(default)]
    pub profile: String,
    /// The name of the algorithm.
    #[serde(default)]
    pub algorithm: String,
    /// How long the run lasted, in microseconds, if it is known.
    #[serde(default)]
    pub duration_us: Option<u64>,
    /// The title of the scenario.
    #[serde(default)]
    pub title: String,
    /// Of the trace of one process of a cluster: the node, or 0 for the resource.
    #[serde(default)]
    pub node: Option<u8>,
    /// Of such a trace: the wall clock, in microseconds since 1970, at the instant that `at_us`
    /// counts from.
    #[serde(default)]
    pub epoch_us: Option<u64>,
    /// Of such a trace: what else the process is set to, as `NAME=value` pairs. Only for readers; lines
    /// under headers that differ in it can be of one run.
    #[serde(default)]
    pub settings: String,
}

impl Header {
    /// The header of a run of `scenario` in the simulator.
    pub fn of(scenario: &Scenario) -> Self {
        let config = &scenario.config;
        Self {
            seed: Some(scenario.seed),
            duration_us: Some(micros_of(scenario.duration)),
            title: scenario.title.en.clone(),
            source: Source::Sim,
            ..Self::cluster(config.size, config.profile, config.algorithm)
        }
    }

    /// The header of a whole run of a cluster.
    pub fn cluster(size: ClusterSize, profile: Profile, algorithm: Algorithm) -> Self {
        Self {
            antes_trace: 1,
            source: Source::Cluster,
            nodes: size.get(),
            seed: None,
            profile: profile_name(profile).to_string(),
            algorithm: algorithm_name(algorithm).to_string(),
            duration_us: None,
            title: String::new(),
            node: None,
            epoch_us: None,
            settings: String::new(),
        }
    }

    /// The header of what a node writes; `epoch_us` is the wall clock, in microseconds
    /// since 1970, at the instant that its lines count from.
    #[must_use]
    pub fn written_by(mut self, node: NodeId, epoch_us: u64) -> Self {
        self.node = Some(node.get());
        self.epoch_us = Some(epoch_us);
        self
    }

    /// The header of what the resource writes. It knows its profile and nothing else of the cluster:
    /// its lines have room for the largest one.
    pub fn written_by_resource(profile: Profile, epoch_us: u64) -> Self {
        Self {
            nodes: MAX_NODES,
            algorithm: String::new(),
            node: Some(0),
            epoch_us: Some(epoch_us),
            ..Self::cluster(ClusterSize::MAX, profile, Algorithm::Mutex)
        }
    }

    /// How many nodes there are.
    pub fn size(&self) -> ClusterSize {
        ClusterSize::new(self.nodes).unwrap_or(ClusterSize::MAX)
    }

    /// The node that wrote it, if it is the trace of one node.
    pub fn writer(&self) -> Option<NodeId> {
        NodeId::new(self.node?)
    }

    /// What ran.
    ///
    /// # Errors
    ///
    /// The header names no algorithm or no profile that is known.
    pub fn setting(&self) -> Result<(Algorithm, Profile), String> {
        let algorithms = [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex];
        let algorithm = algorithms.into_iter().find(|&it| algorithm_name(it) == self.algorithm);
        let profiles = [Profile::Classic, Profile::Hardened];
        let profile = profiles.into_iter().find(|&it| profile_name(it) == self.profile);
        let algorithm = algorithm.ok_or_else(|| {
            let name = self.algorithm.escape_debug();
            format!("\"algorithm\" is \"{name}\"; expected clock, leader or mutex")
        })?;
        let profile = profile.ok_or_else(|| {
            let name = self.profile.escape_debug();
            format!("\"profile\" is \"{name}\"; expected classic or hardened")
        })?;
        Ok((algorithm, profile))
    }

    /// The line.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        object.literal("antes_trace", self.antes_trace);
        let source = match self.source {
            Source::Sim => "sim",
            Source::Cluster => "cluster",
        };
        object.string("source", source);
        object.literal("nodes", self.nodes);
        some(&mut object, "seed", self.seed);
        object.string("profile", &self.profile);
        object.string("algorithm", &self.algorithm);
        some(&mut object, "duration_us", self.duration_us);
        object.string("title", &self.title);
        some(&mut object, "node", self.node.map(u64::from));
        some(&mut object, "epoch_us", self.epoch_us);
        if !self.settings.is_empty() {
            object.string("settings", &self.settings);
        }
        object.close();
        out
    }

    /// Reads the line.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub fn read(line: &str) -> Result<Self, String> {
        let header: Self = serde_json::from_str(line)
            .map_err(|error| format!("this is no header of a trace: {}", of_json(&error)))?;
        match header {
            Self { antes_trace, .. } if antes_trace != 1 => {
                Err(format!("the trace is of version {antes_trace}; expected 1"))
            }
            Self { nodes, .. } if !(1..=MAX_NODES).contains(&nodes) => {
                Err(format!("the trace has {nodes} nodes; expected 1 to {MAX_NODES}"))
            }
            Self { nodes, node: Some(node), .. } if node > nodes => Err(format!(
                "the trace is of node {node}, but its cluster has {nodes} nodes; expected \"node\" \
                 from 1 to {nodes}, or 0 for the resource"
            )),
            header => Ok(header),
        }
    }
}

/// A field that may be left out.
fn some(object: &mut Object<'_>, key: &str, value: Option<u64>) {
    if let Some(value) = value {
        object.literal(key, value);
    }
}

/// The message of a JSON error, with the column but without the line, which is not the file's.
pub(super) fn of_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("{text} at column {}", error.column())
}
