//! The judge reports violations and nothing else.

mod common;

use std::collections::HashMap;

use antes_core::{Algorithm, Causality, Command};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Step, Tampering};
use antes_sim::trace::{Happening, Invariant, TraceEvent};
use common::*;

fn mutex(steps: Vec<Step>) -> Run {
    finished(quiet(Algorithm::Mutex, 4, steps))
}

#[test]
fn a_coordinator_crash_under_a_holder_lets_two_in() {
    let run = mutex(vec![
        at(0, request(1)),
        at(300, request(2)),
        at(600, Action::Crash(node(4))),
        at(700, order(3, Command::Elect)),
    ]);
    assert_eq!(broken(&run), [Invariant::OneHolder, Invariant::ExclusiveWrites]);
    let violation = run.trace().iter().find_map(|event| match &event.happening {
        Happening::Violation(violation) => Some(violation.clone()),
        _ => None,
    });
    let violation = violation.unwrap();
    assert_eq!(violation.nodes, [node(1), node(2)]);
    assert_eq!(violation.sentence, "Nodes 1 and 2 are in the critical section at the same time.");
}

#[test]
fn a_dead_holder_does_not_count_as_one() {
    let run = mutex(vec![
        at(0, request(1)),
        at(300, Action::Crash(node(1))),
        at(400, Action::Crash(node(4))),
        at(500, order(3, Command::Elect)),
        at(1_500, request(2)),
    ]);
    assert_eq!(lines_of(&run, &["enter"]).len(), 2);
    assert_eq!(broken(&run), []);
}

#[test]
fn a_late_write_meets_the_next_holders_section_at_the_resource() {
    let run = mutex(vec![
        at(0, request(1)),
        at(300, tamper_nth("WRITE", 1, Tampering::Delay { by: ms(2_000) })),
        at(400, order(1, Command::Release)),
        at(500, request(2)),
    ]);
    assert_eq!(broken(&run), [Invariant::ExclusiveWrites]);
}

#[test]
fn a_paused_holder_counts_again_when_it_goes_on() {
    let run = mutex(vec![
        at(0, request(1)),
        at(300, Action::Pause(node(1))),
        at(400, Action::Crash(node(4))),
        at(500, order(3, Command::Elect)),
        at(1_500, request(2)),
        at(3_000, Action::Resume(node(1))),
    ]);
    let one_holder = run.trace().iter().find(|event| match &event.happening {
        Happening::Violation(violation) => violation.invariant == Invariant::OneHolder,
        _ => false,
    });
    assert_eq!(one_holder.unwrap().at_us, 3_000_000);
}

#[test]
fn two_leaders_are_no_violation_while_the_split_lasts_but_are_when_all_is_quiet() {
    let halves = vec![vec![node(1), node(2)], vec![node(3), node(4)]];
    let mut steps = vec![
        at(0, Action::Partition(halves)),
        at(10, order(1, Command::Elect)),
        at(10, order(2, Command::Elect)),
    ];
    assert_eq!(broken(&finished(quiet(Algorithm::Leader, 4, steps.clone()))), []);
    steps.push(at(5_000, Action::Heal));
    let run = finished(quiet(Algorithm::Leader, 4, steps));
    assert_eq!(broken(&run), [Invariant::OneLeader]);
}

#[test]
fn following_a_dead_leader_is_no_violation_and_a_live_one_that_does_not_lead_is() {
    let dead = vec![at(0, Action::Crash(node(4)))];
    assert_eq!(broken(&finished(quiet(Algorithm::Leader, 4, dead))), []);
    let misled = vec![
        at(0, Action::Crash(node(4))),
        at(10, order(3, Command::Elect)),
        at(1_000, Action::Restart(node(4))),
        at(1_000, tamper_nth("COORDINATOR", 1, Tampering::Drop)),
    ];
    let mut misled = misled;
    misled.swap(2, 3);
    let run = finished(quiet(Algorithm::Leader, 4, misled));
    assert!(broken(&run).contains(&Invariant::OneLeader), "1 follows 3, which follows 4");
}

#[test]
fn without_faults_classic_breaks_nothing_whatever_the_seed() {
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for seed in 0..300 {
            let mut scenario = quiet(algorithm, 4, Vec::new());
            scenario.seed = seed;
            scenario.config.application.auto = true;
            scenario.config.election.detector = antes_core::Detector::Heartbeat;
            scenario.network.latency =
                antes_sim::scenario::Latency::Uniform { min: ms(10), max: ms(120) };
            let run = finished(scenario);
            assert_eq!(broken(&run), [], "{algorithm:?}, seed {seed}");
            let entries = lines_of(&run, &["enter"]).len();
            assert!(algorithm != Algorithm::Mutex || entries > 10, "it does something");
        }
    }
}

/// For each event that ticks, the indices of the events it directly follows: the previous event on
/// its node, and its send.
fn direct_causes(events: &[&TraceEvent]) -> Vec<Vec<usize>> {
    let (mut last, mut sends) = (HashMap::new(), HashMap::new());
    let causes = events.iter().enumerate().map(|(index, event)| {
        let mut causes: Vec<usize> = last.insert(event.node, index).into_iter().collect();
        match &event.happening {
            Happening::Send(message) => {
                sends.insert((message.id.from, message.id.number), index);
            }
            Happening::Receive { message, .. } => {
                causes.push(sends[&(message.id.from, message.id.number)]);
            }
            _ => {}
        }
        causes
    });
    causes.collect()
}

#[test]
fn vector_clocks_say_exactly_what_happened_before_what() {
    for seed in 0..10 {
        let mut run = Run::new(busy(Algorithm::Mutex, seed));
        run.advance_to(16_000_000);
        let events: Vec<_> = run.trace().iter().filter(|event| event.ticks()).collect();
        assert!(events.len() > 200);
        let mut before: Vec<Vec<bool>> = Vec::new();
        for (index, causes) in direct_causes(&events).iter().enumerate() {
            let mut past = vec![false; events.len()];
            for &cause in causes {
                past[cause] = true;
                for (seen, earlier) in past.iter_mut().zip(&before[cause]) {
                    *seen |= earlier;
                }
            }
            before.push(past);
            for other in 0..index {
                let expected =
                    if before[index][other] { Causality::Before } else { Causality::Concurrent };
                let relation = events[other].stamp.vector().relation(&events[index].stamp.vector());
                assert_eq!(relation, expected, "seed {seed}: {other} and {index}");
            }
        }
    }
}
