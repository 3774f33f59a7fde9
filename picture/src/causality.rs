//! How two lines of a trace relate.

use antes_core::{Causality, NodeId};
use antes_sim::trace::{Happening, TraceEvent};

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
        | Happening::Stop
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Save(_)
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Request { .. }
        | Happening::Refused
        | Happening::Enter { .. }
        | Happening::Withdraw { .. }
        | Happening::Exit { .. } => event.node,
    }
}
