//! A sweep on several machines: its shards, and their combined result.

use std::process::{Command, Output};

/// Two clusters: one survives all storms, and one fails soon.
const HARDENED: &str = "../scenarios/22-lock-through-a-leader-crash-hardened.toml";
const CLASSIC: &str = "../scenarios/22-lock-through-a-leader-crash.toml";

/// Runs `antes sweep` with these variables in its environment.
fn sweep_in(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    for name in ["JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", "SWARM_TASK_SLOT"] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    command.arg("sweep").args(arguments).output().expect("the command runs")
}

fn sweep(arguments: &[&str]) -> Output {
    sweep_in(&[], arguments)
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it prints text")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it prints text")
}

/// The output of one of four shards of 10 seeds.
fn shard(scenario: &str, index: usize) -> String {
    let output = sweep(&[scenario, "--seeds", "1..10", "--shard", &format!("{index}/4")]);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    let text = out(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

/// A file for one test with this text.
fn written(name: &str, text: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("sweep");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("it is written");
    path.to_str().expect("a path").to_owned()
}

#[test]
fn the_shards_of_a_sweep_are_joined_to_the_whole() {
    let text: String = (0..4).map(|index| shard(HARDENED, index)).collect();
    let output = sweep(&["--collect", &written("whole.jsonl", &text)]);
    assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""));
    let said = out(&output);
    assert!(said.contains("\n10 of 10 seeds done, 4 of 4 shards\n"), "{said}");
    assert!(said.ends_with("\nnone fails\n"), "{said}");
}

#[test]
fn shards_that_are_missing_are_named_with_their_seeds() {
    // The reports are in several files, in any order, and one of them twice.
    let last = written("last.jsonl", &shard(HARDENED, 3));
    let first = written("first.jsonl", &format!("\n{}", shard(HARDENED, 0)));
    let output = sweep(&["--collect", &last, &first, &last]);
    let said = out(&output);
    assert!(said.contains("\n5 of 10 seeds done, 2 of 4 shards\n"), "{said}");
    assert!(said.contains("\nmissing: shards 1 to 2, seeds 3..7\n"), "{said}");
    assert!(said.ends_with("\nnone fails of those that are done\n"), "{said}");
    assert_eq!(output.status.code(), Some(2), "that is no proof of the whole");
    assert!(err(&output).contains("not all shards have reported"), "{}", err(&output));
}

#[test]
fn the_lowest_seed_that_fails_is_the_one_of_an_undivided_sweep() {
    let whole = written("failing.toml", "");
    let whole = sweep(&[CLASSIC, "--seeds", "1..10", "--out", &whole]);
    assert_eq!(whole.status.code(), Some(1), "{}", out(&whole));
    let lowest =
        out(&whole).lines().next().and_then(|line| line.split(':').next().map(String::from));
    let lowest = lowest.expect("it names the seed");
    let text: String = (0..4).map(|index| shard(CLASSIC, index)).collect();
    let output = sweep(&["--collect", &written("broken.jsonl", &text)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains(&format!("\n{lowest}:")), "{lowest}: {}", out(&output));
    let without_first: String = (2..4).map(|index| shard(CLASSIC, index)).collect();
    let output = sweep(&["--collect", &written("later.jsonl", &without_first)]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        out(&output).contains("\na lower one may fail among the missing\n"),
        "{}",
        out(&output)
    );
}

#[test]
fn the_environment_says_which_shard_a_process_is() {
    let options = [HARDENED, "--seeds", "1..10", "--shards", "4"];
    for variable in ["JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID", "SWARM_TASK_SLOT"] {
        let output = sweep_in(&[(variable, "2")], &options);
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        assert!(out(&output).contains(r#""shard":2,"first":6,"done":2,"#), "{}", out(&output));
    }
    let nobody_says = sweep_in(&[("JOB_COMPLETION_INDEX", "")], &options);
    assert_eq!(nobody_says.status.code(), Some(2));
    assert!(err(&nobody_says).contains("or --shard 0/4"), "{}", err(&nobody_says));
    let beyond = sweep_in(&[("SLURM_ARRAY_TASK_ID", "4")], &options);
    assert_eq!(beyond.status.code(), Some(2));
    assert!(err(&beyond).contains("there is no shard 4 of 4: expected 0 to 3"), "{}", err(&beyond));
    // Without `--shards`, the variable has no effect.
    let whole = sweep_in(&[("SLURM_ARRAY_TASK_ID", "4")], &[HARDENED, "--seeds", "1..2"]);
    assert!(out(&whole).starts_with("2 seeds, none fails"), "{}", out(&whole));
}

#[test]
fn reports_of_other_sweeps_are_refused_with_what_differs() {
    let one = shard(HARDENED, 0);
    let other = |arguments: &[&str]| out(&sweep(arguments));
    for (line, difference) in [
        (shard(CLASSIC, 1), "scenario \""),
        (other(&[HARDENED, "--seeds", "1..12", "--shard", "1/4"]), "seeds 1..12 and not 1..10"),
        (other(&[HARDENED, "--seeds", "1..10", "--shard", "1/5"]), "shards 5 and not 4"),
        (
            other(&[HARDENED, "--seeds", "1..10", "--shard", "1/4", "--faults", "crashes"]),
            "faults crashes and not loss,",
        ),
        (
            one.replace(
                r#""failing":null"#,
                r#""failing":{"seed":2,"invariant":"i","at_us":1,"sentence":"s"}"#,
            ),
            "shard 0 has found something else than at ",
        ),
        (one.replace(r#""first":1,"#, r#""first":2,"#), "the seeds are not those of shard 0"),
        (one.replace(r#""antes_sweep":1"#, r#""antes_sweep":2"#), "antes_sweep is 2; expected 1"),
        ("10 seeds, none fails\n".into(), "expected the line that a shard of a sweep prints"),
    ] {
        let file = written("others.jsonl", &format!("{one}{line}"));
        let output = sweep(&["--collect", &file]);
        assert_eq!(output.status.code(), Some(2), "{line}");
        let said = err(&output);
        assert!(said.starts_with(&format!("{file}:2: ")) && said.contains(difference), "{said}");
        assert_eq!(out(&output), "");
    }
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    for arguments in [
        &[HARDENED, "--shard", "0/4", "--shards", "4"][..],
        &[HARDENED, "--shard", "4/4"],
        &[HARDENED, "--shards", "0"],
        &["--shard", "0/4"],
        &[HARDENED, "--collect", "a.jsonl"],
        &["--collect", "a.jsonl", "--seeds", "1..2"],
        &["--collect", "no-such-file.jsonl"],
        &["--collect"],
        &[],
    ] {
        assert_eq!(sweep(arguments).status.code(), Some(2), "{arguments:?}");
    }
}
