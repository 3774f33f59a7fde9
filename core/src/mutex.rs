//! Centralized mutual exclusion: the elected leader is the coordinator of the lock.
//!
//! Van Steen and Tanenbaum, section 5.3 ("A centralized algorithm"): REQUEST is answered by GRANT
//! if the lock is free, and is queued otherwise. RELEASE leads to a GRANT to the head of the queue.
//!
//! This is the classic profile. It is safe only while no coordinator and no holder crashes and no
//! message is lost: a new coordinator starts with an empty [`Table`], RELEASE does not identify its
//! sender, no message is repeated, and grants have no time limit.

pub(crate) mod io;

pub use io::MutexMessage;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::application::{Application, MAX_OUTSTANDING, Phase, Request, RequestProgress, Wish};
use crate::id::{NodeId, RequestId, Token};
use crate::io::{Context, Effect, Effects, Event, Input, Message};
use crate::view::{LockView, TableView};

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

impl RequestProgress for Progress {
    const NEW: Self = Self::Waiting;

    fn is_waiting(&self) -> bool {
        *self == Self::Waiting
    }
}

/// The lock at one node: its own requests, and the table if it leads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mutex {
    role: Role,
    application: Application<Progress>,
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
            application: Application::default(),
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
    pub fn requests(&self) -> &[Request<Progress>] {
        self.application.requests()
    }

    /// The lock from the node's point of view.
    pub(crate) fn view(&self) -> LockView {
        let table = match &self.role {
            Role::Participant { .. } => None,
            Role::Coordinator(table) => Some(TableView {
                holder: table.holder,
                queue: table.queue.iter().copied().collect(),
                ..TableView::default()
            }),
        };
        LockView { requests: self.application.view(), table, ..LockView::default() }
    }

    /// Reacts to an input, unless it is the business of the election.
    pub fn step<C>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) {
        if let Input::Message { message, .. } = input {
            if let Message::Mutex(message) = *message {
                self.receive(cx, message, out);
            }
            return;
        }
        match self.application.step(cx, input, 0, out) {
            Some(Wish::Ask { request, .. }) => self.send_request(cx, request, out),
            Some(Wish::GiveUp(request)) => {
                self.send_withdrawal(request.id, out);
                self.application.rest_after(cx, &request, out);
            }
            Some(Wish::Leave(request)) => self.exit(cx, request, out),
            None => {}
        }
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
        for id in self.application.waiting().collect::<Vec<_>>() {
            self.send_request(cx, id, out);
        }
    }

    /// Handles a message. The classic lock does not need to know its sender.
    fn receive(&mut self, cx: Context<'_>, message: MutexMessage, out: &mut Effects) {
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
        match self.application.progress(id) {
            Some(Progress::Waiting) => {
                self.application.enter(cx, id, Progress::Holding, token, out);
            }
            // The network has duplicated the grant.
            Some(Progress::Holding) => {}
            // The request is finished or belongs to an earlier life. If it was withdrawn, the grant
            // was on its way meanwhile and is given back.
            None => {
                if let Some(place) = self.withdrawn.iter().position(|&request| request == id) {
                    self.withdrawn.remove(place);
                    self.send_release(cx, out);
                }
            }
        }
    }

    fn exit(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        self.application.write(id, Phase::Exit, out);
        let Some(done) = self.application.remove(id) else { return };
        out.push(Effect::Emit(Event::Exited { request: id }));
        self.send_release(cx, out);
        self.application.rest_after(cx, &done, out);
    }
}

fn send(to: NodeId, message: MutexMessage) -> Effect {
    Effect::Send { to, message: Message::Mutex(message) }
}
