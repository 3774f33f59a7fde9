//! Near nodes and far ones.
//!
//! Where each message draws how long it takes, what has gone wrong by a hair hardly does so again in
//! the next attempt. Between nodes at distances it does, for as long as the nodes do the same.

use antes_core::{MAX_NODES, NodeId, NodeSet};

use super::SHORTEST_WAY;
use crate::random::Random;
use crate::scenario::Scenario;

/// One storm in so many has distances.
const DISTANCES_OF: u64 = 4;

/// Puts some nodes far away. The longest way that `base` declares is theirs; the others are as near as
/// can be.
pub(super) fn draw(scenario: &mut Scenario, base: &Scenario, dice: &mut Random) {
    let asked = base.network.node_latencies.iter().any(Option::is_some);
    if !asked && dice.between(1, DISTANCES_OF) > 1 {
        return;
    }
    let nodes: NodeSet = scenario.config.size.nodes().collect();
    let far = far_ones(u64::from(nodes.len()), dice);
    let longest = base.longest_way();
    let shortest = longest.min(SHORTEST_WAY);
    let latency = |place: u8| {
        let node = NodeId::new(place + 1).filter(|&node| nodes.contains(node))?;
        Some(if far.contains(node) { longest } else { shortest })
    };
    let mut latencies = [None; MAX_NODES as usize];
    (0..).zip(&mut latencies).for_each(|(place, of_node)| *of_node = latency(place));
    scenario.network.node_latencies = latencies;
}

/// One of `size` nodes, often the one below the highest, which leads if that one dies; or any of them.
fn far_ones(size: u64, dice: &mut Random) -> NodeSet {
    let node = |place: u64| u8::try_from(place).ok().and_then(NodeId::new);
    match dice.between(0, 2) {
        0 => node(size.saturating_sub(1).max(1)).into_iter().collect(),
        1 => node(dice.between(1, size)).into_iter().collect(),
        _ => (1..=size).filter(|_| dice.between(0, 1) == 0).filter_map(node).collect(),
    }
}
