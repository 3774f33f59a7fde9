//! Transitions of the classic lock, including its failures.

mod common;

use antes_core::*;
use common::{Bench, id, request};

fn asks(number: u8, nth: u32) -> MutexMessage {
    MutexMessage::Request { request: request(number, nth) }
}

fn grant(number: u8, nth: u32) -> MutexMessage {
    MutexMessage::Grant { request: request(number, nth), token: None }
}

const HOLD: Command = Command::Request { hold: Hold::UntilReleased };

fn table(bench: &Bench) -> (Option<RequestId>, Vec<RequestId>) {
    match bench.mutual_exclusion().role() {
        Role::Coordinator(table) => (table.holder(), table.queue().iter().copied().collect()),
        Role::Participant { .. } => panic!("it coordinates"),
    }
}

#[test]
fn a_free_lock_is_granted_at_once_and_a_held_one_queues() {
    let mut four = Bench::mutex(4);
    assert_eq!(four.told(1, asks(1, 1)), "GRANT 1:1 -> 1");
    assert_eq!(four.told(2, asks(2, 1)), "");
    assert_eq!(four.told(3, asks(3, 1)), "");
    assert_eq!(table(&four), (Some(request(1, 1)), vec![request(2, 1), request(3, 1)]));
    assert_eq!(four.told(1, MutexMessage::Release), "GRANT 2:1 -> 2");
    assert_eq!(four.told(2, MutexMessage::Release), "GRANT 3:1 -> 3");
    assert_eq!(four.told(3, MutexMessage::Release), "");
    assert_eq!(table(&four), (None, vec![]));
}

#[test]
fn a_participant_needs_three_messages_for_entry_and_exit() {
    let mut one = Bench::mutex(1);
    assert_eq!(one.command(HOLD), "wants 1:1; REQUEST 1:1 -> 4");
    assert_eq!(one.told(4, grant(1, 1)), "enters 1:1; write 1:1 Entry");
    assert_eq!(
        one.command(Command::Release),
        "cancel hold; write 1:1 Exit; exits 1:1; RELEASE -> 4"
    );
}

#[test]
fn the_coordinator_enters_without_a_message() {
    let mut four = Bench::mutex(4);
    assert_eq!(four.command(HOLD), "wants 4:1; enters 4:1; write 4:1 Entry");
    assert_eq!(four.told(1, asks(1, 1)), "", "it is in itself");
    assert_eq!(
        four.command(Command::Release),
        "cancel hold; write 4:1 Exit; exits 4:1; GRANT 1:1 -> 1"
    );
}

#[test]
fn several_requests_of_a_node_are_served_one_after_the_other_and_once_each() {
    let mut one = Bench::mutex(1);
    one.command(HOLD);
    assert_eq!(one.command(HOLD), "wants 1:2; REQUEST 1:2 -> 4");
    one.told(4, grant(1, 1));
    assert_eq!(one.told(4, grant(1, 1)), "", "a duplicate grant");
    one.command(Command::Release);
    assert_eq!(one.told(4, grant(1, 1)), "", "a grant for a finished request");
    assert_eq!(one.told(4, grant(1, 2)), "enters 1:2; write 1:2 Entry");
}

#[test]
fn a_doubled_request_does_not_queue_twice() {
    let mut four = Bench::mutex(4);
    four.told(1, asks(1, 1));
    assert_eq!(four.told(1, asks(1, 1)), "");
    four.told(2, asks(2, 1));
    four.told(2, asks(2, 1));
    assert_eq!(table(&four), (Some(request(1, 1)), vec![request(2, 1)]));
}

#[test]
fn a_doubled_release_lets_two_in() {
    let mut four = Bench::mutex(4);
    for (node, answer) in [(1, "GRANT 1:1 -> 1"), (2, ""), (3, "")] {
        assert_eq!(four.told(node, asks(node, 1)), answer);
    }
    assert_eq!(four.told(1, MutexMessage::Release), "GRANT 2:1 -> 2");
    assert_eq!(four.told(1, MutexMessage::Release), "GRANT 3:1 -> 3", "2 is still in");
}

#[test]
fn a_node_that_does_not_lead_ignores_requests_and_releases() {
    let mut three = Bench::mutex(3);
    assert_eq!(three.told(1, asks(1, 1)), "");
    assert_eq!(three.told(1, MutexMessage::Release), "");
}

#[test]
fn a_new_coordinator_starts_with_an_empty_table_while_somebody_is_in() {
    let mut three = Bench::mutex(3);
    three.command(Command::Elect);
    three.timeout(ElectionTimer::Answers);
    assert_eq!(table(&three), (None, vec![]));
    assert_eq!(three.told(2, asks(2, 1)), "GRANT 2:1 -> 2");
}

#[test]
fn waiters_ask_the_new_coordinator_and_holders_release_to_it() {
    let mut one = Bench::mutex(1);
    one.command(HOLD);
    one.told(4, grant(1, 1));
    one.command(HOLD);
    assert_eq!(one.hear(3, ElectionMessage::Coordinator), "follows 3; REQUEST 1:2 -> 3");
    assert!(one.command(Command::Release).ends_with("exits 1:1; RELEASE -> 3"));
}

#[test]
fn without_a_leader_requests_and_releases_wait() {
    let mut three = Bench::mutex(3);
    three.command(HOLD);
    three.told(4, grant(3, 1));
    three.command(Command::Elect);
    assert!(
        three.command(Command::Release).ends_with("exits 3:1"),
        "there is no leader to release to"
    );
    assert_eq!(three.command(HOLD), "wants 3:2");
    assert_eq!(
        three.hear(4, ElectionMessage::Coordinator),
        "cancel answers; follows 4; RELEASE -> 4; REQUEST 3:2 -> 4"
    );
}

#[test]
fn a_waiting_node_that_wins_grants_itself() {
    let mut three = Bench::mutex(3);
    three.command(HOLD);
    three.command(Command::Elect);
    assert_eq!(
        three.timeout(ElectionTimer::Answers),
        "follows 3; COORDINATOR -> 1; COORDINATOR -> 2; enters 3:1; write 3:1 Entry"
    );
}

#[test]
fn the_re_announcement_of_the_sitting_leader_leaves_the_table_as_it_is() {
    let mut three = Bench::mutex(3);
    three.command(Command::Elect);
    three.timeout(ElectionTimer::Answers);
    three.told(1, asks(1, 1));
    three.hear(2, common::election_by(2, 1));
    three.timeout(ElectionTimer::Answers);
    assert_eq!(table(&three), (Some(request(1, 1)), vec![]));
    let mut one = Bench::mutex(1);
    one.command(HOLD);
    assert_eq!(one.hear(4, ElectionMessage::Coordinator), "", "no request is repeated");
}

#[test]
fn a_deposed_coordinator_gives_its_table_up_and_asks_for_itself() {
    let mut three = Bench::mutex(3);
    three.command(Command::Elect);
    three.timeout(ElectionTimer::Answers);
    three.told(1, asks(1, 1));
    three.command(HOLD);
    assert_eq!(three.hear(4, ElectionMessage::Coordinator), "follows 4; REQUEST 3:1 -> 4");
}

#[test]
fn a_hold_that_is_over_releases_by_itself() {
    let mut one = Bench::mutex(1);
    one.command(Command::Request { hold: Hold::For(core::time::Duration::from_secs(1)) });
    assert_eq!(one.told(4, grant(1, 1)), "enters 1:1; write 1:1 Entry; set hold");
    let over = Input::Timer(Timer::Application(ApplicationTimer::Hold(request(1, 1))));
    assert_eq!(one.feed(over), "write 1:1 Exit; exits 1:1; RELEASE -> 4");
}

#[test]
fn a_holder_writes_when_told_to_and_nobody_else_does() {
    let mut one = Bench::mutex(1);
    assert_eq!(one.command(Command::Write), "");
    one.command(HOLD);
    one.told(4, grant(1, 1));
    assert_eq!(one.command(Command::Write), "write 1:1 Inside");
}

#[test]
fn a_node_has_a_bounded_number_of_requests_outstanding() {
    let mut one = Bench::mutex(1);
    for _ in 0..MAX_OUTSTANDING {
        assert_ne!(one.command(HOLD), "");
    }
    assert_eq!(one.command(HOLD), "is refused");
}

#[test]
fn the_application_asks_holds_releases_and_rests() {
    let mut one = Bench::new(1, Algorithm::Mutex, |config| config.application.auto = true);
    assert!(one.feed(Input::Start).ends_with("set call-wait; set request-wait"));
    let wait = Input::Timer(Timer::Application(ApplicationTimer::RequestWait));
    assert_eq!(one.feed(wait), "wants 1:1; REQUEST 1:1 -> 4");
    assert_eq!(one.told(4, grant(1, 1)), "enters 1:1; write 1:1 Entry; set hold");
    let over = Input::Timer(Timer::Application(ApplicationTimer::Hold(request(1, 1))));
    assert_eq!(one.feed(over), "write 1:1 Exit; exits 1:1; RELEASE -> 4; set request-wait");
    assert_eq!(one.node.leader(), Some(id(4)));
}
