//! Fault storms: a scenario with random faults, and then a calm phase in which the cluster must
//! recover.
//!
//! In the first phase, which lasts [`FAULTS_LAST`], all faults happen that the profile promises to
//! survive, and only the invariants are checked. After that the network neither loses nor
//! duplicates messages, and a majority is up and connected: all nodes, or all except some that are
//! dead, paused or cut off, perhaps in one direction only. Within [`Bounds`] that follow from the
//! scenario's timeouts, that majority must follow one leader, and all its requests must have been
//! granted. The script of a failing seed can be shortened ([`minimised`]).
//!
//! The classic profile promises no liveness, so only the invariants are checked. The distributed lock
//! promises them until the first restart, so its storms have none.

mod bounds;
mod distances;
mod liveness_phase;
mod load;
mod minimise;
mod script;
#[cfg(feature = "threads")]
mod search;
mod watch;
mod withdrawals;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, Command, Hold, NodeId, Profile};

use crate::random::Random;
use crate::scenario::duration::micros_of;
use crate::scenario::{Action, Latency, Moment, Ppm, Scenario, Step, Tampering, Which};

use script::{LONGEST_DELAY_MS, SHORTEST_WAY, step};

pub use bounds::{Bounds, to_one_leader};
pub use minimise::minimised;
pub use script::{FAULTS_LAST, Faults};
#[cfg(feature = "threads")]
pub use search::first_failing;
pub use watch::{Failure, Recovery, judge};

/// One storm in this many has an application that asks faster than it is served.
const SATURATED_OF: u64 = 8;

/// One storm in this many has a node that loses its stable storage at each restart.
const DISK_LOST_OF: u64 = 8;

/// The random stream of the storm itself. The network uses stream 0, and each node the stream of
/// its id.
const STORM_STREAM: u64 = 1_000;
const DISTANCES_STREAM: u64 = 1_001;
const WITHDRAWALS_STREAM: u64 = 1_002;
const DISK_STREAM: u64 = 1_003;

/// The storm with this seed over `base`, whose cluster, profile and timeouts it keeps. Messages
/// take no longer than `base` declares, unless they are delayed.
///
/// If the applications of `base` act by themselves, each storm has a node that asks for the lock
/// faster than it is served, from the beginning to the end; otherwise one storm in eight has. If
/// the script of `base` withdraws a request, each storm has withdrawals from the beginning to the
/// end; otherwise every second storm has some during the faults. If a node of `base` has a latency
/// of its own, each storm has distances: each message takes the shortest or the longest latency,
/// always the same between two nodes; otherwise one storm in four has. If `base` is longer than a
/// storm needs, the calm phase lasts that long.
pub fn storm(base: &Scenario, seed: u64, faults: Faults) -> Scenario {
    let mut dice = Random::new(seed, STORM_STREAM);
    let mut scenario = base.clone();
    scenario.seed = seed;
    scenario.title.en = format!("Storm {seed}");
    scenario.title.pt = None;
    scenario.network.faults_end = Some(FAULTS_LAST);
    let (mutex, saturated) =
        (base.config.algorithm == Algorithm::Mutex, base.config.application.auto);
    if mutex && !saturated && dice.between(0, 3) > 0 {
        let application = &mut scenario.config.application;
        application.auto = true;
        application.wait.min = Duration::from_millis(200);
        application.wait.max = Duration::from_millis(1_500);
    }
    weather(&mut scenario, &mut dice, faults);
    distances::draw(&mut scenario, base, &mut Random::new(seed, DISTANCES_STREAM));
    let mut at_ms = dice.between(100, 2_000);
    // Some storms are dense; some leave time to recover between faults.
    let widest_ms = dice.between(300, 3_000);
    while at_ms < FAULTS_LAST.as_millis() as u64 {
        if let Some(action) = strike(&scenario, &mut dice, faults) {
            scenario.steps.push(step(Duration::from_millis(at_ms), action));
        }
        at_ms += dice.between(1, widest_ms);
    }
    if faults.disks {
        lose_a_disk(&mut scenario);
    }
    liveness_phase::begin(&mut scenario, &mut dice, faults);
    if mutex && (saturated || dice.between(1, SATURATED_OF) == 1) {
        load::saturate(&mut scenario, &mut dice);
    }
    if mutex {
        let dice = &mut Random::new(seed, WITHDRAWALS_STREAM);
        withdrawals::draw(&mut scenario, base, dice);
    }
    if scenario.config.setting().is_distributed() {
        let restarts = |step: &Step| {
            matches!(step.action, Action::Restart(_) | Action::RestartWithoutStorage(_))
        };
        scenario.steps.retain(|step| !restarts(step));
    }
    let lasts = Bounds::of(&scenario).end();
    scenario.duration = base.duration.max(lasts);
    scenario.steps.sort_by_key(|step| (step.at, step.after));
    scenario
}

/// Sets what applies to the whole storm: the network and the clocks.
fn weather(scenario: &mut Scenario, dice: &mut Random, faults: Faults) {
    let percent = |dice: &mut Random, most| {
        let often = dice.between(0, 1) == 1;
        if often { dice.between(1, most) as f64 / 100.0 } else { 0.0 }
    };
    let (loss, duplicate) = (percent(dice, 20), percent(dice, 20));
    let longest_way = scenario.longest_way();
    let network = &mut scenario.network;
    network.loss = if faults.loss { loss } else { 0.0 };
    network.duplicate = if faults.duplicates { duplicate } else { 0.0 };
    network.fifo = dice.between(0, 1) == 0 || !faults.reordering;
    // The longest latency that the scenario declares is the definition of what its network may do.
    let longest = longest_way;
    let shortest = longest.min(SHORTEST_WAY);
    let way = match dice.between(0, 3) {
        0 => longest,
        _ => Duration::from_micros(dice.between(micros_of(shortest), micros_of(longest))),
    };
    network.latency = match dice.between(0, 2) {
        0 => Latency::Fixed(way),
        1 => Latency::Uniform { min: shortest, max: way },
        _ => Latency::Exponential { min: shortest, mean: way },
    };
    let bound = scenario.config.hardened.drift.0;
    let kinds = if dice.between(0, 1) == 0 { 1 } else { 3 };
    for node in scenario.config.size.nodes() {
        let low = u64::from(Ppm::TRUE.0 - bound);
        let rate = match dice.between(0, kinds) {
            0 => low,
            1 => u64::from(Ppm::TRUE.0 + bound),
            _ => dice.between(low, u64::from(Ppm::TRUE.0 + bound)),
        };
        if faults.drift {
            scenario.clock_rates[node.index()] = Ppm(u32::try_from(rate).unwrap_or(Ppm::TRUE.0));
        }
    }
}

/// Chooses a node that finds its stable storage empty at each restart: in some storms, or in all if
/// the script of `base` has such a restart. A cluster of one node is skipped, since no other node
/// could notice.
fn lose_a_disk(scenario: &mut Scenario) {
    let mut dice = Random::new(scenario.seed, DISK_STREAM);
    let size = scenario.config.size.get();
    let loses = |step: &Step| matches!(step.action, Action::RestartWithoutStorage(_));
    let asked = scenario.steps.iter().any(loses);
    if scenario.config.profile != Profile::Hardened
        || size == 1
        || !asked && dice.between(1, DISK_LOST_OF) > 1
    {
        return;
    }
    let loses = u8::try_from(dice.between(1, u64::from(size))).ok().and_then(NodeId::new);
    for step in &mut scenario.steps {
        if let Action::Restart(node) = step.action
            && Some(node) == loses
        {
            step.action = Action::RestartWithoutStorage(node);
        }
    }
}

/// Message types that may be delayed: those that terms, the lock or the resource depend on.
const DELAYED: [&str; 12] = [
    "WRITE",
    "GRANT",
    "RELEASE",
    "REQUEST",
    "COORDINATOR",
    "REPORT",
    "ELECTION",
    "PROPOSE",
    "ACCEPT",
    "PROBE",
    "HEARTBEAT",
    "HEARTBEAT_ACK",
];

/// Draws one fault or user action.
fn strike(scenario: &Scenario, dice: &mut Random, faults: Faults) -> Option<Action> {
    let size = scenario.config.size;
    let any = |dice: &mut Random| -> NodeId {
        let place = dice.between(1, u64::from(size.get()));
        u8::try_from(place).ok().and_then(NodeId::new).expect("the range is that of the ids")
    };
    let (node, other) = (any(dice), any(dice));
    let order = |command| Action::Command { node, command };
    let kind = dice.between(0, 18);
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
            let by = Duration::from_millis(dice.between(100, LONGEST_DELAY_MS));
            let kind = DELAYED[dice.between(0, DELAYED.len() as u64 - 1) as usize];
            let which = Which::Nth { kind: kind.into(), from: None, to: None, nth: 1, copy: 0 };
            Action::Tamper { which, tampering: Tampering::Delay { by } }
        }
        14 => order(Command::Elect),
        15 | 16 if scenario.config.algorithm == Algorithm::Mutex => {
            let hold = Hold::For(Duration::from_millis(dice.between(100, 8_000)));
            order(Command::Request { hold })
        }
        17 if scenario.config.algorithm == Algorithm::Mutex => order(Command::Write),
        18 if faults.crashes => order(Command::Leave),
        _ => return None,
    })
}
