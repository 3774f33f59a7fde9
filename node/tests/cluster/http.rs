//! The HTTP server of real nodes: its answers, and that no client disturbs the cluster.

use std::io::{Error, ErrorKind, Read as _, Write as _};
use std::process::{Command, Output};

use crate::BUSY;
use crate::client::{ask, connect, get, send, wait_for, wait_for_state};
use crate::harness::{Cluster, PATIENT, count, eventually};

/// Options for a cluster that only elects, and never because the machine is busy.
const ELECTIONS: [&str; 6] = ["--test", "leader", PATIENT[0], PATIENT[1], PATIENT[2], PATIENT[3]];

/// Runs `antes health`, with or without an address in the environment. Returns its exit status and its
/// output.
pub fn antes_health(arguments: &[&str], http: Option<&str>) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.arg("health").args(arguments).env_remove("HTTP");
    if let Some(http) = http {
        command.env("HTTP", http);
    }
    let Output { status, stdout, .. } = command.output().expect("it runs");
    (status.code(), String::from_utf8(stdout).expect("it prints text"))
}

/// Repeats `antes health` until its exit status is `status` and its output satisfies `holds`. Returns the
/// output.
pub fn wait_for_health(address: &str, status: i32, holds: impl Fn(&str) -> bool) -> String {
    eventually(|| {
        let (ended, told) = antes_health(&[address], None);
        match ended == Some(status) && holds(&told) {
            true => Ok(told),
            false => Err(format!("it ends with {ended:?} and says: {told}")),
        }
    })
}

#[test]
fn a_node_is_healthy_before_and_after_there_is_a_leader() {
    let mut cluster = Cluster::new(3, &ELECTIONS);
    let http = cluster.http.clone();
    cluster.start_with_http(1, &[]);
    let alone = wait_for(&http[0], "/health", "is well", |_| true);
    assert_eq!(alone.json()["leader"], serde_json::Value::Null);
    wait_for_health(&http[0], 0, |told| told == "node 1 is up and follows nobody\n");
    cluster.start_with_http(2, &[]);
    cluster.start_with_http(3, &[]);
    for address in &http {
        wait_for_state(address, "follows 3", |state| state["leader"] == 3);
        wait_for(address, "/health", "follows 3", |answer| answer.json()["leader"] == 3);
    }
    for (arguments, http, expected) in [
        (&[][..], &http[1], "node 2 is up and follows node 3\n"),
        (&[http[2].as_str()], &http[0], "node 3 is up and leads\n"),
    ] {
        eventually(|| {
            let (ended, told) = antes_health(arguments, Some(http));
            let is_so = ended == Some(0) && told == expected;
            is_so.then_some(()).ok_or_else(|| format!("it ends with {ended:?} and says: {told}"))
        });
    }
}

#[test]
fn the_exit_status_tells_whether_a_node_is_healthy() {
    let mut cluster = Cluster::new(1, &ELECTIONS);
    let http = cluster.http[0].clone();
    let (status, told) = antes_health(&[&http], None);
    assert_eq!(status, Some(1), "nobody listens");
    assert!(told.contains("is unhealthy"), "{told}");
    assert_eq!(antes_health(&[], None).0, Some(2), "there is no address");
    assert_eq!(antes_health(&["nowhere"], None).0, Some(2), "there is no port");
    cluster.start_with_http(1, &[]);
    wait_for_health(&http, 0, |told| told == "node 1 is up and leads\n");
    cluster.signal(1, "STOP");
    wait_for_health(&http, 1, |told| told.contains("is unhealthy"));
    cluster.signal(1, "CONT");
    wait_for_health(&http, 0, |told| told == "node 1 is up and leads\n");
}

/// Node 1 has nothing to do at the end, so its state and its trace stand still.
#[test]
fn the_state_agrees_with_the_trace() {
    let mut cluster = Cluster::new(2, &["--profile", "classic", "--detector", "off"]);
    let options = ["--wait", "10m", "--hold", "1ms"];
    cluster.start_with_http(1, &options);
    cluster.start_with_http(2, &options);
    let http = cluster.http.clone();
    cluster.wait_for_leader(&[1, 2], 2);
    let state = wait_for_state(&http[0], "agrees with the trace", |state| {
        let (trace, counters) = (cluster.trace(1), &state["counters"]);
        let last = trace.last().expect("there is a line");
        let pairs = [("sent", "send"), ("received", "receive"), ("elections", "election")];
        state["links"][0]["sends"] == true
            && ["node", "lamport", "vector"].iter().all(|field| state[field] == last[field])
            && pairs.iter().all(|(counter, kind)| counters[counter] == count(&trace, kind))
    });
    assert_eq!((&state["leader"], &state["term"]), (&2.into(), &serde_json::Value::Null));
    assert_eq!(state["links"][0]["peer"], 2);
    assert_eq!(state["resource"], serde_json::Value::Null, "there is no resource");
    let leader = wait_for_state(&http[1], "coordinates", |state| state["leader"] == 2);
    assert_eq!(leader["lock"]["coordinator"]["queue"], serde_json::json!([]));
}

#[test]
fn a_wrong_request_is_answered_with_what_would_be_right() {
    let mut cluster = Cluster::new(1, &ELECTIONS);
    let http = cluster.http[0].clone();
    cluster.start_with_http(1, &[]);
    wait_for_state(&http, "has started", |_| true);
    let unknown = get(&http, "/stat");
    assert_eq!(unknown.status, 404);
    assert!(unknown.json()["error"].as_str().is_some_and(|told| told.contains("/state")));
    let written = ask(&http, "POST", "/state", &[], "{}");
    assert_eq!(written.status, 405);
    assert!(written.head.contains("allow: get"), "{written:?}");
    let elsewhere = send(&http, b"GET /state HTTP/1.0\r\nHost: rebound.example:80\r\n\r\n");
    let elsewhere = elsewhere.expect("it answers");
    assert_eq!(elsewhere.status, 421);
    assert!(elsewhere.json()["error"].as_str().is_some_and(|told| told.contains("--peers")));
}

#[test]
fn clients_that_send_garbage_or_nothing_disturb_nobody() {
    let mut cluster = Cluster::new(3, &[&BUSY[..], &PATIENT].concat());
    let http = cluster.http.clone();
    for node in 1..=3 {
        cluster.start_with_http(node, &[]);
    }
    // These are more connections than a node allows, so it closes the oldest.
    let mut idle: Vec<_> = (0..200).map(|_| connect(&http[2])).collect();
    for stream in &mut idle {
        // The node has closed some of them already.
        let _ = stream.write_all(b"GET /state HTTP/1.1\r\nHost: loc");
    }
    cluster.wait_for_leader(&[1, 2, 3], 3);
    // The body of this request never arrives.
    let mut slow = connect(&http[2]);
    slow.write_all(
        b"POST /commands/elect HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
    )
    .expect("it is taken");
    idle.push(slow);
    for round in 0..50_u8 {
        let garbage: Vec<u8> = (0..200).map(|at: u8| at.wrapping_mul(round)).collect();
        let answer = send(&http[2], &[&garbage[..], b"\r\n\r\n"].concat());
        assert!(answer.is_none_or(|answer| answer.status == 400));
    }
    let endless = [&b"GET /state HTTP/1.1\r\nA: "[..], &[b'a'; 100_000]].concat();
    assert!(send(&http[2], &endless).is_none_or(|answer| answer.status == 431));
    wait_for_health(&http[2], 0, |_| true);
    cluster.wait_for_entries(&[1, 2, 3]);
    for stream in &mut idle {
        let mut answer = Vec::new();
        // The node may reset the connection, but must not leave it open.
        let ended = stream.read_to_end(&mut answer);
        let open =
            |error: &Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!ended.is_err_and(|error| open(&error)), "who never comes to the point is closed");
    }
    let elections = count(&cluster.trace(3), "leader");
    cluster.wait_for_entries(&[1, 2, 3]);
    assert_eq!(count(&cluster.trace(3), "leader"), elections);
}

/// Each family of metrics has its description before its samples, and each sample is a number.
#[test]
fn the_metrics_are_those_of_the_state_in_the_format_of_prometheus() {
    let mut cluster = Cluster::new(2, &[&["--auto", "false"][..], &PATIENT].concat());
    let http = cluster.http.clone();
    cluster.start_with_http(1, &[]);
    cluster.start_with_http(2, &[]);
    wait_for_state(&http[0], "follows 2", |state| state["leader"] == 2);
    let answer = get(&http[0], "/metrics");
    assert!(answer.head.contains("content-type: text/plain; version=0.0.4"), "{answer:?}");
    let (mut family, mut values) = (None, std::collections::BTreeMap::new());
    let mut lines = answer.body.lines();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, sentence) = help.split_once(' ').expect("a name and a sentence");
            assert!(sentence.ends_with('.'), "{line}");
            let kind = lines.next().and_then(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
            let (of, kind) = kind.expect("a type");
            assert_eq!((of, kind == "counter"), (name, name.ends_with("_total")), "{line}");
            assert!(matches!(kind, "counter" | "gauge"), "{line}");
            family = Some(name);
        } else {
            let (sample, value) = line.rsplit_once(' ').expect("a sample and a value");
            assert_eq!(sample.split('{').next(), family, "{line}");
            let value: f64 = value.parse().expect("a number");
            assert!(values.insert(sample, value).is_none(), "{line} comes twice");
        }
    }
    assert_eq!(values["antes_leader"], 2.0);
    assert_eq!(values["antes_is_leader"], 0.0);
    assert!(values["antes_term"] >= 1.0);
    assert_eq!(values["antes_link_up{peer=\"2\",direction=\"to\"}"], 1.0);
    let info = "antes_info{node=\"1\",incarnation=\"1\",algorithm=\"mutex\",profile=\"hardened\"}";
    assert_eq!(values[info], 1.0);
    // Counters only grow, and the state is requested later.
    let state = get(&http[0], "/state").json();
    let sent = values["antes_messages_sent_total"];
    assert!(sent >= 1.0 && state["counters"]["sent"].as_f64() >= Some(sent));
}

#[test]
fn pages_of_the_named_origins_may_read_and_never_command() {
    let mut cluster = Cluster::new(1, &ELECTIONS);
    let http = cluster.http[0].clone();
    cluster.start_with_http(1, &["--http-origin", "http://localhost:8080,https://antes.example"]);
    wait_for_state(&http, "has started", |_| true);
    let allowed = "access-control-allow-origin: https://antes.example";
    let from = "Origin: https://antes.example";
    for path in ["/health", "/state", "/metrics"] {
        assert!(ask(&http, "GET", path, &[from], "").head.contains(allowed), "{path}");
    }
    let stranger = ask(&http, "GET", "/state", &["Origin: https://evil.example"], "");
    assert!(!stranger.head.contains("access-control-allow-origin"), "{stranger:?}");
    let fields = [
        from,
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Private-Network: true",
    ];
    let asked = ask(&http, "OPTIONS", "/events", &fields, "");
    assert!(asked.head.contains(allowed), "{asked:?}");
    assert!(asked.head.contains("access-control-allow-private-network: true"), "{asked:?}");
    let fields = [from, "Access-Control-Request-Method: POST"];
    let command = ask(&http, "OPTIONS", "/commands/elect", &fields, "");
    assert!(!command.head.contains("access-control"), "{command:?}");
}
