//! `mutex.json`: traces of the coordinator, counts, delays, and fencing.

use antes_core::{
    Algorithm, Command, Hold, Identity, Incarnation, Phase, RequestId, Role, Table, Term, Token,
    Write,
};
use antes_sim::resource::Resource;
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Step};
use antes_sim::trace::{Happening, Recipient};
use serde_json::json;

use super::common::*;
use super::{items, number, oracle, small, summary, text};

const LATENCY_MS: u64 = 100;

fn mutex(nodes: u8, steps: Vec<Step>) -> Run {
    finished(quiet(Algorithm::Mutex, nodes, steps))
}

fn request_for(id: u8, millis: u64) -> Action {
    order(id, Command::Request { hold: Hold::For(ms(millis)) })
}

fn table(run: &Run, coordinator: u8) -> &Table {
    let stack = run.world().node(node(coordinator)).node().stack();
    match stack.mutex().expect("a lock is run").role() {
        Role::Coordinator(table) => table,
        Role::Participant { .. } => panic!("{coordinator} does not coordinate"),
    }
}

#[test]
fn the_coordinator_answers_step_by_step_as_the_oracle_says() {
    for case in items(&oracle("mutex")["scenarios"]) {
        let coordinator = small(&case["coordinator"]);
        let inputs = items(&case["steps"]).iter().zip(0..).map(|(step, place)| {
            let (what, by) = text(&step["input"]).split_once("<-").expect("an arrow");
            let by = by.parse().expect("a node");
            let command = match what {
                "REQUEST" => Command::Request { hold: Hold::UntilReleased },
                "RELEASE" => Command::Release,
                other => panic!("{other} is no input"),
            };
            at(place * 1_000, order(by, command))
        });
        let mut run = Run::new(quiet(Algorithm::Mutex, coordinator, inputs.collect()));
        for (step, place) in items(&case["steps"]).iter().zip(0..) {
            let before = run.trace().len();
            run.advance_to((place * 1_000 + 999) * 1_000);
            let label = format!("{} {step}", case["id"]);
            let outputs: Vec<String> = run.trace()[before..]
                .iter()
                .filter_map(|event| match &event.happening {
                    Happening::Send(m) if m.id.from == node(coordinator) => match m.to {
                        Recipient::Node(to) => Some(format!("{}->{to}", m.content.name())),
                        Recipient::Resource => None,
                    },
                    _ => None,
                })
                .collect();
            assert_eq!(json!(outputs), step["outputs"], "{label}");
            let table = table(&run, coordinator);
            let holder = table.holder().map(|request| request.by.node.get());
            assert_eq!(json!(holder), step["holder"], "{label}");
            let queue: Vec<u8> = table.queue().iter().map(|waits| waits.by.node.get()).collect();
            assert_eq!(json!(queue), step["queue"], "{label}");
        }
        let summary = summary(&run);
        assert_eq!(summary.total(), number(&case["network_messages"]), "{}", case["id"]);
        let order: Vec<u8> = summary.entries.iter().map(|entry| entry.node.get()).collect();
        assert_eq!(json!(order), case["grant_order"], "{}", case["id"]);
        assert_eq!(broken(&run), []);
    }
}

#[test]
fn an_entry_and_exit_takes_three_messages_and_none_when_the_coordinator_itself_enters() {
    let counts = &oracle("mutex")["counts"];
    let of_another = summary(&mutex(4, vec![at(0, request_for(1, 500))]));
    assert_eq!(of_another.total(), number(&counts["messages_per_entry_exit"]));
    let entry = of_another.count("REQUEST") + of_another.count("GRANT");
    assert_eq!(entry, number(&counts["messages_per_entry"]));
    assert_eq!(of_another.count("RELEASE"), number(&counts["messages_per_exit"]));
    let its_own = summary(&mutex(4, vec![at(0, request_for(4, 500))]));
    assert_eq!(its_own.entries.len(), 1);
    assert_eq!(its_own.total(), number(&counts["by_coordinator_itself"]));
}

#[test]
fn delays_are_as_many_message_times_as_the_oracle_says() {
    let delays = &oracle("mutex")["delays_in_message_times"];
    let hold_ms = 1_000;
    let run = mutex(
        4,
        vec![
            at(0, request_for(1, hold_ms)),
            at(0, request_for(2, hold_ms)),
            at(0, request_for(3, hold_ms)),
        ],
    );
    let times = |kind: &str| {
        let events = run.trace().iter().filter(|event| event.kind() == kind);
        events.map(|event| event.at_us / 1_000).collect::<Vec<_>>()
    };
    let (entries, exits) = (times("enter"), times("exit"));
    assert_eq!(entries[0], number(&delays["uncontended_client_delay"]) * LATENCY_MS);
    assert_eq!(exits[0] - (entries[0] + hold_ms), number(&delays["exit_delay"]) * LATENCY_MS);
    let hand_over = number(&delays["synchronization_delay_holder_exit_to_next_entry"]) * LATENCY_MS;
    assert_eq!(entries[1] - exits[0], hand_over);
    // "CS time E + 2", under saturation.
    assert_eq!(entries[2] - entries[1], hold_ms + 2 * LATENCY_MS);
}

fn write(token: Token) -> Write {
    let by = Identity { node: node(1), incarnation: Incarnation::FIRST };
    Write { request: RequestId { by, number: 1 }, phase: Phase::Inside, token: Some(token) }
}

#[test]
fn the_resource_refuses_a_token_lower_than_one_it_has_seen() {
    let mut resource = Resource::default();
    for step in items(&oracle("mutex")["fencing"]["steps"]) {
        let token = Token { term: Term(1), sequence: number(&step["write"]) };
        let accepted = resource.write(write(token), true).accepted;
        assert_eq!(json!(accepted), step["accepted"], "{step}");
    }
}

#[test]
fn tokens_are_ordered_across_coordinators_by_term_first() {
    let token = |term, sequence| Token { term: Term(term), sequence };
    let mut resource = Resource::default();
    assert!(resource.write(write(token(2, 9)), true).accepted);
    assert!(resource.write(write(token(3, 1)), true).accepted);
    assert!(!resource.write(write(token(2, 9)), true).accepted);
}
