//! Nodes with a new memory: what they do, what they do not do, and how other nodes answer.

mod common;

use antes_core::hardened::{Birth, BirthMessage, Body, ElectionMessage, Part};
use antes_core::*;
use common::*;

const ASKED: &str = "BIRTH -> 2; BIRTH -> 3; BIRTH -> 4; set birth";

const fn ack(birth: u64, yes: bool) -> Body {
    Body::Birth(BirthMessage::BirthAck { birth: Birth(birth), yes })
}

const fn born(birth: u64) -> Body {
    Body::Birth(BirthMessage::Birth { birth: Birth(birth) })
}

const PROBE: Body = Body::Election(ElectionMessage::Probe { seasoned: true });
const PROPOSE: Body = Body::Election(ElectionMessage::Propose);
const HEARTBEAT: Body = Body::Election(ElectionMessage::Heartbeat { beat: 1 });

#[test]
fn a_node_whose_memory_is_new_asks_to_be_known_and_answers_nothing_else() {
    let mut one = Bench::newborn(1, 7);
    assert_eq!(one.feed(Input::Start), ASKED);
    for body in [PROBE, PROPOSE, HEARTBEAT] {
        assert_eq!(one.termed(4, 3, body), "", "{body:?}");
    }
    assert_eq!(one.command(Command::Elect), "");
    assert_eq!(one.feed(Input::Disconnected { peer: id(4) }), "");
    assert_eq!(one.timeout(Timer::Birth), ASKED);
}

#[test]
fn it_takes_part_once_more_than_half_of_the_others_know_it() {
    let mut one = Bench::newborn(1, 7);
    one.feed(Input::Start);
    assert_eq!(one.termed(2, 0, ack(7, true)), "");
    assert_eq!(one.termed(2, 0, ack(7, true)), "", "the same node does not count twice");
    assert_eq!(one.timeout(Timer::Birth), "BIRTH -> 3; BIRTH -> 4; set birth");
    let begins = one.termed(3, 0, ack(7, true));
    assert!(
        begins.starts_with("is known; cancel birth; cancel suspicion; starts election 1:1"),
        "{begins}"
    );
    assert_eq!(one.node.stack().part(), Part::Takes);
}

#[test]
fn it_votes_in_no_term_that_it_has_heard_of_before() {
    let mut one = Bench::newborn(1, 7);
    one.feed(Input::Start);
    one.termed(4, 5, HEARTBEAT);
    one.termed(2, 4, ack(7, true));
    let begins = one.termed(3, 3, ack(7, true));
    assert!(begins.starts_with("save term 5 vote 1; is known; cancel birth"), "{begins}");
    assert_eq!(one.termed(4, 5, PROPOSE), "", "an earlier memory may have voted in term 5");
}

#[test]
fn one_refusal_ends_its_part_before_it_begins_and_after() {
    for late in [false, true] {
        let mut one = Bench::newborn(1, 7);
        one.feed(Input::Start);
        for from in [2, 3] {
            if late {
                one.termed(from, 0, ack(7, true));
            }
        }
        let told = one.termed(4, 0, ack(7, false));
        assert_eq!(told, if late { "cancel probe-answers" } else { "cancel birth" });
        assert_eq!(one.node.stack().part(), Part::Aside);
        for body in [PROBE, PROPOSE, HEARTBEAT, born(9), ack(7, true)] {
            assert_eq!(one.termed(2, 3, body), "", "{body:?}");
        }
        assert_eq!(one.feed(Input::Start), "");
    }
}

#[test]
fn a_node_that_is_met_and_refused_for_another_reason_is_known_all_the_same() {
    let mut one = Bench::newborn(1, 7);
    one.feed(Input::Start);
    assert_eq!(one.feed(Input::Met { by: id(2) }), "");
    assert!(one.feed(Input::Met { by: id(3) }).starts_with("is known; cancel birth"));
    assert_eq!(one.feed(Input::Met { by: id(4) }), "");
}

#[test]
fn a_denial_by_a_link_counts_as_a_refusal() {
    let mut four = Bench::hardened(4);
    let lets_go = four.feed(Input::Denied);
    assert!(lets_go.starts_with("RESIGN -> 1; RESIGN -> 2; RESIGN -> 3"), "{lets_go}");
    assert_eq!(four.termed(1, 1, PROBE), "");
    assert_eq!(four.feed(Input::Denied), "");
}

#[test]
fn answers_to_an_earlier_memory_say_nothing_of_this_one() {
    let mut one = Bench::newborn(1, 8);
    one.feed(Input::Start);
    for from in [2, 3, 4] {
        assert_eq!(one.termed(from, 0, ack(7, true)), "");
    }
    assert_eq!(one.termed(2, 0, ack(7, false)), "");
    assert_eq!(one.timeout(Timer::Birth), ASKED, "no node has answered this BIRTH");
}

#[test]
fn a_node_writes_a_memory_down_before_it_says_so_and_refuses_every_other() {
    let mut two = Bench::newborn(2, 1);
    two.feed(Input::Start);
    assert_eq!(two.termed(1, 0, born(7)), "has met 1; BIRTH_ACK -> 1");
    assert_eq!(two.termed(1, 0, born(7)), "BIRTH_ACK -> 1", "it is written down already");
    let mut said = Vec::new();
    for birth in [7, 8] {
        let message = Message::Hardened(hardened::Termed { term: Term(0), body: born(birth) });
        let (from, stamp) = (id(1), Stamp::default());
        two.node.step(&Input::Message { from, stamp, message }, &mut said);
    }
    let answers: Vec<bool> = said
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send {
                message:
                    Message::Hardened(hardened::Termed {
                        body: Body::Birth(BirthMessage::BirthAck { yes, .. }),
                        ..
                    }),
                ..
            } => Some(*yes),
            _ => None,
        })
        .collect();
    assert_eq!(answers, [true, false]);
}

#[test]
fn founders_are_known_so_whoever_comes_in_their_place_is_refused() {
    let mut four = Bench::hardened(4);
    assert_eq!(four.termed(1, 0, born(7)), "BIRTH_ACK -> 1");
    let mut one = Bench::newborn(1, 7);
    one.feed(Input::Start);
    assert_eq!(one.termed(4, 1, ack(7, false)), "cancel birth");
}

#[test]
fn after_the_last_term_there_is_none() {
    let mut four = Bench::hardened(4);
    let config = *four.node.config();
    let stable = Stable { term: Term(u64::MAX), vote: None };
    four.node = Node::new(first_life(4), config.into(), Boot { stable, ..Boot::default() });
    four.feed(Input::Start);
    let yes = Body::Election(ElectionMessage::ProbeAck { yes: true, leader: None });
    four.termed(1, u64::MAX, yes);
    let told = four.termed(2, u64::MAX, yes);
    assert_eq!(told, "cancel probe-answers; set election-retry");
    assert_eq!(four.node.stack().term(), Some(Term(u64::MAX)));
}
