//! Mutual exclusion, centralized: the elected leader is the coordinator.
//!
//! Van Steen and Tanenbaum, section 5.3 ("A centralized algorithm"). REQUEST; GRANT at once when
//! the lock is free, otherwise the request queues; RELEASE; GRANT to the head of the queue.
//!
//! This is the classic profile, which is safe only while no coordinator and no holder crashes and
//! no message is lost: a new coordinator starts with an empty [`Table`], RELEASE carries no
//! identity, nothing is repeated and nothing runs out.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::time::Duration;

use crate::id::{NodeId, RequestId, Token};
use crate::vocabulary::{Choice, Context, Effect, Effects, Event, Hold, Message, Timer, Write};

/// What a node and its coordinator say to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum MutexMessage {
    /// REQUEST: let me in.
    Request {
        /// Which request.
        request: RequestId,
    },
    /// GRANT: you are in.
    Grant {
        /// The request that is granted.
        request: RequestId,
        /// The fencing token; none in the classic profile.
        token: Option<Token>,
    },
    /// RELEASE: somebody is out. Classic does not say who.
    Release,
    /// WITHDRAW: I do not wait any longer.
    Withdraw {
        /// The request that is given up.
        request: RequestId,
    },
}

/// What the application waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MutexTimer {
    /// How long until the application asks for the lock again.
    RequestWait,
    /// How long this critical section still lasts.
    Hold(RequestId),
    /// Hardened: how long until what has not been answered is asked again.
    Retry,
    /// Hardened, at the one that asks: how long a grant that answers this repetition of the
    /// request would be good for.
    Claim(RequestId, u32),
    /// Hardened, at the coordinator: how long the holder may still be in.
    Lease,
    /// Hardened, at a new coordinator: how long a holder that has not reported may still be in.
    Grace,
}

/// What the application leaves to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MutexChoice {
    /// How long to wait before it asks again, in microseconds.
    RequestWait,
    /// How long to hold the lock, in microseconds.
    Hold(RequestId),
}

/// Where in its critical section a holder writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Phase {
    /// On entry.
    Entry,
    /// In between, because a user wants it.
    Inside,
    /// Before exit.
    Exit,
}

/// The coordinator's table: who is in, who waits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    holder: Option<RequestId>,
    queue: VecDeque<RequestId>,
}

impl Table {
    /// The request that was granted last and not released since.
    pub const fn holder(&self) -> Option<RequestId> {
        self.holder
    }

    /// The requests that wait, the next one first.
    pub const fn queue(&self) -> &VecDeque<RequestId> {
        &self.queue
    }

    /// Takes a request; returns it if it is granted at once. One that is known already, because
    /// its node asks again after a false alarm, keeps its place.
    fn request(&mut self, request: RequestId) -> Option<RequestId> {
        if self.holder == Some(request) || self.queue.contains(&request) {
            return None;
        }
        if self.holder.is_some() {
            self.queue.push_back(request);
            return None;
        }
        self.holder = Some(request);
        self.holder
    }

    /// Somebody has released; returns the request that is granted next.
    fn release(&mut self) -> Option<RequestId> {
        self.holder = self.queue.pop_front();
        self.holder
    }

    /// Forgets a request that waits. A holder stays: its grant is on its way, and comes back.
    fn withdraw(&mut self, request: RequestId) {
        self.queue.retain(|&waiting| waiting != request);
    }
}

/// What a node is to the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It leads: it keeps the table.
    Coordinator(Table),
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
    Waiting,
    /// In the critical section.
    Holding,
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

/// The most requests that a node has outstanding; a further one is refused.
pub const MAX_OUTSTANDING: usize = 64;

/// The mutual exclusion of one node: its requests, and the table while it coordinates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mutex {
    role: Role,
    /// In the order in which they were made.
    requests: Vec<Request>,
    /// How many requests this life of the node has made.
    made: u32,
    /// How many RELEASEs wait for a leader that they could be sent to.
    owed_releases: u32,
    /// Requests that were given up and may still be granted: such a grant is given back. The oldest one
    /// is forgotten if there are too many.
    withdrawn: Vec<RequestId>,
    /// Requests whose WITHDRAW waits for a leader that it could be sent to.
    owed_withdrawals: Vec<RequestId>,
}

impl Default for Mutex {
    fn default() -> Self {
        Self {
            role: Role::Participant { coordinator: None },
            requests: Vec::new(),
            made: 0,
            owed_releases: 0,
            withdrawn: Vec::new(),
            owed_withdrawals: Vec::new(),
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

    /// The request with which the node is in the critical section; the oldest, if several.
    pub fn holding(&self) -> Option<RequestId> {
        let holding = self.requests.iter().find(|request| request.progress == Progress::Holding);
        holding.map(|request| request.id)
    }

    /// The node starts.
    pub fn start(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.rest(cx, out);
    }

    /// The node follows another leader, or none. Classic does the naive thing: whoever leads
    /// starts with an empty table, and whoever waits asks again.
    pub fn lead_by(&mut self, cx: Context<'_>, leader: Option<NodeId>, out: &mut Effects) {
        self.role = match leader {
            Some(leader) if leader == cx.me.node => Role::Coordinator(Table::default()),
            coordinator => Role::Participant { coordinator },
        };
        if leader.is_none() {
            return;
        }
        for _ in 0..core::mem::take(&mut self.owed_releases) {
            self.send_release(cx, out);
        }
        for id in core::mem::take(&mut self.owed_withdrawals) {
            self.send_withdrawal(id, out);
        }
        let waiting = self.requests.iter().filter(|r| r.progress == Progress::Waiting);
        for id in waiting.map(|request| request.id).collect::<Vec<_>>() {
            self.send_request(cx, id, out);
        }
    }

    /// The application wants the lock.
    pub fn request(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) {
        if self.requests.len() >= MAX_OUTSTANDING {
            out.push(Effect::Emit(Event::Refused));
            return;
        }
        self.made += 1;
        let id = RequestId { by: cx.me, number: self.made };
        self.requests.push(Request { id, hold, progress: Progress::Waiting });
        out.push(Effect::Emit(Event::Requested { request: id }));
        self.send_request(cx, id, out);
    }

    /// The application gives up its latest request that waits, or the one of this number.
    pub fn withdraw(&mut self, cx: Context<'_>, number: Option<u32>, out: &mut Effects) {
        let meant = |request: &Request| {
            request.progress == Progress::Waiting
                && number.is_none_or(|number| number == request.id.number)
        };
        let Some(place) = self.requests.iter().rposition(meant) else { return };
        let given_up = self.requests.remove(place);
        out.push(Effect::Emit(Event::Withdrawn { request: given_up.id }));
        self.send_withdrawal(given_up.id, out);
        if given_up.hold == Hold::Drawn {
            self.rest(cx, out);
        }
    }

    /// The application leaves its oldest critical section.
    pub fn release(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Some(id) = self.holding() else { return };
        out.push(Effect::CancelTimer { timer: Timer::Mutex(MutexTimer::Hold(id)) });
        self.exit(cx, id, out);
    }

    /// The application writes to the resource, if it is in the critical section.
    pub fn write(&self, out: &mut Effects) {
        let Some(request) = self.holding() else { return };
        out.push(write(request, Phase::Inside));
    }

    /// A message arrives.
    pub fn receive(&mut self, cx: Context<'_>, message: MutexMessage, out: &mut Effects) {
        match message {
            MutexMessage::Request { request } => match &mut self.role {
                Role::Coordinator(table) => {
                    let granted = table.request(request);
                    self.grant(cx, granted, out);
                }
                // Whoever asks takes this node for the leader and is wrong: classic says nothing.
                Role::Participant { .. } => {}
            },
            MutexMessage::Grant { request, token } => self.enter(cx, request, token, out),
            MutexMessage::Withdraw { request } => match &mut self.role {
                Role::Coordinator(table) => table.withdraw(request),
                Role::Participant { .. } => {}
            },
            MutexMessage::Release => match &mut self.role {
                Role::Coordinator(table) => {
                    let granted = table.release();
                    self.grant(cx, granted, out);
                }
                Role::Participant { .. } => {}
            },
        }
    }

    /// A timer ran out.
    pub fn timeout(&mut self, cx: Context<'_>, timer: MutexTimer, out: &mut Effects) {
        match timer {
            MutexTimer::RequestWait => {
                if self.requests.len() >= MAX_OUTSTANDING {
                    // It asks again later.
                    self.rest(cx, out);
                }
                self.request(cx, Hold::Drawn, out);
            }
            MutexTimer::Hold(request) => self.exit(cx, request, out),
            // They are of the hardened profile: this one never sets them.
            MutexTimer::Retry | MutexTimer::Claim(..) | MutexTimer::Lease | MutexTimer::Grace => {}
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

    fn send_request(&mut self, cx: Context<'_>, request: RequestId, out: &mut Effects) {
        match &mut self.role {
            Role::Coordinator(table) => {
                let granted = table.request(request);
                self.grant(cx, granted, out);
            }
            Role::Participant { coordinator: Some(coordinator) } => {
                out.push(send(*coordinator, MutexMessage::Request { request }));
            }
            // It waits until there is a leader to ask.
            Role::Participant { coordinator: None } => {}
        }
    }

    fn send_withdrawal(&mut self, request: RequestId, out: &mut Effects) {
        match &mut self.role {
            Role::Coordinator(table) => {
                table.withdraw(request);
                return;
            }
            Role::Participant { coordinator: Some(coordinator) } => {
                out.push(send(*coordinator, MutexMessage::Withdraw { request }));
            }
            Role::Participant { coordinator: None } => self.owed_withdrawals.push(request),
        }
        if !self.withdrawn.contains(&request) {
            self.withdrawn.push(request);
        }
        if self.withdrawn.len() > MAX_OUTSTANDING {
            self.withdrawn.remove(0);
        }
    }

    fn send_release(&mut self, cx: Context<'_>, out: &mut Effects) {
        match &mut self.role {
            Role::Coordinator(table) => {
                let granted = table.release();
                self.grant(cx, granted, out);
            }
            Role::Participant { coordinator: Some(coordinator) } => {
                out.push(send(*coordinator, MutexMessage::Release));
            }
            Role::Participant { coordinator: None } => self.owed_releases += 1,
        }
    }

    /// Lets the request that the table has chosen in, with no message if it is the node's own.
    fn grant(&mut self, cx: Context<'_>, granted: Option<RequestId>, out: &mut Effects) {
        let Some(request) = granted else { return };
        match request.by.node {
            me if me == cx.me.node => self.enter(cx, request, None, out),
            to => out.push(send(to, MutexMessage::Grant { request, token: None })),
        }
    }

    fn enter(&mut self, cx: Context<'_>, id: RequestId, token: Option<Token>, out: &mut Effects) {
        let waiting = self.requests.iter_mut().find(|request| request.id == id);
        let Some(request) = waiting else {
            // A grant for what is done with, or for an earlier life: each is served once. What was
            // given up has been granted meanwhile, and is given back.
            if let Some(place) = self.withdrawn.iter().position(|&request| request == id) {
                self.withdrawn.remove(place);
                self.send_release(cx, out);
            }
            return;
        };
        if request.progress == Progress::Holding {
            // The network has doubled the grant.
            return;
        }
        request.progress = Progress::Holding;
        let hold = request.hold;
        out.push(Effect::Emit(Event::Entered { request: id, token }));
        out.push(write(id, Phase::Entry));
        match hold {
            Hold::UntilReleased => {}
            Hold::For(after) => out.push(set(MutexTimer::Hold(id), after)),
            Hold::Drawn => {
                let choice = Choice::Mutex(MutexChoice::Hold(id));
                out.push(Effect::draw_duration(choice, cx.config.mutex.hold));
            }
        }
    }

    fn exit(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        let Some(place) = self.requests.iter().position(|request| request.id == id) else { return };
        let done = self.requests.remove(place);
        out.push(write(id, Phase::Exit));
        out.push(Effect::Emit(Event::Exited { request: id, lease_over: false }));
        self.send_release(cx, out);
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
}

fn send(to: NodeId, message: MutexMessage) -> Effect {
    Effect::Send { to, message: Message::Mutex(message) }
}

const fn write(request: RequestId, phase: Phase) -> Effect {
    Effect::Write(Write { request, phase, token: None })
}

const fn set(timer: MutexTimer, after: Duration) -> Effect {
    Effect::SetTimer { timer: Timer::Mutex(timer), after }
}
