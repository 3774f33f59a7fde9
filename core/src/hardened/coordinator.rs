//! The coordinator's side of the lock: recovery, the queue, and grants with leases and tokens.
//!
//! It grants only while the leader holds its own lease, and a new one only after it knows that
//! nobody holds a grant of an earlier term: when all nodes have reported, or when any such grant
//! has run out. (A majority of reports is not enough: the silent node may be the holder.)

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::Leadership;
use crate::id::{Identity, Incarnation, NodeSet, RequestId, Term, Token};

/// Whether a coordinator knows yet what it has taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Some have not reported what they hold.
    Recovering {
        /// Those who have.
        reported: NodeSet,
    },
    /// It knows.
    Serving,
}

/// The request that the lock is granted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    /// Which.
    pub request: RequestId,
    /// The token of the grant.
    pub token: Token,
}

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waiter {
    /// Which.
    pub request: RequestId,
    /// The latest repetition of it that has arrived; 0 if its node has been suspected since. It is
    /// not granted until it is repeated: what was heard before may have run out at the node.
    pub repetition: u32,
}

/// What the coordinator wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Grant the lock, and let its lease run from here.
    Grant(Waiter, Token),
    /// Send the grant of a request once more that its node has given up: it is to come back. Its lease
    /// runs on, since the node will not use it.
    Recall(RequestId, Token),
    /// Tell the node that this request is done with.
    Close(RequestId),
    /// Stop the lease: nobody holds the lock.
    Free,
    /// The holder's lease runs from here.
    Lease,
    /// Recovery is over.
    Recovered,
}

/// The coordinator of one term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Coordinator {
    term: Term,
    stage: Stage,
    may_grant: bool,
    suspected: NodeSet,
    holder: Option<Held>,
    queue: VecDeque<Waiter>,
    /// The number of the last grant of this term.
    sequence: u64,
    /// Requests of this term that must not be granted again, but for those before a frontier.
    closed: Vec<RequestId>,
    /// One request a node, as far as it has shown itself: whatever is before it is done with, or of
    /// an earlier life. A late copy of such a REQUEST asks for nothing.
    frontiers: Vec<RequestId>,
    /// Tokens of earlier terms that have come back during recovery: a late REPORT of such a hold is
    /// out of date. A hold of the same request by another token is not.
    given_back: Vec<Token>,
}

impl Coordinator {
    pub(super) fn new(term: Term, stage: Stage) -> Self {
        Self {
            term,
            stage,
            may_grant: false,
            suspected: NodeSet::default(),
            holder: None,
            queue: VecDeque::new(),
            sequence: 0,
            closed: Vec::new(),
            frontiers: Vec::new(),
            given_back: Vec::new(),
        }
    }

    /// The term that it coordinates.
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Whether it knows what it has taken over.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The request that the lock is granted to.
    pub const fn holder(&self) -> Option<Held> {
        self.holder
    }

    /// The requests that wait, the next one first.
    pub const fn queue(&self) -> &VecDeque<Waiter> {
        &self.queue
    }

    /// The leader's own lease, and those it does not hear.
    pub(super) fn update(&mut self, leadership: Leadership, out: &mut Vec<Decision>) {
        self.may_grant = leadership.lease.is_some();
        self.suspected = leadership.suspected;
        for waiter in &mut self.queue {
            if self.suspected.contains(waiter.request.by.node) {
                waiter.repetition = 0;
            }
        }
        self.grant_next(out);
    }

    /// The leader is about to resign.
    pub(super) const fn stop_granting(&mut self) {
        self.may_grant = false;
    }

    /// A request arrives; `oldest` is the oldest one that its node has not done with.
    pub(super) fn request(&mut self, waiter: Waiter, oldest: u32, out: &mut Vec<Decision>) {
        let request = waiter.request;
        self.meet(request.by, oldest, out);
        if self.is_done(request) {
            out.push(Decision::Close(request));
        } else if let Some(held) = self.holder.filter(|held| held.request == request) {
            if self.may_grant && held.token.term == self.term {
                out.push(Decision::Grant(waiter, held.token));
            }
        } else if let Some(waiting) = self.queue.iter_mut().find(|w| w.request == request) {
            waiting.repetition = waiting.repetition.max(waiter.repetition);
            self.grant_next(out);
        } else {
            self.queue.push_back(waiter);
            self.grant_next(out);
        }
    }

    /// A holder has left, or refuses what it was granted. It may have been granted by an earlier
    /// leader.
    pub(super) fn release(&mut self, request: RequestId, token: Token, out: &mut Vec<Decision>) {
        self.close(request);
        if self.stage != Stage::Serving {
            note(&mut self.given_back, token);
        }
        out.push(Decision::Close(request));
        self.queue.retain(|waiter| waiter.request != request);
        if self.holder.is_some_and(|held| held.token == token) {
            self.free(out);
        }
    }

    /// A node gives up a request that waits. If the request has been granted meanwhile, the grant is
    /// repeated, and comes back unused: the first one may be lost. The WITHDRAW itself frees no
    /// holder. It names no token, so it could not tell one grant from another.
    pub(super) fn withdraw(&mut self, request: RequestId, out: &mut Vec<Decision>) {
        if let Some(held) = self.holder.filter(|held| held.request == request) {
            if self.may_grant && held.token.term == self.term {
                out.push(Decision::Recall(request, held.token));
            }
            return;
        }
        self.close(request);
        self.queue.retain(|waiter| waiter.request != request);
        out.push(Decision::Close(request));
    }

    /// A node says what it holds as it enters this term.
    pub(super) fn report(
        &mut self,
        from: Identity,
        holds: Option<Held>,
        size: u8,
        out: &mut Vec<Decision>,
    ) {
        self.meet(from, 0, out);
        let Stage::Recovering { reported } = &mut self.stage else { return };
        reported.insert(from.node);
        let complete = reported.len() == u32::from(size);
        let over = |held: &Held| {
            self.given_back.contains(&held.token) || self.is_left_behind(held.request)
        };
        // Whoever gave the later token knew that the earlier hold was over.
        let later = |held: &Held| self.holder.is_none_or(|known| known.token < held.token);
        if let Some(held) = holds.filter(|held| !over(held) && later(held)) {
            self.holder = Some(held);
            out.push(Decision::Lease);
        }
        if complete {
            self.serve(out);
        }
    }

    /// Whatever an earlier leader has granted has run out.
    pub(super) fn grace_over(&mut self, out: &mut Vec<Decision>) {
        self.serve(out);
    }

    /// The holder's lease has run out.
    pub(super) fn lease_over(&mut self, out: &mut Vec<Decision>) {
        let Some(held) = self.holder else { return };
        self.close(held.request);
        self.free(out);
    }

    /// A node shows itself, and the oldest request that it has not done with: what it has done with
    /// need not be remembered, and what its earlier lives asked for or held is void.
    fn meet(&mut self, node: Identity, oldest: u32, out: &mut Vec<Decision>) {
        let frontier = RequestId { by: node, number: oldest };
        let of_node = |request: &RequestId| request.by.node == node.node;
        match self.frontiers.iter_mut().find(|known| of_node(known)) {
            Some(known) => *known = (*known).max(frontier),
            // It has left nothing behind.
            None if node.incarnation == Incarnation::FIRST && oldest <= 1 => {}
            None => note(&mut self.frontiers, frontier),
        }
        let void = |request: RequestId| of_node(&request) && request.by < node;
        // A REQUEST that was late may wait here although its node is done with it.
        self.queue.retain(|w| !of_node(&w.request) || w.request >= frontier);
        self.closed.retain(|closed| !of_node(closed) || *closed >= frontier);
        if self.holder.is_some_and(|held| void(held.request)) {
            self.free(out);
        }
    }

    /// Whether this request must not be granted in this term.
    pub fn is_done(&self, request: RequestId) -> bool {
        self.closed.contains(&request) || self.is_left_behind(request)
    }

    /// Whether its node has shown that it has done with this request, or is in a later life.
    fn is_left_behind(&self, request: RequestId) -> bool {
        let of_node = |frontier: &RequestId| frontier.by.node == request.by.node;
        self.frontiers.iter().any(|frontier| of_node(frontier) && request < *frontier)
    }

    fn serve(&mut self, out: &mut Vec<Decision>) {
        self.stage = Stage::Serving;
        self.given_back.clear();
        out.push(Decision::Recovered);
        self.grant_next(out);
    }

    fn close(&mut self, request: RequestId) {
        if !self.is_done(request) {
            note(&mut self.closed, request);
        }
    }

    fn free(&mut self, out: &mut Vec<Decision>) {
        self.holder = None;
        out.push(Decision::Free);
        self.grant_next(out);
    }

    /// Grants the lock to the first who waits and is not suspected; who is keeps its place, and has
    /// to be heard of again.
    fn grant_next(&mut self, out: &mut Vec<Decision>) {
        if !self.may_grant || self.stage != Stage::Serving || self.holder.is_some() {
            return;
        }
        let heard = |waiter: &Waiter| {
            waiter.repetition > 0 && !self.suspected.contains(waiter.request.by.node)
        };
        let first = self.queue.iter().position(heard);
        let Some(waiter) = first.and_then(|place| self.queue.remove(place)) else { return };
        self.sequence += 1;
        let token = Token { term: self.term, sequence: self.sequence };
        self.holder = Some(Held { request: waiter.request, token });
        out.push(Decision::Grant(waiter, token));
    }
}

/// Adds to a list that is kept in ascending order, so that what was learnt in another order is not
/// another state.
fn note<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}
