//! A trace that is finished, with everything that takes the whole of it to know.

use std::collections::BTreeMap;

use antes_core::{Algorithm, ClusterSize, NodeSet, Profile};
use antes_sim::export::{Header, Source};
use antes_sim::trace::{
    Happening, Invariant, Loss, MessageId, MessageRecord, Recipient, TraceEvent,
};

use super::pace::{self, MESSAGE_US, Quiet};
use crate::outlook::{Mark, Outlook};
use crate::routine::Routines;
use crate::waits::Waits;

/// How long a message typically takes if no message of the trace tells, in microseconds.
const UNKNOWN_US: u64 = 1_000;

/// How many places the scrubber has for marks of one kind: more could not be told apart.
const MARK_PLACES: u64 = 600;

/// What the trace tells of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Way {
    /// The message.
    pub message: MessageRecord,
    /// The line of its send, or of the copy that the network made.
    pub sent: usize,
    /// The line of its end, and whether it died there; none if no line tells.
    pub end: Option<(usize, Option<Loss>)>,
}

/// What a trace tells, from its beginning to its end.
pub struct Tape {
    header: Header,
    algorithm: Algorithm,
    profile: Profile,
    events: Vec<TraceEvent>,
    notes: Vec<String>,
    /// In the order of their sends.
    ways: Vec<Way>,
    /// Those of `ways` of which no line tells the end.
    unended: Vec<usize>,
    /// The lines that end a way, each with the way's place, in their order.
    ends: Vec<(usize, usize)>,
    unseen: NodeSet,
    typical_us: u64,
    quiet: Quiet,
    instants: Vec<u64>,
    outlook: Outlook,
    routines: Routines,
    waits: Waits,
}

impl Tape {
    /// The tape of a judged trace, and what is to be known of it. Its lines are in order, and of
    /// nodes that the header counts.
    ///
    /// # Errors
    ///
    /// The header names no algorithm or no profile that is known.
    pub fn new(
        header: Header,
        events: Vec<TraceEvent>,
        notes: Vec<String>,
    ) -> Result<Self, String> {
        let (algorithm, profile) = header.setting()?;
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
            algorithm,
            profile,
            events,
            notes,
            ways,
            unended,
            ends,
            unseen,
            typical_us,
            quiet,
            instants: Vec::new(),
            outlook: Outlook::default(),
            routines: Routines::default(),
            waits: Waits::default(),
        };
        tape.routines.read(&tape.events, 0);
        tape.waits.read(&tape.events, 0, tape.header.size().get(), None);
        tape.set_quiet(quiet);
        Ok(tape)
    }

    /// Keeps or shortens what is quiet: every instant on the tape changes.
    pub fn set_quiet(&mut self, quiet: Quiet) {
        self.quiet = quiet;
        self.instants = pace::instants(&self.events, self.typical_us, quiet);
        let landings = self.ways.iter().filter(|way| matches!(way.end, Some((_, Some(_)))));
        let landings = landings.map(|way| (way.message.id, self.lands_us(way))).collect();
        self.outlook = Outlook::of_past(self.marks(), landings);
    }

    /// The first line of the trace.
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// What ran.
    pub const fn setting(&self) -> (Algorithm, Profile) {
        (self.algorithm, self.profile)
    }

    /// How many nodes there are.
    pub fn size(&self) -> ClusterSize {
        self.header.size()
    }

    /// Nodes that may have run, but of which no line is.
    pub const fn unseen(&self) -> NodeSet {
        self.unseen
    }

    /// Every line.
    pub fn events(&self) -> &[TraceEvent] {
        &self.events
    }

    /// What is to be known of the trace, in English.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// How the quiet between two lines is treated.
    pub const fn quiet(&self) -> Quiet {
        self.quiet
    }

    /// Marks, and when lost messages would have landed.
    pub const fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// How long the cluster waited, from the beginning to the end.
    pub const fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Which lines are routine.
    pub const fn routines(&self) -> &Routines {
        &self.routines
    }

    /// Whether it has a shared resource.
    pub fn has_resource(&self) -> bool {
        self.algorithm == Algorithm::Mutex
    }

    /// How many decimals of a second it takes to tell instants apart that matter: an eighth of what a
    /// message takes.
    pub fn decimals(&self) -> usize {
        let enough = |&decimals: &u32| 10_u64.pow(6 - decimals) * 8 <= self.typical_us;
        (2..=6).find(enough).unwrap_or(6) as usize
    }

    /// When a line happens on the tape.
    pub fn at_us(&self, line: usize) -> u64 {
        self.instants[line]
    }

    /// How long the tape is.
    pub fn end_us(&self) -> u64 {
        self.instants.last().copied().unwrap_or(0)
    }

    /// The instant by the clock of the trace.
    pub fn told_us(&self, at_us: u64) -> u64 {
        let told = |line: usize| self.events[line].at_us;
        pace::translated(at_us, |line| self.instants[line], told, self.events.len())
    }

    /// The instant on the tape.
    pub fn on_tape_us(&self, told_us: u64) -> u64 {
        let told = |line: usize| self.events[line].at_us;
        pace::translated(told_us, told, |line| self.instants[line], self.events.len())
    }

    /// How many lines have happened by an instant of the tape.
    pub fn done_at(&self, at_us: u64) -> usize {
        self.instants.partition_point(|&instant| instant <= at_us)
    }

    /// The message that a line sends.
    pub fn way_from(&self, line: usize) -> Option<usize> {
        self.ways.binary_search_by_key(&line, |way| way.sent).ok()
    }

    /// The message that a line ends.
    pub fn way_to(&self, line: usize) -> Option<&Way> {
        let place = self.ends.binary_search_by_key(&line, |&(end, _)| end).ok()?;
        Some(&self.ways[self.ends[place].1])
    }

    /// A message.
    pub fn way(&self, place: usize) -> &Way {
        &self.ways[place]
    }

    /// The messages without an end that were sent from `from_us` on, until `done` lines had happened.
    pub fn unended_since(&self, from_us: u64, done: usize) -> &[usize] {
        let sent = |&place: &usize| self.ways[place].sent;
        let begin = self.unended.partition_point(|place| self.at_us(sent(place)) < from_us);
        let end = self.unended.partition_point(|place| sent(place) < done);
        self.unended.get(begin..end).unwrap_or_default()
    }

    /// When a message lands on the tape, or would have, had it not died on its way: no line tells
    /// that, so it is taken for a typical one.
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

    /// How often an invariant is broken in the whole trace, and the first line that tells of it.
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

    /// The invariants that the trace is judged by.
    pub fn judged_by(&self) -> impl Iterator<Item = Invariant> {
        let (algorithm, profile) = self.setting();
        Invariant::ALL.into_iter().filter(move |it| it.concerns(algorithm, profile))
    }

    /// How many violations there are, and the line of the first.
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

/// The way of every message that is sent.
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
        // The end of what nobody is known to have sent is no way's.
        if let Some(place) = flying.remove(&id) {
            ways[place].end = Some((line, loss));
        }
    }
    ways
}

/// How long a message takes that arrives: the median.
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
