//! Transitions of the distributed lock (Ricart and Agrawala 1981), including its failures.

mod common;

use std::collections::{BTreeMap, VecDeque};

use antes_core::*;
use common::{Bench, id, request};

const HOLD: Command = Command::Request { hold: Hold::UntilReleased };

fn asks(number: u8, nth: u32, stamp: u64) -> DistributedMessage {
    DistributedMessage::Request { request: request(number, nth), stamp: LamportTime(stamp) }
}

const fn ok(request: RequestId) -> DistributedMessage {
    DistributedMessage::Ok { request }
}

fn bench(number: u8) -> Bench {
    Bench::new(number, Algorithm::Mutex, |config| config.mutex.lock = Lock::Distributed).started()
}

fn told(bench: &mut Bench, from: u8, message: DistributedMessage) -> String {
    bench.receive(from, Message::Distributed(message))
}

/// A node that has entered with its first request.
fn inside(number: u8) -> Bench {
    let mut bench = bench(number);
    bench.command(HOLD);
    for other in (1..=4).filter(|&other| other != number) {
        told(&mut bench, other, ok(request(number, 1)));
    }
    assert_eq!(turn(&bench), Some(Turn::Inside));
    bench
}

/// The state of the first of the node's requests.
fn turn(bench: &Bench) -> Option<Turn> {
    let lock = bench.node.stack().distributed().expect("the lock");
    lock.requests().first().map(|request| request.progress)
}

fn missing(bench: &Bench) -> Vec<u8> {
    let Some(Turn::Asks { missing, .. }) = turn(bench) else { return Vec::new() };
    (1..=4).filter(|&node| missing.contains(id(node))).collect()
}

#[test]
fn a_node_asks_all_others_and_enters_when_the_last_has_answered() {
    let mut two = bench(2);
    assert_eq!(
        two.command(HOLD),
        "wants 2:1; REQUEST 2:1 at 1 -> 1; REQUEST 2:1 at 1 -> 3; REQUEST 2:1 at 1 -> 4"
    );
    assert_eq!(missing(&two), [1, 3, 4]);
    assert_eq!(told(&mut two, 3, ok(request(2, 1))), "");
    assert_eq!(told(&mut two, 1, ok(request(2, 1))), "");
    assert_eq!(missing(&two), [4]);
    assert_eq!(told(&mut two, 4, ok(request(2, 1))), "enters 2:1; write 2:1 Entry");
    assert_eq!(two.command(Command::Release), "cancel hold; write 2:1 Exit; exits 2:1");
}

#[test]
fn a_holder_that_stops_gives_its_other_requests_up_and_answers_the_others() {
    let mut two = inside(2);
    assert_eq!(two.command(HOLD), "wants 2:2");
    assert_eq!(told(&mut two, 3, asks(3, 1, 9)), "");
    assert_eq!(
        two.command(Command::Leave),
        "gives up 2:2; cancel hold; write 2:1 Exit; exits 2:1; OK 3:1 -> 3"
    );
}

#[test]
fn a_node_that_stops_while_it_asks_answers_the_others() {
    let mut two = bench(2);
    two.command(HOLD);
    two.command(HOLD);
    assert_eq!(told(&mut two, 3, asks(3, 1, 9)), "");
    assert_eq!(two.command(Command::Leave), "gives up 2:2; gives up 2:1; OK 3:1 -> 3");
}

#[test]
fn a_node_without_a_request_answers_at_once() {
    let mut three = bench(3);
    assert_eq!(told(&mut three, 1, asks(1, 1, 8)), "OK 1:1 -> 1");
    assert_eq!(told(&mut three, 2, asks(2, 1, 8)), "OK 2:1 -> 2");
}

#[test]
fn the_smaller_stamp_goes_first_and_the_smaller_id_among_equal_stamps() {
    for (theirs, answer) in [(0, "OK 4:1 -> 4"), (1, ""), (2, "")] {
        let mut two = bench(2);
        two.command(HOLD);
        assert_eq!(told(&mut two, 4, asks(4, 1, theirs)), answer, "4 asks at {theirs}");
    }
    for (theirs, answer) in [(0, "OK 1:1 -> 1"), (1, "OK 1:1 -> 1"), (2, "")] {
        let mut two = bench(2);
        two.command(HOLD);
        assert_eq!(told(&mut two, 1, asks(1, 1, theirs)), answer, "1 asks at {theirs}");
    }
}

#[test]
fn a_node_that_is_in_answers_as_it_leaves_in_the_order_of_arrival() {
    let mut two = inside(2);
    assert_eq!(told(&mut two, 4, asks(4, 1, 9)), "");
    assert_eq!(told(&mut two, 1, asks(1, 1, 0)), "", "a smaller stamp comes too late");
    assert_eq!(
        two.command(Command::Release),
        "cancel hold; write 2:1 Exit; exits 2:1; OK 4:1 -> 4; OK 1:1 -> 1"
    );
}

#[test]
fn all_copies_of_a_request_carry_the_stamp_of_the_first_one() {
    let mut two = bench(2);
    two.command(Command::LocalEvent);
    assert_eq!(
        two.command(HOLD),
        "wants 2:1; REQUEST 2:1 at 2 -> 1; REQUEST 2:1 at 2 -> 3; REQUEST 2:1 at 2 -> 4"
    );
    assert_eq!(two.node.stamp().lamport, LamportTime(4));
}

#[test]
fn the_next_request_is_asked_for_after_the_first_and_its_stamp_counts_the_answers() {
    let mut two = inside(2);
    assert_eq!(two.command(HOLD), "wants 2:2");
    assert_eq!(told(&mut two, 4, asks(4, 1, 9)), "");
    let before = two.node.stamp().lamport.0;
    // The write and the OK tick first.
    let stamp = before + 3;
    assert_eq!(
        two.command(Command::Release),
        format!(
            "cancel hold; write 2:1 Exit; exits 2:1; OK 4:1 -> 4; REQUEST 2:2 at {stamp} -> 1; \
             REQUEST 2:2 at {stamp} -> 3; REQUEST 2:2 at {stamp} -> 4"
        )
    );
}

#[test]
fn a_late_copy_of_an_ok_does_not_answer_the_next_request() {
    let mut two = inside(2);
    two.command(HOLD);
    two.command(Command::Release);
    assert_eq!(told(&mut two, 1, ok(request(2, 1))), "");
    assert_eq!(missing(&two), [1, 3, 4]);
    assert_eq!(told(&mut two, 1, ok(request(2, 2))), "");
    assert_eq!(told(&mut two, 1, ok(request(2, 2))), "", "a copy counts once");
    assert_eq!(missing(&two), [3, 4]);
}

#[test]
fn a_late_copy_of_a_request_does_not_replace_a_newer_one() {
    let mut two = inside(2);
    told(&mut two, 4, asks(4, 2, 9));
    told(&mut two, 4, asks(4, 1, 3));
    told(&mut two, 4, asks(4, 2, 9));
    assert!(two.command(Command::Release).ends_with("exits 2:1; OK 4:2 -> 4"));
}

#[test]
fn a_withdrawn_request_lets_the_others_go() {
    let mut two = bench(2);
    two.command(HOLD);
    two.command(HOLD);
    assert_eq!(told(&mut two, 4, asks(4, 1, 9)), "");
    let latest = Command::Withdraw { request: None };
    assert_eq!(two.command(latest), "gives up 2:2", "nobody has been asked for it");
    assert_eq!(two.command(latest), "gives up 2:1; OK 4:1 -> 4");
    for other in [1, 3, 4] {
        assert_eq!(told(&mut two, other, ok(request(2, 1))), "", "it was given up");
    }
    assert_eq!(two.command(latest), "");
}

#[test]
fn a_request_in_another_nodes_name_is_ignored() {
    assert_eq!(told(&mut bench(2), 4, asks(1, 1, 1)), "");
    assert_eq!(told(&mut bench(2), 4, asks(2, 1, 1)), "");
}

#[test]
fn the_application_asks_holds_leaves_and_rests() {
    let mut two = Bench::new(2, Algorithm::Mutex, |config| {
        config.mutex.lock = Lock::Distributed;
        config.application.auto = true;
    });
    assert!(two.feed(Input::Start).ends_with("set call-wait; set request-wait"));
    let wait = Input::Timer(Timer::Application(ApplicationTimer::RequestWait));
    assert!(two.feed(wait).starts_with("wants 2:1; REQUEST 2:1 at 1 -> 1"));
    told(&mut two, 1, ok(request(2, 1)));
    told(&mut two, 3, ok(request(2, 1)));
    assert_eq!(told(&mut two, 4, ok(request(2, 1))), "enters 2:1; write 2:1 Entry; set hold");
    let over = Input::Timer(Timer::Application(ApplicationTimer::Hold(request(2, 1))));
    assert_eq!(two.feed(over), "write 2:1 Exit; exits 2:1; set request-wait");
}

#[test]
fn a_node_has_a_bounded_number_of_requests_open_and_writes_only_inside() {
    let mut two = bench(2);
    assert_eq!(two.command(Command::Write), "");
    for _ in 0..MAX_OUTSTANDING {
        assert_ne!(two.command(HOLD), "");
    }
    assert_eq!(two.command(HOLD), "is refused");
    assert_eq!(inside(2).command(Command::Write), "write 2:1 Inside");
}

#[test]
fn no_election_runs_and_nothing_is_repeated() {
    let mut two = bench(2);
    assert_eq!(two.command(Command::Elect), "");
    assert_eq!(two.feed(Input::Disconnected { peer: id(4) }), "");
    assert_eq!(two.hear(4, ElectionMessage::Coordinator), "");
    assert_eq!((two.node.leader(), two.node.stack().candidacy()), (None, None));
    two.command(HOLD);
    assert_eq!(two.feed(Input::Disconnected { peer: id(4) }), "", "a crash only blocks");
}

#[test]
fn the_hardened_profile_is_refused_with_the_right_words() {
    let mut config = Config::new(Algorithm::Mutex, ClusterSize::MAX);
    config.mutex.lock = Lock::Distributed;
    assert_eq!(config.setting().refusal(), None);
    config.profile = Profile::Hardened;
    let refusal = config.setting().refusal().expect("it is refused");
    assert_eq!(
        refusal.to_string(),
        "the distributed lock has no hardened form; expected profile \"classic\" or lock \
         \"centralized\""
    );
    config.algorithm = Algorithm::Leader;
    assert_eq!(config.setting().refusal(), None, "without a lock there is nothing to refuse");
}

/// Nodes of a cluster, and messages that arrive in the order of their sends.
struct Cluster {
    nodes: BTreeMap<u8, Node>,
    flying: VecDeque<(NodeId, NodeId, Stamp, Message)>,
    sent: usize,
    entered: Vec<RequestId>,
}

impl Cluster {
    fn of(size: u8) -> Self {
        let mut config = Config::new(Algorithm::Mutex, ClusterSize::new(size).expect("a size"));
        config.mutex.lock = Lock::Distributed;
        let config = std::sync::Arc::new(config);
        let node = |number| Node::new(common::first_life(number), config.clone(), Boot::default());
        let nodes = (1..=size).map(|number| (number, node(number))).collect();
        Self { nodes, flying: VecDeque::new(), sent: 0, entered: Vec::new() }
    }

    fn feed(&mut self, number: u8, input: &Input) {
        let node = self.nodes.get_mut(&number).expect("a node");
        let mut effects = Effects::new();
        let mut stamp = node.step(input, &mut effects);
        for effect in effects {
            if effect.ticks() {
                stamp.tick(id(number));
            }
            match effect {
                Effect::Send { to, message } => {
                    self.sent += 1;
                    self.flying.push_back((id(number), to, stamp, message));
                }
                Effect::Emit(Event::Entered { request, .. }) => self.entered.push(request),
                _ => {}
            }
        }
    }

    fn deliver_all(&mut self) {
        while let Some((from, to, stamp, message)) = self.flying.pop_front() {
            self.feed(to.get(), &Input::Message { from, stamp, message });
        }
    }
}

#[test]
fn an_entry_takes_two_messages_for_each_other_node() {
    for size in 1..=MAX_NODES {
        let mut cluster = Cluster::of(size);
        for number in 1..=size {
            cluster.feed(number, &Input::Command(HOLD));
            cluster.deliver_all();
            cluster.feed(number, &Input::Command(Command::Release));
            cluster.deliver_all();
        }
        let (entries, others) = (usize::from(size), usize::from(size) - 1);
        assert_eq!(cluster.entered.len(), entries);
        assert_eq!(cluster.sent, entries * 2 * others, "{size} nodes");
    }
}

#[test]
fn the_request_with_stamp_8_goes_before_stamp_12_with_8_messages_in_all() {
    let mut cluster = Cluster::of(3);
    for (number, events) in [(1, 7), (3, 11)] {
        for _ in 0..events {
            cluster.feed(number, &Input::Command(Command::LocalEvent));
        }
    }
    cluster.feed(1, &Input::Command(HOLD));
    cluster.feed(3, &Input::Command(HOLD));
    let stamps = cluster.flying.iter().map(|(.., message)| match message {
        Message::Distributed(message) => message.stamp().expect("a REQUEST").0,
        other => panic!("{other:?}"),
    });
    assert_eq!(stamps.collect::<Vec<_>>(), [8, 8, 12, 12]);
    cluster.deliver_all();
    assert_eq!(cluster.entered, [request(1, 1)]);
    cluster.feed(1, &Input::Command(Command::Release));
    cluster.deliver_all();
    assert_eq!(cluster.entered, [request(1, 1), request(3, 1)]);
    assert_eq!(cluster.sent, 8);
}

/// The reason why a restart is not harmless: see the module's documentation.
#[test]
fn a_restart_lets_two_in() {
    let mut cluster = Cluster::of(3);
    cluster.feed(2, &Input::Command(HOLD));
    cluster.deliver_all();
    cluster.feed(1, &Input::Command(HOLD));
    cluster.deliver_all();
    // Node 3 has given its OK. It restarts with its clock at 0, and asks.
    let config = std::sync::Arc::new(*cluster.nodes[&3].config());
    let me = Identity { node: id(3), incarnation: Incarnation::FIRST.next() };
    cluster.nodes.insert(3, Node::new(me, config, Boot::default()));
    cluster.feed(3, &Input::Command(HOLD));
    cluster.deliver_all();
    cluster.feed(2, &Input::Command(Command::Release));
    cluster.deliver_all();
    assert_eq!(cluster.entered[1..].len(), 2, "both wait for node 2 alone: {:?}", cluster.entered);
}
