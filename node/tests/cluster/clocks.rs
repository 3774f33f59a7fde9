//! A machine's wall clock is set back between two lives of a node.
//!
//! A node reads the wall clock once in a life. While the node is down, the test moves the beginning of its
//! trace forward. Its next life then finds the trace that a clock which was ahead would have written.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::{Cluster, count, kind, send};
use crate::ports::free_port;
use crate::{ALL, BUSY};

const HOUR_US: u64 = 3_600_000_000;

/// Changes the first header of a trace as if the wall clock had been ahead by this much.
fn write_ahead(trace: &Path, ahead_us: u64) {
    let text = fs::read_to_string(trace).expect("there is a trace");
    let (before, rest) = text.split_once("\"epoch_us\":").expect("an instant");
    let end = rest.find(|letter: char| !letter.is_ascii_digit()).expect("more fields");
    let began_us: u64 = rest[..end].parse().expect("a number");
    let moved = format!("{before}\"epoch_us\":{}{}", began_us + ahead_us, &rest[end..]);
    fs::write(trace, moved).expect("it can be written");
}

fn at_us(line: &Value) -> u64 {
    line["at_us"].as_u64().expect("an instant")
}

/// The lines of one life that the node itself wrote. The merged run has lines of other processes about it.
fn own_of_life(lines: &[Value], node: u64, life: u64) -> Vec<&Value> {
    let own = |line: &&Value| {
        let late = matches!(kind(line), "lost" | "duplicate" | "violation");
        line["node"] == node && line["inc"] == life && !late
    };
    lines.iter().filter(own).collect()
}

/// Stops node 4, sets its clock back, and starts it. `ahead_us` computes by how much, from the length of the
/// node's first life.
fn set_back(cluster: &mut Cluster, ahead_us: impl FnOnce(u64) -> u64) -> String {
    cluster.wait_for_leader(&ALL, 4);
    cluster.wait_for_entries(&ALL);
    cluster.signal(4, "TERM");
    assert_eq!(cluster.ended(4).code(), Some(0));
    let first_us = at_us(cluster.trace(4).last().expect("a first life"));
    write_ahead(&cluster.path("4.jsonl"), ahead_us(first_us));
    cluster.start(4, &[]);
    cluster.wait(4, "enters in its second life", |trace| {
        trace.iter().any(|line| kind(line) == "enter" && line["inc"] == 2)
    });
    assert_eq!(cluster.violations(), [] as [Value; 0]);
    let written = cluster.trace(4);
    let merged = cluster.merged_lines();
    let [first, second] = [1, 2].map(|life| own_of_life(&merged, 4, life));
    let ended_us = first.iter().map(|line| at_us(line)).max().expect("a first life");
    assert!(second.iter().all(|line| at_us(line) >= ended_us), "the second life comes later");
    let spans = |lines: &[&Value]| -> Vec<u64> {
        lines.iter().map(|line| at_us(line) - at_us(lines[0])).collect()
    };
    let own = own_of_life(&written, 4, 2);
    assert_eq!(spans(&second), spans(&own), "its own spans are kept");
    assert!(count(&written, "enter") > 1);
    cluster.told_by_merge()
}

/// By how many microseconds the clock of `whose` was set back, according to the text `told`.
fn set_back_by(told: &str, whose: &str) -> u64 {
    let before = format!("the clock of {whose} was set back by ");
    let line = told.lines().find_map(|line| line.strip_prefix(&before));
    let line = line.unwrap_or_else(|| panic!("nothing is told of the clock of {whose}: {told}"));
    let (number, _) = line.trim_start_matches("at least ").split_once(" ms").expect("a unit");
    let (ms, us) = number.split_once('.').expect("three digits more");
    ms.parse::<u64>().expect("a number") * 1_000 + us.parse::<u64>().expect("a number")
}

#[test]
fn a_life_after_the_clock_was_set_back_by_an_hour_comes_after_the_one_before() {
    let mut cluster = Cluster::running(4, &ALL, &BUSY);
    let told = set_back(&mut cluster, |_| HOUR_US);
    assert!(set_back_by(&told, "node 4").abs_diff(HOUR_US) < 100_000, "{told}");
    assert!(told.contains("between its lives 1 and 2"), "{told}");
}

#[test]
fn a_life_after_the_clock_was_set_back_into_the_life_before_comes_after_it() {
    let mut cluster = Cluster::running(4, &ALL, &BUSY);
    let mut by_us = 0;
    let told = set_back(&mut cluster, |first_us| {
        by_us = first_us / 2;
        by_us
    });
    assert!(set_back_by(&told, "node 4").abs_diff(by_us) < 100_000, "{told}");
}

#[test]
fn a_resource_whose_clock_was_set_back_is_merged_and_judged() {
    let port = free_port();
    let resource = format!("127.0.0.1:{port}");
    let mut cluster = Cluster::new(4, &BUSY).with(&["--resource", &resource]);
    cluster.start_resource(port, &[]);
    for node in ALL {
        cluster.start(node, &[]);
    }
    cluster.wait_for_writes(10);
    let mut process = cluster.take_resource();
    send(&process, "TERM");
    assert!(process.wait().expect("it can be waited for").success());
    write_ahead(&cluster.path("resource.jsonl"), HOUR_US);
    cluster.start_resource(port, &[]);
    cluster.wait_for_writes(10);
    assert_eq!(cluster.violations(), [] as [Value; 0]);
    let told = cluster.told_by_merge();
    assert!(set_back_by(&told, "the resource").abs_diff(HOUR_US) < 100_000, "{told}");
    let merged = cluster.merged_lines();
    let writes = merged.iter().filter(|line| kind(line) == "write").map(at_us).collect::<Vec<_>>();
    let (first, last) = (writes[0], writes[writes.len() - 1]);
    assert!(last - first < HOUR_US / 10, "the second life does not come an hour later");
}
