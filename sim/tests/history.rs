//! Figures and logs for ShiViz become traces.

use antes_core::{Causality, LamportTime};
use antes_sim::export::shiviz;
use antes_sim::figure;
use antes_sim::history::{History, Note, Record, of_figure, of_records};
use antes_sim::library;
use antes_sim::run::Run;
use antes_sim::scenario;
use antes_sim::trace::Happening;

const FIGURE: &str = r#"{"title": "Two messages from one event", "processes": ["P", "Q", "R"], "events": [
    {"id": "q1", "proc": "Q", "kind": "recv", "msg": "a"},
    {"id": "p1", "proc": "P", "kind": "send", "msgs": ["a", "b", "lost"]},
    {"id": "q2", "proc": "Q", "kind": "local"},
    {"id": "r1", "proc": "R", "kind": "recv", "msg": "b"}]}"#;

#[test]
fn a_figure_has_the_stamps_of_antes_stamp_and_its_messages_go_forward() {
    let figure = figure::read(FIGURE).unwrap();
    let stamped = figure::stamp(&figure);
    let history = of_figure(&figure).unwrap();
    assert_eq!(history.names, ["P", "Q", "R"]);
    assert_eq!(history.header.title, "Two messages from one event");
    for (event, text) in history.events.iter().zip(&history.texts) {
        let id = text.split(':').next().unwrap();
        let place = figure.events.iter().position(|event| event.id == id).unwrap();
        assert_eq!(event.stamp.lamport(), stamped.lamport[place], "{id}");
        let counts: Vec<u32> = event.stamp.vector().counts()[..3]
            .iter()
            .map(|&count| u32::try_from(count).unwrap())
            .collect();
        assert_eq!(counts, stamped.vector[place], "{id}");
    }
    let ids: Vec<_> = history.texts.iter().map(|text| &text[..2]).collect();
    // The event that sends two messages has a line for each.
    assert_eq!(ids, ["p1", "p1", "q1", "r1", "q2"]);
    let lost = Note::NeverReceived { message: "lost".into(), sent_by: "p1".into() };
    assert_eq!(history.notes, [lost]);
    check_messages(&history);
}

#[test]
fn a_clock_that_starts_ahead_stays_ahead() {
    let text = r#"{"processes": ["P", "Q"], "start": {"P": 10}, "events": [
        {"id": "p", "proc": "P", "kind": "send", "msgs": ["a"]},
        {"id": "q", "proc": "Q", "kind": "recv", "msg": "a"}]}"#;
    let history = of_figure(&figure::read(text).unwrap()).unwrap();
    let stamps: Vec<_> = history.events.iter().map(|event| event.stamp.lamport()).collect();
    assert_eq!(stamps, [LamportTime(11), LamportTime(12)]);
}

#[test]
fn a_figure_of_more_processes_than_a_picture_has_lines_is_refused() {
    let of = |processes: usize| {
        let names: Vec<_> = (1..=processes).map(|number| format!("\"P{number}\"")).collect();
        let text = format!(r#"{{"processes": [{}], "events": []}}"#, names.join(","));
        of_figure(&figure::read(&text).unwrap())
    };
    assert_eq!(of(16).unwrap().names.len(), 16);
    let refused = of(17).unwrap_err();
    assert_eq!(refused, "there are 17 processes; expected 1 to 16 in a picture");
}

/// The parts that ShiViz's default regular expression finds.
fn records(log: &str) -> Vec<Record> {
    let lines: Vec<&str> = log.lines().collect();
    let clock = |at: usize| {
        lines.get(at)?.split_once(" {").map(|(host, clock)| (host, format!("{{{clock}")))
    };
    (0..lines.len())
        .filter_map(|at| {
            let (host, clock) = clock(at + 1)?;
            let line = u32::try_from(at + 1).unwrap();
            Some(Record { line, host: host.into(), clock, text: lines[at].into() })
        })
        .collect()
}

fn check_messages(history: &History) {
    for event in &history.events {
        let Happening::Receive { message, sent, before } = &event.happening else { continue };
        let is_send = |other: &&antes_sim::trace::TraceEvent| matches!(&other.happening, Happening::Send(sent) if sent.id == message.id);
        let send = history.events.iter().find(is_send).expect("it is sent");
        assert!(send.at_us < event.at_us);
        assert_eq!((send.stamp.lamport(), send.seq < event.seq), (*sent, true));
        assert_eq!(event.stamp.lamport().0, sent.0.max(before.0) + 1);
    }
}

#[test]
fn the_log_of_a_run_for_shiviz_has_the_same_causal_order_as_the_run() {
    for slug in ["leader-dies", "highest-comes-back", "lock-through-a-leader-crash", "random-calls"]
    {
        let mut run = Run::new(scenario::read(library::find(slug).unwrap()).unwrap());
        run.finish();
        let ticks: Vec<_> = run.trace().iter().filter(|event| event.ticks()).collect();
        let history = of_records(&records(&shiviz::write(run.trace()))).unwrap();
        assert!(history.events.len() >= ticks.len(), "{slug}");
        check_messages(&history);
        // The events with the same text at the same node are in the same order, and as many.
        for a in &ticks {
            let node = a.node.unwrap();
            let nth =
                ticks.iter().filter(|other| other.node == a.node && other.seq < a.seq).count();
            let mut stamps: Vec<_> = history
                .events
                .iter()
                .filter(|event| event.node == Some(node))
                .map(|it| it.stamp.vector())
                .collect();
            stamps.dedup();
            assert_eq!(stamps[nth].of(node), nth as u64 + 1, "{slug}");
            if slug == "random-calls" {
                // Nobody restarts, so the vector clocks are the same.
                assert_eq!(stamps[nth], a.stamp.vector(), "{slug}: {}", a.seq);
            }
        }
    }
}

#[test]
fn a_log_of_others_names_its_hosts_and_events_may_receive_and_send_at_once() {
    let log = "start\nclient {\"client\":1}\nstart\nserver {\"server\":1}\nask\nclient {\"client\":2}\n\
               answer\nserver {\"client\":2,\"server\":2}\nhear\nclient {\"client\":3,\"server\":2}\n";
    let history = of_records(&records(log)).unwrap();
    assert_eq!(history.names, ["client", "server"]);
    check_messages(&history);
    let kinds: Vec<_> = history.events.iter().map(|event| event.kind()).collect();
    assert_eq!(kinds, ["local", "local", "send", "receive", "send", "receive"]);
    let [start, other] = [&history.events[0], &history.events[1]];
    assert_eq!(start.stamp.vector().relation(&other.stamp.vector()), Causality::Concurrent);
    assert_eq!(history.texts[3], "answer");
}

#[test]
fn clocks_that_contradict_each_other_are_refused_with_their_line() {
    for (log, expected) in [
        ("a\nP {\"P\":0}\n", "1: the clock counts 0 events of \"P\"; expected"),
        (
            "a\nQ {\"Q\":1}\nb\nP {\"P\":1,\"Q\":1}\nc\nP {\"P\":3,\"Q\":1}\n",
            "5: the clock knows of event 2 of \"P\", which the log does not have",
        ),
        (
            "a\nP {\"P\":1}\nb\nP {\"P\":1}\n",
            "3: the clock counts 1 events of \"P\", as an earlier event does",
        ),
        (
            "a\nP {\"P\":1}\nb\nQ {\"P\":2,\"Q\":1}\n",
            "3: the clock knows of event 2 of \"P\", which the log does not",
        ),
        ("a\nP {P}\n", "1: \"{P}\" is no vector clock; expected counts"),
        (
            "a\nP {\"P\":1,\"Q\":1}\nb\nQ {\"P\":1,\"Q\":1}\n",
            "1: a message is received before it is sent",
        ),
    ] {
        let refused = of_records(&records(log)).unwrap_err();
        assert!(refused.contains(expected), "{refused}");
    }
    let many: String = (0..17).map(|host| format!("a\nH{host} {{\"H{host}\":1}}\n")).collect();
    assert!(of_records(&records(&many)).unwrap_err().starts_with("1: there are 17 processes"));
    assert!(of_records(&[]).unwrap_err().starts_with("1: there are 0 processes"));
}
