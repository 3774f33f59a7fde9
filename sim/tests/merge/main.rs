//! The traces of a cluster's processes are merged into one run. A simulated trace is split by node
//! and life, and each part gets a clock of its own.

#![cfg(not(target_family = "wasm"))]

mod bad_files;
#[path = "../common/mod.rs"]
mod common;
mod lives_and_runs;
mod missing_lines;
mod same_run;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, Detector, MAX_NODES, Profile};
use antes_sim::export::{Header, jsonl, mermaid, shiviz, text};
use antes_sim::merge::{Merged, Reader, merge};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Latency, Scenario};
use antes_sim::storm::{Faults, storm};
use antes_sim::trace::{Happening, Invariant, Loss, MessageId, Storage, TraceEvent, Violation};
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// The wall clock at the start of the run, in microseconds since 1970.
const BEGUN_US: u64 = 1_764_000_000_000_000;

/// Names and contents of files.
type Files = Vec<(String, String)>;

/// How far the clock of a node, or of the resource (0), is ahead, in microseconds.
type Skew<'a> = &'a dyn Fn(u8) -> i64;

/// A change of the files.
type Change<'a> = &'a dyn Fn(&mut Files);

/// The trace that each process would have written: its own lines by its own clock. Lines for which
/// `keep` is false are left out.
fn taken_apart(run: &Run, skew: Skew<'_>, keep: &dyn Fn(&TraceEvent) -> bool) -> Files {
    let config = &run.scenario().config;
    let mut files: BTreeMap<u8, (u32, u64, String)> = BTreeMap::new();
    for event in run.trace().iter().filter(|event| keep(event)) {
        let Some(node) = event.node else { continue };
        let writer = match event.happening {
            Happening::Violation(_) => continue,
            Happening::Write { .. } => 0,
            _ => node.get(),
        };
        let (life, begun_us, text) = files.entry(writer).or_default();
        let inc = if writer == 0 { 1 } else { event.incarnation.get() };
        // Both forms are valid: one header for all lives, and one for each.
        if inc > *life && (*life == 0 || writer == 4) {
            (*life, *begun_us) = (inc, event.at_us);
            let wall_us = (BEGUN_US + event.at_us).saturating_add_signed(skew(writer));
            let header = match writer {
                0 => Header::written_by_resource(config.profile, wall_us),
                _ => Header::cluster(config.size, config.setting()).written_by(node, wall_us),
            };
            text.push_str(&format!("{}\n", header.to_json()));
        }
        let event = TraceEvent { at_us: event.at_us - *begun_us, ..event.clone() };
        let size = if writer == 0 { ClusterSize::MAX } else { config.size };
        text.push_str(&format!("{}\n", jsonl::line(&event, size)));
    }
    files.into_iter().map(|(writer, (_, _, text))| (format!("node-{writer}.jsonl"), text)).collect()
}

fn read(files: &Files) -> Result<Merged, String> {
    let mut reader = Reader::default();
    for (name, text) in files {
        reader.read(name, text.as_bytes()).map_err(|error| error.to_string())?;
    }
    let (parts, notes) = reader.finished();
    let mut merged = merge(parts, None).map_err(|error| error.to_string())?;
    merged.notes.splice(0..0, notes);
    Ok(merged)
}

fn joined(files: &Files) -> Merged {
    read(files).unwrap_or_else(|error| panic!("{error}"))
}

fn violations(trace: &[TraceEvent]) -> Vec<&Violation> {
    let found = trace.iter().filter_map(|event| match &event.happening {
        Happening::Violation(violation) => Some(violation),
        _ => None,
    });
    found.collect()
}

/// An event without its `seq` and instant.
fn content(event: &TraceEvent) -> TraceEvent {
    TraceEvent { seq: 0, at_us: 0, ..event.clone() }
}

fn contents<'a>(trace: impl IntoIterator<Item = &'a TraceEvent>) -> Vec<String> {
    let events = trace.into_iter().filter(|event| event.kind() != "violation");
    let mut contents: Vec<_> = events.map(|event| format!("{:?}", content(event))).collect();
    contents.sort();
    contents
}

/// The message that ends with this event.
fn ended_by(event: &TraceEvent) -> Option<MessageId> {
    match &event.happening {
        Happening::Receive { message, .. } | Happening::Lost { message, .. } => Some(message.id),
        _ => None,
    }
}

/// The merged events are those of the run, in an order that respects happened-before. A message
/// that is in flight at the end of the run may count as lost.
fn is_the_same_history(name: &str, run: &Run, merged: &Merged) {
    let ended: BTreeSet<_> = run.trace().iter().filter_map(ended_by).collect();
    let told = merged.events.iter().filter(|event| match &event.happening {
        Happening::Lost { message, .. } => ended.contains(&message.id),
        _ => true,
    });
    let (before, after) = (contents(run.trace()), contents(told));
    let added: Vec<_> = after.iter().filter(|event| before.binary_search(event).is_err()).collect();
    let gone: Vec<_> = before.iter().filter(|event| after.binary_search(event).is_err()).collect();
    assert!(before == after, "{name}: added {added:#?}, gone {gone:#?}, {:#?}", merged.notes);
    let mut known = [0; MAX_NODES as usize];
    let mut latest_us = 0;
    for (place, event) in merged.events.iter().enumerate() {
        assert_eq!(event.seq, place as u64, "{name}");
        assert!(event.at_us >= latest_us, "{name}: time goes back at {place}");
        latest_us = event.at_us;
        let node = event.node.expect("a node").index();
        if event.ticks() {
            let own = event.stamp.vector().counts()[node];
            assert_eq!(own, known[node] + 1, "{name}: the order of one node, at {place}");
            known[node] = own;
        }
        let counts = *event.stamp.vector().counts();
        assert!(counts.iter().zip(&known).all(|(a, b)| a <= b), "{name}: {place} comes too early");
    }
}

/// Runs with faults and with nodes that act by themselves, with latencies as in a cluster. Links
/// are FIFO, as in a cluster. No two nodes are intervened on at the same instant, since traces
/// cannot show that order.
fn storms(
    profile: Profile,
    algorithm: Algorithm,
    faults: Faults,
) -> impl Iterator<Item = Scenario> {
    (0..10).map(move |seed| {
        let mut base = busy(algorithm, seed);
        base.config.profile = profile;
        base.config.election.detector = Detector::Heartbeat;
        let mut scenario = storm(&base, seed, Faults { reordering: false, ..faults });
        for (place, step) in (0..).zip(&mut scenario.steps) {
            step.at += Duration::from_micros(place);
        }
        scenario
    })
}

const EVERYTHING: fn(&TraceEvent) -> bool = |_| true;

/// A run of the lock in which the leader is killed and restarts.
fn killed(profile: Profile) -> Run {
    let mut scenario = busy(Algorithm::Mutex, 7);
    scenario.config.profile = profile;
    scenario.network = quiet(Algorithm::Mutex, 4, Vec::new()).network;
    scenario.network.latency = Latency::Fixed(ms(5));
    scenario.steps = vec![
        at(3_000, Action::Crash(node(4))),
        at(9_000, Action::Restart(node(4))),
        at(15_000, Action::Crash(node(2))),
    ];
    finished(scenario)
}
