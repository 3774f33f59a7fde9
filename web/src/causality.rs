//! How two lines of a trace relate, and what to say of it.

use antes_core::{Causality, NodeId};
use antes_sim::trace::{Happening, TraceEvent};

use crate::language::Language;
use crate::words as w;

/// How `other` relates to `event`: whether it happened before it, after it, or neither. Nothing
/// for lines that are no node's doing, such as a loss on the way.
pub fn relation(event: &TraceEvent, other: &TraceEvent) -> Option<Causality> {
    let (a, b) = (place(event)?, place(other)?);
    Some(if event.seq == other.seq {
        Causality::Same
    } else if a == b {
        // One node's lines are ordered, over all its lives.
        if other.seq < event.seq { Causality::Before } else { Causality::After }
    } else if knows_of(event, other, b) {
        Causality::Before
    } else if knows_of(other, event, a) {
        Causality::After
    } else {
        Causality::Concurrent
    })
}

/// Whether `later` knows of `earlier`, a line of `node`.
fn knows_of(later: &TraceEvent, earlier: &TraceEvent, node: NodeId) -> bool {
    let known = later.stamp.vector.of(node);
    let count = earlier.stamp.vector.of(node);
    // A line between two ticks carries the stamp of the tick before it: only who knows of the
    // tick after it is sure to know of it.
    if earlier.ticks() { known >= count } else { known > count }
}

/// The node whose doing a line is.
fn place(event: &TraceEvent) -> Option<NodeId> {
    match event.happening {
        Happening::Lost { .. }
        | Happening::Duplicate { .. }
        | Happening::Write { .. }
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. }
        | Happening::Violation(_) => None,
        Happening::Local
        | Happening::Send(_)
        | Happening::Receive { .. }
        | Happening::Timeout { .. }
        | Happening::Crash
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Save(_)
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Request { .. }
        | Happening::Refused
        | Happening::Enter { .. }
        | Happening::Exit { .. } => event.node,
    }
}

/// How many events of logical time lie on each side of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that happened before it.
    pub before: usize,
    /// Those that happened after it.
    pub after: usize,
    /// Those that did neither.
    pub concurrent: usize,
}

/// Counts the events of logical time around `event`.
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

/// One or two sentences on what happened before `event` and what did not. `None` for a line that
/// has no place in causality.
pub fn sentence(event: &TraceEvent, trace: &[TraceEvent], language: Language) -> Option<String> {
    place(event)?;
    let Counts { before, after, concurrent } = counts(event, trace);
    let mut told = w::CAUSALITY_COUNTS.fill(language, &[&before, &after, &concurrent]);
    if let Some(trap) = trap(event, trace) {
        let node = trap.node.map_or(0, NodeId::get);
        let (theirs, own) = (trap.stamp.lamport, event.stamp.lamport);
        told.push(' ');
        told.push_str(&w::CAUSALITY_TRAP.fill(language, &[&node, &theirs, &own]));
    }
    Some(told)
}

/// The nearest event with a smaller Lamport stamp that nevertheless did not happen before `event`.
fn trap<'a>(event: &TraceEvent, trace: &'a [TraceEvent]) -> Option<&'a TraceEvent> {
    let deceives = |other: &&TraceEvent| {
        other.ticks()
            && other.stamp.lamport < event.stamp.lamport
            && relation(event, other) == Some(Causality::Concurrent)
    };
    trace.iter().rev().filter(deceives).max_by_key(|other| other.stamp.lamport)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antes_core::{Algorithm, ClusterSize, Command};
    use antes_sim::run::Run;
    use antes_sim::scenario::{Action, Scenario};

    /// 1 sends to 2; 3 has two events of its own.
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
    fn a_smaller_stamp_that_did_not_happen_before_is_pointed_out() {
        let run = run();
        let told = sentence(find(&run, "receive"), run.trace(), Language::English).unwrap();
        assert!(told.contains("L = 1 < 2, yet neither happened before the other"), "{told}");
    }
}
