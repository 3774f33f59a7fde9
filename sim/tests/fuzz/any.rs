//! Strategies for everything that a file can contain.

use std::time::Duration;

use antes_core::{
    Algorithm, Announce, ClusterSize, Command, Detector, DurationRange, Form, Hold, Identity,
    Incarnation, LamportTime, Lock, MAX_NODES, NodeId, Profile, Shape, Term, Token, Value,
};
use antes_sim::figure::{Figure, FigureEvent, FigureKind};
use antes_sim::scenario::claim::{Claim, Claims, Fact, Property, State};
use antes_sim::scenario::{
    About, Action, Forgery, HardenedConfig, Latency, Moment, NetworkConfig, Ppm, Preempt, Scenario,
    Start, Step, Tampering, Text, Which,
};
use antes_sim::summary::TYPES;
use antes_sim::trace::{Invariant, MessageId};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// A causal history in which each received message was sent earlier.
pub fn any_figure() -> impl Strategy<Value = Figure> {
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
        let start = (0..processes).map(|place| LamportTime(place as u64 % 3 * 7)).collect();
        let processes = (0..processes).map(|place| format!("P{place}")).collect();
        Figure { title: "any".into(), processes, start, events, unknown: Vec::new() }
    })
}

pub fn any_profile() -> impl Strategy<Value = Profile> {
    prop::sample::select(vec![Profile::Classic, Profile::Hardened])
}

pub fn any_lock() -> impl Strategy<Value = Lock> {
    prop::sample::select(vec![Lock::Centralized, Lock::Distributed])
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
        |(latency, loss, duplicate, fifo)| {
            let faults_end = fifo.then_some(Duration::from_secs(1));
            NetworkConfig { latency, loss, duplicate, fifo, faults_end, ..NetworkConfig::default() }
        },
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
            // Files have a resolution of a microsecond.
            let micros = u64::try_from(hardened.retry.as_micros()).expect("a short time");
            hardened.retry = Duration::from_micros(micros);
            hardened
        })
}

/// Two different nodes of a cluster with at least two.
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
            option::of(1..u32::MAX).prop_map(|request| Command::Withdraw { request }),
            Just(Command::Write),
            Just(Command::Leave),
            hold.prop_map(|hold| Command::Request { hold }),
        ]
        .boxed(),
    };
    (any_node(nodes), command).prop_map(|(node, command)| Action::Command { node, command }).boxed()
}

fn any_tampering(nodes: u8) -> impl Strategy<Value = Action> {
    let id = (any_node(nodes), 1..u32::MAX, any::<u8>(), any::<bool>()).prop_map(
        |(from, number, copy, forged)| Which::Id(MessageId { from, number, copy, forged }),
    );
    let kind = prop::sample::select(vec!["ELECTION", "OK", "GRANT", "PROBE"]);
    let nth = (kind, option::of(any_node(nodes)), 1..u32::MAX, any::<u8>()).prop_map(
        |(kind, from, nth, copy)| Which::Nth { kind: kind.into(), from, to: None, nth, copy },
    );
    let tampering = prop_oneof![
        Just(Tampering::Drop),
        Just(Tampering::Duplicate),
        Just(Tampering::Deliver),
        any_span(0).prop_map(|by| Tampering::Delay { by }),
    ];
    (prop_oneof![id, nth], tampering)
        .prop_map(|(which, tampering)| Action::Tamper { which, tampering })
}

/// A value that a field of this shape can have.
fn any_value(shape: Shape, nodes: u8) -> BoxedStrategy<Value> {
    let number = |least: u32| (least..1_000_000_000).prop_map(|it| Value::Number(it.into()));
    match shape {
        Shape::Number => number(0).boxed(),
        Shape::Count { least } => number(least).boxed(),
        Shape::Life => number(1).boxed(),
        Shape::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        Shape::Name => (any_node(nodes), 1..5_u32, 0..9_u32)
            .prop_map(|(node, life, number)| {
                let incarnation = Incarnation::new(life).unwrap();
                Value::Name(Identity { node, incarnation }, number)
            })
            .boxed(),
        Shape::Token => (0..5_u64, 0..5_u64)
            .prop_map(|(term, sequence)| Value::Token(Token { term: Term(term), sequence }))
            .boxed(),
        Shape::Node => any_node(nodes).prop_map(Value::Node).boxed(),
        Shape::Word(words) => prop::sample::select(words).prop_map(Value::Word).boxed(),
    }
}

/// Some of the fields that a type of message has.
fn any_about(kind: &str, nodes: u8) -> BoxedStrategy<About> {
    let fields = Forgery::fields(kind).into_iter().map(|field| {
        option::of(any_value(field.shape, nodes)).prop_map(move |value| Some((field.name, value?)))
    });
    let fields: Vec<_> = fields.collect();
    fields.prop_map(|fields| fields.into_iter().flatten().collect()).boxed()
}

/// A forged message with any fields that its type can have.
pub fn any_forgery(nodes: u8) -> impl Strategy<Value = Forgery> {
    let stamps = (0..1_000_000_u64, option::of(any_span(0)));
    let kinds = prop::sample::select(TYPES.to_vec());
    let kinds = kinds.prop_flat_map(move |kind| (Just(kind), any_about(kind, nodes)));
    (kinds, any_link(nodes), stamps).prop_map(|((kind, about), (from, to), (lamport, latency))| {
        let to = Some(to).filter(|_| kind != "WRITE");
        Forgery { kind: kind.into(), from, to, lamport, latency, about }
    })
}

fn any_action(algorithm: Algorithm, nodes: u8) -> BoxedStrategy<Action> {
    let moment = prop::sample::select(vec![Moment::Send, Moment::Receive, Moment::AfterSave]);
    let alone = prop_oneof![
        any_node(nodes).prop_map(Action::Crash),
        any_node(nodes).prop_map(Action::Restart),
        any_node(nodes).prop_map(Action::RestartWithoutStorage),
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
        any_forgery(nodes).prop_map(|forgery| Action::Forge(Box::new(forgery))).boxed(),
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
    (any_span(0), after, what, any_claims()).prop_map(|(at, after, (action, note), claims)| {
        let claims = if note.is_some() { claims } else { Claims::Unsaid };
        Step { note, claims, ..Step::new(at, after, action) }
    })
}

fn any_claims() -> impl Strategy<Value = Claims> {
    let states = [
        State::Are(Property::Leads, Vec::new()),
        State::Clock(NodeId::new(1).expect("a node"), u64::MAX),
        State::Keeps(Invariant::OneHolder),
    ];
    let claim = (any::<bool>(), prop::sample::select(states.to_vec()), option::of(any_span(0)));
    let claim = claim.prop_map(|(denied, state, lasting)| Claim {
        denied,
        fact: Fact::State { state, lasting },
    });
    prop_oneof![
        Just(Claims::Unsaid),
        "\\PC{0,20}".prop_map(Claims::Nothing),
        vec(claim, 1..3).prop_map(Claims::Facts),
    ]
}

/// Hardened files are accepted only if their timeouts fit each other.
fn fit(scenario: &mut Scenario) {
    let usual = Scenario::new(scenario.config.algorithm, scenario.config.size);
    let (election, usual_election) = (&mut scenario.config.election, &usual.config.election);
    election.heartbeat = usual_election.heartbeat;
    election.suspect_after = usual_election.suspect_after;
    election.answer_timeout = usual_election.answer_timeout;
    // In the sequential form, a node may wait for each of the others.
    election.coordinator_timeout = u32::from(MAX_NODES) * usual_election.answer_timeout;
    scenario.config.hardened.lease += usual_election.suspect_after;
    scenario.config.hardened.drift = usual.config.hardened.drift;
    scenario.network.latency = usual.network.latency;
}

pub fn any_scenario() -> impl Strategy<Value = Scenario> {
    let algorithm =
        prop::sample::select(vec![Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex]);
    (algorithm, 1..=MAX_NODES).prop_flat_map(|(algorithm, nodes)| {
        let profile = any_profile();
        let texts =
            (any_text(), option::of(any_text()), option::of(any_text()), option::of(any_text()));
        let election = (
            prop::sample::select(vec![Form::Parallel, Form::Sequential]),
            prop::sample::select(vec![Announce::Lower, Announce::All]),
            prop::sample::select(vec![Detector::Heartbeat, Detector::Poll, Detector::Off]),
            vec(any_span(1_000), 4),
            prop::sample::select(vec![Start::Cold, Start::Elected]),
        );
        let application =
            (any::<bool>(), any_range(1_000), any_span(1_000), any_range(0), any_lock());
        let world = (any::<u64>(), any_span(0), any_network(), any_hardened(), any_span(0));
        let rates =
            vec(prop_oneof![Just(1_000_000), 100_000..=10_000_000_u32], usize::from(MAX_NODES));
        // Short enough for the timeouts of the hardened profile.
        let latency = option::of((0..=100_u64).prop_map(Duration::from_millis));
        let rates = (rates, vec(latency, usize::from(MAX_NODES)));
        let steps = vec(any_step(algorithm, nodes), 0..8);
        (profile, texts, election, application, world, rates, steps).prop_map(
            move |(profile, texts, election, application, world, rates, steps)| {
                let size = ClusterSize::new(nodes).expect("a cluster size");
                let mut scenario = Scenario::new(algorithm, size);
                scenario.config.profile = profile;
                (scenario.title, scenario.summary, scenario.simplifies, scenario.keywords) = texts;
                let (form, announce, detector, spans, start) = election;
                let election = &mut scenario.config.election;
                (election.form, election.announce, election.detector) = (form, announce, detector);
                election.heartbeat = spans[0];
                election.suspect_after = spans[1];
                election.answer_timeout = spans[2];
                election.coordinator_timeout = spans[3];
                scenario.start = start;
                let (auto, wait, call_timeout, hold, lock) = application;
                let settings = &mut scenario.config.application;
                (settings.auto, settings.wait, settings.call_timeout) = (auto, wait, call_timeout);
                scenario.config.mutex.hold = hold;
                (scenario.seed, scenario.duration, scenario.network, _, _) = world;
                scenario.config.hardened = world.3;
                scenario.resource_latency = world.4;
                let (rates, latencies) = rates;
                for node in size.nodes() {
                    scenario.clock_rates[node.index()] = Ppm(rates[node.index()]);
                    scenario.network.node_latencies[node.index()] = latencies[node.index()];
                }
                scenario.steps = steps;
                scenario.steps.sort_by_key(|step| (step.at, step.after));
                if profile == Profile::Hardened {
                    fit(&mut scenario);
                } else {
                    scenario.config.mutex.lock = lock;
                }
                if !scenario.config.setting().has_election() {
                    let elects = |step: &Step| {
                        matches!(step.action, Action::Command { command: Command::Elect, .. })
                    };
                    scenario.steps.retain(|step| !elects(step));
                }
                scenario
            },
        )
    })
}
