//! A run can return to each earlier moment, and can be replayed.

mod common;

use antes_core::{Algorithm, Command};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Tampering, Which};
use common::*;

/// All that can be seen of a run.
fn picture(run: &Run) -> String {
    format!("{:?} {:?}", run.world(), run.trace())
}

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex];

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    for algorithm in ALGORITHMS {
        let trace = |seed| words(&finished(busy(algorithm, seed)));
        assert_eq!(trace(7), trace(7));
        assert_ne!(trace(7), trace(8));
    }
}

#[test]
fn stepping_back_restores_everything_at_every_event() {
    for algorithm in ALGORITHMS {
        let mut run = Run::new(busy(algorithm, 3));
        let mut pictures = vec![picture(&run)];
        while run.step() {
            pictures.push(picture(&run));
        }
        assert!(pictures.len() > 150, "long enough to need a snapshot");
        for expected in pictures.iter().rev().skip(1).take(300) {
            assert!(run.step_back());
            assert!(picture(&run) == *expected);
        }
    }
}

#[test]
fn the_worlds_around_each_line_are_those_that_the_run_went_through() {
    for algorithm in ALGORITHMS {
        let mut run = Run::new(busy(algorithm, 3));
        let mut steps = Vec::new();
        loop {
            let (before, lines) = (run.world().clone(), run.trace().len());
            if run.trace().len() > 600 || !run.step() {
                break;
            }
            steps.push((lines..run.trace().len(), before, run.world().clone()));
        }
        let here = picture(&run);
        for (lines, mut before, after) in steps {
            before.wait_until(after.now_us().saturating_sub(1));
            for line in lines {
                let [was, is] = run.worlds_around(line).unwrap();
                assert!(format!("{was:?}") == format!("{before:?}"), "before line {line}");
                assert!(format!("{is:?}") == format!("{after:?}"), "after line {line}");
            }
        }
        assert!(run.worlds_around(run.trace().len()).is_none());
        assert!(picture(&run) == here);
    }
}

#[test]
fn looking_aside_teaches_the_future_and_leaves_the_moment_as_it_is() {
    let mut run = Run::new(busy(Algorithm::Mutex, 5));
    run.seek(4_000_123);
    let here = picture(&run);
    let end = run.aside(|run| {
        run.finish();
        run.trace().len()
    });
    assert!(picture(&run) == here);
    assert_eq!(run.known_trace().len(), end);
    assert!(run.trace().len() < end);
}

#[test]
fn at_the_beginning_there_is_nothing_to_undo() {
    let mut run = Run::new(busy(Algorithm::Mutex, 3));
    assert!(!run.step_back());
    run.step();
    assert!(run.step_back() && !run.step_back());
}

#[test]
fn going_back_and_on_again_gives_the_same_future() {
    let mut run = finished(busy(Algorithm::Mutex, 5));
    let (end, known) = (picture(&run), run.trace().len());
    run.seek(4_000_000);
    assert!(run.trace().len() < known && run.known_trace().len() == known);
    assert!(run.trace().last().unwrap().at_us <= 4_000_000);
    run.finish();
    assert!(picture(&run) == end);
}

#[test]
fn seeking_goes_where_playing_went() {
    let mut played = Run::new(busy(Algorithm::Leader, 5));
    let mut sought = finished(busy(Algorithm::Leader, 5));
    for at_us in [25_000_000u64, 12_345_678, 12_345_677, 3_000_000, 1, 0] {
        sought.seek(at_us);
        played = Run::new(played.scenario().clone());
        played.advance_to(at_us);
        assert!(picture(&sought) == picture(&played), "at {at_us}");
    }
}

#[test]
fn a_run_ends_with_its_duration() {
    let mut run = finished(busy(Algorithm::Leader, 5));
    assert_eq!(run.now_us(), run.end_us());
    assert!(!run.step());
    run.advance_to(u64::MAX);
    assert_eq!(run.now_us(), run.end_us());
}

#[test]
fn a_run_goes_on_after_what_somebody_does_near_its_end() {
    let mut run = finished(busy(Algorithm::Leader, 5));
    let duration_us = run.end_us();
    run.act(Action::Crash(node(4)));
    run.finish();
    assert_eq!(run.now_us(), duration_us + 10_000_000);
    run.act(Action::Restart(node(4)));
    run.finish();
    assert_eq!(run.now_us(), duration_us + 20_000_000);
    let done: Vec<_> = run.interventions().cloned().collect();
    let later = Run::with_interventions(run.scenario().clone(), &done[1..]);
    assert_eq!(later.end_us(), duration_us, "what lies behind the end is not done");
    run.seek(0);
    run.act(Action::Crash(node(4)));
    assert_eq!(run.end_us(), duration_us);
}

#[test]
fn an_intervention_can_be_undone_and_done_again() {
    let mut run = Run::new(busy(Algorithm::Leader, 9));
    run.advance_to(2_000_000);
    let before = picture(&run);
    run.act(Action::Crash(node(3)));
    let after = picture(&run);
    assert!(!run.world().is_up(node(3)));
    run.step_back();
    assert!(picture(&run) != after && run.world().is_up(node(3)));
    assert!(picture(&run) == before, "the world waits at the instant of the act");
    run.advance_to(2_000_000);
    assert!(!run.world().is_up(node(3)), "the future is known until somebody acts differently");
    run.step_back();
    run.act(Action::Pause(node(2)));
    run.finish();
    assert!(run.script().iter().all(|step| step.action != Action::Crash(node(3))));
    assert!(before != after);
}

#[test]
fn an_intervention_can_be_forgotten() {
    let mut run = Run::new(busy(Algorithm::Leader, 9));
    run.finish();
    let untouched = picture(&run);
    run.seek(2_000_000);
    run.act(Action::Crash(node(3)));
    run.step_back();
    run.forget_ahead();
    run.finish();
    assert!(picture(&run) == untouched);
}

#[test]
fn a_run_is_repeated_from_its_scenario_and_what_people_did() {
    let mut run = Run::new(busy(Algorithm::Mutex, 9));
    for (at_us, action) in
        [(2_000_000, Action::Crash(node(4))), (2_000_000, Action::Restart(node(4)))]
    {
        run.seek(at_us);
        run.act(action);
    }
    let done: Vec<_> = run.interventions().cloned().collect();
    let mut again = Run::with_interventions(run.scenario().clone(), &done);
    run.finish();
    again.finish();
    assert!(picture(&run) == picture(&again));
    again.seek(1_000_000);
    again.act(Action::Pause(node(1)));
    assert_eq!(again.interventions().count(), 1, "what people did is told from the script");
}

#[test]
fn acting_differently_keeps_the_script_of_the_scenario() {
    let mut run = finished(busy(Algorithm::Leader, 9));
    run.seek(5_000_000);
    run.act(Action::Crash(node(1)));
    assert_eq!(run.script().len(), run.scenario().steps.len() + 1);
}

#[test]
fn a_run_with_interventions_can_be_told_as_a_scenario_that_replays_it_exactly() {
    for algorithm in ALGORITHMS {
        for seed in 0..20 {
            let mut run = Run::new(busy(algorithm, seed));
            // Acts at unusual moments: between events of the same instant, between events, twice in
            // a row, and after going back.
            for turn in 0..12u64 {
                run.go_to(run.done() + 1 + (seed * 7 + turn * 5) % 23);
                let target = node(u8::try_from((seed + turn) % 4 + 1).unwrap());
                match turn % 6 {
                    0 => run.act(Action::Crash(target)),
                    1 => run.act(Action::Restart(target)),
                    2 => run.act(order(target.get(), Command::Elect)),
                    3 => {
                        let flight = run.world().flights().next().map(|f| f.message.id);
                        if let Some(id) = flight {
                            let which = Which::Id(id);
                            run.act(Action::Tamper { which, tampering: Tampering::Deliver });
                        }
                        run.act(order(target.get(), Command::LocalEvent));
                    }
                    4 => {
                        run.step_back();
                        run.act(Action::Pause(target));
                        run.advance_to(run.now_us() + 777);
                        run.act(Action::Resume(target));
                    }
                    _ => run.act(send(1, 2)),
                }
            }
            run.finish();
            let told = finished(run.as_scenario());
            assert_eq!(words(&told), words(&run), "{algorithm:?}, seed {seed}");
        }
    }
}
