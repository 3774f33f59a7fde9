//! The coordinator's side of the lock: recovery, the queue, and grants with leases and tokens.
//!
//! A coordinator grants only while the leader holds its own lease. A new coordinator grants only
//! once no grant of an earlier term can be in use: when all nodes have reported, or when every such
//! grant has run out. A majority of reports is not enough, since the missing node may be the
//! holder.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use super::Leadership;
use crate::id::{Identity, Incarnation, NodeSet, RequestId, Term, Token};

/// Whether a coordinator knows which request holds the lock from an earlier term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Some nodes have not reported what they hold.
    Recovering {
        /// The nodes that have reported, including the coordinator itself.
        reported: NodeSet,
    },
    /// Recovery is complete, so requests are granted.
    Serving,
}

/// The request that holds the lock.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Held {
    pub request: RequestId,
    /// The fencing token of the grant.
    pub token: Token,
}

/// A request in the queue.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waiter {
    pub request: RequestId,
    /// The latest attempt that has arrived. It is set to 0 when the node is suspected: the lease of
    /// an earlier attempt may have ended at the node, so the request is not granted until it is
    /// repeated.
    pub repetition: u32,
}

/// An action that the coordinator asks its node for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Grant the lock, and start the holder's lease.
    Grant(Waiter, Token),
    /// Send the grant of a withdrawn request once more, so that the node gives it back. The lease
    /// is not extended, since the node will not use the grant.
    Recall(RequestId, Token),
    /// Tell the node that this request is finished.
    Close(RequestId),
    /// Cancel the lease: no request holds the lock.
    Free,
    /// A REPORT named the holder: start its lease, counted from now.
    Lease,
    /// Recovery is complete: cancel the grace timer.
    Recovered,
}

/// The coordinator's state in one term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Coordinator {
    term: Term,
    stage: Stage,
    may_grant: bool,
    suspected: NodeSet,
    holder: Option<Held>,
    queue: VecDeque<Waiter>,
    /// The number of the latest grant of this term; 0 before the first.
    sequence: u64,
    /// Requests that must not be granted again in this term. Requests that `completed_below` covers are
    /// not listed.
    closed: Vec<RequestId>,
    /// Per node, the oldest request that is still open. Every earlier request, and every request of
    /// an earlier life, is finished. A late copy of such a REQUEST is not granted.
    completed_below: Vec<RequestId>,
    /// Tokens of earlier terms that were given back during recovery. A late REPORT of such a token
    /// is outdated. A REPORT of the same request with another token is not.
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
            completed_below: Vec::new(),
            given_back: Vec::new(),
        }
    }

    /// The term in which it grants.
    pub const fn term(&self) -> Term {
        self.term
    }

    /// Whether the coordinator still recovers, or grants requests.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The request that holds the lock.
    pub const fn holder(&self) -> Option<Held> {
        self.holder
    }

    /// The waiting requests; the first is granted next.
    pub const fn queue(&self) -> &VecDeque<Waiter> {
        &self.queue
    }

    /// Takes over the leader's lease and the nodes that the leader suspects.
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

    /// Grants nothing any more, because the leader is about to resign.
    pub(super) const fn stop_granting(&mut self) {
        self.may_grant = false;
    }

    /// Handles a REQUEST. `oldest` is the oldest open request of its node.
    pub(super) fn request(&mut self, waiter: Waiter, oldest: u32, out: &mut Vec<Decision>) {
        let request = waiter.request;
        self.meet(request.by, oldest, out);
        if self.is_done(request) {
            out.push(Decision::Close(request));
        } else if let Some(held) = self.holder.filter(|held| held.request == request) {
            if self.may_grant && held.token.term == self.term {
                // mutant: repeated-grant
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

    /// Handles a RELEASE: the node has left the critical section, or gives an unused grant back. An
    /// earlier leader may have granted it.
    pub(super) fn release(&mut self, request: RequestId, token: Token, out: &mut Vec<Decision>) {
        self.close(request);
        if self.stage != Stage::Serving {
            note(&mut self.given_back, token);
        }
        out.push(Decision::Close(request));
        self.queue.retain(|waiter| waiter.request != request);
        // mutant: release-token
        if self.holder.is_some_and(|held| held.token == token) {
            self.free(out);
        }
    }

    /// Handles a WITHDRAW. If the request has been granted meanwhile, the grant is sent again and
    /// comes back unused, since the first one may be lost. WITHDRAW itself frees no holder: it
    /// carries no token, so it could not tell one grant from another.
    pub(super) fn withdraw(&mut self, request: RequestId, out: &mut Vec<Decision>) {
        // mutant: withdrawal-frees-no-holder
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

    /// Handles a REPORT: what a node holds when it enters this term.
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
        // mutant: all-reports
        let complete = reported.len() == u32::from(size);
        let over = |held: &Held| {
            // mutant: hold-given-back
            self.given_back.contains(&held.token) || self.is_left_behind(held.request)
        };
        // The coordinator that gave the later token knew that the earlier hold was over.
        // mutant: later-hold
        let later = |held: &Held| self.holder.is_none_or(|known| known.token < held.token);
        if let Some(held) = holds.filter(|held| !over(held) && later(held)) {
            self.holder = Some(held);
            out.push(Decision::Lease);
        }
        if complete {
            self.serve(out);
        }
    }

    /// Every grant of an earlier term has run out.
    pub(super) fn grace_over(&mut self, out: &mut Vec<Decision>) {
        self.serve(out);
    }

    /// The holder's lease has ended.
    pub(super) fn lease_over(&mut self, out: &mut Vec<Decision>) {
        let Some(held) = self.holder else { return };
        self.close(held.request);
        self.free(out);
    }

    /// Takes note of a node's life and its oldest open request. Earlier requests need not be
    /// remembered, and everything that earlier lives asked for or held is void.
    fn meet(&mut self, node: Identity, oldest: u32, out: &mut Vec<Decision>) {
        let oldest_open = RequestId { by: node, number: oldest };
        let of_node = |request: &RequestId| request.by.node == node.node;
        match self.completed_below.iter_mut().find(|known| of_node(known)) {
            Some(known) => *known = (*known).max(oldest_open),
            // The node has no earlier requests.
            None if node.incarnation == Incarnation::FIRST && oldest <= 1 => {}
            None => note(&mut self.completed_below, oldest_open),
        }
        let void = |request: RequestId| of_node(&request) && request.by < node;
        // A late REQUEST may be queued although its node has finished it.
        self.queue.retain(|w| !of_node(&w.request) || w.request >= oldest_open);
        self.closed.retain(|closed| !of_node(closed) || *closed >= oldest_open);
        if self.holder.is_some_and(|held| void(held.request)) {
            self.free(out);
        }
    }

    /// Whether this request must not be granted in this term.
    pub fn is_done(&self, request: RequestId) -> bool {
        // mutant: closed-request
        self.closed.contains(&request) || self.is_left_behind(request)
    }

    /// Whether a later message of its node shows that the request is finished or of an earlier
    /// life.
    fn is_left_behind(&self, request: RequestId) -> bool {
        let of_node = |oldest_open: &RequestId| oldest_open.by.node == request.by.node;
        // mutant: request-left-behind
        self.completed_below
            .iter()
            .any(|oldest_open| of_node(oldest_open) && request < *oldest_open)
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

    /// Grants the lock to the first waiter that is not suspected. Suspected waiters keep their
    /// place, but must ask again before they are granted.
    fn grant_next(&mut self, out: &mut Vec<Decision>) {
        // mutant: lease-to-grant
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

/// Inserts into a sorted list, so that the order in which facts arrive does not lead to different
/// states.
fn note<T: Ord>(list: &mut Vec<T>, item: T) {
    if let Err(place) = list.binary_search(&item) {
        list.insert(place, item);
    }
}
