//! What the first lines of a trace tell of nodes, messages and the resource.
//!
//! Only what the lines say is concluded. Timers, what waits at a paused node, and the coordinator's
//! queue are no part of a trace.

use antes_core::{
    ElectionMessage, Identity, Incarnation, Message, NodeId, NodeSet, RequestId, Stamp, Token,
    hardened,
};
use antes_sim::resource::Resource;
use antes_sim::trace::{Content, Happening, MessageRecord, TraceEvent};
use antes_sim::world::Status;

use super::tape::Tape;
use crate::ring::scene::Lock;

/// What is known of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// How it is.
    pub status: Status,
    /// Which of its lives this is.
    pub life: Incarnation,
    /// What its clocks read.
    pub stamp: Stamp,
    /// Whom it follows: itself, when it leads.
    pub leader: Option<NodeId>,
    /// Whether it holds an election of its own.
    pub campaigns: bool,
    /// What it has asked for and not done with, and whether it has been let in.
    pub requests: Vec<(RequestId, bool)>,
    /// The token that it is in the critical section with; none in the classic profile.
    pub token: Option<Token>,
    /// The links from here that are cut.
    pub cuts: NodeSet,
}

impl Seat {
    /// Before its first line. A node without any is taken to be down.
    fn new(seen: bool) -> Self {
        Self {
            status: if seen { Status::Up } else { Status::Down },
            life: Incarnation::FIRST,
            stamp: Stamp::default(),
            leader: None,
            campaigns: false,
            requests: Vec::new(),
            token: None,
            cuts: NodeSet::default(),
        }
    }

    /// What the node is to the lock.
    pub fn lock(&self) -> Lock {
        if self.requests.iter().any(|&(_, entered)| entered) {
            Lock::Holding
        } else if self.requests.is_empty() {
            Lock::None
        } else {
            Lock::Waiting
        }
    }

    /// Everything but stable storage goes with a life, and its clocks are its last ones.
    fn die(&mut self) {
        self.status = Status::Down;
        self.leader = None;
        self.campaigns = false;
        self.requests.clear();
        self.token = None;
    }
}

/// What is known after some lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    done: usize,
    seats: Vec<Seat>,
    /// The messages on their way whose end a later line tells, in the order of their sends.
    flying: Vec<usize>,
    resource: Resource,
}

impl Moment {
    /// Before the first line.
    pub fn new(tape: &Tape) -> Self {
        let unseen = tape.unseen();
        let seats = tape.size().nodes().map(|node| Seat::new(!unseen.contains(node))).collect();
        Self { done: 0, seats, flying: Vec::new(), resource: Resource::default() }
    }

    /// How many lines have been taken in.
    pub const fn done(&self) -> usize {
        self.done
    }

    /// What is known of a node.
    pub fn seat(&self, node: NodeId) -> &Seat {
        &self.seats[node.index()]
    }

    /// The messages on their way whose end a later line tells, by their place on the tape.
    pub fn flying(&self) -> &[usize] {
        &self.flying
    }

    /// The resource, as far as the writes tell that it took.
    pub const fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Takes the next line in, if there is one.
    pub fn take(&mut self, tape: &Tape) {
        let Some(event) = tape.events().get(self.done) else { return };
        if let Some(way) = tape.way_from(self.done).filter(|&way| tape.way(way).end.is_some()) {
            self.flying.push(way);
        }
        self.flying.retain(|&way| tape.way(way).end.is_none_or(|(line, _)| line != self.done));
        self.done += 1;
        if let Some(node) = event.node {
            self.see(node, event);
        }
    }

    fn see(&mut self, node: NodeId, event: &TraceEvent) {
        let Some(seat) = self.seats.get_mut(node.index()) else { return };
        // Such a line is not of its node's doing, and carries the stamp of its send.
        let late = matches!(
            event.happening,
            Happening::Lost { .. } | Happening::Duplicate { .. } | Happening::Write { .. }
        );
        if !late {
            seat.stamp = event.stamp;
            seat.begin(event.incarnation);
        }
        match &event.happening {
            Happening::Crash | Happening::Stop => {
                seat.die();
                self.resource.close(node);
            }
            Happening::Restart { .. } => seat.status = Status::Up,
            Happening::Pause => seat.status = Status::Paused,
            Happening::Resume => seat.status = Status::Up,
            Happening::Election { .. } => seat.campaigns = true,
            Happening::Leader { leader, .. } => {
                seat.leader = *leader;
                seat.campaigns &= leader.is_none();
            }
            Happening::Request { request } => seat.requests.push((*request, false)),
            Happening::Enter { request, token } => {
                seat.enter(*request);
                seat.token = *token;
            }
            Happening::Withdraw { request } => {
                seat.requests.retain(|&(other, _)| other != *request);
            }
            Happening::Exit { request, .. } => {
                seat.requests.retain(|(other, _)| other != request);
                if seat.lock() != Lock::Holding {
                    seat.token = None;
                }
            }
            Happening::Receive { message, .. } => seat.hear(node, message),
            Happening::Write { write, accepted: true, .. } => {
                let writer = &self.seats[node.index()];
                let lives = writer.status != Status::Down && writer.is(write.request.by);
                self.resource.write(*write, lives);
            }
            Happening::Cut { to } => seat.cuts.insert(*to),
            Happening::Heal { to } => {
                seat.cuts.remove(*to);
            }
            Happening::Write { accepted: false, .. }
            | Happening::Local
            | Happening::Refused
            | Happening::Send(_)
            | Happening::Lost { .. }
            | Happening::Duplicate { .. }
            | Happening::Timeout { .. }
            | Happening::Save(_)
            | Happening::Ignored { .. }
            | Happening::Violation(_) => {}
        }
    }
}

impl Seat {
    /// A line of a later life says that it has begun, also where no line says how.
    fn begin(&mut self, life: Incarnation) {
        if life > self.life {
            self.die();
            (self.status, self.life) = (Status::Up, life);
        }
    }

    fn is(&self, me: Identity) -> bool {
        self.life == me.incarnation
    }

    fn enter(&mut self, request: RequestId) {
        match self.requests.iter_mut().find(|(other, _)| *other == request) {
            Some((_, entered)) => *entered = true,
            None => self.requests.push((request, true)),
        }
    }

    /// What a message ends without a line of its own.
    fn hear(&mut self, me: NodeId, message: &MessageRecord) {
        match &message.content {
            Content::Message(Message::Election(ElectionMessage::Coordinator)) => {
                self.campaigns &= message.id.from < me;
            }
            // A request that still waits is closed: its grant has run out unused.
            Content::Message(Message::Hardened(termed)) => {
                if let hardened::Body::Mutex(hardened::MutexMessage::ReleaseAck { request }) =
                    termed.body
                {
                    self.requests.retain(|&(other, entered)| other != request || entered);
                }
            }
            Content::Message(Message::Call(_) | Message::Election(_) | Message::Mutex(_))
            | Content::Write(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
