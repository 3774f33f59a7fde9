//! Commands over HTTP: each has its effect, and none works without the token.

use std::fs;

use serde_json::Value;

use crate::client::{Answer, ask, wait_for_state};
use crate::harness::{Cluster, count, is_message, kind};

pub const TOKEN: &str = "a-token-of-the-tests";

/// The applications do nothing by themselves.
const QUIET: [&str; 2] = ["--auto", "false"];

/// A cluster without its own activity, whose nodes take commands.
pub fn obedient(nodes: usize, options: &[&str]) -> Cluster {
    let mut cluster = Cluster::new(nodes, &[&QUIET, options].concat());
    let path = cluster.path("token");
    fs::write(&path, format!("{TOKEN}\n")).expect("it is written");
    let path = path.to_str().expect("a path").to_owned();
    for node in 1..=nodes {
        cluster.start_with_http(node, &["--http-token-file", &path]);
    }
    cluster
}

pub fn tell(cluster: &Cluster, node: usize, command: &str, body: &str) -> Answer {
    let bearer = format!("Authorization: Bearer {TOKEN}");
    ask(&cluster.http[node - 1], "POST", &format!("/commands/{command}"), &[&bearer], body)
}

pub fn obeys(cluster: &Cluster, node: usize, command: &str, body: &str) {
    let answer = tell(cluster, node, command, body);
    assert_eq!(answer.status, 200, "{command}: {answer:?}");
    assert_eq!(answer.json()["done"], command);
}

fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().expect("a sentence").to_owned()
}

#[test]
fn the_lock_is_asked_for_held_and_released() {
    let cluster = obedient(3, &["--lease", "1m"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    obeys(&cluster, 1, "request", "");
    cluster.wait(1, "enters", |trace| count(trace, "enter") == 1);
    obeys(&cluster, 2, "request", "{\"hold\": \"1ms\"}");
    let waits = |state: &Value| state["lock"]["requests"][0]["holds"] == false;
    wait_for_state(&cluster.http[1], "waits", waits);
    let before = wait_for_state(&cluster.http[0], "holds", |state| {
        state["lock"]["requests"][0]["holds"] == true
    });
    obeys(&cluster, 1, "write", "{}");
    wait_for_state(&cluster.http[0], "has written", |state| {
        state["vector"][0].as_u64() > before["vector"][0].as_u64()
    });
    obeys(&cluster, 1, "release", "{}");
    cluster.wait(1, "leaves", |trace| count(trace, "exit") == 1);
    cluster.wait(2, "enters and leaves", |trace| count(trace, "exit") == 1);
    let again = tell(&cluster, 1, "release", "{}");
    assert_eq!(again.status, 409, "{again:?}");
    assert!(error(&again).contains("the command had no effect"));
}

#[test]
fn a_waiter_that_is_told_to_give_up_is_passed_over() {
    let cluster = obedient(3, &["--lease", "1m"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    obeys(&cluster, 1, "request", "");
    cluster.wait(1, "enters", |trace| count(trace, "enter") == 1);
    for _ in 0..3 {
        obeys(&cluster, 2, "request", "{\"hold\": \"1ms\"}");
    }
    let waits = |state: &Value, count| {
        let requests = state["lock"]["requests"].as_array();
        requests.is_some_and(|all| all.len() == count && all.iter().all(|r| r["holds"] == false))
    };
    wait_for_state(&cluster.http[1], "waits", |state| waits(state, 3));
    obeys(&cluster, 2, "withdraw", "");
    obeys(&cluster, 2, "withdraw", "{\"request\":1}");
    wait_for_state(&cluster.http[1], "waits with one", |state| waits(state, 1));
    let again = tell(&cluster, 2, "withdraw", "{\"request\":1}");
    assert_eq!(again.status, 409, "{again:?}");
    let acknowledged = |trace: &[Value]| {
        let told = |line: &&Value| is_message(line, "receive", "RELEASE_ACK");
        trace.iter().filter(told).count() == 2
    };
    cluster.wait(2, "is told that both are over", acknowledged);
    obeys(&cluster, 1, "release", "{}");
    cluster.wait(2, "enters and leaves", |trace| count(trace, "exit") == 1);
    obeys(&cluster, 3, "request", "{\"hold\": \"1ms\"}");
    cluster.wait(3, "enters and leaves", |trace| count(trace, "exit") == 1);
    let lines = cluster.trace(2);
    let of = |what: &str| -> Vec<u64> {
        let lines = lines.iter().filter(|line| kind(line) == what);
        let number = |line: &Value| line["request"].as_str()?.rsplit(':').next()?.parse().ok();
        lines.filter_map(number).collect()
    };
    assert_eq!((of("withdraw"), of("enter")), (vec![3, 1], vec![2]));
}

#[test]
fn an_election_is_held() {
    let cluster = obedient(3, &["--test", "leader"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    let before = count(&cluster.trace(1), "election");
    obeys(&cluster, 1, "elect", "{}");
    cluster.wait(1, "holds an election", |trace| count(trace, "election") > before);
    cluster.wait_for_leader(&[1, 2, 3], 3);
}

#[test]
fn events_messages_and_calls_are_made_and_links_lose_or_hold_back_what_they_are_told_to() {
    let cluster = obedient(2, &["--test", "clock"]);
    wait_for_state(&cluster.http[0], "reaches 2", |state| state["links"][0]["sends"] == true);
    wait_for_state(&cluster.http[1], "reaches 1", |state| state["links"][0]["sends"] == true);
    obeys(&cluster, 1, "event", "");
    cluster.wait(1, "has an event", |trace| count(trace, "local") == 1);
    obeys(&cluster, 1, "call", "{\"to\":2}");
    let replied = |trace: &[Value]| trace.iter().any(|line| is_message(line, "receive", "REPLY"));
    cluster.wait(1, "has a reply", replied);
    obeys(&cluster, 1, "drop", "{\"to\":2,\"count\":1}");
    wait_for_state(&cluster.http[0], "will lose one", |state| state["links"][0]["drop"] == 1);
    obeys(&cluster, 1, "send", "{\"to\":2}");
    cluster.wait(1, "loses one", |trace| count(trace, "lost") == 1);
    obeys(&cluster, 1, "delay", "{\"to\":2,\"by\":\"300ms\"}");
    wait_for_state(&cluster.http[0], "delays", |state| state["links"][0]["delay_us"] == 300_000);
    obeys(&cluster, 1, "send", "{\"to\":2}");
    let message = |line: &&Value| line["message"]["type"] == "MESSAGE";
    cluster.wait(2, "has the second one", |trace| trace.iter().any(|line| message(&line)));
    let (from, to) = (cluster.trace(1), cluster.trace(2));
    let sent = from.iter().rfind(message).expect("it was sent");
    let received = to.iter().find(message).expect("it has arrived");
    assert_eq!(sent["message"]["id"], received["message"]["id"], "the first one was lost");
    let at = |node: usize, line: &Value| {
        let began = cluster.header(node)["epoch_us"].as_u64().expect("a time");
        began + line["at_us"].as_u64().expect("a time")
    };
    // Timers are exact to a millisecond, so the message may be up to one early.
    assert!(at(2, received) - at(1, sent) >= 299_000, "it was held back");
    let nobody = tell(&cluster, 1, "send", "{\"to\":3}");
    assert_eq!((nobody.status, error(&nobody).contains("another node")), (422, true));
}

#[test]
fn a_leader_whose_links_are_cut_is_replaced_and_leads_again_when_they_are_healed() {
    let cluster = obedient(3, &["--test", "leader"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    for to in ["{\"to\":1}", "{\"to\":2}"] {
        obeys(&cluster, 3, "cut", to);
    }
    cluster.wait(3, "is cut off", |trace| count(trace, "cut") == 2);
    cluster.wait_for_leader(&[1, 2], 2);
    cluster.wait(3, "has lost messages", |trace| count(trace, "lost") > 0);
    obeys(&cluster, 3, "heal", "{}");
    cluster.wait(3, "is healed", |trace| count(trace, "heal") == 2);
    cluster.wait_for_leader(&[1, 2, 3], 3);
}

#[test]
fn a_paused_leader_is_replaced_and_a_resumed_one_leads_again() {
    let cluster = obedient(3, &["--test", "leader"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    obeys(&cluster, 3, "pause", "{}");
    wait_for_state(&cluster.http[2], "is paused", |state| state["paused"] == true);
    cluster.wait_for_leader(&[1, 2], 2);
    for (command, reason) in [("elect", "paused"), ("pause", "paused")] {
        let answer = tell(&cluster, 3, command, "{}");
        assert_eq!((answer.status, error(&answer).contains(reason)), (409, true), "{command}");
    }
    let paused = |trace: &[Value]| trace.last().is_some_and(|line| kind(line) == "pause");
    cluster.wait(3, "does nothing meanwhile", paused);
    obeys(&cluster, 3, "resume", "{}");
    cluster.wait_for_leader(&[1, 2, 3], 3);
    cluster.wait(3, "goes on", |trace| trace.iter().any(|line| kind(line) == "resume"));
    let answer = tell(&cluster, 3, "resume", "{}");
    assert_eq!((answer.status, error(&answer).contains("not paused")), (409, true));
}

#[test]
fn a_node_that_is_told_to_crash_ends_as_if_it_were_killed() {
    let mut cluster = obedient(3, &["--test", "leader"]);
    cluster.wait_for_leader(&[1, 2, 3], 3);
    // The answer may be lost with the process.
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let request = format!("POST /commands/crash HTTP/1.0\r\n{bearer}Content-Length: 0\r\n\r\n");
    let answer = crate::client::send(&cluster.http[2], request.as_bytes());
    assert!(answer.is_none_or(|answer| answer.status == 200));
    assert_eq!(cluster.ended(3).code(), Some(1));
    let trace = cluster.trace(3);
    assert_eq!(kind(trace.last().expect("a line")), "crash");
    assert!(!trace.iter().any(|line| is_message(line, "send", "RESIGN")), "it says no good-bye");
    cluster.wait_for_leader(&[1, 2], 2);
}

#[test]
fn a_client_with_no_token_or_a_wrong_command_changes_nothing() {
    let mut cluster = obedient(1, &["--test", "leader"]);
    cluster.wait_for_leader(&[1], 1);
    let http = cluster.http[0].clone();
    let before = cluster.trace(1).len();
    let right = format!("Authorization: Bearer {TOKEN}");
    let long = format!("{{\"to\":{}1}}", " ".repeat(2000));
    let cases: [(&str, &str, &str, &str, u16, &str); 10] = [
        ("POST", "elect", "A: b", "{}", 401, "Authorization: Bearer"),
        ("POST", "elect", "Authorization: Bearer a-token-of-the-tesus", "{}", 401, "Bearer"),
        ("POST", "elect", "Authorization: Basic YTpi", "{}", 401, "Authorization: Bearer"),
        ("POST", "nothing", "A: b", "{}", 401, "Authorization: Bearer"),
        ("POST", "nothing", &right, "{}", 404, "elect, request"),
        ("POST", "cut", &right, "to=1", 400, "expected {\"to\":3}"),
        ("POST", "cut", &right, "{}", 422, "missing field `to`"),
        ("POST", "cut", &right, "{\"to\":1}", 422, "another node"),
        ("POST", "cut", &right, &long, 413, "1024 bytes"),
        ("GET", "elect", &right, "", 405, "expected POST"),
    ];
    for (method, command, field, body, status, remedy) in cases {
        let answer = ask(&http, method, &format!("/commands/{command}"), &[field], body);
        assert_eq!(answer.status, status, "{command} {body}: {answer:?}");
        assert!(error(&answer).contains(remedy), "{command}: {answer:?}");
    }
    let since = cluster.trace(1).split_off(before);
    assert!(!since.iter().any(|line| matches!(kind(line), "election" | "cut")), "{since:?}");
    cluster.kill(1);
    cluster.start_with_http(1, &[]);
    let answer = ask(&http, "POST", "/commands/elect", &[&right], "{}");
    assert_eq!((answer.status, error(&answer).contains("--http-token-file")), (403, true));
}
