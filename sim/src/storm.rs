//! Storms: a scenario with faults drawn from a seed, then calm, in which everything must get well.
//!
//! A storm has two phases. In the first, which lasts [`FAULTS_LAST`], anything goes wrong that the
//! profile promises to survive, and only the invariants count. Then the network stops losing and
//! doubling, links are mended and nodes are brought back; by the end of the run one leader must be
//! followed by all, everybody must have been let in, and nobody may be left in the queue. A seed
//! that fails is a script of steps, of which most are then left out. (Zeller and Hildebrandt,
//! "Simplifying and Isolating Failure-Inducing Input", 2002.)

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, Command, Hold, Node, NodeId, Profile};

use crate::network::micros;
use crate::random::Random;
use crate::recorder::Recorder;
use crate::scenario::{Action, Latency, Moment, Ppm, Preempt, Scenario, Step, Tampering, Which};
use crate::trace::Invariant;
use crate::world::{Status, World};

/// How long things go wrong.
pub const FAULTS_LAST: Duration = Duration::from_secs(30);

/// How long everything may take to get well: a few leases and elections.
pub const CALM_LASTS: Duration = Duration::from_secs(60);

/// The most events that a storm is given: one that runs away is a failure of its own.
const MAX_EVENTS: u32 = 400_000;

/// The stream of the storm's own chance; the network's is 0, the nodes' are their ids.
const STORM_STREAM: u64 = 1_000;

/// What a storm does. All of it, unless asked otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    /// Messages are lost.
    pub loss: bool,
    /// Messages arrive twice.
    pub duplicates: bool,
    /// Messages overtake each other.
    pub reordering: bool,
    /// Links are cut, one way and both ways.
    pub cuts: bool,
    /// Nodes die, at any moment, and come back.
    pub crashes: bool,
    /// Nodes freeze.
    pub pauses: bool,
    /// Clocks run fast and slow, within the bound.
    pub drift: bool,
    /// Messages and writes are held back for seconds.
    pub delays: bool,
}

impl Faults {
    /// Everything.
    pub const ALL: Self = Self {
        loss: true,
        duplicates: true,
        reordering: true,
        cuts: true,
        crashes: true,
        pauses: true,
        drift: true,
        delays: true,
    };

    /// Nothing.
    pub const NONE: Self = Self {
        loss: false,
        duplicates: false,
        reordering: false,
        cuts: false,
        crashes: false,
        pauses: false,
        drift: false,
        delays: false,
    };
}

/// How a storm went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What was broken: the name of an invariant, or `liveness`.
    pub name: &'static str,
    /// When, in microseconds.
    pub at_us: u64,
    /// What is wrong.
    pub sentence: String,
}

/// The storm of this seed over `base`, whose cluster, profile and timings it keeps.
pub fn storm(base: &Scenario, seed: u64, faults: Faults) -> Scenario {
    let mut dice = Random::new(seed, STORM_STREAM);
    let mut scenario = base.clone();
    scenario.seed = seed;
    scenario.title.en = format!("Storm {seed}");
    scenario.title.pt = None;
    scenario.duration = FAULTS_LAST + CALM_LASTS;
    scenario.network.faults_end = Some(FAULTS_LAST);
    if base.config.algorithm == Algorithm::Mutex && dice.between(0, 3) > 0 {
        let application = &mut scenario.config.application;
        application.auto = true;
        application.wait.min = Duration::from_millis(200);
        application.wait.max = Duration::from_millis(1_500);
    }
    weather(&mut scenario, &mut dice, faults);
    let mut at_ms = dice.between(100, 2_000);
    // Some storms are dense, some leave time to settle in between.
    let widest_ms = dice.between(300, 3_000);
    while at_ms < FAULTS_LAST.as_millis() as u64 {
        if let Some(action) = strike(&scenario, &mut dice, faults) {
            scenario.steps.push(step(Duration::from_millis(at_ms), action));
        }
        at_ms += dice.between(1, widest_ms);
    }
    calm(&mut scenario);
    scenario.steps.sort_by_key(|step| (step.at, step.after));
    scenario
}

/// What the network and the clocks do all the time.
fn weather(scenario: &mut Scenario, dice: &mut Random, faults: Faults) {
    let ms = Duration::from_millis;
    let percent = |dice: &mut Random, most| {
        let often = dice.between(0, 1) == 1;
        if often { dice.between(1, most) as f64 / 100.0 } else { 0.0 }
    };
    let (loss, duplicate) = (percent(dice, 20), percent(dice, 20));
    let network = &mut scenario.network;
    network.loss = if faults.loss { loss } else { 0.0 };
    network.duplicate = if faults.duplicates { duplicate } else { 0.0 };
    network.fifo = dice.between(0, 1) == 0 || !faults.reordering;
    network.latency = match dice.between(0, 2) {
        0 => Latency::Fixed(ms(dice.between(5, 100))),
        1 => Latency::Uniform { min: ms(5), max: ms(dice.between(20, 140)) },
        _ => Latency::Exponential { min: ms(5), mean: ms(dice.between(10, 80)) },
    };
    let bound = scenario.config.hardened.drift.0;
    for node in scenario.config.size.nodes() {
        let low = u64::from(Ppm::TRUE.0 - bound);
        let rate = match dice.between(0, 3) {
            0 => low,
            1 => u64::from(Ppm::TRUE.0 + bound),
            _ => dice.between(low, u64::from(Ppm::TRUE.0 + bound)),
        };
        if faults.drift {
            scenario.clock_rates[node.index()] = Ppm(u32::try_from(rate).unwrap_or(Ppm::TRUE.0));
        }
    }
}

/// One thing that goes wrong, or that people do.
fn strike(scenario: &Scenario, dice: &mut Random, faults: Faults) -> Option<Action> {
    let size = scenario.config.size;
    let any = |dice: &mut Random| -> NodeId {
        let place = dice.between(1, u64::from(size.get()));
        u8::try_from(place).ok().and_then(NodeId::new).expect("the range is that of the ids")
    };
    let (node, other) = (any(dice), any(dice));
    let kind = dice.between(0, 17);
    Some(match kind {
        0 | 1 if faults.crashes => Action::Crash(node),
        2..=4 if faults.crashes => Action::Restart(node),
        5 if faults.crashes => {
            let moments = [Moment::Send, Moment::Receive, Moment::AfterSave];
            Action::CrashAt { node, moment: moments[dice.between(0, 2) as usize] }
        }
        6 if faults.pauses => Action::Pause(node),
        7 | 8 if faults.pauses => Action::Resume(node),
        9 if faults.cuts => {
            let (left, right): (Vec<_>, Vec<_>) =
                size.nodes().partition(|_| dice.between(0, 1) == 0);
            let groups = [left, right].into_iter().filter(|group| !group.is_empty());
            Action::Partition(groups.collect())
        }
        10 | 11 if faults.cuts => Action::Heal,
        12 if faults.cuts && node != other => Action::Cut { from: node, to: other },
        13 if faults.delays => {
            let by = Duration::from_millis(dice.between(100, 9_000));
            let kinds = ["WRITE", "GRANT", "RELEASE", "REQUEST", "COORDINATOR", "REPORT"];
            let kind = kinds[dice.between(0, 5) as usize];
            let which = Which::Nth { kind: kind.into(), from: None, to: None, nth: 1 };
            Action::Tamper { which, tampering: Tampering::Delay { by } }
        }
        14 => Action::Command { node, command: Command::Elect },
        15 | 16 if scenario.config.algorithm == Algorithm::Mutex => {
            let hold = Hold::For(Duration::from_millis(dice.between(100, 8_000)));
            Action::Command { node, command: Command::Request { hold } }
        }
        17 if scenario.config.algorithm == Algorithm::Mutex => {
            Action::Command { node, command: Command::Write }
        }
        _ => return None,
    })
}

/// Mends everything and brings everybody back; then everybody asks for the lock.
fn calm(scenario: &mut Scenario) {
    let size = scenario.config.size;
    scenario.steps.push(step(FAULTS_LAST, Action::Heal));
    for node in size.nodes() {
        scenario.steps.push(step(FAULTS_LAST, Action::Resume(node)));
    }
    // Who was told to die at its next save may still do so: those come back as well.
    for later in [0, 1, 3, 6, 10] {
        for node in size.nodes() {
            let at = FAULTS_LAST + Duration::from_secs(later);
            scenario.steps.push(step(at, Action::Restart(node)));
        }
    }
    if scenario.config.algorithm == Algorithm::Mutex {
        for node in size.nodes() {
            let hold = Hold::For(Duration::from_millis(500));
            let command = Command::Request { hold };
            let at = FAULTS_LAST + Duration::from_secs(12);
            scenario.steps.push(step(at, Action::Command { node, command }));
        }
    }
}

const fn step(at: Duration, action: Action) -> Step {
    Step { at, after: 0, action, note: None }
}

/// Runs a storm: the first invariant that breaks, or what has not got well by the end.
pub fn judge(scenario: &Scenario) -> Option<Failure> {
    let mut recorder = Recorder::off();
    let mut world: World<Node> = World::new(scenario, &mut recorder);
    let end_us = micros(scenario.duration);
    let mut entries_in_calm = [false; 8];
    for _ in 0..MAX_EVENTS {
        if world.next_event_us(&scenario.steps).is_none_or(|at_us| at_us > end_us) {
            return owed(scenario, &world, &entries_in_calm);
        }
        world.step(&scenario.steps, &mut recorder);
        let broken = Invariant::ALL.into_iter().find(|&what| {
            what.concerns(scenario.config.algorithm, scenario.config.profile)
                && world.violations_of(what) > 0
        });
        if let Some(broken) = broken {
            let sentence = format!("{} is broken.", broken.name());
            return Some(Failure { name: broken.name(), at_us: world.now_us(), sentence });
        }
        if world.now_us() > micros(FAULTS_LAST + Duration::from_secs(12)) {
            for node in scenario.config.size.nodes() {
                entries_in_calm[node.index()] |= world.is_inside(node);
            }
        }
    }
    let sentence = format!("More than {MAX_EVENTS} events happened.");
    Some(Failure { name: "liveness", at_us: world.now_us(), sentence })
}

/// What is owed once nothing goes wrong any more, and is not there.
fn owed(scenario: &Scenario, world: &World<Node>, entered: &[bool; 8]) -> Option<Failure> {
    let size = scenario.config.size;
    let late =
        |sentence: String| Some(Failure { name: "liveness", at_us: world.now_us(), sentence });
    // A script that has lost its calm owes nothing.
    if size.nodes().any(|node| world.node(node).status() != Status::Up)
        || world.network().has_cuts()
        || scenario.config.profile == Profile::Classic
    {
        return None;
    }
    // Where the highest does not take over, any one leader will do.
    let expected = match scenario.config.hardened.preempt {
        Preempt::Always | Preempt::Stable => Some(size.highest()),
        Preempt::Never => size.nodes().find(|&node| world.leader_of(node) == Some(node)),
    };
    let astray = size.nodes().find(|&node| {
        let leader = world.leader_of(node);
        leader.is_none() || leader != expected
    });
    if let Some(node) = astray {
        let leader = world.leader_of(node).map_or("nobody".into(), |id| format!("node {id}"));
        return late(format!("All is well again, but node {node} follows {leader}."));
    }
    let asked = |node: NodeId| {
        scenario.steps.iter().any(|step| match step.action {
            Action::Command { node: by, command: Command::Request { .. } } => {
                by == node && step.at > FAULTS_LAST
            }
            _ => false,
        })
    };
    if let Some(node) = size.nodes().find(|&node| asked(node) && !entered[node.index()]) {
        return late(format!("All is well again, but node {node} is not let in."));
    }
    None
}

/// The shortest script that still fails in the same way: steps are left out, in halves, quarters
/// and so on down to single ones, for as long as that goes.
pub fn minimised(mut scenario: Scenario, failure: &Failure) -> Scenario {
    let still =
        |scenario: &Scenario| judge(scenario).is_some_and(|found| found.name == failure.name);
    let mut chunk = scenario.steps.len().div_ceil(2);
    while chunk > 0 {
        let mut at = 0;
        while at < scenario.steps.len() {
            let mut shorter = scenario.clone();
            let end = (at + chunk).min(shorter.steps.len());
            shorter.steps.drain(at..end);
            if still(&shorter) {
                scenario = shorter;
            } else {
                at = end;
            }
        }
        chunk /= 2;
    }
    scenario
}
