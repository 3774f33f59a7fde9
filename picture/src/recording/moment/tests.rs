use std::collections::BTreeSet;
use std::time::Duration;

use antes_core::{Command, Profile};
use antes_sim::export::{Header, jsonl};
use antes_sim::library::LIBRARY;
use antes_sim::merge::{Reader, merge};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action, Scenario, Step};
use antes_sim::trace::MessageId;

use super::*;
use crate::recording::scene::part;
use crate::ring::scene::{Part, Scene};

/// The trace of a finished run, written as a file and read again.
fn recorded(run: &Run) -> Tape {
    let header = Header::of(run.scenario());
    let mut text = header.to_json();
    for event in run.trace() {
        text.push('\n');
        text.push_str(&jsonl::line(event, header.size()));
    }
    let mut reader = Reader::default();
    reader.read("run.jsonl", text.as_bytes()).unwrap();
    let merged = merge(reader.finished().0, None).unwrap();
    Tape::new(merged.header, merged.events, Vec::new()).unwrap()
}

/// Every scenario of the library, in both profiles, and some with a node that stops in order.
fn library() -> Vec<(String, Scenario)> {
    let scenarios = LIBRARY.iter().map(|(_, text)| scenario::read(text).unwrap());
    let both = scenarios.flat_map(|scenario| {
        [Profile::Classic, Profile::Hardened].map(|profile| {
            let name = format!("{} ({profile:?})", scenario.title.en);
            (name, scenario.clone().in_profile(profile))
        })
    });
    let mut all: Vec<_> = both.collect();
    let stopping = all.iter().map(|(name, scenario)| {
        let node = NodeId::new(scenario.config.size.get()).unwrap();
        let leave = Action::Command { node, command: Command::Leave };
        let mut scenario = scenario.clone();
        scenario.steps.extend([
            Step::new(Duration::from_millis(2_000), 0, leave),
            Step::new(Duration::from_millis(3_500), 0, Action::Restart(node)),
        ]);
        scenario.steps.sort_by_key(|step| step.at);
        (format!("{name}, node {node} stops in order"), scenario)
    });
    // Two kinds of scenarios are enough for this.
    let stopping: Vec<_> = stopping.step_by(17).collect();
    all.extend(stopping);
    all
}

/// Plays each run of the library together with its recording, and compares the two after each
/// event.
fn compared(compare: impl Fn(&str, &Run, &Tape, &Moment)) {
    for (name, scenario) in library() {
        let mut run = Run::new(scenario.clone());
        run.finish();
        let tape = recorded(&run);
        assert_eq!(tape.events(), run.trace(), "{name}");
        let mut moment = Moment::new(&tape);
        let mut run = Run::new(scenario);
        loop {
            while moment.done() < run.trace().len() {
                moment.take(&tape);
            }
            let place = format!("{name}, {} lines", moment.done());
            compare(&place, &run, &tape, &moment);
            if !run.step() {
                break;
            }
        }
    }
}

#[test]
fn a_recording_tells_of_every_node_what_the_world_knows() {
    compared(|place, run, tape, moment| {
        let scene = Scene::new(run, &crate::outlook::Outlook::default());
        for node in &scene.nodes {
            let seat = moment.seat(node.id);
            let told = (seat.status, seat.leader, seat.stamp.lamport().0, seat.lock(), seat.token);
            let known = (node.status, node.leader, node.clock, node.lock, node.token);
            assert_eq!((told, seat.life.get()), (known, node.life), "{place}, node {}", node.id);
            assert_eq!(seat.missing, node.missing, "{place}, node {}", node.id);
            let leads = part(node.id, seat, tape.setting()) == Part::Leader;
            assert_eq!(leads, node.part == Part::Leader, "{place}, node {}", node.id);
        }
    });
}

#[test]
fn a_recording_of_the_classic_profile_tells_who_holds_an_election() {
    compared(|place, run, tape, moment| {
        if tape.setting().profile != Profile::Classic {
            return;
        }
        let scene = Scene::new(run, &crate::outlook::Outlook::default());
        for node in &scene.nodes {
            let told = part(node.id, moment.seat(node.id), tape.setting());
            assert_eq!(told, node.part, "{place}, node {}", node.id);
        }
    });
}

#[test]
fn a_recording_tells_which_messages_are_on_their_way() {
    compared(|place, run, tape, moment| {
        // Messages that wait at a paused node have not been received yet.
        let waits: usize =
            run.world().size().nodes().map(|id| run.world().node(id).inbox_len()).sum();
        let flying: BTreeSet<MessageId> = run.world().flights().map(|it| it.message.id).collect();
        let told = moment.flying().iter().chain(tape.unended_since(0, moment.done()));
        let told: BTreeSet<MessageId> = told.map(|&way| tape.way(way).message.id).collect();
        assert!(flying.is_subset(&told), "{place}: {flying:?} are not all among {told:?}");
        assert_eq!(told.len(), flying.len() + waits, "{place}: {told:?}, {flying:?}");
    });
}

#[test]
fn a_recording_tells_what_the_resource_took_and_which_links_are_cut() {
    compared(|place, run, _, moment| {
        let (resource, known) = (moment.resource(), run.world().resource());
        assert_eq!(resource.last_accepted(), known.last_accepted(), "{place}");
        assert_eq!(resource.highest_token(), known.highest_token(), "{place}");
        assert!(resource.open().eq(known.open()), "{place}");
        for from in run.world().size().nodes() {
            for to in run.world().size().others(from) {
                let cut = moment.seat(from).cuts.contains(to);
                assert_eq!(cut, run.world().is_cut(from, to), "{place}: {from} to {to}");
            }
        }
    });
}
