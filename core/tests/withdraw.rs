//! A node that withdraws its request, in both profiles.

mod common;

use antes_core::hardened::{self, Body, ElectionMessage, LockTimer, TermTimer};
use antes_core::*;
use common::{Bench, id, request};

const HOLD: Command = Command::Request { hold: Hold::UntilReleased };

const LATEST: Command = Command::Withdraw { request: None };

const RETRY: Input = Input::Timer(Timer::Lock(LockTimer::Retry));

fn token(sequence: u64) -> Token {
    Token { term: Term(1), sequence }
}

/// Messages of the hardened profile.
fn asks(node: u8) -> Body {
    let request = request(node, 1);
    let lease_us = 5_000_000;
    Body::Mutex(hardened::MutexMessage::Request { request, repetition: 1, oldest: 1, lease_us })
}

fn gives_up(node: u8) -> Body {
    Body::Mutex(hardened::MutexMessage::Withdraw { request: request(node, 1) })
}

fn release(node: u8, sequence: u64) -> Body {
    let (request, token) = (request(node, 1), token(sequence));
    Body::Mutex(hardened::MutexMessage::Release { request, token })
}

fn grant(number: u32) -> Body {
    let (request, token) = (request(1, number), token(1));
    Body::Mutex(hardened::MutexMessage::Grant { request, repetition: 1, token })
}

fn closed(node: u8, number: u32) -> Body {
    Body::Mutex(hardened::MutexMessage::ReleaseAck { request: request(node, number) })
}

/// Node 4 of four, which leads term 1 with a lease. Node 1 holds the lock; 2 and 3 wait, in this order.
fn hardened_leader() -> Bench {
    let mut four = Bench::hardened(4);
    for from in [1, 2] {
        let acknowledged = ElectionMessage::HeartbeatAck { beat: 1 };
        four.termed(from, 1, Body::Election(acknowledged));
    }
    assert_eq!(four.termed(1, 1, asks(1)), "set lease; GRANT -> 1");
    for from in [2, 3] {
        assert_eq!(four.termed(from, 1, asks(from)), "");
    }
    four
}

/// The holder and the queue.
fn hardened_table(bench: &Bench) -> (Option<RequestId>, Vec<RequestId>) {
    let (_, lock) = bench.node.stack().hardened().expect("it is hardened");
    match lock.expect("it has a lock").role() {
        hardened::Role::Coordinator(table) => (
            table.holder().map(|held| held.request),
            table.queue().iter().map(|waiter| waiter.request).collect(),
        ),
        hardened::Role::Participant { .. } => panic!("it coordinates"),
    }
}

/// Node 4 of four, which leads. Node 1 holds the lock; 2 and 3 wait, in this order.
fn classic_leader() -> Bench {
    let mut four = Bench::mutex(4);
    for (from, answer) in [(1, "GRANT 1:1 -> 1"), (2, ""), (3, "")] {
        assert_eq!(four.told(from, MutexMessage::Request { request: request(from, 1) }), answer);
    }
    four
}

fn classic_table(bench: &Bench) -> (Option<RequestId>, Vec<RequestId>) {
    match bench.mutual_exclusion().role() {
        Role::Coordinator(table) => (table.holder(), table.queue().iter().copied().collect()),
        Role::Participant { .. } => panic!("it coordinates"),
    }
}

#[test]
fn classic_a_waiter_that_gives_up_leaves_the_queue() {
    let mut four = classic_leader();
    assert_eq!(four.told(2, MutexMessage::Withdraw { request: request(2, 1) }), "");
    assert_eq!(classic_table(&four), (Some(request(1, 1)), vec![request(3, 1)]));
    assert_eq!(four.told(1, MutexMessage::Release), "GRANT 3:1 -> 3");
}

#[test]
fn classic_a_withdrawal_frees_no_holder() {
    let mut four = classic_leader();
    assert_eq!(four.told(1, MutexMessage::Withdraw { request: request(1, 1) }), "");
    assert_eq!(classic_table(&four), (Some(request(1, 1)), vec![request(2, 1), request(3, 1)]));
    let mut one = Bench::mutex(1);
    one.command(HOLD);
    one.told(4, MutexMessage::Grant { request: request(1, 1), token: None });
    assert_eq!(one.command(LATEST), "", "it is in, and waits for nothing");
    assert!(one.command(Command::Release).ends_with("exits 1:1; RELEASE -> 4"));
}

#[test]
fn classic_a_grant_that_comes_after_a_withdrawal_is_given_back_once() {
    let mut one = Bench::mutex(1);
    one.command(HOLD);
    assert_eq!(one.command(LATEST), "gives up 1:1; WITHDRAW -> 4");
    let granted = MutexMessage::Grant { request: request(1, 1), token: None };
    assert_eq!(one.told(4, granted), "RELEASE -> 4");
    assert_eq!(one.told(4, granted), "", "a duplicate grant");
}

#[test]
fn classic_a_withdrawal_is_sent_once_and_without_a_leader_waits_for_one() {
    let mut one = Bench::mutex(1);
    one.command(HOLD);
    one.command(LATEST);
    assert_eq!(one.hear(3, antes_core::ElectionMessage::Coordinator), "follows 3");
    let mut three = Bench::mutex(3);
    three.command(HOLD);
    three.command(Command::Elect);
    assert_eq!(three.command(LATEST), "gives up 3:1");
    assert_eq!(
        three.hear(4, antes_core::ElectionMessage::Coordinator),
        "cancel answers; follows 4; WITHDRAW -> 4"
    );
}

#[test]
fn classic_the_latest_waiter_is_given_up_or_the_one_that_is_named() {
    let mut one = Bench::mutex(1);
    for _ in 0..3 {
        one.command(HOLD);
    }
    assert_eq!(one.command(LATEST), "gives up 1:3; WITHDRAW -> 4");
    assert_eq!(one.command(Command::Withdraw { request: Some(1) }), "gives up 1:1; WITHDRAW -> 4");
    assert_eq!(one.command(Command::Withdraw { request: Some(1) }), "", "it is given up");
    let left: Vec<_> = one.mutual_exclusion().requests().iter().map(|r| r.id.number).collect();
    assert_eq!(left, [2]);
}

#[test]
fn hardened_a_waiter_that_gives_up_leaves_the_queue_and_is_told_so() {
    let mut four = hardened_leader();
    assert_eq!(four.termed(2, 1, gives_up(2)), "RELEASE_ACK -> 2");
    assert_eq!(hardened_table(&four), (Some(request(1, 1)), vec![request(3, 1)]));
    assert_eq!(four.termed(2, 1, gives_up(2)), "RELEASE_ACK -> 2", "the first answer may be lost");
    let freed = four.termed(1, 1, release(1, 1));
    assert!(freed.contains("GRANT -> 3") && !freed.contains("GRANT -> 2"), "{freed}");
}

#[test]
fn hardened_a_withdrawal_that_overtakes_its_request_holds() {
    let mut four = Bench::hardened(4);
    for from in [1, 2] {
        let acknowledged = ElectionMessage::HeartbeatAck { beat: 1 };
        four.termed(from, 1, Body::Election(acknowledged));
    }
    assert_eq!(four.termed(2, 1, gives_up(2)), "RELEASE_ACK -> 2");
    assert_eq!(four.termed(2, 1, asks(2)), "RELEASE_ACK -> 2", "it is not granted");
    assert_eq!(hardened_table(&four), (None, vec![]));
}

#[test]
fn hardened_a_withdrawal_frees_no_holder() {
    let mut four = hardened_leader();
    let again = four.termed(1, 1, gives_up(1));
    assert_eq!(again, "GRANT -> 1", "the first one may be lost, and this one comes back");
    assert_eq!(hardened_table(&four), (Some(request(1, 1)), vec![request(2, 1), request(3, 1)]));
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.termed(4, 1, grant(1));
    assert_eq!(one.command(LATEST), "", "it is in, and waits for nothing");
    assert!(one.command(Command::Release).ends_with("exits 1:1; RELEASE -> 4; set retry"));
}

#[test]
fn hardened_a_withdrawal_is_repeated_until_it_is_acknowledged() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    assert_eq!(one.command(LATEST), "gives up 1:1; cancel claim; WITHDRAW -> 4");
    assert_eq!(one.feed(RETRY), "WITHDRAW -> 4; set retry");
    assert_eq!(one.termed(4, 1, closed(1, 2)), "", "that is another request");
    assert_eq!(one.feed(RETRY), "WITHDRAW -> 4; set retry");
    let follows = one.termed(3, 2, Body::Election(ElectionMessage::Coordinator));
    assert!(follows.contains("WITHDRAW -> 3"), "a later leader may know the request: {follows}");
    one.termed(3, 2, closed(1, 1));
    assert_eq!(one.feed(RETRY), "");
    assert_eq!(one.node.leader(), Some(id(3)));
}

#[test]
fn hardened_a_grant_that_comes_after_a_withdrawal_is_given_back() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.command(LATEST);
    assert_eq!(one.termed(4, 1, grant(1)), "RELEASE -> 4");
    assert_eq!(one.termed(4, 1, grant(1)), "", "it is being given back");
    assert_eq!(one.feed(RETRY), "RELEASE -> 4; WITHDRAW -> 4; set retry");
    one.termed(4, 1, closed(1, 1));
    assert_eq!(one.feed(RETRY), "", "the coordinator has said that both are over");
}

#[test]
fn hardened_a_request_that_was_never_sent_is_withdrawn_without_a_message() {
    let mut four = Bench::hardened(4);
    let wait = Input::Timer(Timer::Application(ApplicationTimer::RequestWait));
    four.feed(wait);
    let given_up = four.command(LATEST);
    assert!(given_up.starts_with("gives up 4:1"), "{given_up}");
    assert!(!given_up.contains("WITHDRAW"), "{given_up}");
    for from in [1, 2] {
        let acknowledged = ElectionMessage::HeartbeatAck { beat: 2 };
        let heard = four.termed(from, 1, Body::Election(acknowledged));
        assert!(!heard.contains("enters"), "{heard}");
    }
}

#[test]
fn hardened_a_leader_that_waits_for_another_gives_up_by_itself() {
    let mut four = hardened_leader();
    four.command(HOLD);
    assert_eq!(hardened_table(&four).1.last(), Some(&request(4, 1)));
    let given_up = four.command(LATEST);
    assert!(given_up.starts_with("gives up 4:1; cancel claim"), "{given_up}");
    assert!(!given_up.contains("WITHDRAW") && !given_up.contains("set retry"), "{given_up}");
    assert_eq!(hardened_table(&four).1, [request(2, 1), request(3, 1)]);
}

#[test]
fn hardened_requests_that_are_given_up_count_until_the_coordinator_knows() {
    let mut one = Bench::hardened(1);
    for _ in 0..MAX_OUTSTANDING {
        one.command(HOLD);
        assert!(one.command(LATEST).contains("WITHDRAW"));
    }
    assert_eq!(one.command(HOLD), "is refused");
    one.termed(4, 1, closed(1, 1));
    assert!(one.command(HOLD).starts_with("wants 1:65"));
}

#[test]
fn hardened_a_lost_grant_of_a_request_that_is_given_up_comes_back_within_a_way_there_and_back() {
    let mut four = hardened_leader();
    assert!(four.termed(1, 1, gives_up(1)).contains("GRANT -> 1"));
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.command(LATEST);
    let repeated =
        hardened::MutexMessage::Grant { request: request(1, 1), repetition: 0, token: token(1) };
    assert_eq!(one.termed(4, 1, Body::Mutex(repeated)), "RELEASE -> 4");
    let freed = four.termed(1, 1, release(1, 1));
    assert!(freed.contains("RELEASE_ACK -> 1") && freed.contains("GRANT -> 2"), "{freed}");
}

#[test]
fn hardened_a_withdrawal_that_names_the_request_of_a_holder_changes_nothing_for_it() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.termed(4, 1, grant(1));
    let repeated =
        hardened::MutexMessage::Grant { request: request(1, 1), repetition: 0, token: token(1) };
    assert_eq!(one.termed(4, 1, Body::Mutex(repeated)), "", "it is in with this token");
}

#[test]
fn hardened_a_leader_without_its_lease_repeats_no_grant_to_a_node_that_gives_up() {
    let mut four = hardened_leader();
    four.feed(Input::Timer(Timer::Term(TermTimer::Lease(1))));
    assert!(!four.termed(1, 1, gives_up(1)).contains("GRANT"));
}
