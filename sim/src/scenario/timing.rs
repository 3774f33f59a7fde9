//! How the hardened profile's spans must fit each other and the network.

use core::time::Duration;

use antes_core::{ElectionConfig, Form};

use super::{Latency, Scenario};

/// The election's spans, those that are too short for the hardened profile made as long as it
/// needs them.
pub(super) fn fitted(scenario: &Scenario) -> ElectionConfig {
    let mut scenario = scenario.clone();
    let answer = shortest_answer_timeout(&scenario);
    let suspicion = shortest_suspicion(&scenario);
    let election = &mut scenario.config.election;
    election.answer_timeout = election.answer_timeout.max(answer);
    election.suspect_after = election.suspect_after.max(suspicion);
    let coordinator = shortest_coordinator_timeout(&scenario);
    let election = &mut scenario.config.election;
    election.coordinator_timeout = election.coordinator_timeout.max(coordinator);
    *election
}

/// The bound of T: the way there and back. A simulated node answers at once.
pub(super) fn shortest_answer_timeout(scenario: &Scenario) -> Duration {
    2 * way(scenario)
}

/// The bound of T': T, and the way there and back. In the sequential form, whoever answered may
/// have to ask everybody above in vain.
pub(super) fn shortest_coordinator_timeout(scenario: &Scenario) -> Duration {
    let rounds = match scenario.config.election.form {
        Form::Parallel => 1,
        Form::Sequential => u32::from(scenario.config.size.get()).saturating_sub(2),
    };
    rounds * scenario.config.election.answer_timeout + 2 * way(scenario)
}

/// The leader's lease is `suspect_after · (1 − ρ)` from sending a heartbeat, and the next one is
/// to be acknowledged before it ends.
pub(super) fn shortest_suspicion(scenario: &Scenario) -> Duration {
    let needed = scenario.config.election.heartbeat + 2 * way(scenario);
    let rate = 1_000_000 - u64::from(scenario.config.hardened.drift.0.min(999_999));
    let micros = (needed.as_micros() * 1_000_000).div_ceil(u128::from(rate));
    // Whole milliseconds read better, and a little more room does no harm.
    Duration::from_millis(u64::try_from(micros.div_ceil(1000)).unwrap_or(u64::MAX))
}

/// How long a message takes: the longest there is, or where there is none, the mean.
const fn way(scenario: &Scenario) -> Duration {
    match scenario.network.latency {
        Latency::Fixed(latency) => latency,
        Latency::Uniform { max, .. } => max,
        Latency::Exponential { mean, .. } => mean,
    }
}
