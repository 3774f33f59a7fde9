//! A node withdraws a waiting request, in both profiles.

mod common;

use antes_core::{Algorithm, Command, Hold, Identity, Incarnation, Profile, RequestId};
use antes_sim::judge::Judge;
use antes_sim::run::Run;
use antes_sim::scenario::{Action, Scenario, Step, Tampering};
use antes_sim::storm::{Bounds, Faults, judge, storm};
use antes_sim::summary::Summary;
use antes_sim::trace::Invariant;
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

/// The lease is 5 s.
#[test]
fn a_lost_grant_of_a_request_that_was_given_up_does_not_block_the_lock_until_its_lease_ends() {
    let run = played(
        Profile::Hardened,
        vec![
            at(900, tamper_nth("GRANT", 1, Tampering::Drop)),
            at(1_000, request(2)),
            at(1_300, withdraw(2)),
            at(1_400, request_for(3, 1_000)),
        ],
    );
    assert_eq!(broken(&run), []);
    let entries = entries(&run);
    assert_eq!(entries.len(), 1);
    assert!(entries[0].starts_with("1700 ms 3 enter"), "{entries:?}");
}

#[test]
fn a_storm_has_waiters_that_give_up_in_its_calm_only_if_its_base_has_one() {
    let base = |steps| quiet(Algorithm::Mutex, 4, steps).in_profile(Profile::Hardened);
    let calm = Bounds::of(&base(Vec::new())).calm;
    let give_up = |base: &Scenario| {
        let storms = (1..=20).map(|seed| storm(base, seed, Faults::ALL));
        let steps = storms.flat_map(|storm| storm.steps);
        let gives_up = |step: &Step| {
            matches!(step.action, Action::Command { command: Command::Withdraw { .. }, .. })
        };
        let (late, early): (Vec<Step>, _) = steps.filter(gives_up).partition(|s| s.at > calm);
        (early.len(), late.len())
    };
    let (early, late) = give_up(&base(Vec::new()));
    assert!(early > 100 && late == 0, "{early}, {late}");
    let (early, late) = give_up(&base(vec![at(1_000, withdraw(1))]));
    assert!(early > 300 && late > 300, "{early}, {late}");
}

#[test]
fn storms_in_which_waiters_give_up_to_the_end_owe_what_others_do() {
    let mut given_up = 0;
    for nodes in [2, 4] {
        let mut base = quiet(Algorithm::Mutex, nodes, vec![at(1_000, withdraw(1))])
            .in_profile(Profile::Hardened);
        base.config.application.auto = true;
        for seed in 1..=10 {
            let storm = storm(&base, seed, Faults::ALL);
            judge(&storm).unwrap_or_else(|failure| panic!("{nodes} nodes, {seed}: {failure:?}"));
            given_up += lines_of(&finished(storm), &["withdraw"]).len();
        }
    }
    assert!(given_up > 100, "{given_up}");
}

#[test]
fn a_request_that_enters_although_it_was_given_up_breaks_served_once() {
    let mut judge = Judge::default();
    let me = Identity { node: node(1), incarnation: Incarnation::FIRST };
    let request = |number| RequestId { by: me, number };
    judge.started(me);
    for number in 1..=3 {
        judge.requested(request(number));
    }
    judge.withdrawn(request(2));
    for number in [1, 3] {
        judge.entered(request(number), None);
        judge.exited(request(number));
    }
    assert!(!judge.has_found());
    judge.entered(request(2), None);
    let found: Vec<_> = judge.take_found().into_iter().map(|found| found.invariant).collect();
    assert_eq!(found, [Invariant::ServedOnce]);
}
