//! Adds withdrawals of waiting requests to storms.

use core::time::Duration;

use antes_core::{Command, NodeId};

use super::bounds::Bounds;
use super::script::{FAULTS_LAST, step};
use crate::random::Random;
use crate::scenario::{Action, MAX_STEPS, Scenario};

/// One storm in this many has withdrawals.
const WITHDRAWALS_OF: u64 = 2;

/// Adds withdrawals: during the faults, or to the end if the script of `base` has one.
pub(super) fn draw(scenario: &mut Scenario, base: &Scenario, dice: &mut Random) {
    let gives_up = |action: &Action| {
        matches!(action, Action::Command { command: Command::Withdraw { .. }, .. })
    };
    let asked = base.steps.iter().any(|step| gives_up(&step.action));
    if !asked && dice.between(1, WITHDRAWALS_OF) > 1 {
        return;
    }
    let end = if asked { Bounds::of(scenario).end() } else { FAULTS_LAST };
    let (size, slowest_ms) = (u64::from(scenario.config.size.get()), dice.between(300, 2_000));
    let mut at = Duration::from_millis(dice.between(100, 1_000));
    while at < end && scenario.steps.len() < MAX_STEPS {
        let place = u8::try_from(dice.between(1, size)).ok();
        let Some(node) = place.and_then(NodeId::new) else { continue };
        let command = Command::Withdraw { request: None };
        scenario.steps.push(step(at, Action::Command { node, command }));
        at += Duration::from_millis(dice.between(1, slowest_ms));
    }
}
