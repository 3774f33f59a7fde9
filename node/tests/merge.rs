//! `antes merge`, called as by a person or a script.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder for one test.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("merge").join(name);
    std::fs::create_dir_all(&path).expect("a folder");
    path
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("it is written");
    path.to_str().expect("a path").to_owned()
}

fn merge(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.arg("merge").args(arguments).output().expect("the command runs")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it prints text")
}

const HEADER: &str = r#"{"antes_trace":1,"source":"cluster","nodes":2,"profile":"classic","algorithm":"clock","node":NODE,"epoch_us":BEGUN}"#;

fn header(node: u8, begun_us: u64) -> String {
    HEADER.replace("NODE", &node.to_string()).replace("BEGUN", &begun_us.to_string())
}

/// The traces of two nodes that send each other a message. The second node's clock is an hour behind.
fn two_nodes(folder: &Path) -> [String; 2] {
    let first = format!(
        "{}\n{}\n{}\n",
        header(1, 7_200_000_000),
        r#"{"seq":0,"at_us":1000,"node":1,"inc":1,"kind":"send","lamport":1,"vector":[1,0],"message":{"id":"1:1","from":1,"to":2,"type":"MESSAGE"}}"#,
        r#"{"seq":1,"at_us":5000,"node":1,"inc":1,"kind":"receive","lamport":4,"vector":[2,2],"message":{"id":"2:1","from":2,"to":1,"type":"MESSAGE"},"sent":3,"before":1}"#,
    );
    let second = format!(
        "{}\n{}\n{}\n",
        header(2, 3_600_000_000),
        r#"{"seq":0,"at_us":2000,"node":2,"inc":1,"kind":"receive","lamport":2,"vector":[1,1],"message":{"id":"1:1","from":1,"to":2,"type":"MESSAGE"},"sent":1,"before":0}"#,
        r#"{"seq":1,"at_us":4000,"node":2,"inc":1,"kind":"send","lamport":3,"vector":[1,2],"message":{"id":"2:1","from":2,"to":1,"type":"MESSAGE"}}"#,
    );
    [written(folder, "node1.jsonl", &first), written(folder, "node2.jsonl", &second)]
}

#[test]
fn two_traces_become_one_run_though_a_clock_is_an_hour_behind() {
    let [first, second] = two_nodes(&folder("two"));
    let output = merge(&[&second, &first]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert!(lines[0].starts_with(r#"{"antes_trace":1,"source":"cluster","nodes":2,"#), "{lines:?}");
    let starts = [
        r#"{"seq":0,"at_us":0,"node":1,"inc":1,"kind":"send""#,
        r#"{"seq":1,"at_us":1000,"node":2,"inc":1,"kind":"receive""#,
        r#"{"seq":2,"at_us":3000,"node":2,"inc":1,"kind":"send""#,
        r#"{"seq":3,"at_us":4000,"node":1,"inc":1,"kind":"receive""#,
    ];
    for (line, start) in lines[1..].iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    let told = "the clock of node 2 is 3600000.000 ms behind that of node 1, give or take 1.000 ms: \
                it is set right\n";
    assert_eq!(text(&output.stderr), told);
}

#[test]
fn every_format_looks_like_itself_and_can_go_to_a_file() {
    let folder = folder("formats");
    let [first, second] = two_nodes(&folder);
    let starts = [
        ("jsonl", "{\"antes_trace\":1,"),
        ("text", "2 nodes, algorithm clock, profile classic, a real cluster, 0.004s\n"),
        ("summary", "{\"messages\":{"),
        ("mermaid", "sequenceDiagram\n"),
        ("plantuml", "@startuml\n"),
        ("shiviz", "(?<event>.*)"),
        ("perfetto", "{\"displayTimeUnit\":\"ms\","),
    ];
    for (format, start) in starts {
        let printed = merge(&[&first, &second, "--format", format]);
        assert!(text(&printed.stdout).starts_with(start), "{}", text(&printed.stdout));
        let out = folder.join(format);
        let path = out.to_str().expect("a path");
        let filed = merge(&[&first, &second, "--format", format, "--out", path]);
        assert_eq!((filed.status.code(), text(&filed.stdout)), (Some(0), ""));
        assert_eq!(std::fs::read(out).expect("a file"), printed.stdout);
    }
}

#[test]
fn traces_are_no_scenario_and_the_file_to_print_to_stays_as_it_is() {
    let folder = folder("no-scenario");
    let [first, second] = two_nodes(&folder);
    let out = written(&folder, "kept.toml", "kept");
    let output = merge(&[&first, &second, "--format", "scenario", "--out", &out]);
    assert_eq!(output.status.code(), Some(2));
    let sentence = "a trace contains no scenario; expected another --format\n";
    assert!(text(&output.stderr).ends_with(sentence), "{}", text(&output.stderr));
    assert_eq!(std::fs::read_to_string(out).expect("a file"), "kept");
}

#[test]
fn a_violation_is_told_by_the_exit_status() {
    let folder = folder("violation");
    let [first, second] = two_nodes(&folder);
    let forged = std::fs::read_to_string(&second)
        .expect("a file")
        .replace("\"lamport\":3,", "\"lamport\":2,");
    let first =
        std::fs::read_to_string(&first).expect("a file").replace("\"sent\":3", "\"sent\":2");
    let (first, second) =
        (written(&folder, "1.jsonl", &first), written(&folder, "2.jsonl", &forged));
    let output = merge(&[&first, &second, "--format", "text"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("VIOLATION of clock-condition: Node 2 stamps an event 2")
    );
}

#[test]
fn a_run_of_the_simulator_is_judged_again() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let scenario = library.join("22-lock-through-a-leader-crash.toml");
    let mut run = Command::new(env!("CARGO_BIN_EXE_antes"));
    let run = run.arg("run").arg(scenario).args(["--format", "jsonl"]).output().expect("it runs");
    let trace = written(&folder("again"), "run.jsonl", text(&run.stdout));
    let again = merge(&[&trace]);
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(text(&again.stdout), text(&run.stdout));
}

#[test]
fn a_run_of_a_real_cluster_comes_out_as_it_went_in() {
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("../e2e/traces/cluster.jsonl");
    let again = merge(&[run.to_str().expect("a path")]);
    assert_eq!(again.status.code(), Some(0), "{}", text(&again.stderr));
    assert_eq!(text(&again.stdout), std::fs::read_to_string(run).expect("it is there"));
}

#[test]
fn a_trace_of_the_simulator_is_told_as_one() {
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/06-leader-dies.toml");
    let antes = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
        command.args(arguments).output().expect("the command runs")
    };
    let trace = antes(&["run", scenario, "--format", "jsonl"]);
    let file = written(&folder("simulated"), "run.jsonl", text(&trace.stdout));
    let told = merge(&["--format", "text", &file]);
    assert_eq!(text(&told.stdout), text(&antes(&["run", scenario]).stdout));
}

#[test]
fn the_rest_is_joined_where_a_line_or_a_file_cannot_be_read() {
    let folder = folder("partly");
    let [first, second] = two_nodes(&folder);
    let with_a_bad_line = std::fs::read_to_string(&second).expect("it is there") + "{\"seq\":9}\n";
    let second = written(&folder, "damaged.jsonl", &with_a_bad_line);
    let log = written(&folder, "log.txt", "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n\nn1 {}\n");
    let output = merge(&[&first, &second, &log]);
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stderr);
    let line = with_a_bad_line.lines().count();
    for told in [
        format!("{second}:{line}: left out: missing field `at_us`"),
        format!("{log}:1: this is a log for ShiViz"),
        "the file is left out".to_owned(),
    ] {
        assert!(said.contains(&told), "{said}\ndoes not say\n{told}");
    }
    let both = merge(&[&first, &two_nodes(&folder)[1]]);
    assert_eq!(text(&output.stdout), text(&both.stdout), "it is joined as without them");
}

#[test]
fn a_line_that_is_there_twice_is_joined_once_and_told() {
    let folder = folder("doubled");
    let [first, second] = two_nodes(&folder);
    let doubled = |path: &str| {
        let text = std::fs::read_to_string(path).expect("it is there");
        let lines = text.lines().enumerate();
        let lines =
            lines.map(
                |(at, line)| {
                    if at == 1 { format!("{line}\n{line}\n") } else { format!("{line}\n") }
                },
            );
        lines.collect::<String>()
    };
    let once = merge(&[&first, &second]);
    let told = ":3: left out: it is the line before again; expected each line once";
    let file = written(&folder, "doubled.jsonl", &doubled(&second));
    let output = merge(&[&first, &file]);
    assert!(text(&output.stderr).contains(&format!("{file}{told}")), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), text(&once.stdout));
    assert_eq!(text(&output.stderr).lines().count(), text(&once.stderr).lines().count() + 1);
    // The same in a run that is whole.
    let whole = written(&folder, "whole.jsonl", text(&once.stdout));
    let file = written(&folder, "whole-doubled.jsonl", &doubled(&whole));
    let output = merge(&[&file]);
    assert!(text(&output.stderr).contains(&format!("{file}{told}")), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), text(&merge(&[&whole]).stdout));
}

#[test]
fn bad_input_is_refused_with_file_line_and_sentence() {
    let folder = folder("bad");
    let [first, _] = two_nodes(&folder);
    let empty = written(&folder, "empty.jsonl", "");
    let cases = [
        (vec!["nowhere.jsonl"], "nowhere.jsonl: cannot be read: ".to_owned()),
        (vec![&empty], format!("{empty}: the file is empty\n{empty}: there is no trace")),
        (vec![&first, &first], format!("{first}:1: this is life 1 of node 1, which {first}:1 is")),
    ];
    for (arguments, expected) in cases {
        let output = merge(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with(&expected), "{said}\nis not\n{expected}");
        assert_eq!(text(&output.stdout), "");
    }
    assert_eq!(merge(&[]).status.code(), Some(2));
}
