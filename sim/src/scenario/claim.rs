//! Claims of a narrator's note about the run, in a form that can be checked.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use antes_core::{NodeId, Term, Token};

use super::duration::display;
use crate::trace::{Invariant, Recipient};

#[cfg(feature = "files")]
mod read;

#[cfg(feature = "files")]
pub(super) use read::read_claim;

/// What a note claims about the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Claims {
    /// The file does not say.
    #[default]
    Unsaid,
    /// All of these facts hold when the note is shown.
    Facts(Vec<Claim>),
    /// The note says nothing about the run, for this reason.
    Nothing(String),
}

/// A fact that a note asserts or denies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whether the note denies the fact.
    pub denied: bool,
    pub fact: Fact,
}

/// A fact about a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The state of the world right after the note's step.
    State {
        state: State,
        /// How long the state has held without interruption, if the note says so.
        lasting: Option<Duration>,
    },
    /// An event between the previous note and this one, including this note's own step.
    Event { event: Event, details: Details },
}

/// The state of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// These nodes, and no others, have this property.
    Are(Property, Vec<NodeId>),
    /// The leader that a node follows. `None`: it follows no leader.
    Follows(NodeId, Option<NodeId>),
    /// The term of a node.
    Term(NodeId, Term),
    /// The reading of a node's Lamport clock.
    Clock(NodeId, u64),
    /// The reading of a node's vector clock.
    Vector(NodeId, Vec<u64>),
    /// A node is in its critical section with this token.
    Token(NodeId, Token),
    /// The coordinator's table at a node.
    Table(NodeId, Table),
    /// A candidate waits for this.
    Awaits(NodeId, Awaited),
    /// This message is in flight.
    OnItsWay(Message),
    /// The latest events of two nodes are concurrent.
    Concurrent(NodeId, NodeId),
    /// The latest event of the first node happened before the latest event of the second.
    Before(NodeId, NodeId),
    /// This invariant has not been violated so far.
    Keeps(Invariant),
}

/// A property of a node. A node that is down has none of the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// It believes that it leads.
    Leads,
    /// It is in its critical section.
    Inside,
    /// It has asked for the lock and not entered.
    Waits,
    Down,
    Frozen,
}

/// The coordinator's table as a claim describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Table {
    /// The node is not the coordinator.
    None,
    /// No node has the lock.
    Free,
    /// The node is recovering: it does not know yet which node has the lock.
    Recovering,
    /// The node that has the lock, and the nodes that wait, in the order of the queue.
    Held(NodeId, Vec<NodeId>),
}

/// What a candidate waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// An OK from a higher node, or the end of T.
    Ok,
    /// The victory of a higher node, or the end of T'.
    Coordinator,
    /// Hardened: consent of a majority to the next term.
    ProbeAck,
    /// Hardened: acceptance by a majority.
    Accept,
}

/// A message by type and link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The message type, such as `GRANT`.
    pub kind: String,
    pub from: NodeId,
    pub to: Recipient,
}

/// An event of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An action of a node, or a fault of it.
    Node(Deed, NodeId),
    /// A message is sent, received or lost.
    Message(Fate, Message),
    /// A timer of a node fires. The name is that of traces.
    TimesOut(NodeId, String),
    /// A write of a node reaches the resource and is accepted (`true`) or refused.
    Writes(NodeId, bool),
    /// A link is cut in one direction.
    Cuts(NodeId, NodeId),
    /// A link is restored in one direction.
    Heals(NodeId, NodeId),
    Violates(Invariant),
}

/// An action of a node, or a fault of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Local,
    Crashes,
    Stops,
    Restarts,
    Freezes,
    Resumes,
    Elects,
    Wins,
    /// It asks for the lock.
    Requests,
    /// It enters its critical section.
    Enters,
    /// It leaves its critical section.
    Leaves,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Sends,
    Receives,
    Loses,
}

/// Further properties of an event. Empty fields are not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    pub stamp: Option<u64>,
    pub vector: Option<Vec<u64>>,
    /// The token of a message, an entry or a write.
    pub token: Option<Token>,
    /// The term of a message or a leader.
    pub term: Option<Term>,
    /// The cause of an election, as named in traces.
    pub cause: Option<String>,
    /// The instant, from the start of the run.
    pub at: Option<Duration>,
}

const PROPERTIES: &[(&str, Property)] = &[
    ("leads", Property::Leads),
    ("inside", Property::Inside),
    ("waits", Property::Waits),
    ("down", Property::Down),
    ("frozen", Property::Frozen),
];

const DEEDS: &[(&str, Deed)] = &[
    ("local", Deed::Local),
    ("crashes", Deed::Crashes),
    ("stops", Deed::Stops),
    ("restarts", Deed::Restarts),
    ("freezes", Deed::Freezes),
    ("resumes", Deed::Resumes),
    ("elects", Deed::Elects),
    ("wins", Deed::Wins),
    ("requests", Deed::Requests),
    ("enters", Deed::Enters),
    ("leaves", Deed::Leaves),
];

const FATES: &[(&str, Fate)] =
    &[("sends", Fate::Sends), ("receives", Fate::Receives), ("loses", Fate::Loses)];

const AWAITED: &[(&str, Awaited)] = &[
    ("OK", Awaited::Ok),
    ("COORDINATOR", Awaited::Coordinator),
    ("PROBE_ACK", Awaited::ProbeAck),
    ("ACCEPT", Awaited::Accept),
];

fn word<T: PartialEq>(words: &'static [(&str, T)], value: &T) -> &'static str {
    words.iter().find(|(_, meaning)| meaning == value).map_or("", |(word, _)| word)
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.denied { "not " } else { "" })?;
        match &self.fact {
            Fact::State { state, lasting } => {
                write!(f, "{state}")?;
                lasting.map_or(Ok(()), |span| write!(f, " for {}", display(span)))
            }
            Fact::Event { event, details } => write!(f, "{event}{details}"),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Are(property, nodes) => {
                f.write_str(word(PROPERTIES, property))?;
                nodes_or_none(f, nodes)
            }
            Self::Follows(node, Some(leader)) => write!(f, "follows {node} -> {leader}"),
            Self::Follows(node, None) => write!(f, "follows {node} -> none"),
            Self::Term(node, term) => write!(f, "term {node} = {}", term.0),
            Self::Clock(node, clock) => write!(f, "clock {node} = {clock}"),
            Self::Vector(node, vector) => {
                write!(f, "vector {node} = ")?;
                counts(f, vector)
            }
            Self::Token(node, token) => {
                write!(f, "token {node} = {}.{}", token.term.0, token.sequence)
            }
            Self::Table(node, table) => match table {
                Table::None => write!(f, "table {node} = none"),
                Table::Free => write!(f, "table {node} = free"),
                Table::Recovering => write!(f, "table {node} = recovering"),
                Table::Held(holder, queue) => {
                    write!(f, "table {node} = {holder}, then")?;
                    nodes_or_none(f, queue)
                }
            },
            Self::Awaits(node, awaited) => write!(f, "awaits {node} {}", word(AWAITED, awaited)),
            Self::OnItsWay(message) => write!(f, "on-its-way {message}"),
            Self::Concurrent(a, b) => write!(f, "concurrent {a} {b}"),
            Self::Before(a, b) => write!(f, "before {a} {b}"),
            Self::Keeps(invariant) => write!(f, "keeps {}", invariant.name()),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(deed, node) => write!(f, "{} {node}", word(DEEDS, deed)),
            Self::Message(fate, message) => write!(f, "{} {message}", word(FATES, fate)),
            Self::TimesOut(node, timer) => write!(f, "times-out {node} {timer}"),
            Self::Writes(node, true) => write!(f, "writes {node} accepted"),
            Self::Writes(node, false) => write!(f, "writes {node} refused"),
            Self::Cuts(from, to) => write!(f, "cuts {from} -> {to}"),
            Self::Heals(from, to) => write!(f, "heals {from} -> {to}"),
            Self::Violates(invariant) => write!(f, "violates {}", invariant.name()),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to {
            Recipient::Node(to) => write!(f, "{} {} -> {to}", self.kind, self.from),
            Recipient::Resource => write!(f, "{} {} -> resource", self.kind, self.from),
        }
    }
}

impl fmt::Display for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(stamp) = self.stamp {
            write!(f, " stamp {stamp}")?;
        }
        if let Some(vector) = &self.vector {
            f.write_str(" vector ")?;
            counts(f, vector)?;
        }
        if let Some(token) = self.token {
            write!(f, " token {}.{}", token.term.0, token.sequence)?;
        }
        if let Some(term) = self.term {
            write!(f, " term {}", term.0)?;
        }
        if let Some(cause) = &self.cause {
            write!(f, " cause {cause}")?;
        }
        self.at.map_or(Ok(()), |at| write!(f, " at {}", display(at)))
    }
}

fn nodes_or_none(f: &mut fmt::Formatter<'_>, nodes: &[NodeId]) -> fmt::Result {
    if nodes.is_empty() {
        return f.write_str(" none");
    }
    nodes.iter().try_for_each(|node| write!(f, " {node}"))
}

/// Writes counts as they are written in claims, such as `(2,1,0)`.
fn counts(f: &mut fmt::Formatter<'_>, counts: &[u64]) -> fmt::Result {
    for (place, count) in counts.iter().enumerate() {
        write!(f, "{}{count}", if place == 0 { '(' } else { ',' })?;
    }
    f.write_str(")")
}
