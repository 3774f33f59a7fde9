//! Distributed mutual exclusion: a node asks all others, and enters when all have answered.
//!
//! Ricart and Agrawala, "An Optimal Algorithm for Mutual Exclusion in Computer Networks", CACM 24
//! (1981). A node answers a REQUEST with OK at once, unless it is in the critical section, or wants
//! in with a smaller (stamp, id). Then it answers as it leaves. Each entry takes 2(n - 1) messages.
//!
//! There is no coordinator, so no election runs. A lost message or a crash blocks the lock, since an OK
//! stays out and no message is repeated. Copies are harmless, because an OK names its request. A restart is
//! not harmless: the clock of the restarted node begins at 0 again, and the node has forgotten its OKs.

pub(crate) mod io;

pub use io::DistributedMessage;

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::clock::LamportTime;
use crate::id::{NodeId, NodeSet, RequestId};
use crate::io::{Context, Effect, Effects, Event, Hold, Message, Timer};
use crate::mutex::io::{MutexChoice, MutexTimer, Phase};
use crate::mutex::{MAX_OUTSTANDING, application};

/// A request of the node's own application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnRequest {
    /// The number of the request.
    pub id: RequestId,
    /// How long the application will hold the lock.
    pub hold: Hold,
}

/// What a node does for the first of its own requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// The node has no open request.
    Idle,
    /// It has asked all other nodes.
    Asking {
        /// The request that it has asked for.
        request: OwnRequest,
        /// The stamp of the first REQUEST. The smaller (stamp, id) goes first.
        stamp: LamportTime,
        /// The nodes that have not answered.
        missing: NodeSet,
    },
    /// It is in the critical section.
    Inside {
        /// The request with which it has entered.
        request: OwnRequest,
    },
}

/// The distributed lock at one node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DistributedLock {
    turn: Turn,
    /// Further requests of the node, oldest first. Each is asked for when the one before it is
    /// finished.
    next: VecDeque<OwnRequest>,
    /// Requests of other nodes that get their OK when the node's own request is finished. At most
    /// one per node, in the order of their arrival.
    deferred: Vec<RequestId>,
    /// How many requests this life of the node has made.
    made: u32,
}

impl Default for DistributedLock {
    fn default() -> Self {
        Self { turn: Turn::Idle, next: VecDeque::new(), deferred: Vec::new(), made: 0 }
    }
}

impl DistributedLock {
    /// What the node does for the first of its own requests.
    pub const fn turn(&self) -> &Turn {
        &self.turn
    }

    /// The request that has its turn, if there is one.
    const fn current(&self) -> Option<OwnRequest> {
        match self.turn {
            Turn::Idle => None,
            Turn::Asking { request, .. } | Turn::Inside { request } => Some(request),
        }
    }

    /// The node's own open requests, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = RequestId> {
        self.current().into_iter().chain(self.next.iter().copied()).map(|request| request.id)
    }

    /// Requests of other nodes that get their OK when the node's own request is finished.
    pub fn deferred(&self) -> &[RequestId] {
        &self.deferred
    }

    /// The request with which the node is in the critical section.
    pub const fn holding(&self) -> Option<RequestId> {
        match self.turn {
            Turn::Inside { request } => Some(request.id),
            Turn::Idle | Turn::Asking { .. } => None,
        }
    }

    /// Called once, when the node starts.
    pub fn start(&mut self, cx: Context<'_>, out: &mut Effects) {
        application::rest(cx, out);
    }

    /// The application asks for the lock.
    pub fn request(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) {
        if self.requests().count() >= MAX_OUTSTANDING {
            out.push(Effect::Emit(Event::Refused));
            return;
        }
        self.made += 1;
        let id = RequestId { by: cx.me, number: self.made };
        self.next.push_back(OwnRequest { id, hold });
        let since = out.len();
        out.push(Effect::Emit(Event::Requested { request: id }));
        if self.turn == Turn::Idle {
            self.ask_for_next(cx, since, out);
        }
    }

    /// The application withdraws the request with this number. `None` means the latest request that
    /// waits.
    pub fn withdraw(&mut self, cx: Context<'_>, number: Option<u32>, out: &mut Effects) {
        let meant = |id: RequestId| number.is_none_or(|number| number == id.number);
        let since = out.len();
        if let Some(place) = self.next.iter().rposition(|request| meant(request.id))
            && let Some(given_up) = self.next.remove(place)
        {
            out.push(Effect::Emit(Event::Withdrawn { request: given_up.id }));
            return self.rest_after(cx, given_up, out);
        }
        match self.turn {
            Turn::Asking { request, .. } if meant(request.id) => {
                out.push(Effect::Emit(Event::Withdrawn { request: request.id }));
                self.finish(cx, request, since, out);
            }
            Turn::Idle | Turn::Asking { .. } | Turn::Inside { .. } => {}
        }
    }

    /// The application leaves the critical section.
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

    /// Handles a message. An OK that answers no present request is ignored.
    pub fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        message: DistributedMessage,
        out: &mut Effects,
    ) {
        match message {
            // A node asks for its own requests only, so this message is forged.
            DistributedMessage::Request { request, .. } if request.by.node != from => {}
            DistributedMessage::Request { request, stamp } => {
                if self.goes_before(cx.me.node, (stamp, from)) {
                    self.defer(request);
                } else {
                    out.push(send(from, DistributedMessage::Ok { request }));
                }
            }
            DistributedMessage::Ok { request: answered } => {
                let Turn::Asking { request, missing, .. } = &mut self.turn else {
                    // A late copy, or the request was withdrawn.
                    return;
                };
                let request = *request;
                // mutant: all-oks
                if request.id == answered && missing.remove(from) && missing.is_empty() {
                    self.enter(cx, request, out);
                }
            }
        }
    }

    /// Handles a timer that has fired.
    pub fn timeout(&mut self, cx: Context<'_>, timer: MutexTimer, out: &mut Effects) {
        match timer {
            MutexTimer::RequestWait => {
                if self.requests().count() >= MAX_OUTSTANDING {
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

    /// Whether this node is in, or wants in with a smaller (stamp, id) than `other`.
    fn goes_before(&self, me: NodeId, other: (LamportTime, NodeId)) -> bool {
        match self.turn {
            Turn::Idle => false,
            // mutant: smaller-first
            Turn::Asking { stamp, .. } => (stamp, me) < other,
            // mutant: inside-first
            Turn::Inside { .. } => true,
        }
    }

    /// Keeps a request for later. A late copy of a node's earlier request does not replace a newer
    /// one.
    fn defer(&mut self, request: RequestId) {
        match self.deferred.iter_mut().find(|known| known.by.node == request.by.node) {
            Some(known) => *known = request.max(*known),
            None => self.deferred.push(request),
        }
    }

    /// Asks all other nodes for the next of the node's own requests. `since` is the length of `out`
    /// when the step began: each tick since then moves the stamp of the first REQUEST.
    fn ask_for_next(&mut self, cx: Context<'_>, since: usize, out: &mut Effects) {
        let Some(request) = self.next.pop_front() else { return };
        let mut stamp = cx.clock;
        out[since..].iter().filter(|effect| effect.ticks()).for_each(|_| stamp.tick());
        stamp.tick();
        let others = cx.config.size.others(cx.me.node);
        let missing: NodeSet = others.clone().collect();
        self.turn = Turn::Asking { request, stamp, missing };
        for to in others {
            out.push(send(to, DistributedMessage::Request { request: request.id, stamp }));
        }
        // A cluster of one node has nobody to ask.
        if missing.is_empty() {
            self.enter(cx, request, out);
        }
    }

    fn enter(&mut self, cx: Context<'_>, request: OwnRequest, out: &mut Effects) {
        self.turn = Turn::Inside { request };
        application::enter(cx, request.id, request.hold, None, out);
    }

    fn exit(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        let Turn::Inside { request } = self.turn else { return };
        if request.id != id {
            return;
        }
        let since = out.len();
        out.push(application::write(id, Phase::Exit));
        out.push(Effect::Emit(Event::Exited { request: id, lease_over: false }));
        self.finish(cx, request, since, out);
    }

    /// The request is finished: answers the others, and asks for the next one.
    fn finish(&mut self, cx: Context<'_>, done: OwnRequest, since: usize, out: &mut Effects) {
        self.turn = Turn::Idle;
        for request in core::mem::take(&mut self.deferred) {
            out.push(send(request.by.node, DistributedMessage::Ok { request }));
        }
        self.rest_after(cx, done, out);
        self.ask_for_next(cx, since, out);
    }

    fn rest_after(&self, cx: Context<'_>, done: OwnRequest, out: &mut Effects) {
        if done.hold == Hold::Drawn {
            application::rest(cx, out);
        }
    }
}

const fn send(to: NodeId, message: DistributedMessage) -> Effect {
    Effect::Send { to, message: Message::Distributed(message) }
}
