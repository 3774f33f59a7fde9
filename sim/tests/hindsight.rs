//! A trace that is judged when it is finished is judged as the run was.

mod common;

use std::collections::BTreeSet;

use antes_core::{Algorithm, Detector, LamportTime, NodeSet, Profile, Term, Token};
use antes_sim::export::Source;
use antes_sim::judge::hindsight::{Case, judge};
use antes_sim::library::LIBRARY;
use antes_sim::run::Run;
use antes_sim::scenario::{self, Scenario};
use antes_sim::storm::{Faults, storm};
use antes_sim::trace::{Happening, Invariant, TraceEvent, Violation};
use common::*;

/// What is known of a run of the simulator: everything.
fn case(scenario: &Scenario) -> Case {
    Case {
        size: scenario.config.size,
        algorithm: scenario.config.algorithm,
        profile: scenario.config.profile,
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

/// Judges a run again; returns how many violations it has.
fn judged_alike(name: &str, run: &Run) -> usize {
    let judged = judge(case(run.scenario()), run.trace().iter().cloned());
    assert_eq!(violations(&judged), violations(run.trace()), "{name}");
    violations(&judged).len()
}

#[test]
fn every_run_of_the_library_is_judged_alike_in_hindsight() {
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
fn storms_are_judged_alike_in_hindsight() {
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
        first.stamp.lamport = LamportTime(1);
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
