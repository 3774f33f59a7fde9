//! Tests the examples of `docs/formats.md`.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use antes_sim::export::read_jsonl;
use antes_sim::{claims, library, scenario};

const FORMATS: &str = include_str!("../../docs/formats.md");

/// The code blocks that this mark precedes, each with the following block.
fn examples(mark: &str) -> Vec<(String, Option<String>)> {
    let mark = format!("<!-- test: {mark} -->\n");
    let blocks = FORMATS.split(&mark).skip(1).map(|rest| {
        let mut blocks = rest.split("```");
        let mut block = || {
            let text = blocks.nth(1)?;
            Some(text.split_once('\n')?.1.to_owned())
        };
        (block().expect("a code block"), block())
    });
    let blocks: Vec<_> = blocks.collect();
    assert!(!blocks.is_empty(), "there is no example of {mark}");
    blocks
}

fn antes(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.args(arguments).arg("-");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    child.stdin.take().expect("an input").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

fn printed(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it prints text")
}

#[test]
fn every_example_of_a_scenario_runs() {
    for (scenario, _) in examples("run") {
        let output = antes(&["run"], &scenario);
        assert_eq!(output.status.code(), Some(0), "{}", printed(output.stderr));
        let scenario = scenario::read(&scenario).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(claims::untrue(&scenario), [], "its notes are true");
    }
}

#[test]
fn every_example_that_breaks_an_invariant_does() {
    for (scenario, _) in examples("broken") {
        let output = antes(&["run"], &scenario);
        assert_eq!(output.status.code(), Some(1), "{}", printed(output.stderr));
    }
}

#[test]
fn every_documented_claim_can_be_written() {
    let formats = FORMATS;
    let (_, section) = formats.split_once("### What a note claims").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let claims: Vec<&str> = rows
        .flat_map(|row| row.split('|').nth(1).expect("a cell").split('`').skip(1).step_by(2))
        .collect();
    assert!(claims.len() > 30, "{claims:?}");
    for claim in claims {
        let file = format!(
            "algorithm = \"mutex\"\nnodes = 4\n\
             [[step]]\nat = \"1s\"\nnote = \"x\"\nclaims = [\"{claim}\"]"
        );
        assert!(scenario::read(&file).is_ok(), "{claim}: {:?}", scenario::read(&file));
    }
}

#[test]
fn every_part_of_the_address_can_be_named_in_every_tool() {
    let page = include_str!("../../docs/embedding.md");
    let (_, section) = page.split_once("## The address").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next section");
    let cells = section.lines().filter_map(|row| row.strip_prefix("| `")?.split(" | ").next());
    let parts: Vec<&str> = cells
        .flat_map(|cell| cell.split(", "))
        .filter_map(|part| part.trim_matches('`').split('=').next())
        .filter(|&part| part != "embed" && part != "scenario")
        .collect();
    assert!(parts.len() > 20, "{parts:?}");
    for (tool, text) in [
        ("antes-run", include_str!("../../integrations/antes-run/antes-run.js")),
        ("Quarto", include_str!("../../integrations/quarto/_extensions/antes/antes.lua")),
        ("Jupyter", include_str!("../../integrations/jupyter/antes_run.py")),
    ] {
        let (_, list) = text.split_once("PARTS = ").expect("the list");
        let list = list.split([']', '}']).next().expect("the list");
        for part in &parts {
            assert!(list.contains(&format!("\"{part}\"")), "{tool} does not know {part}");
        }
    }
}

/// The names in backquotes on the page for lecturers, in their order.
fn handles(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

#[test]
fn the_page_for_lecturers_names_the_same_things_in_both_languages() {
    let english = include_str!("../../docs/lecturers.md");
    let portuguese = include_str!("../../docs/lecturers.pt.md");
    let [ours, theirs] = [english, portuguese].map(|text| {
        let lines = |start| text.lines().filter(|line| line.starts_with(start)).count();
        (handles(text), lines("|"), lines("- "), lines("#"))
    });
    assert_eq!(ours, theirs);
}

#[test]
fn lecturers_are_told_of_scenarios_by_their_titles() {
    for (text, portuguese) in [
        (include_str!("../../docs/lecturers.md"), false),
        (include_str!("../../docs/lecturers.pt.md"), true),
    ] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for slug in handles(text).into_iter().filter(|name| library::find(name).is_some()) {
            let file = library::find(slug).expect("it is there");
            let title = scenario::read(file).expect("it is a scenario").title;
            let title = if portuguese { title.pt.expect("a title") } else { title.en };
            assert!(flat.contains(&format!("*{title}* (`{slug}`)")), "{title}");
        }
    }
}

#[test]
fn the_values_called_default_are_those_of_an_empty_file() {
    let (defaults, _) = examples("defaults").remove(0);
    let written_out = scenario::read(&defaults).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(written_out, scenario::read("").expect("everything can be left out"));
}

#[test]
fn the_example_of_an_error_is_what_the_command_says() {
    let (scenario, error) = examples("error").remove(0);
    let said = printed(antes(&["run"], &scenario).stderr);
    assert_eq!(Some(said.replace("standard input", "scenario.toml")), error);
}

#[test]
fn the_example_of_a_trace_is_what_the_command_prints() {
    let (trace, _) = examples("trace").remove(0);
    let scenario = "title = \"One message\"\nalgorithm = \"clock\"\nnodes = 2\nduration = \"1s\"\n\
                    [[step]]\nat = \"200ms\"\nsend = { from = 1, to = 2 }\n";
    assert_eq!(printed(antes(&["run", "--format", "jsonl"], scenario).stdout), trace);
    assert_eq!(read_jsonl(&trace).expect("it can be read back").1.len(), 2);
}

#[test]
fn the_example_of_two_traces_is_merged_as_shown() {
    let (first, second) = examples("merge").remove(0);
    let (merged, told) = examples("merged").remove(0);
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let paths = [folder.join("node1.jsonl"), folder.join("node2.jsonl")];
    std::fs::write(&paths[0], first).expect("it is written");
    std::fs::write(&paths[1], second.expect("a second trace")).expect("it is written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    let output = command.arg("merge").args(paths).output().expect("the command runs");
    assert_eq!(printed(output.stdout), merged);
    assert_eq!(Some(printed(output.stderr)), told);
}

#[test]
fn every_example_of_a_figure_is_stamped_as_shown() {
    for (figure, stamps) in examples("figure") {
        assert_eq!(Some(printed(antes(&["stamp"], &figure).stdout)), stamps);
    }
}

#[test]
fn the_example_of_a_summary_is_that_of_the_first_scenario() {
    let (scenario, _) = examples("run").remove(0);
    let (summary, _) = examples("summary").remove(0);
    assert_eq!(printed(antes(&["run", "--format", "summary"], &scenario).stdout), summary);
}

#[test]
fn every_verb_is_documented_and_every_documented_one_can_be_written() {
    let error = scenario::read("[[step]]\nat = \"1s\"\n").expect_err("a step needs a verb");
    let verbs = error.remedy.rsplit(": ").next().expect("a list").split(", ");
    for verb in verbs {
        assert!(
            FORMATS.contains(&format!("`{verb} = ")) || FORMATS.contains(&format!("`{verb}`")),
            "{verb}"
        );
    }
}
