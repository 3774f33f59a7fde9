//! Scenarios that do in the simulator what the checker has found in a model.
//!
//! In a model time has no length; in a scenario everything has its instant. So each action of a
//! path gets an unknown instant, and what is known of them are difference constraints: a message
//! takes its latency, a timer its span, and what one node does keeps its order. `times` solves
//! them. Where it has to, and where the model does not assume that messages are in time, the
//! scenario holds messages back and pauses nodes. A path that no instants fit is passed over for the
//! next shortest one. What comes out is played in the simulator: it is a scenario only if the nodes
//! end in the very states that they have in the model, and the judge finds the same.

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
use story::Story;
use times::{Plan, times};
use ways::Ways;

/// A scenario that breaks a property, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The scenario.
    pub scenario: Scenario,
    /// When the property breaks, in microseconds.
    pub at_us: u64,
    /// What happens, a line each.
    pub lines: Vec<String>,
    /// How many ways, none of them longer, have no scenario.
    pub passed_over: usize,
}

/// Why a path has no scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unscheduled {
    /// The model is not of a cluster that the simulator knows.
    Foreign,
    /// Nothing breaks the property among the states that were looked at.
    Unbroken,
    /// Chance decides how long something takes.
    Chance,
    /// No instants fit: timers would have to run out in another order than they do.
    NoTimes,
    /// A crash in the middle of a step cannot be placed there.
    CutOff,
    /// A message is doubled, and then lost itself.
    LostAfterCopy,
    /// The nodes come to other states: the simulator discards what the model hands on.
    OtherEnd,
    /// The nodes do the same, and the judge finds nothing wrong with it.
    NotJudged,
}

/// Why there is no scenario that breaks a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoScenario {
    /// Why the shortest way to break it has none.
    pub reason: Unscheduled,
    /// How many ways have been tried.
    pub ways: usize,
}

impl fmt::Display for NoScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Unscheduled::Foreign => "the simulator has no cluster of this kind",
            Unscheduled::Unbroken => "no state that breaks it is near enough to the beginning",
            Unscheduled::Chance => "chance decides how long something takes",
            Unscheduled::NoTimes => "no instants fit: timers would run out in another order",
            Unscheduled::CutOff => "no script can crash a node in the middle of that step",
            Unscheduled::LostAfterCopy => "no script can lose a message that it has doubled",
            Unscheduled::OtherEnd => "the simulator comes to another end",
            Unscheduled::NotJudged => "the simulator's judge finds nothing wrong with it",
        })?;
        match self.ways {
            0 | 1 => Ok(()),
            ways => write!(f, " (of {ways} ways to break it, none can be written)"),
        }
    }
}

impl std::error::Error for NoScenario {}

/// The most ways that are tried.
const MAX_WAYS: usize = 10_000;

/// The scenario of the shortest way to break `property` that has one.
///
/// # Errors
///
/// Tells why the shortest way has none, if no way has.
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

/// The scenario in which exactly `steps` happens. `property` is broken at its end, or, if no
/// invariant of the simulator says the same, names what is to be seen there.
///
/// # Errors
///
/// Tells why there is none.
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
    // Most paths have none: the widest plans, which are the last, tell so at once.
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
                let lines = story.deeds.into_iter().map(|deed| deed.told).collect();
                return Ok(Found { scenario, at_us, lines, passed_over: 0 });
            }
            // They arrive together, and in another order.
            Err(Unscheduled::OtherEnd) if plan.together => {}
            Err(reason) => failure = reason,
        }
    }
    Err(failure)
}

/// The least time between what has an order, in microseconds.
const LEAST_GAP_US: u64 = 1_000;

/// The plans that fit what a model assumes of time, the plainest first.
fn plans(timing: Timing) -> impl Iterator<Item = Plan> {
    let means: &[(bool, bool)] = match timing {
        // Messages are in time: that is the assumption.
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

/// Plays `scenario` and holds it against the model: at `end_us` every node is as in `last`, and if
/// an invariant says what `property` says, it is broken by the end of the run. Tells when.
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

/// The invariant of the simulator that says what a property of the models says, where there is one.
pub fn invariant(property: &str) -> Option<Invariant> {
    Some(match property {
        "one leader, followed by all, when quiet" => Invariant::OneLeader,
        "one leader a term" => Invariant::OneLeaderPerTerm,
        "one holder" => Invariant::OneHolder,
        "one holder of a token" => Invariant::TokenOrder,
        "a request is served once" => Invariant::ServedOnce,
        "only the leader grants, and only what was asked for" => Invariant::GrantByCoordinator,
        _ => return None,
    })
}
