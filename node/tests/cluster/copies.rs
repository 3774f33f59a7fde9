//! Nodes that are started while they reach nobody, some of them from a copy of their folder.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::client::wait_for_state;
use super::harness::{Cluster, count};
use super::identity::{THREE, copy, refusal, three, wait_for_no_part};
use super::ports::free_port;

const LATER_LIFE: &str = "a later life of this node was met than its data folder knows of";

/// Starts a node where it reaches nobody, and kills it after it has begun its life. Repeats this.
fn start_alone(cluster: &mut Cluster, node: usize, times: usize) {
    for _ in 0..times {
        let peers = THREE.map(|id| format!("{id}=127.0.0.1:{}", free_port())).join(",");
        let lives = count(&cluster.trace(node), "restart");
        cluster.start_with_http(node, &["--peers", &peers]);
        cluster.wait(node, "starts again", |trace| count(trace, "restart") > lives);
        cluster.kill(node);
    }
}

/// Stops a node in good order, so that it holds no lock afterwards.
fn stop(cluster: &mut Cluster, node: usize) {
    cluster.signal(node, "TERM");
    assert_eq!(cluster.ended(node).code(), Some(0));
}

/// Waits until the node takes part, and the node does not stand aside afterwards.
fn assert_takes_part(cluster: &Cluster, node: usize) {
    cluster.wait_for_entries(&THREE);
    let state =
        wait_for_state(&cluster.http[node - 1], "follows node 3", |state| state["leader"] == 3);
    assert_eq!(state["no_part"], Value::Null);
}

#[test]
fn a_copy_of_an_earlier_life_that_is_started_again_and_again_in_isolation_is_refused() {
    let mut cluster = three(&[]);
    cluster.kill(3);
    copy(&cluster.path("3"), &cluster.path("copy"));
    cluster.start(3, &[]);
    cluster.wait_for_leader(&THREE, 3);
    cluster.wait_for_entries(&THREE);
    cluster.kill(3);
    copy(&cluster.path("copy"), &cluster.path("3"));
    start_alone(&mut cluster, 3, 5);
    cluster.start_logged(3, &[]);
    wait_for_no_part(&cluster, 3, 1, LATER_LIFE);
    cluster.wait_for_log(2, LATER_LIFE);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.kill(3);
    let said = refusal(&mut cluster, 3);
    assert!(said.contains("is an older copy: a later life of node 3"), "{said}");
}

#[test]
fn a_node_that_is_started_again_and_again_in_isolation_is_let_in_also_by_a_node_that_was_away() {
    let mut cluster = three(&[]);
    stop(&mut cluster, 2);
    // Node 3 meets further lives of node 1. Node 2 knows only the first one.
    for _ in 0..3 {
        stop(&mut cluster, 1);
        cluster.start(1, &[]);
        cluster.wait_for_entries(&[1, 3]);
    }
    stop(&mut cluster, 1);
    start_alone(&mut cluster, 1, 5);
    cluster.start_with_http(1, &[]);
    cluster.start(2, &[]);
    assert_takes_part(&cluster, 1);
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

/// The file as the version before wrote it: without the node's own lives.
fn make_older(peers: &Path) {
    let text = fs::read_to_string(peers).expect("it is there");
    let (_, value) = text.split_once('\n').expect("a checksum and a value");
    let mut value: Value = serde_json::from_str(value).expect("JSON");
    value.as_object_mut().expect("an object").remove("introduced").expect("it has lives");
    fs::write(peers, value.to_string()).expect("it is written");
}

#[test]
fn a_folder_of_the_version_before_is_taken_over_once_and_its_copies_are_refused_afterwards() {
    let mut cluster = three(&[]);
    cluster.kill(3);
    let peers = cluster.path("3/peers.json");
    make_older(&peers);
    copy(&cluster.path("3"), &cluster.path("copy"));
    cluster.start_with_http(3, &[]);
    assert_takes_part(&cluster, 3);
    let text = fs::read_to_string(&peers).expect("it is there");
    assert!(text.contains("\"introduced\":{\"complete_from\":1,"), "{text}");
    cluster.kill(3);
    copy(&cluster.path("copy"), &cluster.path("3"));
    start_alone(&mut cluster, 3, 4);
    cluster.start_logged(3, &[]);
    wait_for_no_part(&cluster, 3, 1, LATER_LIFE);
}
