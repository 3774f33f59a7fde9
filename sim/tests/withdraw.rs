//! Waiters that give up.

mod common;

use antes_core::{Algorithm, Command, Hold, Profile};
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario, Step, Tampering};
use antes_sim::storm::{Faults, storm};
use antes_sim::summary::Summary;
use common::*;

fn withdraw(of: u8) -> Action {
    order(of, Command::Withdraw { request: None })
}

fn request_for(of: u8, millis: u64) -> Action {
    order(of, Command::Request { hold: Hold::For(ms(millis)) })
}

fn played(profile: Profile, steps: Vec<Step>) -> Run {
    finished(quiet(Algorithm::Mutex, 4, steps).in_profile(profile))
}

fn entries(run: &Run) -> Vec<String> {
    lines_of(run, &["enter"])
}

const BOTH: [Profile; 2] = [Profile::Classic, Profile::Hardened];

#[test]
fn a_waiter_that_gives_up_is_passed_over() {
    for profile in BOTH {
        let run = played(
            profile,
            vec![
                at(1_000, request_for(1, 5_000)),
                at(2_000, request(2)),
                at(3_500, withdraw(2)),
                at(4_000, request_for(3, 1_000)),
            ],
        );
        assert_eq!(broken(&run), [], "{profile:?}");
        let who: Vec<_> =
            entries(&run).iter().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect();
        assert_eq!(who, ["1", "3"], "{profile:?}");
        assert_eq!(lines_of(&run, &["withdraw"]).len(), 1, "{profile:?}");
        let summary = Summary::new(run.scenario().config.size, run.trace());
        let sent = summary.messages.iter().find(|(name, _)| *name == "WITHDRAW");
        assert_eq!(sent, Some(&("WITHDRAW", 1)), "{profile:?}");
    }
}

#[test]
fn a_grant_that_is_on_its_way_to_a_node_that_has_given_up_comes_back_unused() {
    for profile in BOTH {
        let run = played(
            profile,
            vec![
                at(1_000, request(2)),
                // It is granted at 1100 ms, and the GRANT arrives at 1200 ms.
                at(1_150, withdraw(2)),
                at(4_000, request_for(3, 1_000)),
            ],
        );
        assert_eq!(broken(&run), [], "{profile:?}");
        let who: Vec<_> =
            entries(&run).iter().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect();
        assert_eq!(who, ["3"], "{profile:?}");
        let back = run.trace().iter().any(|event| {
            event.kind() == "send"
                && event.node == Some(node(2))
                && event.message().is_some_and(|message| message.content.name() == "RELEASE")
        });
        assert!(back, "{profile:?}: the grant comes back");
    }
}

#[test]
fn a_holder_is_no_waiter_and_another_request_can_be_named() {
    for profile in BOTH {
        let run = played(
            profile,
            vec![
                at(1_000, request_for(1, 4_000)),
                at(2_000, withdraw(1)),
                at(2_100, request_for(2, 1_000)),
                at(2_200, request_for(2, 1_000)),
                at(2_300, order(2, Command::Withdraw { request: Some(1) })),
                at(2_400, order(2, Command::Withdraw { request: Some(9) })),
            ],
        );
        assert_eq!(broken(&run), [], "{profile:?}");
        assert_eq!(lines_of(&run, &["ignored"]).len(), 2, "{:?}", lines_of(&run, &["ignored"]));
        let requests: Vec<_> =
            entries(&run).iter().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect();
        assert_eq!(requests, ["1:1", "2:2"], "{profile:?}");
    }
}

#[test]
fn a_lost_withdrawal_is_repeated_by_the_hardened_profile() {
    let run = played(
        Profile::Hardened,
        vec![
            at(1_000, request_for(1, 4_000)),
            at(2_000, request(2)),
            at(2_900, tamper_nth("WITHDRAW", 1, Tampering::Drop)),
            at(3_000, withdraw(2)),
        ],
    );
    assert_eq!(broken(&run), []);
    let sent = run.trace().iter().filter(|event| {
        event.kind() == "send"
            && event.message().is_some_and(|message| message.content.name() == "WITHDRAW")
    });
    assert_eq!(sent.count(), 2);
    assert_eq!(entries(&run).len(), 1);
}

#[test]
fn storms_in_which_waiters_give_up_break_nothing() {
    let mut given_up = 0;
    for seed in 0..150 {
        let mut base: Scenario = busy(Algorithm::Mutex, seed);
        base.config.profile = Profile::Hardened;
        base.steps.clear();
        base.network.fifo = true;
        let mut scenario = storm(&base, seed, Faults::ALL);
        for place in 0..60 {
            let who = 1 + (seed + place) % 4;
            scenario.steps.push(at(500 * place + seed, withdraw(who as u8)));
        }
        scenario.steps.sort_by_key(|step| step.at);
        let run = finished(scenario);
        assert_eq!(broken(&run), [], "seed {seed}");
        given_up += lines_of(&run, &["withdraw"]).len();
    }
    assert!(given_up > 500, "{given_up}");
}
