//! Helpers for the simulator's tests.
#![allow(dead_code, reason = "each test file uses the part of it that it needs")]

use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, Command, Detector, Hold, NodeId};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Latency, NetworkConfig, Scenario, Step, Tampering, Which};
use antes_sim::trace::{Happening, Invariant, Loss, Recipient, TraceEvent};

pub fn node(number: u8) -> NodeId {
    NodeId::new(number).expect("a node id")
}

pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub fn at(millis: u64, action: Action) -> Step {
    Step::new(ms(millis), 0, action)
}

pub fn send(from: u8, to: u8) -> Action {
    Action::Send { from: node(from), to: node(to), latency: None }
}

pub fn send_taking(from: u8, to: u8, millis: u64) -> Action {
    Action::Send { from: node(from), to: node(to), latency: Some(ms(millis)) }
}

pub fn order(to: u8, command: Command) -> Action {
    Action::Command { node: node(to), command }
}

pub fn request(of: u8) -> Action {
    order(of, Command::Request { hold: Hold::UntilReleased })
}

pub fn tamper(id: &str, tampering: Tampering) -> Action {
    Action::Tamper { which: Which::Id(id.parse().expect("a message id")), tampering }
}

pub fn tamper_nth(kind: &str, nth: u32, tampering: Tampering) -> Action {
    let which = Which::Nth { kind: kind.into(), from: None, to: None, nth, copy: 0 };
    Action::Tamper { which, tampering }
}

/// A run without random draws: messages take 100 ms, all nodes know the leader, and the failure
/// detector is off.
pub fn quiet(algorithm: Algorithm, nodes: u8, steps: Vec<Step>) -> Scenario {
    let size = ClusterSize::new(nodes).expect("a cluster size");
    let mut scenario = Scenario::new(algorithm, size);
    scenario.config.election.detector = Detector::Off;
    scenario.steps = steps;
    scenario
}

/// A run in which nodes act by themselves and the network has faults.
pub fn busy(algorithm: Algorithm, seed: u64) -> Scenario {
    let mut scenario = quiet(algorithm, 4, Vec::new());
    scenario.seed = seed;
    scenario.config.election.detector = Detector::Heartbeat;
    scenario.config.application.auto = true;
    scenario.config.application.wait.min = ms(200);
    scenario.config.application.wait.max = ms(800);
    scenario.network = NetworkConfig {
        latency: Latency::Exponential { mean: ms(80), min: ms(10) },
        loss: 0.05,
        duplicate: 0.05,
        fifo: false,
        ..NetworkConfig::default()
    };
    scenario.steps = vec![
        at(3_000, Action::Crash(node(4))),
        at(7_000, Action::Pause(node(2))),
        at(9_000, Action::Restart(node(4))),
        at(11_000, Action::Resume(node(2))),
        at(15_000, Action::Partition(vec![vec![node(1), node(2)], vec![node(3), node(4)]])),
        at(20_000, Action::Heal),
    ];
    scenario
}

pub fn finished(scenario: Scenario) -> Run {
    let mut run = Run::new(scenario);
    run.finish();
    run
}

/// The trace as text, one line per event: `1100 ms 2 receive MESSAGE 1:1`.
pub fn words(run: &Run) -> Vec<String> {
    run.trace().iter().map(line).collect()
}

fn line(event: &TraceEvent) -> String {
    let node = event.node.map_or(0, NodeId::get);
    let head = format!("{} ms {node} {}", event.at_us / 1000, event.kind());
    let rest = match &event.happening {
        Happening::Send(m) => match m.to {
            Recipient::Node(to) => format!(" {} {} -> {to}", m.content.name(), m.id),
            Recipient::Resource => format!(" {} {}", m.content.name(), m.id),
        },
        Happening::Receive { message, .. } | Happening::Duplicate { message } => {
            format!(" {} {}", message.content.name(), message.id)
        }
        Happening::Lost { message, loss } => {
            let why = match loss {
                Loss::Chance => "by chance",
                Loss::Dropped => "dropped",
                Loss::Cut => "link cut",
                Loss::Down => "receiver down",
                Loss::Doubled => "received before",
                Loss::Full => "too many wait",
            };
            format!(" {} {} ({why})", message.content.name(), message.id)
        }
        Happening::Timeout { timer } => format!(" {}", timer.name()),
        Happening::Leader { leader, .. } => {
            format!(" {}", leader.map_or("nobody".into(), |leader| leader.to_string()))
        }
        Happening::Request { request }
        | Happening::Withdraw { request }
        | Happening::Enter { request, .. }
        | Happening::Exit { request, .. } => format!(" {request}"),
        Happening::Cut { to } | Happening::Heal { to } => format!(" -> {to}"),
        Happening::Ignored { sentence, .. } => format!(": {sentence}"),
        Happening::Violation(violation) => format!(" {}", violation.invariant.name()),
        _ => String::new(),
    };
    head + &rest
}

/// The lines of these kinds.
pub fn lines_of(run: &Run, kinds: &[&str]) -> Vec<String> {
    run.trace().iter().filter(|event| kinds.contains(&event.kind())).map(line).collect()
}

/// The violated invariants, in order.
pub fn broken(run: &Run) -> Vec<Invariant> {
    let violations = run.trace().iter().filter_map(|event| match &event.happening {
        Happening::Violation(violation) => Some(violation.invariant),
        _ => None,
    });
    violations.collect()
}
