//! Puts the lines of all processes into one order. It respects happened-before; concurrent lines
//! are ordered by the corrected clocks.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use antes_core::{LamportTime, MAX_NODES, NodeId};

use super::clocks::{Clock, Quickest, Span, estimate};
use super::part::{MergeError, Part};
use crate::trace::{Happening, MessageId, MessageRecord, Recipient, TraceEvent};

/// One stream per node in the order of ids, after the stream of the resource.
const STREAMS: usize = MAX_NODES as usize + 1;

/// A line in its stream.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub event: TraceEvent,
    /// The life that wrote it, as an index of the parts.
    pub part: usize,
    /// The line number in the file.
    pub line: u32,
    /// The reading of the process's wall clock, in microseconds since 1970.
    pub read_us: i64,
}

/// The lines of one process in all its lives.
#[derive(Clone, Debug, Default)]
pub(super) struct Stream {
    pub items: Vec<Item>,
    /// Whether its own vector entry never decreases, so that its vector stamps can be used for
    /// ordering.
    pub counts: bool,
}

/// The send of each message. The Lamport stamp distinguishes messages of two lives with the same
/// id.
type Sends = BTreeMap<(MessageId, LamportTime), (usize, usize)>;

/// The lines of all processes while they are put into one order.
pub(super) struct Order<'a> {
    parts: &'a [Part],
    streams: [Stream; STREAMS],
    sends: Sends,
}

impl<'a> Order<'a> {
    pub fn new(parts: &'a [Part], streams: [Stream; STREAMS]) -> Self {
        let mut sends = Sends::new();
        for (stream, lines) in streams.iter().enumerate() {
            for (place, item) in lines.items.iter().enumerate() {
                if let Happening::Send(message) = &item.event.happening {
                    let key = (message.id, item.event.stamp.lamport());
                    sends.entry(key).or_insert((stream, place));
                }
            }
        }
        Self { parts, streams, sends }
    }

    /// The send of the message that an event is about, if a message causes the event.
    fn cause(&self, event: &TraceEvent) -> Option<(usize, usize)> {
        let (id, sent) = caused_by(event)?;
        self.sends.get(&(MessageId { copy: 0, ..id }, sent)).copied()
    }

    /// The number of messages, by sender, that were received without a line about their send.
    pub fn unsent(&self) -> [u32; STREAMS] {
        let mut unsent = [0; STREAMS];
        for item in self.streams.iter().flat_map(|stream| &stream.items) {
            let received =
                matches!(item.event.happening, Happening::Receive { .. } | Happening::Write { .. });
            if received
                && self.cause(&item.event).is_none()
                && let Some((id, _)) = caused_by(&item.event)
            {
                unsent[usize::from(id.from.get())] += 1;
            }
        }
        unsent
    }

    /// The clocks of the lives. `answers` pairs lines of the resource with the lines of the nodes
    /// that received the answers.
    pub fn clocks(&self, answers: &[(Item, Item)]) -> Vec<Clock> {
        let mut quickest = Quickest::default();
        for item in self.streams.iter().flat_map(|stream| &stream.items) {
            let arrives =
                matches!(item.event.happening, Happening::Receive { .. } | Happening::Write { .. });
            if let (true, Some((stream, place))) = (arrives, self.cause(&item.event)) {
                let send = &self.streams[stream].items[place];
                let difference = item.read_us.saturating_sub(send.read_us);
                quickest.note(send.part, item.part, difference);
            }
        }
        for (told, heard) in answers {
            let difference = heard.read_us.saturating_sub(told.read_us);
            quickest.note(told.part, heard.part, difference);
        }
        let node = |part: usize| self.parts[part].header.node;
        let alike = |one: usize, other: usize| one != other && node(one) == node(other);
        estimate(&self.spans(), &quickest, alike)
    }

    /// The first and last instant of each life, on its own clock.
    fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = alloc::vec![None; self.parts.len()];
        for item in self.streams.iter().flat_map(|stream| &stream.items) {
            let (first, last) = spans[item.part].get_or_insert((item.read_us, item.read_us));
            (*first, *last) = ((*first).min(item.read_us), (*last).max(item.read_us));
        }
        spans
    }

    /// All lines in one order, with times that start at 0 and never decrease.
    ///
    /// # Errors
    ///
    /// If the traces contradict each other.
    pub fn merged(mut self, clocks: &[Clock]) -> Result<Vec<TraceEvent>, MergeError> {
        let ahead_us = |item: &Item| clocks.get(item.part).map_or(0, |clock| clock.ahead_us);
        for stream in &mut self.streams {
            for item in &mut stream.items {
                item.read_us = item.read_us.saturating_sub(ahead_us(item));
            }
        }
        let firsts = self.streams.iter().filter_map(|stream| stream.items.first());
        let begun_us = firsts.map(|item| item.read_us).min().unwrap_or(0);
        let own_next = self.streams.each_ref().map(next_own_counts);
        let mut done = [0_usize; STREAMS];
        let mut now_us = 0;
        let total = self.streams.iter().map(|stream| stream.items.len()).sum();
        let mut merged = Vec::with_capacity(total);
        while merged.len() < total {
            let ready = (0..STREAMS).filter(|&stream| self.is_ready(stream, &done, &own_next));
            let earliest = ready
                .min_by_key(|&stream| (self.streams[stream].items[done[stream]].read_us, stream));
            let Some(stream) = earliest else { return Err(self.contradiction(&done, &own_next)) };
            let item = &self.streams[stream].items[done[stream]];
            let since_us = item.read_us.saturating_sub(begun_us);
            now_us = now_us.max(u64::try_from(since_us).unwrap_or(0));
            merged.push(TraceEvent { at_us: now_us, ..item.event.clone() });
            done[stream] += 1;
        }
        Ok(merged)
    }

    /// Whether all lines that must precede the next line of a stream have been taken.
    fn is_ready(
        &self,
        stream: usize,
        done: &[usize; STREAMS],
        own_next: &[Vec<u64>; STREAMS],
    ) -> bool {
        done[stream] < self.streams[stream].items.len()
            && self.awaited(stream, done, own_next).is_none()
    }

    /// The stream and index that the next line of `stream` has to wait for, if any.
    fn awaited(
        &self,
        stream: usize,
        done: &[usize; STREAMS],
        own_next: &[Vec<u64>; STREAMS],
    ) -> Option<usize> {
        let event = &self.streams[stream].items[done[stream]].event;
        if let Some((sender, place)) = self.cause(event)
            && sender != stream
            && place >= done[sender]
        {
            return Some(sender);
        }
        let others = (1..STREAMS).filter(|&other| other != stream && self.streams[other].counts);
        others.into_iter().find(|&other| {
            let known = event.stamp.vector().counts()[other - 1];
            own_next[other].get(done[other]).is_some_and(|&next| next <= known)
        })
    }

    fn contradiction(&self, done: &[usize; STREAMS], own_next: &[Vec<u64>; STREAMS]) -> MergeError {
        let stuck = (0..STREAMS).find(|&stream| done[stream] < self.streams[stream].items.len());
        let stuck = stuck.unwrap_or(0);
        let place = |stream: usize| {
            let item = &self.streams[stream].items[done[stream]];
            (self.parts[item.part].name.clone(), item.line)
        };
        let (name, line) = place(stuck);
        let awaited = self.awaited(stuck, done, own_next).unwrap_or(0);
        let other = self.streams[awaited].items.get(done[awaited]).map(|_| place(awaited));
        let (other, at) = other.unwrap_or_else(|| (String::from("another file"), 0));
        let problem = format!(
            "this event comes after that of {other}:{at}, which comes after this one: the traces \
             contradict each other; expected the files of one run"
        );
        MergeError { name, line, problem }
    }
}

/// The message whose send must precede an event, and the stamp of that send.
fn caused_by(event: &TraceEvent) -> Option<(MessageId, LamportTime)> {
    match &event.happening {
        Happening::Receive { message, sent, .. } => Some((message.id, *sent)),
        Happening::Lost { message, .. } | Happening::Duplicate { message } => {
            Some((message.id, event.stamp.lamport()))
        }
        Happening::Write { id, .. } => Some((*id, event.stamp.lamport())),
        _ => None,
    }
}

/// For each index in a stream, the node's own count at the next event that ticks.
fn next_own_counts(stream: &Stream) -> Vec<u64> {
    let mut counts = alloc::vec![u64::MAX; stream.items.len()];
    let mut next = u64::MAX;
    for (count, item) in counts.iter_mut().zip(&stream.items).rev() {
        if let (true, Some(node)) = (item.event.ticks(), item.event.node) {
            next = item.event.stamp.of(node);
        }
        *count = next;
    }
    counts
}

/// The receiving node of a message. `None` for a write.
pub(super) fn receiver(message: &MessageRecord) -> Option<NodeId> {
    match message.to {
        Recipient::Node(node) => Some(node),
        Recipient::Resource => None,
    }
}

/// `node 3`, or `the resource`.
pub(super) fn process_name(node: u8) -> String {
    match node {
        0 => "the resource".to_string(),
        node => format!("node {node}"),
    }
}
