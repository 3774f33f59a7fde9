//! Applications that ask for the lock faster than they are served.

use core::time::Duration;

use antes_core::{Command, Hold, NodeId};

use super::bounds::Bounds;
use super::script::step;
use crate::random::Random;
use crate::scenario::{Action, MAX_STEPS, Scenario};

/// The shortest time between two requests of a node.
const SHORTEST_PACE: Duration = Duration::from_millis(40);

/// Makes one or two nodes request, from the beginning to the end, about twice as fast as the lock
/// can be passed on. Each entry takes a grant and a release.
pub(super) fn saturate(scenario: &mut Scenario, dice: &mut Random) {
    let size = u64::from(scenario.config.size.get());
    let hold = Duration::from_millis(dice.between(1, 100));
    let service = hold + 2 * scenario.longest_way();
    let percent = u32::try_from(dice.between(30, 90)).unwrap_or(50);
    let pace = (service * percent / 100).max(SHORTEST_PACE);
    for _ in 0..dice.between(1, 2) {
        let place = u8::try_from(dice.between(1, size)).ok();
        let Some(node) = place.and_then(NodeId::new) else { continue };
        // The bound depends on the requests.
        let end = Bounds::of(scenario).end();
        let mut at = Duration::from_millis(dice.between(100, 1_000));
        while at < end && scenario.steps.len() < MAX_STEPS {
            let command = Command::Request { hold: Hold::For(hold) };
            scenario.steps.push(step(at, Action::Command { node, command }));
            at += pace;
        }
    }
}
