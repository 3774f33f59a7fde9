//! Worked cases of the hardened profile beyond those of `faults.json`: further questions of a
//! sceptic.

use antes_core::{Algorithm, Command, Preempt, Profile};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario, Step, Tampering, Which};
use antes_sim::trace::Happening;
use serde_json::json;

use super::common::*;
use super::{leaders, summary};

fn scenario(steps: Vec<Step>) -> Scenario {
    let mut scenario = quiet(Algorithm::Mutex, 4, steps);
    scenario.config.profile = Profile::Hardened;
    scenario
}

fn sound(scenario: Scenario) -> Run {
    let run = finished(scenario);
    assert_eq!(broken(&run), []);
    run
}

fn cut(from: u8, to: u8) -> Action {
    Action::Cut { from: node(from), to: node(to) }
}

fn release(id: u8) -> Action {
    order(id, Command::Release)
}

/// The entries in order: node, and milliseconds.
fn entries(run: &Run) -> Vec<(String, u64)> {
    let entries = summary(run).entries.into_iter();
    entries.map(|entry| (entry.request.to_string(), entry.at_us / 1000)).collect()
}

fn entered(run: &Run) -> Vec<String> {
    entries(run).into_iter().map(|(request, _)| request).collect()
}

fn everybody_follows(run: &Run, leader: u8) {
    assert_eq!(
        leaders(run),
        json!({"1": leader, "2": leader, "3": leader, "4": leader}),
        "at the end"
    );
}

/// Node 2 waits for the lock when a link is cut in one direction; node 3 asks later.
fn the_one_who_asked_later_goes_first(cut: Action) {
    let run = sound(scenario(vec![
        at(0, request(1)),
        at(500, request(2)),
        at(700, cut),
        at(1_000, request(3)),
        at(3_000, release(1)),
        at(4_000, Action::Heal),
        at(6_000, release(3)),
    ]));
    assert_eq!(entered(&run), ["1:1", "3:1", "2:1"]);
    everybody_follows(&run, 4);
}

#[test]
fn a_waiter_that_does_not_hear_the_leader_is_passed_over_and_keeps_its_place() {
    the_one_who_asked_later_goes_first(cut(4, 2));
}

#[test]
fn a_waiter_that_the_leader_does_not_hear_blocks_nobody_and_is_let_in_after_the_heal() {
    the_one_who_asked_later_goes_first(cut(2, 4));
}

#[test]
fn a_release_that_comes_after_its_node_was_restarted_frees_nothing() {
    let late =
        Which::Nth { kind: "RELEASE".into(), from: Some(node(1)), to: None, nth: 1, copy: 0 };
    let mut scenario = scenario(vec![
        at(0, request(1)),
        at(900, Action::Tamper { which: late, tampering: Tampering::Delay { by: ms(4_000) } }),
        at(1_000, release(1)),
        at(1_100, Action::Crash(node(1))),
        at(1_500, Action::Restart(node(1))),
        at(2_500, request(1)),
        at(3_500, request(2)),
        at(6_500, release(1)),
    ]);
    scenario.network.fifo = false;
    let run = sound(scenario);
    let when = entries(&run);
    let names: Vec<_> = when.iter().map(|(request, _)| request.as_str()).collect();
    assert_eq!(names, ["1:1", "1#2:1", "2:1"]);
    let arrives = lines_of(&run, &["receive"]);
    assert!(
        arrives.iter().any(|line| line.starts_with("5100 ms 4 receive RELEASE")),
        "{arrives:?}"
    );
    assert!(when[2].1 >= 6_500, "only its own release frees the lock: {when:?}");
}

#[test]
fn a_write_of_a_holder_that_was_paused_is_refused_once_another_has_written() {
    let late = Which::Nth { kind: "WRITE".into(), from: Some(node(2)), to: None, nth: 1, copy: 0 };
    let run = sound(scenario(vec![
        at(0, request(2)),
        at(1_000, Action::Tamper { which: late, tampering: Tampering::Delay { by: ms(8_000) } }),
        at(1_100, order(2, Command::Write)),
        at(1_200, Action::Pause(node(2))),
        at(2_000, request(1)),
        at(10_000, Action::Resume(node(2))),
    ]));
    let writes: Vec<_> = run
        .trace()
        .iter()
        .filter_map(|event| match event.happening {
            Happening::Write { write, accepted, .. } => {
                Some((event.at_us / 1000, write.request.by.node.get(), accepted))
            }
            _ => None,
        })
        .collect();
    assert!(writes.contains(&(9_150, 2, false)), "{writes:?}");
    assert!(writes.iter().any(|&(at_ms, by, accepted)| at_ms < 9_150 && by == 1 && accepted));
    everybody_follows(&run, 4);
}

/// A leader that has lost its majority grants to no node, and the others elect node 3.
fn an_asymmetric_partition_of_the_leader(cuts: [Action; 3]) {
    let mut steps: Vec<Step> = cuts.into_iter().map(|cut| at(1_000, cut)).collect();
    steps.extend([
        at(3_000, order(4, Command::Request { hold: antes_core::Hold::For(ms(500)) })),
        at(4_500, order(1, Command::Request { hold: antes_core::Hold::For(ms(500)) })),
        at(15_000, Action::Heal),
    ]);
    let run = sound(scenario(steps));
    let of_3 = run.trace().iter().find_map(|event| match event.happening {
        Happening::Leader { leader, .. } if event.node == leader && leader == Some(node(3)) => {
            Some(event.at_us / 1000)
        }
        _ => None,
    });
    let of_3 = of_3.expect("it leads");
    assert!(of_3 < 5_000, "{of_3} ms");
    let when = entries(&run);
    assert!(when.contains(&("1:1".into(), when[0].1)), "the others go on: {when:?}");
    assert!(when[0].1 < 15_000, "{when:?}");
    assert_eq!(when.iter().filter(|(request, _)| request.starts_with("4:")).count(), 1);
    assert!(when.last().is_some_and(|(request, at_ms)| request == "4:1" && *at_ms > 15_000));
    everybody_follows(&run, 4);
}

#[test]
fn a_leader_that_hears_and_is_not_heard_is_replaced_and_grants_nobody() {
    an_asymmetric_partition_of_the_leader([cut(4, 1), cut(4, 2), cut(4, 3)]);
}

#[test]
fn a_leader_that_is_heard_and_does_not_hear_resigns_is_replaced_and_grants_nobody() {
    an_asymmetric_partition_of_the_leader([cut(1, 4), cut(2, 4), cut(3, 4)]);
}

#[test]
fn without_preemption_the_leader_stays_when_the_highest_comes_back_and_when_it_asks() {
    let mut scenario = scenario(vec![
        at(0, Action::Crash(node(4))),
        at(6_000, Action::Restart(node(4))),
        at(10_000, order(4, Command::Elect)),
        at(15_000, request(1)),
    ]);
    scenario.config.hardened.preempt = Preempt::Never;
    let run = sound(scenario);
    everybody_follows(&run, 3);
    let terms: Vec<_> = run
        .trace()
        .iter()
        .filter_map(|event| match event.happening {
            Happening::Leader { leader: Some(leader), term } if event.node == Some(leader) => {
                term.map(|term| term.0)
            }
            _ => None,
        })
        .collect();
    assert_eq!(terms, [1, 2], "the term is not raised again");
    assert_eq!(entered(&run), ["1:1"]);
}
