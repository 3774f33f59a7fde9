//! The summary of a run: messages by type, leaders, entries, violations.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use antes_core::{ClusterSize, NodeId, RequestId};

use crate::export::object::{Object, list};
use crate::export::text::seconds;
use crate::trace::{Happening, TraceEvent, Violation};

/// The message types: first those of the classic profile, then those of the hardened profile only,
/// then those of withdrawals.
pub const TYPES: [&str; 23] = [
    "ELECTION",
    "OK",
    "COORDINATOR",
    "REQUEST",
    "GRANT",
    "RELEASE",
    "HEARTBEAT",
    "CALL",
    "REPLY",
    "MESSAGE",
    WRITE,
    "PROBE",
    "PROBE_ACK",
    "PROPOSE",
    "ACCEPT",
    "REPORT",
    "HEARTBEAT_ACK",
    "RELEASE_ACK",
    "RESIGN",
    "TERM",
    "BIRTH",
    "BIRTH_ACK",
    "WITHDRAW",
];

/// How many of [`TYPES`] the classic profile has. A summary always shows these.
const CLASSIC_TYPES: usize = 11;

/// How many types at the end are rare. A summary shows them if any was sent.
const RARE_TYPES: usize = 3;

/// The only type that goes to the resource. It does not count as a message between nodes.
const WRITE: &str = "WRITE";

/// The beginning of a critical section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub node: NodeId,
    pub request: RequestId,
    pub at_us: u64,
}

/// A violation with its place in the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub violation: Violation,
    pub at_us: u64,
    /// The `seq` of its line.
    pub seq: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The number of messages sent of each of the [`TYPES`]. Messages to dead nodes and repetitions
    /// count; copies by the network do not.
    pub messages: [(&'static str, u64); TYPES.len()],
    /// Each node that is up, with the leader that it follows.
    pub leaders: BTreeMap<NodeId, Option<NodeId>>,
    /// All critical sections in order.
    pub entries: Vec<Entry>,
    pub violations: Vec<Found>,
}

impl Summary {
    /// The summary of a whole trace of a cluster of this size.
    pub fn new(size: ClusterSize, trace: &[TraceEvent]) -> Self {
        let mut summary = Self {
            messages: TYPES.map(|name| (name, 0)),
            leaders: size.nodes().map(|node| (node, None)).collect(),
            entries: Vec::new(),
            violations: Vec::new(),
        };
        for event in trace {
            summary.add(event);
        }
        summary
    }

    /// The number of messages sent of this type.
    pub fn count(&self, name: &str) -> u64 {
        let found = self.messages.iter().find(|(counted, _)| *counted == name);
        found.map_or(0, |&(_, count)| count)
    }

    /// The number of messages sent between nodes, which excludes WRITE.
    pub fn total(&self) -> u64 {
        let all: u64 = self.messages.iter().map(|&(_, count)| count).sum();
        all - self.count(WRITE)
    }

    /// The counts to show: those of hardened types only if any was sent.
    fn shown(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let common = TYPES.len() - RARE_TYPES;
        let of_hardened = CLASSIC_TYPES..common;
        let hardened = self.messages[of_hardened].iter().any(|&(_, count)| count > 0);
        let shown = if hardened { common } else { CLASSIC_TYPES };
        let messages = self.messages.into_iter().enumerate();
        let worth = move |&(place, (_, count)): &(usize, (&str, u64))| {
            place < shown || place >= common && count > 0
        };
        messages.filter(worth).map(|(_, message)| message)
    }

    fn add(&mut self, event: &TraceEvent) {
        let Some(node) = event.node else { return };
        match &event.happening {
            Happening::Send(message) => {
                let name = message.content.name();
                let counter = self.messages.iter_mut().find(|(counted, _)| *counted == name);
                let (_, count) = counter.expect("every type of message is counted");
                *count += 1;
            }
            Happening::Crash | Happening::Stop => {
                self.leaders.remove(&node);
            }
            Happening::Restart { .. } => {
                self.leaders.insert(node, None);
            }
            Happening::Leader { leader, .. } => {
                self.leaders.insert(node, *leader);
            }
            Happening::Enter { request, .. } => {
                self.entries.push(Entry { node, request: *request, at_us: event.at_us });
            }
            Happening::Violation(violation) => self.violations.push(Found {
                violation: violation.clone(),
                at_us: event.at_us,
                seq: event.seq,
            }),
            _ => {}
        }
    }

    pub fn to_json(&self) -> String {
        let mut out = String::new();
        let mut object = Object::open(&mut out);
        let mut messages = Object::open(object.key("messages"));
        for (name, count) in self.shown() {
            messages.literal(name, count);
        }
        messages.literal("total", self.total());
        messages.close();
        let mut leaders = Object::open(object.key("leaders"));
        for (node, leader) in &self.leaders {
            leaders.optional(&node.to_string(), *leader);
        }
        leaders.close();
        list(object.key("entries"), &self.entries, |out, entry| {
            let mut object = Object::open(out);
            object.literal("node", entry.node);
            object.name("request", entry.request);
            object.literal("at_us", entry.at_us);
            object.close();
        });
        list(object.key("violations"), &self.violations, |out, found| {
            let mut object = Object::open(out);
            object.string("invariant", found.violation.invariant.name());
            object.literal("at_us", found.at_us);
            object.literal("seq", found.seq);
            object.numbers("nodes", &found.violation.nodes);
            object.string("sentence", &found.violation.sentence);
            object.close();
        });
        object.close();
        out
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = self.messages.iter().filter(|&&(name, count)| count > 0 && name != WRITE);
        let sent: Vec<_> = sent.map(|(name, count)| format!("{name} {count}")).collect();
        write!(f, "messages    {}", self.total())?;
        if !sent.is_empty() {
            write!(f, ": {}", sent.join(", "))?;
        }
        match self.count(WRITE) {
            0 => writeln!(f)?,
            writes => writeln!(f, " (and {writes} to the resource)")?,
        }
        let leaders = self.leaders.iter().map(|(node, leader)| match leader {
            Some(leader) if leader == node => format!("{node} leads"),
            Some(leader) => format!("{node} follows {leader}"),
            None => format!("{node} follows nobody"),
        });
        writeln!(f, "leaders     {}", leaders.collect::<Vec<_>>().join(", "))?;
        let entries = self
            .entries
            .iter()
            .map(|entry| format!("{} at {}", entry.request, seconds(entry.at_us).trim_end()));
        match self.entries.len() {
            0 => writeln!(f, "entries     none")?,
            _ => writeln!(f, "entries     {}", entries.collect::<Vec<_>>().join(", "))?,
        }
        match self.violations.len() {
            0 => writeln!(f, "violations  none"),
            count => {
                writeln!(f, "violations  {count}")?;
                self.violations.iter().try_for_each(|found| {
                    let (name, at) = (found.violation.invariant.name(), seconds(found.at_us));
                    writeln!(f, "  {name} at {}: {}", at.trim_end(), found.violation.sentence)
                })
            }
        }
    }
}
