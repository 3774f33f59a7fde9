//! The shared resource: what it takes, what it refuses, and what it must not hold up.

use std::net::TcpListener;

use serde_json::Value;

use super::harness::{Cluster, count, free_port, kind, send};
use super::{ALL, BUSY};

/// Leases that are over within a test.
const SHORT_LEASE: [&str; 6] = ["--lease", "1s", "--retry", "200ms", "--suspect-after", "900ms"];

/// A cluster whose nodes write to the resource on this port. Neither runs yet.
fn cluster(options: &[&str]) -> (Cluster, u16) {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    (Cluster::new(4, &[options, &["--resource", &address]].concat()), port)
}

/// The same, and all of it runs.
fn running(options: &[&str]) -> (Cluster, u16) {
    let (mut cluster, port) = cluster(options);
    cluster.start_resource(port, &[]);
    for node in ALL {
        cluster.start(node, &[]);
    }
    (cluster, port)
}

fn token(line: &Value) -> (u64, u64) {
    let part = |place: usize| line["message"]["token"][place].as_u64().expect("a number");
    (part(0), part(1))
}

/// The tokens that were taken never decrease.
fn assert_in_order(trace: &[Value]) {
    let taken: Vec<(u64, u64)> =
        trace.iter().filter(|line| line["accepted"] == true).map(token).collect();
    assert!(!taken.is_empty() && taken.is_sorted(), "{taken:?}");
}

#[test]
fn writes_reach_the_resource_and_nodes_hear_what_became_of_them() {
    let (mut cluster, _) = running(&BUSY);
    cluster.wait_for_leader(&ALL, 4);
    assert_in_order(&cluster.wait_for_writes(20));
    for node in ALL {
        let answered = |trace: &[Value]| {
            trace.iter().any(|line| kind(line) == "write" && line["accepted"] == true)
        };
        cluster.wait(node, "hears that a write is taken", answered);
        cluster.signal(node, "TERM");
    }
    for node in ALL {
        assert_eq!(cluster.ended(node).code(), Some(0));
        let trace = cluster.trace(node);
        let sent = trace.iter().filter(|line| kind(line) == "send");
        let sent = sent.filter(|line| line["message"]["type"] == "WRITE").count();
        assert_eq!(count(&trace, "write"), sent, "the last writes are answered too");
    }
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

#[test]
fn the_holder_and_the_leader_are_killed_under_load_and_no_token_goes_back() {
    let (mut cluster, _) = running(&[&BUSY[..2], &["--hold", "20ms..40ms"], &SHORT_LEASE].concat());
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_writes(10);
    let inside = |trace: &[Value]| count(trace, "enter") > count(trace, "exit");
    cluster.wait(1, "holds", inside);
    cluster.kill(1);
    cluster.wait_for_writes(10);
    cluster.start(1, &[]);
    cluster.kill(4);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_writes(10);
    cluster.start(4, &[]);
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
    assert_in_order(&cluster.wait_for_writes(10));
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

#[test]
fn a_resource_that_was_killed_knows_its_highest_token_when_it_comes_back() {
    let (mut cluster, port) = running(&BUSY);
    cluster.wait_for_leader(&ALL, 4);
    let highest = |cluster: &Cluster| {
        let state = std::fs::read(cluster.path("resource").join("state.json")).expect("a state");
        let state: Value = serde_json::from_slice(&state).expect("JSON");
        let token = &state["highest_token"];
        (token["term"].as_u64().expect("a term"), token["sequence"].as_u64().expect("a number"))
    };
    for signal in ["KILL", "TERM"] {
        cluster.wait_for_writes(10);
        let mut resource = cluster.take_resource();
        send(&resource, signal);
        let ended = resource.wait().expect("it has ended");
        assert_eq!(ended.code(), (signal == "TERM").then_some(0));
        let answered = cluster
            .resource_trace()
            .iter()
            .filter(|line| line["accepted"] == true)
            .map(token)
            .max();
        assert!(Some(highest(&cluster)) >= answered, "what was answered is kept");
        cluster.wait_for_entries(&ALL);
        cluster.start_resource(port, &[]);
    }
    assert_in_order(&cluster.wait_for_writes(10));
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

#[test]
fn a_resource_that_is_mute_or_dead_holds_nobody_up() {
    for mute in [true, false] {
        let (mut cluster, port) = cluster(&BUSY);
        let ear = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
        let ear = mute.then_some(ear);
        for node in ALL {
            cluster.start(node, &[]);
        }
        cluster.wait_for_leader(&ALL, 4);
        cluster.wait_for_entries(&ALL);
        cluster.kill(4);
        cluster.wait_for_leader(&[1, 2, 3], 3);
        cluster.wait_for_entries(&[1, 2, 3]);
        drop(ear);
        // It comes late, and is written to all the same.
        cluster.start_resource(port, &[]);
        cluster.wait_for_writes(3);
        assert_eq!(cluster.violations(), [] as [Value; 0]);
    }
}
