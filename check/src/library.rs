//! The models of this project's own algorithms, ready to be checked.

use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, Config, Detector, Profile, Term};

use crate::cluster::{Budget, Cluster, Timing};
use crate::soup::{election, lock};

/// A T' that is too short: it should be at least T, the way there, and the way back, which in
/// scenarios are 300, 100 and 100 ms.
const HASTY: Duration = Duration::from_millis(150);

/// A classic election on some nodes, told to begin twice; no failure detector.
pub fn classic_election(size: ClusterSize, timing: Timing, crashes: u8) -> Cluster {
    let mut config = Config::new(Algorithm::Leader, size);
    config.election.detector = Detector::Off;
    if timing == Timing::HastyWait {
        config.election.coordinator_timeout = HASTY;
    }
    let budget = Budget { crashes, timeouts: 6, elections: 2, ..Budget::default() };
    Cluster { config, elected: true, timing, budget, last_term: Term(1), frugal: false }
}

/// A classic election with a T' that is too short, in which nobody may elect again in vain.
pub fn frugal_election(size: ClusterSize) -> Cluster {
    Cluster { frugal: true, ..classic_election(size, Timing::HastyWait, 0) }
}

/// Classic mutual exclusion under synchrony, with one request a node and a person who starts one
/// election.
pub fn classic_lock(size: ClusterSize, crashes: u8) -> Cluster {
    let mut config = Config::new(Algorithm::Mutex, size);
    config.election.detector = Detector::Off;
    let requests = size.get();
    let budget = Budget { crashes, timeouts: 4, elections: 1, requests, ..Budget::default() };
    Cluster {
        config,
        elected: true,
        timing: Timing::Synchronous,
        budget,
        last_term: Term(1),
        frugal: false,
    }
}

/// A hardened election on some nodes that know their leader, two new terms at most.
pub fn hardened_election(size: ClusterSize, budget: Budget) -> Cluster {
    let mut config = Config::new(Algorithm::Leader, size);
    config.profile = Profile::Hardened;
    Cluster {
        config,
        elected: true,
        timing: Timing::Any,
        budget,
        last_term: Term(3),
        frugal: false,
    }
}

/// Hardened mutual exclusion on some nodes that know their leader, two new terms at most.
pub fn hardened_lock(size: ClusterSize, budget: Budget) -> Cluster {
    let mut config = Config::new(Algorithm::Mutex, size);
    config.profile = Profile::Hardened;
    Cluster {
        config,
        elected: true,
        timing: Timing::LeaseOrder,
        budget,
        last_term: Term(3),
        frugal: false,
    }
}

/// The hardened election on some nodes that know their leader, in a network that keeps no promise.
pub fn soup_election(size: ClusterSize, last_term: Term) -> election::Rules {
    let mut config = Config::new(Algorithm::Leader, size);
    config.profile = Profile::Hardened;
    let (memory, origin) = (election::Memory::Kept, election::Origin::Founded);
    election::Rules { config, last_term, memory, origin }
}

/// The same of nodes that know each other, but for node 1, which nobody has met and which may lose its
/// memory.
pub fn soup_joined(size: ClusterSize, last_term: Term) -> election::Rules {
    let by = antes_core::NodeId::new(1).expect("1 is a node");
    election::Rules { origin: election::Origin::Joined { by }, ..soup_election(size, last_term) }
}

/// The same of nodes that have never met, of which node 1 may lose its memory.
pub fn soup_births(size: ClusterSize, last_term: Term) -> election::Rules {
    let origin = election::Origin::New { loses: antes_core::NodeId::new(1) };
    election::Rules { origin, ..soup_election(size, last_term) }
}

/// The hardened lock on some nodes that know their leader, in a network that keeps no promise: no
/// crash, everybody asks, and each request is sent once.
pub fn soup_lock(size: ClusterSize, last_term: Term) -> lock::Rules {
    let mut config = Config::new(Algorithm::Mutex, size);
    config.profile = Profile::Hardened;
    lock::Rules {
        config,
        last_term,
        crashes: 0,
        askers: size.get(),
        repetitions: 1,
        requests: 1,
        withdrawals: false,
        leases: lock::Leases::Kept,
    }
}
