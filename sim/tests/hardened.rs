//! The hardened profile survives the faults that break the classic one.

mod common;

use antes_core::{Algorithm, Command, NodeId, Profile};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Latency, Moment, Ppm, Scenario, Step, Tampering};
use antes_sim::trace::Invariant;
use antes_sim::world::Status;
use common::*;

fn hardened(steps: Vec<Step>) -> Scenario {
    let mut scenario = quiet(Algorithm::Mutex, 4, steps);
    scenario.config.profile = Profile::Hardened;
    scenario
}

/// At the end all nodes follow the leader, and no invariant was violated.
fn settles(run: &Run, leader: u8, live: &[u8]) {
    assert_eq!(broken(run), [], "{:#?}", words(run));
    for &number in live {
        assert_eq!(run.world().leader_of(node(number)), Some(node(leader)), "node {number}");
    }
}

/// Node 2 leads term 2 with the vote of node 1, which then restarts with only node 3.
fn broken_by_a_restart_of(restart: Action) -> Vec<Invariant> {
    let mut scenario = quiet(
        Algorithm::Leader,
        3,
        vec![
            at(1_000, Action::Partition(vec![vec![node(1), node(2)], vec![node(3)]])),
            at(8_000, Action::Crash(node(1))),
            at(8_000, Action::Heal),
            at(8_000, Action::Partition(vec![vec![node(1), node(3)], vec![node(2)]])),
            at(8_100, restart),
        ],
    );
    scenario.config.profile = Profile::Hardened;
    scenario.duration = ms(30_000);
    broken(&finished(scenario))
}

#[test]
fn the_saved_vote_keeps_a_node_from_electing_two_leaders_of_a_term() {
    assert_eq!(broken_by_a_restart_of(Action::Restart(node(1))), []);
}

#[test]
fn a_node_that_has_lost_what_it_saved_elects_nobody() {
    assert_eq!(broken_by_a_restart_of(Action::RestartWithoutStorage(node(1))), []);
}

#[test]
fn everyone_follows_the_highest_when_nothing_goes_wrong() {
    let run = finished(hardened(vec![
        at(1_000, request(1)),
        at(1_400, request(2)),
        at(1_900, order(1, Command::Release)),
    ]));
    settles(&run, 4, &[1, 2, 3, 4]);
    assert_eq!(lines_of(&run, &["enter"]), ["1200 ms 1 enter 1:1", "2100 ms 2 enter 2:1"]);
}

#[test]
fn a_cold_start_elects_the_highest() {
    let mut scenario = hardened(vec![]);
    scenario.start = antes_sim::scenario::Start::Cold;
    settles(&finished(scenario), 4, &[1, 2, 3, 4]);
}

#[test]
fn a_dead_leader_is_replaced_and_comes_back() {
    let run = finished(hardened(vec![at(1_000, Action::Crash(node(4)))]));
    settles(&run, 3, &[1, 2, 3]);
    let run = finished(hardened(vec![
        at(1_000, Action::Crash(node(4))),
        at(6_000, Action::Restart(node(4))),
    ]));
    settles(&run, 4, &[1, 2, 3, 4]);
}

#[test]
fn two_of_four_have_no_leader_and_say_so() {
    let halves = vec![vec![node(1), node(2)], vec![node(3), node(4)]];
    let steps = vec![at(1_000, Action::Partition(halves))];
    let run = finished(hardened(steps.clone()));
    assert_eq!(broken(&run), []);
    for number in 1..=4 {
        assert_eq!(run.world().leader_of(node(number)), None);
    }
    let healed = [steps, vec![at(10_000, Action::Heal)]].concat();
    settles(&finished(hardened(healed)), 4, &[1, 2, 3, 4]);
}

#[test]
fn the_lock_survives_a_coordinator_crash() {
    let run = finished(hardened(vec![
        at(0, request(1)),
        at(300, request(2)),
        at(350, request(3)),
        at(600, Action::Crash(node(4))),
        at(4_000, order(1, Command::Release)),
        at(20_000, order(2, Command::Release)),
        at(21_000, order(3, Command::Release)),
    ]));
    settles(&run, 3, &[1, 2, 3]);
    assert_eq!(lines_of(&run, &["enter"]).len(), 3);
}

/// A small random generator, so that the script does not depend on the one under test.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn node(&mut self) -> NodeId {
        node(u8::try_from(self.roll(4) + 1).unwrap())
    }
}

const FAULTS_END_MS: u64 = 40_000;

/// A scenario with faults of all kinds for 40 s, and none after that.
fn storm(seed: u64) -> Scenario {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1);
    for _ in 0..4 {
        dice.roll(2);
    }
    let mut scenario = hardened(Vec::new());
    scenario.seed = seed;
    scenario.config.application.auto = true;
    scenario.config.application.wait.min = ms(200);
    scenario.config.application.wait.max = ms(1_500);
    scenario.network.fifo = dice.roll(2) == 0;
    scenario.network.loss = if dice.roll(2) == 0 { 0.0 } else { dice.roll(15) as f64 / 100.0 };
    scenario.network.duplicate = dice.roll(15) as f64 / 100.0;
    scenario.network.latency = match dice.roll(3) {
        0 => Latency::Fixed(ms(20 + dice.roll(80))),
        1 => Latency::Uniform { min: ms(5), max: ms(20 + dice.roll(120)) },
        _ => Latency::Exponential { min: ms(5), mean: ms(10 + dice.roll(90)) },
    };
    for rate in &mut scenario.clock_rates {
        *rate = Ppm(u32::try_from(990_000 + dice.roll(20_001)).unwrap());
    }
    let mut at_ms = 500;
    while at_ms < FAULTS_END_MS {
        let target = dice.node();
        let action = match dice.roll(12) {
            0 | 1 => Action::Crash(target),
            2..=4 => Action::Restart(target),
            5 => Action::Pause(target),
            6 | 7 => Action::Resume(target),
            8 => {
                let (left, right): (Vec<_>, Vec<_>) =
                    (1..=4).map(node).partition(|_| dice.roll(2) == 0);
                Action::Partition(vec![left, right])
            }
            9 => Action::Heal,
            10 => {
                let moment = match dice.roll(3) {
                    0 => Moment::Send,
                    1 => Moment::Receive,
                    _ => Moment::AfterSave,
                };
                Action::CrashAt { node: target, moment }
            }
            _ => match dice.roll(3) {
                0 => Action::Cut { from: target, to: dice.node() },
                1 => tamper_nth("WRITE", 1, Tampering::Delay { by: ms(dice.roll(8_000)) }),
                _ => order(target.get(), Command::Leave),
            },
        };
        if !matches!(action, Action::Cut { from, to } if from == to) {
            scenario.steps.push(at(at_ms, action));
        }
        at_ms += dice.roll(1_200) + 1;
    }
    scenario.steps.push(at(FAULTS_END_MS, Action::Heal));
    for number in 1..=4 {
        scenario.steps.push(at(FAULTS_END_MS, Action::Resume(node(number))));
    }
    // Nodes that were told to crash at their next save may still do so. They are restarted as well.
    for later in [0, 1_000, 3_000, 6_000, 10_000] {
        for number in 1..=4 {
            scenario.steps.push(at(FAULTS_END_MS + later, Action::Restart(node(number))));
        }
    }
    scenario.duration = ms(100_000);
    scenario
}

#[test]
fn under_all_faults_no_invariant_is_violated_and_all_requests_are_served() {
    let seeds = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(300);
    for seed in 0..seeds {
        let mut run = Run::new(storm(seed));
        run.advance_to(FAULTS_END_MS * 1000);
        assert_eq!(broken(&run), [], "seed {seed}");
        run.advance_to(85_000_000);
        let settled = (1..=4).map(|number| run.world().leader_of(node(number)));
        let settled: Vec<_> = settled.collect();
        assert_eq!(broken(&run), [], "seed {seed}");
        assert!(run.world().violations() == 0, "seed {seed}");
        let slowest = run.scenario().network.latency;
        if run.scenario().network.loss > 0.0 || matches!(slowest, Latency::Exponential { .. }) {
            // Losses and delays continue, so only safety is required.
            run.finish();
            assert_eq!(broken(&run), [], "seed {seed}");
            continue;
        }
        assert_eq!(settled, [Some(node(4)); 4], "seed {seed}");
        let before = lines_of(&run, &["enter"]).len();
        run.finish();
        assert_eq!(broken(&run), [], "seed {seed}");
        let entries = lines_of(&run, &["enter"]);
        for number in 1..=4 {
            assert_eq!(run.world().node(node(number)).status(), Status::Up);
            let of_node = format!(" ms {number} enter");
            assert!(
                entries[before..].iter().any(|line| line.contains(&of_node)),
                "seed {seed}: {number} does not enter any more"
            );
        }
    }
}

#[test]
fn nodes_that_have_lost_their_leader_do_not_convince_each_other_to_follow_it() {
    // Node 1 suspects first, so the others still name the dead leader when it asks them.
    let run = finished(hardened(vec![
        at(0, Action::Crash(node(4))),
        at(600, order(1, Command::Elect)),
        at(700, Action::Crash(node(3))),
    ]));
    assert_eq!(broken(&run), []);
    assert_eq!([1, 2].map(|id| run.world().leader_of(node(id))), [None, None]);
}
