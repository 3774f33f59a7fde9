use super::*;
use crate::language::Language;
use crate::ring::node::caption;
use crate::watched::Watched;
use antes_core::Command;
use antes_sim::library::LIBRARY;
use antes_sim::scenario::{self, Action};

fn node(number: u8) -> NodeId {
    NodeId::new(number).unwrap()
}

#[test]
fn a_node_that_stopped_in_order_is_not_called_crashed() {
    let mut watched = Watched::new(Algorithm::Leader);
    watched.seek(700_000);
    watched.act(Action::Command { node: node(4), command: Command::Leave });
    let four = &watched.scene().nodes[3];
    assert_eq!((four.state(), four.leader), ("stopped", None));
    let said = |language| caption(four, language).0;
    assert_eq!([Language::English, Language::Portuguese].map(said), ["stopped", "parado"]);
}

#[test]
fn a_dead_node_has_no_role_no_leader_and_no_timers() {
    let mut watched = Watched::new(Algorithm::Leader);
    watched.seek(700_000);
    watched.act(Action::Crash(node(4)));
    let four = &watched.scene().nodes[3];
    assert_eq!((four.state(), four.leader), ("crashed", None));
    assert!(four.timers.is_empty());
}

#[test]
fn a_message_to_a_dead_node_flies_and_dies_at_the_node() {
    let mut watched = Watched::new(Algorithm::Leader);
    watched.act(Action::Crash(node(4)));
    watched.act(Action::Command { node: node(3), command: antes_core::Command::Elect });
    watched.seek(50_000);
    let flying = watched.scene().flights;
    assert!(flying.iter().any(|flight| (flight.progress - 0.5).abs() < 0.01));
    watched.seek(110_000);
    let lost = watched.scene().lost;
    assert_eq!(lost.len(), 1);
    assert!((lost[0].progress - 1.0).abs() < 1e-9);
    watched.seek(100_000 + LINGER_US);
    assert!(watched.scene().lost.is_empty());
}

#[test]
fn a_lost_message_dies_on_its_way() {
    let mut watched = Watched::new(Algorithm::Clock);
    watched.act(Action::Send { from: node(1), to: node(2), latency: None });
    watched.seek(30_000);
    let id = watched.scene().flights[0].message.id;
    watched.act(Action::Tamper {
        which: antes_sim::scenario::Which::Id(id),
        tampering: antes_sim::scenario::Tampering::Drop,
    });
    watched.seek(200_000);
    let scene = watched.scene();
    assert!(scene.flights.is_empty() && scene.lost[0].progress < 1.0, "{scene:?}");
}

#[test]
fn the_coordinator_shows_its_queue() {
    let mut watched = Watched::new(Algorithm::Mutex);
    for number in [1, 2, 3] {
        let hold = antes_core::Hold::UntilReleased;
        let command = antes_core::Command::Request { hold };
        watched.act(Action::Command { node: node(number), command });
    }
    watched.seek(250_000);
    let scene = watched.scene();
    let queue = scene.nodes[3].queue.as_ref().unwrap();
    assert_eq!((queue.holder, &queue.waiting[..]), (Some(node(1)), &[node(2), node(3)][..]));
    assert_eq!(
        scene.nodes.iter().map(|node| node.lock).collect::<Vec<_>>(),
        [Lock::Holding, Lock::Waiting, Lock::Waiting, Lock::None]
    );
}

#[test]
fn a_node_that_asks_all_others_tells_whose_ok_it_has_not_received() {
    let (_, text) = LIBRARY.iter().find(|(slug, _)| *slug == "one-crash-stops-all").unwrap();
    let mut watched = Watched::of(scenario::read(text).unwrap());
    // Node 3 is dead, and node 2 has asked.
    watched.seek(9_000_000);
    let two = &watched.scene().nodes[1];
    assert_eq!(two.missing, [node(3)]);
    let said = |language| caption(two, language).1;
    assert_eq!(
        [Language::English, Language::Portuguese].map(said),
        ["waits for OK of 3", "espera OK de 3"]
    );
    let missing = [1, 3, 4, 5].map(node).to_vec();
    let crowded = NodeScene { missing, ..two.clone() };
    assert_eq!(caption(&crowded, Language::English).1, "waits for OK of 4 nodes");
}
