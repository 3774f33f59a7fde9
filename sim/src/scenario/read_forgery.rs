//! Reads a forged message: its type, and the fields of that type.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{ClusterSize, Identity, Incarnation, NodeId, Term, Token};

use super::error::Fault;
use super::fields::{Field, Section};
use super::suggest::{advice, one_of};
use super::words::PHASES;
use super::{About, Forgery};
use crate::summary::TYPES;

/// The largest number in a forged message, far below the largest number of the type.
const MAX_NUMBER: u64 = 1_000_000_000;

/// Fields of all forged messages.
const COMMON: &[&str] = &["kind", "from", "to", "lamport", "latency"];

/// Further fields of these message types. All other types have at most a `term`.
const FIELDS: &[(&str, &[&str])] = &[
    ("MESSAGE", &[]),
    ("CALL", &["call", "question"]),
    ("REPLY", &["call", "number", "question"]),
    ("ELECTION", &["election", "term"]),
    ("OK", &["election", "request", "term"]),
    ("HEARTBEAT", &["beat", "term"]),
    ("HEARTBEAT_ACK", &["beat", "term"]),
    ("PROBE", &["seasoned", "term"]),
    ("PROBE_ACK", &["yes", "leader", "term"]),
    ("TERM", &["leader", "term"]),
    ("BIRTH", &["birth", "term"]),
    ("BIRTH_ACK", &["birth", "yes", "term"]),
    ("REQUEST", &["request", "repetition", "oldest", "lease_us", "term"]),
    ("GRANT", &["request", "repetition", "token", "term"]),
    ("RELEASE", &["request", "token", "term"]),
    ("RELEASE_ACK", &["request", "term"]),
    ("WITHDRAW", &["request", "term"]),
    ("REPORT", &["inc", "request", "token", "lease_us", "term"]),
    ("WRITE", &["request", "phase", "token"]),
];

/// Reads the forged message in `verb`.
pub(super) fn read(verb: &Field<'_>, size: ClusterSize) -> Result<Forgery, Fault> {
    let expected = "expected { kind, from, to, ... }";
    let all: Vec<&str> =
        COMMON.iter().chain(FIELDS.iter().flat_map(|(_, fields)| *fields)).copied().collect();
    let section = verb.section(&all, expected)?;
    let kind_field = section.require("kind", expected)?;
    let kind = kind_field.string("expected the type of a message, such as \"GRANT\"")?;
    if !TYPES.contains(&kind) {
        let problem = format!("no message is of the type \"{}\"", kind.escape_debug());
        return Err(kind_field.fault(problem, advice(kind, &TYPES)));
    }
    let fields = FIELDS.iter().find(|(name, _)| *name == kind);
    check_fields(&section, kind, fields.map_or(&["term"], |(_, fields)| *fields))?;
    let from = section.require("from", expected)?.node(size)?;
    let to = match kind {
        "WRITE" => None,
        _ => Some(section.require("to", expected)?.node(size)?),
    };
    if to == Some(from) {
        let problem = format!("\"{}\" goes from node {from} to itself", verb.name);
        return Err(verb.fault(problem, "expected two nodes"));
    }
    let (mut lamport, mut latency) = (1, None);
    section.set("lamport", &mut lamport, |field| field.whole(0, MAX_NUMBER))?;
    section.set("latency", &mut latency, |field| field.duration(Duration::ZERO).map(Some))?;
    let about = about(&section, size)?;
    Ok(Forgery { kind: kind.to_string(), from, to, lamport, latency, about })
}

/// Returns an error for fields that this message type does not have.
fn check_fields(section: &Section<'_>, kind: &str, fields: &[&str]) -> Result<(), Fault> {
    let common: &[&str] = match kind {
        "WRITE" => &["kind", "from", "lamport", "latency"],
        _ => COMMON,
    };
    let known: Vec<&str> = common.iter().chain(fields).copied().collect();
    let wrong = section.in_order().into_iter().find(|field| !known.contains(&field.name.as_str()));
    match wrong {
        Some(field) => Err(field.fault(
            format!("a {kind} has no \"{}\"", field.name),
            format!("expected {}", one_of(&known)),
        )),
        None => Ok(()),
    }
}

fn about(section: &Section<'_>, size: ClusterSize) -> Result<About, Fault> {
    let mut about = About::default();
    for (key, name) in [
        ("request", &mut about.request),
        ("election", &mut about.election),
        ("call", &mut about.call),
    ] {
        section.set(key, name, |field| numbered(field, size).map(Some))?;
    }
    section.set("token", &mut about.token, |field| token(field).map(Some))?;
    for (key, number) in
        [("term", &mut about.term), ("lease_us", &mut about.lease_us), ("birth", &mut about.birth)]
    {
        section.set(key, number, |field| field.whole(0, MAX_NUMBER).map(Some))?;
    }
    for (key, low, number) in [
        ("number", 0, &mut about.number),
        ("question", 1, &mut about.question),
        ("beat", 1, &mut about.beat),
        ("inc", 1, &mut about.inc),
        ("repetition", 1, &mut about.repetition),
        ("oldest", 1, &mut about.oldest),
    ] {
        section.set(key, number, |field| {
            let value = field.whole(low, MAX_NUMBER)?;
            Ok(Some(u32::try_from(value).expect("it is within range")))
        })?;
    }
    for (key, answer) in [("seasoned", &mut about.seasoned), ("yes", &mut about.yes)] {
        section.set(key, answer, |field| field.boolean().map(Some))?;
    }
    section.set("phase", &mut about.phase, |field| field.word(PHASES).map(Some))?;
    section.set("leader", &mut about.leader, |field| field.node(size).map(Some))?;
    Ok(about)
}

/// `"1:2"`, or `"1#3:2"` for the third life.
fn numbered(field: &Field<'_>, size: ClusterSize) -> Result<(Identity, u32), Fault> {
    let expected = "expected its node and number, such as \"1:2\", or \"1#3:2\" of the third life";
    let text = field.string(expected)?;
    let parse = || {
        let (life, number) = text.split_once(':')?;
        let (node, life) = life.split_once('#').unwrap_or((life, "1"));
        let node = node.parse().ok().and_then(NodeId::new).filter(|&node| size.contains(node))?;
        let incarnation = Incarnation::new(life.parse().ok()?)?;
        let number = number.parse().ok().filter(|&number| u64::from(number) <= MAX_NUMBER)?;
        Some((Identity { node, incarnation }, number))
    };
    parse().ok_or_else(|| field.fault("this names nothing of a node here", expected))
}

/// `[2, 1]`: the first grant of term 2.
fn token(field: &Field<'_>) -> Result<Token, Fault> {
    let expected = "expected term and sequence, such as [2, 1]";
    match field.list(expected)?.as_slice() {
        [term, sequence] => Ok(Token {
            term: Term(term.whole(0, MAX_NUMBER)?),
            sequence: sequence.whole(0, MAX_NUMBER)?,
        }),
        _ => Err(field.fault("a token has two numbers", expected)),
    }
}
