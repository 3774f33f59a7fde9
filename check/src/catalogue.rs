//! The models that `antes check` knows by name, and the bounds that can be set for each.

use std::collections::BTreeMap;
use std::fmt;

use antes_core::{ClusterSize, Term};

use crate::cluster::{Budget, Cluster, Timing};
use crate::explore::{Progress, Report, Search, explore};
use crate::library;
use crate::literature::{ChangRoberts, LamportMutex};
use crate::schedule::{self, Found, NoScenario, Unscheduled};
use crate::soup::{election, lock};

/// A bound of a model, which can be set on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knob {
    /// Number of nodes.
    Nodes,
    /// The highest value of a clock.
    MaxClock,
    /// How many crashes may happen, on all nodes together.
    Crashes,
    /// How many restarts may happen.
    Restarts,
    /// How many messages may be lost.
    Losses,
    /// How many messages may be duplicated.
    Duplicates,
    /// How many timers may fire.
    Timeouts,
    /// How many elections a user may start.
    Elections,
    /// How many requests a user may make. In `hardened-lock`: how many nodes may request.
    Requests,
    /// How many terms may follow the first.
    NewTerms,
    /// How many attempts a request may have.
    Repetitions,
    /// How many requests may be withdrawn. In `hardened-lock`: 1 if waiting nodes may withdraw and
    /// request again, otherwise 0.
    Withdrawals,
}

impl Knob {
    /// The name of its command-line option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::MaxClock => "max-clock",
            Self::Crashes => "crashes",
            Self::Restarts => "restarts",
            Self::Losses => "losses",
            Self::Duplicates => "duplicates",
            Self::Timeouts => "timeouts",
            Self::Elections => "elections",
            Self::Requests => "requests",
            Self::NewTerms => "new-terms",
            Self::Repetitions => "repetitions",
            Self::Withdrawals => "withdrawals",
        }
    }

    /// The largest value that can be set.
    const fn most(self) -> u8 {
        match self {
            Self::Nodes => antes_core::MAX_NODES,
            Self::MaxClock
            | Self::Crashes
            | Self::Restarts
            | Self::Losses
            | Self::Duplicates
            | Self::Timeouts
            | Self::Elections
            | Self::Requests
            | Self::NewTerms
            | Self::Repetitions
            | Self::Withdrawals => 100,
        }
    }
}

/// A model of the catalogue.
pub struct Entry {
    /// The name on the command line.
    pub name: &'static str,
    /// A description of one line.
    pub says: &'static str,
    /// The bounds that can be set, with their defaults.
    pub knobs: &'static [(Knob, u8)],
    /// Bounds with a narrower range than usual: minimum and maximum.
    limits: &'static [(Knob, u8, u8)],
    /// The page's address that shows a counterexample of this model, if there is one.
    pub seen_at: Option<&'static str>,
    model: fn(&Settings) -> Modelled,
}

enum Modelled {
    Lamport(LamportMutex),
    Ring(ChangRoberts),
    Cluster(Box<Cluster>),
    Election(Box<election::Election>),
    Lock(Box<lock::Lock>),
}

/// The values of a model's bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<Knob, u8>);

impl Settings {
    fn get(&self, knob: Knob) -> u8 {
        self.0.get(&knob).copied().unwrap_or(0)
    }

    fn size(&self) -> ClusterSize {
        ClusterSize::new(self.get(Knob::Nodes)).expect("the number of nodes has been checked")
    }

    fn budget(&self) -> Budget {
        Budget {
            crashes: self.get(Knob::Crashes),
            restarts: self.get(Knob::Restarts),
            losses: self.get(Knob::Losses),
            duplicates: self.get(Knob::Duplicates),
            timeouts: self.get(Knob::Timeouts),
            elections: self.get(Knob::Elections),
            requests: self.get(Knob::Requests),
            withdrawals: self.get(Knob::Withdrawals),
        }
    }

    /// All bounds and values, in the order of [`Knob`].
    pub fn all(&self) -> impl Iterator<Item = (Knob, u8)> {
        self.0.iter().map(|(&knob, &value)| (knob, value))
    }
}

/// The reason why a bound cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSetting {
    /// The model has no such bound.
    Unknown(&'static str, Knob),
    /// The value is not between the minimum and the maximum, which follow.
    OutOfRange(Knob, u8, u8, u8),
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unknown(model, knob) => {
                let knobs = find(model).map_or(&[][..], |entry| entry.knobs);
                let names: Vec<_> = knobs.iter().map(|(knob, _)| knob.name()).collect();
                write!(f, "{model} has no {}; it has {}", knob.name(), names.join(", "))
            }
            Self::OutOfRange(knob, value, least, most) => {
                write!(f, "{} is {value}: expected {least} to {most}", knob.name())
            }
        }
    }
}

impl std::error::Error for BadSetting {}

pub fn find(name: &str) -> Option<&'static Entry> {
    MODELS.iter().find(|entry| entry.name == name)
}

impl Entry {
    /// The default bounds of this model, with the `chosen` values.
    pub fn settings(&self, chosen: &[(Knob, u8)]) -> Result<Settings, BadSetting> {
        let mut settings = Settings(self.knobs.iter().copied().collect());
        for &(knob, value) in chosen {
            let Some(set) = settings.0.get_mut(&knob) else {
                return Err(BadSetting::Unknown(self.name, knob));
            };
            let (least, most) = self.range(knob);
            if !(least..=most).contains(&value) {
                return Err(BadSetting::OutOfRange(knob, value, least, most));
            }
            *set = value;
        }
        Ok(settings)
    }

    fn range(&self, knob: Knob) -> (u8, u8) {
        let limits = self.limits.iter().find(|&&(of, ..)| of == knob);
        let usual = (u8::from(knob == Knob::Nodes), knob.most());
        limits.map_or(usual, |&(_, least, most)| (least, most))
    }

    /// Explores the states of the model.
    pub fn check(
        &self,
        settings: &Settings,
        search: Search,
        watch: &mut dyn FnMut(Progress),
    ) -> Report {
        match (self.model)(settings) {
            Modelled::Lamport(model) => explore(model, search, watch),
            Modelled::Ring(model) => explore(model, search, watch),
            Modelled::Cluster(model) => explore(*model, search, watch),
            Modelled::Election(model) => explore(*model, search, watch),
            Modelled::Lock(model) => explore(*model, search, watch),
        }
    }

    /// Finds a scenario that violates `property` in the simulator.
    ///
    /// # Errors
    ///
    /// If there is none: the reason.
    pub fn scenario(&self, settings: &Settings, property: &str) -> Result<Found, NoScenario> {
        match (self.model)(settings) {
            Modelled::Cluster(model) => schedule::find(&model, property),
            Modelled::Lamport(_)
            | Modelled::Ring(_)
            | Modelled::Election(_)
            | Modelled::Lock(_) => Err(NoScenario { reason: Unscheduled::Foreign, ways: 0 }),
        }
    }
}

/// The cluster with these bounds.
fn set(cluster: Cluster, settings: &Settings) -> Modelled {
    let last_term = match settings.0.get(&Knob::NewTerms) {
        Some(&more) => Term(1 + u64::from(more)),
        None => cluster.last_term,
    };
    Modelled::Cluster(Box::new(Cluster { budget: settings.budget(), last_term, ..cluster }))
}

fn classic_election(timing: Timing, settings: &Settings) -> Modelled {
    set(library::classic_election(settings.size(), timing, 0), settings)
}

/// A classic election without faults.
const CLASSIC_ELECTION: &[(Knob, u8)] = &[
    (Knob::Nodes, 3),
    (Knob::Crashes, 0),
    (Knob::Restarts, 0),
    (Knob::Losses, 0),
    (Knob::Duplicates, 0),
    (Knob::Timeouts, 6),
    (Knob::Elections, 2),
];

/// A classic election in which the leader may crash, so that the others have to elect.
const HASTY_ELECTION: &[(Knob, u8)] = &[
    (Knob::Nodes, 3),
    (Knob::Crashes, 1),
    (Knob::Restarts, 0),
    (Knob::Losses, 0),
    (Knob::Duplicates, 0),
    (Knob::Timeouts, 4),
    (Knob::Elections, 2),
];

/// All models. The first two validate the checker: their numbers of states are published.
pub const MODELS: &[Entry] = &[
    Entry {
        name: "lamport-mutex",
        says: "Lamport's mutual exclusion of 1978; 724,274 states are published for 3 nodes",
        knobs: &[(Knob::Nodes, 3), (Knob::MaxClock, 6)],
        limits: &[(Knob::MaxClock, 1, 100)],
        seen_at: None,
        model: |settings| {
            let (nodes, max_clock) = (settings.get(Knob::Nodes), settings.get(Knob::MaxClock));
            Modelled::Lamport(LamportMutex { nodes, max_clock })
        },
    },
    Entry {
        name: "chang-roberts",
        says: "Chang and Roberts' election on a ring of 1979; 137 states are published for 3 nodes",
        knobs: &[(Knob::Nodes, 3)],
        limits: &[],
        seen_at: None,
        model: |settings| Modelled::Ring(ChangRoberts::of(settings.get(Knob::Nodes))),
    },
    Entry {
        name: "classic-election",
        says: "the classic election with timeouts longer than the slowest answer",
        knobs: CLASSIC_ELECTION,
        limits: &[],
        seen_at: None,
        model: |settings| classic_election(Timing::Synchronous, settings),
    },
    Entry {
        name: "classic-election-any-time",
        says: "the same, but timers may fire at any moment; finds two leaders",
        knobs: CLASSIC_ELECTION,
        limits: &[],
        seen_at: Some("?scenario=late-answers&t=1000000"),
        model: |settings| classic_election(Timing::Any, settings),
    },
    Entry {
        name: "classic-election-short-wait",
        says: "the classic election with a wait for COORDINATOR, T', that may be too short",
        knobs: HASTY_ELECTION,
        limits: &[],
        seen_at: None,
        model: |settings| classic_election(Timing::HastyWait, settings),
    },
    Entry {
        name: "classic-election-needless",
        says: "the same, and a needless election counts as a violation; finds one",
        knobs: HASTY_ELECTION,
        limits: &[],
        seen_at: Some("?scenario=short-wait&t=850000"),
        model: |settings| set(library::frugal_election(settings.size()), settings),
    },
    Entry {
        name: "classic-lock",
        says: "the classic lock; with a crash, it finds two holders",
        knobs: &[
            (Knob::Nodes, 3),
            (Knob::Crashes, 0),
            (Knob::Restarts, 0),
            (Knob::Losses, 0),
            (Knob::Duplicates, 0),
            (Knob::Timeouts, 4),
            (Knob::Elections, 1),
            (Knob::Requests, 3),
            (Knob::Withdrawals, 0),
        ],
        limits: &[],
        seen_at: Some("?scenario=two-holders&t=820000"),
        model: |settings| set(library::classic_lock(settings.size(), 0), settings),
    },
    Entry {
        name: "hardened-election",
        says: "the hardened election; messages in any order, lost and copied; any number of crashes",
        knobs: &[(Knob::Nodes, 3), (Knob::NewTerms, 2)],
        limits: &[
            (Knob::Nodes, 2, election::MOST_NODES),
            (Knob::NewTerms, 0, election::LAST_TERM.0 as u8 - 1),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(1 + u64::from(settings.get(Knob::NewTerms)));
            let rules = library::soup_election(settings.size(), last_term);
            Modelled::Election(Box::new(election::Election::new(&rules)))
        },
    },
    Entry {
        name: "hardened-joined",
        says: "the same, but no node has met node 1, which may lose its memory once",
        knobs: &[(Knob::Nodes, 3), (Knob::NewTerms, 1)],
        limits: &[
            (Knob::Nodes, 2, election::MOST_NODES),
            (Knob::NewTerms, 0, election::LAST_TERM.0 as u8),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(u64::from(settings.get(Knob::NewTerms)));
            let rules = library::soup_joined(settings.size(), last_term);
            Modelled::Election(Box::new(election::Election::new(&rules)))
        },
    },
    Entry {
        name: "hardened-births",
        says: "the same, but no nodes have met each other, and node 1 may lose its memory once",
        knobs: &[(Knob::Nodes, 3), (Knob::NewTerms, 1)],
        limits: &[
            (Knob::Nodes, 2, election::MOST_NODES),
            (Knob::NewTerms, 0, election::LAST_TERM.0 as u8),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(u64::from(settings.get(Knob::NewTerms)));
            let rules = library::soup_births(settings.size(), last_term);
            Modelled::Election(Box::new(election::Election::new(&rules)))
        },
    },
    Entry {
        name: "hardened-lock",
        says: "the hardened lock under any election; messages in any order, lost and copied; leases hold",
        knobs: &[
            (Knob::Nodes, 3),
            (Knob::Crashes, 0),
            (Knob::Requests, 2),
            (Knob::Repetitions, 1),
            (Knob::Withdrawals, 0),
            (Knob::NewTerms, 1),
        ],
        limits: &[
            (Knob::Nodes, 1, lock::MOST_NODES),
            (Knob::Requests, 1, lock::MOST_NODES),
            (Knob::Repetitions, 1, 100),
            (Knob::Withdrawals, 0, 1),
            (Knob::NewTerms, 0, lock::LAST_TERM.0 as u8 - 1),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(1 + u64::from(settings.get(Knob::NewTerms)));
            let usual = library::soup_lock(settings.size(), last_term);
            let rules = lock::Rules {
                crashes: settings.get(Knob::Crashes),
                askers: settings.get(Knob::Requests),
                repetitions: u32::from(settings.get(Knob::Repetitions)),
                withdrawals: settings.get(Knob::Withdrawals) > 0,
                requests: 1 + u32::from(settings.get(Knob::Withdrawals)),
                ..usual
            };
            Modelled::Lock(Box::new(lock::Lock::new(rules)))
        },
    },
    Entry {
        name: "hardened-election-fifo",
        says: "the hardened election; links keep the order, timers fire at any moment, within bounds",
        knobs: &[
            (Knob::Nodes, 3),
            (Knob::Crashes, 0),
            (Knob::Restarts, 0),
            (Knob::Losses, 0),
            (Knob::Duplicates, 0),
            (Knob::Timeouts, 2),
            (Knob::Elections, 0),
            (Knob::NewTerms, 2),
        ],
        limits: &[],
        seen_at: None,
        model: |settings| {
            set(library::hardened_election(settings.size(), settings.budget()), settings)
        },
    },
    Entry {
        name: "hardened-lock-fifo",
        says: "the hardened lock with its election; links keep the order, leases hold",
        knobs: &[
            (Knob::Nodes, 2),
            (Knob::Crashes, 1),
            (Knob::Restarts, 1),
            (Knob::Losses, 0),
            (Knob::Duplicates, 0),
            (Knob::Timeouts, 2),
            (Knob::Elections, 0),
            (Knob::Requests, 2),
            (Knob::Withdrawals, 0),
            (Knob::NewTerms, 2),
        ],
        limits: &[],
        seen_at: None,
        model: |settings| set(library::hardened_lock(settings.size(), settings.budget()), settings),
    },
];
