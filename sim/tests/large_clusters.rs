//! Clusters with the most nodes: runs of all algorithms, their traces, and storms.

mod common;

use antes_core::{Algorithm, Config, Detector, Lock, MAX_NODES, NodeSet, Profile};
use antes_sim::export::{Source, jsonl, read_jsonl};
use antes_sim::judge::trace_checker::{Case, judge as judge_trace};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Scenario, Start};
use antes_sim::storm::{Faults, judge, storm};
use antes_sim::summary::Summary;
use common::*;

/// A cold start of the largest cluster. If nodes lock, each one asks by itself.
fn largest(algorithm: Algorithm, profile: Profile) -> Scenario {
    let mut scenario = quiet(algorithm, MAX_NODES, Vec::new());
    let size = scenario.config.size;
    scenario.config = Config { profile, ..Config::new(algorithm, size) };
    scenario.start = Start::Cold;
    scenario.config.election.detector = Detector::Heartbeat;
    scenario.config.application.auto = algorithm == Algorithm::Mutex;
    scenario.duration = ms(90_000);
    scenario
}

fn summary(run: &Run) -> Summary {
    Summary::new(run.scenario().config.size, run.trace())
}

/// The leaders that running nodes follow.
fn followed(run: &Run) -> Vec<Option<u8>> {
    let size = run.scenario().config.size;
    let up = size.nodes().filter(|&node| !run.world().node(node).status().is_down());
    up.map(|node| run.world().leader_of(node).map(u8::from)).collect()
}

fn everybody_enters(run: &Run) {
    let entries = summary(run).entries;
    let entered: NodeSet = entries.iter().map(|entry| entry.node).collect();
    assert_eq!(entered.len(), u32::from(MAX_NODES), "{entries:?}");
}

/// Reads the trace again. It is the same, and is judged as the run was.
fn is_read_as_it_was_written(run: &Run) {
    let written = jsonl::write(run.scenario(), run.trace());
    let (header, events) = read_jsonl(&written).expect("it can be read");
    assert_eq!(header.nodes, MAX_NODES);
    assert_eq!(events, run.trace());
    let case = Case {
        size: run.scenario().config.size,
        setting: run.scenario().config.setting(),
        source: Source::Sim,
        headless: NodeSet::default(),
        patchy: NodeSet::default(),
    };
    assert_eq!(judge_trace(case, events), run.trace());
}

#[test]
fn the_largest_cluster_elects_its_highest_node_and_each_node_enters() {
    for profile in [Profile::Classic, Profile::Hardened] {
        let run = finished(largest(Algorithm::Mutex, profile));
        assert_eq!(broken(&run), [], "{profile:?}");
        assert_eq!(followed(&run), [Some(MAX_NODES); MAX_NODES as usize], "{profile:?}");
        everybody_enters(&run);
        is_read_as_it_was_written(&run);
    }
}

#[test]
fn when_the_highest_of_the_largest_cluster_dies_the_next_one_leads() {
    for (algorithm, profile) in [
        (Algorithm::Leader, Profile::Classic),
        (Algorithm::Leader, Profile::Hardened),
        (Algorithm::Mutex, Profile::Hardened),
    ] {
        let mut scenario = largest(algorithm, profile);
        scenario.steps = vec![at(30_000, Action::Crash(node(MAX_NODES)))];
        let run = finished(scenario);
        assert_eq!(broken(&run), [], "{algorithm:?} {profile:?}");
        let next = Some(MAX_NODES - 1);
        assert_eq!(followed(&run), [next; MAX_NODES as usize - 1], "{algorithm:?} {profile:?}");
        is_read_as_it_was_written(&run);
    }
}

#[test]
fn the_largest_cluster_locks_without_a_coordinator() {
    let mut scenario = largest(Algorithm::Mutex, Profile::Classic);
    scenario.config.mutex.lock = Lock::Distributed;
    let run = finished(scenario);
    assert_eq!(broken(&run), []);
    everybody_enters(&run);
    is_read_as_it_was_written(&run);
}

#[test]
fn a_scenario_of_the_largest_cluster_can_be_split_and_is_read_as_it_was_written() {
    let mut scenario = largest(Algorithm::Leader, Profile::Hardened);
    let (low, high) = (1..=MAX_NODES).map(node).partition(|node| node.get() < 8);
    scenario.steps = vec![at(30_000, Action::Partition(vec![low, high])), at(50_000, Action::Heal)];
    assert_eq!(scenario::read(&scenario::write(&scenario)).as_ref(), Ok(&scenario));
    let packed = scenario::packed::pack(std::slice::from_ref(&scenario));
    assert_eq!(scenario::packed::unpack(&packed).expect("it is packed")[0].steps, scenario.steps);
    let run = finished(scenario);
    assert_eq!(broken(&run), []);
    assert_eq!(followed(&run), [Some(MAX_NODES); MAX_NODES as usize]);
}

#[test]
fn storms_over_the_largest_cluster_get_well() {
    for algorithm in [Algorithm::Leader, Algorithm::Mutex] {
        let base = largest(algorithm, Profile::Hardened);
        for seed in 1..=5 {
            let storm = storm(&base, seed, Faults::ALL);
            judge(&storm).unwrap_or_else(|failure| panic!("{algorithm:?} {seed}: {failure:?}"));
        }
    }
}
