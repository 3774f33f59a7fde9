//! `bully.json`: message counts and lists of steps. One unit of its time is 100 ms here.

use std::collections::BTreeMap;

use antes_core::{Algorithm, Announce, Command, Form, MAX_NODES};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario, Step};
use antes_sim::trace::{Happening, Loss, MessageId, Recipient};
use serde_json::{Value, json};

use super::common::*;
use super::{items, leaders, number, oracle, small, summary, text};

const UNIT_MS: u64 = 100;

/// When the election starts, after all preparations.
const START_MS: u64 = 10_000;

fn prepared(form: Form, announce: Announce, nodes: u8, steps: Vec<Step>) -> Scenario {
    let mut scenario = quiet(Algorithm::Leader, nodes, steps);
    let election = &mut scenario.config.election;
    (election.form, election.announce) = (form, announce);
    election.answer_timeout = ms(3 * UNIT_MS);
    election.coordinator_timeout = match form {
        Form::Parallel => ms(6 * UNIT_MS),
        Form::Sequential => ms(9 * UNIT_MS),
    };
    scenario
}

/// Some nodes are dead, and others notice at the same instant that the leader is.
fn held(form: Form, announce: Announce, nodes: u8, dead: &[u8], initiators: &[u8]) -> Run {
    let crashes = dead.iter().map(|&id| at(0, Action::Crash(node(id))));
    let elections = initiators.iter().map(|&id| at(START_MS, order(id, Command::Elect)));
    finished(prepared(form, announce, nodes, crashes.chain(elections).collect()))
}

fn ids(list: &Value) -> Vec<u8> {
    items(list).iter().map(small).collect()
}

/// The number of delivered messages.
fn delivered(run: &Run) -> u64 {
    run.trace().iter().filter(|event| event.kind() == "receive").count() as u64
}

#[test]
fn every_row_of_the_parallel_form_has_the_counts_of_the_oracle() {
    for row in items(&oracle("bully")["counts"]) {
        for (announce, name) in [(Announce::Lower, "lower"), (Announce::All, "all")] {
            let initiator = small(&row["initiator"]);
            let run = held(Form::Parallel, announce, 4, &ids(&row["dead"]), &[initiator]);
            let (summary, counts) = (summary(&run), &row["parallel"]);
            assert_eq!(summary.count("ELECTION"), number(&counts["ELECTION"]), "{row}");
            assert_eq!(summary.count("OK"), number(&counts["OK"]), "{row}");
            let announced = number(&counts[format!("COORDINATOR_{name}")]);
            assert_eq!(summary.count("COORDINATOR"), announced, "{name}: {row}");
            assert_eq!(summary.total(), number(&counts[format!("total_{name}")]), "{name}: {row}");
            assert_all_follow(&run, &row["leader"]);
        }
    }
}

/// The highest of `nodes` nodes is dead. The worst case is that the lowest node notices, and the best
/// one that the next highest does.
#[test]
fn the_counts_of_the_parallel_form_are_quadratic_at_worst_and_linear_at_best() {
    for nodes in 3..=MAX_NODES {
        let counts = |initiator| {
            let run = held(Form::Parallel, Announce::Lower, nodes, &[nodes], &[initiator]);
            assert_all_follow(&run, &json!(nodes - 1));
            let summary = summary(&run);
            ["ELECTION", "OK", "COORDINATOR"].map(|kind| summary.count(kind))
        };
        let n = u64::from(nodes);
        assert_eq!(counts(1), [n * (n - 1) / 2, (n - 1) * (n - 2) / 2, n - 2], "{nodes} nodes");
        assert_eq!(counts(nodes - 1), [1, 0, n - 2], "{nodes} nodes");
    }
}

#[test]
fn a_node_whose_betters_are_all_dead_asks_each_of_them_once() {
    for form in [Form::Parallel, Form::Sequential] {
        for nodes in 2..=MAX_NODES {
            let dead: Vec<u8> = (2..=nodes).collect();
            let run = held(form, Announce::Lower, nodes, &dead, &[1]);
            let summary = summary(&run);
            assert_eq!(summary.count("ELECTION"), u64::from(nodes) - 1, "{form:?} {nodes} nodes");
            assert_eq!(summary.count("OK"), 0);
            assert_all_follow(&run, &json!(1));
        }
    }
}

#[test]
fn every_row_of_the_sequential_form_has_the_attempts_of_the_oracle() {
    for row in items(&oracle("bully")["counts"]) {
        let initiator = small(&row["initiator"]);
        let run = held(Form::Sequential, Announce::Lower, 4, &ids(&row["dead"]), &[initiator]);
        let attempts = attempts(&run);
        let ok = attempts.iter().filter(|attempt| attempt.ends_with("ok")).count() as u64;
        assert_eq!(attempts.len() as u64, number(&row["sequential"]["attempts"]), "{row}");
        assert_eq!(ok, number(&row["sequential"]["ok"]), "{row}");
        assert_all_follow(&run, &row["leader"]);
    }
}

#[test]
fn every_step_list_of_the_parallel_form_is_followed_to_the_letter() {
    for case in items(&oracle("bully")["parallel"]) {
        for (announce, name) in
            [(Announce::Lower, "announce_lower"), (Announce::All, "announce_all")]
        {
            let run = parallel_case(text(&case["id"]), announce);
            let expected = &case[name];
            let label = format!("{} {name}", case["id"]);
            assert_eq!(json!(steps(&run)), expected["trace"], "{label}");
            assert_eq!(leaders(&run), expected["leaders"], "{label}");
            let counts = &expected["counts"];
            for kind in ["ELECTION", "OK", "COORDINATOR"] {
                let sent =
                    steps(&run).iter().filter(|step| step.contains(&format!(" {kind} "))).count();
                assert_eq!(sent as u64, number(&counts[kind]), "{label} {kind}");
            }
            assert_eq!(steps(&run).len() as u64, number(&counts["total"]), "{label}");
            assert_eq!(
                of_the_election(&run, "receive").count() as u64,
                number(&counts["delivered"])
            );
            let last = of_the_election(&run, "receive").map(|(at, _)| at).max();
            assert_eq!(last, expected["last_delivery_at"].as_u64(), "{label}");
            assert_eq!(elections_started(&run), expected["elections_started"], "{label}");
        }
    }
}

#[test]
fn every_attempt_of_the_sequential_form_is_made_in_the_order_of_the_oracle() {
    for case in items(&oracle("bully")["sequential"]) {
        let (dead, initiators) = (ids(&case["dead"]), ids(&case["initiators"]));
        let run = held(Form::Sequential, Announce::Lower, 4, &dead, &initiators);
        assert_eq!(json!(attempts(&run)), case["attempts"], "{}", case["id"]);
        assert_eq!(attempts(&run).len() as u64, number(&case["n_attempts"]));
        assert_eq!(leaders(&run), case["leaders"], "{}", case["id"]);
        let answered = summary(&run).count("OK");
        assert_eq!(delivered(&run) - answered, number(&case["n_ok"]), "{}", case["id"]);
    }
}

fn parallel_case(id: &str, announce: Announce) -> Run {
    let unit = |units: u64| START_MS + units * UNIT_MS;
    let held = |initiators: &[u8]| held(Form::Parallel, announce, 4, &[4], initiators);
    let steps = match id {
        "PAR-01" => return held(&[1]),
        "PAR-09" => return held(&[1, 2]),
        "PAR-07" => vec![
            at(0, Action::Crash(node(4))),
            at(0, order(3, Command::Elect)),
            at(START_MS, Action::Restart(node(4))),
        ],
        "PAR-12" => vec![
            at(0, Action::Crash(node(4))),
            at(START_MS, order(1, Command::Elect)),
            at(unit(2) + UNIT_MS / 2, Action::Crash(node(3))),
        ],
        other => panic!("{other} is not known"),
    };
    finished(prepared(Form::Parallel, announce, 4, steps))
}

/// The lines of this kind since the start of the election, with their time in units.
fn of_the_election<'a>(
    run: &'a Run,
    kind: &'a str,
) -> impl Iterator<Item = (u64, &'a Happening)> + 'a {
    let start_us = START_MS * 1_000;
    let events = run.trace().iter().filter(move |event| event.at_us >= start_us);
    let events = events.filter(move |event| event.kind() == kind);
    events.map(move |event| ((event.at_us - start_us) / (UNIT_MS * 1_000), &event.happening))
}

fn lost_at_the_dead(run: &Run) -> Vec<MessageId> {
    let lost = run.trace().iter().filter_map(|event| match &event.happening {
        Happening::Lost { message, loss: Loss::Down } => Some(message.id),
        _ => None,
    });
    lost.collect()
}

/// The messages sent, in the notation of the oracle.
fn steps(run: &Run) -> Vec<String> {
    let lost = lost_at_the_dead(run);
    let sent = of_the_election(run, "send").map(|(at, happening)| {
        let Happening::Send(message) = happening else { unreachable!("only sends are asked for") };
        let Recipient::Node(to) = message.to else { unreachable!("nobody writes here") };
        let fate = if lost.contains(&message.id) { " (lost: target down)" } else { "" };
        format!("t={at} {} {}->{to}{fate}", message.content.name(), message.id.from)
    });
    sent.collect()
}

/// The ELECTION and COORDINATOR messages, in the notation of the oracle. Answers are not counted.
fn attempts(run: &Run) -> Vec<String> {
    let asked = steps(run).into_iter().filter(|step| !step.contains(" OK "));
    let attempts = asked.map(|step| {
        let step = step.split_once(' ').expect("a time comes first").1.to_owned();
        let (step, fate) = match step.strip_suffix(" (lost: target down)") {
            Some(step) => (step.to_owned(), "fails"),
            None => (step, "ok"),
        };
        format!("{} {fate}", step.replace("COORDINATOR", "RESULT"))
    });
    attempts.collect()
}

fn elections_started(run: &Run) -> Value {
    let mut started: BTreeMap<String, u64> = BTreeMap::new();
    for (_, happening) in of_the_election(run, "election") {
        let Happening::Election { election, .. } = happening else { unreachable!() };
        *started.entry(election.by.node.to_string()).or_default() += 1;
    }
    json!(started)
}

fn assert_all_follow(run: &Run, leader: &Value) {
    for (node, followed) in leaders(run).as_object().unwrap() {
        assert_eq!(followed, leader, "node {node}");
    }
}
