//! Turns a path that the checker has found into a scenario for the simulator.
//!
//! In a model time has no length; in a scenario each event has an instant. So each action of a path
//! gets an unknown instant, constrained by differences: a message takes its latency, a timer its
//! duration, and the actions of one node keep their order. `times` solves these constraints. If
//! necessary, and if the model does not assume timely messages, the scenario delays messages and
//! pauses nodes. If no instants fit, the next shortest path is tried. The result is played in the
//! simulator. It is accepted only if the nodes end in exactly the states of the model and the judge
//! reports the same violation.

mod alike;
mod script;
mod story;
mod times;
mod ways;

use std::fmt;

use antes_sim::run::Run;
use antes_sim::scenario::{Scenario, Text};
use antes_sim::trace::{Happening, Invariant};
use stateright::Model;

use crate::cluster::{Cluster, State, Timing};
use crate::explore::Steps;
use crate::scheduled::{Found, Unscheduled};
use story::Story;
use times::{Plan, times};
use ways::Ways;

/// The reason why no scenario violates a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoScenario {
    /// Why the first path, a shortest one, has no scenario.
    pub reason: Unscheduled,
    /// How many paths were tried.
    pub ways: usize,
}

impl fmt::Display for NoScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Unscheduled::Foreign => "the simulator has no cluster of this kind",
            Unscheduled::Unbroken => "no state close enough to the initial state violates it",
            Unscheduled::Chance => "a random draw decides how long something takes",
            Unscheduled::NoTimes => "no instants fit: timers would fire in another order",
            Unscheduled::CutOff => "no script can crash a node in the middle of that step",
            Unscheduled::LostAfterCopy => "no script can lose a message after duplicating it",
            Unscheduled::OtherEnd => "the nodes end in other states in the simulator",
            Unscheduled::NotJudged => "the simulator's judge reports no violation",
        })?;
        match self.ways {
            0 | 1 => Ok(()),
            ways => write!(f, " (none of {ways} ways to violate it can be written as a scenario)"),
        }
    }
}

impl std::error::Error for NoScenario {}

/// The most paths that are tried.
const MAX_WAYS: usize = 10_000;

/// Finds the shortest path to a violation of `property` that has a scenario.
///
/// # Errors
///
/// If no path has one: the reason for the first path.
pub fn find(model: &Cluster, property: &str) -> Result<Found, NoScenario> {
    let properties = model.properties();
    let named = properties.iter().find(|other| other.name == property);
    let Some(named) = named else {
        return Err(NoScenario { reason: Unscheduled::Unbroken, ways: 0 });
    };
    let mut first = None;
    let mut tried = 0;
    for steps in Ways::new(model, named.condition).take(MAX_WAYS) {
        match schedule(model, &steps, property) {
            Ok(found) => return Ok(Found { passed_over: tried, ..found }),
            Err(reason) => first = first.or(Some(reason)),
        }
        tried += 1;
    }
    Err(NoScenario { reason: first.unwrap_or(Unscheduled::Unbroken), ways: tried })
}

/// The scenario in which exactly `steps` happens. At its end `property` is violated. If no
/// invariant of the simulator corresponds to `property`, the title names the property.
///
/// # Errors
///
/// If there is none: the reason.
pub fn schedule(
    model: &Cluster,
    steps: &Steps<Cluster>,
    property: &str,
) -> Result<Found, Unscheduled> {
    let story = Story::of(model, steps);
    if story.draws {
        return Err(Unscheduled::Chance);
    }
    if story.letters.iter().any(|letter| letter.is_lost_after_copy()) {
        return Err(Unscheduled::LostAfterCopy);
    }
    let Some((last, _)) = steps.last() else { return Err(Unscheduled::Unbroken) };
    // Most paths have no instants. The least constrained plans, which come last, show this first.
    let widest = plans(model.timing).filter(|plan| plan.together && plan.gap_us == LEAST_GAP_US);
    if !widest.map(|plan| times(&story, plan)).any(|times| times.is_some()) {
        return Err(Unscheduled::NoTimes);
    }
    let mut failure = Unscheduled::NoTimes;
    for plan in plans(model.timing) {
        let Some(times) = times(&story, plan) else { continue };
        let mut scenario = script::scenario(model, &story, &times, plan)?;
        scenario.title = Text { en: format!("Broken: {property}"), pt: None };
        match replay(&scenario, last, times[story.end()], property) {
            Ok(broken_us) => {
                let last_us = times[1..story.end()].iter().copied().max();
                let at_us = broken_us.or(last_us).unwrap_or(0);
                let lines =
                    story.timed_actions.into_iter().map(|timed| timed.description).collect();
                return Ok(Found { scenario, at_us, lines, passed_over: 0 });
            }
            // The messages arrive at the same instant, and are handled in another order.
            Err(Unscheduled::OtherEnd) if plan.together => {}
            Err(reason) => failure = reason,
        }
    }
    Err(failure)
}

/// The shortest time between two ordered actions, in microseconds.
const LEAST_GAP_US: u64 = 1_000;

/// The plans that fit a timing assumption, the simplest first.
fn plans(timing: Timing) -> impl Iterator<Item = Plan> {
    let means: &[(bool, bool)] = match timing {
        // The model assumes timely messages, so they are not delayed.
        Timing::Synchronous | Timing::HastyWait => &[(false, false)],
        Timing::Any | Timing::LeaseOrder => &[(false, false), (true, false), (true, true)],
    };
    const LATENCIES_MS: [u64; 3] = [100, 50, 10];
    const ORDERS: [(bool, bool, u64); 8] = [
        (true, false, 50_000),
        (false, false, 50_000),
        (false, true, 50_000),
        (true, false, 10_000),
        (false, false, 10_000),
        (false, true, 10_000),
        (false, false, LEAST_GAP_US),
        (false, true, LEAST_GAP_US),
    ];
    LATENCIES_MS.into_iter().flat_map(move |latency_ms| {
        means.iter().flat_map(move |&(delays, pauses)| {
            ORDERS.into_iter().map(move |(in_order, together, gap_us)| Plan {
                latency_us: latency_ms * 1000,
                delays,
                pauses,
                in_order,
                together,
                gap_us,
            })
        })
    })
}

/// Plays `scenario` and compares it with the model: at `end_us` each node must be in its state of
/// `last`. If an invariant corresponds to `property`, it must be violated by the end of the run;
/// returns when.
fn replay(
    scenario: &Scenario,
    last: &State,
    end_us: u64,
    property: &str,
) -> Result<Option<u64>, Unscheduled> {
    let mut run = Run::new(scenario.clone());
    run.advance_to(end_us);
    if !last.is_that_of(run.world()) {
        return Err(Unscheduled::OtherEnd);
    }
    run.finish();
    let Some(invariant) = invariant(property) else { return Ok(None) };
    let broken = run.trace().iter().find(|event| {
        matches!(&event.happening, Happening::Violation(found) if found.invariant == invariant)
    });
    broken.map(|event| Some(event.at_us)).ok_or(Unscheduled::NotJudged)
}

/// The simulator's invariant that corresponds to a property of the models, if there is one.
pub fn invariant(property: &str) -> Option<Invariant> {
    Some(match property {
        "one leader, followed by all, when quiet" => Invariant::OneLeader,
        "one leader a term" => Invariant::OneLeaderPerTerm,
        "one holder" => Invariant::OneHolder,
        "one holder of a token" => Invariant::TokenOrder,
        "a request is served once" => Invariant::ServedOnce,
        "only the leader grants, and only requests that were made" => Invariant::GrantByCoordinator,
        _ => return None,
    })
}
