//! The compact form of a forged message's fields.

use antes_core::{Identity, Incarnation, NodeId, Phase, Term, Token};

use super::{Carrier, choice, optional, small};
use crate::scenario::Forgery;

/// Carries all fields, in the same order in both directions.
pub(super) fn about<C: Carrier>(carrier: &mut C, forgery: &mut Forgery) {
    let about = &mut forgery.about;
    for name in [&mut about.request, &mut about.election, &mut about.call] {
        let life = Identity { node: first_node(), incarnation: Incarnation::FIRST };
        optional(carrier, name, (life, 0), numbered);
    }
    optional(carrier, &mut about.token, Token { term: Term(0), sequence: 0 }, |carrier, token| {
        carrier.number(&mut token.term.0);
        carrier.number(&mut token.sequence);
    });
    for number in [&mut about.term, &mut about.lease_us, &mut about.birth] {
        optional(carrier, number, 0, |carrier, number| carrier.number(number));
    }
    let numbers = [
        &mut about.number,
        &mut about.question,
        &mut about.beat,
        &mut about.inc,
        &mut about.repetition,
        &mut about.oldest,
    ];
    for number in numbers {
        optional(carrier, number, 0, small);
    }
    for answer in [&mut about.seasoned, &mut about.yes] {
        optional(carrier, answer, false, |carrier, yes| choice(carrier, yes, &[false, true]));
    }
    let phases = [Phase::Entry, Phase::Inside, Phase::Exit];
    optional(carrier, &mut about.phase, Phase::Entry, |carrier, phase| {
        choice(carrier, phase, &phases);
    });
    optional(carrier, &mut about.leader, first_node(), node);
}

fn numbered<C: Carrier>(carrier: &mut C, (by, number): &mut (Identity, u32)) {
    node(carrier, &mut by.node);
    let mut incarnation = by.incarnation.get();
    small(carrier, &mut incarnation);
    by.incarnation = Incarnation::new(incarnation).unwrap_or(Incarnation::FIRST);
    small(carrier, number);
}

fn node<C: Carrier>(carrier: &mut C, node: &mut NodeId) {
    let mut number = u32::from(node.get());
    small(carrier, &mut number);
    *node = u8::try_from(number).ok().and_then(NodeId::new).unwrap_or(*node);
}

fn first_node() -> NodeId {
    antes_core::ClusterSize::MAX.nodes().next().expect("a cluster has a node")
}
