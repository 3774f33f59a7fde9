//! The causal relation between two lines of a trace.

use antes_core::{Causality, NodeId};
use antes_sim::trace::{Happening, TraceEvent};

/// Whether `other` happened before `event`, after it, or neither. `None` if one of the lines belongs to no
/// node, such as the loss of a message.
pub fn relation(event: &TraceEvent, other: &TraceEvent) -> Option<Causality> {
    let (a, b) = (place(event)?, place(other)?);
    Some(if event.seq == other.seq {
        Causality::Same
    } else if a == b {
        // The lines of one node are ordered, over all its lives.
        if other.seq < event.seq { Causality::Before } else { Causality::After }
    } else if knows_of(event, other, b) {
        Causality::Before
    } else if knows_of(other, event, a) {
        Causality::After
    } else {
        Causality::Concurrent
    })
}

/// Whether `earlier`, a line of `node`, happened before `later` according to their vector stamps.
fn knows_of(later: &TraceEvent, earlier: &TraceEvent, node: NodeId) -> bool {
    let known = later.stamp.of(node);
    let count = earlier.stamp.of(node);
    // A line that does not tick carries the stamp of the tick before it. Another node surely knows of the
    // line only if it knows of the node's next tick.
    if earlier.ticks() { known >= count } else { known > count }
}

/// The node that a line belongs to. `None` for a loss on the way and the like.
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
