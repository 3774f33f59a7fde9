//! A finished trace, with everything that is derived from the whole of it.

use std::collections::BTreeMap;

use antes_core::{ClusterSize, NodeSet, Setting};
use antes_sim::export::{Header, Source};
use antes_sim::history::{History, Note, Origin};
use antes_sim::trace::{
    Happening, Invariant, Loss, MessageId, MessageRecord, Recipient, TraceEvent,
};

use super::pace::{self, MESSAGE_US, Quiet};
use crate::outlook::{Mark, Outlook};

/// The typical latency if no message of the trace has a known one, in microseconds.
const UNKNOWN_US: u64 = 1_000;

/// The number of positions on the scrubber for marks of one kind; more would be indistinguishable.
const MARK_PLACES: u64 = 600;

/// A message from its send to its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    pub message: MessageRecord,
    /// The line of its send, or of the copy that the network made.
    pub sent: usize,
    /// The line of its end, and the reason if it was lost there. `None` if no line tells.
    pub end: Option<(usize, Option<Loss>)>,
}

/// The origin and the words of a history whose author wrote its events down. Such a history was not run, so nothing is judged in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub origin: Origin,
    /// The name of each process, in the order of node ids.
    pub names: Vec<String>,
    /// The text of each line's event.
    pub texts: Vec<String>,
    pub notes: Vec<Note>,
}

/// A finished trace and its derived data.
#[derive(Clone)]
pub struct Tape {
    header: Header,
    setting: Setting,
    events: Vec<TraceEvent>,
    notes: Vec<String>,
    given: Option<Given>,
    /// The messages, in the order of their sends.
    ways: Vec<Way>,
    /// The indices of `ways` without a known end.
    unended: Vec<usize>,
    /// The lines that end a message, each with its index in `ways`, ordered by line.
    ends: Vec<(usize, usize)>,
    unseen: NodeSet,
    typical_us: u64,
    quiet: Quiet,
    instants: Vec<u64>,
    outlook: Outlook,
}

impl Tape {
    /// Builds the tape of a checked trace; `notes` are remarks for the user. The lines must be in
    /// order, and only of nodes that the header counts.
    ///
    /// # Errors
    ///
    /// The header names an unknown algorithm, profile or lock.
    pub fn new(
        header: Header,
        events: Vec<TraceEvent>,
        notes: Vec<String>,
    ) -> Result<Self, String> {
        let setting = header.setting()?;
        let ways = ways(&events);
        let mut ends: Vec<_> =
            (0..ways.len()).filter_map(|way| Some((ways[way].end?.0, way))).collect();
        ends.sort_unstable();
        let unended = (0..ways.len()).filter(|&way| ways[way].end.is_none()).collect();
        let size = header.size();
        let seen: NodeSet = events.iter().filter_map(|event| event.node).collect();
        let unseen = match header.source {
            Source::Sim => NodeSet::default(),
            Source::Cluster => size.nodes().filter(|&node| !seen.contains(node)).collect(),
        };
        let quiet = match header.source {
            Source::Sim => Quiet::Kept,
            Source::Cluster => Quiet::Shortened,
        };
        let typical_us = typical_us(&events, &ways);
        let mut tape = Self {
            header,
            setting,
            events,
            notes,
            given: None,
            ways,
            unended,
            ends,
            unseen,
            typical_us,
            quiet,
            instants: Vec::new(),
            outlook: Outlook::default(),
        };
        tape.set_quiet(quiet);
        Ok(tape)
    }

    /// Builds the tape of a figure, or of a log for ShiViz.
    ///
    /// # Errors
    ///
    /// None for a history of this build.
    pub fn of_history(history: History) -> Result<Self, String> {
        let History { origin, header, events, names, texts, notes } = history;
        let mut tape = Self::new(header, events, Vec::new())?;
        tape.given = Some(Given { origin, names, texts, notes });
        Ok(tape)
    }

    /// The author's words, if it is a figure or a log for ShiViz.
    pub const fn given(&self) -> Option<&Given> {
        self.given.as_ref()
    }

    /// Keeps or shortens quiet periods. This changes all instants on the tape.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        self.quiet = quiet;
        self.instants = pace::instants(&self.events, self.typical_us, quiet);
        let landings = self.ways.iter().filter(|way| matches!(way.end, Some((_, Some(_)))));
        let landings = landings.map(|way| (way.message.id, self.lands_us(way))).collect();
        self.outlook = Outlook::of_past(self.marks(), landings);
    }

    pub const fn header(&self) -> &Header {
        &self.header
    }

    pub const fn setting(&self) -> Setting {
        self.setting
    }

    pub fn size(&self) -> ClusterSize {
        self.header.size()
    }

    /// The nodes that may have run but have no line in the trace.
    pub const fn unseen(&self) -> NodeSet {
        self.unseen
    }

    pub fn events(&self) -> &[TraceEvent] {
        &self.events
    }

    /// Remarks about the files of a trace, in English, as `antes merge` makes them.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether quiet periods are kept or shortened.
    pub const fn quiet(&self) -> Quiet {
        self.quiet
    }

    /// The marks, and the instants at which lost messages would have arrived.
    pub const fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// Whether the run has a shared resource.
    pub fn has_resource(&self) -> bool {
        self.setting.has_lock()
    }

    /// The number of decimals of a second that shows differences of an eighth of a typical latency.
    pub fn decimals(&self) -> usize {
        let enough = |&decimals: &u32| 10_u64.pow(6 - decimals) * 8 <= self.typical_us;
        (2..=6).find(enough).unwrap_or(6) as usize
    }

    /// The instant of a line in tape time, in microseconds.
    pub fn at_us(&self, line: usize) -> u64 {
        self.instants[line]
    }

    /// The length of the tape in microseconds.
    pub fn end_us(&self) -> u64 {
        self.instants.last().copied().unwrap_or(0)
    }

    /// Converts from tape time to trace time.
    pub fn told_us(&self, at_us: u64) -> u64 {
        let told = |line: usize| self.events[line].at_us;
        pace::translated(at_us, |line| self.instants[line], told, self.events.len())
    }

    /// Converts from trace time to tape time.
    pub fn on_tape_us(&self, told_us: u64) -> u64 {
        let told = |line: usize| self.events[line].at_us;
        pace::translated(told_us, told, |line| self.instants[line], self.events.len())
    }

    /// The number of lines up to an instant in tape time.
    pub fn done_at(&self, at_us: u64) -> usize {
        self.instants.partition_point(|&instant| instant <= at_us)
    }

    /// The index of the message that a line sends.
    pub fn way_from(&self, line: usize) -> Option<usize> {
        self.ways.binary_search_by_key(&line, |way| way.sent).ok()
    }

    /// The message that a line ends.
    pub fn way_to(&self, line: usize) -> Option<&Way> {
        let place = self.ends.binary_search_by_key(&line, |&(end, _)| end).ok()?;
        Some(&self.ways[self.ends[place].1])
    }

    /// The message with this index.
    pub fn way(&self, place: usize) -> &Way {
        &self.ways[place]
    }

    /// The indices of messages without a known end that were sent at or after `from_us` and before
    /// line `done`.
    pub fn unended_since(&self, from_us: u64, done: usize) -> &[usize] {
        let sent = |&place: &usize| self.ways[place].sent;
        let begin = self.unended.partition_point(|place| self.at_us(sent(place)) < from_us);
        let end = self.unended.partition_point(|place| sent(place) < done);
        self.unended.get(begin..end).unwrap_or_default()
    }

    /// The instant in tape time at which a message arrives. If it was lost on the way or its end is
    /// unknown, the instant at which a typical message would have arrived.
    pub fn lands_us(&self, way: &Way) -> u64 {
        let typical_us = self.at_us(way.sent) + MESSAGE_US;
        match way.end {
            Some((line, None | Some(Loss::Down | Loss::Doubled | Loss::Full))) => self.at_us(line),
            Some((line, Some(Loss::Chance | Loss::Dropped | Loss::Cut))) => {
                typical_us.max(self.at_us(line))
            }
            None => typical_us,
        }
    }

    /// The number of violations of an invariant in the whole trace, and the sequence number of the
    /// first.
    pub fn broken(&self, invariant: Invariant) -> (u32, Option<u64>) {
        let breaks = |event: &&TraceEvent| match &event.happening {
            Happening::Violation(violation) => violation.invariant == invariant,
            _ => false,
        };
        let mut lines = self.events.iter().filter(breaks);
        let first = lines.next().map(|event| event.seq);
        let count = usize::from(first.is_some()) + lines.count();
        (u32::try_from(count).unwrap_or(u32::MAX), first)
    }

    /// The invariants that the trace was checked for.
    pub fn judged_by(&self) -> impl Iterator<Item = Invariant> {
        let is_judged = self.given.is_none();
        Invariant::ALL.into_iter().filter(move |it| is_judged && it.concerns(self.setting))
    }

    /// The number of violations, and the sequence number of the first.
    pub fn violations(&self) -> (u32, Option<u64>) {
        let broken = Invariant::ALL.map(|invariant| self.broken(invariant));
        let first = broken.iter().filter_map(|&(_, first)| first).min();
        (broken.iter().map(|&(count, _)| count).sum(), first)
    }

    fn marks(&self) -> Vec<Mark> {
        let place_us = (self.end_us() / MARK_PLACES).max(1);
        let mut marks: Vec<Mark> = Vec::new();
        for event in &self.events {
            let Some(mark) = Mark::of(event) else { continue };
            let at_us = self.at_us(usize::try_from(event.seq).unwrap_or(0));
            let crowded = |other: &&Mark| other.at_us / place_us == at_us / place_us;
            let is_new = |other: &Mark| other.kind != mark.kind;
            if marks.iter().rev().take_while(crowded).all(is_new) {
                marks.push(Mark { at_us, ..mark });
            }
        }
        marks
    }
}

/// Finds send and end of each message.
fn ways(events: &[TraceEvent]) -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    let mut flying: BTreeMap<MessageId, usize> = BTreeMap::new();
    for (line, event) in events.iter().enumerate() {
        let (id, loss) = match &event.happening {
            Happening::Send(message) | Happening::Duplicate { message } => {
                flying.insert(message.id, ways.len());
                ways.push(Way { message: *message, sent: line, end: None });
                continue;
            }
            Happening::Receive { message, .. } => (message.id, None),
            Happening::Lost { message, loss } => (message.id, Some(*loss)),
            Happening::Write { id, .. } => (*id, None),
            _ => continue,
        };
        // The end of a message without a known send is ignored.
        if let Some(place) = flying.remove(&id) {
            ways[place].end = Some((line, loss));
        }
    }
    ways
}

/// The median latency of messages that arrived.
fn typical_us(events: &[TraceEvent], ways: &[Way]) -> u64 {
    let span_us = |way: &Way| match way.end {
        Some((line, None)) if way.message.to != Recipient::Resource => {
            Some(events[line].at_us.saturating_sub(events[way.sent].at_us))
        }
        _ => None,
    };
    let mut spans: Vec<u64> = ways.iter().filter_map(span_us).collect();
    spans.sort_unstable();
    spans.get(spans.len() / 2).copied().unwrap_or(UNKNOWN_US).max(1)
}
