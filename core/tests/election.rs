//! Transitions of the classic election, above all the rules that are often implemented wrongly.

mod common;

use antes_core::*;
use common::{Bench, election_by, id};

fn ok_to(bench: &Bench, number: u32) -> ElectionMessage {
    ElectionMessage::Ok { election: bench.own_election(number) }
}

fn sequential(number: u8) -> Bench {
    Bench::new(number, Algorithm::Leader, |config| config.election.form = Form::Sequential)
        .started()
}

#[test]
fn a_candidate_asks_all_that_outrank_it_at_once() {
    let mut two = Bench::leader(2);
    assert_eq!(
        two.command(Command::Elect),
        "follows nobody; starts election 2:1; ELECTION -> 3; ELECTION -> 4; set answers"
    );
}

#[test]
fn a_candidate_that_nobody_answers_wins_and_tells_those_below() {
    let mut three = Bench::leader(3);
    three.command(Command::Elect);
    assert_eq!(
        three.timeout(ElectionTimer::Answers),
        "follows 3; COORDINATOR -> 1; COORDINATOR -> 2"
    );
}

#[test]
fn announcing_to_all_tells_the_dead_too() {
    let mut three =
        Bench::new(3, Algorithm::Leader, |c| c.election.announce = Announce::All).started();
    three.command(Command::Elect);
    assert_eq!(
        three.timeout(ElectionTimer::Answers),
        "follows 3; COORDINATOR -> 1; COORDINATOR -> 2; COORDINATOR -> 4"
    );
}

#[test]
fn the_highest_id_announces_at_once() {
    let mut four = Bench::new(4, Algorithm::Leader, |_| {});
    assert_eq!(four.feed(Input::Start), "follows 4");
    assert_eq!(
        four.hear(1, election_by(1, 1)),
        "OK -> 1; starts election 4:1; COORDINATOR -> 1; COORDINATOR -> 2; COORDINATOR -> 3"
    );
}

#[test]
fn a_restarted_node_holds_an_election() {
    let me = Identity { node: id(3), incarnation: Incarnation::FIRST.next() };
    let config = Config::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
    let mut node = Node::<u64>::new(me, config.into(), Boot::default());
    let mut effects = Effects::new();
    node.step(&Input::Start, &mut effects);
    assert!(matches!(
        effects[0],
        Effect::Emit(Event::ElectionStarted { cause: ElectionCause::Bully(BullyCause::Start), .. })
    ));
}

#[test]
fn a_node_that_is_asked_answers_and_starts_an_election_unless_one_is_running() {
    let mut two = Bench::leader(2);
    assert_eq!(
        two.hear(1, election_by(1, 1)),
        "OK -> 1; starts election 2:1; ELECTION -> 3; ELECTION -> 4; set answers"
    );
    assert_eq!(two.hear(1, election_by(1, 2)), "OK -> 1");
}

#[test]
fn a_node_that_is_asked_keeps_its_leader_until_somebody_wins() {
    let mut two = Bench::leader(2);
    two.hear(1, election_by(1, 1));
    assert_eq!(two.node.leader(), Some(id(4)));
}

#[test]
fn the_first_ok_starts_the_wait_for_the_coordinator_and_the_second_changes_nothing() {
    let mut one = Bench::leader(1);
    one.command(Command::Elect);
    assert_eq!(one.hear(2, ok_to(&one, 1)), "cancel answers; set coordinator");
    assert_eq!(one.hear(3, ok_to(&one, 1)), "");
}

#[test]
fn a_late_ok_of_an_earlier_election_changes_nothing() {
    let mut one = Bench::leader(1);
    one.command(Command::Elect);
    one.hear(4, ElectionMessage::Coordinator);
    one.command(Command::Elect);
    assert_eq!(one.hear(3, ok_to(&one, 1)), "");
    assert!(matches!(one.election().campaign(), Campaign::AwaitsAnswers { .. }));
}

#[test]
fn an_ok_of_an_earlier_life_changes_nothing() {
    let me = Identity { node: id(1), incarnation: Incarnation::FIRST.next() };
    let config = Config::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
    let mut node = Node::<u64>::new(me, config.into(), Boot::default());
    let mut effects = Effects::new();
    node.step(&Input::Start, &mut effects);
    effects.clear();
    let earlier = Identity { incarnation: Incarnation::FIRST, ..me };
    let ok = ElectionMessage::Ok { election: ElectionId { by: earlier, number: 1 } };
    let input =
        Input::Message { from: id(3), stamp: Stamp::default(), message: Message::Election(ok) };
    node.step(&input, &mut effects);
    assert_eq!(effects, []);
}

#[test]
fn an_ok_after_winning_changes_nothing() {
    let mut three = Bench::leader(3);
    three.command(Command::Elect);
    three.timeout(ElectionTimer::Answers);
    assert_eq!(three.hear(4, ok_to(&three, 1)), "");
    assert_eq!(three.node.leader(), Some(id(3)));
}

#[test]
fn outranked_candidate_campaigns_again_when_no_winner_announces_itself() {
    let mut one = Bench::leader(1);
    one.command(Command::Elect);
    one.hear(2, ok_to(&one, 1));
    assert_eq!(
        one.timeout(ElectionTimer::Coordinator),
        "starts election 1:2; ELECTION -> 2; ELECTION -> 3; ELECTION -> 4; set answers"
    );
}

#[test]
fn any_announcement_from_above_is_obeyed() {
    let mut one = Bench::leader(1);
    assert_eq!(one.hear(3, ElectionMessage::Coordinator), "follows 3");
    assert_eq!(one.hear(2, ElectionMessage::Coordinator), "follows 2");
}

#[test]
fn an_announcement_from_below_is_not_obeyed_but_starts_an_election() {
    let mut three = Bench::leader(3);
    assert_eq!(
        three.hear(2, ElectionMessage::Coordinator),
        "starts election 3:1; ELECTION -> 4; set answers"
    );
    assert_eq!(three.node.leader(), Some(id(4)));
}

#[test]
fn an_announcement_ends_the_own_candidacy_and_its_timers() {
    let mut one = Bench::leader(1);
    one.command(Command::Elect);
    assert_eq!(one.hear(4, ElectionMessage::Coordinator), "cancel answers; follows 4");
    one.command(Command::Elect);
    one.hear(2, ok_to(&one, 2));
    assert_eq!(one.hear(4, ElectionMessage::Coordinator), "cancel coordinator; follows 4");
}

#[test]
fn a_leader_that_is_told_to_elect_announces_itself_again() {
    let mut four = Bench::leader(4);
    assert_eq!(
        four.command(Command::Elect),
        "COORDINATOR -> 1; COORDINATOR -> 2; COORDINATOR -> 3"
    );
}

#[test]
fn a_sitting_leader_that_wins_again_stays_leader_without_a_break() {
    let mut three = Bench::leader(3);
    three.command(Command::Elect);
    three.timeout(ElectionTimer::Answers);
    three.hear(1, election_by(1, 1));
    assert_eq!(three.node.leader(), Some(id(3)));
    assert_eq!(three.timeout(ElectionTimer::Answers), "COORDINATOR -> 1; COORDINATOR -> 2");
}

#[test]
fn the_leader_alone_sends_heartbeats_to_all() {
    let heartbeats = |number| {
        Bench::new(number, Algorithm::Leader, |c| c.election.detector = Detector::Heartbeat)
    };
    let mut four = heartbeats(4);
    assert_eq!(four.feed(Input::Start), "follows 4; set heartbeat");
    assert_eq!(
        four.timeout(ElectionTimer::Heartbeat),
        "HEARTBEAT -> 1; HEARTBEAT -> 2; HEARTBEAT -> 3; set heartbeat"
    );
    let mut two = heartbeats(2);
    assert_eq!(two.feed(Input::Start), "follows 4; set suspicion");
    assert_eq!(two.hear(4, ElectionMessage::Heartbeat), "set suspicion");
    assert_eq!(two.hear(3, ElectionMessage::Heartbeat), "", "it does not follow 3");
    assert!(two.timeout(ElectionTimer::Suspicion).starts_with("cancel suspicion; follows nobody"));
}

#[test]
fn a_leader_that_is_deposed_stops_its_heartbeats() {
    let mut three =
        Bench::new(3, Algorithm::Leader, |c| c.election.detector = Detector::Heartbeat).started();
    three.timeout(ElectionTimer::Suspicion);
    three.timeout(ElectionTimer::Answers);
    assert_eq!(
        three.hear(4, ElectionMessage::Coordinator),
        "cancel heartbeat; follows 4; set suspicion"
    );
}

#[test]
fn with_polling_everyone_asks_the_leader_and_suspects_it_when_no_answer_comes() {
    let poll = |number| {
        Bench::new(number, Algorithm::Leader, |c| c.election.detector = Detector::Poll).started()
    };
    let mut two = poll(2);
    assert_eq!(two.timeout(PollTimer::Wait), "CALL -> 4; set poll-answer");
    assert_eq!(
        two.hear(4, ElectionMessage::Alive { question: 1 }),
        "cancel poll-answer; set poll-wait"
    );
    assert_eq!(two.hear(4, ElectionMessage::Alive { question: 0 }), "", "an old answer");
    two.timeout(PollTimer::Wait);
    assert!(two.timeout(PollTimer::Answer).contains("follows nobody; starts election"));
    assert_eq!(poll(4).hear(2, ElectionMessage::AreYouAlive { question: 1 }), "REPLY -> 2");
    assert_eq!(poll(3).hear(2, ElectionMessage::AreYouAlive { question: 1 }), "", "it follows 4");
}

#[test]
fn the_sequential_form_asks_one_at_a_time_the_highest_first() {
    let mut one = sequential(1);
    assert_eq!(
        one.command(Command::Elect),
        "follows nobody; starts election 1:1; ELECTION -> 4; set answers"
    );
    assert_eq!(one.timeout(ElectionTimer::Answers), "ELECTION -> 3; set answers");
    assert_eq!(one.hear(3, ok_to(&one, 1)), "cancel answers; set coordinator");
}

#[test]
fn in_the_sequential_form_a_winner_tells_everyone_the_dead_too() {
    let mut three = sequential(3);
    three.command(Command::Elect);
    assert_eq!(
        three.timeout(ElectionTimer::Answers),
        "cancel answers; follows 3; COORDINATOR -> 1; COORDINATOR -> 2; COORDINATOR -> 4"
    );
}

#[test]
fn in_the_sequential_form_a_refused_connection_is_silence_at_once() {
    let mut two = sequential(2);
    two.command(Command::Elect);
    assert_eq!(two.feed(Input::Disconnected { peer: id(3) }), "", "3 is not the one asked");
    assert_eq!(two.feed(Input::Disconnected { peer: id(4) }), "ELECTION -> 3; set answers");
}

#[test]
fn in_the_parallel_form_refused_connections_of_all_above_decide_at_once() {
    let mut two = Bench::leader(2);
    two.command(Command::Elect);
    assert_eq!(two.feed(Input::Disconnected { peer: id(4) }), "");
    assert_eq!(
        two.feed(Input::Disconnected { peer: id(3) }),
        "cancel answers; follows 2; COORDINATOR -> 1"
    );
}

#[test]
fn a_closed_connection_lets_a_leader_be_suspected_at_once_and_is_its_missing_ok() {
    let mut three =
        Bench::new(3, Algorithm::Leader, |c| c.election.detector = Detector::Heartbeat).started();
    assert_eq!(three.feed(Input::Disconnected { peer: id(2) }), "", "2 does not lead");
    let closed = Input::Disconnected { peer: id(4) };
    assert_eq!(
        three.feed(closed),
        "cancel suspicion; follows nobody; starts election 3:1; ELECTION -> 4; set answers; \
         cancel answers; follows 3; set heartbeat; COORDINATOR -> 1; COORDINATOR -> 2"
    );
    let mut blind = Bench::leader(3);
    assert_eq!(blind.feed(Input::Disconnected { peer: id(4) }), "", "the detector is off");
}

#[test]
fn a_message_that_no_correct_peer_sends_is_ignored() {
    let mut two = Bench::leader(2);
    assert_eq!(two.hear(3, election_by(3, 1)), "", "no node asks lower nodes");
    let foreign = election_by(1, 9);
    let ElectionMessage::Election { election } = foreign else { unreachable!() };
    assert_eq!(two.hear(3, ElectionMessage::Ok { election }), "", "not its own election");
}
