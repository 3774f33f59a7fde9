//! Sentences about the causal relation of two events.

use antes_core::{Causality, NodeId};
use antes_picture::causality::relation;
use antes_sim::trace::TraceEvent;

use crate::language::Language;
use crate::words as w;

/// The numbers of events before, after and concurrent with an event. Only events of logical time
/// count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub before: usize,
    pub after: usize,
    pub concurrent: usize,
}

pub fn counts(event: &TraceEvent, trace: &[TraceEvent]) -> Counts {
    let mut counts = Counts::default();
    for other in trace.iter().filter(|other| other.ticks()) {
        match relation(event, other) {
            Some(Causality::Before) => counts.before += 1,
            Some(Causality::After) => counts.after += 1,
            Some(Causality::Concurrent) => counts.concurrent += 1,
            Some(Causality::Same) | None => {}
        }
    }
    counts
}

/// One sentence on how many events happened before `event`, after it, or neither. `None` for a line
/// that is not an event of logical time.
pub fn sentence(event: &TraceEvent, trace: &[TraceEvent], language: Language) -> Option<String> {
    relation(event, event)?;
    let Counts { before, after, concurrent } = counts(event, trace);
    Some(w::CAUSALITY_COUNTS.fill(language, &[&before, &after, &concurrent]))
}

/// Explains a misleading pair of stamps: `event` and another event have different Lamport stamps,
/// yet neither happened before the other. `None` if there is no such event.
pub fn trap(event: &TraceEvent, trace: &[TraceEvent], language: Language) -> Option<String> {
    let other = deceptive(event, trace)?;
    let node = other.node.map_or(0, NodeId::get);
    let (own, theirs) = (event.stamp.lamport(), other.stamp.lamport());
    let word = if own < theirs { w::TRAP_SMALLER } else { w::TRAP_LARGER };
    Some(word.fill(language, &[&own, &theirs, &node]))
}

/// The event nearest in time that is concurrent with `event` but has another Lamport stamp. Of two
/// equally near ones, the one with the larger stamp.
fn deceptive<'a>(event: &TraceEvent, trace: &'a [TraceEvent]) -> Option<&'a TraceEvent> {
    let deceives = |other: &&TraceEvent| {
        event.ticks()
            && other.ticks()
            && other.stamp.lamport() != event.stamp.lamport()
            && relation(event, other) == Some(Causality::Concurrent)
    };
    let distance = |other: &&TraceEvent| {
        (other.at_us.abs_diff(event.at_us), core::cmp::Reverse(other.stamp.lamport()))
    };
    trace.iter().filter(deceives).min_by_key(distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{Algorithm, ClusterSize, Command};
    use antes_sim::run::Run;
    use antes_sim::scenario::{Action, Scenario};

    /// Node 1 sends to node 2; node 3 has three local events.
    fn run() -> Run {
        let [one, two, three] = [1, 2, 3].map(|number| NodeId::new(number).unwrap());
        let mut run = Run::new(Scenario::new(Algorithm::Clock, ClusterSize::new(3).unwrap()));
        run.act(Action::Send { from: one, to: two, latency: None });
        for _ in 0..3 {
            run.act(Action::Command { node: three, command: Command::LocalEvent });
        }
        run.advance_to(1_000_000);
        run
    }

    fn find<'a>(run: &'a Run, kind: &str) -> &'a TraceEvent {
        run.trace().iter().find(|event| event.kind() == kind).unwrap()
    }

    #[test]
    fn a_send_happens_before_its_receipt_and_local_events_elsewhere_do_neither() {
        let run = run();
        let (send, receive, local) =
            (find(&run, "send"), find(&run, "receive"), find(&run, "local"));
        assert_eq!(relation(receive, send), Some(Causality::Before));
        assert_eq!(relation(send, receive), Some(Causality::After));
        assert_eq!(relation(receive, local), Some(Causality::Concurrent));
        assert_eq!(counts(receive, run.trace()), Counts { before: 1, after: 0, concurrent: 3 });
    }

    #[test]
    fn a_smaller_stamp_that_did_not_happen_before_is_pointed_out_from_both_sides() {
        let run = run();
        let (send, receive, last) = (
            find(&run, "send"),
            find(&run, "receive"),
            run.trace().iter().rfind(|event| event.kind() == "local").unwrap(),
        );
        let told = |event| trap(event, run.trace(), Language::English).unwrap();
        let smaller = told(send);
        assert!(
            smaller.starts_with("This event has L = 1 < 3, yet neither happened before the other"),
            "{smaller}"
        );
        assert!(smaller.contains("node 3"), "{smaller}");
        let larger = told(last);
        assert!(
            larger.starts_with("Node 1’s event has L = 1 < 3, yet neither happened before"),
            "{larger}"
        );
        let larger = told(receive);
        assert!(larger.contains("L = 2 < 3, yet") || larger.contains("L = 1 < 2, yet"), "{larger}");
    }

    #[test]
    fn stamps_that_are_in_order_deceive_nobody() {
        let [one, two] = [1, 2].map(|number| NodeId::new(number).unwrap());
        let mut run = Run::new(Scenario::new(Algorithm::Clock, ClusterSize::new(2).unwrap()));
        run.act(Action::Send { from: one, to: two, latency: None });
        run.advance_to(1_000_000);
        for event in run.trace() {
            assert_eq!(trap(event, run.trace(), Language::English), None);
        }
    }
}
