//! The settings that the processes of one cluster have in common, and how they may differ.

use std::fmt;

use antes_core::{Algorithm, Config, Profile};
use antes_sim::export::jsonl::{algorithm_name, profile_name};
use antes_sim::scenario::duration::display;
use serde::{Deserialize, Serialize};

/// The most values that a process may tell of its settings; all that there are fit.
const MAX_VALUES: usize = 32;

/// The longest value of a setting, in bytes.
const MAX_VALUE: usize = 64;

/// A setting that processes of one cluster have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Setting {
    /// Which nodes the cluster has.
    Nodes,
    /// Which form of the algorithms runs.
    Profile,
    /// What the cluster does.
    Test,
    /// X: how long the leader may be silent.
    SuspectAfter,
    /// L: how long a grant lasts.
    Lease,
    /// ρ: by how much clocks may run fast or slow.
    Drift,
    /// How a candidate asks those above it.
    Form,
    /// Whom a winner tells.
    Announce,
    /// How the death of a leader is noticed.
    Detector,
    /// Whether a higher node takes over.
    Preempt,
    /// How long a node must have been up before it may take over.
    Probation,
    /// T: how long a candidate waits for an OK.
    AnswerTimeout,
    /// T': how long a candidate that got an OK waits for COORDINATOR.
    CoordinatorTimeout,
    /// How often the leader shows that it is alive.
    Heartbeat,
    /// How often a waiter repeats its request.
    Retry,
}

impl Setting {
    /// The option, and the variable of the environment.
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
        }
    }

    /// The variable of the environment.
    fn variable(self) -> &'static str {
        let name = self.name();
        name.split_once('(').map_or(name, |(_, variable)| variable.trim_end_matches(')'))
    }

    /// Whether processes that differ in it must not work together. In the classic profile nothing
    /// rests on how long the leader may be silent.
    const fn is_vital(self, profile: Profile) -> bool {
        match self {
            Self::Nodes | Self::Profile | Self::Test | Self::Lease | Self::Drift => true,
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

/// A setting in which two processes differ. Its sentence is said at the process of `here`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Which setting.
    pub setting: Setting,
    /// Its value at the process that tells the difference.
    pub here: String,
    /// Its value at the other one.
    pub there: String,
}

impl Difference {
    /// The same difference as the other process sees it.
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

/// All of `differences` in one sentence.
pub fn sentence(differences: &[Difference]) -> String {
    differences.iter().map(Difference::to_string).collect::<Vec<_>>().join("; ")
}

/// What a process is set to, as it tells the others. A process tells what it obeys alone: the
/// resource, for instance, its profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedSettings(Vec<(Setting, String)>);

/// In what two processes differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What keeps them from working together.
    pub vital: Vec<Difference>,
    /// What they can live with.
    pub bearable: Vec<Difference>,
}

impl SharedSettings {
    /// Those of the resource.
    pub fn of_resource(profile: Profile) -> Self {
        Self(vec![(Setting::Profile, profile_name(profile).to_owned())])
    }

    /// Those of a node of a cluster that is set to `config`.
    pub fn of_node(config: &Config) -> Self {
        let nodes: Vec<String> = config.size.nodes().map(|node| node.to_string()).collect();
        let mut values = vec![
            (Setting::Nodes, nodes.join(", ")),
            (Setting::Profile, profile_name(config.profile).to_owned()),
            (Setting::Test, algorithm_name(config.algorithm).to_owned()),
        ];
        let elects = match config.algorithm {
            Algorithm::Clock => false,
            Algorithm::Leader | Algorithm::Mutex => true,
        };
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

    /// In what the process differs from another one, as it is said here. What one of the two does
    /// not obey does not count.
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

    /// The value of a setting.
    fn value(&self, wanted: Setting) -> Option<&str> {
        let found = self.0.iter().find(|&&(setting, _)| setting == wanted);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it is of the size that settings have.
    pub(super) fn is_reasonable(&self) -> bool {
        self.0.len() <= MAX_VALUES && self.0.iter().all(|(_, value)| value.len() <= MAX_VALUE)
    }
}

/// As pairs of variable and value, such as `LEASE=5s RETRY=1s`.
impl fmt::Display for SharedSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (setting, value)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{}={}", setting.variable(), value.replace(", ", ","))?;
        }
        Ok(())
    }
}

/// The name of a variant, as options have it.
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

    use antes_core::{ClusterSize, Form, Ppm};

    use super::*;

    fn config(nodes: u8) -> Config {
        let size = ClusterSize::new(nodes).expect("a size");
        Config { profile: Profile::Hardened, ..Config::new(Algorithm::Mutex, size) }
    }

    /// What is said of `changed` at a node that is set to `own`.
    fn said(own: &Config, changed: &Config) -> [String; 2] {
        let ours = SharedSettings::of_node(own);
        let Differences { vital, bearable } = ours.compare(&SharedSettings::of_node(changed));
        [sentence(&vital), sentence(&bearable)]
    }

    #[test]
    fn what_safety_rests_on_keeps_nodes_apart_and_both_values_are_named() {
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
    fn what_only_slows_a_cluster_down_is_told_and_borne() {
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
    fn what_a_profile_does_not_obey_is_not_compared() {
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
