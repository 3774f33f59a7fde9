//! The models that `antes check` knows by name, and the bounds that can be set for each. Half of this file is the
//! table of models, which is kept in one piece.

use std::collections::BTreeMap;
use std::fmt;

use antes_core::{ClusterSize, Term};

use crate::cluster::{Budget, Cluster, Timing};
use crate::distributed::Distributed;
use crate::explore::{Progress, Report, Search, explore};
use crate::library;
use crate::literature::{ChangRoberts, LamportMutex};
use crate::schedule::{self, NoScenario};
use crate::scheduled::{Found, Unscheduled};
use crate::soup::{election, lock};

/// A bound of a model, which can be set on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
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
    /// How many requests a user may make. In `hardened-lock`: how many nodes may request. In
    /// `distributed-lock`: how many requests each node may make.
    Requests,
    /// How many terms may follow the first.
    NewTerms,
    /// How many attempts a request may have.
    Repetitions,
    /// How many requests may be withdrawn. In `hardened-lock` and `distributed-lock`: 1 if waiting
    /// nodes may withdraw and request again, otherwise 0.
    Withdrawals,
}

impl Bound {
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
    pub bounds: &'static [(Bound, u8)],
    /// Bounds with a narrower range than usual: minimum and maximum.
    limits: &'static [(Bound, u8, u8)],
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
    Distributed(Box<Distributed>),
}

/// The values of a model's bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<Bound, u8>);

impl Settings {
    fn get(&self, bound: Bound) -> u8 {
        self.0.get(&bound).copied().unwrap_or(0)
    }

    fn size(&self) -> ClusterSize {
        ClusterSize::new(self.get(Bound::Nodes)).expect("the number of nodes has been checked")
    }

    fn budget(&self) -> Budget {
        Budget {
            crashes: self.get(Bound::Crashes),
            restarts: self.get(Bound::Restarts),
            losses: self.get(Bound::Losses),
            duplicates: self.get(Bound::Duplicates),
            timeouts: self.get(Bound::Timeouts),
            elections: self.get(Bound::Elections),
            requests: self.get(Bound::Requests),
            withdrawals: self.get(Bound::Withdrawals),
        }
    }

    /// All bounds and values, in the order of [`Bound`].
    pub fn all(&self) -> impl Iterator<Item = (Bound, u8)> {
        self.0.iter().map(|(&bound, &value)| (bound, value))
    }
}

/// The reason why a bound cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSetting {
    /// The model has no such bound.
    Unknown(&'static str, Bound),
    /// The value is not between the minimum and the maximum, which follow.
    OutOfRange(Bound, u8, u8, u8),
}

impl fmt::Display for BadSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unknown(model, bound) => {
                let bounds = find(model).map_or(&[][..], |entry| entry.bounds);
                let names: Vec<_> = bounds.iter().map(|(bound, _)| bound.name()).collect();
                write!(f, "{model} has no {}; it has {}", bound.name(), names.join(", "))
            }
            Self::OutOfRange(bound, value, least, most) => {
                write!(f, "{} is {value}: expected {least} to {most}", bound.name())
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
    pub fn settings(&self, chosen: &[(Bound, u8)]) -> Result<Settings, BadSetting> {
        let mut settings = Settings(self.bounds.iter().copied().collect());
        for &(bound, value) in chosen {
            let Some(set) = settings.0.get_mut(&bound) else {
                return Err(BadSetting::Unknown(self.name, bound));
            };
            let (least, most) = self.range(bound);
            if !(least..=most).contains(&value) {
                return Err(BadSetting::OutOfRange(bound, value, least, most));
            }
            *set = value;
        }
        Ok(settings)
    }

    fn range(&self, bound: Bound) -> (u8, u8) {
        let limits = self.limits.iter().find(|&&(of, ..)| of == bound);
        let usual = (u8::from(bound == Bound::Nodes), bound.most());
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
            Modelled::Distributed(model) => explore(*model, search, watch),
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
            | Modelled::Lock(_)
            | Modelled::Distributed(_) => Err(NoScenario { reason: Unscheduled::Foreign, ways: 0 }),
        }
    }
}

/// The cluster with these bounds.
fn set(cluster: Cluster, settings: &Settings) -> Modelled {
    let last_term = match settings.0.get(&Bound::NewTerms) {
        Some(&more) => Term(1 + u64::from(more)),
        None => cluster.last_term,
    };
    Modelled::Cluster(Box::new(Cluster { budget: settings.budget(), last_term, ..cluster }))
}

fn classic_election(timing: Timing, settings: &Settings) -> Modelled {
    set(library::classic_election(settings.size(), timing, 0), settings)
}

/// A classic election without faults.
const CLASSIC_ELECTION: &[(Bound, u8)] = &[
    (Bound::Nodes, 3),
    (Bound::Crashes, 0),
    (Bound::Restarts, 0),
    (Bound::Losses, 0),
    (Bound::Duplicates, 0),
    (Bound::Timeouts, 6),
    (Bound::Elections, 2),
];

/// A classic election in which the leader may crash, so that the others have to elect.
const HASTY_ELECTION: &[(Bound, u8)] = &[
    (Bound::Nodes, 3),
    (Bound::Crashes, 1),
    (Bound::Restarts, 0),
    (Bound::Losses, 0),
    (Bound::Duplicates, 0),
    (Bound::Timeouts, 4),
    (Bound::Elections, 2),
];

/// All models. The first two validate the checker: their numbers of states are published.
pub const MODELS: &[Entry] = &[
    Entry {
        name: "lamport-mutex",
        says: "Lamport's mutual exclusion of 1978; 724,274 states are published for 3 nodes",
        bounds: &[(Bound::Nodes, 3), (Bound::MaxClock, 6)],
        limits: &[(Bound::MaxClock, 1, 100)],
        seen_at: None,
        model: |settings| {
            let (nodes, max_clock) = (settings.get(Bound::Nodes), settings.get(Bound::MaxClock));
            Modelled::Lamport(LamportMutex { nodes, max_clock })
        },
    },
    Entry {
        name: "chang-roberts",
        says: "Chang and Roberts' election on a ring of 1979; 137 states are published for 3 nodes",
        bounds: &[(Bound::Nodes, 3)],
        limits: &[],
        seen_at: None,
        model: |settings| Modelled::Ring(ChangRoberts::of(settings.get(Bound::Nodes))),
    },
    Entry {
        name: "classic-election",
        says: "the classic election with timeouts longer than the slowest answer",
        bounds: CLASSIC_ELECTION,
        limits: &[],
        seen_at: None,
        model: |settings| classic_election(Timing::Synchronous, settings),
    },
    Entry {
        name: "classic-election-any-time",
        says: "the same, but timers may fire at any moment; finds two leaders",
        bounds: CLASSIC_ELECTION,
        limits: &[],
        seen_at: Some("?scenario=late-answers&t=1000000"),
        model: |settings| classic_election(Timing::Any, settings),
    },
    Entry {
        name: "classic-election-short-wait",
        says: "the classic election with a wait for COORDINATOR, T', that may be too short",
        bounds: HASTY_ELECTION,
        limits: &[],
        seen_at: None,
        model: |settings| classic_election(Timing::HastyWait, settings),
    },
    Entry {
        name: "classic-election-needless",
        says: "the same, and a needless election counts as a violation; finds one",
        bounds: HASTY_ELECTION,
        limits: &[],
        seen_at: Some("?scenario=short-wait&t=850000"),
        model: |settings| set(library::frugal_election(settings.size()), settings),
    },
    Entry {
        name: "classic-lock",
        says: "the classic lock; with a crash, it finds two holders",
        bounds: &[
            (Bound::Nodes, 3),
            (Bound::Crashes, 0),
            (Bound::Restarts, 0),
            (Bound::Losses, 0),
            (Bound::Duplicates, 0),
            (Bound::Timeouts, 4),
            (Bound::Elections, 1),
            (Bound::Requests, 3),
            (Bound::Withdrawals, 0),
        ],
        limits: &[],
        seen_at: Some("?scenario=two-holders&t=820000"),
        model: |settings| set(library::classic_lock(settings.size(), 0), settings),
    },
    Entry {
        name: "distributed-lock",
        says: "the lock of Ricart and Agrawala; messages in any order, lost and copied; clocks bounded",
        bounds: &[
            (Bound::Nodes, 3),
            (Bound::MaxClock, 4),
            (Bound::Requests, 2),
            (Bound::Restarts, 0),
            (Bound::Withdrawals, 0),
        ],
        limits: &[(Bound::MaxClock, 1, 100), (Bound::Withdrawals, 0, 1)],
        seen_at: None,
        model: |settings| {
            let [clock, requests, restarts] =
                [Bound::MaxClock, Bound::Requests, Bound::Restarts].map(|it| settings.get(it));
            let withdrawals = settings.get(Bound::Withdrawals) > 0;
            let size = settings.size();
            let model = Distributed::new(size, clock, requests, restarts, withdrawals);
            Modelled::Distributed(Box::new(model))
        },
    },
    Entry {
        name: "hardened-election",
        says: "the hardened election; messages in any order, lost and copied; any number of crashes",
        bounds: &[(Bound::Nodes, 3), (Bound::NewTerms, 2)],
        limits: &[
            (Bound::Nodes, 2, election::MOST_NODES),
            (Bound::NewTerms, 0, election::LAST_TERM.0 as u8 - 1),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(1 + u64::from(settings.get(Bound::NewTerms)));
            let rules = library::soup_election(settings.size(), last_term);
            Modelled::Election(Box::new(election::Election::new(&rules)))
        },
    },
    Entry {
        name: "hardened-joined",
        says: "the same, but no node has met node 1, which may lose its memory once",
        bounds: &[(Bound::Nodes, 3), (Bound::NewTerms, 1)],
        limits: &[
            (Bound::Nodes, 2, election::MOST_NODES),
            (Bound::NewTerms, 0, election::LAST_TERM.0 as u8),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(u64::from(settings.get(Bound::NewTerms)));
            let rules = library::soup_joined(settings.size(), last_term);
            Modelled::Election(Box::new(election::Election::new(&rules)))
        },
    },
    Entry {
        name: "hardened-births",
        says: "the same, but no nodes have met each other, and node 1 may lose its memory once",
        bounds: &[(Bound::Nodes, 3), (Bound::NewTerms, 1)],
        limits: &[
            (Bound::Nodes, 2, election::MOST_NODES),
            (Bound::NewTerms, 0, election::LAST_TERM.0 as u8),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(u64::from(settings.get(Bound::NewTerms)));
            let rules = library::soup_births(settings.size(), last_term);
            Modelled::Election(Box::new(election::Election::new(&rules)))
        },
    },
    Entry {
        name: "hardened-lock",
        says: "the hardened lock under any election; messages in any order, lost and copied; leases hold",
        bounds: &[
            (Bound::Nodes, 3),
            (Bound::Crashes, 0),
            (Bound::Requests, 2),
            (Bound::Repetitions, 1),
            (Bound::Withdrawals, 0),
            (Bound::NewTerms, 1),
        ],
        limits: &[
            (Bound::Nodes, 1, lock::MOST_NODES),
            (Bound::Requests, 1, lock::MOST_NODES),
            (Bound::Repetitions, 1, 100),
            (Bound::Withdrawals, 0, 1),
            (Bound::NewTerms, 0, lock::LAST_TERM.0 as u8 - 1),
        ],
        seen_at: None,
        model: |settings| {
            let last_term = Term(1 + u64::from(settings.get(Bound::NewTerms)));
            let usual = library::soup_lock(settings.size(), last_term);
            let rules = lock::Rules {
                crashes: settings.get(Bound::Crashes),
                askers: settings.get(Bound::Requests),
                repetitions: u32::from(settings.get(Bound::Repetitions)),
                withdrawals: settings.get(Bound::Withdrawals) > 0,
                requests: 1 + u32::from(settings.get(Bound::Withdrawals)),
                ..usual
            };
            Modelled::Lock(Box::new(lock::Lock::new(rules)))
        },
    },
    Entry {
        name: "hardened-election-fifo",
        says: "the hardened election; links keep the order, timers fire at any moment, within bounds",
        bounds: &[
            (Bound::Nodes, 3),
            (Bound::Crashes, 0),
            (Bound::Restarts, 0),
            (Bound::Losses, 0),
            (Bound::Duplicates, 0),
            (Bound::Timeouts, 2),
            (Bound::Elections, 0),
            (Bound::NewTerms, 2),
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
        bounds: &[
            (Bound::Nodes, 2),
            (Bound::Crashes, 1),
            (Bound::Restarts, 1),
            (Bound::Losses, 0),
            (Bound::Duplicates, 0),
            (Bound::Timeouts, 2),
            (Bound::Elections, 0),
            (Bound::Requests, 2),
            (Bound::Withdrawals, 0),
            (Bound::NewTerms, 2),
        ],
        limits: &[],
        seen_at: None,
        model: |settings| set(library::hardened_lock(settings.size(), settings.budget()), settings),
    },
];
