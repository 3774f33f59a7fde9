//! How the hardened profile's spans must fit each other and the network.

use alloc::format;
use core::time::Duration;

use antes_core::{Algorithm, Form};

use super::duration::display;
use super::error::Fault;
use super::fields::Section;
use super::{Latency, Scenario};

/// Gives T', where the file does not, the time that the form of the election needs.
pub(super) fn fit_defaults(top: &Section<'_>, scenario: &mut Scenario) {
    if !top.has("election", "coordinator_timeout") {
        let bound = shortest_coordinator_timeout(scenario);
        let election = &mut scenario.config.election;
        election.coordinator_timeout = election.coordinator_timeout.max(bound);
    }
}

/// Refuses spans with which the hardened profile would be safe but would not get on.
pub(super) fn check(top: &Section<'_>, scenario: &Scenario) -> Result<(), Fault> {
    let (election, hardened) = (&scenario.config.election, &scenario.config.hardened);
    let bound = shortest_coordinator_timeout(scenario);
    if election.coordinator_timeout < bound {
        let problem = match election.form {
            Form::Parallel => "T' is shorter than T and the way there and back",
            Form::Sequential => "T' is too short to ask everybody above in vain",
        };
        let remedy = format!("expected at least \"{}\"", display(bound));
        return Err(top.fault_at("election", "coordinator_timeout", problem, remedy));
    }
    if scenario.config.algorithm == Algorithm::Mutex && election.suspect_after > hardened.lease {
        let problem = "\"suspect_after\" is longer than \"lease\"";
        let remedy = format!("expected \"{}\" at most", display(hardened.lease));
        return Err(top.fault_at("election", "suspect_after", problem, remedy));
    }
    let needed = shortest_suspicion(scenario);
    if election.suspect_after < needed {
        let problem = "a leader's lease runs out before its next heartbeat can be acknowledged";
        let remedy = format!("expected \"suspect_after\" of at least \"{}\"", display(needed));
        return Err(top.fault_at("election", "suspect_after", problem, remedy));
    }
    Ok(())
}

/// The bound of T': it is as long as T and the way there and back take together, where T is as
/// long as it ought to be (T alone, where it is not). In the sequential form, whoever answered may
/// have to ask everybody above in vain.
fn shortest_coordinator_timeout(scenario: &Scenario) -> Duration {
    let answer = scenario.config.election.answer_timeout;
    let rounds = match scenario.config.election.form {
        Form::Parallel => 1,
        Form::Sequential => u32::from(scenario.config.size.get()).saturating_sub(2),
    };
    rounds * answer + answer.min(2 * way(scenario))
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
