//! The lock of the hardened profile at each node: its own requests, and the connection to the
//! [`Coordinator`] if it leads.
//!
//! A request is repeated until it is answered. Each attempt has its own lease: the time that a
//! grant which answers this attempt lasts, counted from its sending. A grant keeps the lease of the
//! attempt that it answers and cancels the others. If that lease has ended already, the grant is
//! given back at once. The coordinator's lease counts from sending the grant and always ends after
//! the node's. (Leases: Gray and Cheriton, 1989.)

pub(crate) mod io;

pub use io::MutexMessage;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use super::coordinator::Decision;
use super::{Body, Coordinator, Held, Leadership, Stage, Termed, Waiter, stretch_for_drift};
use crate::id::{NodeId, RequestId, Term, Token};
use crate::io::{Choice, Context, Effect, Effects, Event, Hold, Message, Timer, Write};
use crate::mutex::{MAX_OUTSTANDING, MutexChoice, MutexTimer, Phase};

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

/// A request of the node's own application.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    pub id: RequestId,
    /// How long the application will hold the lock.
    pub hold: Hold,
    pub progress: Progress,
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
    /// The node's own open requests, oldest first.
    pub(super) requests: Vec<Request>,
    /// Released grants whose RELEASE is not acknowledged yet.
    pub(super) releases: Vec<(RequestId, Token)>,
    /// Withdrawn requests whose WITHDRAW is not acknowledged yet.
    pub(super) withdrawn: Vec<RequestId>,
    /// How many requests this life of the node has made.
    pub(super) made: u32,
    /// The shortest duration of the first recovery that the node leads, unless all nodes report.
    /// Grants of earlier settings may last longer than the present ones.
    least_grace: Duration,
}

impl Default for Mutex {
    fn default() -> Self {
        Self {
            term: Term::default(),
            role: Role::Participant { coordinator: None },
            requests: Vec::new(),
            releases: Vec::new(),
            withdrawn: Vec::new(),
            made: 0,
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
    pub fn requests(&self) -> &[Request] {
        &self.requests
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
        self.requests.iter().find_map(|request| match request.progress {
            Progress::Holding { token, repetition } => Some((request.id, token, repetition)),
            Progress::Waiting { .. } => None,
        })
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
        self.rest(cx, out);
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

    /// The application asks for the lock.
    pub fn request(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) {
        if self.outstanding() >= MAX_OUTSTANDING {
            out.push(Effect::Emit(Event::Refused));
            return;
        }
        let retries = self.waits_for_answers();
        let id = self.make(cx, hold, out);
        self.send_request(cx, id, out);
        self.retry_later_unless(retries, cx, out);
    }

    /// The application leaves the critical section.
    pub fn release(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Some((id, token, _)) = self.holding() else { return };
        out.push(write(id, Phase::Exit, token));
        self.exit(cx, id, false, out);
    }

    /// The application writes to the resource, if it is in the critical section.
    pub fn write(&self, out: &mut Effects) {
        let Some((id, token, _)) = self.holding() else { return };
        out.push(write(id, Phase::Inside, token));
    }

    /// The node is about to stop: a coordinator stops granting, and a holder leaves the critical
    /// section.
    pub fn leave(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.decide(cx, out, |table, _| table.stop_granting());
        self.release(cx, out);
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

    /// Handles a timer that has fired.
    pub fn timeout(&mut self, cx: Context<'_>, timer: MutexTimer, out: &mut Effects) {
        match timer {
            MutexTimer::RequestWait => self.want(cx, out),
            MutexTimer::Hold(_) => self.release(cx, out),
            MutexTimer::Retry => self.retry(cx, out),
            MutexTimer::Claim(request, repetition) => self.end_claim(cx, request, repetition, out),
            MutexTimer::Lease => self.decide(cx, out, Coordinator::lease_over),
            MutexTimer::Grace => self.decide(cx, out, Coordinator::grace_over),
        }
    }

    /// Handles the result of a draw.
    pub fn drawn(&mut self, choice: MutexChoice, value: u64, out: &mut Effects) {
        let timer = match choice {
            MutexChoice::RequestWait => MutexTimer::RequestWait,
            MutexChoice::Hold(request) => MutexTimer::Hold(request),
        };
        out.push(set(timer, Duration::from_micros(value)));
    }

    /// Starts to coordinate: reports to itself, and waits for the REPORTs of the others.
    fn take_office(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.waits_for_answers() {
            out.push(cancel(MutexTimer::Retry));
        }
        let stage = Stage::Recovering { reported: crate::NodeSet::default() };
        self.role = Role::Coordinator(Box::new(Coordinator::new(self.term, stage)));
        // mutant: grace
        let grace = grace_for(cx, cx.config.hardened.lease).max(self.least_grace);
        out.push(set(MutexTimer::Grace, grace));
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
            out.push(set(MutexTimer::Grace, grace));
        }
    }

    fn leave_office(&mut self, out: &mut Effects) {
        if let Role::Coordinator(_) = self.role {
            out.push(cancel(MutexTimer::Grace));
            out.push(cancel(MutexTimer::Lease));
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
        let lease = set(MutexTimer::Lease, stretch_for_drift(cx.config, cx.config.hardened.lease));
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
            Decision::Free => out.push(cancel(MutexTimer::Lease)),
            Decision::Lease => out.push(lease),
            Decision::Recovered => {
                self.least_grace = Duration::ZERO;
                out.push(cancel(MutexTimer::Grace));
            }
        }
    }

    /// Draws the wait before the next request, if the application acts by itself.
    pub(super) fn rest(&mut self, cx: Context<'_>, out: &mut Effects) {
        let application = &cx.config.application;
        if application.auto {
            let choice = Choice::Mutex(MutexChoice::RequestWait);
            out.push(Effect::draw_duration(choice, application.wait));
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

pub(super) const fn write(request: RequestId, phase: Phase, token: Token) -> Effect {
    Effect::Write(Write { request, phase, token: Some(token) })
}

pub(super) const fn set(timer: MutexTimer, after: Duration) -> Effect {
    Effect::SetTimer { timer: Timer::Mutex(timer), after }
}

pub(super) const fn cancel(timer: MutexTimer) -> Effect {
    Effect::CancelTimer { timer: Timer::Mutex(timer) }
}
