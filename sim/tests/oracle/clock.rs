//! `clock.json`: figures, the rule for receipts, the five events of a remote call.

use antes_core::{Algorithm, Causality, Command, LamportTime};
use antes_sim::figure;
use serde_json::{Value, json};

use super::common::*;
use super::{items, number, oracle, text};

#[test]
fn every_figure_gets_the_stamps_pairs_and_order_of_the_oracle() {
    for sequence in items(&oracle("clock")["sequences"]) {
        let id = &sequence["id"];
        let figure = figure::read(&sequence.to_string()).unwrap_or_else(|error| panic!("{error}"));
        let stamped: Value = serde_json::from_str(&figure::stamp(&figure).to_json()).unwrap();
        assert_eq!(stamped["expected"], sequence["expected"], "{id}");
        assert_eq!(stamped["total_order"], sequence["total_order"], "{id}");
        assert_eq!(
            unordered(&stamped["concurrent_pairs"]),
            unordered(&sequence["concurrent_pairs"]),
            "{id}"
        );
        for (process, last) in sequence["final_lamport"].as_object().unwrap() {
            let events =
                items(&sequence["events"]).iter().filter(|event| event["proc"] == **process);
            let stamps = events.map(|event| &stamped["expected"][text(&event["id"])]["lamport"]);
            assert_eq!(stamps.map(number).max(), last.as_u64(), "{id} {process}");
        }
    }
}

#[test]
fn every_fact_about_a_figure_follows_from_its_vectors() {
    for sequence in items(&oracle("clock")["sequences"]) {
        let figure = figure::read(&sequence.to_string()).unwrap();
        let stamped = figure::stamp(&figure);
        let place =
            |id: &Value| figure.events.iter().position(|event| event.id == text(id)).unwrap();
        for fact in items(&sequence["facts"]) {
            let expected = match text(&fact["rel"]) {
                "hb" => Causality::Before,
                "conc" => Causality::Concurrent,
                other => panic!("{other} is no relation"),
            };
            assert_eq!(stamped.relation(place(&fact["a"]), place(&fact["b"])), expected, "{fact}");
        }
    }
}

#[test]
fn a_receipt_takes_the_larger_clock_and_ticks() {
    for case in items(&oracle("clock")["receive_rule"]) {
        let mut clock = LamportTime(number(&case["local"]));
        clock.witness(LamportTime(number(&case["ts"])));
        assert_eq!(clock.0, number(&case["after"]), "{case}");
    }
}

#[test]
fn a_remote_call_is_five_events_stamped_one_after_the_other() {
    for case in items(&oracle("clock")["rpc"]) {
        let mut steps = Vec::new();
        for (node, before) in [(1, &case["client_before"]), (2, &case["server_before"])] {
            let event = || at(0, order(node, Command::LocalEvent));
            steps.extend((0..number(before)).map(|_| event()));
        }
        steps.push(at(1_000, order(1, Command::Call { to: node(2) })));
        let run = finished(quiet(Algorithm::Clock, 2, steps));
        let events = run.trace().iter().filter(|event| event.at_us >= 1_000_000);
        let stamps: Vec<_> = events
            .map(|event| {
                assert!(event.ticks(), "{event:?}");
                (event.node.unwrap().get(), event.kind(), event.stamp.lamport().0)
            })
            .collect();
        let expected = &case["expected"];
        assert_eq!(
            stamps,
            [
                (1, "send", number(&expected["client_send"])),
                (2, "receive", number(&expected["server_recv"])),
                (2, "local", number(&expected["server_exec"])),
                (2, "send", number(&expected["server_reply"])),
                (1, "receive", number(&expected["client_recv"])),
            ]
        );
    }
}

/// The pairs as a set of sets.
fn unordered(pairs: &Value) -> Value {
    let sorted = |pair: &Value| {
        let mut names: Vec<&str> = items(pair).iter().map(text).collect();
        names.sort_unstable();
        names.join(" ")
    };
    let mut pairs: Vec<String> = items(pairs).iter().map(sorted).collect();
    pairs.sort_unstable();
    json!(pairs)
}
