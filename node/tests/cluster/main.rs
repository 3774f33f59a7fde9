//! Clusters of real processes: ordinary use, and faults of processes and the network.

mod client;
mod clocks;
mod commands;
mod copies;
mod distributed;
mod events;
mod harness;
mod http;
mod identity;
mod members;
mod ports;
mod proxy;
mod resource;
mod settings;
mod strangers;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use harness::{Cluster, LIMIT, PATIENT, count, is_message, kind, leader_of};

/// Options for applications that are nearly always busy.
const BUSY: [&str; 4] = ["--wait", "0ms..20ms", "--hold", "0ms..5ms"];
const CLASSIC_LEADER: [&str; 4] = ["--test", "leader", "--profile", "classic"];
const ALL: [usize; 4] = [1, 2, 3, 4];

#[test]
fn the_highest_is_elected_and_the_lock_goes_round() {
    let cluster = Cluster::running(4, &ALL, &BUSY);
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
}

/// The classic lock is lost if the leader changes, so nobody requests it before node 4 leads.
#[test]
fn the_classic_lock_goes_round_while_nobody_dies() {
    // A request during the first election would be lost for good.
    let rare = ["--profile", "classic", "--wait", "4s..5s", "--hold", "1ms"];
    let options = [&rare[..], &PATIENT].concat();
    let cluster = Cluster::running(4, &ALL, &options);
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
}

#[test]
fn a_killed_leader_is_replaced_and_leads_again_when_it_comes_back() {
    let mut cluster = Cluster::running(4, &ALL, &BUSY);
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
    cluster.kill(4);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_entries(&[1, 2, 3]);
    cluster.start(4, &[]);
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
    let trace = cluster.trace(4);
    let restart = trace.iter().position(|line| kind(line) == "restart").expect("it restarts");
    assert_eq!(trace[restart]["inc"], 2);
    let slot = |at: usize| trace[at]["vector"][3].as_u64().expect("a count");
    assert!(slot(restart) >= slot(restart - 1), "the vector clock goes on");
    assert!(trace[restart]["lamport"].as_u64() >= trace[restart - 1]["lamport"].as_u64());
    let seqs: Vec<u64> = trace.iter().map(|line| line["seq"].as_u64().expect("a place")).collect();
    assert!(seqs.is_sorted(), "the file goes on where it ended");
}

#[test]
fn a_killed_holder_does_not_block_the_lock() {
    let leases = ["--lease", "1s", "--retry", "200ms", "--suspect-after", "900ms"];
    let mut cluster = Cluster::new(4, &[&BUSY[..2], &leases].concat());
    cluster.start(1, &["--hold", "10m"]);
    for node in 2..=4 {
        cluster.start(node, &["--hold", "1ms"]);
    }
    cluster.wait(1, "holds", |trace| count(trace, "enter") > count(trace, "exit"));
    cluster.kill(1);
    cluster.wait_for_entries(&[2, 3, 4]);
}

#[test]
fn a_frozen_leader_is_replaced_and_finds_its_timers_overdue_when_it_goes_on() {
    let cluster = Cluster::running(4, &ALL, &BUSY);
    cluster.wait_for_leader(&ALL, 4);
    cluster.signal(4, "STOP");
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_entries(&[1, 2, 3]);
    let frozen = cluster.trace(4).len();
    cluster.signal(4, "CONT");
    cluster.wait(4, "goes on", |trace| trace.len() > frozen + 1);
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
    // The node may have written more lines before the signal reached it. They come first.
    let trace = cluster.trace(4).split_off(frozen);
    let pause = trace.iter().position(|line| kind(line) == "pause").expect("it has stood still");
    assert_eq!(kind(&trace[pause + 1]), "resume");
    let next = trace[pause + 2..].iter().find(|line| kind(line) != "lost").expect("it goes on");
    assert_eq!(kind(next), "timeout", "what is overdue fires before what has queued up");
}

#[test]
fn strangers_get_nothing_and_disturb_nobody() {
    let secrets = Cluster::new(1, &[]);
    let (right, wrong) = (secrets.path("right"), secrets.path("wrong"));
    fs::write(&right, "9f2c41d07be85a36e1b4").expect("it is written");
    fs::write(&wrong, "c07b3e5a91d2486f0a7c").expect("it is written");
    let [right, wrong] = [&right, &wrong].map(|path| path.to_str().expect("a path"));
    let mut cluster = Cluster::new(4, &BUSY);
    for node in 1..=3 {
        cluster.start(node, &["--secret-file", right, "--listen", &listen(&cluster, node)]);
    }
    cluster.start(4, &["--secret-file", wrong, "--listen", &listen(&cluster, 4)]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    for round in 0..100_u8 {
        let address = ("127.0.0.1", cluster.ports[usize::from(round % 3)]);
        let mut stranger = TcpStream::connect(address).expect("it is accepted");
        stranger.set_read_timeout(Some(LIMIT)).expect("a limit");
        let garbage: Vec<u8> = (0..200).map(|at: u8| at.wrapping_mul(round)).collect();
        let _ = stranger
            .write_all(&garbage)
            .and_then(|()| stranger.shutdown(std::net::Shutdown::Write));
        let mut answer = Vec::new();
        // The node may close or reset the connection, but sends no byte in answer.
        let _ = stranger.read_to_end(&mut answer);
        assert!(answer.is_empty());
    }
    cluster.wait_for_entries(&[1, 2, 3]);
    let of_4 = |trace: &[serde_json::Value]| count(trace, "receive");
    assert_eq!(of_4(&cluster.trace(4)), 0, "who has another secret hears nothing");
    cluster.kill(4);
    cluster.start(4, &["--secret-file", right, "--listen", &listen(&cluster, 4)]);
    cluster.wait_for_leader(&ALL, 4);
}

fn listen(cluster: &Cluster, node: usize) -> String {
    format!("127.0.0.1:{}", cluster.ports[node - 1])
}

#[test]
fn a_peer_that_accepts_and_never_answers_blocks_nobody() {
    let mut cluster = Cluster::new(4, &BUSY);
    let mute = TcpListener::bind(("127.0.0.1", cluster.ports[3])).expect("the port is free");
    for node in 1..=3 {
        cluster.start(node, &[]);
    }
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait_for_entries(&[1, 2, 3]);
    drop(mute);
}

#[test]
fn recorded_bytes_do_nothing_when_they_are_played_again() {
    let mut cluster = Cluster::new(2, &[&CLASSIC_LEADER[..], &PATIENT].concat());
    // Node 1 dials node 2's address. There the test records its bytes, since node 2 does not run yet.
    let ear = TcpListener::bind(("127.0.0.1", cluster.ports[1])).expect("the port is free");
    cluster.start(1, &[]);
    let (mut dialled, _) = ear.accept().expect("node 1 dials");
    let mut recorded = [0; 34 + 16];
    dialled.read_exact(&mut recorded[..34]).expect("it begins the handshake");
    drop((dialled, ear));
    cluster.start(2, &[]);
    cluster.wait_for_leader(&[1, 2], 2);
    let before = cluster.trace(2).len();
    let mut player = TcpStream::connect(("127.0.0.1", cluster.ports[1])).expect("it is accepted");
    player.set_read_timeout(Some(LIMIT)).expect("a limit");
    // The bytes after the recording are not encrypted with the key of node 2's answer.
    player.write_all(&recorded[..50]).expect("it is taken");
    player.shutdown(std::net::Shutdown::Write).expect("that is all");
    let mut answer = Vec::new();
    let _ = player.read_to_end(&mut answer);
    let since = cluster.trace(2).split_off(before);
    let routine = |line: &serde_json::Value| {
        matches!(line["message"]["type"].as_str(), Some("HEARTBEAT" | "CALL" | "REPLY"))
            || matches!(kind(line), "timeout" | "local")
    };
    assert!(since.iter().all(routine), "{since:?}");
    cluster.wait_for_leader(&[1, 2], 2);
}

#[test]
fn clocks_run_in_both_profiles() {
    for profile in ["classic", "hardened"] {
        let options = ["--test", "CLOCK", "--profile", profile, "--wait", "1ms..20ms"];
        let cluster = Cluster::running(3, &[1, 2, 3], &options);
        for node in 1..=3 {
            let reply = |trace: &[serde_json::Value]| {
                trace.iter().any(|line| is_message(line, "receive", "REPLY"))
            };
            cluster.wait(node, "has a reply", reply);
            assert_eq!(count(&cluster.trace(node), "leader"), 0, "nobody leads");
        }
    }
}

#[test]
fn with_two_candidates_dead_classic_elects_the_highest_that_lives() {
    for form in ["parallel", "sequential"] {
        let options = [&CLASSIC_LEADER[..], &["--form", form]].concat();
        let cluster = Cluster::running(4, &[1, 2], &options);
        cluster.wait_for_leader(&[1, 2], 2);
    }
}

#[test]
fn with_two_of_four_dead_hardened_has_no_majority_and_no_leader() {
    let mut cluster = Cluster::running(4, &ALL, &["--test", "leader"]);
    cluster.wait_for_leader(&ALL, 4);
    for node in [3, 4] {
        cluster.kill(node);
    }
    for node in [1, 2] {
        let before = count(&cluster.trace(node), "election");
        cluster.wait(node, "tries again", |trace| {
            count(trace, "election") >= before + 3 && leader_of(trace).is_none()
        });
    }
}

#[test]
fn a_node_that_is_asked_to_stop_leaves_in_order() {
    let mut cluster = Cluster::running(4, &ALL, &[&BUSY[..], &PATIENT].concat());
    cluster.wait_for_leader(&ALL, 4);
    cluster.signal(4, "TERM");
    assert_eq!(cluster.ended(4).code(), Some(0));
    let trace = cluster.trace(4);
    assert_eq!(trace.iter().filter(|line| is_message(line, "send", "RESIGN")).count(), 3);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    let resigned = |trace: &[serde_json::Value]| {
        trace.iter().any(|line| is_message(line, "receive", "RESIGN"))
    };
    assert!([1, 2, 3].iter().any(|&node| resigned(&cluster.trace(node))), "they have heard it");
    let last = trace.last().expect("there are lines");
    assert_eq!((kind(last), &last["node"]), ("stop", &4.into()), "its last word is that it stops");
    let run = cluster.merged_text();
    // The trace may report the fate of its messages later.
    let of_four = run.lines().filter(|line| line.split_whitespace().nth(1) == Some("N4"));
    let mut own = of_four.clone().filter(|line| !line.contains(" loses "));
    let last = own.next_back().expect("it has lines");
    assert!(last.trim_end().ends_with("STOPS"), "{last}");
    assert!(of_four.clone().all(|line| !line.contains("CRASHES")), "{run}");
}

#[test]
fn a_node_that_is_never_idle_stops_when_it_is_asked_to() {
    let tireless = ["--profile", "classic", "--wait", "0ms", "--hold", "0ms"];
    let mut cluster = Cluster::running(1, &[1], &tireless);
    cluster.wait_for_entries(&[1]);
    cluster.signal(1, "TERM");
    assert_eq!(cluster.ended(1).code(), Some(0));
}

#[test]
fn bad_values_are_refused_with_what_would_be_right() {
    let cluster = Cluster::new(2, &[]);
    let held = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let taken = held.local_addr().expect("an address").to_string();
    let cases: [(&[&str], &str); 9] = [
        (&["--summary", "/nowhere/at/all"], "--summary (SUMMARY)"),
        (&["--test", "lock"], "clock"),
        (&["--listen", "0.0.0.0:1"], "CLUSTER_SECRET"),
        (&["--retry", "2s"], "1250ms"),
        (&["--wait", "3s..1s"], "shorter one first"),
        (&["--drift", "2"], "from 0 to 0.5"),
        (&["--http", &taken], "expected a free address in --http (HTTP)"),
        (&["--resource", "somewhere"], "expected a host and a port"),
        (&["--trace-max", "1kB"], "such as 32MB"),
    ];
    for (options, remedy) in cases {
        let output = cluster.command(1, options).output().expect("it runs");
        let sentence = String::from_utf8_lossy(&output.stderr).replace("1.25s", "1250ms");
        assert_eq!(output.status.code(), Some(2), "{options:?}: {sentence}");
        assert!(sentence.contains(remedy), "{options:?}: {sentence}");
    }
    let output = cluster.command(3, &[]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
}
