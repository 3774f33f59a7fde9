//! Real clusters with the distributed lock: no leader, writes at the resource, one setting for all.

use super::harness::{Cluster, count, is_message};
use super::ports::free_port;

const NODES: [usize; 3] = [1, 2, 3];
const DISTRIBUTED: [&str; 4] = ["--profile", "classic", "--lock", "distributed"];
/// The first requests are made before any link is there.
const SOON: [&str; 6] = ["--wait", "1ms..20ms", "--hold", "1ms", "--calls", "false"];

#[test]
fn the_lock_goes_round_without_a_leader_and_the_resource_takes_the_writes() {
    let port = free_port();
    let resource = format!("127.0.0.1:{port}");
    let options = [&DISTRIBUTED[..], &SOON, &["--resource", &resource]].concat();
    let mut cluster = Cluster::new(3, &options);
    cluster.start_resource(port, &["--profile", "classic"]);
    for node in NODES {
        cluster.start(node, &[]);
    }
    cluster.wait_for_entries(&NODES);
    cluster.wait_for_entries(&NODES);
    cluster.wait_for_writes(2);
    for node in NODES {
        let trace = cluster.trace(node);
        assert_eq!(count(&trace, "leader") + count(&trace, "election"), 0, "nobody elects");
        let sent = |name| trace.iter().filter(|line| is_message(line, "send", name)).count();
        assert_eq!(sent("HEARTBEAT") + sent("GRANT"), 0);
        assert!(sent("REQUEST") >= 4 && sent("OK") >= 2, "each entry asks both others");
        assert_eq!(cluster.header(node)["lock"], "distributed");
    }
    let violations = cluster.violations();
    assert!(violations.is_empty(), "{violations:?}");
}

#[test]
fn a_request_waits_for_nodes_that_start_later() {
    let options = [&DISTRIBUTED[..], &SOON].concat();
    let mut cluster = Cluster::new(3, &options);
    cluster.start_logged(1, &[]);
    for node in [2, 3] {
        cluster.wait_for_log(1, &format!("node {node} is not reached"));
    }
    cluster.wait(1, "asks both", |trace| count(trace, "send") == 2);
    // Node 2 makes its request while node 3 has not started.
    cluster.start_logged(2, &[]);
    cluster.wait_for_log(2, "node 3 is not reached");
    cluster.wait(2, "asks both", |trace| {
        trace.iter().filter(|line| is_message(line, "send", "REQUEST")).count() == 2
    });
    for node in [1, 2] {
        assert_eq!(count(&cluster.trace(node), "enter"), 0, "node 3 has not agreed");
    }
    cluster.start(3, &[]);
    cluster.wait_for_entries(&NODES);
    for node in NODES {
        let trace = cluster.trace(node);
        let is_lost = |line| ["REQUEST", "OK"].iter().any(|name| is_message(line, "lost", name));
        let lost: Vec<_> = trace.iter().filter(|line| is_lost(line)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
    assert_eq!(cluster.violations(), [] as [serde_json::Value; 0]);
}

#[test]
fn a_node_with_another_lock_is_refused_and_both_values_are_named() {
    let mut cluster = Cluster::new(3, &["--profile", "classic"]);
    for node in [1, 2] {
        cluster.start_logged(node, &["--lock", "distributed"]);
    }
    cluster.start_logged(3, &["--lock", "centralized"]);
    for node in [1, 2] {
        let told = "node 3 is refused: --lock (LOCK) is distributed here and centralized there";
        cluster.wait_for_log(node, told);
        cluster.wait_for_log(3, &format!("node {node} is refused: --lock (LOCK) is centralized"));
    }
}

#[test]
fn the_hardened_profile_is_refused_with_what_would_be_right() {
    let cluster = Cluster::new(3, &["--lock", "distributed"]);
    let output = cluster.command(1, &[]).output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains(
            "the distributed lock has no hardened form; expected --profile (PROFILE) classic or \
             --lock (LOCK) centralized"
        ),
        "{told}"
    );
}
