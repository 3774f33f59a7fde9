//! Makes a trace of a causal history that has no clock of its own: a figure, or a log for ShiViz.
//!
//! An event takes place one step after the latest event that it depends on. So events in one column of a
//! picture may be concurrent, and messages always go forward.

mod shiviz;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use antes_core::{
    Algorithm, CallMessage, ClusterSize, Incarnation, LamportTime, MAX_NODES, Message, NodeId,
    Profile, Setting, Stamp, VectorClock,
};

use crate::export::{Header, Source};
use crate::figure::{self, Figure, FigureKind};
use crate::trace::{
    Content, Happening, LineStamp, MessageId, MessageRecord, Recipient, TraceEvent,
};

pub use shiviz::{Record, of_records};

/// The time between two steps, in microseconds.
const STEP_US: u64 = 100_000;

/// The format that a history was written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Figure,
    Shiviz,
}

/// A history as a trace, with the names that its author gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub origin: Origin,
    pub header: Header,
    pub events: Vec<TraceEvent>,
    /// The name of each process, in the order of node ids.
    pub names: Vec<String>,
    /// The author's words at the event of each line.
    pub texts: Vec<String>,
    pub notes: Vec<Note>,
}

/// A remark about a file, for its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A figure has a field that no figure has. It is ignored.
    UnknownField(String),
    /// No event receives this message, which is not drawn.
    NeverReceived { message: String, sent_by: String },
    /// A log has several runs, of which the first is shown.
    SeveralRuns,
}

/// An event of a history.
struct Point {
    /// The index of its process.
    process: usize,
    text: String,
    /// The indices of the events whose messages it receives.
    sources: Vec<usize>,
    incarnation: Incarnation,
}

/// A figure as a trace.
///
/// # Errors
///
/// If it has more processes than a cluster has nodes.
pub fn of_figure(figure: &Figure) -> Result<History, String> {
    let mut notes: Vec<Note> = figure.unknown.iter().cloned().map(Note::UnknownField).collect();
    let mut arrives = alloc::collections::BTreeSet::new();
    for event in &figure.events {
        if let FigureKind::Receive { message, .. } = &event.kind {
            arrives.insert(message.as_str());
        }
    }
    let point = |event: &figure::FigureEvent| {
        let (text, sources) = match &event.kind {
            FigureKind::Local => (event.id.clone(), Vec::new()),
            FigureKind::Send { messages } => {
                for message in messages.iter().filter(|it| !arrives.contains(it.as_str())) {
                    let (message, sent_by) = (message.clone(), event.id.clone());
                    notes.push(Note::NeverReceived { message, sent_by });
                }
                (format!("{}: sends {}", event.id, messages.join(", ")), Vec::new())
            }
            FigureKind::Receive { message, sent_by } => {
                (format!("{}: receives {message}", event.id), [*sent_by].to_vec())
            }
        };
        Point { process: event.process, text, sources, incarnation: Incarnation::FIRST }
    };
    let points: Vec<Point> = figure.events.iter().map(point).collect();
    let mut history = told(Origin::Figure, &figure.processes, &figure.start, &points)?;
    history.header.title.clone_from(&figure.title);
    history.notes = notes;
    Ok(history)
}

/// The trace of a history. Events of the same process are in its order.
fn told(
    origin: Origin,
    names: &[String],
    start: &[LamportTime],
    points: &[Point],
) -> Result<History, String> {
    let size = size(names)?;
    let order = order(names.len(), points);
    if order.len() < points.len() {
        return Err("a message is received before it is sent; expected the opposite".to_string());
    }
    let mut targets: Vec<Vec<usize>> = points.iter().map(|_| Vec::new()).collect();
    for (place, point) in points.iter().enumerate() {
        for &source in &point.sources {
            targets[source].push(place);
        }
    }
    let mut header = Header::cluster(size, Setting::new(Algorithm::Clock, Profile::Classic));
    header.source = Source::Sim;
    let mut writer = Writer {
        points,
        targets,
        clocks: start.iter().map(|&lamport| (stamp_of(lamport), 0)).collect(),
        stamps: points.iter().map(|_| (Stamp::default(), 0)).collect(),
        sent: start.iter().map(|_| 0).collect(),
        messages: BTreeMap::new(),
    };
    let mut lines: Vec<(u64, TraceEvent, String)> = Vec::new();
    for place in order {
        writer.write(place, &mut lines);
    }
    lines.sort_by_key(|(step, ..)| *step);
    let mut history = History {
        origin,
        header,
        events: Vec::new(),
        names: names.to_vec(),
        texts: Vec::new(),
        notes: Vec::new(),
    };
    for (seq, (step, event, text)) in (0..).zip(lines) {
        history.events.push(TraceEvent { seq, at_us: step * STEP_US, ..event });
        history.texts.push(text);
    }
    history.header.duration_us = history.events.last().map(|event| event.at_us);
    Ok(history)
}

/// The number of processes, if a picture has room for them.
fn size(names: &[String]) -> Result<ClusterSize, String> {
    u8::try_from(names.len()).ok().and_then(ClusterSize::new).ok_or_else(|| {
        format!("there are {} processes; expected 1 to {MAX_NODES} in a picture", names.len())
    })
}

fn stamp_of(lamport: LamportTime) -> Stamp {
    Stamp { lamport, vector: VectorClock::default() }
}

fn node(process: usize) -> NodeId {
    let id = u8::try_from(process + 1).ok().and_then(NodeId::new);
    id.expect("the number of processes is that of a cluster")
}

/// The indices of the events, each after those that it depends on. Events in a cycle are missing.
fn order(processes: usize, points: &[Point]) -> Vec<usize> {
    let mut queues: Vec<Vec<usize>> = (0..processes).map(|_| Vec::new()).collect();
    for (place, point) in points.iter().enumerate() {
        queues[point.process].push(place);
    }
    let mut done: Vec<bool> = points.iter().map(|_| false).collect();
    let mut next: Vec<usize> = (0..processes).map(|_| 0).collect();
    let mut order = Vec::with_capacity(points.len());
    loop {
        let before = order.len();
        for (queue, next) in queues.iter().zip(&mut next) {
            while let Some(&place) = queue.get(*next) {
                if points[place].sources.iter().any(|&source| !done[source]) {
                    break;
                }
                done[place] = true;
                order.push(place);
                *next += 1;
            }
        }
        if order.len() == before {
            return order;
        }
    }
}

/// Stamps events, and writes their lines.
struct Writer<'a> {
    points: &'a [Point],
    /// The indices of the events that receive the messages of each event.
    targets: Vec<Vec<usize>>,
    /// The stamp and the step of each process.
    clocks: Vec<(Stamp, u64)>,
    /// The stamp and the step of each event.
    stamps: Vec<(Stamp, u64)>,
    /// How many messages each process has sent.
    sent: Vec<u32>,
    /// The messages on their way, by the indices of their events.
    messages: BTreeMap<(usize, usize), MessageRecord>,
}

impl Writer<'_> {
    fn write(&mut self, place: usize, lines: &mut Vec<(u64, TraceEvent, String)>) {
        let point = &self.points[place];
        let me = node(point.process);
        let (mut stamp, mut step) = self.clocks[point.process];
        let before = stamp.lamport;
        for &source in &point.sources {
            let (theirs, their_step) = self.stamps[source];
            stamp.lamport = stamp.lamport.max(theirs.lamport);
            let counts = stamp.vector.counts().iter().zip(theirs.vector.counts());
            let counts: Vec<u64> = counts.map(|(own, theirs)| *own.max(theirs)).collect();
            stamp.vector = VectorClock::from_counts(&counts);
            step = step.max(their_step);
        }
        stamp.lamport.tick();
        stamp.vector.tick(me);
        step += 1;
        (self.clocks[point.process], self.stamps[place]) = ((stamp, step), (stamp, step));

        let receipts = point.sources.iter().filter_map(|&source| {
            let message = self.messages.remove(&(source, place))?;
            let sent = self.stamps[source].0.lamport;
            Some(Happening::Receive { message, sent, before })
        });
        let mut happenings: Vec<Happening> = receipts.collect();
        for target in core::mem::take(&mut self.targets[place]) {
            self.sent[point.process] += 1;
            let message = MessageRecord {
                id: MessageId::new(me, self.sent[point.process]),
                to: Recipient::Node(node(self.points[target].process)),
                content: Content::Message(Message::Call(CallMessage::Plain)),
            };
            self.messages.insert((place, target), message);
            happenings.push(Happening::Send(message));
        }
        if happenings.is_empty() {
            happenings.push(Happening::Local);
        }
        for happening in happenings {
            let event = TraceEvent {
                seq: 0,
                at_us: 0,
                node: Some(me),
                incarnation: point.incarnation,
                stamp: LineStamp::from(&stamp),
                happening,
            };
            lines.push((step, event, point.text.clone()));
        }
    }
}
