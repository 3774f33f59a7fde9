//! Terms, votes, and when a node stands, waits or stops leading.

use super::*;

#[test]
fn no_node_raises_a_term_without_the_consent_of_a_majority() {
    let mut three = Bench::hardened(3);
    assert_eq!(
        three.timeout(ElectionTimer::Suspicion),
        "cancel suspicion; cancel challenge; follows nobody; cancel suspicion; \
         starts election 3:1; PROBE -> 1; PROBE -> 2; PROBE -> 4; set probe-answers"
    );
    assert_eq!(three.termed(1, 1, willing()), "", "two of four are no majority");
    assert_eq!(
        three.termed(2, 1, willing()),
        "cancel probe-answers; save term 2; cancel suspicion; ELECTION -> 4; set answers"
    );
}

#[test]
fn a_node_that_hears_its_leader_says_no_and_names_it_unless_the_asker_outranks_it() {
    let mut two = Bench::hardened(2);
    let probe = election(ElectionMessage::Probe { seasoned: true });
    assert_eq!(two.termed(1, 1, probe), "PROBE_ACK -> 1");
    assert_eq!(two.node.leader(), Some(id(4)));
    let mut leaderless = suspicious(2);
    assert_eq!(leaderless.termed(1, 1, probe), "PROBE_ACK -> 1");
}

#[test]
fn a_closed_connection_lets_a_leader_be_suspected_at_once() {
    let mut three = Bench::hardened(3);
    assert_eq!(three.feed(Input::Disconnected { peer: id(1) }), "", "1 does not lead");
    assert_eq!(
        three.feed(Input::Disconnected { peer: id(4) }),
        "cancel suspicion; cancel challenge; follows nobody; cancel suspicion; \
         starts election 3:1; PROBE -> 1; PROBE -> 2; PROBE -> 4; set probe-answers"
    );
    let heartbeat = election(ElectionMessage::Heartbeat { beat: 7 });
    three.termed(4, 1, heartbeat);
    assert_eq!(three.node.leader(), Some(id(4)), "it was a false alarm");
}

#[test]
fn a_vote_is_saved_before_it_is_sent_and_given_once_a_term() {
    let mut one = Bench::hardened(1);
    assert_eq!(
        one.termed(2, 2, election(ElectionMessage::Propose)),
        "cancel suspicion; cancel challenge; follows nobody; save term 2; set suspicion; \
         save term 2 vote 2; ACCEPT -> 2; cancel suspicion; set coordinator"
    );
    assert_eq!(one.termed(3, 2, election(ElectionMessage::Propose)), "");
    assert_eq!(one.termed(2, 2, election(ElectionMessage::Propose)).matches("ACCEPT").count(), 1);
}

#[test]
fn a_vote_holds_after_a_restart() {
    let mut one = Bench::hardened(1);
    let me = Identity { node: id(1), incarnation: Incarnation::FIRST.next() };
    let stable = Stable { term: Term(2), vote: Some(id(3)) };
    one.node = Node::new(me, (*one.node.config()).into(), Boot { stable, ..Boot::default() });
    let mut one = one.started();
    let propose = election(ElectionMessage::Propose);
    assert_eq!(one.termed(4, 2, propose), "", "it has voted for 3 in an earlier life");
    assert!(one.termed(3, 2, propose).contains("ACCEPT -> 3"));
    assert!(one.termed(4, 3, propose).contains("save term 3 vote 4; ACCEPT -> 4"));
}

#[test]
fn an_asked_node_that_hears_no_majority_leaves_elections_to_others_until_it_does() {
    let by_two = ElectionId { by: first_life(2), number: 1 };
    let asks = election(ElectionMessage::Election { election: by_two });
    let mut three = Bench::hardened(3);
    assert!(three.termed(2, 2, asks).contains("OK -> 2"));
    three.timeout(ElectionTimer::Answers);
    assert!(three.timeout(TermTimer::Accepts).contains("set election-retry"));
    let heard = three.termed(2, 3, asks);
    assert!(
        !heard.contains("OK") && !heard.contains("ELECTION"),
        "it has heard only node 2: {heard}"
    );
    let proposed = three.termed(2, 3, election(ElectionMessage::Propose));
    assert!(
        proposed.contains("ACCEPT -> 2"),
        "it behaves like a dead node towards lower nodes: {proposed}"
    );
    three.timeout(ElectionTimer::Coordinator);
    three.termed(1, 3, willing());
    assert!(three.termed(2, 3, willing()).contains("ELECTION -> 4"));
    assert!(three.termed(2, 5, asks).contains("OK -> 2"), "it has heard a majority");
}

#[test]
fn an_asked_node_that_a_majority_refuses_stands_again() {
    let asks = |by: u8| {
        let election_id = ElectionId { by: first_life(by), number: 1 };
        election(ElectionMessage::Election { election: election_id })
    };
    let mut three = Bench::hardened(3);
    three.termed(2, 2, asks(2));
    three.timeout(ElectionTimer::Answers);
    three.termed(1, 2, asks(1));
    three.timeout(TermTimer::Accepts);
    assert!(three.termed(2, 3, asks(2)).contains("OK -> 2"), "it has heard 1 as well");
}

#[test]
fn a_message_of_a_lower_term_is_not_acted_on_and_its_sender_is_told() {
    let mut one = Bench::hardened(1);
    one.termed(3, 5, election(ElectionMessage::Coordinator));
    assert_eq!(one.node.leader(), Some(id(3)));
    assert_eq!(one.termed(4, 4, election(ElectionMessage::Coordinator)), "TERM -> 4");
    assert_eq!(one.node.leader(), Some(id(3)));
    assert_eq!(one.termed(4, 4, election(ElectionMessage::Notice { leader: None })), "");
}

#[test]
fn a_restarted_leader_never_leads_its_saved_term_again() {
    let me = Identity { node: id(4), incarnation: Incarnation::FIRST.next() };
    let mut config = Config::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
    config.profile = Profile::Hardened;
    let stable = Stable { term: Term(3), vote: Some(id(4)) };
    let mut node = Node::<u64>::new(me, config.into(), Boot { stable, ..Boot::default() });
    let mut effects = Effects::new();
    node.step(&Input::Start, &mut effects);
    effects.clear();
    let asked = ElectionMessage::Election { election: ElectionId { by: first_life(1), number: 1 } };
    let message = Message::Hardened(hardened::Termed { term: Term(3), body: election(asked) });
    node.step(&Input::Message { from: id(1), stamp: Stamp::default(), message }, &mut effects);
    let sent: Vec<_> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Send { message, .. } => Some(message.name()),
            _ => None,
        })
        .collect();
    assert_eq!(sent, ["OK"]);
}

#[test]
fn a_leader_that_a_majority_does_not_hear_stops_leading() {
    let mut four = Bench::hardened(4);
    assert!(
        four.timeout(TermTimer::Lease(1)).starts_with("cancel heartbeat; follows nobody"),
        "its first heartbeat has earned nothing"
    );
    let mut four = Bench::hardened(4);
    for from in [1, 2] {
        four.termed(from, 1, election(ElectionMessage::HeartbeatAck { beat: 1 }));
    }
    four.timeout(ElectionTimer::Heartbeat);
    assert!(four.timeout(TermTimer::Lease(1)).starts_with("cancel heartbeat; cancel leader"));
}
