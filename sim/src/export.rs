//! Writes a trace in formats of other tools and as text, and reads it back.

mod header;
pub mod jsonl;
pub mod mermaid;
pub(crate) mod object;
pub mod perfetto;
pub mod plantuml;
mod raw;
mod read_jsonl;
mod sequence;
pub mod shiviz;
pub mod text;
mod tool;

use alloc::format;
use alloc::string::String;

use antes_core::{Identity, NodeId, Traffic};

use crate::trace::{Content, Recipient, TraceEvent};

pub use header::{Header, Source};
pub use read_jsonl::{JsonlError, LineReader, MAX_LINES, read_jsonl};
pub use tool::Tool;

/// The name of a life of a node: `N2`, or `N2#3` for its third life.
pub(crate) fn life(me: Identity) -> String {
    format!("N{me}")
}

/// The name of the life that the event belongs to. `None` if it belongs to no node.
pub(crate) fn life_of(event: &TraceEvent) -> Option<String> {
    let node = event.node?;
    Some(life(Identity { node, incarnation: event.incarnation }))
}

/// `N4`, or `the resource`.
pub(crate) fn recipient(to: Recipient) -> String {
    match to {
        Recipient::Node(node) => format!("N{node}"),
        Recipient::Resource => "the resource".into(),
    }
}

/// The number of a recipient in files. The resource has 0.
pub(crate) fn number_of(to: Recipient) -> u8 {
    match to {
        Recipient::Node(node) => NodeId::get(node),
        Recipient::Resource => 0,
    }
}

/// Whether a message only shows that a leader is alive. There are many of these.
pub(crate) fn is_sign_of_life(content: &Content) -> bool {
    content.traffic() == Traffic::Heartbeat
}

/// Whether an event is routine of the failure detector: a heartbeat or poll that is sent, received
/// or lost, or one of its timers. The consequences of a suspicion are not routine.
pub fn is_routine(event: &TraceEvent) -> bool {
    use antes_core::hardened::TermTimer;
    use antes_core::{ElectionTimer, PollTimer, Timer};
    let routine_timer = matches!(
        event.happening,
        crate::trace::Happening::Timeout {
            timer: Timer::Election(ElectionTimer::Heartbeat)
                | Timer::Poll(PollTimer::Wait)
                | Timer::Term(TermTimer::Lease(_))
        }
    );
    routine_timer || event.message().is_some_and(|message| is_sign_of_life(&message.content))
}
