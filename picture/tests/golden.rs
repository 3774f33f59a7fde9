//! Pictures of a few moments, byte for byte. They are written anew with
//! `UPDATE_GOLDEN=1 cargo test -p antes-picture --test golden`; look at them before you keep them.

use std::path::PathBuf;

use antes_picture::document::{View, Wanted, document};
use antes_picture::figure::{FigureStamps, WantedFigure, document_of_figure};
use antes_picture::language::Language;
use antes_picture::outlook::Outlook;
use antes_picture::style::Theme;
use antes_sim::run::Run;
use antes_sim::scenario;
use antes_sim::{figure, library};

fn check(slug: &str, at_us: u64, wanted: Wanted) {
    let mut run = Run::new(scenario::read(library::find(slug).unwrap()).unwrap());
    run.seek(at_us);
    let outlook = Outlook::ahead(&mut run, |_, _, _| {});
    let drawn = document(&run, &outlook, wanted);
    let name = format!("{slug}-{at_us}-{}-{}.svg", wanted.view.name(), wanted.theme.name());
    compare(&name, &drawn);
}

fn compare(name: &str, drawn: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(drawn == kept, "{name} has changed: run with UPDATE_GOLDEN=1 and look at it");
}

#[test]
fn an_election_is_drawn_as_ever() {
    let wanted = Wanted::default();
    check("leader-dies", 2_994_079, wanted);
    check("leader-dies", 2_994_079, Wanted { theme: Theme::Dark, ..wanted });
}

#[test]
fn a_lock_with_its_queue_is_drawn_as_ever() {
    check("lock-and-queue", 2_500_000, Wanted { view: View::Ring, ..Wanted::default() });
}

#[test]
fn a_refused_write_and_vectors_are_drawn_as_ever() {
    let (view, theme, language) = (View::Both, Theme::Dark, Language::Portuguese);
    check("stale-holder-hardened", 3_500_000, Wanted { view, theme, language });
    let diagram = Wanted { view: View::Diagram, ..Wanted::default() };
    check("vector-clocks-tell", 1_200_000, diagram);
}

/// A message to the sender itself, one that nobody receives, and two that must go around events of others.
const FIGURE: &str = r#"{
  "title": "Client and servers",
  "processes": ["client", "server 1", "server 2", "store"],
  "start": { "client": 10 },
  "events": [
    { "id": "c1", "proc": "client", "kind": "send", "msgs": ["ask", "tell", "lost"] },
    { "id": "s1", "proc": "server 1", "kind": "local" },
    { "id": "s2", "proc": "server 1", "kind": "local" },
    { "id": "s3", "proc": "server 1", "kind": "local" },
    { "id": "t1", "proc": "server 2", "kind": "recv", "msg": "tell" },
    { "id": "t2", "proc": "server 2", "kind": "send", "msg": "self" },
    { "id": "t3", "proc": "server 2", "kind": "local" },
    { "id": "t4", "proc": "server 2", "kind": "recv", "msg": "self" },
    { "id": "x1", "proc": "store", "kind": "recv", "msg": "ask" },
    { "id": "x2", "proc": "store", "kind": "send", "msgs": ["answer", "copy"] },
    { "id": "c2", "proc": "client", "kind": "recv", "msg": "answer" },
    { "id": "t5", "proc": "server 2", "kind": "recv", "msg": "copy" }
  ]
}"#;

#[test]
fn a_figure_is_drawn_as_ever() {
    let figure = figure::read(FIGURE).unwrap();
    compare("figure-lamport-light.svg", &document_of_figure(&figure, WantedFigure::default()));
    let (stamps, theme, language) = (FigureStamps::Vector, Theme::Dark, Language::Portuguese);
    let wanted = WantedFigure { stamps, theme, language };
    compare("figure-vector-dark.svg", &document_of_figure(&figure, wanted));
}
