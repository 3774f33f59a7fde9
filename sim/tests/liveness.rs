//! Liveness of the hardened profile: busy nodes, clocks at their declared bounds, elections with
//! many nodes. Each file in `field/` is a cluster that made no progress.

mod common;

use std::time::Duration;

use antes_core::spans::{self, Network};
use antes_core::{Algorithm, Hold, MAX_NODES, NodeId, Profile};
use antes_sim::export::text;
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Latency, Ppm, Scenario};
use antes_sim::storm::{Faults, judge, minimised, storm, to_one_leader};
use antes_sim::trace::{Content, Happening, TraceEvent};
use common::*;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("field/", $name, ".toml"))
    };
}

fn read(text: &str) -> Scenario {
    scenario::read(text).unwrap_or_else(|error| panic!("{error}"))
}

fn run(text: &str) -> Run {
    let run = finished(read(text));
    assert_eq!(broken(&run), []);
    run
}

/// The trace as plain text.
fn told(run: &Run) -> String {
    run.trace().iter().map(|event| text::sentence(&event.happening) + "\n").collect()
}

fn ms_of(event: &TraceEvent) -> u64 {
    event.at_us / 1000
}

/// When `from` sent messages of this kind, in milliseconds.
fn sent_ms(run: &Run, kind: &str, from: u8) -> Vec<u64> {
    let sends = |event: &&TraceEvent| match &event.happening {
        Happening::Send(message) => {
            event.node == Some(node(from)) && message.content.name() == kind
        }
        _ => false,
    };
    run.trace().iter().filter(sends).map(ms_of).collect()
}

fn entered(run: &Run) -> Vec<String> {
    run.trace()
        .iter()
        .filter_map(|event| match event.happening {
            Happening::Enter { request, .. } => Some(request.to_string()),
            _ => None,
        })
        .collect()
}

/// The length of each finished critical section in milliseconds, and whether its lease ended it.
fn sections(run: &Run) -> Vec<(u64, bool)> {
    let mut began = 0;
    let mut all = Vec::new();
    for event in run.trace() {
        match event.happening {
            Happening::Enter { .. } => began = ms_of(event),
            Happening::Exit { lease_over, .. } => all.push((ms_of(event) - began, lease_over)),
            _ => {}
        }
    }
    all
}

/// The instant from which all these nodes follow `leader` to the end, in milliseconds.
fn led_from_ms(run: &Run, leader: u8, followers: &[u8]) -> u64 {
    let mut from = 0;
    for event in run.trace() {
        if let (Happening::Leader { leader: now, .. }, Some(who)) = (&event.happening, event.node)
            && followers.contains(&who.get())
        {
            from = ms_of(event);
            assert!(now.is_none() || from < 60_000 || *now == NodeId::new(leader));
        }
    }
    for &follower in followers {
        assert_eq!(run.world().leader_of(node(follower)), NodeId::new(leader));
    }
    from
}

#[test]
fn a_lost_request_is_repeated_although_its_node_asks_on() {
    let run = run(file!("a-lost-request-of-a-busy-node"));
    let entered = entered(&run);
    assert!(entered.iter().any(|request| request == "1:1"), "{entered:?}");
    let lost_ms = sent_ms(&run, "REQUEST", 1)[0];
    let again = sent_ms(&run, "REQUEST", 1).into_iter().filter(|&at| at == lost_ms + 1_000);
    assert_eq!(again.count(), 2, "1:1 and 1:2 are repeated when retry has passed");
}

#[test]
fn a_lost_release_is_repeated_although_its_node_asks_on() {
    let run = run(file!("a-lost-release-of-a-busy-node"));
    let released = sent_ms(&run, "RELEASE", 1);
    assert!(released[1] - released[0] <= 1_000, "{released:?}");
    assert!(entered(&run).len() > 60);
}

#[test]
fn a_node_that_asks_faster_than_it_is_served_is_served_in_order_and_no_token_comes_back_unused() {
    let run = run(file!("one-node-asks-every-100ms"));
    let entered = entered(&run);
    assert!(entered.len() > 250, "only {}", entered.len());
    let in_order: Vec<String> = (1..=entered.len()).map(|number| format!("1:{number}")).collect();
    assert_eq!(entered, in_order);
    assert!(sections(&run).into_iter().all(|(lasted, cut)| lasted == 20 && !cut));
    let mut tokens: Vec<_> = run
        .trace()
        .iter()
        .filter_map(|event| match &event.happening {
            Happening::Send(message) => match &message.content {
                Content::Message(message) => message.granted().and_then(|(_, token)| token),
                Content::Write(_) => None,
            },
            _ => None,
        })
        .collect();
    tokens.dedup();
    assert!(tokens.len() <= entered.len() + 1, "one may be on its way");
    let refused = |event: &&TraceEvent| event.happening == Happening::Refused;
    assert!(run.trace().iter().find(refused).is_some(), "64 wait, and one more is told");
    let told = told(&run);
    assert!(told.contains("wants the lock and is refused: 64 requests of its own wait already"));
}

#[test]
fn a_section_lasts_as_long_as_was_asked_for_as_far_as_is_promised_whoever_else_waits() {
    for (heartbeat, rate) in [(500, 990_000), (500, 1_010_000), (1_150, 1_000_000)] {
        let mut scenario = quiet(Algorithm::Mutex, 4, Vec::new());
        scenario.config.profile = Profile::Hardened;
        scenario.config.election.heartbeat = ms(heartbeat);
        scenario.config.election.suspect_after = ms(1_450);
        scenario.clock_rates = [Ppm(rate); MAX_NODES as usize];
        scenario.duration = Duration::from_secs(120);
        let network = Network::with_transmission(ms(100));
        let hold = spans::longest_hold(&scenario.config, network) - ms(10);
        for request in 0..20_u64 {
            for of in [1, 2, 4] {
                let command = antes_core::Command::Request { hold: Hold::For(hold) };
                let when = 500 + 137 * request + 41 * u64::from(of);
                scenario.steps.push(at(when, order(of, command)));
            }
        }
        scenario.steps.sort_by_key(|step| step.at);
        let run = finished(scenario);
        let sections = sections(&run);
        assert!(sections.len() > 25, "only {}", sections.len());
        assert!(sections.iter().all(|&(_, cut)| !cut), "{heartbeat} ms: {sections:?}");
    }
}

#[test]
fn spans_that_are_left_out_suit_clocks_that_are_fast_within_the_declared_drift() {
    let run = run(file!("t-of-a-fast-clock"));
    assert!(led_from_ms(&run, 3, &[1, 2, 3]) < 10_000);
    let probes: usize = [1, 2, 3].map(|from| sent_ms(&run, "PROBE", from).len()).iter().sum();
    assert!(probes < 20, "{probes}");
}

#[test]
fn eight_nodes_that_ask_one_after_the_other_find_a_leader_within_the_bound() {
    let scenario = read(file!("the-two-highest-of-eight-die"));
    let bound = to_one_leader(&scenario.config).as_millis();
    let run = run(file!("the-two-highest-of-eight-die"));
    let led = led_from_ms(&run, 6, &[1, 2, 3, 4, 5, 6]) - 2_000;
    assert!(u128::from(led) < bound, "{led} ms, where {bound} are the bound");
    assert!(led < 15_000, "{led} ms");
}

#[test]
fn an_x_that_is_too_short_for_the_drift_is_refused_and_the_least_one_is_calm() {
    let file = file!("suspicion-by-a-fast-clock");
    let error = scenario::read(file).expect_err("it is refused").to_string();
    let least = |field: &str| {
        let (_, rest) = error.split_once(&format!("expected \"{field}\" of at least \"")).unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    };
    assert!(error.contains("a follower with a fast clock would suspect a live leader"), "{error}");
    assert_eq!(least("suspect_after"), "633.112ms");
    let mut fits = file.to_owned();
    for (field, was) in
        [("suspect_after", "620ms"), ("answer_timeout", "40ms"), ("coordinator_timeout", "80ms")]
    {
        let set = |value: &str| format!("{field} = \"{value}\"");
        fits = fits.replace(&set(was), &set(&least(field)));
    }
    let run = run(&fits);
    assert!(led_from_ms(&run, 4, &[1, 2, 3, 4]) < 40_000, "nobody suspects it afterwards");
}

#[test]
fn a_hold_that_the_lease_cuts_is_told_as_what_it_is() {
    let run = run(file!("work-longer-than-the-lease"));
    assert_eq!(sections(&run)[0], (4_750, true), "the lease counts from the REQUEST");
    assert_eq!(sections(&run)[1], (1_000, false));
    let told = told(&run);
    assert!(told.contains("EXITS because the lease ended before the work of request 1:1"));
    assert!(told.contains("EXITS and is done with request 2:1"));
}

#[test]
fn storms_over_eight_nodes_that_ask_one_after_the_other_get_well() {
    let base = read(file!("storms-over-eight-sequential"));
    for seed in (900_001..=900_020).chain([901_154]) {
        let storm = storm(&base, seed, Faults::ALL);
        judge(&storm).unwrap_or_else(|failure| panic!("{seed}: {failure:?}"));
    }
}

#[test]
fn with_much_drift_no_storm_fails_of_the_sweeps_own_making_and_each_script_can_be_run() {
    let base = read(file!("storms-over-seven-with-much-drift"));
    for seed in 900_001..=900_040 {
        let storm = storm(&base, seed, Faults::ALL);
        judge(&storm).unwrap_or_else(|failure| panic!("{seed}: {failure:?}"));
        assert_eq!(scenario::read(&scenario::write(&storm)), Ok(storm));
    }
    let too_slow = scenario::read(file!("messages-too-slow-for-the-drift"));
    let error = too_slow.expect_err("it is refused").to_string();
    assert!(error.contains("\"suspect_after\" of at least \"625.715ms\""), "{error}");
}

#[test]
fn the_shortest_script_of_a_failure_can_be_run_whatever_the_drift() {
    let mut base = read(file!("storms-over-seven-with-much-drift"));
    // The timeouts fit the network, but the clocks are worse than declared.
    base.config.hardened.drift = Ppm(300_000);
    let found = (1..400).find_map(|seed| {
        let mut storm = storm(&base, seed, Faults::ALL);
        storm.clock_rates[..3].copy_from_slice(&[Ppm(200_000); 3]);
        judge(&storm).err().map(|failure| (storm, failure))
    });
    let (storm, failure) = found.expect("some storm fails");
    let shortest = minimised(storm, &failure);
    let again = read(&scenario::write(&shortest));
    assert_eq!(judge(&again).expect_err("it fails").name, failure.name);
}

/// The tightest base of storms: default timeouts, a latency for which they just suffice, and a long
/// calm phase.
fn tight(nodes: u8, form: antes_core::Form, millis: u64, drift: u32) -> Scenario {
    let mut scenario = quiet(Algorithm::Mutex, nodes, Vec::new());
    scenario.config.profile = Profile::Hardened;
    scenario.config.election.form = form;
    scenario.config.hardened.drift = Ppm(drift);
    scenario.network.latency = Latency::Fixed(ms(millis));
    let network = Network::with_transmission(ms(millis));
    scenario.config = spans::fitted(&scenario.config, network, |_| true);
    let least = spans::least_answer_timeout(&scenario.config, network);
    assert!(scenario.config.election.answer_timeout - least < ms(1), "it is the least");
    scenario.duration = Duration::from_secs(180);
    scenario
}

#[test]
fn storms_at_the_tightest_spans_and_saturated_ones_get_well_whatever_the_size_and_the_form() {
    for nodes in 1..=8 {
        for form in [antes_core::Form::Parallel, antes_core::Form::Sequential] {
            let (millis, drift) = if nodes % 2 == 0 { (350, 10_000) } else { (300, 100_000) };
            let mut base = tight(nodes, form, millis, drift);
            let look = |base: &Scenario, seed| {
                let storm = storm(base, seed, Faults::ALL);
                judge(&storm)
                    .unwrap_or_else(|failure| panic!("{nodes} {form:?} {seed}: {failure:?}"));
                storm
            };
            let calm = look(&base, 1);
            assert!(calm.duration >= Duration::from_secs(180));
            base.duration = Duration::ZERO;
            base.config.application.auto = true;
            let asks = |storm: &Scenario| {
                let is_ask = |step: &&scenario::Step| {
                    matches!(
                        step.action,
                        Action::Command { command: antes_core::Command::Request { .. }, .. }
                    )
                };
                storm.steps.iter().filter(is_ask).count()
            };
            assert!(asks(&look(&base, 2)) > 100);
        }
    }
}
