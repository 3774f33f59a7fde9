//! Writes a run as a sequence diagram in the notation of a tool.
//!
//! A message is drawn at its arrival or loss, with the stamps of its send and its receipt.
//! Heartbeats and polls are left out, because they would hide the rest; a comment says how many
//! there are.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use antes_core::NodeId;

use super::text::sentence;
use super::{Header, is_routine, is_sign_of_life, life_of};
use crate::trace::{Happening, Loss, MessageId, MessageRecord, Recipient, TraceEvent};

/// The notation of a tool for sequence diagrams.
pub(super) trait Notation {
    /// The lines before the first participant.
    fn open(title: &str) -> Vec<String>;
    /// A participant with its name and its label.
    fn participant(name: &str, shown: Option<&str>) -> String;
    /// An arrow with its label.
    fn arrow(arrow: &Arrow) -> String;
    /// A note on a participant's lifeline.
    fn note(name: &str, text: &str) -> String;
    fn comment(text: &str) -> String;
    /// The line after the last arrow, if the notation has one.
    fn close() -> Option<&'static str>;
}

pub(super) struct Arrow {
    pub(super) from: String,
    pub(super) to: String,
    /// Whether the message answers another one.
    pub(super) reply: bool,
    /// Whether the arrow ends in a cross.
    pub(super) lost: bool,
    pub(super) text: String,
}

impl Arrow {
    /// The arrow of a message. `more` is added in brackets after its type unless it is empty.
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

/// Draws the diagram of a run in the notation `N`.
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

/// Updates the messages in flight.
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

/// The line for an event. `None` if the event is not drawn.
fn drawn<N: Notation>(event: &TraceEvent) -> Option<String> {
    match &event.happening {
        Happening::Receive { message, sent, .. } if !is_sign_of_life(&message.content) => {
            let stamps = format!("{sent} → {}", event.stamp.lamport());
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
                text: format!("WRITE {}{overlap}", write.phase.name()),
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
        // These are shown in other lines, or are too small to be drawn.
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
