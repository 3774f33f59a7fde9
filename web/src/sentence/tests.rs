use super::*;
use antes_core::{Identity, LamportTime, Phase, Profile, RequestId, Term, Token, Write};
use antes_sim::judge::Judge;
use antes_sim::library::LIBRARY;
use antes_sim::run::Run;
use antes_sim::scenario;

/// Common English words that do not exist in Portuguese.
const ENGLISH: &[&str] = &["the", "and", "is", "of", "was", "its", "from", "to", "by", "node"];
const PORTUGUESE: &[&str] = &["o", "os", "e", "de", "da", "ao", "que", "uma", "não", "nó"];

fn has_any(text: &str, words: &[&str]) -> bool {
    let mut spoken = text.split(|letter: char| !letter.is_alphabetic());
    spoken.any(|word| words.contains(&word.to_lowercase().as_str()))
}

#[test]
fn every_event_is_told_in_the_language_of_the_page_alone() {
    for (slug, text) in LIBRARY {
        for profile in [Profile::Classic, Profile::Hardened] {
            let mut run = Run::new(scenario::read(text).unwrap().in_profile(profile));
            run.finish();
            for event in run.trace() {
                let en = of(event, Language::English);
                let pt = of(event, Language::Portuguese);
                assert!(!has_any(&en, PORTUGUESE), "{slug}: {en}");
                assert!(!has_any(&pt, ENGLISH), "{slug}: {pt}");
            }
        }
    }
}

#[test]
fn every_sentence_of_the_judge_is_translated_with_its_numbers() {
    let [one, two] = [1, 2].map(|number| NodeId::new(number).unwrap());
    let life = |node| Identity { node, incarnation: antes_core::Incarnation::FIRST };
    let request = |node, number| RequestId { by: life(node), number };
    let token = |sequence| Some(Token { term: Term(1), sequence });
    let write = |node, number, sequence| Write {
        request: request(node, number),
        phase: Phase::Inside,
        token: token(sequence),
    };
    let mut judge = Judge::default();
    for node in [one, two] {
        judge.started(life(node));
        judge.follows(life(node), Some(node), Some(Term(7)));
    }
    judge.quiet();
    judge.follows(life(two), Some(one), None);
    judge.follows(life(one), None, None);
    judge.quiet();
    judge.ticked(one, LamportTime(5), None);
    judge.ticked(one, LamportTime(3), None);
    judge.ticked(one, LamportTime(9), Some(LamportTime(9)));
    judge.granted(two, request(one, 1), None, life(one));
    judge.follows(life(two), Some(two), None);
    judge.granted(two, request(one, 1), None, life(one));
    judge.requested(request(one, 1));
    judge.entered(request(one, 1), token(1));
    judge.entered(request(one, 1), token(2));
    judge.entered(request(two, 1), None);
    judge.overlapped(request(two, 1), &[request(one, 1)]);
    judge.accepted(write(one, 1, 4));
    judge.accepted(write(two, 1, 3));
    judge.accepted(write(one, 2, 3));
    judge.exited(request(one, 1));
    judge.exited(request(two, 1));
    for (of, stamp) in [(two, 12), (one, 8)] {
        judge.asked(request(of, 3), LamportTime(stamp));
        judge.entered(request(of, 3), None);
        judge.exited(request(of, 3));
    }
    let found = judge.take_found();
    let kinds: std::collections::BTreeSet<_> =
        found.iter().map(|violation| violation.invariant).collect();
    assert_eq!(kinds.len(), Invariant::ALL.len(), "{found:#?}");
    for violation in found {
        let words = of_judge(violation.invariant).iter();
        let told: Vec<String> = words
            .filter_map(|word| word.translate(&violation.sentence, Language::Portuguese))
            .collect();
        assert_eq!(told.len(), 1, "{}", violation.sentence);
        let digits = |text: &str| -> String {
            let mut digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
            digits.sort_unstable();
            digits.into_iter().collect()
        };
        assert_eq!(digits(&told[0]), digits(&violation.sentence), "{}", told[0]);
        assert!(!has_any(&told[0], ENGLISH), "{}", told[0]);
    }
}

#[test]
fn a_sentence_of_another_judge_is_told_in_general() {
    let violation = Violation {
        invariant: Invariant::OneHolder,
        nodes: vec![NodeId::new(1).unwrap()],
        sentence: "Too many are in.".to_owned(),
    };
    let told = broken(&violation, Language::Portuguese);
    assert_eq!(told, "A invariante “um por vez” é violada (nós: 1).");
}

#[test]
fn a_hardened_restart_is_told_with_the_clock_that_was_saved() {
    let (_, text) = LIBRARY.iter().find(|(slug, _)| *slug == "highest-comes-back").unwrap();
    let told = [Profile::Classic, Profile::Hardened].map(|profile| {
        let mut run = Run::new(scenario::read(text).unwrap().in_profile(profile));
        run.finish();
        let restart = run.trace().iter().find(|event| event.kind() == "restart").unwrap();
        of(restart, Language::English)
    });
    assert_eq!(told[0], "Node 4 restarts and remembers nothing.");
    assert!(told[1].starts_with("Node 4 restarts with what it had saved; its clock goes on"));
}
