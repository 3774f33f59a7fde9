//! Storms with near and far nodes.
//!
//! If each message draws its latency, a narrow race hardly repeats in the next attempt. With fixed
//! distances between nodes it repeats as long as the nodes do the same.

use antes_core::{MAX_NODES, NodeId, NodeSet};

use super::script::SHORTEST_WAY;
use crate::random::Random;
use crate::scenario::Scenario;

/// One storm in this many has distances.
const DISTANCES_OF: u64 = 4;

/// Puts some nodes far away. Their latency is the longest that `base` declares; that of the others
/// is the shortest.
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

/// One node of `size`: often the second highest, which leads if the highest dies, otherwise any
/// node.
fn far_ones(size: u64, dice: &mut Random) -> NodeSet {
    let node = |place: u64| u8::try_from(place).ok().and_then(NodeId::new);
    match dice.between(0, 2) {
        0 => node(size.saturating_sub(1).max(1)).into_iter().collect(),
        1 => node(dice.between(1, size)).into_iter().collect(),
        _ => (1..=size).filter(|_| dice.between(0, 1) == 0).filter_map(node).collect(),
    }
}
