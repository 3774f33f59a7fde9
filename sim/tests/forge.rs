//! Messages that no node sent.

mod common;

use std::time::Duration;

use antes_core::{Algorithm, NodeSet, Profile};
use antes_sim::export::{Header, jsonl, mermaid, read_jsonl, shiviz, text};
use antes_sim::judge::trace_checker::{Case, judge};
use antes_sim::run::Run;
use antes_sim::scenario::{self, About, Action, Forgery, Scenario, Tampering};
use antes_sim::summary::{Summary, TYPES};
use antes_sim::trace::Invariant;
use common::*;

fn forged(kind: &str, from: u8, to: u8) -> Box<Forgery> {
    Box::new(Forgery {
        kind: kind.into(),
        from: node(from),
        to: Some(node(to)).filter(|_| kind != "WRITE"),
        lamport: 1,
        latency: None,
        about: About::default(),
    })
}

/// Node 1 is in the critical section, node 2 waits, and a forged GRANT reaches node 2.
fn forged_grant() -> Scenario {
    quiet(
        Algorithm::Mutex,
        4,
        vec![
            at(0, request(1)),
            at(500, request(2)),
            at(1_000, Action::Forge(forged("GRANT", 4, 2))),
        ],
    )
}

#[test]
fn a_forged_grant_lets_a_second_node_in_and_the_judge_tells_it() {
    let run = finished(forged_grant());
    assert_eq!(broken(&run), [Invariant::OneHolder, Invariant::ExclusiveWrites]);
    let size = run.scenario().config.size;
    let lines: Vec<String> = run.trace().iter().map(|event| text::line(event, size)).collect();
    let told = |what: &str| lines.iter().filter(|line| line.contains(what)).cloned().collect();
    let forged: Vec<String> = told("0:1");
    assert_eq!(
        forged,
        [
            "     1.000     -        1  [ 0  0  0  0]  somebody forges GRANT 0:1 (request 2:1) from \
             N4 to N2",
            "     1.100     N2       2  [ 0  2  0  0]  receives GRANT 0:1 (request 2:1) from N4, \
             forged: max(1, 1) + 1",
        ]
    );
}

#[test]
fn a_forged_message_ticks_no_clock_and_is_counted_as_nobodys() {
    let mut forgery = forged("MESSAGE", 1, 2);
    forgery.lamport = 41;
    let run = finished(quiet(Algorithm::Clock, 2, vec![at(0, Action::Forge(forgery))]));
    assert_eq!(lines_of(&run, &["send"]), ["0 ms 0 send MESSAGE 0:1 -> 2"]);
    let receipt = &run.trace()[1];
    assert_eq!(receipt.stamp.lamport().0, 42);
    assert_eq!(receipt.stamp.vector().counts()[..2], [0, 1]);
    assert_eq!(run.world().node(node(1)).stamp().lamport.0, 0);
    let summary = Summary::new(run.scenario().config.size, run.trace());
    assert!(summary.messages.iter().all(|(_, count)| *count == 0));
}

#[test]
fn a_forged_message_flies_like_any_other_and_can_be_named() {
    let steps = vec![
        at(0, Action::Forge(forged("MESSAGE", 1, 2))),
        at(10, tamper("0:1", Tampering::Duplicate)),
        at(20, tamper("0:1", Tampering::Drop)),
        at(200, tamper("0:2", Tampering::Delay { by: ms(1_000) })),
        at(300, Action::Cut { from: node(1), to: node(2) }),
        at(400, Action::Forge(forged("MESSAGE", 1, 2))),
    ];
    let lines = lines_of(&finished(quiet(Algorithm::Clock, 2, steps)), &["lost", "receive"]);
    assert_eq!(
        lines,
        [
            "20 ms 0 lost MESSAGE 0:1 (dropped)",
            "110 ms 2 receive MESSAGE 0:1+1",
            "450 ms 0 lost MESSAGE 0:2 (link cut)"
        ]
    );
}

#[test]
fn fields_left_out_of_a_forged_message_have_the_simplest_value() {
    let mut forgery = forged("MESSAGE", 1, 2);
    forgery.latency = Some(Duration::ZERO);
    let run = finished(quiet(Algorithm::Clock, 2, vec![at(700, Action::Forge(forgery))]));
    assert_eq!(lines_of(&run, &["receive"]), ["700 ms 2 receive MESSAGE 0:1"]);
}

/// Judges the trace again after exporting and reading it.
fn survives_being_exported(run: &Run) {
    let Scenario { config, .. } = run.scenario();
    let text = jsonl::write(run.scenario(), run.trace());
    let (header, events) = read_jsonl(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(header, Header::of(run.scenario()));
    assert_eq!(events, run.trace());
    let case = Case {
        size: config.size,
        setting: config.setting(),
        source: header.source,
        headless: NodeSet::default(),
        patchy: NodeSet::default(),
    };
    assert_eq!(judge(case, events), run.trace());
    assert!(
        mermaid::write(&Header::of(run.scenario()), run.trace()).starts_with("sequenceDiagram")
    );
    assert!(shiviz::write(run.trace()).contains("\nstranger {\"stranger\":1}\n"));
    let written = scenario::write(run.scenario());
    assert_eq!(scenario::read(&written).as_ref(), Ok(run.scenario()), "{written}");
}

#[test]
fn every_type_can_be_forged_in_both_profiles_and_is_written_and_judged_alike() {
    for profile in [Profile::Classic, Profile::Hardened] {
        for kind in TYPES {
            let mut steps = vec![at(100, request(1)), at(400, request(2))];
            for (moment, (from, to)) in [(600, (4, 2)), (1_300, (2, 4)), (2_000, (3, 1))] {
                steps.push(at(moment, Action::Forge(forged(kind, from, to))));
            }
            let mut scenario = quiet(Algorithm::Mutex, 4, steps).in_profile(profile);
            scenario.config.election.detector = antes_core::Detector::Heartbeat;
            survives_being_exported(&finished(scenario));
        }
    }
}

#[test]
fn fields_that_a_type_does_not_have_are_refused() {
    for (step, said) in [
        (
            r#"{ kind = "GRANT", from = 4, to = 1, beat = 3 }"#,
            "a GRANT has no \"beat\"; expected \"kind\", \"from\", \"to\", \"lamport\", \"latency\", \
             \"request\", \"repetition\", \"token\" or \"term\"",
        ),
        (r#"{ kind = "GRNT", from = 4, to = 1 }"#, "did you mean \"GRANT\"?"),
        (r#"{ kind = "OK", from = 4 }"#, "\"forge\" has no \"to\""),
        (r#"{ kind = "OK", from = 4, to = 4 }"#, "goes from node 4 to itself"),
        (r#"{ kind = "WRITE", from = 4, to = 1 }"#, "a WRITE has no \"to\""),
        (r#"{ kind = "GRANT", from = 4, to = 1, request = "1" }"#, "such as \"1:2\""),
        (r#"{ kind = "GRANT", from = 4, to = 1, token = [1] }"#, "such as [2, 1]"),
    ] {
        let text = format!("[[step]]\nat = \"1s\"\nforge = {step}\n");
        let error = scenario::read(&text).unwrap_err().to_string();
        assert!(error.starts_with("3:") && error.contains(said), "{error}");
    }
}
