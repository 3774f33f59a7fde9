//! Writes a run as JSON in the Trace Event Format, which ui.perfetto.dev and chrome://tracing open.
//!
//! Each node is a process with three tracks: its events, its terms of office, and its downtimes and
//! pauses. Waits for the lock and critical sections are not on these tracks, since they may
//! overlap. A message is an arrow from its send to its receipt. The resource and the sender of
//! forged messages are processes too.
//!
//! The format (Google, "Trace Event Format", 2016) has times in microseconds, with fractions.
//! Slices of one track must be disjoint or nested. So events at the same instant are one nanosecond
//! apart, and each lasts until the next event, at most half a millisecond.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use antes_core::{ClusterSize, NodeId, RequestId};

use super::object::Object;
use super::text::sentence;
use super::{Header, recipient};
use crate::trace::{Happening, MessageId, TraceEvent};

/// The longest slice of an event, in nanoseconds.
const LONGEST_NS: u64 = 500_000;
/// The process number of the resource, above all node ids.
const RESOURCE: u32 = 1_000;
/// The process number of the sender of forged messages.
const STRANGER: u32 = 1_001;

/// The tracks of a process. Perfetto requires numbers that are unique over all processes.
#[derive(Clone, Copy)]
enum Track {
    Events = 1,
    Offices = 2,
    Absences = 3,
}

pub fn write(header: &Header, trace: &[TraceEvent]) -> String {
    let mut writer = Writer {
        out: String::from("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"),
        empty: true,
    };
    for node in header.size().nodes() {
        let pid = u32::from(node.get());
        writer.process(pid, &format!("Node {node}"));
        writer.track(pid, Track::Events, "events");
        writer.track(pid, Track::Offices, "leads");
        writer.track(pid, Track::Absences, "down, paused");
    }
    let has = |process| trace.iter().any(|event| process_of(event) == process);
    for (pid, name) in [(RESOURCE, "Resource"), (STRANGER, "Stranger")] {
        if has(pid) {
            writer.process(pid, name);
            writer.track(pid, Track::Events, "events");
        }
    }
    write_events(&mut writer, header.size(), trace);
    write_spans(&mut writer, header, trace);
    writer.out.push_str("\n],\"otherData\":");
    let mut other = Object::open(&mut writer.out);
    other.string("title", &header.title);
    other.string("algorithm", &header.algorithm);
    other.string("profile", &header.profile);
    other.close();
    writer.out.push_str("}\n");
    writer.out
}

/// The process on which an event is drawn.
fn process_of(event: &TraceEvent) -> u32 {
    match (&event.happening, event.node) {
        (Happening::Write { heard: false, .. }, _) => RESOURCE,
        (_, Some(node)) => u32::from(node.get()),
        (_, None) => STRANGER,
    }
}

/// The slice of an event.
#[derive(Clone, Copy)]
struct Slice {
    pid: u32,
    from_ns: u64,
    for_ns: u64,
}

/// The slice of each event.
fn slices(trace: &[TraceEvent]) -> Vec<Slice> {
    let mut latest: BTreeMap<u32, usize> = BTreeMap::new();
    let mut slices: Vec<Slice> = Vec::with_capacity(trace.len());
    for event in trace {
        let pid = process_of(event);
        let mut from_ns = event.at_us.saturating_mul(1_000);
        if let Some(&before) = latest.get(&pid) {
            from_ns = from_ns.max(slices[before].from_ns.saturating_add(1));
            slices[before].for_ns = (from_ns - slices[before].from_ns).min(LONGEST_NS);
        }
        latest.insert(pid, slices.len());
        slices.push(Slice { pid, from_ns, for_ns: LONGEST_NS });
    }
    slices
}

/// Writes the events and the arrows of the messages.
fn write_events(writer: &mut Writer, size: ClusterSize, trace: &[TraceEvent]) {
    let mut sent: BTreeMap<MessageId, Slice> = BTreeMap::new();
    let mut arrows = 0;
    for (event, slice) in trace.iter().zip(slices(trace)) {
        writer.slice(slice, &name(event), |arguments| {
            arguments.string("what", &sentence(&event.happening));
            arguments.literal("lamport", event.stamp.lamport());
            arguments.numbers("vector", size.nodes().map(|node| event.stamp.of(node)));
            if let Some(message) = event.message() {
                arguments.name("message", message.id);
            }
        });
        let arrived = match &event.happening {
            Happening::Send(message) => {
                sent.insert(message.id, slice);
                continue;
            }
            Happening::Receive { message, .. } => message.id,
            Happening::Write { id, heard: false, .. } => *id,
            Happening::Violation(_) => {
                writer.mark(slice, &name(event));
                continue;
            }
            _ => continue,
        };
        // A copy leaves together with the original.
        if let Some(&from) = sent.get(&MessageId { copy: 0, ..arrived }) {
            arrows += 1;
            writer.arrow(arrows, from, slice);
        }
    }
}

/// A short name for an event.
fn name(event: &TraceEvent) -> String {
    match &event.happening {
        Happening::Send(message) => format!("send {}", message.content.name()),
        Happening::Receive { message, .. } => format!("receive {}", message.content.name()),
        Happening::Lost { message, .. } => {
            format!("lost {} to {}", message.content.name(), recipient(message.to))
        }
        Happening::Duplicate { message } => format!("copy {}", message.content.name()),
        Happening::Write { write, accepted, .. } => {
            let outcome = if *accepted { "taken" } else { "refused" };
            format!("WRITE {} {outcome}", write.phase.name())
        }
        Happening::Violation(violation) => format!("violation: {}", violation.invariant.name()),
        _ => event.kind().to_string(),
    }
}

/// Spans of one node that have begun and not ended.
#[derive(Default)]
struct Open {
    leads: Option<(u64, String)>,
    section: Option<(u64, RequestId, String)>,
    /// Since when it is down, and how it ended.
    down: Option<(u64, &'static str)>,
    paused: Option<u64>,
    waits: BTreeMap<RequestId, u64>,
}

/// Writes terms of office, critical sections, downtimes, pauses and waits.
fn write_spans(writer: &mut Writer, header: &Header, trace: &[TraceEvent]) {
    let last = trace.last().map_or(0, |event| event.at_us);
    let end_us = header.duration_us.unwrap_or(0).max(last);
    let mut nodes: BTreeMap<NodeId, Open> = BTreeMap::new();
    for event in trace {
        let Some(node) = event.node else { continue };
        nodes.entry(node).or_default().step(writer, node, event);
    }
    for (node, mut open) in nodes {
        open.end_life(writer, node, end_us);
        open.end_absence(writer, node, end_us);
    }
}

impl Open {
    fn step(&mut self, writer: &mut Writer, node: NodeId, event: &TraceEvent) {
        let at_us = event.at_us;
        match &event.happening {
            Happening::Leader { leader, term } => {
                self.end_office(writer, node, at_us);
                if *leader == Some(node) {
                    let term = term.map(|term| format!(" in term {}", term.0)).unwrap_or_default();
                    self.leads = Some((at_us, format!("leads{term}")));
                }
            }
            Happening::Request { request } => _ = self.waits.insert(*request, at_us),
            Happening::Withdraw { request } => self.end_wait(writer, node, *request, at_us),
            Happening::Enter { request, token } => {
                self.end_wait(writer, node, *request, at_us);
                let token = token.map(|token| format!(", token {token}")).unwrap_or_default();
                self.section = Some((at_us, *request, token));
            }
            Happening::Exit { .. } => self.end_section(writer, node, at_us),
            Happening::Crash | Happening::Stop => {
                self.end_life(writer, node, at_us);
                self.end_absence(writer, node, at_us);
                let how = if event.happening == Happening::Crash { "crashed" } else { "stopped" };
                self.down = Some((at_us, how));
            }
            Happening::Restart { .. } => {
                // A trace that starts late or has lost lines may lack the crash.
                self.end_life(writer, node, at_us);
                self.end_absence(writer, node, at_us);
            }
            Happening::Pause => self.paused = Some(at_us),
            Happening::Resume => self.end_absence(writer, node, at_us),
            _ => {}
        }
    }

    fn end_life(&mut self, writer: &mut Writer, node: NodeId, at_us: u64) {
        self.end_section(writer, node, at_us);
        self.end_office(writer, node, at_us);
        for request in core::mem::take(&mut self.waits) {
            writer.wait(node, request, at_us);
        }
    }

    fn end_office(&mut self, writer: &mut Writer, node: NodeId, at_us: u64) {
        if let Some((from_us, name)) = self.leads.take() {
            writer.span(node, Track::Offices, (from_us, at_us), &name);
        }
    }

    fn end_section(&mut self, writer: &mut Writer, node: NodeId, at_us: u64) {
        if let Some((from_us, request, token)) = self.section.take() {
            let name = format!("critical section {request}{token}");
            writer.section(node, (from_us, at_us), &name);
        }
    }

    fn end_absence(&mut self, writer: &mut Writer, node: NodeId, at_us: u64) {
        if let Some(from_us) = self.paused.take() {
            writer.span(node, Track::Absences, (from_us, at_us), "paused");
        }
        if let Some((from_us, how)) = self.down.take() {
            writer.span(node, Track::Absences, (from_us, at_us), how);
        }
    }

    fn end_wait(&mut self, writer: &mut Writer, node: NodeId, request: RequestId, at_us: u64) {
        if let Some(from_us) = self.waits.remove(&request) {
            writer.wait(node, (request, from_us), at_us);
        }
    }
}

/// Writes the objects of `traceEvents`, one after the other.
struct Writer {
    out: String,
    empty: bool,
}

impl Writer {
    /// Writes an object with its phase (which is its type), process and name.
    fn event(&mut self, phase: &str, pid: u32, name: &str, rest: impl FnOnce(&mut Object<'_>)) {
        if !self.empty {
            self.out.push_str(",\n");
        }
        self.empty = false;
        let mut object = Object::open(&mut self.out);
        object.string("ph", phase);
        object.literal("pid", pid);
        object.string("name", name);
        rest(&mut object);
        object.close();
    }

    fn process(&mut self, pid: u32, name: &str) {
        self.event("M", pid, "process_name", |object| named(object, name));
        self.event("M", pid, "process_sort_index", |object| {
            arguments(object, |it| it.literal("sort_index", pid));
        });
    }

    fn track(&mut self, pid: u32, track: Track, name: &str) {
        self.event("M", pid, "thread_name", |object| {
            object.literal("tid", thread(pid, track));
            named(object, name);
        });
    }

    fn slice(&mut self, slice: Slice, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.event("X", slice.pid, name, |object| {
            object.literal("tid", thread(slice.pid, Track::Events));
            object.literal("ts", Nanos(slice.from_ns));
            object.literal("dur", Nanos(slice.for_ns));
            arguments(object, fill);
        });
    }

    fn span(&mut self, node: NodeId, track: Track, (from_us, to_us): (u64, u64), name: &str) {
        let pid = u32::from(node.get());
        self.event("X", pid, name, |object| {
            object.literal("tid", thread(pid, track));
            object.literal("ts", from_us);
            object.literal("dur", to_us.saturating_sub(from_us));
        });
    }

    /// A critical section may last longer than the leader's term of office, so it is not on a
    /// track.
    fn section(&mut self, node: NodeId, span: (u64, u64), name: &str) {
        self.apart(node, span, "section", name, name);
    }

    fn wait(&mut self, node: NodeId, (request, from_us): (RequestId, u64), to_us: u64) {
        self.apart(node, (from_us, to_us), "wait", &request.to_string(), "waits for the lock");
    }

    /// Writes a slice that may overlap others.
    fn apart(
        &mut self,
        node: NodeId,
        (from_us, to_us): (u64, u64),
        category: &str,
        id: &str,
        name: &str,
    ) {
        for (phase, at_us) in [("b", from_us), ("e", to_us)] {
            self.event(phase, u32::from(node.get()), name, |object| {
                object.string("cat", category);
                object.string("id", &format!("{node} {id} {from_us}"));
                object.literal("tid", thread(u32::from(node.get()), Track::Events));
                object.literal("ts", at_us);
            });
        }
    }

    fn arrow(&mut self, number: u64, from: Slice, to: Slice) {
        for (phase, end) in [("s", from), ("f", to)] {
            self.event(phase, end.pid, "message", |object| {
                object.string("cat", "message");
                object.literal("id", number);
                object.literal("tid", thread(end.pid, Track::Events));
                object.literal("ts", Nanos(end.from_ns));
                if phase == "f" {
                    object.string("bp", "e");
                }
            });
        }
    }

    fn mark(&mut self, slice: Slice, name: &str) {
        self.event("i", slice.pid, name, |object| {
            object.literal("tid", thread(slice.pid, Track::Events));
            object.literal("ts", Nanos(slice.from_ns));
            object.string("s", "g");
        });
    }
}

fn named(object: &mut Object<'_>, name: &str) {
    arguments(object, |it| it.string("name", name));
}

fn arguments(object: &mut Object<'_>, fill: impl FnOnce(&mut Object<'_>)) {
    let mut inner = Object::open(object.key("args"));
    fill(&mut inner);
    inner.close();
}

/// The number of a track, unique over all processes.
const fn thread(pid: u32, track: Track) -> u32 {
    pid * 10 + track as u32
}

/// A time in nanoseconds, written in microseconds.
struct Nanos(u64);

impl fmt::Display for Nanos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(nanos) = self;
        match (nanos / 1_000, nanos % 1_000) {
            (micros, 0) => write!(f, "{micros}"),
            (micros, rest) => write!(f, "{micros}.{rest:03}"),
        }
    }
}
