//! The command as a person or a script runs it.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn antes(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.args(arguments);
    command
}

fn run(arguments: &[&str]) -> Output {
    antes(arguments).output().expect("the command runs")
}

/// Runs the command with something on its standard input.
fn run_with(arguments: &[&str], input: &str) -> Output {
    let mut command = antes(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("it has an input");
    stdin.write_all(input.as_bytes()).expect("it reads its input");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn scenario(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../scenarios").join(name);
    path.to_str().expect("a path").to_owned()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it prints text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it prints text")
}

#[test]
fn a_run_prints_its_trace_and_ends_with_a_summary() {
    let output = run(&["run", &scenario("06-leader-dies.toml")]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        text.starts_with("Bully election: the leader dies\n4 nodes, algorithm leader"),
        "{text}"
    );
    assert!(text.contains("N4       9  [ 0  0  0  9]  CRASHES\n"), "{text}");
    let end = "leaders     1 follows 3, 2 follows 3, 3 leads\nentries     none\nviolations  none\n";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn heartbeats_can_be_hidden_from_the_text() {
    let file = scenario("06-leader-dies.toml");
    assert!(out(&run(&["run", &file])).contains("sends HEARTBEAT"));
    assert!(!out(&run(&["run", &file, "--hide-heartbeats"])).contains("sends HEARTBEAT"));
}

#[test]
fn a_violation_is_told_by_the_exit_status() {
    let file = scenario("22-lock-through-a-leader-crash.toml");
    for format in
        ["text", "jsonl", "mermaid", "plantuml", "shiviz", "perfetto", "scenario", "summary"]
    {
        let output = run(&["run", &file, "--format", format]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{format}");
    }
}

#[test]
fn every_format_looks_like_itself() {
    let file = scenario("01-first-clock.toml");
    let printed = |format: &str| out(&run(&["run", &file, "--format", format]));
    assert!(printed("jsonl").starts_with("{\"antes_trace\":1,\"source\":\"sim\",\"nodes\":3,"));
    assert!(printed("mermaid").starts_with("sequenceDiagram\n"));
    assert!(printed("shiviz").starts_with("(?<event>.*)\\n(?<host>\\S*) (?<clock>{.*})\n\n"));
    assert!(printed("plantuml").starts_with("@startuml\ntitle "));
    assert!(printed("perfetto").starts_with("{\"displayTimeUnit\":\"ms\",\"traceEvents\":["));
    assert!(printed("summary").starts_with("{\"messages\":{\"ELECTION\":0,"));
}

#[test]
fn a_run_as_a_scenario_makes_the_same_run_again() {
    let file = scenario("22-lock-through-a-leader-crash.toml");
    let options = ["--profile", "hardened", "--seed", "9", "--until", "7s"];
    let kept = std::env::temp_dir().join(format!("antes-run-again-{}.toml", std::process::id()));
    let text = out(&run(&[&["run", &file, "--format", "scenario"], &options[..]].concat()));
    std::fs::write(&kept, text).expect("a file");
    let path = kept.to_str().expect("a path");
    let again = out(&run(&["run", path, "--format", "jsonl"]));
    let first = out(&run(&[&["run", &file, "--format", "jsonl"], &options[..]].concat()));
    std::fs::remove_file(&kept).expect("it is there");
    assert_eq!(again, first);
}

#[test]
fn the_seed_and_the_end_can_be_chosen() {
    let file = scenario("05-random-calls.toml");
    let trace = |more: &[&str]| out(&run(&[&["run", &file, "--format", "jsonl"], more].concat()));
    assert_eq!(trace(&["--seed", "3"]), trace(&[]), "the file's own seed");
    assert_ne!(trace(&["--seed", "4"]), trace(&[]));
    assert!(trace(&["--seed", "4"]).contains("\"seed\":4,"));
    let short = trace(&["--until", "2s"]);
    assert!(short.lines().count() < trace(&[]).lines().count());
    assert!(trace(&[]).contains(short.lines().last().expect("it has lines")));
}

#[test]
fn a_scenario_that_breaks_classic_is_survived_by_hardened() {
    let file = scenario("22-lock-through-a-leader-crash.toml");
    let run = |profile| run(&["run", &file, "--profile", profile, "--format", "summary"]);
    let (classic, hardened) = (run("classic"), run("hardened"));
    assert_eq!((classic.status.code(), hardened.status.code()), (Some(1), Some(0)));
    assert!(!out(&classic).contains("PROBE"), "{}", out(&classic));
    assert!(out(&hardened).contains("\"PROBE\":"), "{}", out(&hardened));
}

#[test]
fn a_hold_that_the_lease_may_cut_is_warned_of_and_told_when_it_happens() {
    let file = |lease: &str| {
        format!(
            "algorithm = \"mutex\"\nprofile = \"hardened\"\nduration = \"40s\"\n\
             [mutex]\nlease = \"{lease}\"\n\
             [[step]]\nat = \"1s\"\nrequest = {{ node = 1, hold = \"20s\" }}\n"
        )
    };
    let cut = run_with(&["run", "-"], &file("5s"));
    assert_eq!(
        err(&cut),
        "standard input: the lease may end before the work: a request holds the lock for 20s, \
         and the lease guarantees only 3.75s\n"
    );
    assert!(out(&cut).contains("EXITS because the lease ended before the work of request 1:1"));
    let whole = run_with(&["run", "-"], &file("30s"));
    assert_eq!(err(&whole), "");
    assert!(out(&whole).contains("EXITS and is done with request 1:1"));
}

#[test]
fn a_bad_scenario_is_refused_with_file_line_and_sentence() {
    let output = run_with(&["run", "-"], "nodes = 4\n\n[network]\nlatancy = \"1s\"\n");
    assert_eq!(output.status.code(), Some(2));
    let expected =
        "standard input:4:1: \"network\" has no \"latancy\"; did you mean \"latency\"?\n";
    assert_eq!((err(&output).as_str(), out(&output).as_str()), (expected, ""));
}

#[test]
fn a_missing_file_a_binary_file_and_a_large_file_are_refused() {
    let missing = run(&["run", "no such file.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).starts_with("no such file.toml: cannot be read: "), "{}", err(&missing));
    let mut child = antes(&["stamp", "-"]);
    child.stdin(Stdio::piped()).stderr(Stdio::piped()).stdout(Stdio::piped());
    let mut child = child.spawn().expect("the command runs");
    child.stdin.take().expect("an input").write_all(b"{\n\xff\xfe}").expect("it reads");
    let binary = child.wait_with_output().expect("it ends");
    assert_eq!(binary.status.code(), Some(2));
    assert_eq!(err(&binary), "standard input:2: this is no text; expected UTF-8\n");
}

#[test]
fn wrong_options_are_refused_and_help_is_given() {
    assert_eq!(run(&["run"]).status.code(), Some(2));
    let file = scenario("06-leader-dies.toml");
    let until = run(&["run", &file, "--until", "30"]);
    assert_eq!(until.status.code(), Some(2));
    assert!(err(&until).contains("expected a number and a unit"), "{}", err(&until));
    assert_eq!(run(&["run", &file, "--format", "xml"]).status.code(), Some(2));
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(out(&help).contains("stamp"));
}

#[test]
fn seeds_that_run_backwards_are_refused_with_what_would_be_right() {
    let file = scenario("22-lock-through-a-leader-crash-hardened.toml");
    let said = |seeds: &str| {
        let output = run(&["sweep", &file, "--seeds", seeds]);
        assert_eq!(output.status.code(), Some(2), "{seeds}");
        err(&output)
    };
    let backwards = said("10..1");
    let expected = "the first seed, 10, is greater than the last one, 1; expected 1..10";
    assert!(backwards.contains(expected), "{backwards}");
    assert!(said("1..x").contains("expected two whole numbers, such as 1..10000"));
}

#[test]
fn a_byte_order_mark_is_passed_over_and_utf_16_is_read() {
    let marked = run_with(&["stamp", "-"], &format!("\u{FEFF}{FIGURE}"));
    assert_eq!((marked.status.code(), err(&marked).as_str()), (Some(0), ""));
    let scenario = "\u{FEFF}duration = \"1s\"\n";
    let marked = run_with(&["run", "-", "--format", "summary"], scenario);
    assert_eq!((marked.status.code(), err(&marked).as_str()), (Some(0), ""));
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/utf-16.toml");
    for unit in [u16::to_be_bytes, u16::to_le_bytes] {
        let bytes: Vec<u8> = scenario.encode_utf16().flat_map(unit).collect();
        std::fs::write(file, bytes).expect("it is written");
        let output = run(&["run", file, "--format", "summary"]);
        assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
        assert_eq!(output.stdout, marked.stdout);
    }
}

#[test]
fn a_field_that_a_figure_does_not_have_is_told() {
    let output = run_with(&["stamp", "-"], &FIGURE.replace("\"title\"", "\"initial\""));
    assert_eq!(output.status.code(), Some(0));
    let told = "standard input: \"initial\" is not a field of a figure, and is ignored\n";
    assert_eq!(err(&output), told);
}

/// Runs a command whose standard output is closed before it prints.
#[cfg(unix)]
fn with_nobody_reading(arguments: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = antes(arguments);
    command.stdout(writer).stderr(Stdio::piped());
    command.spawn().expect("the command runs").wait_with_output().expect("it ends")
}

#[cfg(unix)]
#[test]
fn an_output_that_is_closed_or_full_ends_every_command_without_a_panic() {
    let hardened = scenario("22-lock-through-a-leader-crash-hardened.toml");
    let sweep = ["sweep", &hardened, "--seeds", "1..2"];
    let closed = with_nobody_reading(&sweep);
    assert_eq!((closed.status.code(), err(&closed).as_str()), (Some(0), ""));
    // Nothing listens at port 1. The exit status reports that, although nobody reads the output.
    let health = ["health", "127.0.0.1:1"];
    let closed = with_nobody_reading(&health);
    assert_eq!((closed.status.code(), err(&closed).as_str()), (Some(1), ""));
    #[cfg(target_os = "linux")]
    for arguments in [&sweep[..], &health] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("it is there");
        let output = antes(arguments).stdout(full).output().expect("the command runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(err(&output).starts_with("the output cannot be written: "), "{}", err(&output));
    }
}

#[test]
fn a_run_without_end_is_stopped_with_advice() {
    let busy = "duration = \"24h\"\nnodes = 8\n[election]\nheartbeat = \"1ms\"\n[network]\nlatency = \"0s\"\n";
    let output = run_with(&["run", "-", "--format", "summary"], busy);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("expected a shorter duration"), "{}", err(&output));
}

const FIGURE: &str = r#"{
  "title": "two processes",
  "processes": ["P", "Q"],
  "events": [
    { "id": "p1", "proc": "P", "kind": "send", "msgs": ["a"] },
    { "id": "q0", "proc": "Q", "kind": "local" },
    { "id": "q1", "proc": "Q", "kind": "recv", "msg": "a" }
  ]
}
"#;

#[test]
fn a_figure_is_stamped_as_json_or_as_text() {
    let json = run_with(&["stamp", "-"], FIGURE);
    assert_eq!(json.status.code(), Some(0));
    let expected = "{\"title\":\"two processes\",\"processes\":[\"P\",\"Q\"],\"expected\":{\
                    \"p1\":{\"lamport\":1,\"vector\":[1,0]},\"q0\":{\"lamport\":1,\"vector\":[0,1]},\
                    \"q1\":{\"lamport\":2,\"vector\":[1,2]}},\"concurrent_pairs\":[[\"p1\",\"q0\"]],\
                    \"total_order\":[\"p1\",\"q0\",\"q1\"]}\n";
    assert_eq!(out(&json), expected);
    let text = run_with(&["stamp", "-", "--format", "text"], FIGURE);
    let expected = "two processes
p1  P  L   1  [1, 0]  sends a
q0  Q  L   1  [0, 1]  local
q1  Q  L   2  [1, 2]  receives a
concurrent: p1 || q0
total order: p1 < q0 < q1
";
    assert_eq!(out(&text), expected);
}

#[test]
fn a_bad_figure_is_refused_with_file_line_and_sentence() {
    let cases = [
        (FIGURE.replace("\"recv\"", "\"recieve\""), "7:5: \"q1\" is of the kind \"recieve\""),
        (FIGURE.replace("\"msg\": \"a\"", "\"msg\": \"b\""), "7:5: nobody sends message \"b\""),
        (FIGURE.replace("\"q0\"", "\"p1\""), "6:5: there are two events \"p1\""),
        (
            FIGURE.replace("\"Q\", \"kind\": \"local\"", "\"R\", \"kind\": \"local\""),
            "6:5: \"q0\" is at \"R\"",
        ),
        (FIGURE.replace("\"msgs\"", "\"mgs\""), "5:"),
        (FIGURE.replace("]\n}", "\n}"), "9:1: "),
    ];
    for (figure, expected) in cases {
        let output = run_with(&["stamp", "-"], &figure);
        assert_eq!(output.status.code(), Some(2), "{figure}");
        let said = err(&output);
        assert!(said.starts_with(&format!("standard input:{expected}")), "{said}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let file = scenario("20-report-at-random.toml");
    let mut command = antes(&["run", &file, "--until", "2m", "--format", "jsonl"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    let mut first = [0; 16];
    child.stdout.take().expect("an output").read_exact(&mut first).expect("it prints");
    // The pipe is closed here, long before everything is printed.
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
}

#[cfg(feature = "check")]
mod check {
    use super::{err, out, run};

    #[test]
    fn every_model_is_listed_and_the_first_two_are_known_from_books() {
        let output = run(&["check"]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(0));
        assert!(text.starts_with("lamport-mutex "), "{text}");
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("chang-roberts ")));
    }

    #[test]
    fn the_states_of_a_ring_are_counted_and_its_properties_hold() {
        let output = run(&["check", "chang-roberts"]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(0), "{text}");
        assert!(text.contains("\nunique      137\n"), "{text}");
        assert!(text.contains("\nexplored    all states\n"), "{text}");
    }

    #[test]
    fn a_broken_property_is_told_by_the_exit_status_and_step_by_step() {
        let output = run(&["check", "classic-election-any-time"]);
        let text = out(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(" BROKEN, after "), "{text}");
        assert!(text.contains("\n   1  node "), "{text}");
    }

    #[test]
    fn a_counterexample_is_written_as_a_scenario_that_breaks_the_same_in_the_simulator() {
        let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/two-holders.toml");
        let output = run(&["check", "classic-lock", "--crashes", "1", "--out", file]);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        let last = format!(": antes run {file}\n");
        assert!(out(&output).ends_with(&last), "{}", out(&output));
        let address = "at the address ?scenario=two-holders&t=820000\n";
        assert!(out(&output).contains(address), "{}", out(&output));
        let output = run(&["run", file, "--format", "summary"]);
        assert_eq!(output.status.code(), Some(1), "{}", err(&output));
        assert!(out(&output).contains(r#""invariant":"one-holder""#), "{}", out(&output));
    }

    #[test]
    fn where_nothing_is_broken_no_scenario_is_written() {
        let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/nothing.toml");
        let output = run(&["check", "chang-roberts", "--out", file]);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let last = format!("\nno property is violated: {file} is not written\n");
        assert!(out(&output).ends_with(&last), "{}", out(&output));
        assert!(!std::path::Path::new(file).exists());
    }

    #[test]
    fn a_search_that_is_stopped_says_so() {
        let output = run(&["check", "lamport-mutex", "--max-states", "5000", "--dfs"]);
        assert_eq!(output.status.code(), Some(0));
        assert!(out(&output).contains("\nexplored    not all states\n"), "{}", out(&output));
    }

    #[test]
    fn a_bound_that_a_model_does_not_have_is_refused() {
        for (arguments, sentence) in [
            (&["nothing"][..], "there is no model \"nothing\"; expected lamport-mutex, "),
            (&["chang-roberts", "--crashes", "1"], "chang-roberts has no crashes; it has nodes\n"),
            (&["chang-roberts", "--nodes", "17"], "nodes is 17: expected 1 to 16\n"),
            (&["chang-roberts", "--threads", "0"], "--threads is 0: expected 1 to 1024\n"),
            (&["chang-roberts", "--threads", "9999"], "--threads is 9999: expected 1 to 1024\n"),
            (&["chang-roberts", "--max-states", "0"], "--max-states is 0: expected 1 or more\n"),
            (&["hardened-election", "--nodes", "1"], "nodes is 1: expected 2 to 4\n"),
            (&["hardened-lock", "--repetitions", "0"], "repetitions is 0: expected 1 to 100\n"),
            (&["lamport-mutex", "--max-clock", "0"], "max-clock is 0: expected 1 to 100\n"),
            (&["--nodes", "3"], "no model is named; expected lamport-mutex, "),
            (
                &["classic-lock", "--crashes", "1", "--out", "no-such-folder/a.toml"],
                "--out no-such-folder/a.toml: expected a file in a folder that exists\n",
            ),
        ] {
            let output = run(&[&["check"], arguments].concat());
            assert_eq!(output.status.code(), Some(2));
            assert!(err(&output).starts_with(sentence), "{}", err(&output));
        }
    }
}

#[test]
fn two_runs_are_compared_in_a_table_and_as_json() {
    let file = scenario("22-lock-through-a-leader-crash.toml");
    let table = out(&run(&["compare", &file, "hardened"]));
    let rows: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(rows.contains(&vec!["profile", "classic", "hardened", "*"]), "{table}");
    assert!(rows.contains(&vec!["violations", "2", "0", "*"]), "{table}");
    let json = out(&run(&["compare", &file, "hardened", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["runs"][0]["summary"]["violations"].as_array().expect("a list").len(), 2);
    assert_eq!(json["part"]["compared"], "decisions");
}

#[test]
fn a_trace_is_compared_with_the_scenario_that_made_it() {
    let file = scenario("01-first-clock.toml");
    let trace = std::env::temp_dir().join(format!("antes-compared-{}.jsonl", std::process::id()));
    std::fs::write(&trace, out(&run(&["run", &file, "--format", "jsonl"]))).expect("a file");
    let path = trace.to_str().expect("a path");
    assert!(out(&run(&["compare", &file, path])).ends_with("The same happens in both.\n"));
    let refused = run(&["compare", path, "hardened"]);
    std::fs::remove_file(&trace).expect("it is there");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("expected a scenario, or another trace"), "{said}");
}

#[test]
fn runs_that_cannot_be_compared_are_refused_with_what_would_be_right() {
    let file = scenario("01-first-clock.toml");
    for (other, part) in [
        ("without:0", "expected classic, hardened, parallel, sequential, or without:2"),
        ("without:99", "the script has no such act"),
        ("no-such-file.toml", "cannot be read"),
    ] {
        let output = run(&["compare", &file, other]);
        assert_eq!(output.status.code(), Some(2), "{other}");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(part), "{said}");
    }
}
