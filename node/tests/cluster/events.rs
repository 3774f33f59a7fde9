//! The trace over HTTP: a reader gets every line once, or is told which lines it has missed.

use serde_json::Value;

use crate::client::{Events, get, wait_for_state};
use crate::harness::{Cluster, eventually};

/// Options for an application that adds at least hundreds of lines per second to the trace.
const TIRELESS: [&str; 6] = ["--profile", "classic", "--wait", "0ms", "--hold", "0ms"];

/// How many recent lines a node keeps, according to docs/http.md.
const KEPT: u64 = 8192;

fn tireless(cluster: &mut Cluster) -> String {
    cluster.start_with_http(1, &TIRELESS);
    let http = cluster.http[0].clone();
    wait_for_state(&http, "works", |state| state["counters"]["entries"].as_u64() > Some(0));
    http
}

/// Waits until the node has written more lines than it keeps. Each entry adds at least two lines.
fn wait_for_more_than_is_kept(http: &str) {
    let entries = |state: &Value| state["counters"]["entries"].as_u64().expect("a count");
    let before = entries(&wait_for_state(http, "works", |_| true));
    wait_for_state(http, "goes on", |state| entries(state) > before + KEPT / 2);
}

#[test]
fn a_reader_that_comes_back_misses_nothing_and_gets_nothing_twice() {
    let mut cluster = Cluster::new(3, &["--wait", "0ms..20ms", "--hold", "0ms..5ms"]);
    let http = cluster.http.clone();
    for node in 1..=3 {
        cluster.start_with_http(node, &[]);
    }
    let mut lines: Vec<Value> = Vec::new();
    for visit in 0..20 {
        let last = lines.last().map(|line| line["seq"].as_u64().expect("a place"));
        // A browser sends the number in a field, or it is in the address.
        let (path, field) = match last {
            None => ("/events".to_owned(), None),
            Some(last) if visit % 2 == 0 => (format!("/events?after={last}"), None),
            Some(last) => ("/events?after=0".to_owned(), Some(format!("Last-Event-ID: {last}"))),
        };
        let fields: Vec<&str> = field.iter().map(String::as_str).collect();
        let mut events = Events::open(&http[1], &path, &fields).expect("it answers");
        let header = events.next().expect("it begins with the header");
        assert_eq!((header.name.as_str(), &header.data["node"]), ("header", &2.into()));
        assert_eq!(header.data["antes_trace"], 1);
        for event in events.take(50) {
            assert_eq!((event.name.as_str(), event.id), ("", event.data["seq"].as_u64()));
            lines.push(event.data);
        }
    }
    assert_eq!(lines.len(), 20 * 50);
    assert_eq!(lines, cluster.trace(2)[..lines.len()], "they are the trace, line by line");
}

#[test]
fn lines_that_are_asked_for_and_not_kept_are_told() {
    let mut cluster = Cluster::new(1, &[]);
    let http = tireless(&mut cluster);
    let (gap, mut events) = loop {
        // The node writes the lines some time after the events.
        wait_for_more_than_is_kept(&http);
        let mut events = Events::open(&http, "/events?after=9", &[]).expect("it answers").skip(1);
        let first = events.next().expect("an event");
        if first.id != Some(10) {
            break (first, events);
        }
    };
    assert_eq!((gap.name.as_str(), &gap.data["first"]), ("gap", &10.into()), "{gap:?}");
    assert!(gap.data["sentence"].as_str().is_some_and(|told| told.contains("8192")));
    let line = events.next().expect("an event");
    assert_eq!(line.id, gap.data["last"].as_u64().map(|last| last + 1));
}

#[test]
fn a_reader_that_is_too_slow_is_told_what_it_has_missed() {
    let mut cluster = Cluster::new(1, &[]);
    let http = tireless(&mut cluster);
    let mut events = Events::open(&http, "/events", &[]).expect("it answers").skip(1);
    let mut next = 0;
    // The operating system buffers lines between the node and the reader. These still come without a gap.
    loop {
        wait_for_more_than_is_kept(&http);
        let event = events.by_ref().take(50).find(|event| match event.id {
            Some(id) => {
                assert_eq!(id, next);
                next = id + 1;
                false
            }
            None => true,
        });
        if let Some(gap) = event {
            assert_eq!((gap.name.as_str(), &gap.data["first"]), ("gap", &next.into()));
            let line = events.next().expect("an event");
            assert_eq!(line.id, gap.data["last"].as_u64().map(|last| last + 1));
            return;
        }
    }
}

#[test]
fn a_reader_of_an_earlier_trace_is_told_that_it_began_again() {
    let mut cluster = Cluster::new(1, &["--auto", "false"]);
    cluster.start_with_http(1, &[]);
    let http = cluster.http[0].clone();
    let fields = ["Last-Event-ID: 1000000"];
    let mut events = Events::open(&http, "/events", &fields).expect("it answers").skip(1);
    let reset = events.next().expect("an event");
    assert_eq!((reset.name.as_str(), &reset.data["after"]), ("reset", &1_000_000.into()));
    assert_eq!(events.next().expect("an event").id, Some(0));
    let wrong = Events::open(&http, "/events?after=last", &[]).err().expect("it is refused");
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["error"].as_str().is_some_and(|told| told.contains("such as 41")));
}

#[test]
fn only_so_many_read_at_once_and_nobody_pushes_them_out() {
    let mut cluster = Cluster::new(1, &["--wait", "20ms", "--hold", "1ms"]);
    cluster.start_with_http(1, &[]);
    let http = cluster.http[0].clone();
    wait_for_state(&http, "has started", |_| true);
    let mut readers: Vec<Events> =
        (0..16).map(|_| Events::open(&http, "/events", &[]).expect("it answers")).collect();
    let refused = Events::open(&http, "/events", &[]).err().expect("there is no room");
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("retry-after: "), "{refused:?}");
    let metrics = get(&http, "/metrics").body;
    assert!(metrics.contains("\nantes_http_event_readers 16\n"), "{metrics}");
    let idle: Vec<_> = (0..200).map(|_| crate::client::connect(&http)).collect();
    let next = cluster.trace(1).len() as u64 + 10;
    for reader in &mut readers {
        assert!(reader.any(|event| event.id == Some(next)), "it goes on");
    }
    drop(idle);
    readers.pop();
    // The node notices the closed connection when it writes the next line.
    eventually(|| {
        let opened = Events::open(&http, "/events", &[]);
        opened.map_err(|refused| format!("there is room again; last: {refused:?}"))
    });
}
