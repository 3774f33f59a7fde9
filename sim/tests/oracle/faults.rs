//! `faults.json`: the classic profile under faults. The name of each test says what it shows.

use antes_core::{Algorithm, Command, Hold};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Step, Tampering, Which};
use antes_sim::trace::Invariant;
use serde_json::json;

use super::common::*;
use super::{items, leaders, oracle, summary, text};

/// A run with a lock and without a failure detector. Users start elections.
fn mutex(steps: Vec<Step>) -> Run {
    finished(quiet(Algorithm::Mutex, 4, steps))
}

/// A run of four nodes with heartbeats.
fn watched(algorithm: Algorithm, steps: Vec<Step>) -> Run {
    let mut scenario = quiet(algorithm, 4, steps);
    scenario.config.election.detector = antes_core::Detector::Heartbeat;
    finished(scenario)
}

fn elect(id: u8) -> Action {
    order(id, Command::Elect)
}

fn release(id: u8) -> Action {
    order(id, Command::Release)
}

/// The entries into the critical section, in their order.
fn entered(run: &Run) -> Vec<String> {
    summary(run).entries.iter().map(|entry| entry.request.to_string()).collect()
}

#[test]
fn every_fault_of_the_oracle_has_its_test() {
    let faults = oracle("faults");
    let ids: Vec<&str> = items(&faults).iter().map(|fault| text(&fault["id"])).collect();
    let tested = "01 03 04 05 07 09 14 16 17 19 25 28".split(' ').map(|n| format!("FLT-{n}"));
    assert_eq!(ids, tested.collect::<Vec<_>>());
}

#[test]
fn flt_01_a_partition_2_2_has_two_leaders_and_lets_two_in() {
    let run = watched(
        Algorithm::Mutex,
        vec![
            at(1_000, Action::Partition(vec![vec![node(1), node(2)], vec![node(3), node(4)]])),
            at(5_000, request(1)),
            at(6_000, request(3)),
        ],
    );
    assert_eq!(leaders(&run), json!({"1": 2, "2": 2, "3": 4, "4": 4}));
    assert_eq!(entered(&run), ["1:1", "3:1"]);
    assert_eq!(broken(&run), [Invariant::OneHolder, Invariant::ExclusiveWrites]);
}

#[test]
fn flt_03_the_lock_stays_for_ever_with_a_holder_that_is_cut_off() {
    let run = watched(
        Algorithm::Mutex,
        vec![
            at(0, request(2)),
            at(1_000, Action::Partition(vec![vec![node(2)], vec![node(1), node(3), node(4)]])),
            at(2_000, request(1)),
        ],
    );
    assert_eq!(entered(&run), ["2:1"]);
    assert_eq!(broken(&run), []);
}

#[test]
fn flt_04_a_coordinator_crash_loses_holder_and_queue_so_that_2_is_granted_while_1_holds() {
    let queued = |hold| {
        let third = order(3, Command::Request { hold });
        mutex(vec![
            at(0, request(1)),
            at(500, request(2)),
            at(1_000, third),
            at(2_000, Action::Crash(node(4))),
            at(2_500, elect(1)),
        ])
    };
    // The winner's own request is the first in its empty table; that of node 2 comes next.
    let run = queued(Hold::For(ms(500)));
    assert_eq!(leaders(&run), json!({"1": 3, "2": 3, "3": 3}));
    assert_eq!(entered(&run), ["1:1", "3:1", "2:1"]);
    assert!(broken(&run).contains(&Invariant::OneHolder));
    assert!(lines_of(&run, &["exit"]).iter().all(|line| !line.ends_with("1:1")), "1 still holds");
}

#[test]
fn flt_05_who_waits_behind_a_dead_holder_waits_for_ever() {
    let run = watched(
        Algorithm::Mutex,
        vec![at(0, request(1)), at(500, request(2)), at(1_000, Action::Crash(node(1)))],
    );
    assert_eq!(entered(&run), ["1:1"]);
    assert_eq!(broken(&run), []);
}

#[test]
fn flt_07_a_release_that_arrives_twice_lets_two_in() {
    let run = mutex(vec![
        at(0, request(1)),
        at(500, request(2)),
        at(1_000, request(3)),
        at(1_500, tamper_nth("RELEASE", 1, Tampering::Duplicate)),
        at(2_000, release(1)),
    ]);
    assert_eq!(entered(&run), ["1:1", "2:1", "3:1"]);
    assert_eq!(broken(&run), [Invariant::OneHolder, Invariant::ExclusiveWrites]);
}

#[test]
fn flt_09_after_a_lost_grant_nobody_holds_the_lock_for_ever() {
    let run = mutex(vec![
        at(0, tamper_nth("GRANT", 1, Tampering::Drop)),
        at(0, request(1)),
        at(1_000, request(2)),
    ]);
    assert_eq!(entered(&run), [""; 0]);
    assert_eq!(broken(&run), []);
}

#[test]
fn flt_14_a_late_coordinator_of_an_old_leader_misleads_who_hears_it_last() {
    let late = Which::Nth {
        kind: "COORDINATOR".into(),
        from: Some(node(3)),
        to: Some(node(1)),
        nth: 1,
        copy: 0,
    };
    let run = finished(quiet(
        Algorithm::Leader,
        4,
        vec![
            at(0, Action::Crash(node(4))),
            at(0, Action::Tamper { which: late, tampering: Tampering::Delay { by: ms(5_000) } }),
            at(500, elect(3)),
            at(3_000, Action::Restart(node(4))),
        ],
    ));
    assert_eq!(leaders(&run), json!({"1": 3, "2": 4, "3": 4, "4": 4}));
    assert!(broken(&run).contains(&Invariant::OneLeader));
}

#[test]
fn flt_16_a_leader_that_was_paused_still_believes_that_it_leads_and_grants() {
    let mut run = Run::new({
        let mut scenario = quiet(
            Algorithm::Mutex,
            4,
            vec![
                at(1_000, Action::Pause(node(4))),
                at(1_200, request(2)),
                at(1_400, request(1)),
                at(9_000, Action::Resume(node(4))),
            ],
        );
        scenario.config.election.detector = antes_core::Detector::Heartbeat;
        scenario
    });
    run.advance_to(8_900_000);
    let world = run.world();
    for follower in 1..=3 {
        assert_eq!(world.leader_of(node(follower)), Some(node(3)), "elected by timeouts");
    }
    assert_eq!(world.leader_of(node(4)), Some(node(4)), "it has not heard of it");
    assert_eq!(entered(&run), ["1:1"], "granted by 3");
    run.finish();
    assert_eq!(entered(&run), ["1:1", "2:1"], "granted by 4, to a request from before");
    assert_eq!(broken(&run), [Invariant::OneHolder, Invariant::ExclusiveWrites]);
}

#[test]
fn flt_17_a_winner_that_dies_after_ok_is_replaced_when_the_waiting_runs_out() {
    let run = finished(quiet(
        Algorithm::Leader,
        4,
        vec![at(0, Action::Crash(node(4))), at(1_000, elect(1)), at(1_250, Action::Crash(node(3)))],
    ));
    assert_eq!(leaders(&run), json!({"1": 2, "2": 2}));
    assert_eq!(broken(&run), []);
}

#[test]
fn flt_19_the_highest_id_comes_back_with_an_empty_table_and_lets_a_second_one_in() {
    let run = mutex(vec![
        at(0, Action::Crash(node(4))),
        at(500, elect(3)),
        at(2_000, request(1)),
        at(3_000, Action::Restart(node(4))),
        at(4_000, request(2)),
    ]);
    assert_eq!(leaders(&run), json!({"1": 4, "2": 4, "3": 4, "4": 4}));
    assert_eq!(entered(&run), ["1:1", "2:1"]);
    assert!(broken(&run).contains(&Invariant::OneHolder));
}

#[test]
fn flt_25_a_clock_that_is_lost_on_restart_goes_back() {
    let events = (0..40).map(|_| at(0, order(2, Command::LocalEvent)));
    let mut steps: Vec<Step> = events.collect();
    steps.push(at(1_000, Action::Crash(node(2))));
    steps.push(at(2_000, Action::Restart(node(2))));
    steps.push(at(3_000, send(2, 1)));
    let run = finished(quiet(Algorithm::Clock, 2, steps));
    let stamps: Vec<u64> = run
        .trace()
        .iter()
        .filter(|event| event.node == Some(node(2)) && event.ticks())
        .map(|event| event.stamp.lamport().0)
        .collect();
    assert_eq!((stamps[39], stamps[40]), (40, 1));
    assert_eq!(broken(&run), [Invariant::ClockCondition]);
}

#[test]
fn flt_28_an_ok_that_arrives_after_the_election_changes_nothing() {
    let late =
        Which::Nth { kind: "OK".into(), from: Some(node(2)), to: Some(node(1)), nth: 1, copy: 0 };
    let script = |tampering: Option<Action>| {
        let mut steps = vec![at(0, Action::Crash(node(4)))];
        steps.extend(tampering.map(|action| at(0, action)));
        steps.push(at(500, elect(1)));
        quiet(Algorithm::Leader, 4, steps)
    };
    let delay = Action::Tamper { which: late, tampering: Tampering::Delay { by: ms(5_000) } };
    let (on_time, delayed) = (finished(script(None)), finished(script(Some(delay))));
    assert_eq!(leaders(&delayed), json!({"1": 3, "2": 3, "3": 3}));
    assert_eq!(lines_of(&delayed, &["election"]).len(), lines_of(&on_time, &["election"]).len());
    let last = delayed.trace().last().unwrap();
    assert_eq!((last.kind(), last.message().unwrap().content.name()), ("receive", "OK"));
}
