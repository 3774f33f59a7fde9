//! A trace as files that other tools, and people, can read.

mod header;
pub mod jsonl;
pub mod mermaid;
pub(crate) mod object;
pub mod perfetto;
pub mod plantuml;
mod read_hardened;
mod read_jsonl;
mod read_names;
mod sequence;
pub mod shiviz;
pub mod text;

use alloc::format;
use alloc::string::String;

use antes_core::{Identity, NodeId, Traffic};

use crate::trace::{Content, Recipient, TraceEvent};

pub use header::{Header, Source};
pub use read_jsonl::{JsonlError, MAX_LINES, read_jsonl, read_line};

/// The name of a life of a node: `N2`, and `N2#3` for the third one.
pub(crate) fn life(me: Identity) -> String {
    format!("N{me}")
}

/// The name of the life that an event is of.
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

/// The number of a recipient in files: 0 is the resource.
pub(crate) fn number_of(to: Recipient) -> u8 {
    match to {
        Recipient::Node(node) => NodeId::get(node),
        Recipient::Resource => 0,
    }
}

/// Whether a message only shows that a leader is alive: of these there are many.
pub(crate) fn is_sign_of_life(content: &Content) -> bool {
    content.traffic() == Traffic::Heartbeat
}

/// Whether an event is part of the failure detector's routine: signs of life that are sent,
/// received or lost, and the timers that send them or count from them. What comes of them is not.
pub fn is_routine(event: &TraceEvent) -> bool {
    use antes_core::{ElectionTimer, Timer};
    let routine_timer = matches!(
        event.happening,
        crate::trace::Happening::Timeout {
            timer: Timer::Election(
                ElectionTimer::Heartbeat | ElectionTimer::PollWait | ElectionTimer::Lease(_)
            )
        }
    );
    routine_timer || event.message().is_some_and(|message| is_sign_of_life(&message.content))
}
