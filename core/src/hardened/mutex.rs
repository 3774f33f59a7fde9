//! The lock of the hardened profile at each node: its own requests, and the connection to the
//! [`Coordinator`] if it leads.
//!
//! A request is repeated until it is answered. Each attempt has its own lease: the time that a
//! grant which answers this attempt lasts, counted from its sending. A grant keeps the lease of the
//! attempt that it answers and cancels the others. If that lease has ended already, the grant is
//! given back at once. The coordinator's lease counts from sending the grant and always ends after
//! the node's. (Leases: Gray and Cheriton, 1989.)

pub(crate) mod io;

pub use io::{LockTimer, MutexMessage};

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::coordinator::Decision;
use super::{Body, Coordinator, Held, Leadership, Stage, Termed, Waiter, stretch_for_drift};
use crate::application::{Application, Phase, Request, RequestProgress, Wish};
use crate::id::{NodeId, RequestId, Term, Token};
use crate::io::{Command, Context, Effect, Effects, Event, Input, Message, Timer, cancel, set};
use crate::view::{LockView, TableView};

/// The progress of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// It is not granted yet.
    Waiting {
        /// How often it has been sent.
        sent: u32,
        /// The latest attempt whose lease has ended; the leases of all earlier attempts have ended
        /// too. 0 if none has.
        lapsed: u32,
    },
    /// It is in the critical section.
    Holding {
        /// The fencing token of the grant.
        token: Token,
        /// The attempt that was granted. The node's lease counts from its sending.
        repetition: u32,
    },
}

impl RequestProgress for Progress {
    const NEW: Self = Self::Waiting { sent: 0, lapsed: 0 };

    fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting { .. })
    }

    fn token(&self) -> Option<Token> {
        match self {
            Self::Waiting { .. } => None,
            Self::Holding { token, .. } => Some(*token),
        }
    }
}

/// The role of a node for the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It leads and keeps the table.
    Coordinator(Box<Coordinator>),
    /// It sends its requests to the leader.
    Participant {
        /// The leader. `None` while there is none; requests then wait.
        coordinator: Option<NodeId>,
    },
}

/// The lock at one node: its own requests, and the coordinator if it leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mutex {
    term: Term,
    pub(super) role: Role,
    pub(super) application: Application<Progress>,
    /// Released grants whose RELEASE is not acknowledged yet.
    pub(super) releases: Vec<(RequestId, Token)>,
    /// Withdrawn requests whose WITHDRAW is not acknowledged yet.
    pub(super) withdrawn: Vec<RequestId>,
    /// The shortest duration of the first recovery that the node leads, unless all nodes report.
    /// Grants of earlier settings may last longer than the present ones.
    least_grace: Duration,
}

impl Default for Mutex {
    fn default() -> Self {
        Self {
            term: Term::default(),
            role: Role::Participant { coordinator: None },
            application: Application::default(),
            releases: Vec::new(),
            withdrawn: Vec::new(),
            least_grace: Duration::ZERO,
        }
    }
}

impl Mutex {
    /// Sets the shortest duration of the first recovery that the node leads, unless all nodes
    /// report.
    #[must_use]
    pub fn with_least_grace(self, least_grace: Duration) -> Self {
        Self { least_grace, ..self }
    }

    /// The shortest duration of the next recovery that the node leads. Zero after its first
    /// recovery.
    pub const fn least_grace(&self) -> Duration {
        self.least_grace
    }

    /// Whether the node coordinates the lock or asks another node for it.
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// The node's own open requests, oldest first.
    pub fn requests(&self) -> &[Request<Progress>] {
        self.application.requests()
    }

    /// Whether any RELEASE is not acknowledged yet.
    pub const fn gives_back(&self) -> bool {
        !self.releases.is_empty()
    }

    /// Withdrawn requests whose WITHDRAW is not acknowledged yet.
    pub fn withdrawn(&self) -> &[RequestId] {
        &self.withdrawn
    }

    /// The request with which the node is in the critical section, its token and its attempt.
    pub fn holding(&self) -> Option<(RequestId, Token, u32)> {
        self.requests().iter().find_map(|request| match request.progress {
            Progress::Holding { token, repetition } => Some((request.id, token, repetition)),
            Progress::Waiting { .. } => None,
        })
    }

    /// The lock from the node's point of view. `without_lease` says whether the node leads without
    /// a lease.
    pub(crate) fn view(&self, without_lease: bool) -> LockView {
        let table = match &self.role {
            Role::Participant { .. } => None,
            Role::Coordinator(table) => Some(TableView {
                holder: table.holder().map(|held| held.request),
                queue: table.queue().iter().map(|waiter| waiter.request).collect(),
                recovering: table.stage() != Stage::Serving,
                without_lease,
            }),
        };
        let token = self.holding().map(|(_, token, _)| token);
        LockView { requests: self.application.view(), token, table, ..LockView::default() }
    }

    /// Called once, when the node starts. `known` is the leader of a new cluster, in which no node
    /// can hold the lock yet.
    pub fn start(&mut self, cx: Context<'_>, known: Option<Leadership>, out: &mut Effects) {
        if let Some(leadership) = known {
            self.term = leadership.term;
            self.role = match leadership.leader {
                Some(leader) if leader == cx.me.node => {
                    Role::Coordinator(Box::new(Coordinator::new(leadership.term, Stage::Serving)))
                }
                coordinator => Role::Participant { coordinator },
            };
        }
        self.application.rest(cx, out);
    }

    /// Takes over the election's result. Called whenever the term, the leader or the leader's lease
    /// changes.
    pub fn on_leader_change(
        &mut self,
        cx: Context<'_>,
        [before, leadership]: [Leadership; 2],
        out: &mut Effects,
    ) {
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
        if leadership.lease > before.lease {
            self.repeat_requests(cx, out);
        }
    }

    /// Reacts to an input, unless it is a message, which comes only if its term allows it
    /// ([`Mutex::receive`]).
    pub fn step<C>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) {
        if let Input::Command(Command::Leave) = input {
            // The node is about to stop: a coordinator stops granting before it leaves itself.
            self.decide(cx, out, |table, _| table.stop_granting());
        }
        let retries = self.waits_for_answers();
        match self.application.step(cx, input, self.withdrawn.len(), out) {
            Some(Wish::Ask { request, by_user }) => {
                if by_user {
                    self.send_request(cx, request, out);
                } else {
                    self.ask(cx, request, out);
                }
                self.retry_later_unless(retries, cx, out);
            }
            Some(Wish::GiveUp(request)) => self.withdraw(cx, &request, retries, out),
            Some(Wish::Leave(request)) => {
                self.application.write(request, Phase::Exit, out);
                self.exit(cx, request, Event::Exited { request }, out);
            }
            None => {}
        }
        if let Input::Timer(Timer::Lock(timer)) = *input {
            self.timeout(cx, timer, out);
        }
    }

    /// Handles a message of the current term. A RELEASE may be of an earlier term.
    pub fn receive(&mut self, cx: Context<'_>, message: MutexMessage, out: &mut Effects) {
        match message {
            MutexMessage::Report { lease_us, .. } if lease_us != own_lease_us(cx) => {
                self.wait_for_other_lease(cx, Duration::from_micros(lease_us), out);
            }
            MutexMessage::Report { me, holds, .. } => {
                let holds = holds.map(|(request, token)| Held { request, token });
                let size = cx.config.size.get();
                self.decide(cx, out, |table, decisions| table.report(me, holds, size, decisions));
            }
            // The node's lease would not end before the coordinator's.
            MutexMessage::Request { lease_us, .. } if lease_us != own_lease_us(cx) => {}
            MutexMessage::Request { request, repetition, oldest, .. } => {
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
            MutexMessage::Withdraw { request } => {
                self.decide(cx, out, |table, decisions| table.withdraw(request, decisions));
            }
        }
    }

    fn timeout(&mut self, cx: Context<'_>, timer: LockTimer, out: &mut Effects) {
        match timer {
            LockTimer::Retry => self.retry(cx, out),
            LockTimer::Claim(request, repetition) => self.end_claim(cx, request, repetition, out),
            LockTimer::Lease => self.decide(cx, out, Coordinator::lease_over),
            LockTimer::Grace => self.decide(cx, out, Coordinator::grace_over),
        }
    }

    /// Starts to coordinate: reports to itself, and waits for the REPORTs of the others.
    fn take_office(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.waits_for_answers() {
            out.push(cancel(LockTimer::Retry));
        }
        let stage = Stage::Recovering { reported: crate::NodeSet::default() };
        self.role = Role::Coordinator(Box::new(Coordinator::new(self.term, stage)));
        // mutant: grace
        let grace = grace_for(cx, cx.config.hardened.lease).max(self.least_grace);
        out.push(set(LockTimer::Grace, grace));
        let holds = self.holding().map(|(request, token, _)| Held { request, token });
        let size = cx.config.size.get();
        self.decide(cx, out, |table, decisions| table.report(cx.me, holds, size, decisions));
        self.repeat_all(cx, out);
    }

    fn follow(&mut self, cx: Context<'_>, coordinator: Option<NodeId>, out: &mut Effects) {
        self.role = Role::Participant { coordinator };
        let Some(leader) = coordinator else { return };
        // mutant: reported-hold
        let holds = self.holding().map(|(request, token, _)| (request, token));
        let report = MutexMessage::Report { me: cx.me, holds, lease_us: own_lease_us(cx) };
        out.push(self.message(leader, report));
        self.repeat_all(cx, out);
    }

    /// A node with another configured lease has reported. It gets no grants and does not count as
    /// reported. What it holds may last longer than the grace time.
    fn wait_for_other_lease(&self, cx: Context<'_>, lease: Duration, out: &mut Effects) {
        let Role::Coordinator(table) = &self.role else { return };
        let recovers = matches!(table.stage(), Stage::Recovering { .. });
        if recovers && lease > cx.config.hardened.lease {
            let grace = grace_for(cx, lease).max(self.least_grace);
            out.push(set(LockTimer::Grace, grace));
        }
    }

    fn leave_office(&mut self, out: &mut Effects) {
        if let Role::Coordinator(_) = self.role {
            out.push(cancel(LockTimer::Grace));
            out.push(cancel(LockTimer::Lease));
        }
    }

    /// Runs `ask` on the coordinator, if this node is it, and carries the decisions out.
    pub(super) fn decide(
        &mut self,
        cx: Context<'_>,
        out: &mut Effects,
        ask: impl FnOnce(&mut Coordinator, &mut Vec<Decision>),
    ) {
        let Role::Coordinator(table) = &mut self.role else {
            // The sender wrongly takes this node for the leader of the term. It will learn the
            // leader from others.
            return;
        };
        let mut decisions = Vec::new();
        ask(table, &mut decisions);
        for decision in decisions {
            self.carry_out(cx, decision, out);
        }
    }

    fn carry_out(&mut self, cx: Context<'_>, decision: Decision, out: &mut Effects) {
        let lease = set(LockTimer::Lease, stretch_for_drift(cx.config, cx.config.hardened.lease));
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
            Decision::Recall(request, token) => {
                let grant = MutexMessage::Grant { request, repetition: 0, token };
                out.push(self.message(request.by.node, grant));
            }
            Decision::Close(request) if request.by.node == cx.me.node => {
                self.hear_closed(cx, request, out);
            }
            Decision::Close(request) => {
                out.push(self.message(request.by.node, MutexMessage::ReleaseAck { request }));
            }
            Decision::Free => out.push(cancel(LockTimer::Lease)),
            Decision::Lease => out.push(lease),
            Decision::Recovered => {
                self.least_grace = Duration::ZERO;
                out.push(cancel(LockTimer::Grace));
            }
        }
    }

    pub(super) const fn message(&self, to: NodeId, message: MutexMessage) -> Effect {
        let termed = Termed { term: self.term, body: Body::Mutex(message) };
        Effect::Send { to, message: Message::Hardened(termed) }
    }
}

/// The node's configured lease in microseconds, as its messages carry it.
pub(super) fn own_lease_us(cx: Context<'_>) -> u64 {
    u64::try_from(cx.config.hardened.lease.as_micros()).unwrap_or(u64::MAX)
}

/// How long grants of earlier leaders may last, if their lease was `lease`.
fn grace_for(cx: Context<'_>, lease: Duration) -> Duration {
    stretch_for_drift(cx.config, cx.config.election.suspect_after.saturating_add(lease))
}
