//! The shared resource: which writes it accepts and refuses, and that strangers cannot delay it.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};

use serde_json::Value;

use super::client::{Answer, ask, get, wait_for, wait_for_metric, wait_for_state};
use super::harness::{Cluster, LIMIT, PATIENT, count, is_message, kind, send};
use super::http::{antes_health, wait_for_health};
use super::ports::free_port;
use super::{ALL, BUSY};

/// Leases that end within a test.
const SHORT_LEASE: [&str; 6] = ["--lease", "1s", "--retry", "200ms", "--suspect-after", "900ms"];

/// A cluster whose nodes write to a resource, and the resource's port. No process runs yet.
fn cluster(options: &[&str]) -> (Cluster, u16) {
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    (Cluster::new(4, &[options, &["--resource", &address]].concat()), port)
}

/// Like [`cluster`], with all processes started.
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

fn is_inside(trace: &[Value]) -> bool {
    count(trace, "enter") > count(trace, "exit")
}

/// Checks that the tokens of accepted writes never decrease.
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
        let writes = |wanted| trace.iter().filter(|line| is_message(line, wanted, "WRITE")).count();
        let known = count(&trace, "write") + writes("lost");
        assert_eq!(known, writes("send"), "each is answered, or told to be lost");
        let last = trace.iter().rfind(|line| is_message(line, "send", "WRITE")).expect("it writes");
        let is_last = |line: &Value| line["message"]["id"] == last["message"]["id"];
        let answered = trace.iter().any(|line| kind(line) == "write" && is_last(line));
        assert!(answered, "the last write is answered too");
    }
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

#[test]
fn the_holder_and_the_leader_are_killed_under_load_and_no_token_goes_back() {
    let (mut cluster, _) = running(&[&BUSY[..2], &["--hold", "20ms..40ms"], &SHORT_LEASE].concat());
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_writes(10);
    cluster.wait(1, "holds", is_inside);
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
        // The first line is the checksum of the second one.
        let state = state.split(|&byte| byte == b'\n').nth(1).expect("a second line");
        let state: Value = serde_json::from_slice(state).expect("JSON");
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
        // The resource starts late, and gets writes nevertheless.
        cluster.start_resource(port, &[]);
        cluster.wait_for_writes(3);
        assert_eq!(cluster.violations(), [] as [Value; 0]);
    }
}

/// Each process of a busy cluster has cut off the beginning of its trace many times.
#[test]
fn traces_within_a_bound_are_merged_and_tell_that_their_beginning_is_missing() {
    let bound = ["--wait", "0ms..1ms", "--hold", "0ms..1ms", "--trace-max", "200kB"];
    let (mut cluster, port) = cluster(&bound);
    cluster.start_resource(port, &["--trace-max", "70kB"]);
    for node in ALL {
        cluster.start(node, &[]);
    }
    // By now, the lines about the leader may have been cut off.
    for node in ALL {
        let first = |trace: &[Value]| trace.first().and_then(|line| line["seq"].as_u64());
        cluster.wait(node, "cuts its trace", |trace| first(trace) > Some(2000));
        assert_eq!(cluster.header(node)["node"], node);
    }
    while cluster.resource_trace().first().is_none_or(|line| line["seq"] == 0) {
        cluster.wait_for_writes(1);
    }
    assert_eq!(cluster.violations(), [] as [Value; 0]);
    let told = cluster.told_by_merge();
    for node in ALL {
        let length =
            std::fs::metadata(cluster.path(&format!("{node}.jsonl"))).expect("it is there");
        assert!(length.len() <= 200_000, "{}", length.len());
        assert!(told.contains(&format!("the beginning of node {node} is missing")), "{told}");
    }
}

#[test]
fn nodes_tell_whether_they_reach_the_resource() {
    let (mut cluster, port) = cluster(&[&BUSY[..], &PATIENT].concat());
    for node in ALL {
        cluster.start_with_http(node, &[]);
    }
    let http = cluster.http[0].clone();
    let told = |name: &str| {
        let metrics = get(&http, "/metrics").body;
        let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("antes_{name} ")));
        line.and_then(|value| value.parse::<u64>().ok()).unwrap_or_else(|| panic!("{metrics}"))
    };
    let without = wait_for_state(&http, "loses a write", |state| {
        state["resource"]["reached"] == false && state["resource"]["lost"].as_u64() > Some(0)
    });
    assert_eq!(told("resource_up"), 0);
    assert!(Some(told("writes_lost_total")) >= without["resource"]["lost"].as_u64());
    cluster.start_resource(port, &[]);
    wait_for_state(&http, "reaches it", |state| state["resource"]["reached"] == true);
    wait_for_metric(&http, "antes_resource_up 1");
    assert_eq!(told("writes_refused_total"), 0);
    cluster.wait_for_writes(3);
    let mut resource = cluster.take_resource();
    send(&resource, "KILL");
    resource.wait().expect("it has ended");
    wait_for_metric(&http, "antes_resource_up 0");
}

#[test]
fn the_resource_tells_whether_it_is_well() {
    let (mut cluster, port) = cluster(&BUSY);
    let http = format!("127.0.0.1:{}", free_port());
    assert_eq!(antes_health(&[&http], None).0, Some(1), "nobody listens");
    cluster.start_resource(port, &["--http", &http]);
    let new = "the resource is up and has seen no token yet; no node has reached it\n";
    wait_for_health(&http, 0, |told| told == new);
    for node in ALL {
        cluster.start(node, &[]);
    }
    cluster.wait_for_writes(3);
    wait_for_health(&http, 0, |told| {
        told.contains("its highest token is ") && told.ends_with("; nodes 1, 2, 3, 4 reach it\n")
    });
    let taken = |answer: &Answer| answer.json()["accepted"].as_u64() >= Some(3);
    wait_for(&http, "/health", "has taken three writes", taken);
    assert_eq!(get(&http, "/state").status, 404);
    assert_eq!(ask(&http, "POST", "/health", &[], "").status, 405);
    let resource = cluster.take_resource();
    send(&resource, "STOP");
    wait_for_health(&http, 1, |_| true);
    send(&resource, "CONT");
    wait_for_health(&http, 0, |_| true);
    cluster.give_resource(resource);
}

#[test]
fn a_frozen_holder_wakes_up_too_late_and_its_write_is_refused() {
    let (mut cluster, port) = cluster(&[&BUSY[..2], &SHORT_LEASE].concat());
    cluster.start_resource(port, &[]);
    cluster.start(1, &["--hold", "600ms"]);
    for node in 2..=4 {
        cluster.start(node, &["--hold", "1ms"]);
    }
    cluster.wait_for_leader(&ALL, 4);
    let frozen = loop {
        cluster.wait(1, "holds", is_inside);
        cluster.signal(1, "STOP");
        let trace = cluster.trace(1);
        if is_inside(&trace) {
            break trace.len();
        }
        // Node 1 has left the critical section in the meantime. The loop tries again at its next entry.
        cluster.signal(1, "CONT");
    };
    cluster.wait_for_entries(&[2, 3, 4]);
    cluster.wait_for_writes(3);
    cluster.signal(1, "CONT");
    let refused = |trace: &[Value]| {
        trace[frozen..].iter().any(|line| kind(line) == "write" && line["accepted"] == false)
    };
    cluster.wait(1, "has its late write refused", refused);
    let trace = cluster.trace(1);
    let woken: Vec<&str> =
        trace[frozen..].iter().map(kind).filter(|&kind| kind != "lost").collect();
    // The signal may have arrived while the node was still busy.
    let at = woken.iter().position(|&kind| kind == "pause").expect("it notes that it stood still");
    assert_eq!(woken[at..at + 3], ["pause", "resume", "timeout"]);
    cluster.wait_for_entries(&[1]);
    assert_in_order(&cluster.resource_trace());
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

#[test]
fn strangers_get_nothing_from_the_resource_and_hold_nobody_up() {
    let secrets = Cluster::new(1, &[]);
    let (right, wrong) = (secrets.path("right"), secrets.path("wrong"));
    std::fs::write(&right, "9f2c41d07be85a36e1b4").expect("it is written");
    std::fs::write(&wrong, "c07b3e5a91d2486f0a7c").expect("it is written");
    let [right, wrong] = [&right, &wrong].map(|path| path.to_str().expect("a path"));
    let (mut cluster, port) = cluster(&BUSY);
    cluster.start_resource(port, &["--secret-file", right]);
    for node in ALL {
        let listen = format!("127.0.0.1:{}", cluster.ports[node - 1]);
        let secret = if node == 1 { wrong } else { right };
        cluster.start(node, &["--secret-file", secret, "--listen", &listen]);
    }
    cluster.wait_for_leader(&[2, 3, 4], 4);
    // These are more connections than may be in a handshake. They send nothing, or garbage.
    let mute: Vec<TcpStream> = (0..100).map(|_| connect(port)).collect();
    for round in 0..100_u8 {
        let mut stranger = connect(port);
        let garbage: Vec<u8> = (0..200).map(|at: u8| at.wrapping_mul(round)).collect();
        let _ = stranger.write_all(&garbage).and_then(|()| stranger.shutdown(Shutdown::Write));
        let mut answer = Vec::new();
        // The resource may close or reset the connection, but sends no byte in answer.
        let _ = stranger.read_to_end(&mut answer);
        assert!(answer.is_empty());
    }
    // A node that dials only now is let in nevertheless.
    cluster.kill(4);
    let listen = format!("127.0.0.1:{}", cluster.ports[3]);
    cluster.start(4, &["--secret-file", right, "--listen", &listen]);
    cluster.wait_for_leader(&[2, 3, 4], 4);
    let answered = |trace: &[Value]| {
        let restart = trace.iter().rposition(|line| kind(line) == "restart").unwrap_or_default();
        count(&trace[restart..], "write") > 0
    };
    cluster.wait(4, "is answered in its second life", answered);
    drop(mute);
    let trace = cluster.wait_for_writes(3);
    assert!(trace.iter().all(|line| line["node"] != 1), "who has another secret writes nothing");
    cluster.kill(1);
    assert_eq!(cluster.violations(), [] as [Value; 0]);
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("it is accepted");
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    stream
}

#[test]
fn a_resource_without_a_folder_or_a_secret_is_refused_with_what_would_be_right() {
    let cluster = Cluster::new(1, &[]);
    let port = free_port();
    let everywhere = format!("0.0.0.0:{port}");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_antes"));
    command.args(["resource", "--listen", &everywhere]).env_remove("CLUSTER_SECRET");
    let output = command.output().expect("it runs");
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence.contains("--data-dir"), "{sentence}");
    let output = command.arg("--data-dir").arg(cluster.path("r")).output().expect("it runs");
    let sentence = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(sentence.contains("CLUSTER_SECRET"), "{sentence}");
}

#[test]
fn a_cluster_without_a_resource_leaves_traces_in_which_nothing_is_missing() {
    let mut cluster = Cluster::running(3, &[1, 2, 3], &BUSY);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_entries(&[1, 2, 3]);
    assert!(cluster.violations().is_empty());
    let told = cluster.told_by_merge();
    assert!(!told.contains("missing"), "{told}");
}
