//! Requests and grants under one coordinator.

use super::*;

#[test]
fn a_leader_grants_only_while_it_holds_its_own_lease() {
    let mut four = Bench::hardened(4);
    let asks = MutexMessage::Request {
        request: request(1, 1),
        repetition: 1,
        oldest: 1,
        lease_us: LEASE_US,
    };
    assert_eq!(four.termed(1, 1, Body::Mutex(asks)), "", "its heartbeats are not acknowledged yet");
    four.termed(2, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    assert_eq!(
        four.termed(3, 1, election(ElectionMessage::HeartbeatAck { beat: 1 })),
        "set lease; GRANT -> 1"
    );
}

#[test]
fn a_leaders_own_timed_request_waits_until_a_majority_acknowledges_a_heartbeat() {
    let mut four = Bench::hardened(4);
    for from in [1, 2] {
        four.termed(from, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    }
    let wait = Input::Timer(Timer::Application(ApplicationTimer::RequestWait));
    // After a pause this timer fires late, and the timer of the lease fires after it.
    let asks = four.feed(wait);
    assert!(asks.starts_with("wants 4:1; ") && !asks.contains("enters"), "{asks}");
    assert_eq!(four.feed(RETRY), "");
    assert_eq!(four.termed(1, 1, election(ElectionMessage::HeartbeatAck { beat: 2 })), "");
    assert_eq!(
        four.termed(2, 1, election(ElectionMessage::HeartbeatAck { beat: 2 })),
        "set claim; set lease; enters 4:1; write 4:1 Entry; set hold"
    );
}

#[test]
fn a_repeated_request_is_answered_with_the_same_token() {
    let mut four = Bench::hardened(4);
    for from in [2, 3] {
        four.termed(from, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    }
    let asks = |repetition| {
        Body::Mutex(MutexMessage::Request {
            request: request(1, 1),
            repetition,
            oldest: 1,
            lease_us: LEASE_US,
        })
    };
    assert_eq!(four.termed(1, 1, asks(1)), "set lease; GRANT -> 1");
    assert_eq!(four.termed(1, 1, asks(2)), "set lease; GRANT -> 1");
    let (_, lock) = four.node.stack().hardened().unwrap();
    let hardened::Role::Coordinator(table) = lock.unwrap().role() else { panic!("it leads") };
    assert_eq!(table.holder().unwrap().token, token(1, 1));
}

#[test]
fn a_late_copy_of_a_request_that_is_done_with_is_not_granted_again() {
    let mut four = Bench::hardened(4);
    four.termed(2, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    four.termed(3, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    let asks = |number, oldest| {
        let request = request(1, number);
        Body::Mutex(MutexMessage::Request { request, repetition: 1, oldest, lease_us: LEASE_US })
    };
    let over = Input::Timer(Timer::Lock(LockTimer::Lease));
    assert_eq!(four.termed(1, 1, asks(1, 1)), "set lease; GRANT -> 1");
    four.feed(over);
    assert_eq!(four.termed(1, 1, asks(2, 2)), "set lease; GRANT -> 1");
    four.feed(over);
    assert_eq!(four.termed(1, 1, asks(1, 1)), "RELEASE_ACK -> 1");
}

#[test]
fn a_late_copy_of_a_request_of_an_earlier_life_is_not_granted() {
    let mut four = Bench::hardened(4);
    four.termed(2, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    four.termed(3, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    let asks = || {
        let request = request(1, 1);
        Body::Mutex(MutexMessage::Request { request, repetition: 1, oldest: 1, lease_us: LEASE_US })
    };
    assert_eq!(four.termed(1, 1, asks()), "set lease; GRANT -> 1");
    let first = first_life(1);
    let me = Identity { incarnation: first.incarnation.next(), ..first };
    let report = Body::Mutex(MutexMessage::Report { me, holds: None, lease_us: LEASE_US });
    assert_eq!(four.termed(1, 1, report), "cancel lease");
    assert_eq!(four.termed(1, 1, asks()), "RELEASE_ACK -> 1");
}

#[test]
fn a_grant_keeps_the_claim_that_it_answers_and_cancels_the_others() {
    let mut one = Bench::hardened(1);
    assert_eq!(one.command(HOLD), "wants 1:1; set claim; REQUEST -> 4; set retry");
    assert_eq!(one.feed(RETRY), "set claim; REQUEST -> 4; set retry");
    assert_eq!(
        one.termed(4, 1, grant(1, 1, token(1, 1))),
        "cancel claim; enters 1:1; write 1:1 Entry"
    );
    assert_eq!(one.termed(4, 1, grant(1, 2, token(1, 1))), "", "it is in already");
    assert_eq!(
        one.feed(claim(1, 1)),
        "cancel hold; cancel claim; exits 1:1; RELEASE -> 4; set retry",
        "the lease is over, and it writes no more"
    );
}

#[test]
fn a_grant_whose_claim_has_run_out_is_given_back_at_once() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.feed(claim(1, 1));
    assert_eq!(one.termed(4, 1, grant(1, 1, token(1, 1))), "RELEASE -> 4");
}

#[test]
fn everything_is_repeated_after_retry_however_often_the_node_asks_and_gives_back() {
    let mut one = Bench::hardened(1);
    assert_eq!(one.command(HOLD), "wants 1:1; set claim; REQUEST -> 4; set retry");
    assert_eq!(one.command(HOLD), "wants 1:2; set claim; REQUEST -> 4", "the timer goes on");
    one.termed(4, 1, grant(1, 1, token(1, 1)));
    assert_eq!(
        one.command(Command::Release),
        "cancel hold; write 1:1 Exit; cancel claim; exits 1:1; RELEASE -> 4"
    );
    assert_eq!(
        one.feed(RETRY),
        "RELEASE -> 4; set claim; REQUEST -> 4; set retry",
        "what waits is repeated together"
    );
    let over = |number| Body::Mutex(MutexMessage::ReleaseAck { request: request(1, number) });
    one.termed(4, 1, over(1));
    one.termed(4, 1, grant(2, 2, token(1, 2)));
    assert_eq!(one.feed(RETRY), "", "it is in, and waits for no answer");
    assert!(one.command(Command::Release).ends_with("RELEASE -> 4; set retry"));
}

#[test]
fn a_request_too_many_is_told_and_an_application_that_acts_by_itself_asks_again_later() {
    let mut one = Bench::hardened(1);
    for _ in 0..MAX_OUTSTANDING {
        one.command(HOLD);
    }
    assert_eq!(one.command(HOLD), "is refused");
    assert_eq!(
        one.feed(Input::Timer(Timer::Application(ApplicationTimer::RequestWait))),
        "is refused"
    );
}

#[test]
fn a_leader_whose_application_asks_sends_a_heartbeat_at_once_and_one_at_a_time() {
    let wait = Input::Timer(Timer::Application(ApplicationTimer::RequestWait));
    let acknowledge = |beat| election(ElectionMessage::HeartbeatAck { beat });
    let beats = "set leader-lease; HEARTBEAT -> 1; HEARTBEAT -> 2; HEARTBEAT -> 3";
    let mut four = Bench::hardened(4);
    for from in [1, 2] {
        four.termed(from, 1, acknowledge(1));
    }
    assert_eq!(four.feed(wait), format!("wants 4:1; {beats}"));
    assert_eq!(four.feed(wait), "wants 4:2", "a heartbeat is on its way");
    assert_eq!(four.termed(1, 1, acknowledge(2)), "");
    assert_eq!(
        four.termed(2, 1, acknowledge(2)),
        "set claim; set lease; enters 4:1; write 4:1 Entry; set claim; set hold"
    );
    assert_eq!(four.feed(wait), format!("wants 4:3; {beats}"), "the last one is back");
    assert_eq!(four.feed(wait), "wants 4:4", "it is on its way");
    four.timeout(ElectionTimer::Heartbeat);
    for from in [1, 2] {
        four.termed(from, 1, acknowledge(4));
    }
    assert_eq!(four.feed(wait), format!("wants 4:5; {beats}"), "a later one is back");
}

#[test]
fn a_grant_that_is_being_given_back_is_not_taken_for_a_later_repetition() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.feed(RETRY);
    one.feed(claim(1, 1));
    one.termed(4, 1, grant(1, 1, token(1, 1)));
    assert_eq!(one.termed(4, 1, grant(1, 2, token(1, 1))), "");
}

#[test]
fn a_request_that_was_closed_unused_is_made_anew_under_a_new_number() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    let closed = Body::Mutex(MutexMessage::ReleaseAck { request: request(1, 1) });
    assert_eq!(
        one.termed(4, 1, closed),
        "cancel claim; wants 1:2; set claim; REQUEST -> 4; set retry"
    );
}
