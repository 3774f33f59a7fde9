//! Adds lines that no process can write: that it was killed, and that its messages were lost.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use antes_core::{Identity, MAX_NODES, NodeId, NodeSet};

use super::order::receiver;
use super::streams::tells_of_its_node;
use crate::trace::{Happening, LineStamp, Loss, MessageId, MessageRecord, TraceEvent};

/// A message must be sent this long before the end of all traces for the silence of its receiver to
/// mean that the receiver had died, in microseconds.
const SILENCE_US: u64 = 1_000_000;

/// A message without a line about its end.
#[derive(Clone, Debug)]
struct Pending {
    message: MessageRecord,
    from: Identity,
    stamp: LineStamp,
}

/// The last line of each node that was killed: others sent messages to it later, none of which was
/// received or lost elsewhere. Nodes that stopped in order are not included, nor nodes that had
/// just been paused: messages to them wait.
pub(super) fn deaths(trace: &[TraceEvent]) -> BTreeMap<usize, NodeId> {
    let end_us = trace.last().map_or(0, |event| event.at_us);
    let mut last: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut excused = NodeSet::default();
    for (place, event) in trace.iter().enumerate() {
        let (Some(node), true) = (event.node, tells_of_its_node(event)) else { continue };
        last.insert(node, place);
        match event.happening {
            Happening::Crash | Happening::Stop | Happening::Pause => excused.insert(node),
            Happening::Restart { .. } | Happening::Resume => {
                excused.remove(node);
            }
            _ => {}
        }
    }
    let elsewhere: BTreeSet<MessageId> = trace.iter().filter_map(lost_elsewhere).collect();
    let mut dead = NodeSet::default();
    for (place, event) in trace.iter().enumerate() {
        if event.at_us.saturating_add(SILENCE_US) > end_us {
            break;
        }
        let Happening::Send(message) = &event.happening else { continue };
        let Some(to) = receiver(message) else { continue };
        if last.get(&to).is_some_and(|&last| last < place) && !elsewhere.contains(&message.id) {
            dead.insert(to);
        }
    }
    let killed = |&(node, _): &(NodeId, usize)| dead.contains(node) && !excused.contains(node);
    last.into_iter().filter(killed).map(|(node, place)| (place, node)).collect()
}

/// Adds a `crash` after each of `deaths`, and a `lost` for each message that was never received:
/// its receiver died or was down, or a later message on the same link arrived. Nodes in `headless`
/// may have received messages before their first line, and nodes in `gappy` between their lines. No
/// lines are added for those messages.
pub(super) fn filled(
    trace: Vec<TraceEvent>,
    deaths: &BTreeMap<usize, NodeId>,
    headless: NodeSet,
    gappy: NodeSet,
) -> Vec<TraceEvent> {
    let mut fill = Fill {
        gappy,
        ended: trace.iter().filter_map(ended_by).collect(),
        pending: BTreeMap::new(),
        unknown: headless,
        down: NodeSet::default(),
        out: Vec::with_capacity(trace.len()),
    };
    for (place, event) in trace.into_iter().enumerate() {
        let crash = deaths
            .contains_key(&place)
            .then(|| TraceEvent { happening: Happening::Crash, ..event.clone() });
        fill.see(event);
        if let Some(crash) = crash {
            fill.see(crash);
        }
    }
    fill.out
}

struct Fill {
    /// Messages whose end is told by a line.
    ended: BTreeSet<MessageId>,
    /// All other messages, by link.
    pending: BTreeMap<(NodeId, NodeId), Vec<Pending>>,
    /// Nodes of which it is unknown what they have received so far.
    unknown: NodeSet,
    /// Nodes of which some lines are missing.
    gappy: NodeSet,
    down: NodeSet,
    out: Vec<TraceEvent>,
}

impl Fill {
    fn see(&mut self, event: TraceEvent) {
        let Some(node) = event.node else { return self.out.push(event) };
        let me = Identity { node, incarnation: event.incarnation };
        let at_us = event.at_us;
        if tells_of_its_node(&event) {
            self.unknown.remove(node);
        }
        match event.happening {
            Happening::Send(message) => {
                let pending = Pending { message, from: me, stamp: event.stamp.clone() };
                self.out.push(event);
                let Some(to) = receiver(&message) else { return };
                if self.ended.contains(&message.id)
                    || self.unknown.contains(to)
                    || self.gappy.contains(to)
                {
                    return;
                }
                if self.down.contains(to) {
                    self.lose(at_us, &pending, Loss::Down);
                } else {
                    self.pending.entry((node, to)).or_default().push(pending);
                }
            }
            Happening::Receive { message, .. } => {
                // Messages on a link arrive in order, so a skipped message will never arrive.
                if let Some(waiting) = self.pending.get_mut(&(message.id.from, node)) {
                    let earlier = |pending: &Pending| pending.message.id.number < message.id.number;
                    let (lost, rest) = core::mem::take(waiting).into_iter().partition(earlier);
                    *waiting = rest;
                    self.lose_all(at_us, lost, Loss::Chance);
                }
                self.out.push(event);
            }
            Happening::Crash | Happening::Stop => {
                self.out.push(event);
                self.down.insert(node);
                for from in (1..=MAX_NODES).filter_map(NodeId::new) {
                    let lost = self.pending.remove(&(from, node)).unwrap_or_default();
                    self.lose_all(at_us, lost, Loss::Down);
                }
            }
            Happening::Restart { .. } => {
                self.down.remove(node);
                self.out.push(event);
            }
            Happening::Local
            | Happening::Lost { .. }
            | Happening::Duplicate { .. }
            | Happening::Timeout { .. }
            | Happening::Pause
            | Happening::Resume
            | Happening::Save(_)
            | Happening::Election { .. }
            | Happening::Leader { .. }
            | Happening::Request { .. }
            | Happening::Refused
            | Happening::Enter { .. }
            | Happening::Withdraw { .. }
            | Happening::Exit { .. }
            | Happening::Write { .. }
            | Happening::Cut { .. }
            | Happening::Heal { .. }
            | Happening::Ignored { .. }
            | Happening::Violation(_) => self.out.push(event),
        }
    }

    fn lose_all(&mut self, at_us: u64, lost: Vec<Pending>, loss: Loss) {
        for pending in &lost {
            self.lose(at_us, pending, loss);
        }
    }

    fn lose(&mut self, at_us: u64, pending: &Pending, loss: Loss) {
        self.out.push(TraceEvent {
            seq: 0,
            at_us,
            node: Some(pending.from.node),
            incarnation: pending.from.incarnation,
            stamp: pending.stamp.clone(),
            happening: Happening::Lost { message: pending.message, loss },
        });
    }
}

/// The message that this event loses for a reason that says nothing about its receiver.
fn lost_elsewhere(event: &TraceEvent) -> Option<MessageId> {
    match &event.happening {
        Happening::Lost { loss: Loss::Down, .. } => None,
        Happening::Lost { message, .. } => Some(message.id),
        _ => None,
    }
}

/// The message that ends with this event.
fn ended_by(event: &TraceEvent) -> Option<MessageId> {
    match &event.happening {
        Happening::Receive { message, .. } | Happening::Lost { message, .. } => Some(message.id),
        _ => None,
    }
}
