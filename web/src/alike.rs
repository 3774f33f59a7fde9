//! Finds the next event of a node, or the next similar event.

use core::mem::discriminant;

use antes_sim::trace::{Happening, TraceEvent};

use crate::message::Selection;

/// The next line after this moment, or the last before it, that is similar to the selection: of the
/// same node, or of the same kind of event. Without a selection, it is compared with the line
/// `told`. `done` is the number of lines so far.
pub fn find(
    trace: &[TraceEvent],
    done: usize,
    selection: Selection,
    told: Option<u64>,
    later: bool,
) -> Option<u64> {
    let (past, future) = trace.split_at(done.min(trace.len()));
    let reference = match selection {
        Selection::Node(node) => {
            let is_its = |event: &&TraceEvent| event.node == Some(node);
            let here_us = past.iter().rev().find(is_its).map(|event| event.at_us);
            // Other lines of the same instant are skipped.
            let before = |event: &&TraceEvent| Some(event.at_us) < here_us;
            let found = match later {
                true => future.iter().find(is_its),
                false => past.iter().rev().filter(before).find(is_its),
            };
            return found.map(|event| event.seq);
        }
        Selection::Event(seq) => seq,
        Selection::Latest => told?,
    };
    let place = usize::try_from(reference).ok()?;
    let event = trace.get(place)?;
    let is_alike = |other: &&TraceEvent| alike(event, other);
    let found = match later {
        true => trace[place + 1..].iter().find(is_alike),
        false => trace[..place].iter().rev().find(is_alike),
    };
    found.map(|event| event.seq)
}

/// Whether two events are similar: the same kind, with the same message type or timer.
fn alike(one: &TraceEvent, other: &TraceEvent) -> bool {
    let name = |event: &TraceEvent| event.message().map(|message| message.content.name());
    let is_same = match (&one.happening, &other.happening) {
        (Happening::Timeout { timer }, Happening::Timeout { timer: other }) => timer == other,
        (Happening::Violation(one), Happening::Violation(other)) => {
            one.invariant == other.invariant
        }
        (Happening::Write { accepted, .. }, Happening::Write { accepted: other, .. }) => {
            accepted == other
        }
        (Happening::Leader { leader, .. }, Happening::Leader { leader: other_leader, .. }) => {
            (*leader == one.node) == (*other_leader == other.node)
        }
        (one, other) => discriminant(one) == discriminant(other),
    };
    is_same && name(one) == name(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library;
    use antes_core::NodeId;
    use antes_sim::run::Run;

    fn trace() -> Vec<TraceEvent> {
        let scenario = antes_sim::library::scenarios()
            .unwrap()
            .swap_remove(library::find("leader-dies").unwrap());
        let mut run = Run::new(scenario);
        run.finish();
        run.trace().to_vec()
    }

    #[test]
    fn from_an_event_it_goes_to_the_next_of_its_kind_and_back() {
        let trace = trace();
        let is_ok = |event: &&TraceEvent| {
            matches!(event.happening, Happening::Receive { .. })
                && event.message().is_some_and(|it| it.content.name() == "OK")
        };
        let oks: Vec<_> = trace.iter().filter(is_ok).map(|event| event.seq).collect();
        assert_eq!(oks.len(), 3);
        let from = |seq, later| find(&trace, trace.len(), Selection::Event(seq), None, later);
        assert_eq!(from(oks[0], true), Some(oks[1]));
        assert_eq!(from(oks[1], true), Some(oks[2]));
        assert_eq!(from(oks[2], true), None);
        assert_eq!(from(oks[1], false), Some(oks[0]));
        assert_eq!(find(&trace, 0, Selection::Latest, Some(oks[0]), true), Some(oks[1]));
    }

    #[test]
    fn from_a_node_it_goes_through_all_its_instants_and_back() {
        let trace = trace();
        let node = NodeId::new(2).unwrap();
        let mut instants: Vec<_> =
            trace.iter().filter(|it| it.node == Some(node)).map(|it| it.at_us).collect();
        instants.dedup();
        let done_at = |at_us: u64| trace.partition_point(|event| event.at_us <= at_us);
        let mut seen = Vec::new();
        let mut done = 0;
        while let Some(seq) = find(&trace, done, Selection::Node(node), None, true) {
            let at_us = trace[usize::try_from(seq).unwrap()].at_us;
            seen.push(at_us);
            done = done_at(at_us);
        }
        assert_eq!(seen, instants);
        let mut back = vec![*seen.last().unwrap()];
        while let Some(seq) = find(&trace, done, Selection::Node(node), None, false) {
            let at_us = trace[usize::try_from(seq).unwrap()].at_us;
            back.insert(0, at_us);
            done = done_at(at_us);
        }
        assert_eq!(back, instants);
    }
}
