//! Checks the stamps of a finished trace. The clocks of a node after an event follow from its
//! previous line and from the send of the message that it receives.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use antes_core::{Identity, LamportTime, NodeId, NodeSet, Stamp, VectorClock};

use super::SEATS;
use crate::export::Source;
use crate::trace::{Happening, MessageId, MessageRecord, TraceEvent};

/// The clocks according to the lines so far.
#[derive(Clone, Debug)]
pub(super) struct Stamps {
    source: Source,
    /// The number of entries of a vector clock.
    counts: usize,
    seats: [NodeClocks; SEATS],
    /// The vector stamps of sends, by message id and Lamport stamp. The Lamport stamp is needed
    /// because two lives of a classic node in a real cluster may use the same message id.
    sends: BTreeMap<(MessageId, LamportTime), VectorClock>,
}

/// The clocks of one node according to its lines.
#[derive(Clone, Copy, Debug, Default)]
struct NodeClocks {
    life: Option<Identity>,
    stamp: Stamp,
    /// The expected vector clock if the line differs from it. Later lines may continue from either,
    /// so that one wrong line is reported once.
    right: Option<VectorClock>,
    /// Whether the clocks before the next event that ticks are unknown.
    open: bool,
}

impl Stamps {
    /// The state before the first line. The first lines of the `headless` nodes are missing.
    pub fn new(source: Source, counts: usize, headless: NodeSet) -> Self {
        let mut seats = [NodeClocks::default(); SEATS];
        for (seat, node) in seats.iter_mut().zip(1..) {
            let headless = NodeId::new(node).is_some_and(|node| headless.contains(node));
            seat.open = headless || source == Source::Cluster;
        }
        Self { source, counts, seats, sends: BTreeMap::new() }
    }

    /// Checks the next line of the trace. Returns what is wrong with its stamps, if anything.
    pub fn check(&mut self, event: &TraceEvent) -> Option<String> {
        // Such a line carries the stamp of a send.
        let of_message = matches!(
            event.happening,
            Happening::Lost { .. } | Happening::Duplicate { .. } | Happening::Write { .. }
        );
        let node = event.node.filter(|_| !of_message)?;
        let me = Identity { node, incarnation: event.incarnation };
        let sent = self.sent(event);
        let seat = &mut self.seats[node.index()];
        if seat.life.is_some_and(|life| life != me) && self.source == Source::Cluster {
            // A new life reserves its own count only, which leaves a gap.
            seat.open = true;
        }
        let before = core::mem::replace(
            seat,
            NodeClocks {
                life: Some(me),
                stamp: event.stamp.wide(),
                right: None,
                open: seat.open && !event.ticks(),
            },
        );
        if let Happening::Send(message) = &event.happening {
            let key = (message.id, event.stamp.lamport());
            self.sends.entry(key).or_insert(event.stamp.vector());
        }
        if before.open {
            return None;
        }
        let problem = self.problem(node, &before.stamp, event, sent)?;
        if let Some(vector) = before.right
            && self.problem(node, &Stamp { vector, ..before.stamp }, event, sent).is_none()
        {
            return None;
        }
        self.seats[node.index()].right = Some(after_event(node, &before.stamp, event, sent).vector);
        Some(problem)
    }

    /// Records the send of a message that no node sent.
    pub fn sent_by_nobody(&mut self, event: &TraceEvent, message: &MessageRecord) {
        let key = (MessageId { copy: 0, ..message.id }, event.stamp.lamport());
        self.sends.entry(key).or_insert(event.stamp.vector());
    }

    /// The vector stamp that a received message was sent with. `None` if no line contains it.
    fn sent(&self, event: &TraceEvent) -> Option<VectorClock> {
        let Happening::Receive { message, sent, .. } = &event.happening else { return None };
        self.sends.get(&(MessageId { copy: 0, ..message.id }, *sent)).copied()
    }

    fn problem(
        &self,
        node: NodeId,
        before: &Stamp,
        event: &TraceEvent,
        sent: Option<VectorClock>,
    ) -> Option<String> {
        let counted = event.stamp.of(node).saturating_sub(before.vector.of(node));
        if self.source == Source::Cluster && counted > u64::from(event.ticks()) {
            // Lines are missing, which the merge has reported.
            return None;
        }
        let right = after_event(node, before, event, sent);
        if right.vector != event.stamp.vector() {
            return Some(format!(
                "Node {node} has the vector clock {} {}; expected {}.",
                self.shown(&event.stamp.vector()),
                after(event),
                self.shown(&right.vector)
            ));
        }
        // A clock that goes back, or is not ahead of the received stamp, is reported elsewhere.
        if event.ticks() && event.stamp.lamport() > right.lamport {
            return Some(format!(
                "Node {node} has the Lamport clock {} {}; expected {}.",
                event.stamp.lamport(),
                after(event),
                right.lamport
            ));
        }
        None
    }

    fn shown(&self, vector: &VectorClock) -> String {
        format!("{:?}", &vector.counts()[..self.counts])
    }
}

/// The expected clocks of `node` after an event.
fn after_event(
    node: NodeId,
    before: &Stamp,
    event: &TraceEvent,
    sent: Option<VectorClock>,
) -> Stamp {
    let mut right = *before;
    match &event.happening {
        Happening::Receive { sent: lamport, .. } => {
            let vector = match sent {
                Some(vector) => vector,
                // The send is unknown: the other entries may have grown.
                None => grown(&before.vector, &event.stamp.vector(), node),
            };
            right.witness(&Stamp { lamport: *lamport, vector }, node);
        }
        _ if event.ticks() => right.tick(node),
        _ => {}
    }
    right
}

/// `after` with the entry of `me` from `before`; `before` if any other entry has decreased.
fn grown(before: &VectorClock, after: &VectorClock, me: NodeId) -> VectorClock {
    let mut counts = *after.counts();
    counts[me.index()] = before.of(me);
    let lower = before.counts().iter().zip(&counts).any(|(before, after)| after < before);
    if lower { *before } else { VectorClock::from_counts(&counts) }
}

/// Describes the event after which a clock was compared.
fn after(event: &TraceEvent) -> String {
    match &event.happening {
        Happening::Send(message) => format!("after it sends {}", message.id),
        Happening::Receive { message, .. } => format!("after it receives {}", message.id),
        Happening::Local => "after a local event".into(),
        _ => format!("at a line of the kind \"{}\", which is no event of its clock", event.kind()),
    }
}
