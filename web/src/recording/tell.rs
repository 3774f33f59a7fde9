//! The inspector's texts for a recording: the rule behind an event with its numbers, the event's effects, and
//! the state of a node as far as the trace shows it.

use antes_core::NodeId;
use antes_sim::trace::{Happening, TraceEvent};
use antes_sim::world::Status;

use super::deck::Deck;
use super::moment::Moment;
use super::scene;
use super::tape::Tape;
use crate::causality;
use crate::chart::labels::vector;
use crate::language::Language;
use crate::ring::scene::{Lock, Part};
use crate::sentence;
use crate::why::facts::Fact;
use crate::why::{Change, Why, meaning, rules};
use crate::words::{self as w, Word, recorded as r};

/// The largest number of lines that count as effects of one event.
const MAX_SET_OFF: usize = 64;

/// The explanation of the line `seq`.
pub fn of_event(deck: &Deck, seq: u64, selected: bool, language: Language) -> Option<Why> {
    let tape = deck.tape();
    let line = usize::try_from(seq).ok()?;
    let event = tape.events().get(line)?;
    let about = match selected {
        true => w::WHY_EVENT.fill(language, &[&seq]),
        false => w::WHY_LATEST.say(language).to_owned(),
    };
    let mut why = Why {
        about,
        seq: Some(seq),
        sentence: sentence::told(event, tape.events(), language),
        rules: rules(tape.events(), event, tape.size(), language),
        meaning: meaning::of(None, event, None, language),
        causality: selected.then(|| causality::sentence(event, tape.events(), language)).flatten(),
        trap: selected.then(|| causality::trap(event, tape.events(), language)).flatten(),
        facts: written(tape, line, language).into_iter().chain(way(deck, line, language)).collect(),
        ..Why::default()
    };
    if let Some(node) = event.node.filter(|_| selected && begins(event)) {
        effects(&mut why, deck, line, node, language);
    }
    Some(why)
}

/// The state of a node at this moment, as far as the trace shows it.
pub fn of_node(deck: &Deck, node: NodeId, language: Language) -> Why {
    Why {
        about: w::WHY_NODE.fill(language, &[&node]),
        sentence: w::NODE.fill(language, &[&node]),
        facts: facts(deck, deck.moment(), node, language),
        ..Why::default()
    }
}

fn facts(deck: &Deck, moment: &Moment, node: NodeId, language: Language) -> Vec<Fact> {
    let fact = |name: Word, value: String| Fact { name: name.say(language).to_owned(), value };
    let say = |word: Word| word.say(language).to_owned();
    let (tape, seat) = (deck.tape(), moment.seat(node));
    let status = match seat.status {
        Status::Up => w::STATE_ALIVE,
        Status::Paused => w::STATE_PAUSED,
        _ if tape.unseen().contains(node) => w::STATE_UNKNOWN,
        Status::Crashed => w::STATE_CRASHED,
        Status::Stopped => w::STATE_STOPPED,
    };
    let mut facts = vec![
        fact(w::FIELD_CLOCK, seat.stamp.lamport().to_string()),
        fact(w::FIELD_VECTOR, vector(&seat.stamp, tape.size().get())),
        fact(w::FIELD_STATE, status.say(language).to_owned()),
    ];
    let part = scene::part(node, seat, tape.setting());
    if part != Part::Peer {
        let leader = match seat.leader {
            None => say(w::NOBODY),
            Some(leader) if leader == node => say(w::ITSELF),
            Some(leader) => leader.to_string(),
        };
        facts.push(fact(w::FIELD_STANDING, leader));
    }
    if tape.has_resource() {
        let lock = match seat.lock() {
            Lock::None => w::LOCK_NONE,
            Lock::Waiting => w::LOCK_WAITING,
            Lock::Holding => w::LOCK_HOLDING,
        };
        facts.push(fact(w::FIELD_LOCK, say(lock)));
        facts.extend(seat.token.map(|token| fact(w::FIELD_TOKEN, token.to_string())));
    }
    facts.push(fact(w::FIELD_LIFE, seat.life.get().to_string()));
    facts
}

/// The words of the author, if the line is of a figure or of a log for ShiViz.
fn written(tape: &Tape, line: usize, language: Language) -> Option<Fact> {
    let value = tape.given()?.texts.get(line)?.clone();
    Some(Fact { name: r::WRITTEN.say(language).to_owned(), value })
}

/// Where a message came from, or what happened to it.
fn way(deck: &Deck, line: usize, language: Language) -> Option<Fact> {
    let tape = deck.tape();
    let fact = |value: String| Fact { name: r::WENT.say(language).to_owned(), value };
    let span = |from: usize, to: usize| {
        let passed_us = tape.events()[to].at_us.saturating_sub(tape.events()[from].at_us);
        milliseconds(passed_us, language)
    };
    if let Some(way) = tape.way_from(line).map(|way| tape.way(way)) {
        return Some(fact(match way.end {
            None => r::NO_END.say(language).to_owned(),
            Some((end, None)) => r::ARRIVED.fill(language, &[&span(line, end), &end]),
            Some((end, Some(_))) => r::DIED.fill(language, &[&span(line, end), &end]),
        }));
    }
    let sent = tape.way_to(line)?.sent;
    Some(fact(r::WAS_SENT.fill(language, &[&span(sent, line), &sent])))
}

/// A duration in milliseconds: `0.86 ms`, `2310 ms`.
fn milliseconds(us: u64, language: Language) -> String {
    if us >= 100_000 {
        return language.span(us);
    }
    let (whole, rest, mark) = (us / 1000, us % 1000 / 10, language.decimal_mark());
    format!("{whole}{mark}{rest:02}\u{a0}ms")
}

/// Whether a line begins something, so that further lines of its node may be its effects.
const fn begins(event: &TraceEvent) -> bool {
    match event.happening {
        Happening::Local
        | Happening::Receive { .. }
        | Happening::Timeout { .. }
        | Happening::Restart { .. }
        | Happening::Resume
        | Happening::Crash
        | Happening::Stop
        | Happening::Pause => true,
        Happening::Send(_)
        | Happening::Lost { .. }
        | Happening::Duplicate { .. }
        | Happening::Save(_)
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Request { .. }
        | Happening::Refused
        | Happening::Enter { .. }
        | Happening::Withdraw { .. }
        | Happening::Exit { .. }
        | Happening::Write { .. }
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. }
        | Happening::Violation(_) => false,
    }
}

/// The effects of an event at its node: the node's lines up to its next event.
fn effects(why: &mut Why, deck: &Deck, line: usize, node: NodeId, language: Language) {
    let events = deck.tape().events();
    let mut last = line;
    for (place, next) in events.iter().enumerate().skip(line + 1).take(MAX_SET_OFF) {
        if next.node != Some(node) {
            continue;
        }
        match &next.happening {
            Happening::Send(message) => why.sent.push(format!(
                "{} → {}",
                message.content.name(),
                sentence::recipient(message.to, language)
            )),
            Happening::Lost { .. } | Happening::Write { .. } => continue,
            _ if begins(next) => break,
            _ => {}
        }
        last = place;
    }
    let was = facts(deck, &deck.known_after(line), node, language);
    let told = [w::FIELD_CLOCK, w::FIELD_VECTOR].map(|word| word.say(language));
    why.changes = facts(deck, &deck.known_after(last + 1), node, language)
        .into_iter()
        .filter(|now| !told.contains(&now.name.as_str()))
        .filter_map(|now| {
            let then = was.iter().find(|fact| fact.name == now.name && fact.value != now.value)?;
            Some(Change { name: now.name, before: then.value.clone(), after: now.value })
        })
        .collect();
}
