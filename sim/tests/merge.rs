//! The traces of a cluster's processes are merged into one run. A simulated trace is split by node
//! and life, and each part gets a clock of its own.

#![cfg(not(target_family = "wasm"))]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, Detector, Profile};
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
                _ => Header::cluster(config.size, config.profile, config.algorithm)
                    .written_by(node, wall_us),
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
    let mut known = [0; 8];
    let mut latest_us = 0;
    for (place, event) in merged.events.iter().enumerate() {
        assert_eq!(event.seq, place as u64, "{name}");
        assert!(event.at_us >= latest_us, "{name}: time goes back at {place}");
        latest_us = event.at_us;
        let node = event.node.expect("a node").index();
        if event.ticks() {
            let own = event.stamp.vector.counts()[node];
            assert_eq!(own, known[node] + 1, "{name}: the order of one node, at {place}");
            known[node] = own;
        }
        let counts = event.stamp.vector.counts();
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

#[test]
fn any_run_is_the_same_history_again_however_wrong_the_clocks_are() {
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            for (seed, scenario) in storms(profile, algorithm, Faults::ALL).enumerate() {
                let run = finished(scenario);
                let skew = |node: u8| (i64::from(node.max(1)) - 2) * 2_718_281 * (seed as i64 - 4);
                let merged = joined(&taken_apart(&run, &skew, &EVERYTHING));
                is_the_same_history(&format!("{algorithm:?} {profile:?} {seed}"), &run, &merged);
            }
        }
    }
}

/// The violations without their order: concurrent ones may come in either order.
fn verdict(trace: &[TraceEvent]) -> Vec<&str> {
    let mut sentences: Vec<_> =
        violations(trace).into_iter().map(|violation| violation.sentence.as_str()).collect();
    sentences.sort_unstable();
    sentences
}

#[test]
fn a_run_is_judged_as_before_however_wrong_the_clocks_are() {
    let mut found = BTreeSet::new();
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            // With equal latencies in both directions, round trips give the exact offsets.
            for (seed, mut scenario) in storms(profile, algorithm, Faults::ALL).enumerate() {
                scenario.network.latency = Latency::Fixed(ms(20));
                let run = finished(scenario);
                let skew = |node: u8| i64::from(node.max(1)) * 1_234_567 * (seed as i64 - 4);
                let merged = joined(&taken_apart(&run, &skew, &EVERYTHING));
                let name = format!("{algorithm:?} {profile:?} {seed}");
                assert_eq!(verdict(&merged.events), verdict(run.trace()), "{name}");
                found.extend(broken(&run));
            }
        }
    }
    let judged = [
        Invariant::OneHolder,
        Invariant::ExclusiveWrites,
        Invariant::OneLeader,
        Invariant::ClockCondition,
    ];
    assert!(judged.iter().all(|invariant| found.contains(invariant)), "{found:?}");
}

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

#[test]
fn who_is_killed_writes_nothing_of_it_and_the_run_says_so_all_the_same() {
    let run = killed(Profile::Hardened);
    let by_itself = |event: &TraceEvent| {
        let down = matches!(event.happening, Happening::Lost { loss: Loss::Down, .. });
        !down && !matches!(event.happening, Happening::Crash | Happening::Restart { .. })
    };
    let merged = joined(&taken_apart(&run, &|_| 0, &by_itself));
    let of_kind = |trace: &[TraceEvent], kind: &str| {
        let events = trace.iter().filter(|event| event.kind() == kind);
        let mut names: Vec<_> = events
            .map(|event| match event.message() {
                Some(message) => format!("{:?} {}", event.node, message.id),
                None => format!("{:?} {:?}", event.node, event.incarnation),
            })
            .collect();
        names.sort();
        names
    };
    for kind in ["crash", "restart", "lost"] {
        let (before, after) = (of_kind(run.trace(), kind), of_kind(&merged.events, kind));
        assert!(!before.is_empty(), "{kind}");
        assert_eq!(before, after, "{kind}");
    }
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
    assert!(
        merged.notes.iter().any(|note| note.starts_with("node 2 writes nothing after 15.0")
            || note.starts_with("node 2 writes nothing after 14.")),
        "{:#?}",
        merged.notes
    );
}

#[test]
fn a_torn_last_line_is_told_and_left_out() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let whole = joined(&files).events.len();
    // Node 2 was killed while it wrote, and a page of zeros was left.
    let (name, text) = &mut files[2];
    let length = text.len() - 20;
    text.truncate(length);
    text.push_str("\0\0\0\0\n");
    let line = text.lines().count();
    let told = format!("{name}:{line}: left out: the line is torn");
    let merged = joined(&files);
    assert!(merged.notes.contains(&told), "{:#?}", merged.notes);
    assert!(merged.events.len() <= whole);
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
}

#[test]
fn a_life_may_begin_right_behind_half_a_line_of_the_one_before() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let (_, text) = &mut files[4];
    let header = text.rfind("{\"antes_trace\"").expect("node 4 has two lives");
    text.insert_str(header, "{\"seq\":99,\"at_us\":12");
    assert!(joined(&files).notes.iter().any(|note| note.ends_with("left out: the line is torn")));
    is_the_same_history("torn", &run, &joined(&files));
}

#[test]
fn what_is_missing_is_told_and_nothing_is_claimed_for_it() {
    let run = killed(Profile::Hardened);
    for missing in 1..=4 {
        let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
        files.remove(missing);
        let merged = joined(&files);
        let told = format!("no file is of node {missing}: its part of the run is missing");
        assert!(merged.notes.iter().any(|note| note.starts_with(&told)), "{:#?}", merged.notes);
        assert_eq!(violations(&merged.events), Vec::<&Violation>::new(), "without {missing}");
    }
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let (_, text) = &mut files[1];
    let lines: Vec<&str> = text.lines().collect();
    *text = [&lines[..20], &lines[60..]].concat().join("\n");
    let merged = joined(&files);
    let told = "of node 1 were received, but no line says that they were sent";
    assert!(merged.notes.iter().any(|note| note.contains(told)), "{:#?}", merged.notes);
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
}

/// A file without its first lines. The lines after the latest removed header are kept.
fn beheaded(text: &str, lines: usize) -> String {
    let is_header = |line: &&str| line.starts_with("{\"antes_trace\"");
    let all: Vec<&str> = text.lines().collect();
    let (head, rest) = all.split_at(lines);
    let header = head.iter().copied().rfind(is_header).expect("it begins with a header");
    let kept = if rest.first().is_some_and(is_header) {
        rest.to_vec()
    } else {
        [&[header], rest].concat()
    };
    kept.join("\n") + "\n"
}

#[test]
fn whose_beginning_was_cut_off_is_told_and_nothing_is_claimed_for_it() {
    let mut found = BTreeSet::new();
    for algorithm in [Algorithm::Clock, Algorithm::Leader, Algorithm::Mutex] {
        for profile in [Profile::Classic, Profile::Hardened] {
            for (seed, mut scenario) in storms(profile, algorithm, Faults::ALL).enumerate() {
                scenario.network.latency = Latency::Fixed(ms(20));
                let run = finished(scenario);
                let name = format!("{algorithm:?} {profile:?} {seed}");
                let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
                for (place, (_, text)) in files.iter_mut().enumerate() {
                    let share = (seed * 7 + place * 13) % 80;
                    let count = text.lines().count();
                    *text = beheaded(text, (12 + count * share / 100).min(count - 1));
                }
                let merged = joined(&files);
                let told = merged.notes.iter().filter(|note| note.starts_with("the beginning of"));
                assert_eq!(told.count(), 4, "{name}: {:#?}", merged.notes);
                let ended: BTreeSet<_> = run.trace().iter().filter_map(ended_by).collect();
                let claimed = merged.events.iter().filter(|event| match &event.happening {
                    Happening::Lost { message, .. } => ended.contains(&message.id),
                    _ => true,
                });
                let (before, after) = (contents(run.trace()), contents(claimed));
                let made_up: Vec<_> =
                    after.iter().filter(|event| before.binary_search(event).is_err()).collect();
                assert!(made_up.is_empty(), "{name}: {made_up:#?}");
                // If several nodes violate an invariant together, lines of some may be missing.
                let before = violations(run.trace());
                let known = |found: &&Violation| {
                    before.iter().any(|other| {
                        other.invariant == found.invariant
                            && found.nodes.iter().all(|node| other.nodes.contains(node))
                    })
                };
                let found_now = violations(&merged.events);
                let false_ones: Vec<_> = found_now.iter().filter(|found| !known(found)).collect();
                assert!(false_ones.is_empty(), "{name}: {false_ones:#?}");
                found.extend(found_now.iter().map(|found| found.invariant));
            }
        }
    }
    assert!(found.contains(&Invariant::OneHolder), "what is left is judged: {found:?}");
}

#[test]
fn who_may_have_led_since_before_its_first_line_is_not_said_to_follow_nobody() {
    let size = ClusterSize::new(2).expect("two");
    let file = |of: u8, kind: &str, count: u8| {
        let header = Header::cluster(size, Profile::Classic, Algorithm::Leader);
        let header = header.written_by(node(of), 0).to_json();
        let line = format!(
            "{{\"seq\":{count},\"at_us\":{of},\"node\":{of},\"inc\":1,{kind},\"lamport\":{count},\
             \"vector\":[0,{count}]}}"
        );
        (format!("{of}.jsonl"), format!("{header}\n{line}\n"))
    };
    let found = |count: u8| {
        let follows = file(1, "\"kind\":\"leader\",\"leader\":2", 0);
        let merged = joined(&vec![follows, file(2, "\"kind\":\"local\"", count)]);
        violations(&merged.events).iter().map(|found| found.invariant).collect::<Vec<_>>()
    };
    assert_eq!(found(1), [Invariant::OneLeader], "it begins there, and does not lead");
    assert_eq!(found(5), [], "it has done four things before");
}

/// The clocks of both machines were set back by two seconds while the nodes were down.
#[test]
fn a_life_after_the_clock_was_set_back_comes_after_the_one_before_with_its_own_spans() {
    let file = |of: u8| {
        let path = format!("{}/tests/traces/clock-set-back-{of}.jsonl", env!("CARGO_MANIFEST_DIR"));
        (format!("{of}.jsonl"), std::fs::read_to_string(path).expect("it is there"))
    };
    let merged = joined(&vec![file(1), file(2)]);
    let second = merged.events.iter().filter(|event| event.incarnation.get() == 2);
    let second: Vec<(u64, &str)> = second.map(|event| (event.at_us, event.kind())).collect();
    let begun_us = second[0].0;
    let since: Vec<u64> = second.iter().map(|(at_us, _)| at_us - begun_us).collect();
    assert_eq!(since, [0, 0, 499_800, 599_800, 1_399_800, 1_499_800], "{second:?}");
    let first = merged.events.iter().filter(|event| event.incarnation.get() == 1);
    assert!(first.map(|event| event.at_us).max() <= Some(begun_us));
    for node in [1, 2] {
        let set_back = format!("the clock of node {node} was set back by ");
        let told = merged.notes.iter().any(|note| {
            note.starts_with(&set_back) && note.ends_with(" between its lives 1 and 2")
        });
        assert!(told, "{:?}", merged.notes);
    }
}

#[test]
fn runs_of_two_profiles_in_the_same_files_are_told_apart() {
    let of = |profile: Profile, begins_us: i64| {
        let mut scenario = busy(Algorithm::Mutex, 7);
        scenario.config.profile = profile;
        taken_apart(&finished(scenario), &|_| begins_us, &|_| true)
    };
    let classic = of(Profile::Classic, 0);
    // Some minutes later, in the other profile.
    let hardened = of(Profile::Hardened, 600_000_000);
    let both: Files = classic
        .iter()
        .map(|(name, text)| {
            let later = hardened.iter().find(|(other, _)| other == name);
            (name.clone(), format!("{text}{}", later.map_or("", |(_, text)| text)))
        })
        .collect();
    let merged = joined(&both);
    assert!(contents(&merged.events) == contents(&joined(&hardened).events), "other events");
    assert_eq!(merged.header.profile, "hardened");
    let told = "run 1 of 2 (4 nodes, classic, mutex) is left out";
    assert!(merged.notes.iter().any(|note| note.starts_with(told)), "{:?}", merged.notes);

    let mut reader = Reader::default();
    for (name, text) in &both {
        reader.read(name, text.as_bytes()).expect("it is a trace");
    }
    let (parts, _) = reader.finished();
    let first = merge(parts.clone(), Some(1)).expect("there is a first run");
    assert_eq!(first.header.profile, "classic");
    assert_eq!(first.events.len(), joined(&classic).events.len());
    let refused = merge(parts, Some(3)).expect_err("there is no third run").to_string();
    assert!(refused.ends_with("there is no run 3; expected 1 to 2"), "{refused}");
}

/// The files of a run, of which all headers of nodes name these births.
fn born(files: Files, birth: impl Fn(&str) -> Option<u64>) -> Files {
    let header = |name: &str, line: &str| match birth(name) {
        Some(birth) if line.starts_with("{\"antes_trace\"") => {
            let mut header = Header::read(line).expect("it is one");
            header.birth = Some(birth);
            header.to_json()
        }
        Some(_) | None => line.to_owned(),
    };
    let named = files.into_iter().map(|(name, text)| {
        let lines = text.lines().map(|line| header(&name, line) + "\n").collect();
        (name, lines)
    });
    named.collect()
}

#[test]
fn a_cluster_that_begins_anew_in_the_same_files_is_told_from_the_one_before() {
    let of = |seed: u64, begins_us: i64, birth: u64| {
        let mut scenario = busy(Algorithm::Mutex, seed);
        scenario.config.profile = Profile::Hardened;
        let files = taken_apart(&finished(scenario), &|_| begins_us, &|_| true);
        born(files, |name| (name != "node-0.jsonl").then_some(birth))
    };
    let (before, after) = (of(7, 0, 1), of(8, 600_000_000, 2));
    let texts = |name: &str, files: &Files| {
        files.iter().filter(|(other, _)| other == name).map(|(_, text)| text.clone()).collect()
    };
    let both: Files = before
        .iter()
        .map(|(name, text)| {
            let later: String = texts(name, &after);
            (name.clone(), format!("{text}{later}"))
        })
        .collect();
    let merged = joined(&both);
    assert!(contents(&merged.events) == contents(&joined(&after).events), "other events");
    for node in 1..=4 {
        let told = format!(
            "node {node} begins with another memory and counts its lives from 1 again: what it did \
             with the memory before is left out"
        );
        assert!(merged.notes.contains(&told), "{:?}", merged.notes);
    }
}

#[test]
fn a_process_that_was_refused_for_its_memory_spoils_nothing() {
    let mut scenario = busy(Algorithm::Mutex, 7);
    scenario.config.profile = Profile::Hardened;
    let files = taken_apart(&finished(scenario), &|_| 0, &|_| true);
    let mut files = born(files, |name| (name != "node-0.jsonl").then_some(1));
    let alone = joined(&files);
    // It has asked to be known, in vain.
    let size = ClusterSize::new(4).expect("four");
    let header = Header::cluster(size, Profile::Hardened, Algorithm::Mutex);
    let header = Header { birth: Some(2), ..header.written_by(node(2), BEGUN_US + 1_000_000) };
    let asks = r#"{"seq":0,"at_us":0,"node":2,"inc":1,"kind":"timeout","lamport":0,"vector":[0,0,0,0],"timer":"birth"}"#;
    files.push(("second.jsonl".into(), format!("{}\n{asks}\n", header.to_json())));
    let merged = joined(&files);
    assert!(contents(&merged.events) == contents(&alone.events), "other events");
    let told = "node 2 begins with another memory and counts its lives from 1 again: it has taken no \
                part with that, which is left out";
    assert!(merged.notes.iter().any(|note| note == told), "{:?}", merged.notes);
}

#[test]
fn a_node_whose_disk_was_replaced_is_one_process_after_the_other() {
    let mut scenario = busy(Algorithm::Mutex, 7);
    scenario.config.profile = Profile::Hardened;
    scenario.network = quiet(Algorithm::Mutex, 4, Vec::new()).network;
    scenario.steps = vec![at(3_000, Action::Crash(node(4))), at(9_000, Action::Restart(node(4)))];
    let run = finished(scenario);
    let alike = |event: &TraceEvent| !matches!(event.happening, Happening::Restart { .. });
    let mut files = taken_apart(&run, &|_| 0, &alike);
    // The second life of node 4 has a header of its own.
    let (_, text) = &mut files[4];
    let place = text.rfind("{\"antes_trace\"").expect("two headers");
    let header = text[place..].lines().next().expect("a line").to_owned();
    let mut reborn = Header::read(&header).expect("it is one");
    reborn.birth = Some(2);
    let first = Header {
        birth: Some(1),
        ..Header::read(text.lines().next().expect("a line")).expect("one")
    };
    let rest = text[place + header.len()..].to_owned();
    let begun = text[..place].lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
    *text = format!("{}\n{begun}{}{rest}", first.to_json(), reborn.to_json());
    let merged = joined(&files);
    let told = "node 4 begins with another memory in life 2: its disk was replaced";
    assert!(merged.notes.iter().any(|note| note == told), "{:?}", merged.notes);
    let lost = merged.events.iter().any(|event| {
        event.node == Some(node(4))
            && matches!(event.happening, Happening::Restart { storage: Storage::Lost })
    });
    assert!(lost, "its second life begins without what was stored");
    assert_eq!(violations(&merged.events), Vec::<&Violation>::new());
}

#[test]
fn a_profile_that_comes_back_is_another_run_however_wrong_the_clocks_are() {
    let of = |profile: Profile, seed: u64, begins_us: i64| {
        let mut scenario = busy(Algorithm::Mutex, seed);
        scenario.config.profile = profile;
        // Node 2 is hours ahead.
        let skew = |writer| begins_us + i64::from(writer == 2) * 10_000_000_000;
        taken_apart(&finished(scenario), &skew, &|_| true)
    };
    let periods = [
        of(Profile::Hardened, 7, 0),
        of(Profile::Classic, 7, 600_000_000),
        of(Profile::Hardened, 8, 1_200_000_000),
    ];
    let mut reader = Reader::default();
    for (place, (name, _)) in periods[0].iter().enumerate() {
        // The first process has lost its oldest lines.
        let kept = &periods[usize::from(place == 0)..];
        let texts = kept.iter().flatten().filter(|(other, _)| other == name);
        let text: String = texts.map(|(_, text)| text.as_str()).collect();
        reader.read(name, text.as_bytes()).expect("it is a trace");
    }
    let (parts, _) = reader.finished();
    for (which, period) in [(None, 2), (Some(3), 2), (Some(2), 1)] {
        let merged = merge(parts.clone(), which).expect("there is such a run");
        assert!(
            contents(&merged.events) == contents(&joined(&periods[period]).events),
            "{which:?}"
        );
    }
    let notes = merge(parts, None).expect("there is a latest run").notes;
    for told in ["run 1 of 3 (4 nodes, hardened, mutex)", "run 2 of 3 (4 nodes, classic, mutex)"] {
        assert!(notes.iter().any(|note| note.starts_with(told)), "{notes:?}");
    }
}

#[test]
fn without_the_line_of_the_resource_the_order_of_arrival_is_not_judged() {
    let header = |of: u8| {
        let size = ClusterSize::new(2).expect("two");
        let header = match of {
            0 => Header::written_by_resource(Profile::Hardened, 0),
            of => {
                Header::cluster(size, Profile::Hardened, Algorithm::Mutex).written_by(node(of), 0)
            }
        };
        header.to_json()
    };
    let write = |of: u8, at_us: u64, counts: u8| {
        let own = |place: u8| u8::from(place == of).to_string();
        let vector: Vec<String> = (1..=counts).map(own).collect();
        format!(
            "{{\"seq\":{at_us},\"at_us\":{at_us},\"node\":{of},\"inc\":1,\"kind\":\"write\",\
             \"lamport\":1,\"vector\":[{}],\"message\":{{\"id\":\"{of}:1\",\"from\":{of},\"to\":0,\
             \"type\":\"WRITE\",\"request\":\"{of}:1\",\"phase\":\"entry\",\"token\":[1,{of}]}},\
             \"accepted\":true,\"overlaps\":[]}}\n",
            vector.join(",")
        )
    };
    // Node 1 wrote first, and got its answer last.
    let nodes = [(1, 9_000), (2, 5_000)].map(|(of, at_us)| {
        (format!("{of}.jsonl"), format!("{}\n{}", header(of), write(of, at_us, 2)))
    });
    let resource = |first: u8, second: u8| {
        let lines = [write(first, 1_000, 8), write(second, 2_000, 8)].concat();
        ("0.jsonl".to_owned(), format!("{}\n{lines}", header(0)))
    };
    let order_told = |merged: &Merged| {
        let told = "no line of the resource tells of 2 writes";
        merged.notes.iter().all(|note| !note.starts_with(told))
    };
    let alone = joined(&nodes.to_vec());
    assert_eq!((violations(&alone.events), order_told(&alone)), (Vec::new(), false));
    let mut again = format!("{}\n", alone.header.to_json());
    for event in &alone.events {
        again += &format!("{}\n", jsonl::line(event, alone.header.size()));
    }
    let again = joined(&vec![("merged.jsonl".into(), again)]);
    assert_eq!(violations(&again.events), Vec::<&Violation>::new());
    let right = joined(&[&nodes[..], &[resource(1, 2)]].concat());
    assert_eq!((violations(&right.events), order_told(&right)), (Vec::new(), true));
    let wrong = joined(&[&nodes[..], &[resource(2, 1)]].concat());
    let found: Vec<_> = violations(&wrong.events).iter().map(|found| found.invariant).collect();
    assert_eq!(found, [Invariant::TokenOrder]);
}

#[test]
fn a_forged_line_is_found_in_the_whole_run() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    // The resource accepts a write with a token older than the one before.
    let (_, text) = &mut files[0];
    let place = text.rfind("\"token\":[").expect("a write") + "\"token\":[".len();
    let end = place + text[place..].find(']').expect("its end");
    text.replace_range(place..end, "1,1");
    let merged = joined(&files);
    let found: Vec<_> = violations(&merged.events).iter().map(|found| found.invariant).collect();
    assert_eq!(found, [Invariant::TokenOrder]);
}

#[test]
fn a_whole_run_is_judged_again() {
    let run = killed(Profile::Classic);
    let text = jsonl::write(run.scenario(), run.trace());
    let merged = joined(&vec![("run.jsonl".into(), text)]);
    assert_eq!(merged.events, run.trace());
    let mut merged = joined(&taken_apart(&run, &|_| 0, &EVERYTHING));
    let mut text = format!("{}\n", merged.header.to_json());
    for event in &merged.events {
        text.push_str(&format!("{}\n", jsonl::line(event, merged.header.size())));
    }
    let again = joined(&vec![("merged.jsonl".into(), text)]);
    merged.header.duration_us = again.header.duration_us;
    assert_eq!((again.header, again.events), (merged.header, merged.events));
}

/// In the classic profile, so that there are violations to report.
#[test]
fn a_line_that_cannot_be_read_is_left_out_and_nothing_is_claimed_of_its_node() {
    let mut scenario = busy(Algorithm::Mutex, 3);
    scenario.config.profile = Profile::Classic;
    let files = taken_apart(&finished(scenario), &|_| 0, &EVERYTHING);
    let whole = joined(&files);
    assert!(violations(&whole.events).iter().any(|found| found.nodes.contains(&node(1))));
    let cases: [(&str, &str, &str); 4] = [
        (
            "\"node\":1,\"inc\":1,\"kind\":\"send\"",
            "\"node\":3,\"inc\":1,\"kind\":\"send\"",
            "this is not of node 1",
        ),
        ("\"kind\":\"send\"", "\"kind\":\"sent\"", "is no kind of event"),
        ("\"kind\":\"send\"", "\"kind\":\"send", "the line is torn"),
        ("\"kind\":\"send\"", "\"kind\":\"send\",\"vector\":[1]", "duplicate field"),
    ];
    for (good, bad, problem) in cases {
        let mut files = files.clone();
        files[1].1 = files[1].1.replacen(good, bad, 1);
        let merged = joined(&files);
        let told = |note: &String| {
            note.starts_with("node-1.jsonl:")
                && note.contains("left out: ")
                && note.contains(problem)
        };
        assert!(merged.notes.iter().any(told), "{problem}: {:?}", merged.notes);
        let claimed = violations(&merged.events);
        assert!(claimed.iter().all(|found| !found.nodes.contains(&node(1))), "{claimed:?}");
        // All lines of the other nodes are present.
        let of_others = |merged: &Merged| {
            let others =
                merged.events.iter().filter(|event| event.node.is_some_and(|of| of != node(1)));
            contents(others.filter(|event| !matches!(event.happening, Happening::Lost { .. })))
                .len()
        };
        assert_eq!(of_others(&merged), of_others(&whole), "{problem}");
    }
}

#[test]
fn what_cannot_be_joined_is_refused_with_its_line() {
    let files = taken_apart(&killed(Profile::Hardened), &|_| 0, &EVERYTHING);
    let refused = |change: Change<'_>| {
        let mut files = files.clone();
        change(&mut files);
        read(&files).err().unwrap_or_else(|| "nothing is refused".into())
    };
    let cases: [(Change<'_>, &str); 5] = [
        (
            &|files| files.push(files[1].clone()),
            "node-1.jsonl:1: this is life 1 of node 1, which node-1.jsonl:1 is too; expected each \
             life once",
        ),
        (
            &|files| files[3].1 = files[3].1.replace("\"nodes\":4", "\"nodes\":5"),
            "node-3.jsonl:1: this is of 5 nodes, hardened, mutex, but node-1.jsonl is of 4 nodes",
        ),
        (
            &|files| files[2].1 = files[2].1.replacen("hardened", "classic", 1),
            "node-2.jsonl:1: this is of 4 nodes, classic, mutex, but node-1.jsonl is of 4 nodes, \
             hardened, mutex; expected the files of one run",
        ),
        (
            &|files| files[1].1 = files[1].1.split_once('\n').expect("lines").1.to_owned(),
            "node-1.jsonl:1: the file does not begin with a header; expected {\"antes_trace\":1,...}",
        ),
        (
            &|files| files.truncate(1),
            "node-0.jsonl:1: this is the resource's; expected the trace of at least one node",
        ),
    ];
    for (change, expected) in cases {
        let said = refused(change);
        assert!(said.contains(expected), "{said}\nis not\n{expected}");
    }
}

#[test]
fn a_file_that_is_no_trace_is_named_as_what_it_is() {
    let run = killed(Profile::Hardened);
    let utf_16: Vec<u8> = "{\"antes_trace\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let pretty = "{\n  \"antes_trace\": 1,\n  \"source\": \"sim\"\n}\n";
    let cases: [(&[u8], &str); 13] = [
        (&utf_16, "encoded in UTF-16; expected UTF-8"),
        (b"\xFE\xFF\0{", "encoded in UTF-16; expected UTF-8"),
        (shiviz::write(run.trace()).leak().as_bytes(), "this is a log for ShiViz"),
        (
            mermaid::write(&Header::of(run.scenario()), run.trace()).leak().as_bytes(),
            "a Mermaid diagram",
        ),
        (text::header(run.scenario()).leak().as_bytes(), "a run told in plain text"),
        (scenario::write(run.scenario()).leak().as_bytes(), "this is a scenario"),
        (b"# A comment.\n\n[[step]]\nat = \"1s\"\n", "antes run SCENARIO --format jsonl"),
        (b"{\"processes\": [\"P\"],\n\"events\": []}", "this is a figure"),
        (b"{\"messages\":{},\"leaders\":{},\"entries\":[]}", "this is a summary"),
        (pretty.as_bytes(), "not a line for each event; expected JSON Lines"),
        (b"[{\"antes_trace\":1},{}]", "not a line for each event; expected JSON Lines"),
        (b"\x1F\x8B\x08\0\0\0", "the file is compressed"),
        (b"\x89PNG\r\n\x1A\n\0\0", "this is no trace; expected JSON Lines"),
    ];
    for (bytes, expected) in cases {
        let error = Reader::default().read("run", bytes).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("run:1: ") && error.contains(expected), "{error}: {expected}");
    }
}

#[test]
fn a_trace_may_begin_with_a_byte_order_mark_and_its_header_with_blanks() {
    let run = killed(Profile::Hardened);
    let header = Header::of(run.scenario()).to_json();
    let lines = run.trace().iter().map(|event| jsonl::line(event, run.scenario().config.size));
    let lines = lines.collect::<Vec<_>>().join("\n");
    let whole = |header: &str| joined(&vec![("run".into(), format!("{header}\n{lines}\n"))]).events;
    let expected = whole(&header);
    assert_eq!(whole(&format!("\u{FEFF}{header}")), expected);
    assert_eq!(whole(&header.replacen('{', "{ ", 1).replace(',', ", ")), expected);
}

#[test]
fn lines_that_are_missing_in_the_middle_are_told() {
    let run = killed(Profile::Hardened);
    let mut files = taken_apart(&run, &|_| 0, &EVERYTHING);
    let lines: Vec<&str> = files[1].1.lines().collect();
    let gap: Vec<&str> = [&lines[..20], &lines[40..]].concat();
    files[1].1 = format!("{}\n", gap.join("\n"));
    let merged = joined(&files);
    let told = "node-1.jsonl:21: lines before this one are missing: node 1 goes from its event";
    assert!(merged.notes.iter().any(|note| note.starts_with(told)), "{:?}", merged.notes);
}

#[test]
fn traces_that_contradict_each_other_are_refused() {
    let vector = |node: u8, counts: &str, id: &str, kind: &str| {
        let other = 3 - node;
        let (from, to) = if kind == "send" { (node, other) } else { (other, node) };
        let sent = if kind == "send" { "" } else { ",\"sent\":2,\"before\":0" };
        format!(
            "{{\"seq\":{},\"at_us\":1,\"node\":{node},\"inc\":1,\"kind\":\"{kind}\",\
             \"lamport\":{},\"vector\":{counts},\"message\":{{\"id\":\"{id}\",\"from\":{from},\
             \"to\":{to},\"type\":\"MESSAGE\"}}{sent}}}\n",
            u8::from(kind == "send"),
            if kind == "send" { 2 } else { 3 },
        )
    };
    let file = |node: u8, counts: [&str; 2]| {
        let size = ClusterSize::new(2).expect("two");
        let header = Header::cluster(size, Profile::Classic, Algorithm::Clock)
            .written_by(common::node(node), 0);
        let received = vector(node, counts[0], &format!("{}:1", 3 - node), "receive");
        let sent = vector(node, counts[1], &format!("{node}:1"), "send");
        (format!("{node}.jsonl"), format!("{}\n{received}{sent}", header.to_json()))
    };
    // Each node receives the other's message before it sends its own.
    let files = vec![file(1, ["[1,0]", "[2,0]"]), file(2, ["[0,1]", "[0,2]"])];
    let said = read(&files).expect_err("a circle is refused");
    let expected =
        "1.jsonl:2: this event comes after that of 2.jsonl:2, which comes after this one";
    assert!(said.starts_with(expected), "{said}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Any bytes give a run, or an error with a line number.
    #[test]
    fn no_bytes_make_it_panic(
        changes in vec((any::<Index>(), any::<Index>(), vec(any::<u8>(), 0..4)), 1..6),
        numbers in vec((any::<Index>(), any::<Index>(), any::<u64>()), 0..6),
    ) {
        static FILES: LazyLock<Files> = LazyLock::new(|| {
            let mut scenario = busy(Algorithm::Mutex, 3);
            scenario.duration = ms(4_000);
            taken_apart(&finished(scenario), &|_| 0, &EVERYTHING)
        });
        let mut files: Vec<Vec<u8>> =
            FILES.iter().map(|(_, text)| text.as_bytes().to_vec()).collect();
        for (file, place, number) in &numbers {
            let file = file.get_mut(&mut files);
            let digits: Vec<usize> =
                (0..file.len()).filter(|&place| file[place].is_ascii_digit()).collect();
            let place = *place.get(&digits);
            file.splice(place..=place, number.to_string().into_bytes());
        }
        for (file, place, bytes) in &changes {
            let file = file.get_mut(&mut files);
            let place = place.index(file.len());
            let end = (place + bytes.len() / 2).min(file.len());
            file.splice(place..end, bytes.iter().copied());
        }
        for some in [&files[..], &files[1..2], &files[..3]] {
            let mut reader = Reader::default();
            let read = some.iter().try_for_each(|bytes| reader.read("fuzzed", bytes));
            let (parts, _) = reader.finished();
            if let (Ok(()), false) = (read, parts.is_empty()) {
                let total: usize = parts.iter().map(|part| part.events.len()).sum();
                match merge(parts, None) {
                    Ok(merged) => prop_assert!(total == 0 || !merged.events.is_empty()),
                    Err(error) => prop_assert!(!error.problem.is_empty() && error.line > 0),
                }
            }
        }
    }
}
