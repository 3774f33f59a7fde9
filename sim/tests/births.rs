//! A node that finds its stable storage empty does nothing until others know it, or until they
//! refuse it.

mod common;

use antes_core::hardened::Part;
use antes_core::{Algorithm, NodeId, Profile};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario, Step};
use antes_sim::trace::{Happening, TraceEvent};
use common::*;
use std::time::Duration;

fn node(number: u8) -> NodeId {
    NodeId::new(number).expect("a node")
}

/// A hardened cluster with these interventions at these seconds.
fn played(nodes: u8, seconds: u64, acts: Vec<(u64, Action)>) -> Run {
    let steps = acts.into_iter().map(|(at, action)| Step::new(Duration::from_secs(at), 0, action));
    let mut scenario: Scenario = quiet(Algorithm::Mutex, nodes, steps.collect());
    scenario.config.profile = Profile::Hardened;
    scenario.duration = Duration::from_secs(seconds);
    finished(scenario)
}

fn part(run: &Run, number: u8) -> Part {
    run.world().node(node(number)).node().stack().part()
}

/// The types of the messages that this node has sent since its restart.
fn sent_since_restart(run: &Run, number: u8) -> Vec<&'static str> {
    let by = |event: &&TraceEvent| event.node == Some(node(number));
    let lines = run.trace().iter().filter(by);
    let since = lines.skip_while(|line| !matches!(line.happening, Happening::Restart { .. }));
    let name = |line: &TraceEvent| match &line.happening {
        Happening::Send(message) => Some(message.content.name()),
        _ => None,
    };
    since.filter_map(name).collect()
}

#[test]
fn a_node_that_comes_back_without_its_storage_is_refused_and_stands_aside() {
    let acts = vec![(1, Action::Crash(node(4))), (5, Action::RestartWithoutStorage(node(4)))];
    let run = played(4, 20, acts);
    assert_eq!(part(&run, 4), Part::Aside);
    assert_eq!(sent_since_restart(&run, 4), ["BIRTH"; 3]);
    assert_eq!(run.world().violations(), 0);
    assert_eq!(run.world().leader_of(node(1)), Some(node(3)), "the others go on");
}

#[test]
fn a_node_that_reaches_no_other_waits_and_repeats_its_birth() {
    let cuts = (1..=3).flat_map(|other| {
        let (here, there) = (node(4), node(other));
        [Action::Cut { from: here, to: there }, Action::Cut { from: there, to: here }]
    });
    let mut acts: Vec<_> = cuts.map(|cut| (2, cut)).collect();
    acts.insert(0, (1, Action::Crash(node(4))));
    acts.push((5, Action::RestartWithoutStorage(node(4))));
    let run = played(4, 20, acts);
    assert!(matches!(part(&run, 4), Part::Waits { .. }));
    assert!(sent_since_restart(&run, 4).len() > 20);
    assert_eq!(run.world().leader_of(node(4)), None);
}

#[test]
fn a_lone_leader_that_lost_its_storage_waits_for_ever_if_the_only_witness_is_dead() {
    let acts = vec![
        (1, Action::Crash(node(1))),
        (1, Action::Crash(node(2))),
        (5, Action::RestartWithoutStorage(node(2))),
    ];
    let run = played(2, 30, acts);
    assert!(matches!(part(&run, 2), Part::Waits { .. }));
    assert_eq!(run.world().leader_of(node(2)), None);
}

#[test]
fn a_restart_with_its_storage_does_not_help_a_node_that_was_refused() {
    let acts = vec![
        (1, Action::Crash(node(4))),
        (3, Action::RestartWithoutStorage(node(4))),
        (6, Action::Crash(node(4))),
        (7, Action::Restart(node(4))),
    ];
    let run = played(4, 20, acts);
    assert_eq!(part(&run, 4), Part::Aside);
    assert_eq!(run.world().violations(), 0);
}
