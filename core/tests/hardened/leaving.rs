//! A leader that resigns: its followers elect another one without waiting for a timeout.

use super::*;

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

#[test]
fn a_node_that_stops_withdraws_the_request_that_waits_at_the_leader() {
    let mut two = Bench::hardened(2);
    assert!(two.command(HOLD).contains("REQUEST"));
    let left = two.command(Command::Leave);
    assert!(left.starts_with("gives up 2:1") && left.contains("WITHDRAW -> 4"), "{left}");
}
