//! Centralized mutual exclusion: the elected leader is the coordinator of the lock.
//!
//! Van Steen and Tanenbaum, section 5.3 ("A centralized algorithm"): REQUEST is answered by GRANT
//! if the lock is free, and is queued otherwise. RELEASE leads to a GRANT to the head of the queue.
//!
//! This is the classic profile. It is safe only while no coordinator and no holder crashes and no
//! message is lost: a new coordinator starts with an empty [`Table`], RELEASE does not identify its
//! sender, no message is repeated, and grants have no time limit.

pub(crate) mod application;
pub(crate) mod io;

pub use io::{MutexChoice, MutexMessage, MutexTimer, Phase};

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::id::{NodeId, RequestId, Token};
use crate::io::{Context, Effect, Effects, Event, Hold, Message, Timer};

/// The coordinator's table: the holder and the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Table {
    holder: Option<RequestId>,
    queue: VecDeque<RequestId>,
}

impl Table {
    /// The request that was granted last and has not been released since.
    pub const fn holder(&self) -> Option<RequestId> {
        self.holder
    }

    /// The waiting requests; the front is granted next.
    pub const fn queue(&self) -> &VecDeque<RequestId> {
        &self.queue
    }

    /// Adds a request; returns it if it is granted at once. A known request keeps its place: its
    /// node asks again after a false suspicion.
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

    /// Handles a RELEASE; returns the request that is granted next.
    fn release(&mut self) -> Option<RequestId> {
        self.holder = self.queue.pop_front();
        self.holder
    }

    /// Removes a request from the queue. A holder stays: its node gives the grant back when it
    /// arrives.
    fn withdraw(&mut self, request: RequestId) {
        self.queue.retain(|&waiting| waiting != request);
    }
}

/// The role of a node for the lock.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It leads and keeps the table.
    Coordinator(Table),
    /// It sends its requests to the leader.
    Participant {
        /// The leader. `None` while there is none; requests then wait.
        coordinator: Option<NodeId>,
    },
}

/// The progress of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// It is not granted yet.
    Waiting,
    /// It is in the critical section.
    Holding,
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

/// The most requests that a node may have open; a further one is refused.
pub const MAX_OUTSTANDING: usize = 64;

/// The lock at one node: its own requests, and the table if it leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mutex {
    role: Role,
    /// The node's own open requests, oldest first.
    requests: Vec<Request>,
    /// How many requests this life of the node has made.
    made: u32,
    /// How many RELEASEs have not been sent, because there was no leader.
    owed_releases: u32,
    /// Withdrawn requests that may still be granted; such a grant is given back. At most
    /// [`MAX_OUTSTANDING`] are kept, the latest ones.
    withdrawn: Vec<RequestId>,
    /// Requests whose WITHDRAW has not been sent, because there was no leader.
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
    /// Whether the node coordinates the lock or asks another node for it.
    pub const fn role(&self) -> &Role {
        &self.role
    }

    /// The node's own open requests, oldest first.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// The oldest request with which the node is in the critical section.
    pub fn holding(&self) -> Option<RequestId> {
        let holding = self.requests.iter().find(|request| request.progress == Progress::Holding);
        holding.map(|request| request.id)
    }

    /// Called once, when the node starts.
    pub fn start(&mut self, cx: Context<'_>, out: &mut Effects) {
        application::rest(cx, out);
    }

    /// The node follows another leader, or none. The classic algorithm is naive here: a new leader
    /// starts with an empty table, and nodes that wait ask again.
    pub fn on_leader_change(&mut self, cx: Context<'_>, leader: Option<NodeId>, out: &mut Effects) {
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

    /// The application asks for the lock.
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

    /// The application withdraws the request with this number. `None` means the latest request that
    /// waits.
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
            application::rest(cx, out);
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
        out.push(application::write(request, Phase::Inside));
    }

    /// Handles a message. The classic lock does not need to know its sender.
    pub fn receive(&mut self, cx: Context<'_>, message: MutexMessage, out: &mut Effects) {
        match message {
            MutexMessage::Request { request } => match &mut self.role {
                Role::Coordinator(table) => {
                    let granted = table.request(request);
                    self.grant(cx, granted, out);
                }
                // The sender wrongly takes this node for the leader. The classic algorithm does not
                // answer.
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

    /// Handles a timer that has fired.
    pub fn timeout(&mut self, cx: Context<'_>, timer: MutexTimer, out: &mut Effects) {
        match timer {
            MutexTimer::RequestWait => {
                if self.requests.len() >= MAX_OUTSTANDING {
                    // It asks again later.
                    application::rest(cx, out);
                }
                self.request(cx, Hold::Drawn, out);
            }
            MutexTimer::Hold(request) => self.exit(cx, request, out),
            // Timers of the hardened profile, which are never set here.
            MutexTimer::Retry | MutexTimer::Claim(..) | MutexTimer::Lease | MutexTimer::Grace => {}
        }
    }

    /// Handles the result of a draw.
    pub fn drawn(&mut self, choice: MutexChoice, value: u64, out: &mut Effects) {
        application::drawn(choice, value, out);
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
            // The request waits until there is a leader.
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

    /// Sends a GRANT for the request. If it is the node's own, enters without a message.
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
            // The request is finished or belongs to an earlier life. If it was withdrawn, the grant
            // was on its way meanwhile and is given back.
            if let Some(place) = self.withdrawn.iter().position(|&request| request == id) {
                self.withdrawn.remove(place);
                self.send_release(cx, out);
            }
            return;
        };
        if request.progress == Progress::Holding {
            // The network has duplicated the grant.
            return;
        }
        request.progress = Progress::Holding;
        let hold = request.hold;
        application::enter(cx, id, hold, token, out);
    }

    fn exit(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        let Some(place) = self.requests.iter().position(|request| request.id == id) else { return };
        let done = self.requests.remove(place);
        out.push(application::write(id, Phase::Exit));
        out.push(Effect::Emit(Event::Exited { request: id, lease_over: false }));
        self.send_release(cx, out);
        if done.hold == Hold::Drawn {
            application::rest(cx, out);
        }
    }
}

fn send(to: NodeId, message: MutexMessage) -> Effect {
    Effect::Send { to, message: Message::Mutex(message) }
}
