//! Crashes, pauses and restarts; the order of events; clocks.

mod common;

use antes_core::{Algorithm, CallMessage, CallTimer, Causality, Command, Detector, Message, Timer};
use antes_core::{Config, Effect, Effects, Identity, Profile, Stable, Term};
use antes_sim::export::{Header, jsonl, mermaid, perfetto, plantuml, text};
use antes_sim::narrow::{Boot, Input, Stamp};
use antes_sim::recorder::Recorder;
use antes_sim::scenario::{Action, Moment, Ppm};
use antes_sim::trace::{Happening, Invariant};
use antes_sim::world::{Process, Status, World};
use common::*;
use std::sync::Arc;

#[test]
fn at_equal_times_script_steps_come_before_deliveries_and_those_before_timers() {
    let mut scenario = quiet(
        Algorithm::Leader,
        3,
        vec![at(0, order(1, Command::Elect)), at(200, order(1, Command::LocalEvent))],
    );
    scenario.config.election.answer_timeout = ms(200);
    let run = finished(scenario);
    let at_200: Vec<String> =
        words(&run).into_iter().filter(|line| line.starts_with("200 ms")).take(2).collect();
    assert_eq!(at_200, ["200 ms 1 local", "200 ms 1 receive OK 2:1"]);
    assert_eq!(lines_of(&run, &["timeout"]), [""; 0], "the OK came before the timer");
}

#[test]
fn a_step_can_wait_for_deliveries_of_its_instant() {
    let late = |after| {
        let mut step = at(100, order(3, Command::LocalEvent));
        step.after = after;
        let steps = vec![at(0, send(1, 3)), at(0, send(2, 3)), step];
        let run = finished(quiet(Algorithm::Clock, 3, steps));
        lines_of(&run, &["receive", "local"]).iter().position(|line| line.ends_with("local"))
    };
    assert_eq!([late(0), late(1), late(2), late(9)], [Some(0), Some(1), Some(2), Some(2)]);
}

#[test]
fn a_crash_loses_timers_and_everything_in_memory() {
    let mut scenario = quiet(
        Algorithm::Leader,
        4,
        vec![at(100, Action::Crash(node(4))), at(1_000, Action::Restart(node(4)))],
    );
    scenario.config.election.detector = Detector::Heartbeat;
    scenario.config.election.suspect_after = ms(20_000);
    scenario.duration = ms(1_400);
    let run = finished(scenario);
    assert_eq!(lines_of(&run, &["timeout"]), [""; 0], "the heartbeat of 500 ms died with 4");
    assert_eq!(run.world().node(node(4)).me().incarnation.get(), 2);
    assert_eq!(run.world().leader_of(node(4)), Some(node(4)));
}

#[test]
fn a_node_that_leaves_stops_in_order_and_does_not_crash() {
    for profile in [Profile::Classic, Profile::Hardened] {
        let steps = vec![
            at(3_000, order(4, Command::Leave)),
            at(3_500, order(4, Command::LocalEvent)),
            at(4_000, Action::Restart(node(4))),
            at(6_000, Action::Crash(node(4))),
        ];
        let mut scenario = quiet(Algorithm::Mutex, 4, steps).in_profile(profile);
        scenario.duration = ms(8_000);
        let run = finished(scenario);
        assert_eq!(
            lines_of(&run, &["stop", "restart", "crash"]),
            ["3000 ms 4 stop", "4000 ms 4 restart", "6000 ms 4 crash"],
            "{profile:?}"
        );
        assert_eq!(run.world().node(node(4)).status(), Status::Crashed);
        let (header, trace) = (Header::of(run.scenario()), run.trace());
        let size = header.size();
        let texts: [(String, [&str; 2]); 5] = [
            (trace.iter().map(|event| text::line(event, size)).collect(), ["STOPS", "CRASHES"]),
            (jsonl::write(run.scenario(), trace), [r#""kind":"stop""#, r#""kind":"crash""#]),
            (mermaid::write(&header, trace), ["N4 STOPS", "CRASHES"]),
            (plantuml::write(&header, trace), ["N4 STOPS", "CRASHES"]),
            (perfetto::write(&header, trace), [r#""name":"stopped""#, r#""name":"crashed""#]),
        ];
        for (text, words) in texts {
            assert!(words.iter().all(|word| text.contains(word)), "{profile:?}: {text}");
        }
    }
}

#[test]
fn a_restarted_node_goes_on_with_its_vector_clock_but_not_with_lamports() {
    let run = finished(quiet(
        Algorithm::Clock,
        2,
        vec![
            at(0, order(1, Command::LocalEvent)),
            at(10, order(1, Command::LocalEvent)),
            at(20, Action::Crash(node(1))),
            at(30, Action::Restart(node(1))),
            at(40, order(1, Command::LocalEvent)),
        ],
    ));
    let local: Vec<_> = run.trace().iter().filter(|event| event.kind() == "local").collect();
    assert_eq!(local[2].stamp.lamport().0, 1);
    assert_eq!(local[2].stamp.vector().counts()[..2], [3, 0]);
    assert_eq!(local[1].stamp.vector().relation(&local[2].stamp.vector()), Causality::Before);
    assert_eq!(broken(&run), [Invariant::ClockCondition]);
}

#[test]
fn a_paused_node_fires_its_overdue_timers_in_order_before_it_reads_its_messages() {
    let mut scenario = quiet(
        Algorithm::Clock,
        2,
        vec![at(0, Action::Pause(node(1))), at(10, send(2, 1)), at(3_500, Action::Resume(node(1)))],
    );
    scenario.config.application.auto = true;
    scenario.duration = ms(3_500);
    let run = finished(scenario);
    let after: Vec<String> =
        words(&run).into_iter().filter(|line| line.starts_with("3500 ms 1")).collect();
    assert_eq!(after[..2], ["3500 ms 1 resume", "3500 ms 1 timeout call-wait"]);
    assert!(after[3..].iter().any(|line| line == "3500 ms 1 receive MESSAGE 2:1"), "{after:?}");
}

#[test]
fn a_timer_that_an_earlier_overdue_one_cancels_does_not_fire() {
    // Node 2 is a candidate and still follows the dead node 3. T fires first, and winning ends the
    // suspicion.
    let mut scenario = quiet(
        Algorithm::Leader,
        3,
        vec![
            at(0, Action::Crash(node(3))),
            at(10, order(1, Command::Elect)),
            at(115, Action::Pause(node(2))),
            at(3_000, Action::Resume(node(2))),
        ],
    );
    scenario.config.election.detector = Detector::Heartbeat;
    scenario.duration = ms(3_000);
    let run = finished(scenario);
    let timeouts = lines_of(&run, &["timeout"]);
    let of_2: Vec<&String> = timeouts.iter().filter(|line| line.contains(" ms 2 ")).collect();
    assert_eq!(of_2, ["3000 ms 2 timeout answers"]);
    assert_eq!(run.world().leader_of(node(2)), Some(node(2)));
}

#[test]
fn messages_queued_at_a_paused_node_die_with_it() {
    let run = finished(quiet(
        Algorithm::Clock,
        2,
        vec![at(0, Action::Pause(node(1))), at(0, send(2, 1)), at(500, Action::Crash(node(1)))],
    ));
    assert_eq!(words(&run)[2..], ["500 ms 1 crash", "500 ms 2 lost MESSAGE 2:1 (receiver down)"]);
}

#[test]
fn a_node_can_be_paused_again_before_it_has_caught_up() {
    let mut again = at(500, Action::Pause(node(1)));
    again.after = 1;
    let run = finished(quiet(
        Algorithm::Clock,
        2,
        vec![
            at(0, Action::Pause(node(1))),
            at(0, send(2, 1)),
            at(10, send(2, 1)),
            at(500, Action::Resume(node(1))),
            again,
            at(900, Action::Resume(node(1))),
        ],
    ));
    assert_eq!(
        lines_of(&run, &["receive"]),
        ["500 ms 1 receive MESSAGE 2:1", "900 ms 1 receive MESSAGE 2:2"]
    );
}

#[test]
fn steps_on_nodes_that_are_down_or_paused_are_logged_and_do_nothing() {
    let run = finished(quiet(
        Algorithm::Mutex,
        4,
        vec![
            at(0, Action::Crash(node(1))),
            at(10, request(1)),
            at(20, Action::Crash(node(1))),
            at(30, Action::Pause(node(2))),
            at(40, order(2, Command::LocalEvent)),
            at(50, Action::Restart(node(3))),
            at(60, order(3, Command::Release)),
        ],
    ));
    assert_eq!(
        lines_of(&run, &["ignored"]),
        [
            "10 ms 1 ignored: Node 1 was told to request the lock, but is down.",
            "20 ms 1 ignored: Node 1 was told to crash, but is down.",
            "40 ms 2 ignored: Node 2 was told to have a local event, but is paused.",
            "50 ms 3 ignored: Node 3 was told to restart, but is up.",
            "60 ms 3 ignored: Node 3 was told to release the lock, but does not hold it."
        ]
    );
}

#[test]
fn a_node_can_die_between_two_sends_of_one_step() {
    let mut scenario = quiet(
        Algorithm::Leader,
        4,
        vec![
            at(0, Action::CrashAt { node: node(4), moment: Moment::Send }),
            at(10, order(4, Command::Elect)),
        ],
    );
    scenario.duration = ms(200);
    assert_eq!(
        words(&finished(scenario))[4..],
        ["10 ms 4 send COORDINATOR 4:1 -> 1", "10 ms 4 crash", "110 ms 1 receive COORDINATOR 4:1"]
    );
}

#[test]
fn a_node_can_die_of_what_it_receives_before_it_acts_on_it() {
    let mut scenario = quiet(
        Algorithm::Leader,
        4,
        vec![
            at(0, Action::CrashAt { node: node(4), moment: Moment::Receive }),
            at(10, order(3, Command::Elect)),
        ],
    );
    scenario.duration = ms(250);
    assert_eq!(
        lines_of(&finished(scenario), &["send", "receive", "crash"]),
        ["10 ms 3 send ELECTION 3:1 -> 4", "110 ms 4 receive ELECTION 3:1", "110 ms 4 crash"]
    );
}

/// A process that saves and then sends.
#[derive(Clone, Debug)]
struct Promiser {
    me: Identity,
    stamp: Stamp,
}

impl Process for Promiser {
    fn boot(me: Identity, _: &Arc<Config>, boot: Boot) -> Self {
        Self { me, stamp: boot.stamp }
    }

    fn step(&mut self, input: &Input, out: &mut Effects) -> Stamp {
        let happened = self.stamp;
        if let Input::Command(Command::Send { to }) = *input {
            out.push(Effect::Save(Stable { term: Term(3), vote: Some(to) }));
            out.push(Effect::Send { to, message: Message::Call(CallMessage::Plain) });
            self.stamp.tick(self.me.node);
        }
        happened
    }
}

#[test]
fn a_node_can_die_between_a_save_and_the_send_that_depends_on_it() {
    let script =
        [at(0, Action::CrashAt { node: node(1), moment: Moment::AfterSave }), at(10, send(1, 2))];
    let scenario = quiet(Algorithm::Clock, 2, script.to_vec());
    let mut recorder = Recorder::on();
    let mut world: World<Promiser> = World::new(&scenario, &mut recorder);
    while world.step(&script, &mut recorder) {}
    let kinds: Vec<_> = recorder.lines().iter().map(|line| line.kind()).collect();
    assert_eq!(kinds, ["save", "crash"]);
    assert_eq!(world.node(node(1)).stable().term, Term(3), "it survives the crash");
}

#[test]
fn a_fast_clock_shortens_timers() {
    let fires_at = |rate| {
        let mut scenario = quiet(Algorithm::Leader, 2, Vec::new());
        scenario.config.election.detector = Detector::Heartbeat;
        scenario.clock_rates[1] = Ppm(rate);
        let run = finished(scenario);
        let heartbeat = Timer::Election(antes_core::ElectionTimer::Heartbeat);
        let fired = |happening: &Happening| *happening == Happening::Timeout { timer: heartbeat };
        run.trace().iter().find(|event| fired(&event.happening)).map(|event| event.at_us)
    };
    assert_eq!(fires_at(1_000_000), Some(500_000));
    assert_eq!(fires_at(1_250_000), Some(400_000));
    assert_eq!(fires_at(500_000), Some(1_000_000));
}

#[test]
fn the_draws_of_a_node_do_not_depend_on_other_nodes() {
    let waits = |crash: bool| {
        let steps = if crash { vec![at(0, Action::Crash(node(2)))] } else { Vec::new() };
        let mut scenario = quiet(Algorithm::Clock, 3, steps);
        scenario.config.application.auto = true;
        let run = finished(scenario);
        let first = run.trace().iter().find(|event| {
            let wait = Timer::Call(CallTimer::Wait);
            event.node == Some(node(3)) && event.happening == Happening::Timeout { timer: wait }
        });
        first.map(|event| event.at_us)
    };
    assert!(waits(false).is_some());
    assert_eq!(waits(false), waits(true));
}
