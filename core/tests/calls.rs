//! Remote calls and the clocks around them.

mod common;

use antes_core::*;
use common::{Bench, first_life, id};

fn stamped(lamport: u64) -> Stamp {
    Stamp { lamport: LamportTime(lamport), vector: VectorClock::default() }
}

/// A node whose Lamport clock reads `lamport`.
fn node_at(number: u8, lamport: u64) -> Node {
    let config = Config::new(Algorithm::Clock, ClusterSize::new(2).unwrap());
    let boot = Boot { stamp: stamped(lamport), ..Boot::default() };
    Node::new(first_life(number), config.into(), boot)
}

/// Feeds an input. Returns the stamps of the input and of each ticking effect, and the last send.
fn step(node: &mut Node, input: &Input) -> (Vec<u64>, Option<(Message, Stamp)>) {
    let mut agenda = Agenda::default();
    let me = node.me().node;
    let mut stamp = agenda.begin(|out| node.step(input, out));
    let mut stamps = vec![stamp.lamport.0];
    let mut sent = None;
    while let Some(effect) =
        agenda.next((me, &mut stamp), |input, out| node.step(input, out), |low, _| low)
    {
        if effect.ticks() {
            stamps.push(stamp.lamport.0);
        }
        if let Effect::Send { message, .. } = *effect {
            sent = Some((message, stamp));
        }
    }
    assert_eq!(stamp, *node.stamp(), "the driver's stamps and the node's agree");
    (stamps, sent)
}

fn call(client: u64, server: u64) -> Vec<u64> {
    let (mut one, mut two) = (node_at(1, client), node_at(2, server));
    let (sent, Some((message, stamp))) =
        step(&mut one, &Input::Command(Command::Call { to: id(2) }))
    else {
        panic!("a call is sent")
    };
    let (served, Some((reply, reply_stamp))) =
        step(&mut two, &Input::Message { from: id(1), stamp, message })
    else {
        panic!("a reply is sent")
    };
    let input = Input::Message { from: id(2), stamp: reply_stamp, message: reply };
    let (received, _) = step(&mut one, &input);
    [&sent[1..], &served, &received].concat()
}

#[test]
fn a_call_is_five_events_stamped_one_to_five() {
    assert_eq!(call(0, 0), [1, 2, 3, 4, 5]);
}

#[test]
fn a_call_between_clocks_that_differ_takes_the_larger_one() {
    assert_eq!(call(10, 3), [11, 12, 13, 14, 15]);
}

#[test]
fn the_receive_rule_holds_for_whatever_the_clocks_read() {
    for (local, sent, after) in [(25, 40, 41), (55, 40, 56), (70, 90, 91), (56, 60, 61)] {
        let mut node = node_at(1, local);
        let message = Message::Call(CallMessage::Plain);
        let (stamps, _) =
            step(&mut node, &Input::Message { from: id(2), stamp: stamped(sent), message });
        assert_eq!(stamps, [after]);
    }
}

#[test]
fn the_application_calls_a_random_peer_after_a_random_wait() {
    let mut two = Bench::new(2, Algorithm::Clock, |config| config.application.auto = true);
    assert_eq!(two.feed(Input::Start), "set call-wait");
    let wait = Input::Timer(Timer::Call(CallTimer::Wait));
    assert_eq!(two.feed(wait), "CALL -> 1; set call-reply");
    let call = CallId { by: first_life(2), number: 1 };
    let reply = Message::Call(CallMessage::Reply { call, number: 7 });
    assert_eq!(two.receive(1, reply), "cancel call-reply; set call-wait");
    assert_eq!(two.receive(1, reply), "", "a duplicate has no effect");
}

#[test]
fn an_application_may_act_on_its_own_and_call_nobody() {
    let mut two = Bench::new(2, Algorithm::Clock, |config| {
        config.application.auto = true;
        config.application.calls = false;
    });
    assert_eq!(two.feed(Input::Start), "");
}

#[test]
fn a_call_without_a_reply_is_given_up_and_a_late_reply_changes_nothing() {
    let mut two =
        Bench::new(2, Algorithm::Clock, |config| config.application.auto = true).started();
    two.feed(Input::Timer(Timer::Call(CallTimer::Wait)));
    assert_eq!(two.feed(Input::Timer(Timer::Call(CallTimer::Reply))), "set call-wait");
    let call = CallId { by: first_life(2), number: 1 };
    assert_eq!(two.receive(1, Message::Call(CallMessage::Reply { call, number: 7 })), "");
}

#[test]
fn a_clock_run_has_neither_election_nor_lock() {
    let mut two = Bench::new(2, Algorithm::Clock, |_| {});
    assert_eq!(two.feed(Input::Start), "");
    assert_eq!(two.command(Command::Elect), "");
    assert_eq!(two.command(Command::Request { hold: Hold::Drawn }), "");
    assert_eq!(two.command(Command::LocalEvent), "local event");
}
