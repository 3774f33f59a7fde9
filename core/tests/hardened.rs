//! Transitions of the hardened profile: the rules that make the same algorithms safe.

mod common;

use std::time::Duration;

use antes_core::hardened::{Body, ElectionMessage, MutexMessage};
use antes_core::*;
use common::{Bench, first_life, id, request};

/// The configured lease in microseconds, as messages carry it.
const LEASE_US: u64 = 5_000_000;

const HOLD: Command = Command::Request { hold: Hold::UntilReleased };

fn token(term: u64, sequence: u64) -> Token {
    Token { term: Term(term), sequence }
}

fn grant(number: u32, repetition: u32, token: Token) -> Body {
    Body::Mutex(MutexMessage::Grant { request: request(1, number), repetition, token })
}

fn election(message: ElectionMessage) -> Body {
    Body::Election(message)
}

fn claim(number: u32, repetition: u32) -> Input {
    Input::Timer(Timer::Mutex(MutexTimer::Claim(request(1, number), repetition)))
}

const RETRY: Input = Input::Timer(Timer::Mutex(MutexTimer::Retry));

fn suspicious(number: u8) -> Bench {
    let mut bench = Bench::hardened(number);
    bench.timeout(ElectionTimer::Suspicion);
    bench
}

fn willing() -> Body {
    election(ElectionMessage::ProbeAck { yes: true, leader: None })
}

#[test]
fn no_node_raises_a_term_without_the_consent_of_a_majority() {
    let mut three = Bench::hardened(3);
    assert_eq!(
        three.timeout(ElectionTimer::Suspicion),
        "cancel suspicion; cancel challenge; follows nobody; cancel suspicion; \
         starts election 3:1; PROBE -> 1; PROBE -> 2; PROBE -> 4; set probe-answers"
    );
    assert_eq!(three.termed(1, 1, willing()), "", "two of four are no majority");
    assert_eq!(
        three.termed(2, 1, willing()),
        "cancel probe-answers; save term 2; cancel suspicion; ELECTION -> 4; set answers"
    );
}

#[test]
fn a_node_that_hears_its_leader_says_no_and_names_it_unless_the_asker_outranks_it() {
    let mut two = Bench::hardened(2);
    let probe = election(ElectionMessage::Probe { seasoned: true });
    assert_eq!(two.termed(1, 1, probe), "PROBE_ACK -> 1");
    assert_eq!(two.node.leader(), Some(id(4)));
    let mut leaderless = suspicious(2);
    assert_eq!(leaderless.termed(1, 1, probe), "PROBE_ACK -> 1");
}

#[test]
fn a_closed_connection_lets_a_leader_be_suspected_at_once() {
    let mut three = Bench::hardened(3);
    assert_eq!(three.feed(Input::Disconnected { peer: id(1) }), "", "1 does not lead");
    assert_eq!(
        three.feed(Input::Disconnected { peer: id(4) }),
        "cancel suspicion; cancel challenge; follows nobody; cancel suspicion; \
         starts election 3:1; PROBE -> 1; PROBE -> 2; PROBE -> 4; set probe-answers"
    );
    let heartbeat = election(ElectionMessage::Heartbeat { beat: 7 });
    three.termed(4, 1, heartbeat);
    assert_eq!(three.node.leader(), Some(id(4)), "it was a false alarm");
}

#[test]
fn a_vote_is_saved_before_it_is_sent_and_given_once_a_term() {
    let mut one = Bench::hardened(1);
    assert_eq!(
        one.termed(2, 2, election(ElectionMessage::Propose)),
        "cancel suspicion; cancel challenge; follows nobody; save term 2; set suspicion; \
         save term 2 vote 2; ACCEPT -> 2; cancel suspicion; set coordinator"
    );
    assert_eq!(one.termed(3, 2, election(ElectionMessage::Propose)), "");
    assert_eq!(one.termed(2, 2, election(ElectionMessage::Propose)).matches("ACCEPT").count(), 1);
}

#[test]
fn a_vote_holds_after_a_restart() {
    let mut one = Bench::hardened(1);
    let me = Identity { node: id(1), incarnation: Incarnation::FIRST.next() };
    let stable = Stable { term: Term(2), vote: Some(id(3)) };
    one.node = Node::new(me, (*one.node.config()).into(), Boot { stable, ..Boot::default() });
    let mut one = one.started();
    let propose = election(ElectionMessage::Propose);
    assert_eq!(one.termed(4, 2, propose), "", "it has voted for 3 in an earlier life");
    assert!(one.termed(3, 2, propose).contains("ACCEPT -> 3"));
    assert!(one.termed(4, 3, propose).contains("save term 3 vote 4; ACCEPT -> 4"));
}

#[test]
fn an_asked_node_that_hears_no_majority_leaves_elections_to_others_until_it_does() {
    let by_two = ElectionId { by: first_life(2), number: 1 };
    let asks = election(ElectionMessage::Election { election: by_two });
    let mut three = Bench::hardened(3);
    assert!(three.termed(2, 2, asks).contains("OK -> 2"));
    three.timeout(ElectionTimer::Answers);
    assert!(three.timeout(ElectionTimer::Accepts).contains("set election-retry"));
    let heard = three.termed(2, 3, asks);
    assert!(
        !heard.contains("OK") && !heard.contains("ELECTION"),
        "it has heard only node 2: {heard}"
    );
    let proposed = three.termed(2, 3, election(ElectionMessage::Propose));
    assert!(
        proposed.contains("ACCEPT -> 2"),
        "it behaves like a dead node towards lower nodes: {proposed}"
    );
    three.timeout(ElectionTimer::Coordinator);
    three.termed(1, 3, willing());
    assert!(three.termed(2, 3, willing()).contains("ELECTION -> 4"));
    assert!(three.termed(2, 5, asks).contains("OK -> 2"), "it has heard a majority");
}

#[test]
fn an_asked_node_that_a_majority_refuses_stands_again() {
    let asks = |by: u8| {
        let election_id = ElectionId { by: first_life(by), number: 1 };
        election(ElectionMessage::Election { election: election_id })
    };
    let mut three = Bench::hardened(3);
    three.termed(2, 2, asks(2));
    three.timeout(ElectionTimer::Answers);
    three.termed(1, 2, asks(1));
    three.timeout(ElectionTimer::Accepts);
    assert!(three.termed(2, 3, asks(2)).contains("OK -> 2"), "it has heard 1 as well");
}

#[test]
fn a_message_of_a_lower_term_is_not_acted_on_and_its_sender_is_told() {
    let mut one = Bench::hardened(1);
    one.termed(3, 5, election(ElectionMessage::Coordinator));
    assert_eq!(one.node.leader(), Some(id(3)));
    assert_eq!(one.termed(4, 4, election(ElectionMessage::Coordinator)), "TERM -> 4");
    assert_eq!(one.node.leader(), Some(id(3)));
    assert_eq!(one.termed(4, 4, election(ElectionMessage::Notice { leader: None })), "");
}

#[test]
fn a_restarted_leader_never_leads_its_saved_term_again() {
    let me = Identity { node: id(4), incarnation: Incarnation::FIRST.next() };
    let mut config = Config::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
    config.profile = Profile::Hardened;
    let stable = Stable { term: Term(3), vote: Some(id(4)) };
    let mut node = Node::new(me, config.into(), Boot { stable, ..Boot::default() });
    let mut effects = Effects::new();
    node.step(&Input::Start, &mut effects);
    effects.clear();
    let asked = ElectionMessage::Election { election: ElectionId { by: first_life(1), number: 1 } };
    let message = Message::Hardened(hardened::Termed { term: Term(3), body: election(asked) });
    node.step(&Input::Message { from: id(1), stamp: Stamp::default(), message }, &mut effects);
    let sent: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { message, .. } => Some(message.name()),
            _ => None,
        })
        .collect();
    assert_eq!(sent, ["OK"]);
}

#[test]
fn a_leader_that_a_majority_does_not_hear_stops_leading() {
    let mut four = Bench::hardened(4);
    assert!(
        four.timeout(ElectionTimer::Lease(1)).starts_with("cancel heartbeat; follows nobody"),
        "its first heartbeat has earned nothing"
    );
    let mut four = Bench::hardened(4);
    for from in [1, 2] {
        four.termed(from, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    }
    four.timeout(ElectionTimer::Heartbeat);
    assert!(four.timeout(ElectionTimer::Lease(1)).starts_with("cancel heartbeat; cancel leader"));
}

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
    let wait = Input::Timer(Timer::Mutex(MutexTimer::RequestWait));
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
    let over = Input::Timer(Timer::Mutex(MutexTimer::Lease));
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
        "write 1:1 Exit; cancel hold; cancel claim; exits 1:1; RELEASE -> 4"
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
    assert_eq!(one.feed(Input::Timer(Timer::Mutex(MutexTimer::RequestWait))), "is refused");
}

#[test]
fn a_leader_whose_application_asks_sends_a_heartbeat_at_once_and_one_at_a_time() {
    let wait = Input::Timer(Timer::Mutex(MutexTimer::RequestWait));
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

/// Node 3 of four, which leads term 2 with a lease. No other node has reported.
fn in_office() -> Bench {
    let mut three = suspicious(3);
    for from in [1, 2] {
        three.termed(from, 1, willing());
    }
    three.timeout(ElectionTimer::Answers);
    three.termed(1, 2, election(ElectionMessage::Accept));
    let office = three.termed(2, 2, election(ElectionMessage::Accept));
    assert!(office.ends_with("set grace"), "{office}");
    for from in [1, 2] {
        three.termed(from, 2, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    }
    three
}

#[test]
fn a_new_coordinator_grants_nothing_until_all_have_reported() {
    let mut three = in_office();
    for from in [1, 2] {
        let report = MutexMessage::Report { me: first_life(from), holds: None, lease_us: LEASE_US };
        three.termed(from, 2, Body::Mutex(report));
    }
    let asks = MutexMessage::Request {
        request: request(1, 1),
        repetition: 1,
        oldest: 1,
        lease_us: LEASE_US,
    };
    assert_eq!(three.termed(1, 2, Body::Mutex(asks)), "", "4 may hold the lock");
    let grace = Input::Timer(Timer::Mutex(MutexTimer::Grace));
    assert_eq!(three.feed(grace), "cancel grace; set lease; GRANT -> 1");
}

#[test]
fn a_node_that_counts_with_another_lease_is_granted_nothing() {
    let mut four = Bench::hardened(4);
    four.termed(1, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    four.termed(2, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    let asks = |lease_us| {
        let request = request(1, 1);
        Body::Mutex(MutexMessage::Request { request, repetition: 1, oldest: 1, lease_us })
    };
    assert_eq!(four.termed(1, 1, asks(LEASE_US * 4)), "");
    assert_eq!(four.termed(1, 1, asks(LEASE_US / 4)), "");
    assert_eq!(
        four.termed(1, 1, asks(LEASE_US)),
        "set lease; GRANT -> 1",
        "it does not wait there"
    );
}

#[test]
fn a_report_under_another_lease_does_not_count_and_a_longer_one_is_waited_for() {
    let mut three = in_office();
    let report = |from, lease_us| {
        Body::Mutex(MutexMessage::Report { me: first_life(from), holds: None, lease_us })
    };
    assert_eq!(three.termed(1, 2, report(1, LEASE_US)), "");
    assert_eq!(three.termed(2, 2, report(2, LEASE_US)), "");
    assert_eq!(three.termed(4, 2, report(4, LEASE_US / 4)), "", "the grace covers it");
    assert_eq!(three.termed(4, 2, report(4, LEASE_US * 4)), "set grace");
    assert_eq!(three.termed(4, 2, report(4, LEASE_US)), "cancel grace", "now all have reported");
}

#[test]
fn the_first_recovery_after_a_change_of_the_lease_takes_as_long_as_the_longer_one() {
    let grace = |least_grace: Duration| {
        let mut config = Config::new(Algorithm::Mutex, ClusterSize::new(1).expect("a size"));
        config.profile = Profile::Hardened;
        let boot = Boot { least_grace, ..Boot::default() };
        let mut node = Node::new(first_life(1), config.into(), boot);
        let mut effects = Effects::new();
        node.step(&Input::Start, &mut effects);
        let (_, mutex) = node.stack().hardened().expect("it is hardened");
        let left = mutex.expect("it has a lock").least_grace();
        let set = effects.iter().find_map(|effect| match effect {
            Effect::SetTimer { timer: Timer::Mutex(MutexTimer::Grace), after } => Some(*after),
            _ => None,
        });
        (set, left)
    };
    let seconds = |micros| Some(Duration::from_micros(micros));
    // A cluster of one has all reports at once.
    assert_eq!(grace(Duration::ZERO), (seconds(6_262_000), Duration::ZERO));
    assert_eq!(grace(Duration::from_secs(21)), (seconds(21_000_000), Duration::ZERO));
    assert_eq!(grace(Duration::from_secs(1)), (seconds(6_262_000), Duration::ZERO));
}

#[test]
fn a_late_report_of_an_earlier_hold_does_not_replace_a_later_one() {
    let mut three = in_office();
    let report = |node, sequence| {
        let holds = Some((request(node, 1), token(1, sequence)));
        Body::Mutex(MutexMessage::Report { me: first_life(node), holds, lease_us: LEASE_US })
    };
    assert_eq!(three.termed(2, 2, report(2, 2)), "set lease");
    assert_eq!(three.termed(1, 2, report(1, 1)), "", "node 2 was granted after that hold was over");
    let came_back = MutexMessage::Release { request: request(1, 1), token: token(1, 1) };
    assert_eq!(three.termed(1, 2, Body::Mutex(came_back)), "RELEASE_ACK -> 1", "2 is still in");
}

#[test]
fn a_hold_is_believed_although_an_earlier_grant_of_the_request_has_come_back() {
    let mut three = in_office();
    let came_back = MutexMessage::Release { request: request(1, 1), token: token(1, 1) };
    three.termed(1, 2, Body::Mutex(came_back));
    let report = |token| {
        let holds = Some((request(1, 1), token));
        Body::Mutex(MutexMessage::Report { me: first_life(1), holds, lease_us: LEASE_US })
    };
    assert_eq!(three.termed(1, 2, report(token(1, 1))), "", "that is over");
    assert_eq!(three.termed(1, 2, report(token(1, 2))), "set lease");
}

#[test]
fn a_release_is_valid_under_any_later_leader_and_repeated_until_acknowledged() {
    let mut one = Bench::hardened(1);
    one.command(HOLD);
    one.termed(4, 1, grant(1, 1, token(1, 1)));
    one.command(Command::Release);
    let follows = one.termed(3, 2, election(ElectionMessage::Coordinator));
    assert!(follows.contains("REPORT -> 3; RELEASE -> 3"), "{follows}");
    assert_eq!(one.feed(RETRY), "RELEASE -> 3; set retry");
    let acknowledged = Body::Mutex(MutexMessage::ReleaseAck { request: request(1, 1) });
    one.termed(3, 2, acknowledged);
    assert_eq!(one.feed(RETRY), "");
}

#[test]
fn a_waiter_that_was_suspected_keeps_its_place_and_is_granted_when_it_asks_again() {
    let mut four = Bench::hardened(4);
    let ack = |beat| election(ElectionMessage::HeartbeatAck { beat });
    let asks = |repetition| {
        Body::Mutex(MutexMessage::Request {
            request: request(1, 1),
            repetition,
            oldest: 1,
            lease_us: LEASE_US,
        })
    };
    four.termed(2, 1, ack(1));
    four.termed(3, 1, ack(1));
    four.command(HOLD);
    four.termed(1, 1, asks(1));
    four.timeout(ElectionTimer::Heartbeat);
    four.termed(2, 1, ack(2));
    four.termed(3, 1, ack(2));
    four.timeout(ElectionTimer::Lease(1));
    assert!(!four.command(Command::Release).contains("GRANT"), "1 has not been heard");
    assert!(
        !four.termed(1, 1, ack(2)).contains("GRANT"),
        "the lease of its attempt may have ended by now"
    );
    assert!(four.termed(1, 1, asks(5)).contains("GRANT -> 1"));
}

#[test]
fn a_late_request_that_its_node_is_done_with_does_not_stay_in_the_queue() {
    let mut four = Bench::hardened(4);
    let asks = |number, oldest| {
        Body::Mutex(MutexMessage::Request {
            request: request(1, number),
            repetition: 1,
            oldest,
            lease_us: LEASE_US,
        })
    };
    four.termed(1, 1, asks(1, 1));
    four.termed(1, 1, asks(3, 3));
    let (_, lock) = four.node.stack().hardened().unwrap();
    let hardened::Role::Coordinator(table) = lock.unwrap().role() else { panic!("it leads") };
    let waiting: Vec<_> = table.queue().iter().map(|waiter| waiter.request).collect();
    assert_eq!(waiting, [request(1, 3)]);
}

#[test]
fn a_leader_that_leaves_is_out_before_it_resigns_and_grants_nothing_any_more() {
    let mut four = Bench::hardened(4);
    four.termed(1, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    four.termed(2, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    assert!(four.command(HOLD).contains("enters"));
    let waits = MutexMessage::Request {
        request: request(1, 1),
        repetition: 1,
        oldest: 1,
        lease_us: LEASE_US,
    };
    assert_eq!(four.termed(1, 1, Body::Mutex(waits)), "");
    let left = four.command(Command::Leave);
    let (out, resigned) = (left.find("exits"), left.find("RESIGN -> 1"));
    assert!(out.is_some() && out < resigned, "{left}");
    assert!(!left.contains("GRANT"), "{left}");
}

#[test]
fn a_leader_that_leaves_releases_and_resigns_and_its_followers_probe_at_once() {
    let mut four = Bench::hardened(4);
    let left = four.command(Command::Leave);
    assert!(left.starts_with("RESIGN -> 1; RESIGN -> 2; RESIGN -> 3"), "{left}");
    let mut two = Bench::hardened(2);
    assert!(two.termed(4, 1, election(ElectionMessage::Resign)).contains("PROBE -> 1"));
}
