//! How the hardened profile's spans must fit each other and the network.

use alloc::format;
use core::time::Duration;

use antes_core::{Algorithm, ElectionConfig, Form};

use super::duration::display;
use super::error::Fault;
use super::fields::Section;
use super::{Latency, Scenario};

/// Gives the spans that the file leaves out, where their usual values would be too short.
pub(super) fn fit_defaults(top: &Section<'_>, scenario: &mut Scenario) {
    let given = |name: &str| top.has("election", name);
    let fitted = fitted(scenario);
    let election = &mut scenario.config.election;
    if !given("answer_timeout") {
        election.answer_timeout = fitted.answer_timeout;
    }
    // Whoever sets how often heartbeats come is told what follows from it for the suspicion.
    if !given("heartbeat") && !given("suspect_after") {
        election.suspect_after = fitted.suspect_after;
    }
    if !given("coordinator_timeout") {
        let bound = shortest_coordinator_timeout(scenario);
        let election = &mut scenario.config.election;
        election.coordinator_timeout = election.coordinator_timeout.max(bound);
    }
}

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

/// Refuses spans with which the hardened profile would be safe but would not get on.
pub(super) fn check(top: &Section<'_>, scenario: &Scenario) -> Result<(), Fault> {
    let (election, hardened) = (&scenario.config.election, &scenario.config.hardened);
    let refuse = |field: &str, problem: &str, expected: &str, span: Duration| {
        let remedy = format!("expected {expected}\"{}\"", display(span));
        Err(top.fault_at("election", field, problem, remedy))
    };
    let bound = shortest_answer_timeout(scenario);
    if election.answer_timeout < bound {
        let problem = "T is shorter than the way there and back";
        return refuse("answer_timeout", problem, "at least ", bound);
    }
    let bound = shortest_coordinator_timeout(scenario);
    if election.coordinator_timeout < bound {
        let problem = match election.form {
            Form::Parallel => "T' is shorter than T and the way there and back",
            Form::Sequential => "T' is too short to ask everybody above in vain",
        };
        return refuse("coordinator_timeout", problem, "at least ", bound);
    }
    if scenario.config.algorithm == Algorithm::Mutex && election.suspect_after > hardened.lease {
        let problem = "\"suspect_after\" is longer than \"lease\"";
        let remedy = format!("expected \"{}\" at most", display(hardened.lease));
        return Err(top.fault_at("election", "suspect_after", problem, remedy));
    }
    let bound = shortest_suspicion(scenario);
    if election.suspect_after < bound {
        let problem = "a leader's lease runs out before its next heartbeat can be acknowledged";
        return refuse("suspect_after", problem, "\"suspect_after\" of at least ", bound);
    }
    Ok(())
}

/// The bound of T: the way there and back. A simulated node answers at once.
fn shortest_answer_timeout(scenario: &Scenario) -> Duration {
    2 * way(scenario)
}

/// The bound of T': T, and the way there and back. In the sequential form, whoever answered may
/// have to ask everybody above in vain.
fn shortest_coordinator_timeout(scenario: &Scenario) -> Duration {
    let rounds = match scenario.config.election.form {
        Form::Parallel => 1,
        Form::Sequential => u32::from(scenario.config.size.get()).saturating_sub(2),
    };
    rounds * scenario.config.election.answer_timeout + 2 * way(scenario)
}

/// The leader's lease is `suspect_after · (1 − ρ)` from sending a heartbeat, and the next one is
/// to be acknowledged before it ends.
fn shortest_suspicion(scenario: &Scenario) -> Duration {
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
