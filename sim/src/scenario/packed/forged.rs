//! The compact form of a forged message's fields.

use antes_core::{ClusterSize, Identity, Incarnation, NodeId, Shape, Term, Token, Value};

use super::{Carrier, choice, optional, small};
use crate::scenario::Forgery;

/// Carries all fields of the message's type, in the same order in both directions.
pub(super) fn about<C: Carrier>(carrier: &mut C, forgery: &mut Forgery) {
    for field in Forgery::fields(&forgery.kind) {
        let mut value = forgery.about.get(field.name);
        optional(carrier, &mut value, empty(field.shape), |carrier, value| {
            carry(carrier, field.shape, value);
        });
        forgery.about.set(field.name, value);
    }
}

/// A value that is replaced by the one that is read.
fn empty(shape: Shape) -> Value {
    let node = ClusterSize::MAX.highest();
    match shape {
        Shape::Number | Shape::Count { .. } | Shape::Life => Value::Number(0),
        Shape::Flag => Value::Flag(false),
        Shape::Name => Value::Name(Identity { node, incarnation: Incarnation::FIRST }, 0),
        Shape::Token => Value::Token(Token { term: Term(0), sequence: 0 }),
        Shape::Node => Value::Node(node),
        Shape::Word(words) => Value::Word(words[0]),
    }
}

fn carry<C: Carrier>(carrier: &mut C, shape: Shape, value: &mut Value) {
    match value {
        Value::Number(number) => carrier.number(number),
        Value::Flag(flag) => choice(carrier, flag, &[false, true]),
        Value::Name(by, number) => {
            node(carrier, &mut by.node);
            let mut incarnation = by.incarnation.get();
            small(carrier, &mut incarnation);
            by.incarnation = Incarnation::new(incarnation).unwrap_or(Incarnation::FIRST);
            small(carrier, number);
        }
        Value::Token(token) => {
            carrier.number(&mut token.term.0);
            carrier.number(&mut token.sequence);
        }
        Value::Node(id) => node(carrier, id),
        Value::Word(word) => {
            if let Shape::Word(words) = shape {
                choice(carrier, word, words);
            }
        }
    }
}

fn node<C: Carrier>(carrier: &mut C, node: &mut NodeId) {
    let mut number = u32::from(node.get());
    small(carrier, &mut number);
    *node = u8::try_from(number).ok().and_then(NodeId::new).unwrap_or(*node);
}
