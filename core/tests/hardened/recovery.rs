//! What a new coordinator learns, and what it believes of earlier holds.

use super::*;

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
    let grace = Input::Timer(Timer::Lock(LockTimer::Grace));
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
        let boot = Boot::<u64> { least_grace, ..Boot::default() };
        let mut node = Node::new(first_life(1), config.into(), boot);
        let mut effects = Effects::new();
        node.step(&Input::Start, &mut effects);
        let (_, mutex) = node.stack().hardened().expect("it is hardened");
        let left = mutex.expect("it has a lock").least_grace();
        let set = effects.iter().find_map(|effect| match effect {
            Effect::SetTimer { timer: Timer::Lock(LockTimer::Grace), after } => Some(*after),
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
    four.timeout(TermTimer::Lease(1));
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
