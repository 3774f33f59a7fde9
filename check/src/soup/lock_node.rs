//! A node of the lock's model: the core's lock, its armed timers, its view of the election, and the
//! history that properties are checked against.

use std::collections::{BTreeSet, HashSet};

use antes_core::hardened::{
    Body, Leadership, LockTimer, Mutex, MutexMessage, Progress, Role, Stage, Termed,
};
use antes_core::{
    Command, Context, Effect, Effects, Event, Hold, Identity, Incarnation, Input, Message, NodeId,
    NodeSet, RequestId, Term, Timer, Token,
};

use super::lock::rules::Rules;
use crate::cluster::note;

mod step;

pub use step::Step;

/// A message that was sent. It may arrive any number of times, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    pub(super) from: NodeId,
    pub(super) to: NodeId,
    pub(super) term: Term,
    pub(super) message: MutexMessage,
}

impl Packet {
    /// The name of the message type in traces.
    pub(super) const fn name(&self) -> &'static str {
        let termed = Termed { term: self.term, body: Body::Mutex(self.message) };
        Message::Hardened(termed).name()
    }
}

/// The election's result, as the lock of the node knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    pub(super) term: Term,
    pub(super) leader: Option<NodeId>,
    pub(super) has_lease: bool,
}

/// A node and its history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LockNode {
    pub(super) me: Identity,
    pub(super) view: View,
    pub(super) mutex: Mutex,
    pub(super) timers: BTreeSet<LockTimer>,
    /// How many requests this life has made.
    pub(super) made: u32,
    /// Requests of this life that must not enter again: they have entered or were withdrawn.
    over: Vec<u32>,
    /// The grants that the node has made in this office.
    given: Vec<(Token, RequestId)>,
}

/// The properties of a node that the search depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    pub(super) me: Identity,
    pub(super) view: View,
    pub(super) made: u32,
    pub(super) timers: HashSet<LockTimer>,
    pub(super) causes: HashSet<Cause>,
    pub(super) holding: Option<(RequestId, Token, u32)>,
    pub(super) held: Option<(RequestId, Token)>,
    pub(super) serves: bool,
    pub(super) stuck: bool,
}

/// The cause of a node's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The arrival of the packet with this number.
    Delivery(u16),
    Timeout(LockTimer),
    Request,
    /// The application leaves the critical section.
    Release,
    /// The application withdraws its request.
    Withdraw,
    Restart,
    HearsOf(Term),
    Leads,
    Follows(NodeId),
    /// It stops following or leading.
    LeavesLeader,
    /// It earns its lease, for the first time or again.
    EarnsLease,
    /// It suspects this node, and then hears from it again.
    Suspects(NodeId),
}

impl Cause {
    /// Describes a cause at `node`, other than the arrival of a known message.
    pub(super) fn describe(self, node: NodeId) -> String {
        match self {
            Self::Delivery(_) => format!("node {node} receives a message"),
            Self::Timeout(timer) => {
                format!("node {node}'s timer {} runs out", timer.name())
            }
            Self::Request => format!("node {node} asks for the lock"),
            Self::Release => format!("node {node} leaves the critical section"),
            Self::Withdraw => format!("node {node} gives its request up"),
            Self::Restart => format!("node {node} crashes and restarts"),
            Self::HearsOf(term) => format!("node {node} hears of term {}", term.0),
            Self::Leads => format!("node {node} takes office"),
            Self::Follows(leader) => format!("node {node} follows {leader}"),
            Self::LeavesLeader => format!("node {node} follows nobody any more"),
            Self::EarnsLease => format!("node {node} has its lease"),
            Self::Suspects(other) => format!("node {node} suspects {other} for a while"),
        }
    }
}

impl LockNode {
    fn context<'a>(&self, rules: &'a Rules) -> Context<'a> {
        Context::without_clock(self.me, &rules.config)
    }

    fn new(me: Identity, view: View) -> Self {
        let (mutex, timers) = (Mutex::default(), BTreeSet::new());
        Self { me, view, mutex, timers, made: 0, over: Vec::new(), given: Vec::new() }
    }

    /// A node in its first life, in term 1, which `leader` leads.
    pub(super) fn first(rules: &Rules, node: NodeId, leader: NodeId) -> Self {
        let view = View { term: Term(1), leader: Some(leader), has_lease: false };
        let mut seat = Self::new(Identity { node, incarnation: Incarnation::FIRST }, view);
        let mut out = Effects::new();
        let known = seat.view.leadership();
        seat.mutex.start(seat.context(rules), Some(known), &mut out);
        let before = Leadership { leader: None, ..known };
        seat.mutex.on_leader_change(seat.context(rules), [before, known], &mut out);
        assert!(out.is_empty(), "nobody does anything at the beginning");
        seat
    }

    /// The properties that the search depends on.
    pub(super) fn observed(&self, rules: &Rules) -> Observed {
        Observed {
            me: self.me,
            view: self.view,
            made: self.made,
            timers: self.timers.iter().copied().collect(),
            causes: self.causes(rules).into_iter().collect(),
            holding: self.mutex.holding(),
            held: self.held(),
            serves: self.serves(),
            stuck: self.is_stuck(),
        }
    }

    fn again(&self, rules: &Rules) -> Self {
        let view = View { leader: None, has_lease: false, term: self.view.term };
        let me = Identity { incarnation: self.me.incarnation.next(), ..self.me };
        let mut seat = Self::new(me, view);
        let mut out = Effects::new();
        seat.mutex.start(seat.context(rules), None, &mut out);
        assert!(out.is_empty(), "nobody does anything at the beginning");
        seat
    }

    /// Whether the node acts on this packet, as [`antes_core::Stack`] decides: a packet of its
    /// term, or a RELEASE of an earlier one. (A packet of a later term is acted on after the node
    /// has heard of that term.)
    pub(super) fn admits(&self, packet: &Packet) -> bool {
        let release = matches!(packet.message, MutexMessage::Release { .. });
        packet.term == self.view.term || release && packet.term < self.view.term
    }

    /// The request that holds the lock and its token, if the node coordinates.
    pub(super) fn held(&self) -> Option<(RequestId, Token)> {
        match self.mutex.role() {
            Role::Coordinator(table) => table.holder().map(|held| (held.request, held.token)),
            Role::Participant { .. } => None,
        }
    }

    /// Whether the node coordinates and its recovery is complete.
    pub(super) fn serves(&self) -> bool {
        match self.mutex.role() {
            Role::Coordinator(table) => table.stage() == Stage::Serving,
            Role::Participant { .. } => false,
        }
    }

    /// Whether the node coordinates and must not grant this request any more.
    pub(super) fn has_done_with(&self, request: RequestId) -> bool {
        match self.mutex.role() {
            Role::Coordinator(table) => table.is_done(request),
            Role::Participant { .. } => false,
        }
    }

    /// Whether the node waits for an answer of the leader it follows and has no timer to repeat its
    /// messages. (A leader repeats its own requests whenever it earns its lease.)
    pub(super) fn is_stuck(&self) -> bool {
        self.view.leader.is_some_and(|leader| leader != self.me.node)
            && self.waits_for_answers()
            && !self.timers.contains(&LockTimer::Retry)
    }

    /// Whether a request, RELEASE or WITHDRAW of the node is unanswered.
    fn waits_for_answers(&self) -> bool {
        self.waits() || self.mutex.gives_back() || !self.mutex.withdrawn().is_empty()
    }

    fn waits(&self) -> bool {
        let waits = |progress| matches!(progress, Progress::Waiting { .. });
        self.mutex.requests().iter().any(|request| waits(request.progress))
    }

    /// Whether the node has withdrawn this request without an acknowledgement.
    pub(super) fn gives_up(&self, request: RequestId) -> bool {
        self.mutex.withdrawn().contains(&request)
    }

    /// Whether the lease of this attempt has not ended at the node.
    pub(super) fn claims(&self, request: RequestId, repetition: u32) -> bool {
        self.timers.contains(&LockTimer::Claim(request, repetition))
    }

    /// Whether the node has granted this token in this office.
    #[cfg(test)]
    pub(super) fn has_given(&self, request: RequestId, token: Token) -> bool {
        self.given.contains(&(token, request))
    }

    /// Whether the node has made this request, in this or an earlier life.
    pub(super) fn has_made(&self, request: RequestId) -> bool {
        let (mine, its) = (self.me.incarnation, request.by.incarnation);
        mine > its || mine == its && request.number <= self.made
    }

    fn is_within(&self, rules: &Rules) -> bool {
        let often = |progress| match progress {
            Progress::Waiting { sent, .. } => sent > rules.repetitions,
            Progress::Holding { repetition, .. } => repetition > rules.repetitions,
        };
        self.made <= rules.requests
            && !self.mutex.requests().iter().any(|request| often(request.progress))
    }

    /// Feeds `cause` to the node's lock, and returns the effects.
    fn react(&mut self, rules: &Rules, cause: Cause, packet: Option<Packet>) -> Effects {
        let mut out = Effects::new();
        let cx = self.context(rules);
        let mutex = &mut self.mutex;
        match cause {
            Cause::Delivery(_) => {
                if let Some(packet) = packet {
                    mutex.receive(cx, packet.message, &mut out);
                }
            }
            Cause::Timeout(timer) => {
                self.timers.remove(&timer);
                mutex.step::<u64>(cx, &Input::Timer(Timer::Lock(timer)), &mut out);
            }
            Cause::Request => {
                let command = Command::Request { hold: Hold::UntilReleased };
                mutex.step::<u64>(cx, &Input::Command(command), &mut out);
            }
            Cause::Release => mutex.step::<u64>(cx, &Input::Command(Command::Release), &mut out),
            Cause::Withdraw => {
                let command = Command::Withdraw { request: None };
                mutex.step::<u64>(cx, &Input::Command(command), &mut out);
            }
            Cause::Restart => {}
            Cause::HearsOf(_)
            | Cause::Leads
            | Cause::Follows(_)
            | Cause::LeavesLeader
            | Cause::EarnsLease => {
                // When a lease is earned again, it is a later one.
                let before = Leadership { lease: None, ..self.view.leadership() };
                self.view.change(self.me.node, cause);
                if self.view.leader != Some(self.me.node) {
                    self.given.clear();
                }
                mutex.on_leader_change(cx, [before, self.view.leadership()], &mut out);
            }
            Cause::Suspects(node) => {
                let heard = self.view.leadership();
                let suspects = Leadership { suspected: [node].into_iter().collect(), ..heard };
                mutex.on_leader_change(cx, [heard, suspects], &mut out);
                mutex.on_leader_change(cx, [suspects, heard], &mut out);
            }
        }
        out
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::SetTimer { timer: Timer::Lock(timer), .. } => {
                self.timers.insert(timer);
            }
            Effect::CancelTimer { timer: Timer::Lock(timer) } => {
                self.timers.remove(&timer);
            }
            Effect::Emit(Event::Requested { request }) => self.made = request.number,
            Effect::Emit(Event::Withdrawn { request }) => note(&mut self.over, request.number),
            Effect::SetTimer { .. }
            | Effect::CancelTimer { .. }
            | Effect::Emit(_)
            | Effect::Send { .. }
            | Effect::Write(_)
            | Effect::Draw { .. }
            | Effect::Save(_)
            | Effect::Remember(_) => {}
        }
    }
}

impl LockNode {
    /// Removes timers that cannot affect the node's behaviour. Retry repeats unanswered messages to
    /// the leader, and is set again when the node follows a leader. The end of an attempt's lease
    /// has no effect after the lease of a later attempt has ended, or after the request is
    /// finished.
    pub(super) fn forget(&mut self) {
        let follows = self.view.leader.is_some_and(|leader| leader != self.me.node);
        if !follows || !self.waits_for_answers() {
            self.timers.remove(&LockTimer::Retry);
        }
        let Self { mutex, timers, .. } = self;
        let matters = |id: RequestId, repetition: u32| {
            let request = mutex.requests().iter().find(|request| request.id == id);
            request.is_some_and(|request| match request.progress {
                Progress::Waiting { lapsed, .. } => repetition > lapsed,
                Progress::Holding { .. } => true,
            })
        };
        timers.retain(|timer| match *timer {
            LockTimer::Claim(id, repetition) => matters(id, repetition),
            LockTimer::Retry | LockTimer::Lease | LockTimer::Grace => true,
        });
    }
}

impl View {
    fn leadership(&self) -> Leadership {
        let Self { term, leader, has_lease } = *self;
        let lease = has_lease.then_some(1);
        Leadership { term, leader, lease, suspected: NodeSet::default() }
    }

    fn change(&mut self, me: NodeId, cause: Cause) {
        let Self { term, .. } = *self;
        let none = Self { term, leader: None, has_lease: false };
        match cause {
            Cause::HearsOf(term) => *self = Self { term, ..none },
            Cause::Leads => *self = Self { leader: Some(me), ..none },
            Cause::Follows(leader) => *self = Self { leader: Some(leader), ..none },
            Cause::LeavesLeader => *self = none,
            Cause::EarnsLease => self.has_lease = true,
            Cause::Suspects(_)
            | Cause::Delivery(_)
            | Cause::Timeout(_)
            | Cause::Request
            | Cause::Release
            | Cause::Withdraw
            | Cause::Restart => {}
        }
    }
}
