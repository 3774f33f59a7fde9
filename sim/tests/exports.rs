//! Exports for other tools, and the summary.

mod common;

use std::collections::BTreeMap;

use antes_core::Algorithm;
use antes_sim::export::{
    Header, is_routine, jsonl, mermaid, perfetto, plantuml, read_jsonl, shiviz, text,
};
use antes_sim::library::{self, LIBRARY};
use antes_sim::run::Run;
use antes_sim::scenario::{self, Action};
use antes_sim::summary::Summary;
use antes_sim::trace::{Happening, TraceEvent};
use common::*;
use serde_json::{Value, json};

fn played(slug: &str) -> Run {
    let text = library::find(slug).unwrap_or_else(|| panic!("there is no {slug}"));
    finished(scenario::read(text).unwrap_or_else(|error| panic!("{slug}: {error}")))
}

fn summary(run: &Run) -> Summary {
    Summary::new(run.scenario().config.size, run.trace())
}

fn json_lines(run: &Run) -> Vec<Value> {
    let text = jsonl::write(run.scenario(), run.trace());
    text.lines().map(|line| serde_json::from_str(line).expect("every line is JSON")).collect()
}

#[test]
fn a_trace_begins_with_a_header() {
    let header = json_lines(&played("leader-dies")).remove(0);
    let expected = json!({
        "antes_trace": 1, "source": "sim", "nodes": 4, "seed": 7, "profile": "classic",
        "algorithm": "leader", "duration_us": 8_000_000, "title": "Bully election: the leader dies",
    });
    assert_eq!(header, expected);
}

#[test]
fn every_line_has_its_place_its_stamps_and_its_kind() {
    let kinds = "local send receive lost duplicate timeout crash restart pause resume save leader \
                 request enter exit write cut heal violation election ignored";
    let kinds: Vec<&str> = kinds.split_whitespace().collect();
    for seed in 0..3 {
        let run = finished(busy(Algorithm::Mutex, seed));
        for (place, line) in json_lines(&run)[1..].iter().enumerate() {
            assert_eq!(line["seq"], place);
            assert!(line["at_us"].is_u64() && line["inc"].is_u64() && line["lamport"].is_u64());
            assert!((1..=4).contains(&line["node"].as_u64().unwrap_or(0)), "{line}");
            assert_eq!(line["vector"].as_array().map(Vec::len), Some(4), "{line}");
            assert!(kinds.contains(&line["kind"].as_str().unwrap_or("")), "{line}");
        }
    }
}

#[test]
fn lines_tell_what_their_kind_is_about() {
    let run = played("lock-through-a-leader-crash");
    let lines = json_lines(&run);
    let first = |kind: &str| {
        let mut of_kind = lines[1..].iter().filter(|line| line["kind"] == kind);
        of_kind.next().unwrap_or_else(|| panic!("no line is of the kind {kind}")).clone()
    };
    let request = lines.iter().find(|line| line["message"]["type"] == "REQUEST").expect("one asks");
    let expected = json!({"id": "1:1", "from": 1, "to": 4, "type": "REQUEST", "request": "1:1"});
    assert_eq!(request["message"], expected);
    assert_eq!(first("enter")["request"], "1:1");
    let write = first("write");
    assert_eq!((&write["message"]["to"], &write["accepted"]), (&json!(0), &json!(true)));
    assert_eq!((&write["message"]["phase"], &write["overlaps"]), (&json!("entry"), &json!([])));
    assert_eq!(first("lost")["reason"], "down");
    assert_eq!(first("leader")["leader"], 4);
    let election = first("election");
    assert_eq!((&election["election"], &election["cause"]), (&json!("1:1"), &json!("suspicion")));
    assert_eq!(first("receive")["sent"], 1);
    let violation = first("violation");
    assert_eq!(violation["invariant"], "one-holder");
    assert_eq!(violation["nodes"], json!([1, 2]));
}

#[test]
fn every_trace_of_the_library_reads_back() {
    for (slug, _) in LIBRARY {
        let run = played(slug);
        let (header, events) = read_jsonl(&jsonl::write(run.scenario(), run.trace()))
            .unwrap_or_else(|error| panic!("{slug}: {error}"));
        assert_eq!(header.title, run.scenario().title.en);
        assert_eq!(events, run.trace(), "{slug}");
    }
}

#[test]
fn a_wrong_trace_is_refused_with_its_line() {
    let header = r#"{"antes_trace":1,"source":"sim","nodes":2}"#;
    let good = r#"{"seq":0,"at_us":0,"node":1,"inc":1,"kind":"local","lamport":1,"vector":[1,0]}"#;
    let line = |from: &str, to: &str| format!("{header}\n{good}\n{}\n", good.replace(from, to));
    let cases = [
        (String::new(), "1: the file is empty; expected a trace"),
        ("{}".into(), "1: this is no header of a trace: missing field `antes_trace` at column 2"),
        (header.replace(":1,", ":2,"), "1: the trace is of version 2; expected 1"),
        (header.replace("2}", "17}"), "1: the trace has 17 nodes; expected 1 to 16"),
        (header.replace("2}", "0,\"node\":1}"), "1: the trace has 0 nodes; expected 1 to 16"),
        (
            header.replace("2}", "2,\"node\":3}"),
            "1: the trace is of node 3, but its cluster has 2 nodes; expected \"node\" from 1 to 2, \
             or 0 for the resource",
        ),
        (
            line("local", "locl"),
            "3: \"locl\" is no kind of event; expected one of local, send, receive, lost, \
             duplicate, timeout, crash, restart, pause, resume, save, election, leader, request, \
             withdraw, refused, enter, exit, write, cut, heal, ignored, violation",
        ),
        (line("[1,0]", "[1]"), "3: the vector has 1 counts; expected 2"),
        (line("\"inc\":1", "\"inc\":0"), "3: \"inc\" is 0; expected 1 or more"),
        (line("\"node\":1", "\"node\":17"), "3: 17 is not a node id: expected 1 to 16"),
        (line("local", "send"), "3: the line has no \"message\""),
        (line("}", ""), "3: EOF while parsing an object at column 77"),
    ];
    for (text, expected) in cases {
        let said = read_jsonl(&text).map_or_else(|error| error.to_string(), |_| "nothing".into());
        assert_eq!(said, expected, "{text}");
    }
}

#[test]
fn fields_that_a_later_version_adds_are_left_out() {
    let text = "{\"antes_trace\":1,\"source\":\"cluster\",\"nodes\":1,\"new\":1}\n\
                {\"seq\":0,\"at_us\":0,\"node\":1,\"inc\":2,\"kind\":\"crash\",\"lamport\":0,\
                \"vector\":[0],\"new\":[]}\n";
    let (_, events) = read_jsonl(text).unwrap();
    assert_eq!((events[0].kind(), events[0].incarnation.get()), ("crash", 2));
}

/// The events of a ShiViz log, parsed with its regular expression: event, host, clock.
fn shiviz_events(log: &str) -> Vec<(&str, &str, BTreeMap<String, u64>)> {
    let mut lines = log.lines();
    assert_eq!(lines.next(), Some(shiviz::REGEX));
    assert_eq!(lines.next(), Some(""), "there is one run in the log");
    let lines: Vec<&str> = lines.collect();
    let events = lines.chunks(2).map(|pair| {
        let (host, clock) = pair[1].split_once(' ').expect("a host and a clock");
        (pair[0], host, serde_json::from_str(clock).expect("a clock is JSON"))
    });
    events.collect()
}

#[test]
fn a_shiviz_log_has_each_tick_and_clocks_that_count_by_one() {
    for (slug, _) in LIBRARY {
        let run = played(slug);
        let log = shiviz::write(run.trace());
        let events = shiviz_events(&log);
        assert_eq!(events.len(), run.trace().iter().filter(|event| event.ticks()).count());
        let mut latest: BTreeMap<&str, BTreeMap<String, u64>> = BTreeMap::new();
        for (_, host, clock) in &events {
            let before = latest.entry(host).or_default();
            assert_eq!(clock[*host], before.get(*host).unwrap_or(&0) + 1, "{slug}");
            assert!(before.iter().all(|(other, count)| clock[other] >= *count), "{slug}");
            before.clone_from(clock);
        }
        // No clock counts more events than there are.
        let count = |host: &str| events.iter().filter(|event| event.1 == host).count() as u64;
        let known = latest.values().flatten();
        assert!(known.into_iter().all(|(host, known)| *known <= count(host)), "{slug}");
    }
}

#[test]
fn a_restarted_node_is_a_host_of_its_own_that_knows_its_earlier_life() {
    let log = shiviz::write(played("highest-comes-back").trace());
    let events = shiviz_events(&log);
    let (_, _, last) = events.iter().rfind(|(_, host, _)| *host == "N4").expect("it lived before");
    let (what, _, first) = events.iter().find(|(_, host, _)| *host == "N4#2").expect("it is back");
    assert!(what.starts_with("sends COORDINATOR"), "{what}");
    assert_eq!((first["N4#2"], first["N4"]), (1, last["N4"]));
}

#[test]
fn a_mermaid_diagram_has_every_arrow_but_signs_of_life() {
    for (slug, _) in LIBRARY {
        let run = played(slug);
        let diagram = mermaid::write(&Header::of(run.scenario()), run.trace());
        assert!(diagram.starts_with("sequenceDiagram\n"), "{slug}");
        let drawn = diagram.lines().filter(|line| {
            let line = line.trim_start();
            line.starts_with('N') && !line.starts_with("Note") && line.contains(": ")
        });
        let ends = |event: &&TraceEvent| {
            let ended = matches!(
                event.happening,
                Happening::Receive { .. } | Happening::Lost { .. } | Happening::Write { .. }
            );
            ended && !is_routine(event)
        };
        assert_eq!(drawn.count(), run.trace().iter().filter(ends).count(), "{slug}");
        let statements = diagram.lines().skip(1).map(str::trim_start);
        for statement in statements.filter(|statement| !statement.starts_with("%%")) {
            assert!(!statement.contains(';') || statement.contains("#35;"), "{statement}");
        }
    }
}

#[test]
fn an_id_that_contradicts_its_sender_is_refused() {
    let trace = |message: &str| {
        format!(
            "{{\"antes_trace\":1,\"source\":\"sim\",\"nodes\":2}}\n\
             {{\"seq\":0,\"at_us\":0,\"node\":1,\"inc\":1,\"kind\":\"send\",\"lamport\":1,\
             \"vector\":[1,0],\"message\":{{{message},\"to\":2,\"type\":\"MESSAGE\"}}}}\n"
        )
    };
    let said = |message: &str| read_jsonl(&trace(message)).map_err(|error| error.to_string());
    assert!(said("\"id\":\"1:1\",\"from\":1").is_ok() && said("\"id\":\"1:1\"").is_ok());
    assert_eq!(
        said("\"id\":\"1:1\",\"from\":2").unwrap_err(),
        "2: the message \"1:1\" is \"from\": 2, but its id begins with its sender; expected \"from\": \
         1, or an id such as \"2:1\""
    );
}

#[test]
fn a_trace_that_was_read_is_told_as_what_its_header_says() {
    let run = played("first-clock");
    let told = text::trace_header(&Header::of(run.scenario()));
    assert_eq!(told, text::header(run.scenario()));
    let config = run.scenario().config;
    let cluster = Header::cluster(config.size, config.setting());
    assert!(text::trace_header(&cluster).contains("a real cluster"));
}

#[test]
fn a_mermaid_diagram_tells_a_small_run_whole() {
    let run = finished(quiet(
        Algorithm::Clock,
        2,
        vec![
            at(0, send(1, 2)),
            at(1_000, Action::Crash(node(2))),
            at(1_000, send(1, 2)),
            at(29_990, send(1, 2)),
        ],
    ));
    let expected = "sequenceDiagram
  participant N1
  participant N2
  N1->>N2: MESSAGE (1 → 2)
  Note over N2: N2 CRASHES
  N1-xN2: MESSAGE (down)
  %% still in flight: N1->>N2: MESSAGE
";
    assert_eq!(mermaid::write(&Header::of(run.scenario()), run.trace()), expected);
}

#[test]
fn the_text_is_one_aligned_line_an_event() {
    let run = finished(quiet(Algorithm::Clock, 2, vec![at(0, send(1, 2))]));
    let size = run.scenario().config.size;
    let lines: Vec<String> = run.trace().iter().map(|event| text::line(event, size)).collect();
    let expected = [
        "     0.000     N1       1  [ 1  0]  sends MESSAGE 1:1 to N2",
        "     0.100     N2       2  [ 1  1]  receives MESSAGE 1:1 from N1: max(0, 1) + 1",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_summary_counts_what_was_sent_and_tells_who_leads_and_what_broke() {
    let summary: Value =
        serde_json::from_str(&summary(&played("lock-through-a-leader-crash")).to_json())
            .expect("it is JSON");
    let expected = json!({
        "messages": {
            "ELECTION": 6, "OK": 3, "COORDINATOR": 2, "REQUEST": 3, "GRANT": 2, "RELEASE": 1,
            "HEARTBEAT": 48, "CALL": 0, "REPLY": 0, "MESSAGE": 0, "WRITE": 3, "total": 65,
        },
        "leaders": {"1": 3, "2": 3, "3": 3},
        "entries": [
            {"node": 1, "request": "1:1", "at_us": 800_000},
            {"node": 2, "request": "2:1", "at_us": 3_400_000},
        ],
    });
    for (key, value) in expected.as_object().expect("it is one") {
        assert_eq!(&summary[key], value);
    }
    assert_eq!(summary["messages"]["total"], 6 + 3 + 2 + 3 + 2 + 1 + 48);
    let violation = &summary["violations"][0];
    assert_eq!(violation["invariant"], "one-holder");
    assert_eq!((&violation["at_us"], &violation["nodes"]), (&json!(3_400_000), &json!([1, 2])));
    assert!(violation["sentence"].is_string() && violation["seq"].is_u64());
}

#[test]
fn from_suspicion_to_coordinator_the_summary_knows_no_leader() {
    let text = library::find("leader-dies").expect("it is there");
    let mut run = Run::new(scenario::read(text).expect("it is right"));
    run.advance_to(3_000_000);
    assert_eq!(summary(&run).leaders.values().collect::<Vec<_>>(), [&None, &None, &None]);
}

#[test]
fn a_plantuml_diagram_tells_a_small_run_whole() {
    let run = finished(quiet(
        Algorithm::Clock,
        2,
        vec![
            at(0, send(1, 2)),
            at(1_000, Action::Crash(node(2))),
            at(1_000, send(1, 2)),
            at(29_990, send(1, 2)),
        ],
    ));
    let expected = "@startuml
participant N1
participant N2
N1 -> N2 : MESSAGE (1 → 2)
note over N2 : N2 CRASHES
N1 ->x N2 : MESSAGE (down)
' still in flight: N1 -> N2 : MESSAGE
@enduml
";
    assert_eq!(plantuml::write(&Header::of(run.scenario()), run.trace()), expected);
}

#[test]
fn both_sequence_diagrams_have_the_same_arrows_and_notes() {
    for (slug, _) in LIBRARY {
        let run = played(slug);
        let header = Header::of(run.scenario());
        let count =
            |diagram: &str, part: &str| diagram.lines().filter(|it| it.contains(part)).count();
        let mermaid = mermaid::write(&header, run.trace());
        let plantuml = plantuml::write(&header, run.trace());
        assert_eq!(count(&mermaid, "Note over"), count(&plantuml, "note over"), "{slug}");
        assert_eq!(mermaid.lines().count() + 1, plantuml.lines().count(), "{slug}");
    }
}

#[test]
fn a_title_full_of_markup_is_shown_as_it_is_by_plantuml() {
    let mut header = Header::of(played("first-clock").scenario());
    header.title = "a <b>\\n--c-- ~d\n@enduml".into();
    let diagram = plantuml::write(&header, &[]);
    let title = diagram.lines().nth(1).expect("a title");
    let tags = title.replace("<U+", "").replace('>', "");
    assert!(!tags.contains(['<', '\\', '-', '~', '@']), "{title}");
    assert_eq!(diagram.lines().filter(|line| line.starts_with("@enduml")).count(), 1);
}

/// The Perfetto objects of a run, by type.
fn perfetto_objects(slug: &str) -> Vec<Value> {
    let run = played(slug);
    let text = perfetto::write(&Header::of(run.scenario()), run.trace());
    let file: Value = serde_json::from_str(&text).expect("it is JSON");
    file["traceEvents"].as_array().expect("a list").clone()
}

/// A field in microseconds with three decimals, in nanoseconds.
fn nanos(object: &Value, field: &str) -> u64 {
    let micros = object[field].as_number().unwrap_or_else(|| panic!("{object} has {field}"));
    let micros = micros.to_string();
    let (whole, rest) = micros.split_once('.').unwrap_or((&micros, ""));
    whole.parse::<u64>().unwrap() * 1_000 + format!("{rest:0<3}").parse::<u64>().unwrap()
}

#[test]
fn slices_of_one_track_for_perfetto_never_overlap() {
    for (slug, _) in LIBRARY {
        let mut tracks: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
        for object in perfetto_objects(slug).iter().filter(|object| object["ph"] == "X") {
            let from = nanos(object, "ts");
            let track = tracks.entry(object["tid"].as_u64().unwrap()).or_default();
            track.push((from, from + nanos(object, "dur")));
        }
        for mut slices in tracks.into_values() {
            slices.sort_unstable();
            assert!(slices.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{slug}");
        }
    }
}

#[test]
fn each_message_that_arrives_is_an_arrow_between_two_slices_for_perfetto() {
    for (slug, _) in LIBRARY {
        let objects = perfetto_objects(slug);
        let of =
            |phase: &str| objects.iter().filter(|object| object["ph"] == phase).collect::<Vec<_>>();
        let places: Vec<_> =
            of("X").iter().map(|it| (it["tid"].clone(), it["ts"].clone())).collect();
        let is_bound = |end: &&Value| places.contains(&(end["tid"].clone(), end["ts"].clone()));
        let (begun, ended) = (of("s"), of("f"));
        assert!(begun.iter().all(is_bound) && ended.iter().all(is_bound), "{slug}");
        let numbers =
            |ends: &[&Value]| ends.iter().map(|end| end["id"].clone()).collect::<Vec<_>>();
        assert_eq!(numbers(&begun), numbers(&ended), "{slug}");
        let run = played(slug);
        let arrives = |event: &&TraceEvent| {
            matches!(
                event.happening,
                Happening::Receive { .. } | Happening::Write { heard: false, .. }
            )
        };
        assert_eq!(begun.len(), run.trace().iter().filter(arrives).count(), "{slug}");
    }
}

#[test]
fn each_span_for_perfetto_has_an_end() {
    for (slug, _) in LIBRARY {
        let objects = perfetto_objects(slug);
        let ids = |phase: &str| {
            let mut ids: Vec<_> = objects
                .iter()
                .filter(|object| object["ph"] == phase)
                .map(|object| (object["cat"].to_string(), object["id"].to_string()))
                .collect();
            ids.sort();
            ids
        };
        assert_eq!(ids("b"), ids("e"), "{slug}");
        assert!(ids("b").windows(2).all(|pair| pair[0] != pair[1]), "{slug}: an id serves twice");
    }
}
