//! Parses a claim of a note, such as `leads 4` or `not sends GRANT 4 -> 2`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{ClusterSize, NodeId, Term, Token};

use super::{
    AWAITED, Claim, DEEDS, Details, Event, FATES, Fact, Message, PROPERTIES, State, Table,
};
use crate::scenario::duration;
use crate::scenario::suggest::advice;
use crate::summary::TYPES;
use crate::trace::{Invariant, Recipient};

/// Words with which a claim can begin, besides `not` and the words of the three lists.
const OTHERS: &[&str] = &[
    "follows",
    "term",
    "clock",
    "vector",
    "token",
    "table",
    "awaits",
    "on-its-way",
    "concurrent",
    "before",
    "keeps",
    "times-out",
    "writes",
    "cuts",
    "heals",
    "violates",
];

/// The names of the timers in traces.
const TIMERS: &[&str] = &[
    "call-wait",
    "call-reply",
    "heartbeat",
    "suspicion",
    "poll-wait",
    "poll-answer",
    "answers",
    "coordinator",
    "request-wait",
    "hold",
    "probe-answers",
    "accepts",
    "election-retry",
    "challenge",
    "probation",
    "leader-lease",
    "retry",
    "claim",
    "lease",
    "grace",
];

/// The names of election causes in traces.
const CAUSES: &[&str] = &[
    "start",
    "command",
    "suspicion",
    "asked",
    "no-winner",
    "lower-announced",
    "lost-majority",
    "no-majority",
    "outranks",
    "resigned",
];

/// What is wrong with a claim, and what would be right.
type Wrong = (String, String);

/// Parses `text` as a claim about a cluster of this size.
pub(in crate::scenario) fn read_claim(text: &str, size: ClusterSize) -> Result<Claim, Wrong> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (denied, words) = match words.split_first() {
        Some((&"not", rest)) => (true, rest),
        _ => (false, words.as_slice()),
    };
    let mut reader = Reader { words, size };
    let fact = reader.fact()?;
    match reader.words {
        [] => Ok(Claim { denied, fact }),
        [extra, ..] => Err((
            format!("\"{extra}\" is not understood in a claim"),
            format!("expected \"{}\"", Claim { denied, fact }),
        )),
    }
}

struct Reader<'a> {
    words: &'a [&'a str],
    size: ClusterSize,
}

impl<'a> Reader<'a> {
    fn fact(&mut self) -> Result<Fact, Wrong> {
        let verb = self.next("a claim such as \"leads 3\" or \"enters 1\"")?;
        if let Some(state) = self.state(verb)? {
            let lasting = self.after("for").map(|()| self.duration()).transpose()?;
            return Ok(Fact::State { state, lasting });
        }
        let Some(event) = self.event(verb)? else {
            let mut all: Vec<&str> = PROPERTIES.iter().map(|(word, _)| *word).collect();
            all.extend(DEEDS.iter().map(|(word, _)| *word));
            all.extend(FATES.iter().map(|(word, _)| *word));
            all.extend(OTHERS);
            return Err((format!("no claim begins with \"{verb}\""), advice(verb, &all)));
        };
        Ok(Fact::Event { event, details: self.details()? })
    }

    fn state(&mut self, verb: &str) -> Result<Option<State>, Wrong> {
        if let Some(&(_, property)) = PROPERTIES.iter().find(|(word, _)| *word == verb) {
            return Ok(Some(State::Are(property, self.nodes()?)));
        }
        Ok(Some(match verb {
            "follows" => {
                let node = self.node()?;
                self.expect("->")?;
                let leader = match self.after("none") {
                    Some(()) => None,
                    None => Some(self.node()?),
                };
                State::Follows(node, leader)
            }
            "term" => State::Term(self.of()?, Term(self.number()?)),
            "clock" => State::Clock(self.of()?, self.number()?),
            "vector" => State::Vector(self.of()?, self.vector()?),
            "token" => State::Token(self.of()?, self.token()?),
            "table" => State::Table(self.of()?, self.table()?),
            "awaits" => State::Awaits(self.node()?, self.one_of(AWAITED)?),
            "on-its-way" => State::OnItsWay(self.message()?),
            "concurrent" => State::Concurrent(self.node()?, self.node()?),
            "before" => State::Before(self.node()?, self.node()?),
            "keeps" => State::Keeps(self.invariant()?),
            _ => return Ok(None),
        }))
    }

    fn event(&mut self, verb: &str) -> Result<Option<Event>, Wrong> {
        if let Some(&(_, deed)) = DEEDS.iter().find(|(word, _)| *word == verb) {
            return Ok(Some(Event::Node(deed, self.node()?)));
        }
        if let Some(&(_, fate)) = FATES.iter().find(|(word, _)| *word == verb) {
            return Ok(Some(Event::Message(fate, self.message()?)));
        }
        Ok(Some(match verb {
            "times-out" => Event::TimesOut(self.node()?, self.name(TIMERS)?),
            "writes" => {
                Event::Writes(self.node()?, self.one_of(&[("accepted", true), ("refused", false)])?)
            }
            "cuts" => {
                let (from, to) = self.link()?;
                Event::Cuts(from, to)
            }
            "heals" => {
                let (from, to) = self.link()?;
                Event::Heals(from, to)
            }
            "violates" => Event::Violates(self.invariant()?),
            _ => return Ok(None),
        }))
    }

    fn details(&mut self) -> Result<Details, Wrong> {
        let mut details = Details::default();
        while let Some(&word) = self.words.first() {
            self.words = &self.words[1..];
            match word {
                "stamp" => details.stamp = Some(self.number()?),
                "vector" => details.vector = Some(self.vector()?),
                "token" => details.token = Some(self.token()?),
                "term" => details.term = Some(Term(self.number()?)),
                "cause" => details.cause = Some(self.name(CAUSES)?),
                "at" => details.at = Some(self.duration()?),
                other => {
                    let all = ["stamp", "vector", "token", "term", "cause", "at"];
                    return Err((format!("an event has no \"{other}\""), advice(other, &all)));
                }
            }
        }
        Ok(details)
    }

    fn message(&mut self) -> Result<Message, Wrong> {
        let kind = self.next("the type of a message, such as GRANT")?;
        if !TYPES.contains(&kind) {
            return Err((format!("no message is of the type \"{kind}\""), advice(kind, &TYPES)));
        }
        let from = self.node()?;
        self.expect("->")?;
        let to = match self.after("resource") {
            Some(()) => Recipient::Resource,
            None => Recipient::Node(self.node()?),
        };
        Ok(Message { kind: kind.to_string(), from, to })
    }

    fn link(&mut self) -> Result<(NodeId, NodeId), Wrong> {
        let from = self.node()?;
        self.expect("->")?;
        Ok((from, self.node()?))
    }

    fn table(&mut self) -> Result<Table, Wrong> {
        let expected = "none, free, recovering, or who has the lock and who waits: \"1, then 2 3\"";
        Ok(match self.next(expected)? {
            "none" => Table::None,
            "free" => Table::Free,
            "recovering" => Table::Recovering,
            holder => {
                let holder = self.node_of(holder.strip_suffix(',').unwrap_or(holder))?;
                self.expect("then")?;
                Table::Held(holder, self.nodes()?)
            }
        })
    }

    /// A node followed by `=`.
    fn of(&mut self) -> Result<NodeId, Wrong> {
        let node = self.node()?;
        self.expect("=")?;
        Ok(node)
    }

    /// A list of nodes, or `none`.
    fn nodes(&mut self) -> Result<Vec<NodeId>, Wrong> {
        if self.after("none").is_some() {
            return Ok(Vec::new());
        }
        let mut nodes = Vec::from([self.node()?]);
        while self.words.first().is_some_and(|word| word.parse::<u8>().is_ok()) {
            nodes.push(self.node()?);
        }
        Ok(nodes)
    }

    fn node(&mut self) -> Result<NodeId, Wrong> {
        let expected = format!("a node, 1 to {}", self.size.get());
        let word = self.next(&expected)?;
        self.node_of(word)
    }

    fn node_of(&self, word: &str) -> Result<NodeId, Wrong> {
        let node = word.parse().ok().and_then(NodeId::new).filter(|&node| self.size.contains(node));
        node.ok_or_else(|| wrong(word, &format!("a node, 1 to {}", self.size.get())))
    }

    fn number(&mut self) -> Result<u64, Wrong> {
        let word = self.next("a whole number")?;
        word.parse().map_err(|_| wrong(word, "a whole number"))
    }

    fn duration(&mut self) -> Result<Duration, Wrong> {
        let word = self.next("a duration such as 1.5s")?;
        duration::parse(word)
            .map_err(|error| (format!("\"{word}\" is no duration"), error.to_string()))
    }

    fn vector(&mut self) -> Result<Vec<u64>, Wrong> {
        let expected = format!(
            "one count a node without spaces, such as ({})",
            "1,".repeat(usize::from(self.size.get())).trim_end_matches(',')
        );
        let word = self.next(&expected)?;
        let counts = word.strip_prefix('(').and_then(|word| word.strip_suffix(')'));
        let counts = counts.and_then(|counts| {
            counts.split(',').map(|count| count.parse().ok()).collect::<Option<Vec<u64>>>()
        });
        let complete = counts.filter(|counts| counts.len() == usize::from(self.size.get()));
        complete.ok_or_else(|| wrong(word, &expected))
    }

    fn token(&mut self) -> Result<Token, Wrong> {
        let expected = "a token such as 2.1: term 2, first grant";
        let word = self.next(expected)?;
        let numbers = word.split_once('.').and_then(|(term, sequence)| {
            Some(Token { term: Term(term.parse().ok()?), sequence: sequence.parse().ok()? })
        });
        numbers.ok_or_else(|| wrong(word, expected))
    }

    fn invariant(&mut self) -> Result<Invariant, Wrong> {
        let names = Invariant::ALL.map(|invariant| (invariant.name(), invariant));
        self.one_of(&names)
    }

    fn one_of<T: Copy>(&mut self, words: &[(&str, T)]) -> Result<T, Wrong> {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let word = self.next(&names.join(", "))?;
        let found = words.iter().find(|(name, _)| *name == word);
        found.map(|&(_, value)| value).ok_or_else(|| {
            (format!("\"{word}\" is not understood in a claim"), advice(word, &names))
        })
    }

    fn name(&mut self, names: &[&str]) -> Result<String, Wrong> {
        let names: Vec<(&str, &str)> = names.iter().map(|&name| (name, name)).collect();
        self.one_of(&names).map(str::to_string)
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Wrong> {
        let word = self.next(&format!("\"{wanted}\""))?;
        if word == wanted { Ok(()) } else { Err(wrong(word, &format!("\"{wanted}\""))) }
    }

    /// Takes the next word if it is `wanted`.
    fn after(&mut self, wanted: &str) -> Option<()> {
        let (_, rest) = self.words.split_first().filter(|(word, _)| **word == wanted)?;
        self.words = rest;
        Some(())
    }

    fn next(&mut self, expected: &str) -> Result<&'a str, Wrong> {
        let ended = || ("the claim ends too early".to_string(), format!("expected {expected}"));
        let (word, rest) = self.words.split_first().ok_or_else(ended)?;
        self.words = rest;
        Ok(word)
    }
}

fn wrong(word: &str, expected: &str) -> Wrong {
    (format!("\"{word}\" is not understood in a claim"), format!("expected {expected}"))
}

#[cfg(test)]
mod tests;
