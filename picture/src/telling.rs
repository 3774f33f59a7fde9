//! The moment of a run at which there is most to see.

use antes_core::Traffic;
use antes_sim::run::Run;
use antes_sim::scenario::{Scenario, Step};
use antes_sim::trace::{Happening, TraceEvent};

use crate::outlook::MAX_OUTLOOK;

/// How long a note of the narration is about the moment, at most.
const NOTE_US: u64 = 250_000;

/// For how long a lost message counts as seen: its cross stands on the ring.
const LOST_US: u64 = 100_000;

/// How long nothing happens before something begins.
const LULL_US: u64 = 250_000;

/// A moment, and the event that it is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Telling {
    /// The moment.
    pub at_us: u64,
    /// The line of the event.
    pub seq: Option<u64>,
    /// When that began which led to it, after a time in which nothing happened.
    pub since_us: u64,
}

/// The first moment at which there is most to see, and which the narrator, where there is one, has
/// just come to speak of: a message of the algorithm itself has arrived, a reply if there is any, with
/// others on their way and one that was lost a short while ago.
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

/// When the latest stretch of lines began that has no lull in it.
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

/// Whether the latest note is not long before this instant, if there are notes.
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
