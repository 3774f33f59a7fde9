//! The notes of each scenario: each claim holds when its note is shown, and no note is shown before
//! or long after the event it describes.

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use antes_sim::claims;
use antes_sim::library::LIBRARY;
use antes_sim::run::Run;
use antes_sim::scenario::claim::{Claim, Claims, Event, Fact};
use antes_sim::scenario::{self, Scenario, Step, Text};
use antes_sim::trace::Happening;
use common::finished;

/// The longest time between an event and its note.
const LATEST: Duration = Duration::from_millis(500);

fn scenarios() -> impl Iterator<Item = (&'static str, Scenario)> {
    LIBRARY.iter().map(|(slug, text)| {
        (*slug, scenario::read(text).unwrap_or_else(|error| panic!("{slug}: {error}")))
    })
}

fn facts(step: &Step) -> &[Claim] {
    match &step.claims {
        Claims::Facts(claims) => claims,
        Claims::Unsaid | Claims::Nothing(_) => &[],
    }
}

#[test]
fn claims_hold_when_their_note_is_shown() {
    let mut wrong = Vec::new();
    for (slug, scenario) in scenarios() {
        let untrue = claims::untrue(&scenario);
        wrong.extend(untrue.iter().map(|one| format!("{slug}, {:?}: {}", one.at, one.claim)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_note_has_claims_or_says_why_it_has_none() {
    for (slug, scenario) in scenarios() {
        for step in scenario.steps.iter().filter(|step| step.note.is_some()) {
            match &step.claims {
                Claims::Facts(_) => {}
                Claims::Nothing(reason) => assert!(!reason.trim().is_empty(), "{slug}"),
                Claims::Unsaid => panic!("{slug}: the note at {:?} claims nothing", step.at),
            }
        }
    }
}

/// For each note with claims: its step, and the first instant after the previous note at which all
/// its claims hold. `None` is the instant of the previous note.
fn earliest(scenario: &Scenario) -> Vec<(usize, Option<Duration>)> {
    let mut run = Run::new(scenario.clone());
    let noted = |step: &Step| step.note.is_some();
    let mut found = Vec::new();
    let places: Vec<usize> =
        (0..scenario.steps.len()).filter(|&place| noted(&scenario.steps[place])).collect();
    for place in places {
        let wanted = facts(&scenario.steps[place]);
        let told = run.trace().len();
        let hold = |run: &Run| wanted.iter().all(|claim| claims::holds(run, told, claim));
        let mut first = if hold(&run) { Some(None) } else { None };
        while run.world().steps_done() <= place {
            assert!(run.step(), "the script is played");
            if first.is_none() && hold(&run) {
                first = Some(Some(Duration::from_micros(run.now_us())));
            }
        }
        if !wanted.is_empty() {
            found.extend(first.map(|first| (place, first)));
        }
    }
    found
}

#[test]
fn no_note_could_have_been_told_together_with_the_one_before_it() {
    let mut wrong = Vec::new();
    for (slug, scenario) in scenarios() {
        let early = earliest(&scenario).into_iter().filter(|(_, first)| first.is_none());
        wrong.extend(early.map(|(place, _)| format!("{slug}, {:?}", scenario.steps[place].at)));
    }
    assert!(wrong.is_empty(), "nothing new is claimed: {wrong:#?}");
}

#[test]
fn every_note_is_told_soon_after_what_it_tells_of() {
    let mut wrong = Vec::new();
    for (slug, scenario) in scenarios() {
        for (place, first) in earliest(&scenario) {
            let at = scenario.steps[place].at;
            let late = first.map_or(at, |first| at.saturating_sub(first));
            if late > LATEST {
                wrong.push(format!("{slug}: the note at {at:?} comes {late:?} late"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A note that is moved before its event is found. Otherwise the tests above could not fail.
#[test]
fn a_note_that_comes_before_its_fact_is_found() {
    let before = Duration::from_millis(1);
    let mut moved = 0;
    for (slug, scenario) in scenarios() {
        for (place, first) in earliest(&scenario) {
            let Some(at) = first.and_then(|first| first.checked_sub(before)) else { continue };
            // A state that has lasted for some time begins without an event.
            let lasts = |claim: &Claim| matches!(claim.fact, Fact::State { lasting: Some(_), .. });
            if facts(&scenario.steps[place]).iter().any(lasts) {
                continue;
            }
            let mut early = scenario.clone();
            let Step { note, claims, .. } = early.steps[place].clone();
            early.steps[place].note = None;
            early.steps[place].claims = Claims::Unsaid;
            let step = Step { note, claims, ..Step::new(at, 0, scenario::Action::Note) };
            let to = early.steps.partition_point(|other| (other.at, other.after) <= (at, 0));
            early.steps.insert(to, step);
            let found = claims::untrue(&early).iter().any(|wrong| wrong.step == to);
            assert!(found, "{slug}: {:?} at {at:?}", scenario.steps[place].note);
            moved += 1;
        }
    }
    assert!(moved > 200, "{moved} notes");
}

#[test]
fn every_violation_is_told_of_where_it_stops_the_page() {
    for (slug, scenario) in scenarios() {
        let run = finished(scenario.clone());
        for line in run.trace() {
            let Happening::Violation(violation) = &line.happening else { continue };
            let tells = |step: &&Step| {
                u64::try_from(step.at.as_micros()) == Ok(line.at_us)
                    && facts(step).iter().any(|claim| {
                        matches!(&claim.fact, Fact::Event { event: Event::Violates(invariant), .. }
                            if *invariant == violation.invariant)
                    })
            };
            let told = scenario.steps.iter().any(|step| tells(&step));
            assert!(told, "{slug}: {} at {} us", violation.sentence, line.at_us);
        }
    }
}

#[test]
fn no_two_notes_share_an_instant_and_none_takes_the_place_of_the_summary() {
    for (slug, scenario) in scenarios() {
        let notes = scenario.steps.iter().filter(|step| step.note.is_some());
        let instants: Vec<Duration> = notes.map(|step| step.at).collect();
        let different: BTreeSet<Duration> = instants.iter().copied().collect();
        assert_eq!(different.len(), instants.len(), "{slug}");
        assert!(!different.contains(&Duration::ZERO), "{slug}");
    }
}

fn texts(scenario: &Scenario) -> Vec<&Text> {
    let head = [&scenario.summary, &scenario.look_for, &scenario.simplifies];
    let notes = scenario.steps.iter().map(|step| &step.note);
    head.into_iter().chain(notes).filter_map(Option::as_ref).collect()
}

#[test]
fn every_text_is_whole_sentences() {
    for (slug, scenario) in scenarios() {
        for text in texts(&scenario) {
            for words in [Some(&text.en), text.pt.as_ref()].into_iter().flatten() {
                let first = words.chars().next().expect("it says something");
                assert!(first.is_uppercase() || first.is_ascii_digit(), "{slug}: {words}");
                assert!(words.ends_with(['.', '?', '!', '”']), "{slug}: {words}");
            }
        }
    }
}

/// Words that exist in only one of the two languages.
const ENGLISH: &[&str] = &["the", "and", "is", "of", "with", "its", "which", "nobody", "message"];
const PORTUGUESE: &[&str] = &["o", "os", "e", "de", "com", "que", "um", "uma", "não", "nó"];

fn has_any(text: &str, words: &[&str]) -> bool {
    let mut spoken = text.split(|letter: char| !letter.is_alphabetic());
    spoken.any(|word| words.contains(&word.to_lowercase().as_str()))
}

#[test]
fn no_text_is_in_the_other_language() {
    for (slug, scenario) in scenarios() {
        let keywords = scenario.keywords.as_ref().unwrap_or_else(|| panic!("{slug} has none"));
        for text in texts(&scenario).into_iter().chain([&scenario.title, keywords]) {
            let pt = text.pt.as_ref().unwrap_or_else(|| panic!("{slug}: {}", text.en));
            assert!(!has_any(&text.en, PORTUGUESE), "{slug}: {}", text.en);
            assert!(!has_any(pt, ENGLISH), "{slug}: {pt}");
        }
    }
}
