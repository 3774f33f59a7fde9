//! The run as a Mermaid sequence diagram.
//!
//! A message is drawn when it arrives, or where it is lost, with the stamps of its send and its
//! receipt. Signs of life are left out, because they would hide the rest; a comment says how many.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use antes_core::ClusterSize;

use super::text::sentence;
use super::{is_routine, is_sign_of_life, life_of};
use crate::scenario::Scenario;
use crate::trace::{Happening, Loss, MessageRecord, Recipient, TraceEvent};

/// The whole diagram of a run of `scenario`.
pub fn write(scenario: &Scenario, trace: &[TraceEvent]) -> String {
    draw(&scenario.title.en, scenario.config.size, trace)
}

/// The whole diagram of a run of a cluster of this size.
pub fn draw(title: &str, size: ClusterSize, trace: &[TraceEvent]) -> String {
    let mut out = String::from("sequenceDiagram\n");
    let mut line = |text: &str| writeln!(out, "  {text}").expect("a string takes everything");
    if !title.is_empty() {
        line(&format!("title {}", label(title)));
    }
    for node in size.nodes() {
        line(&format!("participant N{node}"));
    }
    let writes = trace.iter().filter_map(TraceEvent::message);
    if writes.into_iter().any(|message| message.to == Recipient::Resource) {
        line("participant R as Resource");
    }
    let mut in_flight = BTreeMap::new();
    let mut hidden = 0_usize;
    for event in trace {
        if is_routine(event) {
            hidden += usize::from(matches!(event.happening, Happening::Send(_)));
            continue;
        }
        track(&mut in_flight, event);
        if let Some(text) = drawn(event) {
            line(&text);
        }
    }
    for message in in_flight.values() {
        line(&format!("%% still in flight: {}", arrow(message, "->>")));
    }
    if hidden > 0 {
        line(&format!("%% {hidden} signs of life are not drawn"));
    }
    out
}

/// Keeps account of what is on its way.
fn track(in_flight: &mut BTreeMap<crate::trace::MessageId, MessageRecord>, event: &TraceEvent) {
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
fn drawn(event: &TraceEvent) -> Option<String> {
    match &event.happening {
        Happening::Receive { message, sent, .. } if !is_sign_of_life(&message.content) => {
            let kind = if message.content.is_reply() { "-->>" } else { "->>" };
            let stamps = format!("{sent} → {}", event.stamp.lamport);
            Some(format!("{} ({stamps})", arrow(message, kind)))
        }
        Happening::Lost { message, loss } => {
            let kind = if message.content.is_reply() { "--x" } else { "-x" };
            let why = match loss {
                Loss::Chance | Loss::Dropped => "lost",
                Loss::Cut => "link cut",
                Loss::Down => "down",
                Loss::Doubled => "received before",
                Loss::Full => "too many wait",
            };
            Some(format!("{} ({why})", arrow(message, kind)))
        }
        Happening::Write { id, write, accepted, overlaps, .. } => {
            let kind = if *accepted { "->>" } else { "-x" };
            let overlap = if overlaps.is_empty() { "" } else { ", overlaps" };
            let phase = super::jsonl::phase_name(write.phase);
            Some(format!("N{}{kind}R: WRITE {phase}{overlap}", id.from))
        }
        Happening::Local
        | Happening::Crash
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Leader { .. }
        | Happening::Enter { .. }
        | Happening::Exit { .. }
        | Happening::Violation(_) => note(event),
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

fn note(event: &TraceEvent) -> Option<String> {
    let name = life_of(event)?;
    Some(format!("Note over N{}: {name} {}", event.node?, label(&sentence(&event.happening))))
}

fn arrow(message: &MessageRecord, kind: &str) -> String {
    let to = match message.to {
        Recipient::Node(node) => format!("N{node}"),
        Recipient::Resource => "R".into(),
    };
    let forged = if message.id.forged { "forged " } else { "" };
    format!("N{}{kind}{to}: {forged}{}", message.id.from, message.content.name())
}

/// A text without what Mermaid takes for its own: it ends a statement at `;` and counts `#` as the
/// beginning of a character's number.
fn label(text: &str) -> String {
    text.replace('#', "#35;").replace(';', ",").replace(['\n', '\r'], " ")
}
