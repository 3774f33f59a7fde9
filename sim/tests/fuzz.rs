//! The readers under fire: whatever the text, they do not panic, and every mistake has a place
//! within the file. What is written can be read back.
#![cfg(not(target_family = "wasm"))]

mod common;

use std::time::Duration;

use antes_core::{
    Algorithm, Announce, Causality, ClusterSize, Command, Detector, DurationRange, Form, Hold,
    LamportTime, MAX_NODES, NodeId, Profile, VectorClock,
};
use antes_sim::export::{jsonl, read_jsonl};
use antes_sim::figure::{self, Figure, FigureEvent, FigureKind};
use antes_sim::library::LIBRARY;
use antes_sim::scenario::{
    self, Action, HardenedConfig, Latency, Moment, NetworkConfig, Ppm, Preempt, Scenario, Start,
    Step, Tampering, Text, Which, duration,
};
use antes_sim::trace::MessageId;
use common::{busy, finished};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

/// The number of lines that an editor shows.
fn lines(text: &str) -> u32 {
    u32::try_from(text.lines().count().max(1)).expect("a short text")
}

/// A place as an error gives it: line, column, and the message.
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

/// What can happen to a text on its way to us.
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
    ) {
        let algorithm = [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex][which];
        let mut scenario = busy(algorithm, seed);
        scenario.config.profile = profile;
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

/// Compares the stamps with what happened before what, found by following arrows.
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
        // The stamp is the length of the longest chain of events that ends here.
        let longest = (0..count).filter(|&b| before(b, a)).map(|b| stamped.lamport[b]).max();
        assert_eq!(stamped.lamport[a].0, longest.unwrap_or(LamportTime(0)).0 + 1);
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

/// A history that has happened: every receipt is of a message that was sent earlier.
fn any_figure() -> impl Strategy<Value = Figure> {
    let events = vec((any::<prop::sample::Index>(), 0..3_u8, any::<prop::sample::Index>()), 0..25);
    (1..12_usize, events).prop_map(|(processes, choices)| {
        let mut events: Vec<FigureEvent> = Vec::new();
        let mut unread: Vec<(String, usize)> = Vec::new();
        for (process, what, message) in choices {
            let place = events.len();
            let kind = match what {
                1 => {
                    let messages: Vec<_> =
                        (0..=place % 2).map(|n| format!("m{place}.{n}")).collect();
                    unread.extend(messages.iter().map(|message| (message.clone(), place)));
                    FigureKind::Send { messages }
                }
                2 if !unread.is_empty() => {
                    let (message, sent_by) = unread.swap_remove(message.index(unread.len()));
                    FigureKind::Receive { message, sent_by }
                }
                _ => FigureKind::Local,
            };
            let process = process.index(processes);
            events.push(FigureEvent { id: format!("e{place}"), process, kind });
        }
        let processes = (0..processes).map(|place| format!("P{place}")).collect();
        Figure { title: "any".into(), processes, events }
    })
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
    serde_json::json!({"title": figure.title, "processes": figure.processes, "events": events})
        .to_string()
}

fn any_profile() -> impl Strategy<Value = Profile> {
    prop::sample::select(vec![Profile::Classic, Profile::Hardened])
}

fn any_span(shortest_us: u64) -> impl Strategy<Value = Duration> {
    let round = (shortest_us.div_ceil(100_000)..300).prop_map(|tenths| tenths * 100_000);
    prop_oneof![round, shortest_us..=86_400_000_000].prop_map(Duration::from_micros)
}

fn any_range(shortest_us: u64) -> impl Strategy<Value = DurationRange> {
    (any_span(shortest_us), any_span(shortest_us))
        .prop_map(|(a, b)| DurationRange { min: a.min(b), max: a.max(b) })
}

fn any_node(nodes: u8) -> impl Strategy<Value = NodeId> {
    (1..=nodes).prop_map(|id| NodeId::new(id).expect("a node id"))
}

fn any_text() -> impl Strategy<Value = Text> {
    let words = || "\\PC{0,20}|[\\x00-\\x7f]{0,10}";
    (words(), option::of(words())).prop_map(|(en, pt)| Text { en, pt })
}

fn any_probability() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0]
}

fn any_network() -> impl Strategy<Value = NetworkConfig> {
    let latency = prop_oneof![
        any_span(0).prop_map(Latency::Fixed),
        any_range(0).prop_map(|range| Latency::Uniform { min: range.min, max: range.max }),
        any_range(0).prop_map(|range| Latency::Exponential { min: range.min, mean: range.max }),
    ];
    (latency, any_probability(), any_probability(), any::<bool>()).prop_map(
        |(latency, loss, duplicate, fifo)| NetworkConfig { latency, loss, duplicate, fifo },
    )
}

fn any_hardened() -> impl Strategy<Value = HardenedConfig> {
    let preempt = prop::sample::select(vec![Preempt::Always, Preempt::Never, Preempt::Stable]);
    (preempt, any_span(0), any_span(4_000), 1_000..86_400_000_000_u64, 0..=500_000_u32)
        .prop_map(|(preempt, probation, lease, retry, drift)| HardenedConfig {
            preempt,
            probation,
            lease,
            retry: Duration::from_micros(retry).min(lease / 4),
            drift: Ppm(drift),
        })
        .prop_map(|mut hardened| {
            // Files have no finer times than microseconds.
            let micros = u64::try_from(hardened.retry.as_micros()).expect("a short time");
            hardened.retry = Duration::from_micros(micros);
            hardened
        })
}

/// Two different nodes, of two at least.
fn any_link(nodes: u8) -> impl Strategy<Value = (NodeId, NodeId)> {
    (any_node(nodes), 1..nodes.max(2)).prop_map(move |(from, offset)| {
        let to = (from.get() - 1 + offset) % nodes + 1;
        (from, NodeId::new(to).expect("a node id"))
    })
}

fn any_command(algorithm: Algorithm, nodes: u8) -> BoxedStrategy<Action> {
    let hold =
        prop_oneof![Just(Hold::UntilReleased), Just(Hold::Drawn), any_span(0).prop_map(Hold::For),];
    let command = match algorithm {
        Algorithm::Clock => Just(Command::LocalEvent).boxed(),
        Algorithm::Leader => {
            prop_oneof![Just(Command::LocalEvent), Just(Command::Elect), Just(Command::Leave)]
                .boxed()
        }
        Algorithm::Mutex => prop_oneof![
            Just(Command::LocalEvent),
            Just(Command::Elect),
            Just(Command::Release),
            Just(Command::Write),
            Just(Command::Leave),
            hold.prop_map(|hold| Command::Request { hold }),
        ]
        .boxed(),
    };
    (any_node(nodes), command).prop_map(|(node, command)| Action::Command { node, command }).boxed()
}

fn any_tampering(nodes: u8) -> impl Strategy<Value = Action> {
    let id = (any_node(nodes), 1..u32::MAX, any::<u8>())
        .prop_map(|(from, number, copy)| Which::Id(MessageId { from, number, copy }));
    let kind = prop::sample::select(vec!["ELECTION", "OK", "GRANT", "PROBE"]);
    let nth = (kind, option::of(any_node(nodes)), 1..u32::MAX)
        .prop_map(|(kind, from, nth)| Which::Nth { kind: kind.into(), from, to: None, nth });
    let tampering = prop_oneof![
        Just(Tampering::Drop),
        Just(Tampering::Duplicate),
        Just(Tampering::Deliver),
        any_span(0).prop_map(|by| Tampering::Delay { by }),
    ];
    (prop_oneof![id, nth], tampering)
        .prop_map(|(which, tampering)| Action::Tamper { which, tampering })
}

fn any_action(algorithm: Algorithm, nodes: u8) -> BoxedStrategy<Action> {
    let moment = prop::sample::select(vec![Moment::Send, Moment::Receive, Moment::AfterSave]);
    let alone = prop_oneof![
        any_node(nodes).prop_map(Action::Crash),
        any_node(nodes).prop_map(Action::Restart),
        any_node(nodes).prop_map(Action::Pause),
        any_node(nodes).prop_map(Action::Resume),
        (any_node(nodes), moment).prop_map(|(node, moment)| Action::CrashAt { node, moment }),
        any_command(algorithm, nodes),
        any_tampering(nodes),
        Just(Action::Heal),
        any_node(nodes).prop_map(|node| Action::Partition(vec![vec![node]])),
    ];
    if nodes == 1 {
        return alone.boxed();
    }
    prop_oneof![
        alone,
        (any_link(nodes), option::of(any_span(0))).prop_map(|((from, to), latency)| Action::Send {
            from,
            to,
            latency
        }),
        any_link(nodes)
            .prop_map(|(node, to)| Action::Command { node, command: Command::Call { to } }),
        any_link(nodes).prop_map(|(from, to)| Action::Cut { from, to }),
        any_link(nodes).prop_map(|(a, b)| Action::Partition(vec![vec![a], vec![b]])),
    ]
    .boxed()
}

fn any_step(algorithm: Algorithm, nodes: u8) -> impl Strategy<Value = Step> {
    let after = prop_oneof![Just(0), any::<u32>()];
    let what = prop_oneof![
        (any_action(algorithm, nodes), option::of(any_text())),
        any_text().prop_map(|note| (Action::Note, Some(note))),
    ];
    (any_span(0), after, what).prop_map(|(at, after, (action, note))| Step {
        at,
        after,
        action,
        note,
    })
}

fn any_scenario() -> impl Strategy<Value = Scenario> {
    let algorithm =
        prop::sample::select(vec![Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex]);
    (algorithm, 1..=MAX_NODES).prop_flat_map(|(algorithm, nodes)| {
        let profile = any_profile();
        let texts = (any_text(), option::of(any_text()), option::of(any_text()));
        let election = (
            prop::sample::select(vec![Form::Parallel, Form::Sequential]),
            prop::sample::select(vec![Announce::Lower, Announce::All]),
            prop::sample::select(vec![Detector::Heartbeat, Detector::Poll, Detector::Off]),
            vec(any_span(1_000), 4),
            prop::sample::select(vec![Start::Cold, Start::Elected]),
        );
        let application = (any::<bool>(), any_range(1_000), any_span(1_000), any_range(0));
        let world = (any::<u64>(), any_span(0), any_network(), any_hardened(), any_span(0));
        let rates = prop::array::uniform8(prop_oneof![Just(1_000_000), 100_000..=10_000_000_u32]);
        let steps = vec(any_step(algorithm, nodes), 0..8);
        (profile, texts, election, application, world, rates, steps).prop_map(
            move |(profile, texts, election, application, world, rates, steps)| {
                let size = ClusterSize::new(nodes).expect("a cluster size");
                let mut scenario = Scenario::new(algorithm, size);
                scenario.config.profile = profile;
                (scenario.title, scenario.summary, scenario.simplifies) = texts;
                let (form, announce, detector, spans, start) = election;
                let election = &mut scenario.config.election;
                (election.form, election.announce, election.detector) = (form, announce, detector);
                election.heartbeat = spans[0];
                election.suspect_after = spans[1];
                election.answer_timeout = spans[2];
                election.coordinator_timeout = spans[3];
                scenario.start = start;
                let (auto, wait, call_timeout, hold) = application;
                let settings = &mut scenario.config.application;
                (settings.auto, settings.wait, settings.call_timeout) = (auto, wait, call_timeout);
                scenario.config.mutex.hold = hold;
                (scenario.seed, scenario.duration, scenario.network, _, _) = world;
                scenario.config.hardened = world.3;
                scenario.resource_latency = world.4;
                for node in size.nodes() {
                    scenario.clock_rates[node.index()] = Ppm(rates[node.index()]);
                }
                scenario.steps = steps;
                scenario.steps.sort_by_key(|step| (step.at, step.after));
                scenario
            },
        )
    })
}
