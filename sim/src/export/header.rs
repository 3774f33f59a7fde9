//! The first line of a trace: the program that wrote it, and the run.

use alloc::format;
use alloc::string::{String, ToString};

use antes_core::{Algorithm, ClusterSize, Lock, MAX_NODES, NodeId, Profile, Setting};
use serde::Deserialize;

use super::jsonl::{algorithm_name, profile_name};
use super::object::Object;
use crate::scenario::Scenario;
use crate::scenario::duration::micros_of;

/// The program that wrote a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Sim,
    Cluster,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Header {
    /// The version of the format, which is 1.
    pub antes_trace: u32,
    pub source: Source,
    /// The number of nodes of the cluster.
    pub nodes: u8,
    /// The seed of the run. `None` for a real cluster.
    #[serde(default)]
    pub seed: Option<u64>,
    #[serde(default)]
    pub profile: String,
    #[serde(default)]
    pub algorithm: String,
    /// The kind of the lock. Empty for the centralized one, and without a lock.
    #[serde(default)]
    pub lock: String,
    /// The length of the run in microseconds, if it is known.
    #[serde(default)]
    pub duration_us: Option<u64>,
    #[serde(default)]
    pub title: String,
    /// The node that wrote the trace, or 0 for the resource. `None` for a whole run.
    #[serde(default)]
    pub node: Option<u8>,
    /// In the trace of one process: the wall clock at `at_us` = 0, in microseconds since 1970.
    #[serde(default)]
    pub epoch_us: Option<u64>,
    /// In the trace of one process: its other settings as `NAME=value` pairs, for readers only.
    /// Lines under headers with different settings may belong to one run.
    #[serde(default)]
    pub settings: String,
    /// In the trace of a node whose disk matters: the random number drawn when its memory began. A node
    /// whose disk was replaced has another birth.
    #[serde(default)]
    pub birth: Option<u64>,
}

impl Header {
    /// The header of a simulated run of `scenario`.
    pub fn of(scenario: &Scenario) -> Self {
        let config = &scenario.config;
        Self {
            seed: Some(scenario.seed),
            duration_us: Some(micros_of(scenario.duration)),
            title: scenario.title.en.clone(),
            source: Source::Sim,
            ..Self::cluster(config.size, config.setting())
        }
    }

    /// The header of a whole run of a real cluster.
    pub fn cluster(size: ClusterSize, setting: Setting) -> Self {
        let lock = if setting.is_distributed() { setting.lock.name() } else { "" };
        Self {
            antes_trace: 1,
            source: Source::Cluster,
            nodes: size.get(),
            seed: None,
            profile: profile_name(setting.profile).to_string(),
            algorithm: algorithm_name(setting.algorithm).to_string(),
            lock: lock.to_string(),
            duration_us: None,
            title: String::new(),
            node: None,
            epoch_us: None,
            settings: String::new(),
            birth: None,
        }
    }

    /// The header of a node's own trace. `epoch_us` is the wall clock at `at_us` = 0, in
    /// microseconds since 1970.
    #[must_use]
    pub fn written_by(mut self, node: NodeId, epoch_us: u64) -> Self {
        self.node = Some(node.get());
        self.epoch_us = Some(epoch_us);
        self
    }

    /// The header of the resource's own trace. The resource does not know the size of the cluster,
    /// so its lines have room for the largest one.
    pub fn written_by_resource(profile: Profile, epoch_us: u64) -> Self {
        Self {
            nodes: MAX_NODES,
            algorithm: String::new(),
            node: Some(0),
            epoch_us: Some(epoch_us),
            ..Self::cluster(ClusterSize::MAX, Setting::new(Algorithm::Mutex, profile))
        }
    }

    pub fn size(&self) -> ClusterSize {
        ClusterSize::new(self.nodes).unwrap_or(ClusterSize::MAX)
    }

    /// The node that wrote the trace. `None` for the resource and for a whole run.
    pub fn writer(&self) -> Option<NodeId> {
        NodeId::new(self.node?)
    }

    /// The algorithm, the profile and the kind of lock.
    ///
    /// # Errors
    ///
    /// If the header has an unknown algorithm, profile or lock.
    pub fn setting(&self) -> Result<Setting, String> {
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
        let name = if self.lock.is_empty() { Lock::Centralized.name() } else { &self.lock };
        let lock = Lock::NAMES.into_iter().find(|&(known, _)| known == name);
        let (_, lock) = lock.ok_or_else(|| {
            let name = self.lock.escape_debug();
            format!("\"lock\" is \"{name}\"; expected centralized or distributed")
        })?;
        Ok(Setting { algorithm, profile, lock })
    }

    /// The header as a line of JSON.
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
        if !self.lock.is_empty() {
            object.string("lock", &self.lock);
        }
        some(&mut object, "duration_us", self.duration_us);
        object.string("title", &self.title);
        some(&mut object, "node", self.node.map(u64::from));
        some(&mut object, "epoch_us", self.epoch_us);
        if !self.settings.is_empty() {
            object.string("settings", &self.settings);
        }
        some(&mut object, "birth", self.birth);
        object.close();
        out
    }

    /// Parses the first line of a trace.
    ///
    /// # Errors
    ///
    /// If the line is no valid header: what is wrong.
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

/// Writes a field unless the value is `None`.
fn some(object: &mut Object<'_>, key: &str, value: Option<u64>) {
    if let Some(value) = value {
        object.literal(key, value);
    }
}

/// The message of a JSON error with its column. Its line number is left out, since it is not the
/// file's.
pub(super) fn of_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    format!("{text} at column {}", error.column())
}
