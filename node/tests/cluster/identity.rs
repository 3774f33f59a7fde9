//! Nodes that have lost their folder, have an older copy of it, or run twice.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use serde_json::Value;

use super::client::{get, wait_for_state};
use super::commands::{TOKEN, obeys, tell};
use super::harness::{Cluster, count, eventually, is_message, leader_of};
use super::http::wait_for_health;
use super::ports::free_port;
use super::proxy::Proxy;
use super::{BUSY, PATIENT};

pub const THREE: [usize; 3] = [1, 2, 3];

/// Three running nodes whose applications act by themselves.
pub fn three(options: &[&str]) -> Cluster {
    let mut cluster = Cluster::new(3, &[&BUSY, &PATIENT, options].concat());
    for node in THREE {
        cluster.start_logged(node, &[]);
    }
    cluster.wait_for_leader(&THREE, 3);
    cluster.wait_for_entries(&THREE);
    cluster
}

/// Three nodes that only act on command. None runs yet.
fn obedient_and_stopped(options: &[&str]) -> Cluster {
    let cluster = Cluster::new(3, &[]);
    let path = cluster.path("token");
    fs::write(&path, TOKEN).expect("it is written");
    let path = path.to_str().expect("a path").to_owned();
    cluster.with(&["--auto", "false", "--http-token-file", &path]).with(options)
}

/// Waits until a node says that it takes no part for the reason `told`, and `other` refuses it.
pub fn wait_for_no_part(cluster: &Cluster, node: usize, other: usize, told: &str) {
    let line = cluster.wait_for_log(node, "this node takes no part");
    assert!(line.contains("ERROR") && line.contains(told), "{line}");
    let refused = cluster.wait_for_log(other, told);
    assert!(refused.contains("WARN") && refused.contains("is refused"), "{refused}");
    wait_for_state(&cluster.http[node - 1], "says why", |state| {
        state["no_part"].as_str().is_some_and(|why| why.contains(told))
    });
    wait_for_health(&cluster.http[node - 1], 1, |said| said.contains(told));
}

pub fn copy(from: &Path, to: &Path) {
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
    // Now a majority of the other nodes is enough.
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

/// Node 1 loses its folder before the cluster has begun. The only node that has met node 1 is cut off below
/// TCP. The other one has never met it. Both are present, and neither may vote.
#[test]
fn a_lost_folder_is_refused_though_the_only_node_that_knows_of_it_was_out_of_reach() {
    let mut cluster = obedient_and_stopped(&PATIENT);
    let dark = Arc::default();
    let [one, two, three] = [0, 1, 2].map(|place: usize| Proxy::to(cluster.ports[place], &dark));
    // Connections to node 3, and connections that node 3 opens, pass through proxies.
    let direct = |place: usize| format!("127.0.0.1:{}", cluster.ports[place]);
    let to_three = format!("1={},2={},3={}", direct(0), direct(1), three.address);
    let from_three = format!("1={},2={},3={}", one.address, two.address, direct(2));
    cluster.start_logged(1, &["--peers", &to_three]);
    cluster.start_logged(3, &["--peers", &from_three]);
    let is_known_to_one =
        |state: &Value| state["waits"].as_str().is_some_and(|waits| waits.ends_with("1 of 2 have"));
    for node in [1, 3] {
        wait_for_state(&cluster.http[node - 1], "is known to one", is_known_to_one);
    }
    three.darken(true);
    cluster.kill(1);
    fs::remove_dir_all(cluster.path("1")).expect("it is removed");
    fs::remove_file(cluster.path("1.jsonl")).expect("it is removed");
    cluster.start_logged(1, &["--peers", &to_three]);
    cluster.start_logged(2, &["--peers", &to_three]);
    for node in [1, 2] {
        wait_for_state(&cluster.http[node - 1], "is known to one", is_known_to_one);
        assert_eq!(tell(&cluster, node, "request", "").status, 409);
        assert_eq!(count(&cluster.trace(node), "leader"), 0);
    }
    three.darken(false);
    wait_for_no_part(&cluster, 1, 3, "a node of this number was met with another memory");
    for node in THREE {
        assert_eq!(count(&cluster.trace(node), "leader"), 0, "too few know of node {node}");
    }
    // An administrator confirms that the earlier folder is gone for good.
    cluster.kill(1);
    cluster.kill(3);
    assert!(forget_node_1(&cluster.path("3")).contains("knows nothing of node 1 any more"));
    cluster.start_logged(1, &["--peers", &to_three]);
    cluster.start_logged(3, &["--peers", &from_three]);
    cluster.wait_for_leader(&THREE, 3);
    obeys(&cluster, 1, "request", r#"{"hold":"1ms"}"#);
    cluster.wait(1, "enters", |trace| count(trace, "enter") == 1);
}

/// The error message of a node that refuses to start.
pub fn refusal(cluster: &mut Cluster, node: usize) -> String {
    let output = cluster.command(node, &[]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    said
}

#[test]
fn a_folder_of_which_a_part_is_missing_older_or_of_another_node_is_refused_at_the_start() {
    let mut cluster = three(&[]);
    for node in THREE {
        cluster.signal(node, "TERM");
        assert_eq!(cluster.ended(node).code(), Some(0));
    }
    let file = |node: usize, name: &str| cluster.path(&format!("{node}/{name}"));
    let [state, peers, peers_2, state_2] = [
        file(1, "state.json"),
        file(1, "peers.json"),
        file(2, "peers.json"),
        file(2, "state.json"),
    ];
    let kept = [fs::read(&state), fs::read(&peers)].map(|file| file.expect("it is there"));
    let restore = |kept: &[Vec<u8>; 2]| {
        fs::write(&state, &kept[0]).expect("it is written");
        fs::write(&peers, &kept[1]).expect("it is written");
    };
    let lost = "A disk that is replaced";

    fs::remove_file(&peers).expect("it is removed");
    let said = refusal(&mut cluster, 1);
    assert!(said.contains("peers.json is missing") && said.contains(lost), "{said}");
    restore(&kept);

    fs::remove_file(&state).expect("it is removed");
    for _ in 0..2 {
        let said = refusal(&mut cluster, 1);
        assert!(said.contains("is of another memory") && said.contains(lost), "{said}");
    }
    restore(&kept);

    fs::copy(&peers_2, &peers).expect("it is copied");
    let said = refusal(&mut cluster, 1);
    assert!(said.contains("is of node 2; expected that of node 1"), "{said}");
    restore(&kept);

    fs::copy(&state_2, &state).expect("it is copied");
    let said = refusal(&mut cluster, 1);
    assert!(said.contains("belongs to node 2"), "{said}");
    restore(&kept);

    // Node 1 has one more life, so the earlier copy of its folder is outdated.
    cluster.start(1, &[]);
    cluster.wait(1, "starts again", |trace| count(trace, "restart") == 1);
    cluster.kill(1);
    fs::write(&peers, &kept[1]).expect("it is written");
    let said = refusal(&mut cluster, 1);
    assert!(said.contains("peers.json is an older copy") && said.contains(lost), "{said}");
}

/// A supervisor starts it again and again, and every start counts a life.
#[test]
fn a_state_file_that_is_older_than_the_file_beside_it_is_refused_at_every_start() {
    let mut cluster = three(&[]);
    cluster.kill(1);
    let state = cluster.path("1/state.json");
    let kept = fs::read(&state).expect("it is there");
    cluster.start(1, &[]);
    cluster.wait(1, "starts again", |trace| count(trace, "restart") == 1);
    cluster.kill(1);
    fs::write(&state, kept).expect("it is written");
    for _ in 0..4 {
        let said = refusal(&mut cluster, 1);
        assert!(said.contains("is an older copy: a later life of node 1"), "{said}");
        assert!(said.contains("A disk that is replaced"), "{said}");
    }
}

#[test]
fn the_folders_of_two_nodes_that_were_swapped_are_refused() {
    let mut cluster = three(&[]);
    cluster.kill(1);
    cluster.kill(2);
    let [one, two, aside] = ["1", "2", "aside"].map(|name| cluster.path(name));
    fs::rename(&one, &aside).expect("it is moved");
    fs::rename(&two, &one).expect("it is moved");
    fs::rename(&aside, &two).expect("it is moved");
    assert!(refusal(&mut cluster, 1).contains("belongs to node 2"));
    assert!(refusal(&mut cluster, 2).contains("belongs to node 1"));
}

#[test]
fn a_copied_folder_runs_once_and_its_second_process_takes_no_part() {
    let mut cluster = three(&[]);
    cluster.kill(2);
    copy(&cluster.path("2"), &cluster.path("copy"));
    cluster.start_logged(2, &[]);
    cluster.wait_for_entries(&THREE);
    let (folder, log) = (cluster.path("copy"), cluster.path("second.log"));
    let [listen, http] = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    let folder = folder.to_str().expect("a path");
    let options = ["--data-dir", folder, "--listen", &listen, "--http", &http, "--log", "info"];
    let file = fs::File::create(&log).expect("a file for the log");
    let mut second = cluster.command(2, &options).stderr(file).spawn().expect("it starts");
    let told = "a later life of this node was met than its data folder knows of";
    let line = super::harness::wait_for_line(&log, "this node takes no part");
    assert!(line.contains("ERROR") && line.contains(told), "{line}");
    for node in [1, 3] {
        let line = cluster.wait_for_log(node, told);
        assert!(line.contains("WARN node 2#2 is refused"), "{line}");
    }
    cluster.wait_for_entries(&THREE);
    second.kill().expect("it can be killed");
    second.wait().expect("it has ended");
}

/// Two new folders for node 1 start at the same time. Each other node accepts the one that it meets first,
/// and refuses the other one. A refused node takes no part any more.
#[test]
fn at_most_one_of_two_births_of_a_node_that_start_at_once_takes_part() {
    let mut cluster = Cluster::new(3, &BUSY);
    let (folder, log) = (cluster.path("second"), cluster.path("second.log"));
    let [listen, http] = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    let folder = folder.to_str().expect("a path");
    let options = ["--data-dir", folder, "--listen", &listen, "--http", &http, "--log", "info"];
    let file = fs::File::create(&log).expect("a file for the log");
    cluster.start_logged(1, &[]);
    let mut second = cluster.command(1, &options).stderr(file).spawn().expect("it starts");
    cluster.start_logged(2, &[]);
    cluster.start_logged(3, &[]);
    let no_part = |address: &str| get(address, "/state").json()["no_part"].is_string();
    // The fate of the second process depends on what nodes 2 and 3 have met first. It takes part if both
    // have met it at the listed address. It waits if they have met it at another address, where nobody
    // answers.
    eventually(|| {
        let aside = [no_part(&cluster.http[0]), no_part(&http)];
        if aside.contains(&true) { Ok(()) } else { Err("both may still take part".into()) }
    });
    second.kill().expect("it can be killed");
    second.wait().expect("it has ended");
}

#[test]
fn a_node_that_is_killed_again_and_again_as_it_starts_is_known_in_each_life() {
    let mut cluster = three(&[]);
    for _ in 0..12 {
        cluster.kill(1);
        cluster.start(1, &[]);
    }
    cluster.kill(1);
    cluster.start_logged(1, &[]);
    cluster.wait_for_entries(&THREE);
    let state = wait_for_state(&cluster.http[0], "has a leader", |state| state["leader"] == 3);
    assert!(state["no_part"] == Value::Null, "{state}");
    assert_eq!(cluster.violations(), [] as [Value; 0]);
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
    // Each start counts a life, and the lives of the copy must not catch up.
    cluster.kill(3);
    for _ in 0..4 {
        let said = refusal(&mut cluster, 3);
        assert!(said.contains("is an older copy: a later life of node 3"), "{said}");
    }
}

/// Forgets node 1 in the folder of another process. Returns the command's output.
fn forget_node_1(folder: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    let output = command.args(["forget", "--node", "1", "--data-dir"]).arg(folder).output();
    String::from_utf8(output.expect("it runs").stdout).expect("text")
}

/// The highest of these numbers among the node's own events in these lines.
fn highest(trace: &[Value], of: impl Fn(&Value) -> Option<u64>) -> u64 {
    trace.iter().filter_map(of).max().expect("there are such lines")
}

#[test]
fn a_lost_node_begins_behind_all_that_others_know_of_it_once_they_have_been_told_to_forget_it() {
    let mut cluster = three(&[]);
    // The others have met its second life, which is the latest.
    cluster.kill(1);
    cluster.start(1, &[]);
    cluster.wait_for_entries(&THREE);
    for node in THREE {
        cluster.signal(node, "TERM");
        assert_eq!(cluster.ended(node).code(), Some(0));
    }
    let before = cluster.trace(1);
    fs::remove_dir_all(cluster.path("1")).expect("it is removed");
    fs::rename(cluster.path("1.jsonl"), cluster.path("1-before.jsonl")).expect("it is moved");
    for node in ["2", "3"] {
        assert!(forget_node_1(&cluster.path(node)).contains("knows nothing of node 1 any more"));
        assert!(forget_node_1(&cluster.path(node)).contains("has never met node 1"));
    }
    let entries = count(&cluster.trace(2), "enter");
    for node in THREE {
        cluster.start_logged(node, &[]);
    }
    cluster.wait_for_entries(&THREE);
    let state = wait_for_state(&cluster.http[0], "has a leader", |state| state["leader"] == 3);
    assert!(state["no_part"] == Value::Null && state["incarnation"] == 3, "{state}");
    assert!(count(&cluster.trace(2), "enter") > entries);
    let after = cluster.trace(1);
    assert_eq!((&after[0]["kind"], &after[0]["storage"]), (&"restart".into(), &"lost".into()));
    let lamport = |line: &Value| line["lamport"].as_u64();
    let own = |line: &Value| line["vector"][0].as_u64();
    let number = |line: &Value| {
        let id = line["message"]["id"].as_str().filter(|id| id.starts_with("1:"))?;
        id.split_once(':')?.1.parse::<u64>().ok()
    };
    for of in [&lamport as &dyn Fn(&Value) -> Option<u64>, &own, &number] {
        let least = after.iter().filter_map(of).min().expect("there are such lines");
        assert!(least > highest(&before, of), "{least}");
    }
    let violations = cluster.violations();
    assert!(violations.is_empty(), "without the trace of before: {violations:?}");
    assert!(cluster.told_by_merge().contains("the beginning of node 1 is missing"));
    let (violations, told) = cluster.merged_with(&["1-before.jsonl"]);
    assert!(violations.is_empty(), "with the trace of before: {violations:?}");
    let replaced = "node 1 begins with another memory in life 3: its disk was replaced";
    assert!(told.contains(replaced), "{told}");
    assert!(!told.contains("missing") && !told.contains("left out"), "{told}");
}

/// A birth that was lost would be sent again after a heartbeat.
#[test]
fn the_nodes_of_a_new_cluster_tell_their_births_once_in_whatever_order_they_start() {
    let all = [1, 2, 3, 4, 5];
    let slow =
        ["--heartbeat", "10s", "--suspect-after", "30s", "--lease", "30s", "--calls", "false"];
    let cluster = Cluster::running(all.len(), &all, &[&BUSY[..], &slow].concat());
    for node in all {
        cluster.wait(node, "follows a leader", |trace| leader_of(trace).is_some());
    }
    for node in all {
        for other in all {
            let trace = cluster.trace(node);
            let told = trace
                .iter()
                .filter(|line| is_message(line, "send", "BIRTH") && line["message"]["to"] == other);
            assert!(told.count() <= 1, "node {node} tells node {other} again");
        }
    }
}
