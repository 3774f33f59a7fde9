//! The settings that processes of one cluster share, and how they may differ.

use std::fmt;

use antes_core::{Config, Profile};
use antes_sim::export::jsonl::{algorithm_name, profile_name};
use antes_sim::scenario::duration::display;
use serde::{Deserialize, Serialize};

/// The most settings in a message; all existing settings fit.
const MAX_VALUES: usize = 32;

/// The longest value of a setting, in bytes.
const MAX_VALUE: usize = 64;

/// A setting that processes of one cluster share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// The nodes of the cluster.
    Nodes,
    Profile,
    /// The course report's test that the cluster runs: clock, leader or mutex.
    Test,
    /// X: how long the leader may be silent before it is suspected.
    SuspectAfter,
    /// L: how long a grant lasts.
    Lease,
    /// ρ: how much clocks may run fast or slow.
    Drift,
    /// How a candidate asks the nodes with higher ids.
    Form,
    /// Which nodes a winner tells.
    Announce,
    /// How followers notice that the leader has died.
    Detector,
    /// Whether a higher node takes over from a live leader.
    Preempt,
    /// How long a node must have been up before it takes over.
    Probation,
    /// T: how long a candidate waits for OK.
    AnswerTimeout,
    /// T': how long a candidate that received OK waits for COORDINATOR.
    CoordinatorTimeout,
    /// How often the leader sends a heartbeat.
    Heartbeat,
    /// How often a node repeats an unanswered request.
    Retry,
    /// How nodes exclude each other.
    Lock,
}

impl Setting {
    /// The name in sentences: the option, and its environment variable in brackets.
    const fn name(self) -> &'static str {
        match self {
            Self::Nodes => "--peers (PEERS)",
            Self::Profile => "--profile (PROFILE)",
            Self::Test => "--test (DS_TEST)",
            Self::SuspectAfter => "--suspect-after (SUSPECT_AFTER)",
            Self::Lease => "--lease (LEASE)",
            Self::Drift => "--drift (DRIFT)",
            Self::Form => "--form (FORM)",
            Self::Announce => "--announce (ANNOUNCE)",
            Self::Detector => "--detector (DETECTOR)",
            Self::Preempt => "--preempt (PREEMPT)",
            Self::Probation => "--probation (PROBATION)",
            Self::AnswerTimeout => "--answer-timeout (ANSWER_TIMEOUT)",
            Self::CoordinatorTimeout => "--coordinator-timeout (COORDINATOR_TIMEOUT)",
            Self::Heartbeat => "--heartbeat (HEARTBEAT)",
            Self::Retry => "--retry (RETRY)",
            Self::Lock => "--lock (LOCK)",
        }
    }

    fn variable(self) -> &'static str {
        let name = self.name();
        name.split_once('(').map_or(name, |(_, variable)| variable.trim_end_matches(')'))
    }

    /// Whether processes with different values must not work together. In the classic profile,
    /// safety does not depend on `suspect_after`.
    const fn is_vital(self, profile: Profile) -> bool {
        match self {
            Self::Nodes | Self::Profile | Self::Test | Self::Lock | Self::Lease | Self::Drift => {
                true
            }
            Self::SuspectAfter => matches!(profile, Profile::Hardened),
            Self::Form
            | Self::Announce
            | Self::Detector
            | Self::Preempt
            | Self::Probation
            | Self::AnswerTimeout
            | Self::CoordinatorTimeout
            | Self::Heartbeat
            | Self::Retry => false,
        }
    }
}

/// A setting with different values in two processes. Sentences about it are for the process of
/// `here`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    pub setting: Setting,
    /// The value in this process.
    pub here: String,
    /// The value in the other process.
    pub there: String,
}

impl Difference {
    /// The same difference from the other process's point of view.
    #[must_use]
    pub fn seen_from_there(self) -> Self {
        Self { setting: self.setting, here: self.there, there: self.here }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, here, there } = self;
        let (here, there) = (here.escape_debug(), there.escape_debug());
        match setting {
            Setting::Nodes => {
                write!(f, "{} lists nodes {here} here and nodes {there} there", setting.name())
            }
            setting => write!(f, "{} is {here} here and {there} there", setting.name()),
        }
    }
}

/// All `differences` in one sentence.
pub fn sentence(differences: &[Difference]) -> String {
    differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("; ")
}

/// The settings of a process, as it sends them to others. A process sends only settings that it
/// uses; the resource, for example, sends its profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSettings(Vec<(Setting, String)>);

/// The differences between two processes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Differences that keep them from working together.
    pub vital: Vec<Difference>,
    /// Differences that they can live with.
    pub bearable: Vec<Difference>,
}

impl SharedSettings {
    /// The settings of the resource.
    pub fn of_resource(profile: Profile) -> Self {
        Self(vec![(Setting::Profile, profile_name(profile).to_owned())])
    }

    /// The settings of a node with this configuration.
    pub fn of_node(config: &Config) -> Self {
        let nodes: Vec<String> = config.size.nodes().map(|node| node.to_string()).collect();
        let mut values = vec![
            (Setting::Nodes, nodes.join(", ")),
            (Setting::Profile, profile_name(config.profile).to_owned()),
            (Setting::Test, algorithm_name(config.algorithm).to_owned()),
        ];
        if config.setting().has_lock() {
            values.push((Setting::Lock, config.mutex.lock.name().to_owned()));
        }
        let elects = config.setting().has_election();
        let (election, hardened) = (&config.election, &config.hardened);
        if elects {
            values.extend([
                (Setting::SuspectAfter, display(election.suspect_after)),
                (Setting::Form, lowercase(election.form)),
                (Setting::Heartbeat, display(election.heartbeat)),
                (Setting::AnswerTimeout, display(election.answer_timeout)),
                (Setting::CoordinatorTimeout, display(election.coordinator_timeout)),
            ]);
        }
        match config.profile {
            Profile::Hardened if elects => values.extend([
                (Setting::Lease, display(hardened.lease)),
                (Setting::Drift, (f64::from(hardened.drift.0) / 1e6).to_string()),
                (Setting::Retry, display(hardened.retry)),
                (Setting::Preempt, preempt_name(hardened.preempt).to_owned()),
                (Setting::Probation, display(hardened.probation)),
            ]),
            Profile::Classic if elects => values.extend([
                (Setting::Announce, lowercase(election.announce)),
                (Setting::Detector, lowercase(election.detector)),
            ]),
            Profile::Hardened | Profile::Classic => {}
        }
        Self(values)
    }

    /// The differences to another process, from this one's point of view. Settings that only one of
    /// them uses do not count.
    pub fn compare(&self, theirs: &Self) -> Differences {
        let profile = match self.value(Setting::Profile) {
            Some(name) if name == profile_name(Profile::Classic) => Profile::Classic,
            Some(_) | None => Profile::Hardened,
        };
        let mut differences = Differences::default();
        for (setting, here) in &self.0 {
            let Some(there) = theirs.value(*setting).filter(|there| there != here) else {
                continue;
            };
            let difference =
                Difference { setting: *setting, here: here.clone(), there: there.to_owned() };
            if setting.is_vital(profile) {
                differences.vital.push(difference);
            } else {
                differences.bearable.push(difference);
            }
        }
        differences
    }

    /// The value of a setting, if it is there.
    fn value(&self, wanted: Setting) -> Option<&str> {
        let found = self.0.iter().find(|&&(setting, _)| setting == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the number and lengths of the values are within the bounds.
    pub(super) fn is_reasonable(&self) -> bool {
        self.0.len() <= MAX_VALUES && self.0.iter().all(|(_, value)| value.len() <= MAX_VALUE)
    }
}

/// Pairs of variable and value, such as `LEASE=5s RETRY=1s`.
impl fmt::Display for SharedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (setting, value)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}={}", setting.variable(), value.replace(", ", ","))?;
        }
        Ok(())
    }
}

/// The name of a variant in options.
fn lowercase(variant: impl fmt::Debug) -> String {
    format!("{variant:?}").to_ascii_lowercase()
}

const fn preempt_name(preempt: antes_core::Preempt) -> &'static str {
    match preempt {
        antes_core::Preempt::Always => "true",
        antes_core::Preempt::Never => "false",
        antes_core::Preempt::Stable => "stable",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use antes_core::{Algorithm, ClusterSize, Form, Ppm};

    use super::*;

    fn config(nodes: u8) -> Config {
        let size = ClusterSize::new(nodes).expect("a size");
        Config { profile: Profile::Hardened, ..Config::new(Algorithm::Mutex, size) }
    }

    /// The sentences about `changed` at a node with the configuration `own`.
    fn said(own: &Config, changed: &Config) -> [String; 2] {
        let ours = SharedSettings::of_node(own);
        let Differences { vital, bearable } = ours.compare(&SharedSettings::of_node(changed));
        [sentence(&vital), sentence(&bearable)]
    }

    #[test]
    fn a_difference_that_matters_for_safety_keeps_nodes_apart_and_names_both_values() {
        let own = config(4);
        let mut changed = own;
        changed.hardened.lease = Duration::from_secs(20);
        changed.hardened.drift = Ppm(500);
        changed.election.suspect_after = Duration::from_millis(1500);
        let expected = "--suspect-after (SUSPECT_AFTER) is 1.2s here and 1.5s there; \
                        --lease (LEASE) is 5s here and 20s there; \
                        --drift (DRIFT) is 0.01 here and 0.0005 there";
        assert_eq!(said(&own, &changed), [expected, ""]);
        let expected = "--peers (PEERS) lists nodes 1, 2, 3, 4 here and nodes 1, 2 there";
        assert_eq!(said(&own, &config(2)), [expected, ""]);
        let clock = Config { algorithm: Algorithm::Clock, ..own };
        assert_eq!(said(&own, &clock), ["--test (DS_TEST) is mutex here and clock there", ""]);
        let classic = Config { profile: Profile::Classic, ..own };
        let expected = "--profile (PROFILE) is hardened here and classic there";
        assert_eq!(said(&own, &classic), [expected, ""]);
    }

    #[test]
    fn a_difference_that_only_slows_a_cluster_down_is_told_and_allowed() {
        let own = config(3);
        let mut changed = own;
        changed.election.form = Form::Sequential;
        changed.hardened.retry = Duration::from_millis(500);
        changed.hardened.preempt = antes_core::Preempt::Stable;
        let expected = "--form (FORM) is parallel here and sequential there; \
                        --retry (RETRY) is 1s here and 500ms there; \
                        --preempt (PREEMPT) is true here and stable there";
        assert_eq!(said(&own, &changed), ["", expected]);
    }

    #[test]
    fn nodes_with_different_locks_do_not_work_together() {
        let own = Config { profile: Profile::Classic, ..config(3) };
        let mut distributed = own;
        distributed.mutex.lock = antes_core::Lock::Distributed;
        let told = "--lock (LOCK) is centralized here and distributed there";
        assert_eq!(said(&own, &distributed), [told, ""]);
        let mut slower = distributed;
        slower.election.heartbeat = Duration::from_secs(9);
        assert_eq!(said(&distributed, &slower), ["", ""], "no election runs");
    }

    #[test]
    fn settings_that_a_profile_does_not_use_are_not_compared() {
        let own = Config { profile: Profile::Classic, ..config(3) };
        let mut changed = own;
        changed.hardened.lease = Duration::from_secs(9);
        assert_eq!(said(&own, &changed), ["", ""]);
        changed.election.suspect_after = Duration::from_secs(2);
        let told = "--suspect-after (SUSPECT_AFTER) is 1.2s here and 2s there";
        assert_eq!(said(&own, &changed), ["", told]);
    }

    #[test]
    fn the_resource_cares_for_the_profile_alone() {
        let node = SharedSettings::of_node(&config(3));
        let resource = SharedSettings::of_resource(Profile::Hardened);
        assert_eq!(node.compare(&resource), Differences::default());
        let classic = SharedSettings::of_resource(Profile::Classic);
        let told = "--profile (PROFILE) is classic here and hardened there";
        assert_eq!(sentence(&classic.compare(&node).vital), told);
    }
}
