//! Pictures of a few moments, byte for byte. They are written anew with
//! `UPDATE_GOLDEN=1 cargo test -p antes-picture --test golden`; look at them before you keep them.

use std::path::PathBuf;

use antes_picture::document::{View, Wanted, document};
use antes_picture::language::Language;
use antes_picture::outlook::Outlook;
use antes_picture::style::Theme;
use antes_sim::library;
use antes_sim::run::Run;
use antes_sim::scenario;

fn check(slug: &str, at_us: u64, wanted: Wanted) {
    let mut run = Run::new(scenario::read(library::find(slug).unwrap()).unwrap());
    run.seek(at_us);
    let outlook = Outlook::ahead(&mut run, |_, _, _| {});
    let drawn = document(&run, &outlook, wanted);
    let name = format!("{slug}-{at_us}-{}-{}.svg", wanted.view.name(), wanted.theme.name());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(&name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &drawn).unwrap();
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
