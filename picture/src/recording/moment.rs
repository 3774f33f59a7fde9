//! The state of nodes, messages and the resource after the first lines of a trace.
//!
//! Only facts in the lines are used. A trace does not contain timers, the queue of a paused node,
//! or the coordinator's queue.

use antes_core::{
    DistributedMessage, ElectionMessage, Identity, Incarnation, Message, NodeId, NodeSet,
    RequestId, Token, hardened,
};
use antes_sim::resource::Resource;
use antes_sim::trace::{Content, Happening, LineStamp, MessageRecord, Recipient, TraceEvent};
use antes_sim::world::Status;

use super::tape::Tape;
use crate::ring::scene::Lock;

/// The known state of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub status: Status,
    pub life: Incarnation,
    /// The readings of its clocks.
    pub stamp: LineStamp,
    /// The leader that it follows, which may be itself.
    pub leader: Option<NodeId>,
    /// Whether it holds an election of its own.
    pub campaigns: bool,
    /// Its open requests, and whether each has entered.
    pub requests: Vec<(RequestId, bool)>,
    /// The token with which it is in the critical section. `None` in the classic profile.
    pub token: Option<Token>,
    /// Distributed lock: the nodes that it has asked for OK and that have not answered.
    pub missing: Vec<NodeId>,
    /// The links from this node that are cut, by receiver.
    pub cuts: NodeSet,
}

impl Seat {
    /// The state before its first line. A node without lines counts as crashed.
    fn new(seen: bool) -> Self {
        Self {
            status: if seen { Status::Up } else { Status::Crashed },
            life: Incarnation::FIRST,
            stamp: LineStamp::default(),
            leader: None,
            campaigns: false,
            requests: Vec::new(),
            token: None,
            missing: Vec::new(),
            cuts: NodeSet::default(),
        }
    }

    /// Whether the node waits for the lock or has it.
    pub fn lock(&self) -> Lock {
        if self.requests.iter().any(|&(_, entered)| entered) {
            Lock::Holding
        } else if self.requests.is_empty() {
            Lock::None
        } else {
            Lock::Waiting
        }
    }

    /// Ends a life: everything except stable storage is lost, and the clocks keep their last
    /// readings.
    fn die(&mut self, status: Status) {
        self.status = status;
        self.leader = None;
        self.campaigns = false;
        self.requests.clear();
        self.token = None;
        self.missing.clear();
    }
}

/// The state after some lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    done: usize,
    seats: Vec<Seat>,
    /// Messages in flight whose end is told by a later line, in the order of their sends.
    flying: Vec<usize>,
    resource: Resource,
}

impl Moment {
    /// The state before the first line.
    pub fn new(tape: &Tape) -> Self {
        let unseen = tape.unseen();
        let seats = tape.size().nodes().map(|node| Seat::new(!unseen.contains(node))).collect();
        Self { done: 0, seats, flying: Vec::new(), resource: Resource::default() }
    }

    /// The number of lines so far.
    pub const fn done(&self) -> usize {
        self.done
    }

    /// The known state of a node.
    pub fn seat(&self, node: NodeId) -> &Seat {
        &self.seats[node.index()]
    }

    /// Messages in flight whose end is told by a later line, by their index on the tape.
    pub fn flying(&self) -> &[usize] {
        &self.flying
    }

    /// The resource, according to the accepted writes.
    pub const fn resource(&self) -> &Resource {
        &self.resource
    }

    /// Applies the next line, if there is one.
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
        // Such a line is not an act of its node, and has the stamp of the send.
        let late = matches!(
            event.happening,
            Happening::Lost { .. } | Happening::Duplicate { .. } | Happening::Write { .. }
        );
        if !late {
            seat.stamp = event.stamp.clone();
            seat.begin(event.incarnation);
        }
        match &event.happening {
            Happening::Crash | Happening::Stop => {
                seat.die(match event.happening {
                    Happening::Stop => Status::Stopped,
                    _ => Status::Crashed,
                });
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
                // Only its first request has asked.
                if seat.requests.first().is_some_and(|(first, _)| first == request) {
                    seat.missing.clear();
                }
                seat.requests.retain(|&(other, _)| other != *request);
            }
            Happening::Send(message) => seat.ask(message),
            Happening::Exit { request, .. } => {
                seat.requests.retain(|(other, _)| other != request);
                if seat.lock() != Lock::Holding {
                    seat.token = None;
                }
            }
            Happening::Receive { message, .. } => seat.hear(node, message),
            Happening::Write { write, accepted: true, .. } => {
                let writer = &self.seats[node.index()];
                let lives = !writer.status.is_down() && writer.is(write.request.by);
                self.resource.write(*write, lives);
            }
            Happening::Cut { to } => seat.cuts.insert(*to),
            Happening::Heal { to } => {
                seat.cuts.remove(*to);
            }
            Happening::Write { accepted: false, .. }
            | Happening::Local
            | Happening::Refused
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
    /// Begins a later life, even if no line says how it began.
    fn begin(&mut self, life: Incarnation) {
        if life > self.life {
            self.die(Status::Crashed);
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

    /// Notes whom it asks for OK.
    fn ask(&mut self, message: &MessageRecord) {
        if let Content::Message(Message::Distributed(DistributedMessage::Request { .. })) =
            &message.content
            && let Recipient::Node(to) = message.to
        {
            self.missing.push(to);
        }
    }

    /// Applies effects of a message that have no line of their own.
    fn hear(&mut self, me: NodeId, message: &MessageRecord) {
        let Content::Message(content) = &message.content else { return };
        if let Message::Election(ElectionMessage::Coordinator) = content {
            self.campaigns &= message.id.from < me;
        }
        if let Message::Distributed(DistributedMessage::Ok { request }) = content
            && self.requests.first().is_some_and(|(first, _)| first == request)
        {
            self.missing.retain(|&node| node != message.id.from);
        }
        // A waiting request is closed when its grant was given back unused.
        if let Some(termed) = content.hardened()
            && let hardened::Body::Mutex(hardened::MutexMessage::ReleaseAck { request }) =
                termed.body
        {
            self.requests.retain(|&(other, entered)| other != request || entered);
        }
    }
}

#[cfg(test)]
mod tests;
