//! Pictures that the command writes, drawn by a renderer.
#![cfg(feature = "png")]

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use antes_picture::document::{View, Wanted, document};
use antes_picture::figure::{FigureStamps, WantedFigure, document_of_figure};
use antes_picture::outlook::Outlook;
use antes_picture::style::Theme;
use antes_sim::library::LIBRARY;
use antes_sim::run::Run;
use antes_sim::{figure, scenario};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};

fn run(arguments: &[&str]) -> Output {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios/06-leader-dies.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.args(["run", file]).args(arguments).output().expect("the command runs")
}

/// A message to the sender itself, one that nobody receives, and a long name.
const FIGURE: &str = r#"{
  "title": "A < B & C",
  "processes": ["P", "Q", "a process with a name that is longer than any other name in this figure"],
  "start": { "P": 10 },
  "events": [
    { "id": "p1", "proc": "P", "kind": "send", "msgs": ["a", "b", "lost"] },
    { "id": "q1", "proc": "Q", "kind": "recv", "msg": "a" },
    { "id": "q2", "proc": "Q", "kind": "send", "msg": "self" },
    { "id": "q3", "proc": "Q", "kind": "recv", "msg": "self" }
  ]
}"#;

const BARE_FIGURE: &str = r#"{ "processes": ["P"], "events": [] }"#;

fn stamp(arguments: &[&str], figure: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
    command.args(["stamp", "-"]).args(arguments).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses its options does not read.
    let _ = child.stdin.take().unwrap().write_all(figure.as_bytes());
    child.wait_with_output().unwrap()
}

/// The width and the height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let side = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    (side(16), side(20))
}

/// The renderer's warnings.
struct Warnings(Mutex<Vec<String>>);

static WARNINGS: Warnings = Warnings(Mutex::new(Vec::new()));

impl log::Log for Warnings {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

#[test]
fn a_renderer_takes_the_pictures_of_every_scenario_and_of_figures_without_a_warning() {
    log::set_logger(&WARNINGS).unwrap();
    log::set_max_level(log::LevelFilter::Warn);
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    let first = fonts.faces().next().expect("this computer has a font").families[0].0.clone();
    fonts.set_sans_serif_family(first);
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let read = |svg: &str, name: &str| {
        let tree = Tree::from_str(svg, &options).unwrap();
        assert!(tree.root().has_children(), "{name}");
        let warnings = std::mem::take(&mut *WARNINGS.0.lock().unwrap());
        assert_eq!(warnings, Vec::<String>::new(), "{name}");
    };
    for text in [FIGURE, BARE_FIGURE] {
        let figure = figure::read(text).unwrap();
        for stamps in FigureStamps::ALL {
            for theme in [Theme::Light, Theme::Dark] {
                let wanted = WantedFigure { stamps, theme, ..WantedFigure::default() };
                read(&document_of_figure(&figure, wanted), stamps.name());
            }
        }
    }
    for (slug, text) in LIBRARY {
        let mut run = Run::new(scenario::read(text).unwrap());
        let outlook = Outlook::ahead(&mut run, |_, _, _| {});
        for step in 1..=3 {
            run.seek(run.end_us() / 4 * step);
            for theme in [Theme::Light, Theme::Dark] {
                let wanted = Wanted { view: View::Both, theme, ..Wanted::default() };
                let name = format!("{slug} at {}", run.now_us());
                read(&document(&run, &outlook, wanted), &name);
            }
        }
    }
}

#[test]
fn a_png_has_the_size_that_is_asked_for() {
    let plain = run(&["--format", "png", "--at", "3s", "--view", "diagram", "--scale", "1"]).stdout;
    let (width, height) = size(&plain);
    let large =
        run(&["--format", "png", "--at", "3000000", "--view", "diagram", "--scale", "3"]).stdout;
    assert_eq!(size(&large), (3 * width, 3 * height));
    let svg =
        String::from_utf8(run(&["--format", "svg", "--at", "3s", "--view", "diagram"]).stdout)
            .unwrap();
    assert!(svg.contains(&format!("width=\"{width}\" height=\"{height}\"")), "{}", &svg[..200]);
}

#[test]
fn a_picture_is_the_same_however_its_moment_is_written_and_other_in_another_language() {
    let one = run(&["--format", "svg", "--at", "1.8s"]).stdout;
    assert_eq!(one, run(&["--format", "svg", "--at", "1800000"]).stdout);
    let portuguese = run(&["--format", "svg", "--at", "1.8s", "--lang", "pt-BR"]).stdout;
    assert!(String::from_utf8(portuguese).unwrap().contains(" · perfil clássico</title>"));
    assert!(String::from_utf8(one).unwrap().contains("1.80\u{a0}s · classic profile</title>"));
}

#[test]
fn options_that_make_no_sense_are_refused_with_what_would_be_right() {
    for (arguments, told) in [
        (&["--at", "1s"][..], "expected it with --format svg or --format png"),
        (&["--format", "svg", "--scale", "2"], "expected it with --format png"),
        (&["--format", "svg", "--at", "1h"], "expected --at up to that"),
        (&["--format", "svg", "--at", "soon"], "expected a duration such as 1.8s, or microseconds"),
        (&["--format", "svg", "--view", "log"], "expected ring, diagram or both"),
        (&["--format", "svg", "--theme", "blue"], "expected light or dark"),
        (&["--format", "svg", "--lang", "de"], "expected en or pt"),
    ] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(told), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn merge_draws_the_moment_of_a_cluster_that_is_asked_for_in_the_language_that_is_asked_for() {
    let trace = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/traces/cluster.jsonl");
    let merge = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_antes"));
        command.args(["merge", trace]).args(arguments).output().expect("the command runs")
    };
    let picture = |arguments: &[&str]| {
        let output = merge(arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let early = picture(&["--format", "svg", "--at", "1s", "--lang", "pt"]);
    let late = picture(&["--format", "svg", "--at", "2s", "--lang", "pt"]);
    assert!(early.contains("lang=\"pt-BR\"") && early.contains(">1,00000"), "{}", &early[..900]);
    assert_ne!(early, late);
    assert!(picture(&["--format", "svg"]).starts_with("<svg "));
    let png = merge(&["--format", "png", "--scale", "1"]).stdout;
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let beyond = merge(&["--format", "svg", "--at", "1h"]);
    assert_eq!(beyond.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&beyond.stderr).contains("expected --at up to that"));
}

#[test]
fn stamp_draws_a_figure_in_the_size_the_stamps_and_the_language_that_are_asked_for() {
    let svg = |arguments: &[&str]| {
        let output = stamp(&[&["--format", "svg"], arguments].concat(), FIGURE);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = svg(&[]);
    assert!(plain.contains("· Lamport stamps</title>") && plain.contains(">12</text>"), "{plain}");
    assert_eq!(plain, svg(&["--stamps", "lamport", "--theme", "light", "--lang", "en"]));
    assert!(svg(&["--stamps", "vector"]).contains(">(1,1,0)</text>"));
    let asked = svg(&["--stamps", "none", "--lang", "pt"]);
    assert!(asked.contains("· 3 processos · 4 eventos</title>"), "{asked}");
    assert!(!asked.contains(">12</text>") && !asked.contains("(1,"), "{asked}");
    assert_ne!(plain, svg(&["--theme", "dark"]));
    let (width, height) = size(&stamp(&["--format", "png", "--scale", "1"], FIGURE).stdout);
    let (twice, _) = size(&stamp(&["--format", "png"], FIGURE).stdout);
    assert_eq!(twice, 2 * width);
    assert!(plain.contains(&format!("height=\"{height}\"")), "{}", &plain[..200]);
}

#[test]
fn options_of_pictures_that_say_nothing_of_a_figure_are_refused_with_what_would_be_right() {
    let event =
        |number: u32| format!("{{ \"id\": \"e{number}\", \"proc\": \"P\", \"kind\": \"local\" }}");
    let events: Vec<_> = (0..300).map(event).collect();
    let long = format!("{{ \"processes\": [\"P\"], \"events\": [{}] }}", events.join(", "));
    for (arguments, figure, told) in [
        (
            &["--theme", "dark"][..],
            FIGURE,
            "--theme is for pictures; expected it with --format svg",
        ),
        (&["--stamps", "none"], FIGURE, "--stamps is for pictures; expected it with --format svg"),
        (&["--format", "svg", "--scale", "2"], FIGURE, "expected it with --format png"),
        (&["--format", "svg", "--stamps", "L"], FIGURE, "expected lamport, vector or none"),
        (&["--format", "svg", "--at", "1s"], FIGURE, "unexpected argument '--at'"),
        (&["--format", "svg"], "{}", "this is no figure: missing field `processes`"),
        (&["--format", "png"], &long, "pixels long; expected 16384 at most, by a smaller --scale"),
    ] {
        let output = stamp(arguments, figure);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}
