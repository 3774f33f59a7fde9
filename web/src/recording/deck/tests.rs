use antes_sim::export::{Header, jsonl};
use antes_sim::run::Run;

use super::*;
use crate::chart::index::Arrow;
use crate::recording::reader::{Brought, File, read};
use crate::sentence;

/// The trace of three real nodes until their leader was killed and replaced.
const CLUSTER: &str = include_str!("../../../../e2e/traces/cluster.jsonl");

fn opened(text: &str) -> Deck {
    let file = File::without_log("run.jsonl".into(), text.as_bytes().to_vec());
    match read(vec![file]) {
        Ok(Brought::Tape(tape)) => Deck::new(*tape),
        Ok(Brought::Scenario(..)) => panic!("it is a scenario"),
        Err(refusal) => panic!("{refusal:?}"),
    }
}

/// The trace of a scenario of the library.
fn recorded(title: &str) -> Deck {
    let mut scenarios = antes_sim::library::scenarios().unwrap().into_iter();
    let mut run = Run::new(scenarios.find(|scenario| scenario.title.en == title).unwrap());
    run.finish();
    let header = Header::of(run.scenario());
    let events = run.trace().iter().map(|event| jsonl::line(event, header.size()));
    let text: Vec<_> = [header.to_json()].into_iter().chain(events).collect();
    opened(&text.join("\n"))
}

/// Open a trace of a real cluster, and one of the simulator.
const BOTH: [fn() -> Deck; 2] =
    [|| opened(CLUSTER), || recorded("Coordinator crashes: two lock holders")];

fn arrows(deck: &Deck) -> Vec<Arrow> {
    deck.side(0).index.arrows().to_vec()
}

#[test]
fn stepping_back_shows_again_what_was_shown_before() {
    for open in BOTH {
        let mut deck = open();
        let mut shown = Vec::new();
        for _ in deck.tape().events().to_vec() {
            shown.push((deck.moment().clone(), deck.now_us(), arrows(&deck)));
            deck.step();
        }
        for (moment, now_us, arrows_then) in shown.into_iter().rev() {
            deck.step_back();
            assert_eq!(*deck.moment(), moment);
            assert_eq!(deck.now_us(), now_us);
            assert_eq!(arrows(&deck), arrows_then);
        }
    }
}

#[test]
fn seeking_leads_to_where_playing_does() {
    for open in BOTH {
        let (mut deck, mut sought) = (open(), open());
        deck.set_speed(Speed::new(2));
        deck.play();
        while deck.is_playing() {
            deck.frame(16_000);
            sought.seek(deck.now_us());
            // At a violation it stops before the other lines of the same instant.
            if deck.is_playing() {
                assert_eq!(sought.moment(), deck.moment());
                assert_eq!(arrows(&sought), arrows(&deck));
            }
        }
    }
}

#[test]
fn playing_stops_at_a_violation_and_goes_on_from_there_to_the_end() {
    let mut deck = recorded("Coordinator crashes: two lock holders");
    let (count, first) = deck.tape().violations();
    let mut stops = Vec::new();
    for _ in 0..=count {
        deck.play();
        while deck.is_playing() {
            stops.extend(deck.frame(100_000));
        }
    }
    assert_eq!(stops.len(), count as usize);
    assert_eq!(stops.first().map(|&(_, seq)| seq), first);
    assert_eq!(deck.past().len(), deck.tape().events().len());
}

#[test]
fn quiet_is_shortened_and_no_message_takes_no_time() {
    let mut deck = opened(CLUSTER);
    let shortened_us = deck.tape().end_us();
    let lines = deck.tape().events().len();
    assert!((0..lines).map(|line| deck.tape().at_us(line)).is_sorted());
    let ways = (0..lines).filter_map(|line| deck.tape().way_from(line));
    for way in ways.map(|way| *deck.tape().way(way)) {
        if let Some((end, None)) = way.end {
            assert!(deck.tape().at_us(end) > deck.tape().at_us(way.sent), "{way:?}");
        }
    }
    deck.set_quiet(Quiet::Kept);
    assert!(deck.tape().end_us() > 5 * shortened_us, "it is far longer as it was");
}

#[test]
fn instants_are_told_by_the_clock_of_the_trace() {
    let mut deck = opened(CLUSTER);
    for quiet in [Quiet::Shortened, Quiet::Kept] {
        deck.set_quiet(quiet);
        let tape = deck.tape();
        for (line, event) in tape.events().iter().enumerate() {
            let last = tape.done_at(tape.at_us(line)) - 1;
            assert_eq!(tape.told_us(tape.at_us(line)), tape.events()[last].at_us, "{event:?}");
        }
        assert_eq!(tape.on_tape_us(tape.events()[200].at_us), tape.at_us(200));
    }
}

#[test]
fn the_same_lines_have_happened_when_quiet_is_kept_instead() {
    let mut deck = opened(CLUSTER);
    deck.show(0, 150);
    let moment = deck.moment().clone();
    deck.set_quiet(Quiet::Kept);
    assert_eq!(*deck.moment(), moment);
    assert!(arrows(&deck).iter().all(|arrow| arrow.sent.at_us <= deck.now_us()));
}

#[test]
fn jumps_go_from_decision_to_decision_and_back() {
    let mut deck = opened(CLUSTER);
    let mut stops = Vec::new();
    while deck.past().len() < deck.tape().events().len() {
        deck.jump();
        stops.push(deck.past().len());
    }
    for stop in stops.into_iter().rev().skip(1) {
        deck.jump_back();
        assert_eq!(deck.past().len(), stop);
        assert!(sentence::is_decision(deck.past().last().unwrap()));
    }
}

/// A part of each recording, from its line 20 to its line 40, in times of the trace.
fn with_a_range(open: fn() -> Deck, repeats: bool) -> (Deck, [u64; 2]) {
    let mut deck = open();
    let [from_us, to_us] = [20, 40].map(|line: usize| deck.tape().events()[line].at_us);
    assert!(from_us < to_us);
    assert!(deck.set_range(Range { from_us: Some(from_us), to_us: Some(to_us), repeats }));
    deck.reset();
    (deck, [from_us, to_us])
}

#[test]
fn nothing_leads_out_of_a_range() {
    for open in BOTH {
        for quiet in [Quiet::Shortened, Quiet::Kept] {
            let (mut deck, [from_us, to_us]) = with_a_range(open, false);
            deck.set_quiet(quiet);
            let end_us = deck.tape().end_us();
            let moves: [&dyn Fn(&mut Deck); 9] = [
                &Deck::reset,
                &Deck::step_back,
                &Deck::jump_back,
                &|deck| deck.seek(0),
                &Deck::jump,
                &Deck::finish,
                &Deck::step,
                &Deck::jump,
                &|deck| deck.seek(end_us),
            ];
            for (place, go) in moves.into_iter().enumerate() {
                go(&mut deck);
                let last_us = deck.past().last().unwrap().at_us;
                assert!((from_us..=to_us).contains(&last_us), "move {place}: {last_us}");
            }
            assert!(deck.is_over() && !deck.is_at_start());
            deck.reset();
            assert!(deck.is_at_start() && !deck.is_over());
        }
    }
}

#[test]
fn a_range_is_played_to_its_end_and_begins_again_where_that_is_asked_for() {
    for open in BOTH {
        for still in [false, true] {
            let (mut deck, [from_us, to_us]) = with_a_range(open, false);
            deck.set_still(still);
            deck.play();
            while deck.is_playing() {
                deck.frame(16_000);
            }
            assert_eq!(deck.past().last().unwrap().at_us, to_us);
            assert_eq!(deck.now_us(), deck.end_us());
            let (mut deck, _) = with_a_range(open, true);
            deck.set_still(still);
            deck.play();
            let mut before_us = 0;
            while deck.now_us() >= before_us {
                before_us = deck.now_us();
                deck.frame(16_000);
            }
            assert!(deck.is_playing());
            assert!((from_us..to_us).contains(&deck.past().last().unwrap().at_us));
        }
    }
}

#[test]
fn a_range_with_nothing_in_it_is_refused() {
    let mut deck = opened(CLUSTER);
    let end_us = deck.tape().told_us(deck.tape().end_us());
    for (from_us, to_us) in
        [(Some(2_000_000), Some(1_000_000)), (Some(end_us), None), (None, Some(0))]
    {
        assert!(!deck.set_range(Range { from_us, to_us, repeats: false }));
        assert_eq!((deck.start_us(), deck.end_us()), (0, deck.tape().end_us()));
    }
}
