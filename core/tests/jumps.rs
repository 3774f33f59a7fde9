//! No message moves a clock or a term too far, and no count wraps around.

mod common;

use antes_core::hardened::{Body, ElectionMessage, MutexMessage, Termed};
use antes_core::*;
use common::*;

const FAR: u64 = LONGEST_JUMP + 1;

fn termed(term: u64, body: Body) -> Message {
    Message::Hardened(Termed { term: Term(term), body })
}

fn heartbeat(term: u64) -> Message {
    termed(term, Body::Election(ElectionMessage::Heartbeat { beat: 1 }))
}

fn stamped(lamport: u64, of_two: u64) -> Stamp {
    let vector = VectorClock::from_counts(&[0, of_two]);
    Stamp { lamport: LamportTime(lamport), vector }
}

/// Feeds a message to a node in term 1. Returns whether it was refused, and the clocks and term then.
fn hears(node: &mut Node, stamp: Stamp, message: Message) -> (bool, u64, u64, u64) {
    let mut out = Effects::new();
    let far = node.jump(&stamp, &message).is_some();
    node.step(&Input::Message { from: id(2), stamp, message }, &mut out);
    let term = node.stack().term().expect("it has terms");
    (far, node.stamp().lamport.0, node.stamp().vector.of(id(2)), term.0)
}

#[test]
fn a_message_moves_clocks_and_terms_by_two_to_the_thirty_second_at_most() {
    let mut one = Bench::hardened(1).node;
    assert!(!hears(&mut one, stamped(LONGEST_JUMP, 0), heartbeat(1)).0);
    let before = one.stamp().lamport.0;
    let (far, lamport, of_two, term) = hears(&mut one, stamped(before + FAR, 3), heartbeat(1));
    assert_eq!((far, lamport, of_two, term), (true, before + LONGEST_JUMP, 3, 1));
    let (far, lamport, of_two, _) = hears(&mut one, stamped(0, 3 + FAR), heartbeat(1));
    assert_eq!((far, lamport, of_two), (true, before + LONGEST_JUMP, 3 + LONGEST_JUMP));
    let (far, .., term) = hears(&mut one, stamped(0, 0), heartbeat(1 + FAR));
    assert_eq!((far, term), (true, 1 + LONGEST_JUMP));
    assert_eq!(one.leader(), None, "it knows no leader of that term");
}

#[test]
fn a_node_that_was_away_catches_up_in_steps() {
    let mut one = Bench::hardened(1).node;
    let there = 3 * LONGEST_JUMP + 7;
    let mut steps = 0;
    while hears(&mut one, stamped(there, there), heartbeat(there)).0 {
        steps += 1;
        assert!(steps < 5, "it does not get there");
    }
    assert_eq!(steps, 3);
    assert_eq!(one.stack().term(), Some(Term(there)));
    assert!(one.stamp().lamport.0 > there);
    assert_eq!(one.leader(), Some(id(2)));
}

#[test]
fn a_token_of_no_term_that_there_can_be_is_not_acted_on() {
    let mut four = Bench::hardened(4).node;
    let me = first_life(2);
    for token in [
        Token { term: Term(1 + FAR), sequence: 1 },
        Token { term: Term(1), sequence: FAR },
        Token { term: Term(u64::MAX), sequence: u64::MAX },
    ] {
        let request = RequestId { by: me, number: 1 };
        for body in [
            MutexMessage::Report { me, holds: Some((request, token)), lease_us: 5_000_000 },
            MutexMessage::Grant { request, repetition: 1, token },
            MutexMessage::Release { request, token },
        ] {
            let message = termed(1, Body::Mutex(body));
            assert!(hears(&mut four, Stamp::default(), message).0, "{message:?}");
        }
    }
    assert!(is_token_far(None, Token { term: Term(FAR), sequence: 1 }));
    assert!(!is_token_far(None, Token { term: Term(LONGEST_JUMP), sequence: LONGEST_JUMP }));
}

#[test]
fn clocks_stand_still_at_their_end_and_never_wrap() {
    let mut stamp = stamped(u64::MAX - 1, u64::MAX - 1);
    for _ in 0..3 {
        stamp.tick(id(2));
        assert_eq!(stamp, stamped(u64::MAX, u64::MAX));
    }
    stamp.witness(&stamped(u64::MAX, u64::MAX), id(2));
    assert_eq!(stamp, stamped(u64::MAX, u64::MAX));
    assert_eq!(Term(u64::MAX).next(), None);
}
