//! What a narrator's note says of the run, in a form that can be held against it.

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

/// What ties a note to the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Claims {
    /// The file does not say.
    #[default]
    Unsaid,
    /// All of this is so when the note is told.
    Facts(Vec<Claim>),
    /// The note says nothing of the run, for this reason.
    Nothing(String),
}

/// Something that is, or has happened, when a note is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whether the claim is that it is not so.
    pub denied: bool,
    /// What is so.
    pub fact: Fact,
}

/// What is so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Right after the note's step this is the state of the world.
    State {
        /// The state.
        state: State,
        /// For how long it has been, without a break.
        lasting: Option<Duration>,
    },
    /// After the note before and up to this one, its own step included, this has happened.
    Event {
        /// The event that a note claims.
        event: Event,
        /// What else is true of it.
        details: Details,
    },
}

/// The state of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// These nodes and no others have a property.
    Are(Property, Vec<NodeId>),
    /// Whom a node follows.
    Follows(NodeId, Option<NodeId>),
    /// In which term a node is.
    Term(NodeId, Term),
    /// Where a node's Lamport clock stands.
    Clock(NodeId, u64),
    /// Where a node's vector clock stands.
    Vector(NodeId, Vec<u64>),
    /// A node is in its critical section, with this token.
    Token(NodeId, Token),
    /// What a node has in the coordinator's table.
    Table(NodeId, Table),
    /// What a candidate waits for.
    Awaits(NodeId, Awaited),
    /// A message is on its way.
    OnItsWay(Message),
    /// The latest events of two nodes are concurrent.
    Concurrent(NodeId, NodeId),
    /// The latest event of the first node happened before that of the second one.
    Before(NodeId, NodeId),
    /// An invariant has never been broken so far.
    Keeps(Invariant),
}

/// What nodes can be. A node that is down has none of the first three properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// It takes itself for the leader.
    Leads,
    /// It is in its critical section.
    Inside,
    /// It has asked for the lock and has not entered.
    Waits,
    /// It has crashed.
    Down,
    /// It is alive, and does nothing.
    Frozen,
}

/// A coordinator's table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Table {
    /// The node keeps none: it does not coordinate.
    None,
    /// Nobody has the lock.
    Free,
    /// The node does not know yet who has the lock.
    Recovering,
    /// A node has the lock, and these wait, the next one first.
    Held(NodeId, Vec<NodeId>),
}

/// What a candidate waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// That a higher node answers, or T runs out.
    Ok,
    /// That a higher node wins, or T' runs out.
    Coordinator,
    /// Hardened: that a majority would follow it.
    ProbeAck,
    /// Hardened: that a majority accepts it.
    Accept,
}

/// A message of a type, on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The name of its type.
    pub kind: String,
    /// Its sender.
    pub from: NodeId,
    /// Its receiver.
    pub to: Recipient,
}

/// What happens at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A node does something, or something befalls it.
    Node(Deed, NodeId),
    /// A message is sent, received or lost.
    Message(Fate, Message),
    /// A timer of a node runs out; its name is the trace's.
    TimesOut(NodeId, String),
    /// A node's write reaches the resource, which accepts or refuses it.
    Writes(NodeId, bool),
    /// A link is cut, one way.
    Cuts(NodeId, NodeId),
    /// A link is restored, one way.
    Heals(NodeId, NodeId),
    /// An invariant is broken.
    Violates(Invariant),
}

/// What a node does, or what befalls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It has a local event.
    Local,
    /// It crashes.
    Crashes,
    /// It restarts.
    Restarts,
    /// It freezes.
    Freezes,
    /// It goes on.
    Resumes,
    /// It starts an election.
    Elects,
    /// It becomes the leader.
    Wins,
    /// It wants the lock.
    Requests,
    /// It enters its critical section.
    Enters,
    /// It leaves its critical section.
    Leaves,
}

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is sent.
    Sends,
    /// It is received.
    Receives,
    /// It is lost.
    Loses,
}

/// What else is true of an event; nothing, where a field is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// Its Lamport stamp.
    pub stamp: Option<u64>,
    /// Its vector stamp.
    pub vector: Option<Vec<u64>>,
    /// The token of a message, an entry or a write.
    pub token: Option<Token>,
    /// The term of a message or a leader.
    pub term: Option<Term>,
    /// Why an election starts; its name is the trace's.
    pub cause: Option<String>,
    /// When it happens.
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

/// `(2,1,0)`.
fn counts(f: &mut fmt::Formatter<'_>, counts: &[u64]) -> fmt::Result {
    for (place, count) in counts.iter().enumerate() {
        write!(f, "{}{count}", if place == 0 { '(' } else { ',' })?;
    }
    f.write_str(")")
}
