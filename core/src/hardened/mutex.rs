//! The lock of the hardened profile, from the side of the one that asks, and the glue to the
//! [`Coordinator`] on the node that leads.
//!
//! A request is repeated until it is answered, and each repetition has a claim of its own: the
//! time that a grant which answers it would be good for, counted from sending it. A grant keeps
//! the claim that it answers and cancels the others; if that claim has run out already, the grant
//! is given back at once. The coordinator's lease, counted from sending the grant, always ends
//! later than the claim. (Leases: Gray and Cheriton, 1989.)

use alloc::vec::Vec;
use core::time::Duration;

use super::coordinator::Decision;
use super::{Body, Coordinator, Held, Leadership, Stage, Termed, Waiter, early, late};
use crate::id::{Identity, NodeId, RequestId, Term, Token};
use crate::mutex::{MAX_OUTSTANDING, MutexChoice, MutexTimer, Phase};
use crate::vocabulary::{Choice, Context, Effect, Effects, Event, Hold, Message, Timer, Write};

/// What a node and its coordinator say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MutexMessage {
    /// REPORT: this is what I hold as I enter your term.
    Report {
        /// The node's life.
        me: Identity,
        /// The request that is in, and its token.
        holds: Option<(RequestId, Token)>,
    },
    /// REQUEST: let me in.
    Request {
        /// Which request.
        request: RequestId,
        /// How often it has been sent, this time included.
        repetition: u32,
        /// The oldest request that the node has not done with.
        oldest: u32,
    },
    /// GRANT: you are in.
    Grant {
        /// The request that is granted.
        request: RequestId,
        /// The repetition that is answered.
        repetition: u32,
        /// The fencing token.
        token: Token,
    },
    /// RELEASE: I am out, or never went in.
    Release {
        /// The request that is done with.
        request: RequestId,
        /// The token of its grant.
        token: Token,
    },
    /// RELEASE_ACK: that request is done with.
    ReleaseAck {
        /// The request.
        request: RequestId,
    },
}

/// What a node is to the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It leads: it keeps the table.
    Coordinator(Coordinator),
    /// It asks whoever leads, if anybody does.
    Participant {
        /// The leader.
        coordinator: Option<NodeId>,
    },
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// Not granted yet.
    Waiting {
        /// How often it has been sent.
        sent: u32,
        /// How many of those have claims that have run out.
        lapsed: u32,
    },
    /// In the critical section.
    Holding {
        /// The token of the grant.
        token: Token,
        /// The repetition that was granted.
        repetition: u32,
    },
}

/// A request of the node's own application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// Which.
    pub id: RequestId,
    /// How long it is to hold the lock.
    pub hold: Hold,
    /// How far it is.
    pub progress: Progress,
}

/// The mutual exclusion of one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mutex {
    term: Term,
    role: Role,
    /// In the order in which they were made.
    requests: Vec<Request>,
    /// What has been released and not been acknowledged.
    releases: Vec<(RequestId, Token)>,
    /// How many requests this life of the node has made.
    made: u32,
}

impl Default for Mutex {
    fn default() -> Self {
        Self {
            term: Term::default(),
            role: Role::Participant { coordinator: None },
            requests: Vec::new(),
            releases: Vec::new(),
            made: 0,
        }
    }
}

impl Mutex {
    /// What the node is to the lock.
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// The node's own requests that are not done with, oldest first.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The request with which the node is in the critical section, its token and the repetition.
    pub fn holding(&self) -> Option<(RequestId, Token, u32)> {
        self.requests.iter().find_map(|request| match request.progress {
            Progress::Holding { token, repetition } => Some((request.id, token, repetition)),
            Progress::Waiting { .. } => None,
        })
    }

    /// The node starts. `known` says that it has been told of the leader of a cluster in which
    /// nobody can hold anything yet.
    pub fn start(&mut self, cx: Context<'_>, known: Option<Leadership>, out: &mut Effects) {
        if let Some(leadership) = known {
            self.term = leadership.term;
            self.role = match leadership.leader {
                Some(leader) if leader == cx.me.node => {
                    Role::Coordinator(Coordinator::new(leadership.term, Stage::Serving))
                }
                coordinator => Role::Participant { coordinator },
            };
        }
        self.rest(cx, out);
    }

    /// The election tells who leads which term, and, to the leader, whether it may grant.
    pub fn lead_by(&mut self, cx: Context<'_>, leadership: Leadership, out: &mut Effects) {
        let (term, leader) = (leadership.term, leadership.leader);
        let leads = leader == Some(cx.me.node);
        let same = self.term == term
            && match &self.role {
                Role::Coordinator(_) => leads,
                Role::Participant { coordinator } => *coordinator == leader,
            };
        if !same {
            self.leave_office(out);
            self.term = term;
            match leader {
                Some(_) if leads => self.take_office(cx, out),
                coordinator => self.follow(cx, coordinator, out),
            }
        }
        self.decide(cx, out, |table, decisions| table.update(leadership, decisions));
    }

    /// The application wants the lock.
    pub fn request(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) {
        if self.requests.len() >= MAX_OUTSTANDING {
            return;
        }
        let id = self.make(cx, hold, out);
        self.send_request(cx, id, out);
        self.retry_later(cx, out);
    }

    /// The application leaves the critical section.
    pub fn release(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Some((id, token, _)) = self.holding() else { return };
        out.push(write(id, Phase::Exit, token));
        self.exit(cx, id, out);
    }

    /// The application writes to the resource, if it is in the critical section.
    pub fn write(&self, out: &mut Effects) {
        let Some((id, token, _)) = self.holding() else { return };
        out.push(write(id, Phase::Inside, token));
    }

    /// The node is about to stop in good order.
    pub fn leave(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.release(cx, out);
    }

    /// A message of the current term arrives; a RELEASE may be of an earlier one.
    pub fn receive(&mut self, cx: Context<'_>, message: MutexMessage, out: &mut Effects) {
        match message {
            MutexMessage::Report { me, holds } => {
                let holds = holds.map(|(request, token)| Held { request, token });
                let size = cx.config.size.get();
                self.decide(cx, out, |table, decisions| table.report(me, holds, size, decisions));
            }
            MutexMessage::Request { request, repetition, oldest } => {
                let waiter = Waiter { request, repetition };
                self.decide(cx, out, |table, decisions| table.request(waiter, oldest, decisions));
            }
            MutexMessage::Grant { request, repetition, token } => {
                self.hear_grant(cx, request, repetition, token, out);
            }
            MutexMessage::Release { request, token } => {
                self.decide(cx, out, |table, decisions| table.release(request, token, decisions));
            }
            MutexMessage::ReleaseAck { request } => self.hear_closed(cx, request, out),
        }
    }

    /// A timer ran out.
    pub fn timeout(&mut self, cx: Context<'_>, timer: MutexTimer, out: &mut Effects) {
        match timer {
            MutexTimer::RequestWait => self.request(cx, Hold::Drawn, out),
            MutexTimer::Hold(_) => self.release(cx, out),
            MutexTimer::Retry => self.retry(cx, out),
            MutexTimer::Claim(request, repetition) => self.end_claim(cx, request, repetition, out),
            MutexTimer::Lease => self.decide(cx, out, Coordinator::lease_over),
            MutexTimer::Grace => self.decide(cx, out, Coordinator::grace_over),
        }
    }

    /// Chance has spoken.
    pub fn drawn(&mut self, choice: MutexChoice, value: u64, out: &mut Effects) {
        let timer = match choice {
            MutexChoice::RequestWait => MutexTimer::RequestWait,
            MutexChoice::Hold(request) => MutexTimer::Hold(request),
        };
        out.push(set(timer, Duration::from_micros(value)));
    }

    /// Starts to coordinate: reports to itself, and waits for the others' reports.
    fn take_office(&mut self, cx: Context<'_>, out: &mut Effects) {
        let stage = Stage::Recovering { reported: crate::NodeSet::default() };
        self.role = Role::Coordinator(Coordinator::new(self.term, stage));
        let grace = cx.config.election.suspect_after + cx.config.hardened.lease;
        out.push(set(MutexTimer::Grace, late(cx.config, grace)));
        let holds = self.holding().map(|(request, token, _)| Held { request, token });
        let size = cx.config.size.get();
        self.decide(cx, out, |table, decisions| table.report(cx.me, holds, size, decisions));
        self.repeat_all(cx, out);
    }

    fn follow(&mut self, cx: Context<'_>, coordinator: Option<NodeId>, out: &mut Effects) {
        self.role = Role::Participant { coordinator };
        let Some(leader) = coordinator else { return };
        let holds = self.holding().map(|(request, token, _)| (request, token));
        out.push(self.message(leader, MutexMessage::Report { me: cx.me, holds }));
        self.repeat_all(cx, out);
    }

    fn leave_office(&mut self, out: &mut Effects) {
        if let Role::Coordinator(_) = self.role {
            out.push(cancel(MutexTimer::Grace));
            out.push(cancel(MutexTimer::Lease));
        }
    }

    /// Lets the table decide, if this node keeps it, and carries the decisions out.
    fn decide(
        &mut self,
        cx: Context<'_>,
        out: &mut Effects,
        ask: impl FnOnce(&mut Coordinator, &mut Vec<Decision>),
    ) {
        let Role::Coordinator(table) = &mut self.role else {
            // Whoever asks takes this node for the leader of the term; it will learn who is.
            return;
        };
        let mut decisions = Vec::new();
        ask(table, &mut decisions);
        for decision in decisions {
            self.carry_out(cx, decision, out);
        }
    }

    fn carry_out(&mut self, cx: Context<'_>, decision: Decision, out: &mut Effects) {
        let lease = set(MutexTimer::Lease, late(cx.config, cx.config.hardened.lease));
        match decision {
            Decision::Grant(Waiter { request, repetition }, token) => {
                out.push(lease);
                if request.by.node == cx.me.node {
                    self.hear_grant(cx, request, repetition, token, out);
                } else {
                    let grant = MutexMessage::Grant { request, repetition, token };
                    out.push(self.message(request.by.node, grant));
                }
            }
            Decision::Close(request) if request.by.node == cx.me.node => {
                self.hear_closed(cx, request, out);
            }
            Decision::Close(request) => {
                out.push(self.message(request.by.node, MutexMessage::ReleaseAck { request }));
            }
            Decision::Free => out.push(cancel(MutexTimer::Lease)),
            Decision::Lease => out.push(lease),
            Decision::Recovered => out.push(cancel(MutexTimer::Grace)),
        }
    }

    fn make(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) -> RequestId {
        self.made += 1;
        let id = RequestId { by: cx.me, number: self.made };
        let progress = Progress::Waiting { sent: 0, lapsed: 0 };
        self.requests.push(Request { id, hold, progress });
        out.push(Effect::Emit(Event::Requested { request: id }));
        id
    }

    /// Sends a request that waits once more; without a leader it waits on.
    fn send_request(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        if let Role::Participant { coordinator: None } = self.role {
            return;
        }
        let oldest = self.requests.first().map_or(id.number, |request| request.id.number);
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else {
            return;
        };
        let Progress::Waiting { sent, .. } = &mut request.progress else { return };
        *sent += 1;
        let repetition = *sent;
        let claim = early(cx.config, cx.config.hardened.lease);
        out.push(set(MutexTimer::Claim(id, repetition), claim));
        match self.role {
            Role::Coordinator(_) => {
                let waiter = Waiter { request: id, repetition };
                self.decide(cx, out, |table, decisions| table.request(waiter, oldest, decisions));
            }
            Role::Participant { coordinator: Some(leader) } => {
                let message = MutexMessage::Request { request: id, repetition, oldest };
                out.push(self.message(leader, message));
            }
            Role::Participant { coordinator: None } => {}
        }
    }

    fn send_release(
        &mut self,
        cx: Context<'_>,
        request: RequestId,
        token: Token,
        out: &mut Effects,
    ) {
        match self.role {
            Role::Coordinator(_) => {
                self.decide(cx, out, |table, decisions| table.release(request, token, decisions));
            }
            Role::Participant { coordinator: Some(leader) } => {
                out.push(self.message(leader, MutexMessage::Release { request, token }));
            }
            Role::Participant { coordinator: None } => {}
        }
    }

    /// Repeats everything that has not been answered.
    fn repeat_all(&mut self, cx: Context<'_>, out: &mut Effects) {
        for (request, token) in self.releases.clone() {
            self.send_release(cx, request, token, out);
        }
        let waiting =
            self.requests.iter().filter(|r| matches!(r.progress, Progress::Waiting { .. }));
        for id in waiting.map(|request| request.id).collect::<Vec<_>>() {
            self.send_request(cx, id, out);
        }
        self.retry_later(cx, out);
    }

    fn retry(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.repeat_all(cx, out);
    }

    fn retry_later(&self, cx: Context<'_>, out: &mut Effects) {
        let waits = self.requests.iter().any(|r| matches!(r.progress, Progress::Waiting { .. }));
        if waits || !self.releases.is_empty() {
            out.push(set(MutexTimer::Retry, cx.config.hardened.retry));
        }
    }

    fn hear_grant(
        &mut self,
        cx: Context<'_>,
        id: RequestId,
        repetition: u32,
        token: Token,
        out: &mut Effects,
    ) {
        let in_already = self.holding();
        if in_already.is_some_and(|(held, held_token, _)| held == id && held_token == token) {
            // A grant that was repeated while the first one was on its way.
            return;
        }
        if self.releases.contains(&(id, token)) {
            // What is being given back is not taken, even if a later repetition has asked for it.
            return;
        }
        let waiting = self.requests.iter_mut().find(|request| request.id == id);
        let claim = waiting.and_then(|request| match request.progress {
            Progress::Waiting { sent, lapsed } if lapsed < repetition && repetition <= sent => {
                Some((request, sent, lapsed))
            }
            Progress::Waiting { .. } | Progress::Holding { .. } => None,
        });
        let (Some((request, sent, lapsed)), None) = (claim, in_already) else {
            self.give_back(cx, id, token, out);
            return;
        };
        request.progress = Progress::Holding { token, repetition };
        let hold = request.hold;
        for other in (lapsed + 1..=sent).filter(|&other| other != repetition) {
            out.push(cancel(MutexTimer::Claim(id, other)));
        }
        out.push(Effect::Emit(Event::Entered { request: id, token: Some(token) }));
        out.push(write(id, Phase::Entry, token));
        match hold {
            Hold::UntilReleased => {}
            Hold::For(after) => out.push(set(MutexTimer::Hold(id), after)),
            Hold::Drawn => {
                let choice = Choice::Mutex(MutexChoice::Hold(id));
                out.push(Effect::draw_duration(choice, cx.config.mutex.hold));
            }
        }
    }

    /// Gives a grant back that is of no use: its request is done with, or its claim has run out.
    fn give_back(&mut self, cx: Context<'_>, id: RequestId, token: Token, out: &mut Effects) {
        if !self.releases.contains(&(id, token)) {
            self.releases.push((id, token));
        }
        self.send_release(cx, id, token, out);
        self.retry_later(cx, out);
    }

    /// The coordinator says that a request is done with. If it still waits here, its grant has
    /// run out unused: the application asks anew, under a new number.
    fn hear_closed(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        self.releases.retain(|&(request, _)| request != id);
        let waits = |request: &Request| {
            request.id == id && matches!(request.progress, Progress::Waiting { .. })
        };
        let Some(place) = self.requests.iter().position(waits) else { return };
        let closed = self.requests.remove(place);
        if let Progress::Waiting { sent, lapsed } = closed.progress {
            for repetition in lapsed + 1..=sent {
                out.push(cancel(MutexTimer::Claim(id, repetition)));
            }
        }
        let anew = self.make(cx, closed.hold, out);
        self.send_request(cx, anew, out);
        self.retry_later(cx, out);
    }

    /// A claim has run out: who is in on it is out.
    fn end_claim(&mut self, cx: Context<'_>, id: RequestId, repetition: u32, out: &mut Effects) {
        let Some(request) = self.requests.iter_mut().find(|request| request.id == id) else {
            return;
        };
        match &mut request.progress {
            Progress::Waiting { lapsed, .. } => *lapsed = (*lapsed).max(repetition),
            Progress::Holding { repetition: held, .. } if *held == repetition => {
                self.exit(cx, id, out);
            }
            // A claim that the grant has cancelled.
            Progress::Holding { .. } => {}
        }
    }

    fn exit(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        let Some(place) = self.requests.iter().position(|request| request.id == id) else { return };
        let done = self.requests.remove(place);
        if let Progress::Holding { token, repetition } = done.progress {
            out.push(cancel(MutexTimer::Hold(id)));
            out.push(cancel(MutexTimer::Claim(id, repetition)));
            out.push(Effect::Emit(Event::Exited { request: id }));
            self.give_back(cx, id, token, out);
        }
        if done.hold == Hold::Drawn {
            self.rest(cx, out);
        }
    }

    /// Waits before the next request, where the application acts on its own.
    fn rest(&mut self, cx: Context<'_>, out: &mut Effects) {
        let application = &cx.config.application;
        if application.auto {
            let choice = Choice::Mutex(MutexChoice::RequestWait);
            out.push(Effect::draw_duration(choice, application.wait));
        }
    }

    const fn message(&self, to: NodeId, message: MutexMessage) -> Effect {
        let termed = Termed { term: self.term, body: Body::Mutex(message) };
        Effect::Send { to, message: Message::Hardened(termed) }
    }
}

const fn write(request: RequestId, phase: Phase, token: Token) -> Effect {
    Effect::Write(Write { request, phase, token: Some(token) })
}

const fn set(timer: MutexTimer, after: Duration) -> Effect {
    Effect::SetTimer { timer: Timer::Mutex(timer), after }
}

const fn cancel(timer: MutexTimer) -> Effect {
    Effect::CancelTimer { timer: Timer::Mutex(timer) }
}
