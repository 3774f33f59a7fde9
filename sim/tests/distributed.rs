//! The distributed lock (Ricart and Agrawala 1981) in the simulator: counts, order, and faults.

mod common;

use antes_core::{Algorithm, Command, Hold, Lock, MAX_NODES, Profile, Setting};
use antes_sim::export::jsonl;
use antes_sim::export::read_jsonl;
use antes_sim::judge::trace_checker::{Case, judge as judge_trace};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Latency, Scenario, Step, Tampering};
use antes_sim::storm::{Faults, judge, storm};
use antes_sim::summary::Summary;
use antes_sim::trace::{Happening, Invariant, TraceEvent};
use common::*;

fn distributed(nodes: u8, steps: Vec<Step>) -> Scenario {
    let mut scenario = quiet(Algorithm::Mutex, nodes, steps);
    scenario.config.mutex.lock = Lock::Distributed;
    scenario
}

fn request_for(of: u8, millis: u64) -> Action {
    order(of, Command::Request { hold: Hold::For(ms(millis)) })
}

fn summary(run: &Run) -> Summary {
    Summary::new(run.scenario().config.size, run.trace())
}

fn entries(run: &Run) -> Vec<u8> {
    summary(run).entries.iter().map(|entry| entry.node.get()).collect()
}

#[test]
fn each_entry_takes_two_messages_for_each_other_node() {
    for nodes in 1..=MAX_NODES {
        let others = u64::from(nodes) - 1;
        for together in [true, false] {
            let when = |number: u8| if together { 100 } else { 1_000 * u64::from(number) };
            let steps = (1..=nodes).map(|number| at(when(number), request_for(number, 200)));
            let run = finished(distributed(nodes, steps.collect()));
            let summary = summary(&run);
            assert_eq!(summary.entries.len(), usize::from(nodes));
            assert_eq!(summary.total(), u64::from(nodes) * 2 * others, "{nodes} nodes");
            assert_eq!(summary.count("REQUEST"), summary.count("OK"));
            assert_eq!(broken(&run), []);
        }
    }
}

#[test]
fn a_request_that_meets_no_other_enters_after_two_message_times() {
    let run = finished(distributed(4, vec![at(1_000, request_for(2, 500))]));
    assert_eq!(summary(&run).entries[0].at_us, 1_200_000);
}

#[test]
fn the_smaller_of_the_stamps_8_and_12_goes_first_with_8_messages_in_all() {
    let events = |of, count| vec![at(0, order(of, Command::LocalEvent)); count];
    let asks = [at(100, request_for(1, 500)), at(100, request_for(3, 500))];
    let steps = [events(1, 7), events(3, 11), asks.to_vec()].concat();
    let run = finished(distributed(3, steps));
    let stamps: Vec<_> = run.trace().iter().filter_map(asked).collect();
    assert_eq!(stamps, [(1, 8), (1, 8), (3, 12), (3, 12)]);
    assert_eq!(entries(&run), [1, 3]);
    assert_eq!(summary(&run).total(), 8);
    assert_eq!(broken(&run), []);
}

/// Node and stamp of a REQUEST that is sent.
fn asked(event: &TraceEvent) -> Option<(u8, u64)> {
    let Happening::Send(message) = &event.happening else { return None };
    match message.content {
        antes_sim::trace::Content::Message(message) => {
            message.asked().map(|(request, stamp)| (request.by.node.get(), stamp.0))
        }
        antes_sim::trace::Content::Write(_) => None,
    }
}

#[test]
fn equal_stamps_enter_in_the_order_of_ids() {
    let steps = (1..=4).rev().map(|number| at(100, request_for(number, 300)));
    let run = finished(distributed(4, steps.collect()));
    assert_eq!(entries(&run), [1, 2, 3, 4]);
}

#[test]
fn no_election_runs_and_no_heartbeat_is_sent() {
    let mut scenario = distributed(4, vec![at(100, request_for(2, 300))]);
    scenario.config.election.detector = antes_core::Detector::Heartbeat;
    scenario.start = scenario::Start::Cold;
    let run = finished(scenario);
    for kind in ["ELECTION", "COORDINATOR", "HEARTBEAT", "GRANT"] {
        assert_eq!(summary(&run).count(kind), 0, "{kind}");
    }
    assert_eq!(lines_of(&run, &["leader", "election"]), [""; 0]);
}

#[test]
fn a_crash_of_any_node_blocks_all_others() {
    for dead in 2..=4 {
        let steps = vec![at(100, Action::Crash(node(dead))), at(200, request_for(1, 300))];
        let run = finished(distributed(4, steps));
        assert_eq!(entries(&run), [0; 0], "node {dead} never answers");
        assert_eq!(broken(&run), []);
    }
}

#[test]
fn a_lost_request_or_ok_blocks_its_node_alone() {
    for kind in ["REQUEST", "OK"] {
        let steps = vec![
            at(0, tamper_nth(kind, 1, Tampering::Drop)),
            at(100, request_for(1, 300)),
            at(2_000, order(1, Command::Withdraw { request: None })),
            at(3_000, request_for(2, 300)),
        ];
        let run = finished(distributed(3, steps));
        assert_eq!(entries(&run), [2], "{kind}");
        assert_eq!(broken(&run), []);
    }
}

#[test]
fn after_a_restart_two_may_be_in_and_the_order_is_no_longer_judged() {
    let steps = vec![
        at(100, request_for(2, 5_000)),
        at(1_000, request_for(1, 1_000)),
        at(2_000, Action::Crash(node(3))),
        at(2_100, Action::Restart(node(3))),
        at(2_500, request_for(3, 1_000)),
    ];
    let run = finished(distributed(3, steps));
    assert_eq!(entries(&run).len(), 3);
    let found = broken(&run);
    assert!(found.contains(&Invariant::OneHolder), "{found:?}");
    assert!(!found.contains(&Invariant::EntryOrder), "{found:?}");
}

/// Nodes that ask by themselves; messages are copied and overtake each other.
fn busy_lock(nodes: u8, seed: u64, loss: f64) -> Scenario {
    let mut scenario = distributed(nodes, Vec::new());
    scenario.seed = seed;
    scenario.config.application.auto = true;
    scenario.config.application.wait = antes_core::DurationRange { min: ms(50), max: ms(800) };
    scenario.config.mutex.hold = antes_core::DurationRange { min: ms(10), max: ms(300) };
    scenario.network.latency = Latency::Exponential { mean: ms(80), min: ms(5) };
    scenario.network.duplicate = 0.2;
    scenario.network.loss = loss;
    scenario.network.fifo = false;
    scenario
}

#[test]
fn copies_and_reordering_change_nothing() {
    for seed in 1..=40 {
        for nodes in [2, 3, 5] {
            let run = finished(busy_lock(nodes, seed, 0.0));
            assert_eq!(broken(&run), [], "{seed}");
            assert!(summary(&run).entries.len() > 20, "{seed}: {nodes} nodes keep entering");
        }
    }
}

#[test]
fn under_loss_copies_and_crashes_there_are_never_two_holders() {
    let mut entered = 0;
    for seed in 1..=100 {
        let mut scenario = busy_lock(4, seed, 0.01);
        let (dies, at_ms) = ((seed % 4 + 1) as u8, 500 + seed * 137 % 9_000);
        scenario.steps = vec![at(at_ms, Action::Crash(node(dies)))];
        let run = finished(scenario);
        assert_eq!(broken(&run), [], "{seed}");
        entered += summary(&run).entries.len();
    }
    assert!(entered > 300, "they enter before they are blocked: {entered}");
}

#[test]
fn no_storm_lets_two_in_or_breaks_the_order() {
    for nodes in 1..=5 {
        for seed in 1..=60 {
            let storm = storm(&distributed(nodes, Vec::new()), seed, Faults::ALL);
            judge(&storm).unwrap_or_else(|failure| panic!("{nodes} nodes, {seed}: {failure:?}"));
        }
    }
}

/// A trace whose entries are out of order is noticed, so the check can fail.
#[test]
fn an_entry_out_of_order_is_reported() {
    let steps = (1..=2).map(|number| at(100, request_for(number, 300)));
    let run = finished(distributed(2, steps.collect()));
    let is_of = |event: &TraceEvent, kind, of| event.kind() == kind && event.node == Some(node(of));
    let mut events = run.trace().to_vec();
    let place =
        |events: &[TraceEvent], kind, of| events.iter().position(|it| is_of(it, kind, of)).unwrap();
    // Node 2's entry is moved before node 1's.
    let early = events.remove(place(&events, "enter", 2));
    let first = place(&events, "enter", 1);
    let exit = events.remove(place(&events, "exit", 2));
    events.insert(first, early);
    events.insert(first + 1, exit);
    let found = |case| -> Vec<String> {
        let judged = judge_trace(case, events.iter().cloned()).into_iter();
        let sentence = judged.map(|event| match event.happening {
            Happening::Violation(violation) if violation.invariant == Invariant::EntryOrder => {
                Some(violation.sentence)
            }
            _ => None,
        });
        sentence.flatten().collect()
    };
    let order = "Request 1:1 with stamp 1 enters after request 2:1 with stamp 1.";
    assert_eq!(found(case(&run)), [order]);
    let centralized = Setting::new(Algorithm::Mutex, Profile::Classic);
    let other = Case { setting: centralized, ..case(&run) };
    assert_eq!(found(other), [""; 0], "the header names a lock without this order");
}

fn case(run: &Run) -> Case {
    Case {
        size: run.scenario().config.size,
        setting: run.scenario().config.setting(),
        source: antes_sim::export::Source::Sim,
        headless: antes_core::NodeSet::default(),
        patchy: antes_core::NodeSet::default(),
    }
}

#[test]
fn a_trace_is_read_and_judged_as_it_was_written_and_names_the_lock() {
    let run = finished(busy_lock(4, 7, 0.02));
    let text = jsonl::write(run.scenario(), run.trace());
    assert!(
        text.lines().next().unwrap().contains("\"algorithm\":\"mutex\",\"lock\":\"distributed\"")
    );
    let (header, events) = read_jsonl(&text).unwrap();
    assert_eq!(header.setting(), Ok(run.scenario().config.setting()));
    assert_eq!(events, run.trace());
    assert_eq!(judge_trace(case(&run), events), run.trace());
    let unknown = text.replacen("distributed", "ring", 1);
    let told = read_jsonl(&unknown).unwrap().0.setting().unwrap_err();
    assert_eq!(told, "\"lock\" is \"ring\"; expected centralized or distributed");
}

fn mistake(text: &str) -> String {
    scenario::read(text).expect_err("it is refused").to_string()
}

const HEAD: &str = "title = \"x\"\nalgorithm = \"mutex\"\n";

#[test]
fn a_scenario_chooses_the_lock_and_is_written_with_it() {
    let text = [HEAD, "[mutex]\nlock = \"distributed\"\n"].concat();
    let scenario = scenario::read(&text).unwrap();
    assert_eq!(scenario.config.mutex.lock, Lock::Distributed);
    let written = scenario::write(&scenario);
    assert!(written.contains("[mutex]\nlock = \"distributed\"\n"), "{written}");
    assert_eq!(scenario::read(&written), Ok(scenario));
}

#[test]
fn mistakes_about_the_lock_say_what_would_be_right() {
    let hardened = [HEAD, "profile = \"hardened\"\n[mutex]\nlock = \"distributed\"\n"].concat();
    assert_eq!(
        mistake(&hardened),
        "5:8: the distributed lock has no hardened form; expected profile \"classic\" or lock \
         \"centralized\""
    );
    let elects =
        [HEAD, "[mutex]\nlock = \"distributed\"\n[[step]]\nat = \"1s\"\nelect = 1\n"].concat();
    assert_eq!(
        mistake(&elects),
        "7:9: \"elect\" needs elections, which the distributed lock does without; expected lock = \
         \"centralized\""
    );
    let unknown = [HEAD, "[mutex]\nlock = \"ring\"\n"].concat();
    assert!(mistake(&unknown).contains("\"centralized\" or \"distributed\""));
}

#[test]
fn the_hardened_profile_is_refused_and_changes_nothing() {
    let scenario = distributed(3, Vec::new());
    assert!(scenario.refuses(Profile::Hardened).is_some());
    assert_eq!(scenario.clone().in_profile(Profile::Hardened), scenario);
}

#[test]
fn a_forged_ok_lets_two_in_and_a_forged_request_does_not() {
    let forge = |kind, from, to| {
        let text = format!(
            "{HEAD}nodes = 3\n[mutex]\nlock = \"distributed\"\n[[step]]\nat = \"100ms\"\n\
             request = {{ node = 1, hold = \"2s\" }}\n[[step]]\nat = \"500ms\"\n\
             request = {{ node = 2, hold = \"2s\" }}\n[[step]]\nat = \"700ms\"\n\
             forge = {{ kind = \"{kind}\", from = {from}, to = {to} }}\n"
        );
        broken(&finished(scenario::read(&text).unwrap()))
    };
    assert!(forge("OK", 1, 2).contains(&Invariant::OneHolder));
    assert_eq!(forge("REQUEST", 3, 1), []);
}
