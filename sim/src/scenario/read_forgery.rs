//! Reads a forged message: its type, and the fields of that type.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{ClusterSize, Identity, Incarnation, NodeId, Shape, Term, Token, Value};

use super::error::Fault;
use super::fields::{Field, Section};
use super::suggest::{advice, one_of};
use super::{About, Forgery};
use crate::summary::TYPES;

/// The largest number in a forged message, far below the largest number of the type.
const MAX_NUMBER: u64 = 1_000_000_000;

/// Fields of all forged messages.
const COMMON: &[&str] = &["kind", "from", "to", "lamport", "latency"];

/// Reads the forged message in `verb`.
pub(super) fn read(verb: &Field<'_>, size: ClusterSize) -> Result<Forgery, Fault> {
    let expected = "expected { kind, from, to, ... }";
    let mut all = COMMON.to_vec();
    for field in TYPES.into_iter().flat_map(Forgery::fields) {
        if !all.contains(&field.name) {
            all.push(field.name);
        }
    }
    let section = verb.section(&all, expected)?;
    let kind_field = section.require("kind", expected)?;
    let kind = kind_field.string("expected the type of a message, such as \"GRANT\"")?;
    if !TYPES.contains(&kind) {
        let problem = format!("no message is of the type \"{}\"", kind.escape_debug());
        return Err(kind_field.fault(problem, advice(kind, &TYPES)));
    }
    let fields = Forgery::fields(kind);
    check_fields(&section, kind, fields.iter().map(|field| field.name))?;
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
    let mut about = About::default();
    for known in fields {
        if let Some(field) = section.get(known.name) {
            about.set(known.name, Some(value(&field, known.shape, size)?));
        }
    }
    Ok(Forgery { kind: kind.to_string(), from, to, lamport, latency, about })
}

/// Returns an error for fields that this message type does not have.
fn check_fields(
    section: &Section<'_>,
    kind: &str,
    fields: impl Iterator<Item = &'static str>,
) -> Result<(), Fault> {
    let common: &[&str] = match kind {
        "WRITE" => &["kind", "from", "lamport", "latency"],
        _ => COMMON,
    };
    let known: Vec<&str> = common.iter().copied().chain(fields).collect();
    let wrong = section.in_order().into_iter().find(|field| !known.contains(&field.name.as_str()));
    match wrong {
        Some(field) => Err(field.fault(
            format!("a {kind} has no \"{}\"", field.name),
            format!("expected {}", one_of(&known)),
        )),
        None => Ok(()),
    }
}

/// The value of a field of this shape.
fn value(field: &Field<'_>, shape: Shape, size: ClusterSize) -> Result<Value, Fault> {
    match shape {
        Shape::Number => field.whole(0, MAX_NUMBER).map(Value::Number),
        Shape::Count { least } => field.whole(u64::from(least), MAX_NUMBER).map(Value::Number),
        Shape::Life => field.whole(1, MAX_NUMBER).map(Value::Number),
        Shape::Flag => field.boolean().map(Value::Flag),
        Shape::Name => numbered(field, size),
        Shape::Token => token(field).map(Value::Token),
        Shape::Node => field.node(size).map(Value::Node),
        Shape::Word(words) => {
            let word = field.one_of(words)?;
            let known = words.iter().find(|known| **known == word);
            Ok(Value::Word(known.expect("it is one of them")))
        }
    }
}

/// `"1:2"`, or `"1#3:2"` for the third life.
fn numbered(field: &Field<'_>, size: ClusterSize) -> Result<Value, Fault> {
    let expected = "expected its node and number, such as \"1:2\", or \"1#3:2\" of the third life";
    let text = field.string(expected)?;
    let parse = || {
        let (life, number) = text.split_once(':')?;
        let (node, life) = life.split_once('#').unwrap_or((life, "1"));
        let node = node.parse().ok().and_then(NodeId::new).filter(|&node| size.contains(node))?;
        let incarnation = Incarnation::new(life.parse().ok()?)?;
        let number = number.parse().ok().filter(|&number| u64::from(number) <= MAX_NUMBER)?;
        Some(Value::Name(Identity { node, incarnation }, number))
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
