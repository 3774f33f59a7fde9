//! The run as a sequence diagram, in the language of one of two tools.
//!
//! A message is drawn when it arrives, or where it is lost, with the stamps of its send and its
//! receipt. Signs of life are left out, because they would hide the rest; a comment says how many.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use antes_core::NodeId;

use super::text::sentence;
use super::{Header, is_routine, is_sign_of_life, jsonl, life_of};
use crate::trace::{Happening, Loss, MessageId, MessageRecord, Recipient, TraceEvent};

/// A language for sequence diagrams.
pub(super) trait Notation {
    /// The lines before the first participant.
    fn open(title: &str) -> Vec<String>;
    /// A participant: its name, and what is written above its line.
    fn participant(name: &str, shown: Option<&str>) -> String;
    /// An arrow with its text.
    fn arrow(arrow: &Arrow) -> String;
    /// A note on a participant's line.
    fn note(name: &str, text: &str) -> String;
    /// What is not drawn.
    fn comment(text: &str) -> String;
    /// The lines after the last arrow.
    fn close() -> Option<&'static str>;
}

/// An arrow between two participants.
pub(super) struct Arrow {
    /// Where it begins.
    pub(super) from: String,
    /// Where it leads.
    pub(super) to: String,
    /// Whether it answers another message.
    pub(super) reply: bool,
    /// Whether it ends in a cross.
    pub(super) lost: bool,
    /// What is written on it.
    pub(super) text: String,
}

impl Arrow {
    /// The arrow of a message; `more` stands in brackets behind its type, if it says anything.
    fn of(message: &MessageRecord, lost: bool, more: &str) -> Self {
        let forged = if message.id.forged { "forged " } else { "" };
        let more = if more.is_empty() { String::new() } else { format!(" ({more})") };
        Self {
            from: participant(message.id.from),
            to: match message.to {
                Recipient::Node(node) => participant(node),
                Recipient::Resource => "R".into(),
            },
            reply: message.content.is_reply(),
            lost,
            text: format!("{forged}{}{more}", message.content.name()),
        }
    }
}

/// The whole diagram.
pub(super) fn draw<N: Notation>(header: &Header, trace: &[TraceEvent]) -> String {
    let mut lines = N::open(&header.title);
    lines.extend(header.size().nodes().map(|node| N::participant(&participant(node), None)));
    let has_writes =
        trace.iter().filter_map(TraceEvent::message).any(|it| it.to == Recipient::Resource);
    if has_writes {
        lines.push(N::participant("R", Some("Resource")));
    }
    let mut in_flight = BTreeMap::new();
    let mut hidden = 0_usize;
    for event in trace {
        if is_routine(event) {
            hidden += usize::from(matches!(event.happening, Happening::Send(_)));
            continue;
        }
        track(&mut in_flight, event);
        lines.extend(drawn::<N>(event));
    }
    for message in in_flight.values() {
        let arrow = N::arrow(&Arrow::of(message, false, ""));
        lines.push(N::comment(&format!("still in flight: {}", arrow.trim_start())));
    }
    if hidden > 0 {
        lines.push(N::comment(&format!("{hidden} signs of life are not drawn")));
    }
    lines.extend(N::close().map(String::from));
    let mut out = lines.join("\n");
    out.push('\n');
    out
}

/// Keeps account of what is on its way.
fn track(in_flight: &mut BTreeMap<MessageId, MessageRecord>, event: &TraceEvent) {
    match &event.happening {
        Happening::Send(message) | Happening::Duplicate { message } => {
            in_flight.insert(message.id, *message);
        }
        Happening::Receive { message, .. } | Happening::Lost { message, .. } => {
            in_flight.remove(&message.id);
        }
        Happening::Write { id, .. } => {
            in_flight.remove(id);
        }
        _ => {}
    }
}

/// The line of an event, if it is one that is drawn.
fn drawn<N: Notation>(event: &TraceEvent) -> Option<String> {
    match &event.happening {
        Happening::Receive { message, sent, .. } if !is_sign_of_life(&message.content) => {
            let stamps = format!("{sent} → {}", event.stamp.lamport);
            Some(N::arrow(&Arrow::of(message, false, &stamps)))
        }
        Happening::Lost { message, loss } => {
            let why = match loss {
                Loss::Chance | Loss::Dropped => "lost",
                Loss::Cut => "link cut",
                Loss::Down => "down",
                Loss::Doubled => "received before",
                Loss::Full => "too many wait",
            };
            Some(N::arrow(&Arrow::of(message, true, why)))
        }
        Happening::Write { id, write, accepted, overlaps, .. } => {
            let overlap = if overlaps.is_empty() { "" } else { ", overlaps" };
            Some(N::arrow(&Arrow {
                from: participant(id.from),
                to: "R".into(),
                reply: false,
                lost: !accepted,
                text: format!("WRITE {}{overlap}", jsonl::phase_name(write.phase)),
            }))
        }
        Happening::Local
        | Happening::Crash
        | Happening::Stop
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Leader { .. }
        | Happening::Enter { .. }
        | Happening::Exit { .. }
        | Happening::Violation(_) => {
            let text = format!("{} {}", life_of(event)?, sentence(&event.happening));
            Some(N::note(&participant(event.node?), &text))
        }
        // Seen in other lines, or too small to be drawn.
        Happening::Send(_)
        | Happening::Receive { .. }
        | Happening::Duplicate { .. }
        | Happening::Timeout { .. }
        | Happening::Save(_)
        | Happening::Election { .. }
        | Happening::Request { .. }
        | Happening::Withdraw { .. }
        | Happening::Refused
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. } => None,
    }
}

fn participant(node: NodeId) -> String {
    format!("N{node}")
}
