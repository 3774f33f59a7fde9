//! Fuzz tests of the readers: they never panic, and each error has a position within the file.
//! Files that are written can be read again.
#![cfg(not(target_family = "wasm"))]

mod any;
#[path = "../common/mod.rs"]
mod common;

use std::time::Duration;

use antes_core::{Algorithm, Causality, MAX_NODES, VectorClock};
use antes_sim::export::{jsonl, read_jsonl};
use antes_sim::figure::{self, Figure, FigureKind};
use antes_sim::library::LIBRARY;
use antes_sim::scenario::claim::Claims;
use antes_sim::scenario::{self, Action, Scenario, duration, packed};
use any::{any_figure, any_forgery, any_lock, any_profile, any_scenario};
use common::{busy, finished};
use proptest::collection::vec;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// The number of lines that an editor shows.
fn lines(text: &str) -> u32 {
    u32::try_from(text.lines().count().max(1)).expect("a short text")
}

/// Checks that an error's line and column are within the text.
fn assert_within(text: &str, line: u32, column: u32, message: &str) {
    assert!((1..=lines(text)).contains(&line), "{message} in {text:?}");
    assert!(column >= 1, "{message} in {text:?}");
    assert!(message.len() < 1_000, "{message}");
}

fn check_scenario(text: &str) {
    match scenario::read(text) {
        Ok(read) => assert_eq!(scenario::read(&scenario::write(&read)).as_ref(), Ok(&read)),
        Err(error) => assert_within(text, error.line, error.column, &error.to_string()),
    }
}

fn check_figure(text: &str) {
    match figure::read(text) {
        Ok(read) => check_stamps(&read),
        Err(error) => assert_within(text, error.line, error.column, &error.to_string()),
    }
}

fn check_trace(text: &str) {
    if let Err(error) = read_jsonl(text) {
        assert_within(text, error.line, 1, &error.to_string());
    }
}

/// A mutation of a text.
#[derive(Clone, Debug)]
enum Mutation {
    Cut(usize, usize),
    Repeat(usize, usize),
    Insert(usize, String),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let word = prop_oneof![
        "\\PC{0,3}",
        "[\\[\\]{}=\",.\\n\\\\#':-]{1,3}",
        prop::sample::select(vec![
            "\"9999999999999s\"",
            "-1",
            "1e999",
            "nan",
            "true",
            "18446744073709551616",
            "[[step]]\n",
            "[network]\n",
            "at = \"1s\"\n",
            "null",
            "\"\"\"",
            "\u{feff}",
            "\r\n",
            "\0",
            "{}",
        ])
        .prop_map(str::to_owned),
    ];
    prop_oneof![
        (any::<usize>(), 0..60_usize).prop_map(|(at, len)| Mutation::Cut(at, len)),
        (any::<usize>(), 0..60_usize).prop_map(|(at, len)| Mutation::Repeat(at, len)),
        (any::<usize>(), word).prop_map(|(at, word)| Mutation::Insert(at, word)),
    ]
}

fn mutated(text: &str, mutations: &[Mutation]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for mutation in mutations {
        let (Mutation::Cut(at, _) | Mutation::Repeat(at, _) | Mutation::Insert(at, _)) = mutation;
        let at = at % (letters.len() + 1);
        let end = |len: usize| (at + len).min(letters.len());
        match mutation {
            Mutation::Cut(_, len) => drop(letters.drain(at..end(*len))),
            Mutation::Repeat(_, len) => {
                let part = letters[at..end(*len)].to_vec();
                letters.splice(at..at, part);
            }
            Mutation::Insert(_, word) => drop(letters.splice(at..at, word.chars())),
        }
    }
    letters.into_iter().collect()
}

const FIGURE: &str = r#"{
  "title": "three processes",
  "processes": ["P", "Q", "R"],
  "events": [
    { "id": "r1", "proc": "R", "kind": "recv", "msg": "b" },
    { "id": "p1", "proc": "P", "kind": "send", "msgs": ["a", "b"] },
    { "id": "q1", "proc": "Q", "kind": "recv", "msg": "a" },
    { "id": "q2", "proc": "Q", "kind": "local" }
  ]
}
"#;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read_or_refused_with_a_place(text in "\\PC*|[\\x00-\\x7f]*") {
        check_scenario(&text);
        check_figure(&text);
        check_trace(&text);
    }

    #[test]
    fn a_damaged_scenario_is_read_or_refused_with_a_place(
        which in 0..LIBRARY.len(),
        mutations in vec(mutation(), 1..6),
    ) {
        check_scenario(&mutated(LIBRARY[which].1, &mutations));
    }

    #[test]
    fn a_damaged_figure_is_stamped_or_refused_with_a_place(mutations in vec(mutation(), 1..6)) {
        check_figure(&mutated(FIGURE, &mutations));
    }

    #[test]
    fn a_damaged_trace_is_read_or_refused_with_a_line(
        which in 0..LIBRARY.len(),
        mutations in vec(mutation(), 1..4),
    ) {
        let mut scenario = scenario::read(LIBRARY[which].1).expect("the library is right");
        scenario.duration = Duration::from_secs(2);
        let run = finished(scenario);
        check_trace(&mutated(&jsonl::write(run.scenario(), run.trace()), &mutations));
    }

    #[test]
    fn every_scenario_reads_back_as_it_was_written(scenario in any_scenario()) {
        let written = scenario::write(&scenario);
        prop_assert_eq!(scenario::read(&written), Ok(scenario), "{}", written);
    }

    #[test]
    fn every_scenario_unpacks_as_it_was_packed(scenario in any_scenario()) {
        // Fields that only search and tests use are not packed.
        let mut scenario = Scenario { keywords: None, ..scenario };
        scenario.steps.iter_mut().for_each(|step| step.claims = Claims::Unsaid);
        let scenarios = [scenario.clone(), scenario];
        let packed = packed::pack(&scenarios);
        prop_assert_eq!(packed::unpack(&packed), Some(scenarios.to_vec()));
    }

    #[test]
    fn damaged_bytes_are_unpacked_or_refused(
        scenario in any_scenario(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in any::<prop::sample::Index>(),
    ) {
        let mut packed = packed::pack(&[scenario]);
        for (place, byte) in changes {
            let place = place.index(packed.len());
            packed[place] = byte;
        }
        packed.truncate(length.index(packed.len()));
        for scenario in packed::unpack(&packed).into_iter().flatten() {
            prop_assert!(scenario.steps.len() <= scenario::MAX_STEPS);
        }
    }

    #[test]
    fn every_duration_reads_back_as_it_is_displayed(micros in 0..=86_400_000_000_u64) {
        let span = Duration::from_micros(micros);
        prop_assert_eq!(duration::parse(&duration::display(span)), Ok(span));
    }

    #[test]
    fn any_text_is_a_duration_or_is_refused(text in "[0-9.]{0,25}(us|ms|s|m|h|\\PC)?") {
        if let Ok(span) = duration::parse(&text) {
            prop_assert!(span <= duration::LONGEST);
        }
    }

    #[test]
    fn forged_messages_break_what_they_break_and_nothing_panics(
        forgeries in vec((0..20_000_u64, any_forgery(4)), 1..12),
        profile in any_profile(),
        lock in any_lock(),
        seed in 0..50_u64,
    ) {
        let mut scenario = busy(Algorithm::Mutex, seed);
        scenario.config.mutex.lock = lock;
        let mut scenario = scenario.in_profile(profile);
        for (at_ms, forgery) in forgeries {
            let at = Duration::from_millis(at_ms);
            scenario.steps.push(common::at(0, Action::Forge(Box::new(forgery))));
            scenario.steps.last_mut().expect("it was pushed").at = at;
        }
        scenario.steps.sort_by_key(|step| step.at);
        let run = finished(scenario);
        prop_assert!(run.now_us() > 0);
    }

    #[test]
    fn every_history_gets_the_stamps_that_happened_before_asks_for(figure in any_figure()) {
        check_stamps(&figure);
        let text = to_json(&figure);
        prop_assert_eq!(figure::read(&text), Ok(figure), "{}", text);
    }

    #[test]
    fn every_trace_reads_back_as_it_was_written(
        seed in any::<u64>(),
        which in 0..3_usize,
        profile in any_profile(),
        lock in any_lock(),
    ) {
        let algorithm = [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex][which];
        let mut scenario = busy(algorithm, seed);
        scenario.config.mutex.lock = lock;
        let scenario = scenario.in_profile(profile);
        let run = finished(scenario);
        let (header, events) = read_jsonl(&jsonl::write(run.scenario(), run.trace()))
            .unwrap_or_else(|error| panic!("{error}"));
        prop_assert_eq!((header.nodes, header.seed), (4, Some(seed)));
        prop_assert!(events == run.trace());
    }
}

#[test]
fn deep_nesting_is_refused_not_survived_by_luck() {
    for open in ["[", "{", "{a=", "a.", "[["] {
        let deep = format!("a = {}", open.repeat(100_000));
        check_scenario(&deep);
        check_scenario(&open.repeat(100_000));
        check_figure(&open.repeat(100_000));
        check_trace(&open.repeat(100_000));
    }
}

/// Compares the stamps with happened-before, which is computed from the arrows.
fn check_stamps(figure: &Figure) {
    let stamped = figure::stamp(figure);
    let count = figure.events.len();
    let table = happened_before(figure);
    let before = |a: usize, b: usize| table[a][b];
    for a in 0..count {
        for b in 0..count {
            let expected = match (before(a, b), before(b, a)) {
                (true, _) => Causality::Before,
                (_, true) => Causality::After,
                _ if a == b => Causality::Same,
                _ => Causality::Concurrent,
            };
            assert_eq!(stamped.relation(a, b), expected, "{a} {b} {figure:?}");
            assert!(!before(a, b) || stamped.lamport[a] < stamped.lamport[b]);
            if figure.processes.len() <= usize::from(MAX_NODES) {
                let clock = |place: usize| {
                    let counts = stamped.vector[place].iter();
                    VectorClock::from_counts(&counts.map(|&n| u64::from(n)).collect::<Vec<_>>())
                };
                assert_eq!(clock(a).relation(&clock(b)), expected, "core says the same");
            }
        }
        // The stamp is the length of the longest chain that ends at the event, counted from the
        // start values of the clocks.
        let longest = (0..count).filter(|&b| before(b, a)).map(|b| stamped.lamport[b]).max();
        let start = figure.start[figure.events[a].process];
        assert_eq!(stamped.lamport[a].0, longest.unwrap_or(start).max(start).0 + 1);
    }
    assert_eq!(stamped.total_order().len(), count);
    assert!(stamped.total_order().windows(2).all(|pair| !before(pair[1], pair[0])));
}

fn happened_before(figure: &Figure) -> Vec<Vec<bool>> {
    let count = figure.events.len();
    let mut before = vec![vec![false; count]; count];
    for (b, event) in figure.events.iter().enumerate() {
        if let FigureKind::Receive { sent_by, .. } = event.kind {
            before[sent_by][b] = true;
        }
        let earlier = figure.events[..b].iter().rposition(|other| other.process == event.process);
        if let Some(a) = earlier {
            before[a][b] = true;
        }
    }
    for by_way_of in 0..count {
        let onwards = before[by_way_of].clone();
        for row in before.iter_mut().filter(|row| row[by_way_of]) {
            for (reached, onward) in row.iter_mut().zip(&onwards) {
                *reached |= onward;
            }
        }
    }
    before
}

fn to_json(figure: &Figure) -> String {
    let events = figure.events.iter().map(|event| {
        let (id, process) = (&event.id, &figure.processes[event.process]);
        match &event.kind {
            FigureKind::Local => serde_json::json!({"id": id, "proc": process, "kind": "local"}),
            FigureKind::Send { messages } => {
                serde_json::json!({"id": id, "proc": process, "kind": "send", "msgs": messages})
            }
            FigureKind::Receive { message, .. } => {
                serde_json::json!({"id": id, "proc": process, "kind": "recv", "msg": message})
            }
        }
    });
    let events: Vec<_> = events.collect();
    let start = figure.processes.iter().zip(&figure.start);
    let start: std::collections::BTreeMap<_, _> =
        start.map(|(process, start)| (process.clone(), start.0)).collect();
    serde_json::json!({
        "title": figure.title, "processes": figure.processes, "start": start, "events": events
    })
    .to_string()
}
