//! What files of the hardened profile leave out of its spans, and what they may not say of them.

use alloc::format;
use core::time::Duration;

use antes_core::{Algorithm, Form};

use super::Scenario;
use super::duration::display;
use super::error::Fault;
use super::fields::Section;
use super::timing::{
    fitted, shortest_answer_timeout, shortest_coordinator_timeout, shortest_suspicion,
};

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
