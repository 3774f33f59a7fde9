//! Commands whose output cannot be written report it or end quietly. They never panic.
#![cfg(unix)]

use std::fs::File;
use std::io::pipe;
use std::process::{Command, Output, Stdio};

const SCENARIO: &str = "../scenarios/01-first-clock.toml";
const HARDENED: &str = "../scenarios/22-lock-through-a-leader-crash-hardened.toml";

fn antes(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("HTTP").args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(command: &mut Command) -> Output {
    command.spawn().expect("the command runs").wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("it prints text")
}

/// A file on a full disk.
fn full() -> File {
    File::options().write(true).open("/dev/full").expect("it is there")
}

/// A pipe whose reader has closed it.
fn closed() -> std::io::PipeWriter {
    pipe().expect("a pipe").1
}

/// A file for one test, with the output of a command.
fn printed(name: &str, arguments: &[&str]) -> String {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("output");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, ended(&mut antes(arguments)).stdout).expect("it is written");
    path.to_str().expect("a path").to_owned()
}

/// Commands of each kind that print something and succeed.
fn commands() -> Vec<Vec<String>> {
    let trace = printed("run.jsonl", &["run", SCENARIO, "--format", "jsonl"]);
    let shard = printed("shard.jsonl", &["sweep", HARDENED, "--seeds", "1..2", "--shard", "0/1"]);
    let figure = concat!(env!("CARGO_TARGET_TMPDIR"), "/output/figure.json");
    let events = r#"[{ "id": "p1", "proc": "P", "kind": "local" }]"#;
    let text = format!(r#"{{ "processes": ["P"], "events": {events} }}"#);
    std::fs::write(figure, text).expect("it is written");
    let mut commands = vec![
        vec!["stamp", figure],
        vec!["stamp", figure, "--format", "text"],
        vec!["sweep", HARDENED, "--seeds", "1..2"],
        vec!["sweep", HARDENED, "--seeds", "1..2", "--shard", "0/1"],
        vec!["sweep", "--collect", &shard],
    ];
    for format in ["text", "jsonl", "mermaid", "plantuml", "shiviz", "perfetto", "summary"] {
        commands.push(vec!["run", SCENARIO, "--format", format]);
        commands.push(vec!["merge", &trace, "--format", format]);
    }
    commands.push(vec!["run", SCENARIO, "--format", "scenario"]);
    commands.push(vec!["compare", SCENARIO, "hardened"]);
    commands.push(vec!["compare", SCENARIO, "hardened", "--format", "json"]);
    if cfg!(feature = "check") {
        commands.extend([vec!["check"], vec!["check", "chang-roberts"]]);
    }
    commands.iter().map(|words| words.iter().map(|&word| word.into()).collect()).collect()
}

#[test]
fn a_full_output_is_told_and_a_closed_one_is_not() {
    for command in commands() {
        let words: Vec<&str> = command.iter().map(String::as_str).collect();
        assert_eq!(ended(&mut antes(&words)).status.code(), Some(0), "{words:?}");
        let output = ended(antes(&words).stdout(full()));
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        let said = text(&output.stderr);
        assert!(said.starts_with("the output cannot be written: "), "{words:?}: {said}");
        let output = ended(antes(&words).stdout(closed()));
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{words:?}");
    }
}

#[test]
fn a_failure_that_nobody_can_be_told_of_is_in_the_exit_status() {
    for words in [
        &["run", "no-such-file.toml"][..],
        &["merge", "no-such-file.jsonl"],
        &["stamp", "no-such-file.json"],
        &["sweep", "no-such-file.toml"],
        &["sweep", "--collect", "no-such-file.jsonl"],
        &["health", "nowhere"],
        &["node", "--id", "9", "--peers", "1=127.0.0.1:1"],
        &["resource", "--listen", "127.0.0.1:1"],
        &["no-such-command"],
    ] {
        for unheard in [Stdio::from(full()), Stdio::from(closed())] {
            let output = ended(antes(words).stderr(unheard));
            assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{words:?}");
        }
    }
    // Nothing listens at port 1. The exit status reports that, although nobody reads the output.
    let health = ended(antes(&["health", "127.0.0.1:1"]).stdout(closed()));
    assert_eq!((health.status.code(), text(&health.stderr)), (Some(1), ""));
}

#[test]
fn help_that_nobody_reads_is_no_failure() {
    for words in [&["--help"][..], &["--version"], &["sweep", "--help"]] {
        for unread in [Stdio::from(full()), Stdio::from(closed())] {
            let output = ended(antes(words).stdout(unread));
            assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{words:?}");
        }
    }
}
