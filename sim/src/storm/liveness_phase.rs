//! The calm phase of a storm: which nodes are brought back, and which requests are made.

use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, Command, Hold, NodeId};

use super::bounds::{ASKING_LASTS, Bounds};
use super::script::{FAULTS_LAST, Faults, step};
use crate::random::Random;
use crate::scenario::{Action, Scenario};

/// How long each node holds the lock in the calm phase.
const HOLD: Duration = Duration::from_millis(500);

/// Restores the links and brings back all nodes, or all except a minority. Then each node asks for
/// the lock twice.
pub(super) fn begin(scenario: &mut Scenario, dice: &mut Random, faults: Faults) {
    let size = scenario.config.size;
    let mut act = |action| scenario.steps.push(step(FAULTS_LAST, action));
    act(Action::Heal);
    let outside = outsiders(size.nodes().collect(), dice);
    let well: Vec<_> = size.nodes().filter(|node| !outside.contains(node)).collect();
    for node in size.nodes() {
        act(Action::Resume(node));
        act(Action::Restart(node));
    }
    for node in outside {
        match dice.between(0, 4) {
            0 if faults.crashes => act(Action::Crash(node)),
            1 if faults.pauses => act(Action::Pause(node)),
            2 if faults.cuts => {
                // It receives from no node.
                for &from in &well {
                    act(Action::Cut { from, to: node });
                }
            }
            3 if faults.cuts => {
                // No node receives from it.
                for &to in &well {
                    act(Action::Cut { from: node, to });
                }
            }
            4 if faults.cuts => {
                for &other in &well {
                    act(Action::Cut { from: node, to: other });
                    act(Action::Cut { from: other, to: node });
                }
            }
            _ => {}
        }
    }
    if scenario.config.algorithm == Algorithm::Mutex {
        let asks = Bounds::of(scenario).led;
        for at in [asks, asks + ASKING_LASTS] {
            for node in size.nodes() {
                let command = Command::Request { hold: Hold::For(HOLD) };
                scenario.steps.push(step(at, Action::Command { node, command }));
            }
        }
    }
}

/// In every second storm, some nodes whose absence leaves a majority.
fn outsiders(mut nodes: Vec<NodeId>, dice: &mut Random) -> Vec<NodeId> {
    let most = nodes.len().saturating_sub(1) as u64 / 2;
    if most == 0 || dice.between(0, 1) == 0 {
        return Vec::new();
    }
    let count = dice.between(1, most);
    let drawn = (0..count).map(|_| {
        let last = nodes.len().saturating_sub(1) as u64;
        nodes.swap_remove(dice.between(0, last) as usize)
    });
    drawn.collect()
}
