//! A finished trace is judged like its run.

mod common;

use std::collections::BTreeSet;

use antes_core::{
    Algorithm, Detector, LamportTime, MAX_NODES, NodeSet, Profile, Stamp, Term, Token, VectorClock,
};
use antes_sim::export::Source;
use antes_sim::judge::trace_checker::{Case, judge};
use antes_sim::library::{self, LIBRARY};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Scenario};
use antes_sim::storm::{Faults, storm};
use antes_sim::trace::{Happening, Invariant, LineStamp, TraceEvent, Violation};
use common::*;

/// A simulated run, of which everything is known.
fn case(scenario: &Scenario) -> Case {
    Case {
        size: scenario.config.size,
        setting: scenario.config.setting(),
        source: Source::Sim,
        headless: NodeSet::default(),
        patchy: NodeSet::default(),
    }
}

fn violations(trace: &[TraceEvent]) -> Vec<(u64, &Violation)> {
    let found = trace.iter().filter_map(|event| match &event.happening {
        Happening::Violation(violation) => Some((event.at_us, violation)),
        _ => None,
    });
    found.collect()
}

/// Judges a run again. Returns the number of its violations.
fn judged_alike(name: &str, run: &Run) -> usize {
    let judged = judge(case(run.scenario()), run.trace().iter().cloned());
    assert_eq!(violations(&judged), violations(run.trace()), "{name}");
    violations(&judged).len()
}

#[test]
fn every_run_of_the_library_is_judged_alike_as_traces() {
    let mut found = 0;
    for (slug, text) in LIBRARY {
        let scenario = scenario::read(text).unwrap_or_else(|error| panic!("{slug}: {error}"));
        for profile in [Profile::Classic, Profile::Hardened] {
            let mut scenario = scenario.clone();
            scenario.config.profile = profile;
            found += judged_alike(slug, &finished(scenario));
        }
    }
    assert!(found > 5, "the library has runs that break invariants; {found} were found");
}

#[test]
fn storms_are_judged_alike_as_traces() {
    let mut kinds = BTreeSet::new();
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            for seed in 0..12 {
                let mut base = busy(algorithm, seed);
                base.config.profile = profile;
                base.config.election.detector = Detector::Heartbeat;
                for scenario in [storm(&base, seed, Faults::ALL), base] {
                    let run = finished(scenario);
                    judged_alike(&format!("{algorithm:?} {profile:?} {seed}"), &run);
                    kinds.extend(broken(&run));
                }
            }
        }
    }
    let classic = [
        Invariant::OneHolder,
        Invariant::ExclusiveWrites,
        Invariant::OneLeader,
        Invariant::ClockCondition,
    ];
    assert!(classic.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
}

/// The violations in the run of `leader-dies` after `forge` has changed its lines.
fn said_of(forge: impl Fn(&mut TraceEvent)) -> Vec<String> {
    let text = library::find("leader-dies").expect("it is there");
    let run = finished(scenario::read(text).expect("it is right"));
    let mut trace = run.trace().to_vec();
    trace.iter_mut().for_each(forge);
    let judged = judge(case(run.scenario()), trace);
    let found = violations(&judged).into_iter();
    found
        .map(|(_, violation)| format!("{:?}: {}", violation.invariant, violation.sentence))
        .collect()
}

fn with_lamport(event: &TraceEvent, lamport: u64) -> LineStamp {
    LineStamp::from(&Stamp { lamport: LamportTime(lamport), ..event.stamp.wide() })
}

/// Changes the vector stamp of a line.
fn with_counts(event: &mut TraceEvent, change: impl Fn(&mut [u64; MAX_NODES as usize])) {
    let mut counts = *event.stamp.vector().counts();
    change(&mut counts);
    let vector = VectorClock::from_counts(&counts);
    event.stamp = LineStamp::from(&Stamp { lamport: event.stamp.lamport(), vector });
}

#[test]
fn a_vector_clock_that_does_not_follow_from_what_happened_is_told() {
    assert_eq!(said_of(|_| {}), [""; 0]);
    let received = |event: &TraceEvent| event.node == Some(node(1)) && event.kind() == "receive";
    // The first receipt of node 1 skips three of its events; the second is consistent.
    let first = |event: &TraceEvent| received(event) && event.stamp.of(node(1)) == 1;
    let skipped = said_of(|event| {
        if first(event) {
            with_counts(event, |counts| counts[0] = 4);
        }
    });
    assert_eq!(skipped.len(), 1, "{skipped:?}");
    assert_eq!(
        skipped[0],
        "ClockCondition: Node 1 has the vector clock [4, 0, 0, 1] after it receives 4:1; expected \
         [1, 0, 0, 1]."
    );
    // Events of another node that are known without a message from it, or forgotten.
    for count in [0, 2] {
        let found = said_of(|event| {
            if first(event) {
                with_counts(event, |counts| counts[3] = count);
            }
        });
        assert!(found[0].contains("expected [1, 0, 0, 1]"), "{found:?}");
    }
    let unmoved = said_of(|event| {
        if event.node == Some(node(3)) && event.kind() == "election" {
            with_counts(event, |counts| counts[2] += 1);
        }
    });
    assert!(unmoved[0].contains("\"election\", which is no event of its clock"), "{unmoved:?}");
    let huge =
        said_of(|event| with_counts(event, |counts| *counts = [u64::MAX; MAX_NODES as usize]));
    assert!(!huge.is_empty());
}

#[test]
fn a_lamport_clock_that_skips_is_told() {
    let skipped = said_of(|event| {
        if event.node == Some(node(1)) && event.kind() == "receive" && event.stamp.lamport().0 == 2
        {
            event.stamp = with_lamport(event, 5);
        }
    });
    assert_eq!(
        skipped[0],
        "ClockCondition: Node 1 has the Lamport clock 5 after it receives 4:1; expected 2."
    );
}

#[test]
fn a_forged_line_is_found_out() {
    let mut scenario = busy(Algorithm::Mutex, 1);
    scenario.config.profile = Profile::Hardened;
    let run = finished(scenario);
    assert_eq!(broken(&run), []);
    let found_in = |forge: &dyn Fn(&mut Vec<TraceEvent>)| {
        let mut trace = run.trace().to_vec();
        forge(&mut trace);
        let judged = judge(case(run.scenario()), trace);
        violations(&judged).first().map(|(_, violation)| violation.invariant)
    };
    let place = |kind: &str| run.trace().iter().position(|event| event.kind() == kind);
    let enter = place("enter").expect("somebody enters");
    assert_eq!(found_in(&|_| {}), None);
    let again = found_in(&|trace| trace.insert(enter, trace[enter].clone()));
    assert_eq!(again, Some(Invariant::ServedOnce));
    let backwards = found_in(&|trace| {
        let first = trace.iter_mut().rfind(|event| event.ticks()).expect("an event");
        first.stamp = with_lamport(first, 1);
    });
    assert_eq!(backwards, Some(Invariant::ClockCondition));
    let unasked = found_in(&|trace| {
        trace.retain(|event| !matches!(event.happening, Happening::Request { .. }));
    });
    assert_eq!(unasked, Some(Invariant::GrantByCoordinator));
    let old_token = found_in(&|trace| {
        let last = trace.iter_mut().rfind(|event| event.kind() == "write").expect("a write");
        let Happening::Write { write, accepted: true, .. } = &mut last.happening else { return };
        write.token = Some(Token { term: Term(1), sequence: 1 });
    });
    assert_eq!(old_token, Some(Invariant::TokenOrder));
}
