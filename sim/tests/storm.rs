//! Storms: drawn from a seed, judged, and shortened.

mod common;

use antes_core::{Algorithm, Command, MAX_NODES, Preempt, Profile};
use antes_sim::scenario::{self, Action, Moment, Scenario};
use antes_sim::storm::{Bounds, FAULTS_LAST, Faults, judge, minimised, storm};
use antes_sim::trace::Happening;
use antes_sim::world::Status;
use common::*;

fn hardened(nodes: u8, preempt: Preempt) -> Scenario {
    let mut scenario = quiet(Algorithm::Mutex, nodes, Vec::new());
    scenario.config.profile = Profile::Hardened;
    scenario.config.hardened.preempt = preempt;
    scenario
}

fn base(profile: Profile) -> Scenario {
    Scenario { config: antes_core::Config { profile, ..four().config }, ..four() }
}

fn four() -> Scenario {
    hardened(4, Preempt::Always)
}

/// The storms of the first seeds over `base`.
fn storms(base: &Scenario, seeds: u64) -> impl Iterator<Item = Scenario> {
    (1..=seeds).map(|seed| storm(base, seed, Faults::ALL))
}

#[test]
fn with_each_preempt_no_invariant_is_violated_and_connected_nodes_are_served_within_the_bounds() {
    for preempt in [Preempt::Always, Preempt::Never, Preempt::Stable] {
        for nodes in 3..=5 {
            for storm in storms(&hardened(nodes, preempt), 40) {
                let (bounds, seed) = (Bounds::of(&storm), storm.seed);
                let calm = judge(&storm).unwrap_or_else(|failure| panic!("{seed}: {failure:?}"));
                assert!(FAULTS_LAST + calm.led_after <= bounds.led, "{seed}");
                assert!(bounds.led + calm.served_after <= bounds.served, "{seed}");
            }
        }
    }
}

#[test]
fn a_cluster_of_one_gets_well_too() {
    for storm in storms(&hardened(1, Preempt::Always), 40) {
        judge(&storm).unwrap_or_else(|failure| panic!("{}: {failure:?}", storm.seed));
    }
}

/// What happened in a storm. Each of these must happen in some storm.
fn sights(storm: &Scenario) -> Vec<&'static str> {
    let run = finished(storm.clone());
    let mut sights = Vec::new();
    let mut armed = [None; MAX_NODES as usize];
    let end_us = run.trace().last().map_or(0, |event| event.at_us);
    for step in &storm.steps {
        if let Action::CrashAt { node, moment } = step.action {
            armed[node.index()] = Some(moment);
        }
    }
    for pair in run.trace().windows(2) {
        let node = pair[1].node.filter(|&node| pair[0].node == Some(node));
        let (Happening::Crash, Some(node)) = (&pair[1].happening, node) else { continue };
        sights.push(match (&pair[0].happening, armed[node.index()]) {
            (Happening::Save(_), Some(Moment::AfterSave)) => "a crash between save and send",
            (Happening::Send(_), Some(Moment::Send)) => "a crash at a send",
            (Happening::Receive { .. }, Some(Moment::Receive)) => "a crash at a receipt",
            _ => continue,
        });
    }
    let resigns = |event: &&antes_sim::trace::TraceEvent| match event.happening {
        Happening::Send(message) => message.content.name() == "RESIGN",
        _ => false,
    };
    sights.extend(run.trace().iter().find(resigns).map(|_| "a leader that leaves"));
    let size = storm.config.size;
    for id in size.nodes() {
        sights.push(match run.world().node(id).status() {
            Status::Up => continue,
            Status::Paused => "a calm with a paused node",
            Status::Crashed | Status::Stopped => "a calm with a dead node",
        });
    }
    let cut = |from, to| run.world().is_cut(from, to);
    for id in size.nodes() {
        sights.push(
            match (size.others(id).any(|to| cut(id, to)), size.others(id).any(|from| cut(from, id)))
            {
                (true, false) => "a calm with a node that hears and is not heard",
                (false, true) => "a calm with a node that is heard and does not hear",
                (true, true) => "a calm with a node that is cut off",
                (false, false) => continue,
            },
        );
    }
    assert!(end_us <= storm.duration.as_micros() as u64);
    sights
}

#[test]
fn each_kind_of_fault_happens_in_some_storm() {
    let mut seen: Vec<_> = storms(&four(), 60).flat_map(|storm| sights(&storm)).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(
        seen,
        [
            "a calm with a dead node",
            "a calm with a node that hears and is not heard",
            "a calm with a node that is cut off",
            "a calm with a node that is heard and does not hear",
            "a calm with a paused node",
            "a crash at a receipt",
            "a crash at a send",
            "a crash between save and send",
            "a leader that leaves",
        ]
    );
}

#[test]
fn after_the_faults_nothing_is_left_that_would_go_wrong_later() {
    for storm in storms(&four(), 40) {
        let run = finished(storm);
        let late = run.trace().iter().filter(|event| event.at_us > FAULTS_LAST.as_micros() as u64);
        for event in late {
            assert!(!matches!(event.happening, Happening::Crash | Happening::Duplicate { .. }));
        }
    }
}

#[test]
fn the_same_seed_is_the_same_storm_with_the_same_trace() {
    let trace = || finished(storm(&four(), 7, Faults::ALL)).trace().to_vec();
    assert_eq!(trace(), trace());
}

#[test]
fn a_storm_replays_from_its_file() {
    let storm = storm(&four(), 7, Faults::ALL);
    let read = scenario::read(&scenario::write(&storm)).expect("it can be read");
    assert_eq!(read, storm);
    assert_eq!(finished(read).trace(), finished(storm).trace());
}

#[test]
fn a_shortened_script_still_breaks_classic_when_read_from_its_file() {
    let faults = Faults { pauses: true, ..Faults::NONE };
    let storms = (1..=200).map(|seed| storm(&base(Profile::Classic), seed, faults));
    let (storm, failure) = storms
        .filter_map(|storm| judge(&storm).err().map(|failure| (storm, failure)))
        .next()
        .expect("one of them breaks it");
    let shortest = minimised(storm.clone(), &failure);
    assert!(shortest.steps.len() < storm.steps.len());
    let read = scenario::read(&scenario::write(&shortest)).expect("it can be read");
    assert_eq!(judge(&read).expect_err("it fails").name, failure.name);
    for left_out in 0..shortest.steps.len() {
        let mut shorter = shortest.clone();
        shorter.steps.remove(left_out);
        assert_ne!(judge(&shorter).err().map(|found| found.name), Some(failure.name));
    }
}

/// A storm once found this: the timer that lets the leader ask was overdue before the timer of its
/// lease, so it granted itself a lease that began at the resumption.
#[test]
fn a_leader_that_was_paused_does_not_let_itself_in_when_it_goes_on() {
    let mut scenario = hardened(3, Preempt::Always);
    scenario.seed = 3070;
    scenario.network.latency = antes_sim::scenario::Latency::Fixed(ms(50));
    scenario.config.application.auto = true;
    scenario.config.application.wait.min = ms(200);
    scenario.config.application.wait.max = ms(1_500);
    scenario.steps = vec![at(464, Action::Pause(node(3))), at(9_995, Action::Resume(node(3)))];
    let run = finished(scenario);
    assert_eq!(broken(&run), []);
    let as_it_goes_on = lines_of(&run, &["request", "enter"]);
    assert!(as_it_goes_on.iter().any(|line| line.starts_with("9995 ms 3 request")));
    assert!(!as_it_goes_on.iter().any(|line| line.starts_with("9995 ms 3 enter")));
}

/// A storm once found this: node 5 hears only node 3, which no other node hears. It learned of each
/// new term, proposed itself, got all votes and never received them.
#[test]
fn a_node_that_is_heard_and_does_not_hear_does_not_keep_the_others_from_electing() {
    let cut = |from, to| at(1_000, Action::Cut { from: node(from), to: node(to) });
    let mut scenario = hardened(5, Preempt::Always);
    scenario.steps = [1, 2, 4].into_iter().flat_map(|well| [cut(3, well), cut(well, 5)]).collect();
    scenario.steps.push(at(20_000, order(1, Command::Request { hold: antes_core::Hold::Drawn })));
    let run = finished(scenario);
    assert_eq!(broken(&run), []);
    for well in [1, 2, 4] {
        assert_eq!(run.world().leader_of(node(well)), Some(node(4)));
    }
    assert_eq!(lines_of(&run, &["enter"]).len(), 1);
}
