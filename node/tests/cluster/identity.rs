//! Nodes that are not who they were: a lost folder, an older copy of it, a second process.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::client::{get, wait_for_state};
use super::harness::{Cluster, count};
use super::http::wait_for_health;
use super::ports::free_port;
use super::{BUSY, PATIENT};

const THREE: [usize; 3] = [1, 2, 3];

/// Three nodes that work.
fn three(options: &[&str]) -> Cluster {
    let mut cluster = Cluster::new(3, &[&BUSY, &PATIENT, options].concat());
    for node in THREE {
        cluster.start_logged(node, &[]);
    }
    cluster.wait_for_leader(&THREE, 3);
    cluster.wait_for_entries(&THREE);
    cluster
}

/// Waits until a node says that it has no part because of this, and `other` refuses it.
fn wait_for_no_part(cluster: &Cluster, node: usize, other: usize, told: &str) {
    let line = cluster.wait_for_log(node, "this node takes no part");
    assert!(line.contains("ERROR") && line.contains(told), "{line}");
    let refused = cluster.wait_for_log(other, told);
    assert!(refused.contains("WARN") && refused.contains("is refused"), "{refused}");
    wait_for_state(&cluster.http[node - 1], "says why", |state| {
        state["no_part"].as_str().is_some_and(|why| why.contains(told))
    });
    wait_for_health(&cluster.http[node - 1], 1, |said| said.contains(told));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for file in ["state.json", "peers.json"] {
        fs::copy(from.join(file), to.join(file)).expect("it is copied");
    }
}

#[test]
fn a_new_cluster_begins_once_more_than_half_of_the_others_know_of_each() {
    let mut cluster = Cluster::new(3, &BUSY);
    cluster.start_logged(1, &[]);
    cluster.start_logged(3, &[]);
    for node in [1, 3] {
        cluster.wait_for_log(node, "this node is new here");
        wait_for_state(&cluster.http[node - 1], "is known to one", |state| {
            state["waits"].as_str().is_some_and(|waits| waits.ends_with("1 of 2 have"))
        });
        assert_eq!(count(&cluster.trace(node), "leader"), 0);
        wait_for_health(&cluster.http[node - 1], 0, |told| told.contains("this node is new here"));
    }
    cluster.start(2, &[]);
    cluster.wait_for_leader(&THREE, 3);
    // From here on a majority is enough.
    cluster.kill(2);
    cluster.kill(1);
    cluster.start(1, &[]);
    cluster.wait_for_entries(&[1, 3]);
}

#[test]
fn a_node_that_loses_its_folder_in_its_first_life_is_granted_nothing() {
    let mut cluster = three(&[]);
    cluster.kill(1);
    cluster.kill(3);
    fs::remove_dir_all(cluster.path("1")).expect("it is removed");
    fs::remove_file(cluster.path("1.jsonl")).expect("it is removed");
    cluster.start_logged(1, &[]);
    wait_for_no_part(&cluster, 1, 2, "a node of this number was met with another memory");
    assert_eq!(count(&cluster.trace(1), "enter"), 0);
    cluster.start_logged(3, &[]);
    cluster.wait_for_leader(&[2, 3], 3);
    cluster.wait_for_entries(&[2, 3]);
    assert_eq!(count(&cluster.trace(1), "enter"), 0);
}

#[test]
fn a_second_process_with_a_running_nodes_number_takes_no_part_and_disturbs_nobody() {
    let cluster = three(&[]);
    let (folder, log) = (cluster.path("second"), cluster.path("second.log"));
    let [listen, http] = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    let folder = folder.to_str().expect("a path");
    let options = ["--data-dir", folder, "--listen", &listen, "--http", &http, "--log", "info"];
    let file = fs::File::create(&log).expect("a file for the log");
    let mut second = cluster.command(3, &options).stderr(file).spawn().expect("it starts");
    let told = "a node of this number was met with another memory";
    let line = super::harness::wait_for_line(&log, "this node takes no part");
    assert!(line.contains("ERROR") && line.contains(told), "{line}");
    for node in [1, 2] {
        let line = cluster.wait_for_log(node, told);
        assert!(line.contains("WARN node 3 is refused"), "{line}");
    }
    assert_eq!(get(&http, "/health").status, 503);
    cluster.wait_for_entries(&THREE);
    second.kill().expect("it can be killed");
    second.wait().expect("it has ended");
}

#[test]
fn an_older_copy_of_a_folder_counts_as_lost() {
    let mut cluster = three(&[]);
    cluster.kill(3);
    copy(&cluster.path("3"), &cluster.path("copy"));
    for _ in 0..2 {
        cluster.start_logged(3, &[]);
        cluster.wait_for_leader(&THREE, 3);
        cluster.wait_for_entries(&THREE);
        cluster.kill(3);
    }
    copy(&cluster.path("copy"), &cluster.path("3"));
    cluster.start_logged(3, &[]);
    wait_for_no_part(&cluster, 3, 1, "a later life of this node is known already");
    cluster.wait_for_leader(&[1, 2], 2);
}

#[test]
fn a_lost_node_begins_anew_once_everybody_else_has_been_told_to_forget_it() {
    let mut cluster = three(&[]);
    for node in THREE {
        cluster.signal(node, "TERM");
        assert_eq!(cluster.ended(node).code(), Some(0));
    }
    fs::remove_dir_all(cluster.path("1")).expect("it is removed");
    fs::remove_file(cluster.path("1.jsonl")).expect("it is removed");
    let forget = |folder: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
        let output = command.args(["forget", "--node", "1", "--data-dir"]).arg(folder).output();
        String::from_utf8(output.expect("it runs").stdout).expect("text")
    };
    for node in ["2", "3"] {
        assert!(forget(&cluster.path(node)).contains("knows nothing of node 1 any more"));
        assert!(forget(&cluster.path(node)).contains("has never met node 1"));
    }
    let before: Vec<usize> = [2, 3].map(|node| count(&cluster.trace(node), "enter")).into();
    for node in THREE {
        cluster.start_logged(node, &[]);
    }
    cluster.wait_for_entries(&THREE);
    let state = wait_for_state(&cluster.http[0], "has a leader", |state| state["leader"] == 3);
    assert!(state["no_part"] == Value::Null && state["incarnation"] == 1, "{state}");
    assert!(count(&cluster.trace(2), "enter") > before[0]);
}
