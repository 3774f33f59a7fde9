//! The models of this project's algorithms.

use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, Config, Detector, Profile, Term};

use crate::cluster::{Budget, Cluster, Timing};
use crate::soup::{election, lock};

/// A T' that is too short. It should be at least T plus a transmission each way, which in scenarios
/// are 300, 100 and 100 ms.
const HASTY: Duration = Duration::from_millis(150);

/// A classic election without a failure detector. A user starts up to two elections.
pub fn classic_election(size: ClusterSize, timing: Timing, crashes: u8) -> Cluster {
    let mut config = Config::new(Algorithm::Leader, size);
    config.election.detector = Detector::Off;
    if timing == Timing::HastyWait {
        config.election.coordinator_timeout = HASTY;
    }
    let budget = Budget { crashes, timeouts: 6, elections: 2, ..Budget::default() };
    Cluster { config, elected: true, timing, budget, last_term: Term(1), frugal: false }
}

/// A classic election with a T' that is too short. A needless election counts as a violation.
pub fn frugal_election(size: ClusterSize) -> Cluster {
    Cluster { frugal: true, ..classic_election(size, Timing::HastyWait, 0) }
}

/// The classic lock with timeouts longer than any answer. Each node makes one request, and a user
/// starts one election.
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

/// A hardened election of nodes that know their leader, with at most two new terms.
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

/// The hardened lock of nodes that know their leader, with at most two new terms.
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

/// The hardened election of nodes that know their leader, in a lossy, duplicating, unordered
/// network.
pub fn soup_election(size: ClusterSize, last_term: Term) -> election::Rules {
    let mut config = Config::new(Algorithm::Leader, size);
    config.profile = Profile::Hardened;
    let (memory, origin) = (election::Memory::Kept, election::Origin::Founded);
    election::Rules { config, last_term, memory, origin }
}

/// As [`soup_election`], but no node has met node 1, and node 1 may lose its memory once.
pub fn soup_joined(size: ClusterSize, last_term: Term) -> election::Rules {
    let by = antes_core::NodeId::new(1).expect("1 is a node");
    election::Rules { origin: election::Origin::Joined { by }, ..soup_election(size, last_term) }
}

/// As [`soup_election`], but no nodes have met each other, and node 1 may lose its memory once.
pub fn soup_births(size: ClusterSize, last_term: Term) -> election::Rules {
    let origin = election::Origin::New { loses: antes_core::NodeId::new(1) };
    election::Rules { origin, ..soup_election(size, last_term) }
}

/// The hardened lock of nodes that know their leader, in a lossy, duplicating, unordered network.
/// All nodes request, each request has one attempt, and no node crashes.
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
