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

use alloc::vec::Vec;

use crate::application::{Application, Phase, Request, RequestProgress, Wish};
use crate::clock::LamportTime;
use crate::id::{NodeId, NodeSet, RequestId};
use crate::io::{Context, Effect, Effects, Event, Input, Message};
use crate::stack::Protocol;
use crate::view::{AskingView, LockView};

/// The state of one of a node's own requests. All but the first wait for their turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Turn {
    /// An earlier request is not finished.
    Waits,
    /// The node has asked all other nodes.
    Asks {
        /// The stamp of the first REQUEST. The smaller (stamp, id) goes first.
        stamp: LamportTime,
        /// The nodes that have not answered.
        missing: NodeSet,
    },
    /// The node is in the critical section.
    Inside,
}

impl RequestProgress for Turn {
    const NEW: Self = Self::Waits;

    fn is_waiting(&self) -> bool {
        *self != Self::Inside
    }
}

/// The distributed lock at one node.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DistributedLock {
    application: Application<Turn>,
    /// Requests of other nodes that get their OK when the node's own request is finished. At most
    /// one per node, in the order of their arrival.
    deferred: Vec<RequestId>,
}

impl DistributedLock {
    /// The node's own open requests, oldest first. Each is asked for when the one before it is
    /// finished.
    pub fn requests(&self) -> &[Request<Turn>] {
        self.application.requests()
    }

    /// Requests of other nodes that get their OK when the node's own request is finished.
    pub fn deferred(&self) -> &[RequestId] {
        &self.deferred
    }

    /// Reacts to an input.
    pub fn step<C>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) {
        let since = out.len();
        match self.application.step(cx, input, 0, out) {
            Some(Wish::Ask { .. }) if self.requests().len() > 1 => {}
            Some(Wish::Ask { .. }) => self.ask_for_next(cx, since, out),
            Some(Wish::GiveUp(request)) if request.progress == Turn::Waits => {
                self.application.rest_after(cx, &request, out);
            }
            Some(Wish::GiveUp(request)) => self.finish(cx, &request, since, out),
            Some(Wish::Leave(request)) => self.exit(cx, request, out),
            None => {}
        }
        if let Input::Message { from, message: Message::Distributed(message), .. } = *input {
            self.receive(cx, from, message, out);
        }
    }

    /// Handles a message. An OK that answers no present request is ignored.
    fn receive(
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
                let Some(request) = self.application.first() else { return };
                // Otherwise it is a late copy, or the request was withdrawn.
                let Turn::Asks { missing, .. } = &mut request.progress else { return };
                // mutant: all-oks
                if request.id == answered && missing.remove(from) && missing.is_empty() {
                    self.application.enter(cx, answered, Turn::Inside, None, out);
                }
            }
        }
    }

    /// Whether this node is in, or wants in with a smaller (stamp, id) than `other`.
    fn goes_before(&self, me: NodeId, other: (LamportTime, NodeId)) -> bool {
        self.requests().first().is_some_and(|request| match request.progress {
            Turn::Waits => false,
            // mutant: smaller-first
            Turn::Asks { stamp, .. } => (stamp, me) < other,
            // mutant: inside-first
            Turn::Inside => true,
        })
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
        let Some(request) = self.application.first() else { return };
        let mut stamp = cx.clock;
        out[since..].iter().filter(|effect| effect.ticks()).for_each(|_| stamp.tick());
        stamp.tick();
        let others = cx.config.size.others(cx.me.node);
        let missing: NodeSet = others.clone().collect();
        request.progress = Turn::Asks { stamp, missing };
        let request = request.id;
        for to in others {
            out.push(send(to, DistributedMessage::Request { request, stamp }));
        }
        // A cluster of one node has nobody to ask.
        if missing.is_empty() {
            self.application.enter(cx, request, Turn::Inside, None, out);
        }
    }

    fn exit(&mut self, cx: Context<'_>, id: RequestId, out: &mut Effects) {
        let since = out.len();
        self.application.write(id, Phase::Exit, out);
        let Some(done) = self.application.remove(id) else { return };
        out.push(Effect::Emit(Event::Exited { request: id }));
        self.finish(cx, &done, since, out);
    }

    /// The request is finished: answers the others, and asks for the next one.
    fn finish(&mut self, cx: Context<'_>, done: &Request<Turn>, since: usize, out: &mut Effects) {
        for request in core::mem::take(&mut self.deferred) {
            out.push(send(request.by.node, DistributedMessage::Ok { request }));
        }
        self.application.rest_after(cx, done, out);
        self.ask_for_next(cx, since, out);
    }
}

impl Protocol for DistributedLock {
    fn lock(&self) -> Option<LockView> {
        let asking = self.requests().first().and_then(|first| match first.progress {
            Turn::Asks { stamp, missing } => Some(AskingView { request: first.id, stamp, missing }),
            Turn::Waits | Turn::Inside => None,
        });
        let requests = self.application.view();
        let deferred = self.deferred.clone();
        Some(LockView { requests, asking, deferred, ..LockView::default() })
    }
}

const fn send(to: NodeId, message: DistributedMessage) -> Effect {
    Effect::Send { to, message: Message::Distributed(message) }
}
