//! The models that can be asked for by name, and what can be set about each.

use std::collections::BTreeMap;
use std::fmt;

use antes_core::{ClusterSize, Term};

use crate::cluster::{Budget, Cluster, Timing};
use crate::explore::{Progress, Report, Search, explore};
use crate::library;
use crate::literature::{ChangRoberts, LamportMutex};
use crate::schedule::{self, Found, NoScenario, Unscheduled};
use crate::soup::{election, lock};

/// A number that can be set about a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knob {
    /// How many nodes there are.
    Nodes,
    /// The highest reading of a clock.
    MaxClock,
    /// How often nodes may crash.
    Crashes,
    /// How often dead nodes may restart.
    Restarts,
    /// How often messages may be lost.
    Losses,
    /// How often messages may be doubled.
    Duplicates,
    /// How often timers may fire.
    Timeouts,
    /// How often nodes may be told to hold an election.
    Elections,
    /// How often nodes may be told to ask for the lock.
    Requests,
    /// How many terms there may be beyond the first.
    NewTerms,
    /// How often a request may be sent.
    Repetitions,
    /// How often waiters may give up; where messages do as they like, whether they may, and ask again.
    Withdrawals,
}

impl Knob {
    /// Its name on the command line.
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

    /// The most that makes sense.
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

/// A model of the list.
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line.
    pub says: &'static str,
    /// What can be set about it, and what it is set to otherwise.
    pub knobs: &'static [(Knob, u8)],
    /// What can be set to less than usual: at least this, and at most that.
    limits: &'static [(Knob, u8, u8)],
    /// The address of the page at which a way to break the model is seen.
    pub seen_at: Option<&'static str>,
    model: fn(&Settings) -> Modelled,
}

/// What a model is of.
enum Modelled {
    Lamport(LamportMutex),
    Ring(ChangRoberts),
    Cluster(Box<Cluster>),
    Election(Box<election::Election>),
    Lock(Box<lock::Lock>),
}

/// What a model is set to.
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

    /// Everything that is set, in the order of the knobs.
    pub fn all(&self) -> impl Iterator<Item = (Knob, u8)> {
        self.0.iter().map(|(&knob, &value)| (knob, value))
    }
}

/// Why a model cannot be set like that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadSetting {
    /// It has no such number.
    Unknown(&'static str, Knob),
    /// The number is not between the two that follow.
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

/// The model of this name.
pub fn find(name: &str) -> Option<&'static Entry> {
    MODELS.iter().find(|entry| entry.name == name)
}

impl Entry {
    /// The settings of this model, some of them chosen.
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

    /// Visits its states.
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

    /// A scenario that breaks `property` in the simulator.
    ///
    /// # Errors
    ///
    /// Tells why there is none.
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

/// The model of a cluster, as it is set.
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

/// A classic election in which nothing goes wrong.
const CLASSIC_ELECTION: &[(Knob, u8)] = &[
    (Knob::Nodes, 3),
    (Knob::Crashes, 0),
    (Knob::Restarts, 0),
    (Knob::Losses, 0),
    (Knob::Duplicates, 0),
    (Knob::Timeouts, 6),
    (Knob::Elections, 2),
];

/// One in which the leader may crash, so that there is something to wait for.
const HASTY_ELECTION: &[(Knob, u8)] = &[
    (Knob::Nodes, 3),
    (Knob::Crashes, 1),
    (Knob::Restarts, 0),
    (Knob::Losses, 0),
    (Knob::Duplicates, 0),
    (Knob::Timeouts, 4),
    (Knob::Elections, 2),
];

/// All models. The first two show that the checker counts as others do.
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
        says: "the classic election where no timeout is shorter than the slowest answer",
        knobs: CLASSIC_ELECTION,
        limits: &[],
        seen_at: None,
        model: |settings| classic_election(Timing::Synchronous, settings),
    },
    Entry {
        name: "classic-election-any-time",
        says: "the same, but timers may fire at any moment: two leaders",
        knobs: CLASSIC_ELECTION,
        limits: &[],
        seen_at: Some("?scenario=late-answers&t=1000000"),
        model: |settings| classic_election(Timing::Any, settings),
    },
    Entry {
        name: "classic-election-short-wait",
        says: "the classic election where the wait for COORDINATOR, T', may be too short",
        knobs: HASTY_ELECTION,
        limits: &[],
        seen_at: None,
        model: |settings| classic_election(Timing::HastyWait, settings),
    },
    Entry {
        name: "classic-election-needless",
        says: "the same, and it counts as a failure that a node elects again in vain: one does",
        knobs: HASTY_ELECTION,
        limits: &[],
        seen_at: Some("?scenario=short-wait&t=850000"),
        model: |settings| set(library::frugal_election(settings.size()), settings),
    },
    Entry {
        name: "classic-lock",
        says: "the classic lock; with a crash, two holders",
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
        says: "the hardened election; messages do as they like, nodes crash as often as they like",
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
        says: "the hardened election where nobody has met node 1, which may lose its memory",
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
        says: "the hardened election of nodes that have never met, of which node 1 may lose its memory",
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
        says: "the hardened lock; messages and the election do as they like, leases are kept",
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
        says: "the hardened election; links keep order, timers fire at any moment, but not often",
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
        says: "the hardened lock with its election; links keep order, leases are kept",
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
