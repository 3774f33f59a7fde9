//! Finds the moment of a run that shows most.

use antes_core::Traffic;
use antes_sim::run::Run;
use antes_sim::scenario::{Scenario, Step};
use antes_sim::trace::{Happening, TraceEvent};

use crate::outlook::MAX_OUTLOOK;

/// The largest age of the narrator's latest note at the chosen moment.
const NOTE_US: u64 = 250_000;

/// How long the cross of a lost message counts as visible on the ring.
const LOST_US: u64 = 100_000;

/// The length of a pause after which events count as a new beginning.
const LULL_US: u64 = 250_000;

/// A moment, and the event that it shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    pub at_us: u64,
    /// The line of that event in the trace.
    pub seq: Option<u64>,
    /// The beginning of the events that led to the moment, after a pause without events.
    pub since_us: u64,
}

/// The first moment that shows most. A message of the algorithm has just arrived, preferably a reply, while
/// others are on their way and one was lost shortly before. If there is a narrator, the moment is shortly
/// after a note.
pub fn telling_moment(scenario: &Scenario) -> Telling {
    let mut run = Run::new(scenario.clone());
    let mut best = ((false, false, 0), Telling::default());
    let mut lost_us = None;
    for _ in 0..MAX_OUTLOOK {
        let known = run.trace().len();
        if !run.step() {
            break;
        }
        let now_us = run.now_us();
        let lines = &run.trace()[known..];
        let counts = |event: &&TraceEvent| {
            event.message().is_some_and(|it| it.content.traffic() != Traffic::Heartbeat)
        };
        if lines.iter().filter(counts).any(|it| matches!(it.happening, Happening::Lost { .. })) {
            lost_us = Some(now_us);
        }
        let is_receipt = |event: &&TraceEvent| matches!(event.happening, Happening::Receive { .. });
        let Some(receipt) = lines.iter().filter(counts).find(is_receipt) else { continue };
        let is_reply = receipt.message().is_some_and(|message| message.content.is_reply());
        let has_lost = lost_us.is_some_and(|lost_us| now_us - lost_us <= LOST_US);
        let flights = run.world().flights().map(|flight| &flight.message.content);
        let flying = flights.filter(|it| it.traffic() != Traffic::Heartbeat).count();
        let telling = (is_reply && flying > 0, has_lost, flying);
        let at_us = run.next_event_us().map_or(now_us, |next_us| now_us + (next_us - now_us) / 2);
        if telling > best.0 && is_spoken_of(scenario, at_us) {
            let since_us = began_us(run.trace());
            best = (telling, Telling { at_us, seq: Some(receipt.seq), since_us });
        }
    }
    best.1
}

/// The beginning of the latest sequence of lines without a pause.
fn began_us(trace: &[TraceEvent]) -> u64 {
    let mut began_us = trace.last().map_or(0, |event| event.at_us);
    for event in trace.iter().rev() {
        if began_us - event.at_us > LULL_US {
            break;
        }
        began_us = event.at_us;
    }
    began_us
}

/// Whether the latest note is from shortly before this instant. True if there are no notes.
fn is_spoken_of(scenario: &Scenario, at_us: u64) -> bool {
    let notes = || scenario.steps.iter().filter(|step| step.note.is_some());
    let is_near = |step: &Step| {
        let note_us = u64::try_from(step.at.as_micros()).unwrap_or(u64::MAX);
        at_us.checked_sub(note_us).is_some_and(|since_us| since_us <= NOTE_US)
    };
    notes().next().is_none() || notes().any(is_near)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{Algorithm, ClusterSize, NodeId};
    use antes_sim::scenario::Action;

    #[test]
    fn the_telling_moment_of_a_crash_is_in_the_election() {
        let mut scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        let at = core::time::Duration::from_secs(1);
        let four = NodeId::new(4).unwrap();
        scenario.steps.push(Step::new(at, 0, Action::Crash(four)));
        let Telling { at_us, seq, since_us } = telling_moment(&scenario);
        assert!(since_us > 1_500_000 && since_us < at_us, "{since_us}");
        assert!((1_500_000..4_000_000).contains(&at_us), "{at_us}");
        let mut run = Run::new(scenario);
        run.seek(at_us);
        let event = &run.trace()[usize::try_from(seq.unwrap()).unwrap()];
        assert_eq!(event.message().unwrap().content.name(), "OK");
    }
}
