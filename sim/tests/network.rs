//! The network's effects on messages.

mod common;

use antes_core::Algorithm;
use antes_sim::scenario::{Action, Latency, Scenario, Step, Tampering, Which};
use common::*;

fn clock(steps: Vec<Step>) -> Scenario {
    quiet(Algorithm::Clock, 4, steps)
}

fn arrivals(scenario: Scenario) -> Vec<String> {
    lines_of(&finished(scenario), &["receive", "lost", "duplicate"])
}

#[test]
fn a_message_to_a_dead_node_flies_and_dies_there() {
    let run = finished(clock(vec![at(0, Action::Crash(node(4))), at(0, send(1, 4))]));
    assert_eq!(
        words(&run),
        [
            "0 ms 4 crash",
            "0 ms 1 send MESSAGE 1:1 -> 4",
            "100 ms 1 lost MESSAGE 1:1 (receiver down)"
        ]
    );
    assert_eq!(run.trace()[2].stamp.lamport().0, 1, "it carries its send's stamp");
}

#[test]
fn a_message_in_flight_outlives_its_sender() {
    let steps = vec![at(0, send(1, 2)), at(50, Action::Crash(node(1)))];
    assert_eq!(arrivals(clock(steps)), ["100 ms 2 receive MESSAGE 1:1"]);
}

#[test]
fn a_message_to_a_node_that_has_restarted_meanwhile_reaches_its_new_incarnation() {
    let steps =
        vec![at(0, send(1, 2)), at(20, Action::Crash(node(2))), at(60, Action::Restart(node(2)))];
    let run = finished(clock(steps));
    let receipt = run.trace().last().unwrap();
    assert_eq!((receipt.kind(), receipt.incarnation.get()), ("receive", 2));
}

#[test]
fn on_a_fifo_link_nothing_overtakes() {
    let steps = vec![at(0, send_taking(1, 2, 300)), at(50, send_taking(1, 2, 10))];
    assert_eq!(
        arrivals(clock(steps)),
        ["300 ms 2 receive MESSAGE 1:1", "300 ms 2 receive MESSAGE 1:2"]
    );
}

#[test]
fn without_fifo_a_later_message_overtakes() {
    let steps = vec![at(0, send_taking(1, 2, 300)), at(50, send_taking(1, 2, 10))];
    let mut scenario = clock(steps);
    scenario.network.fifo = false;
    assert_eq!(arrivals(scenario), ["60 ms 2 receive MESSAGE 1:2", "300 ms 2 receive MESSAGE 1:1"]);
}

#[test]
fn a_delay_holds_back_those_behind_it_and_keeps_their_order() {
    let steps = vec![
        at(0, send(1, 2)),
        at(10, send(1, 2)),
        at(20, send(1, 2)),
        at(30, tamper("1:2", Tampering::Delay { by: ms(200) })),
        at(40, send(1, 2)),
    ];
    assert_eq!(
        arrivals(clock(steps)),
        [
            "100 ms 2 receive MESSAGE 1:1",
            "310 ms 2 receive MESSAGE 1:2",
            "310 ms 2 receive MESSAGE 1:3",
            "310 ms 2 receive MESSAGE 1:4"
        ]
    );
}

#[test]
fn delivering_now_overrides_the_order_of_the_link() {
    let steps =
        vec![at(0, send(1, 2)), at(10, send(1, 2)), at(30, tamper("1:2", Tampering::Deliver))];
    assert_eq!(
        arrivals(clock(steps)),
        ["30 ms 2 receive MESSAGE 1:2", "100 ms 2 receive MESSAGE 1:1"]
    );
}

#[test]
fn a_dropped_message_dies_where_it_is() {
    let steps = vec![at(0, send(1, 2)), at(30, tamper("1:1", Tampering::Drop))];
    assert_eq!(arrivals(clock(steps)), ["30 ms 1 lost MESSAGE 1:1 (dropped)"]);
}

#[test]
fn a_duplicate_is_a_later_message_of_the_link_and_ticks_again() {
    let steps =
        vec![at(0, send(1, 2)), at(10, send(1, 2)), at(30, tamper("1:1", Tampering::Duplicate))];
    let run = finished(clock(steps));
    assert_eq!(
        lines_of(&run, &["receive", "duplicate"]),
        [
            "30 ms 1 duplicate MESSAGE 1:1+1",
            "100 ms 2 receive MESSAGE 1:1",
            "110 ms 2 receive MESSAGE 1:2",
            "130 ms 2 receive MESSAGE 1:1+1"
        ]
    );
    assert_eq!(run.trace().last().unwrap().stamp.lamport().0, 4);
}

#[test]
fn copies_are_numbered() {
    let steps = vec![
        at(0, send(1, 2)),
        at(10, tamper("1:1", Tampering::Duplicate)),
        at(20, tamper("1:1", Tampering::Duplicate)),
    ];
    let duplicates = lines_of(&finished(clock(steps)), &["duplicate"]);
    assert_eq!(duplicates, ["10 ms 1 duplicate MESSAGE 1:1+1", "20 ms 1 duplicate MESSAGE 1:1+2"]);
}

/// An intervention on the first copy of the second MESSAGE.
fn to_the_copy_of_the_second(tampering: Tampering) -> Action {
    let which = Which::Nth { kind: "MESSAGE".into(), from: None, to: None, nth: 2, copy: 1 };
    Action::Tamper { which, tampering }
}

#[test]
fn a_copy_can_be_meant_before_there_is_one_and_the_message_itself_is_left_alone() {
    let with = |tampering| {
        let mut scenario = clock(vec![
            at(0, tamper_nth("MESSAGE", 2, Tampering::Duplicate)),
            at(0, to_the_copy_of_the_second(tampering)),
            at(0, send(1, 2)),
            at(10, send(1, 2)),
        ]);
        scenario.network.fifo = false;
        lines_of(&finished(scenario), &["receive", "lost", "duplicate"])
    };
    let first = ["10 ms 1 duplicate MESSAGE 1:2+1"];
    let both = ["100 ms 2 receive MESSAGE 1:1", "110 ms 2 receive MESSAGE 1:2"];
    fn joined(parts: [&[&str]; 4]) -> Vec<String> {
        parts.concat().into_iter().map(String::from).collect()
    }
    let expected = |before: &[&str], after: &[&str]| joined([&first, before, &both, after]);
    let dropped = ["60 ms 1 lost MESSAGE 1:2+1 (dropped)"];
    assert_eq!(with(Tampering::Drop), expected(&dropped, &[]));
    let late = ["1110 ms 2 receive MESSAGE 1:2+1"];
    assert_eq!(with(Tampering::Delay { by: ms(1_000) }), expected(&[], &late));
    let at_once = ["10 ms 2 receive MESSAGE 1:2+1"];
    assert_eq!(with(Tampering::Deliver), expected(&at_once, &[]));
    let copied = with(Tampering::Duplicate);
    assert_eq!(copied[1], "10 ms 1 duplicate MESSAGE 1:2+2");
    assert_eq!(copied.len(), 6, "{copied:?}");
}

#[test]
fn a_copy_that_a_later_step_makes_is_found_by_its_id() {
    let steps = vec![
        at(0, tamper("1:1+1", Tampering::Drop)),
        at(10, send(1, 2)),
        at(20, tamper("1:1", Tampering::Duplicate)),
    ];
    assert_eq!(
        arrivals(clock(steps)),
        [
            "20 ms 1 duplicate MESSAGE 1:1+1",
            "70 ms 1 lost MESSAGE 1:1+1 (dropped)",
            "110 ms 2 receive MESSAGE 1:1"
        ]
    );
}

#[test]
fn nth_counts_the_messages_that_match_from_its_instant_on() {
    let steps = vec![
        at(0, send(1, 2)),
        at(10, tamper_nth("MESSAGE", 2, Tampering::Drop)),
        at(20, send(1, 3)),
        at(30, send(2, 3)),
        at(40, send(1, 2)),
    ];
    assert_eq!(
        lines_of(&finished(clock(steps)), &["lost"]),
        ["80 ms 2 lost MESSAGE 2:1 (dropped)"]
    );
}

#[test]
fn an_intervention_on_a_message_can_be_set_before_it_is_sent() {
    let steps = vec![
        at(0, tamper("1:2", Tampering::Delay { by: ms(400) })),
        at(10, send(1, 2)),
        at(20, send(1, 3)),
    ];
    assert_eq!(
        arrivals(clock(steps)),
        ["110 ms 2 receive MESSAGE 1:1", "520 ms 3 receive MESSAGE 1:2"]
    );
}

#[test]
fn tampering_with_a_message_that_has_landed_is_logged_and_does_nothing() {
    let steps = vec![at(0, send(1, 2)), at(200, tamper("1:1", Tampering::Drop))];
    assert_eq!(
        lines_of(&finished(clock(steps)), &["ignored"]),
        ["200 ms 1 ignored: Nothing is done to message 1:1: it is not in flight any more."]
    );
}

#[test]
fn a_cut_link_loses_what_flies_on_it_and_what_is_sent_over_it_one_way() {
    let steps = vec![
        at(0, send(1, 2)),
        at(30, Action::Cut { from: node(1), to: node(2) }),
        at(40, send(1, 2)),
        at(40, send(2, 1)),
        at(200, Action::Heal),
        at(200, send(1, 2)),
    ];
    assert_eq!(
        lines_of(&finished(clock(steps)), &["receive", "lost", "cut", "heal"]),
        [
            "30 ms 1 cut -> 2",
            "30 ms 1 lost MESSAGE 1:1 (link cut)",
            "90 ms 1 lost MESSAGE 1:2 (link cut)",
            "140 ms 1 receive MESSAGE 2:1",
            "200 ms 1 heal -> 2",
            "300 ms 2 receive MESSAGE 1:3"
        ]
    );
}

#[test]
fn a_partition_cuts_between_groups_and_leaves_each_whole() {
    let groups = vec![vec![node(1), node(2)], vec![node(3)]];
    let steps = vec![
        at(0, Action::Partition(groups)),
        at(10, send(1, 2)),
        at(10, send(2, 3)),
        at(10, send(4, 3)),
    ];
    assert_eq!(
        arrivals(clock(steps)),
        [
            "60 ms 2 lost MESSAGE 2:1 (link cut)",
            "60 ms 4 lost MESSAGE 4:1 (link cut)",
            "110 ms 2 receive MESSAGE 1:1"
        ]
    );
}

#[test]
fn latencies_are_drawn_from_their_distribution() {
    let latencies = |latency| {
        let steps = (0..200).map(|i| at(i * 100, send(1, 2))).collect();
        let mut scenario = clock(steps);
        scenario.network.latency = latency;
        scenario.network.fifo = false;
        let run = finished(scenario);
        let receipts = run.trace().iter().filter(|event| event.kind() == "receive");
        let flights = receipts.map(|receipt| {
            let id = receipt.message().unwrap().id;
            receipt.at_us - u64::from(id.number - 1) * 100_000
        });
        let flights: Vec<u64> = flights.collect();
        (*flights.iter().min().unwrap(), flights.iter().sum::<u64>() / 200)
    };
    let (least, mean) = latencies(Latency::Uniform { min: ms(10), max: ms(30) });
    assert!(least >= 10_000 && (18_000..22_000).contains(&mean), "{least} {mean}");
    let (least, mean) = latencies(Latency::Exponential { mean: ms(30), min: ms(10) });
    assert!(least >= 10_000 && (26_000..34_000).contains(&mean), "{least} {mean}");
}

#[test]
fn losses_and_duplicates_come_as_often_as_they_are_set_to() {
    let steps = (0..1000).map(|i| at(i * 10, send(1, 2))).collect();
    let mut scenario = clock(steps);
    scenario.network.loss = 0.2;
    scenario.network.duplicate = 0.1;
    let run = finished(scenario);
    let count = |kind| lines_of(&run, &[kind]).len();
    assert!((160..240).contains(&count("lost")), "{}", count("lost"));
    assert!((50..115).contains(&count("duplicate")), "{}", count("duplicate"));
    assert_eq!(count("receive"), 1000 - count("lost") + count("duplicate"));
}

#[test]
fn a_message_is_copied_as_often_as_copies_can_be_named() {
    let mut steps = vec![at(0, send_taking(1, 2, 5_000))];
    steps.extend((1..300).map(|i| at(i, tamper("1:1", Tampering::Duplicate))));
    let run = finished(clock(steps));
    assert_eq!(lines_of(&run, &["duplicate"]).len(), 255);
    assert_eq!(lines_of(&run, &["ignored"]).len(), 299 - 255);
}

#[test]
fn messages_to_and_from_a_node_take_its_latency_and_between_two_the_longer_one() {
    let mut scenario = clock(vec![
        at(0, send(1, 2)),
        at(0, send(1, 3)),
        at(0, send(3, 1)),
        at(0, send(3, 4)),
        at(0, send_taking(4, 3, 7)),
    ]);
    scenario.network.node_latencies[2] = Some(ms(20));
    scenario.network.node_latencies[3] = Some(ms(250));
    assert_eq!(
        arrivals(scenario),
        [
            "7 ms 3 receive MESSAGE 4:1",
            "20 ms 3 receive MESSAGE 1:2",
            "20 ms 1 receive MESSAGE 3:1",
            "100 ms 2 receive MESSAGE 1:1",
            "250 ms 4 receive MESSAGE 3:2",
        ]
    );
}
