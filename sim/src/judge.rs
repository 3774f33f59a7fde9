//! The judge checks the invariants after each event, from outside the nodes.
//!
//! It keeps its own history of the reported events and never asks a node what it believes. Events
//! are reported by the [world](crate::world) during a simulation, and by [trace_checker] from a
//! finished trace.

mod stamps;
pub mod trace_checker;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use antes_core::{
    Identity, Incarnation, LamportTime, MAX_NODES, NodeId, NodeSet, RequestId, Term, Token, Write,
};

use crate::trace::{Invariant, Violation};

const SEATS: usize = MAX_NODES as usize;

/// The judge's history of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct NodeHistory {
    /// The Lamport stamp of its latest event.
    last: LamportTime,
    /// The leader that it follows.
    leader: Option<NodeId>,
    /// The number of its latest request in this incarnation; 0 if it has made none.
    requests_made: u32,
    entered: Numbers,
    withdrawn: Numbers,
    /// Distributed lock: its latest request for which it has sent REQUEST, and the stamp in it.
    asked: Option<(RequestId, LamportTime)>,
    /// Its latest request that was granted with a token.
    granted: Option<(RequestId, Token)>,
}

/// A set of request numbers of one node: the highest number, and a bit for it and each of the 63
/// numbers below it. Older numbers are forgotten; a node has at most that many open requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Numbers {
    highest: u32,
    bits: u64,
}

impl Numbers {
    /// Adds this number. Returns whether it was in the set.
    fn again(&mut self, number: u32) -> bool {
        if let Some(ahead) = number.checked_sub(self.highest).filter(|&ahead| ahead > 0) {
            self.bits = self.bits.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = number;
            return false;
        }
        let before = self.has(number);
        self.bits |= self.bit(number);
        before
    }

    /// Whether this number is in the set.
    fn has(&self, number: u32) -> bool {
        self.bits & self.bit(number) != 0
    }

    /// The bit of this number. 0 if the number is above the highest or forgotten.
    fn bit(&self, number: u32) -> u64 {
        let age = self.highest.checked_sub(number);
        age.and_then(|age| 1u64.checked_shl(age)).unwrap_or(0)
    }
}

/// The judge with its history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judge {
    seats: [NodeHistory; SEATS],
    /// The requests in the critical section.
    holders: Vec<RequestId>,
    /// The nodes that are up and not paused.
    running: NodeSet,
    /// Whether anything has happened since the agreement on a leader was last checked.
    agreement_open: bool,
    found: Vec<Violation>,
    /// The leaders of the latest terms.
    offices: Vec<(Term, Identity)>,
    last_accepted: Option<(Token, RequestId)>,
    /// Distributed lock: the latest entry, in the order of stamps and ids.
    last_entry: Option<(LamportTime, RequestId)>,
    /// Whether a node has restarted. From then on the order of entries is not checked.
    has_restarted: bool,
}

/// How many terms are remembered with their leaders.
const OFFICES: usize = 64;

impl Judge {
    /// Returns and removes the violations found since the last call.
    pub fn take_found(&mut self) -> Vec<Violation> {
        core::mem::take(&mut self.found)
    }

    /// Whether [`Judge::take_found`] would return a violation.
    pub fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// The leader that `node` follows, as far as it was reported.
    pub fn leader_of(&self, node: NodeId) -> Option<NodeId> {
        self.seats[node.index()].leader
    }

    /// Whether `node` is in the critical section.
    pub fn is_inside(&self, node: NodeId) -> bool {
        self.holders.iter().any(|holder| holder.by.node == node)
    }

    /// The number of requests that the current life of `node` has made.
    pub fn requests_made(&self, node: NodeId) -> u32 {
        self.seats[node.index()].requests_made
    }

    /// Whether `request`, of its node's current life, has entered. `false` if the node has entered
    /// 64 later requests.
    pub fn has_entered(&self, request: RequestId) -> bool {
        self.seats[request.by.node.index()].entered.has(request.number)
    }

    /// Whether `request`, of its node's current life, was withdrawn. `false` if the node has
    /// withdrawn 64 later requests.
    pub fn has_withdrawn(&self, request: RequestId) -> bool {
        self.seats[request.by.node.index()].withdrawn.has(request.number)
    }

    /// Reports that a node starts or restarts.
    pub fn started(&mut self, me: Identity) {
        self.has_restarted |= me.incarnation != Incarnation::FIRST;
        let seat = &mut self.seats[me.node.index()];
        *seat = NodeHistory { last: seat.last, ..NodeHistory::default() };
        self.resumed(me.node);
    }

    /// Reports that a node starts with a new memory. Its clock may be lower than before.
    pub fn reborn(&mut self, node: NodeId) {
        self.seats[node.index()].last = LamportTime::default();
    }

    /// Reports that a node has crashed. It holds no lock and follows no leader.
    pub fn died(&mut self, node: NodeId) {
        self.holders.retain(|holder| holder.by.node != node);
        self.seats[node.index()].leader = None;
        self.paused(node);
    }

    pub fn paused(&mut self, node: NodeId) {
        self.running.remove(node);
        self.agreement_open = true;
    }

    /// Reports that a node resumes. It may find that it is not alone in the critical section.
    pub fn resumed(&mut self, node: NodeId) {
        self.running.insert(node);
        self.agreement_open = true;
        if self.holders.iter().any(|holder| holder.by.node == node) {
            self.judge_holders();
        }
    }

    /// Reports an event that ticks the clock. `sent` is the stamp of the message if it is a
    /// receipt.
    #[inline]
    pub fn ticked(&mut self, node: NodeId, stamp: LamportTime, sent: Option<LamportTime>) {
        let last = core::mem::replace(&mut self.seats[node.index()].last, stamp);
        if stamp <= last || sent.is_some_and(|sent| stamp <= sent) {
            self.find_clock_broken(node, stamp, last, sent.unwrap_or_default());
        }
    }

    #[cold]
    fn find_clock_broken(
        &mut self,
        node: NodeId,
        stamp: LamportTime,
        last: LamportTime,
        sent: LamportTime,
    ) {
        let sentence = if stamp <= last {
            format!(
                "Node {node} stamps an event {stamp} after it has stamped an earlier one {last}: \
                 its clock went back."
            )
        } else {
            format!("Node {node} stamps a receipt {stamp}, not later than the send's {sent}.")
        };
        self.find(Invariant::ClockCondition, [node], sentence);
    }

    /// Reports that a node follows another leader, or none.
    pub fn follows(&mut self, me: Identity, leader: Option<NodeId>, term: Option<Term>) {
        self.seats[me.node.index()].leader = leader;
        self.agreement_open = true;
        if let Some(term) = term.filter(|_| leader == Some(me.node)) {
            self.leads(me, term);
        }
    }

    fn leads(&mut self, me: Identity, term: Term) {
        if let Some(&(_, other)) = self.offices.iter().find(|&&(led, by)| led == term && by != me) {
            let sentence = format!("Nodes {other} and {me} both lead term {}.", term.0);
            self.find(Invariant::OneLeaderPerTerm, [other.node, me.node], sentence);
        }
        if self.offices.len() == OFFICES {
            self.offices.remove(0);
        }
        self.offices.push((term, me));
    }

    /// Reports that the resource has accepted a write.
    pub fn accepted(&mut self, write: Write) {
        let Some(token) = write.token else { return };
        let node = write.request.by.node;
        match self.last_accepted.replace((token, write.request)) {
            Some((last, _)) if token < last => {
                let sentence =
                    format!("The resource accepts token {token} of node {node} after {last}.");
                self.find(Invariant::TokenOrder, [node], sentence);
            }
            Some((last, other)) if token == last && other != write.request => {
                let sentence = format!(
                    "Requests {other} and {} both write with token {token}.",
                    write.request
                );
                self.find(Invariant::TokenOrder, [other.by.node, node], sentence);
            }
            _ => {}
        }
    }

    /// Reports that a node's application asks for the lock.
    pub fn requested(&mut self, request: RequestId) {
        self.seats[request.by.node.index()].requests_made = request.number;
    }

    /// Reports that a node sends REQUEST of the distributed lock, with the request's stamp.
    pub fn asked(&mut self, request: RequestId, stamp: LamportTime) {
        self.seats[request.by.node.index()].asked = Some((request, stamp));
    }

    /// Reports that a node's application has withdrawn a request.
    pub fn withdrawn(&mut self, request: RequestId) {
        self.seats[request.by.node.index()].withdrawn.again(request.number);
    }

    /// Reports that a node has entered the critical section.
    pub fn entered(&mut self, request: RequestId, token: Option<Token>) {
        let node = request.by.node;
        if self.seats[node.index()].entered.again(request.number) {
            let sentence = format!("Request {request} enters a second time.");
            self.find(Invariant::ServedOnce, [node], sentence);
        } else if self.has_withdrawn(request) {
            let sentence = format!("Request {request} enters although it was given up.");
            self.find(Invariant::ServedOnce, [node], sentence);
        }
        self.given(request, token);
        self.judge_order(request);
        self.holders.push(request);
        self.judge_holders();
    }

    /// Checks that requests of the distributed lock enter in the order of (stamp, id).
    fn judge_order(&mut self, request: RequestId) {
        let node = request.by.node;
        let asked = self.seats[node.index()].asked;
        let Some((_, stamp)) = asked.filter(|&(asked, _)| asked == request) else { return };
        let Some((before, earlier)) = self.last_entry.replace((stamp, request)) else { return };
        if (stamp, node) < (before, earlier.by.node) && !self.has_restarted {
            let sentence = format!(
                "Request {request} with stamp {stamp} enters after request {earlier} with stamp \
                 {before}."
            );
            self.find(Invariant::EntryOrder, [earlier.by.node, node], sentence);
        }
    }

    /// Reports that a node has left the critical section.
    pub fn exited(&mut self, request: RequestId) {
        self.holders.retain(|&holder| holder != request);
    }

    /// Reports that `granter` sends GRANT for `request`. `current` is the latest life of the
    /// requesting node.
    pub fn granted(
        &mut self,
        granter: NodeId,
        request: RequestId,
        token: Option<Token>,
        current: Identity,
    ) {
        if current == request.by {
            self.given(request, token);
        }
        let seat = self.seats[request.by.node.index()];
        let made = request.by.incarnation < current.incarnation
            || request.by == current && request.number <= seat.requests_made;
        if self.leader_of(granter) != Some(granter) {
            let sentence = format!("Node {granter} grants request {request}, but does not lead.");
            self.find(Invariant::GrantByCoordinator, [granter], sentence);
        } else if !made {
            let sentence = format!("Node {granter} grants request {request}, which nobody made.");
            self.find(Invariant::GrantByCoordinator, [granter], sentence);
        }
    }

    /// Checks that a request has at most one token per term.
    fn given(&mut self, request: RequestId, token: Option<Token>) {
        let Some(token) = token else { return };
        let node = request.by.node;
        let last = self.seats[node.index()].granted.replace((request, token));
        if let Some((same, other)) = last
            && same == request
            && other.term == token.term
            && other != token
        {
            let sentence = format!(
                "Request {request} is given two tokens in term {}: {other} and {token}.",
                token.term.0
            );
            self.find(Invariant::ServedOnce, [node], sentence);
        }
    }

    /// Reports that a critical section begins at the resource while others are open there.
    pub fn overlapped(&mut self, request: RequestId, open: &[RequestId]) {
        let list = join(open.iter().map(|section| format!("{section}")));
        let sentence = format!(
            "The resource takes the first write of request {request} while the critical section \
             of {list} is open."
        );
        let nodes = open.iter().map(|section| section.by.node).chain([request.by.node]);
        self.find(Invariant::ExclusiveWrites, nodes, sentence);
    }

    /// Reports that the world is quiet: no message is in flight, no election timer is armed, and no
    /// link is cut.
    pub fn quiet(&mut self) {
        if !core::mem::take(&mut self.agreement_open) {
            return;
        }
        let running = || nodes().filter(|&node| self.running.contains(node));
        let leads = |node: NodeId| self.leader_of(node) == Some(node);
        let leaders: Vec<NodeId> = running().filter(|&node| leads(node)).collect();
        if leaders.len() > 1 {
            let list = join(leaders.iter().map(|node| format!("{node}")));
            let both = if leaders.len() == 2 { "both" } else { "all" };
            let sentence = format!("All is quiet, and nodes {list} {both} lead.");
            self.find(Invariant::OneLeader, leaders, sentence);
            return;
        }
        let misled = running().find_map(|node| {
            let leader = self.leader_of(node)?;
            (self.running.contains(leader) && !leads(leader)).then_some((node, leader))
        });
        if let Some((node, leader)) = misled {
            let sentence = format!(
                "All is quiet, and node {node} follows node {leader}, which does not lead."
            );
            self.find(Invariant::OneLeader, [node, leader], sentence);
        }
    }

    fn judge_holders(&mut self) {
        let running = |holder: &&RequestId| self.running.contains(holder.by.node);
        let inside: Vec<RequestId> = self.holders.iter().filter(running).copied().collect();
        if inside.len() < 2 {
            return;
        }
        let list = join(inside.iter().map(|holder| format!("{}", holder.by.node)));
        let sentence = format!("Nodes {list} are in the critical section at the same time.");
        self.find(Invariant::OneHolder, inside.iter().map(|holder| holder.by.node), sentence);
    }

    fn find(
        &mut self,
        invariant: Invariant,
        nodes: impl IntoIterator<Item = NodeId>,
        sentence: String,
    ) {
        let mut sorted: Vec<NodeId> = Vec::new();
        for node in nodes {
            sorted.insert(sorted.partition_point(|&other| other < node), node);
        }
        self.found.push(Violation { invariant, nodes: sorted, sentence });
    }
}

fn nodes() -> impl Iterator<Item = NodeId> {
    (1..=MAX_NODES).filter_map(NodeId::new)
}

/// `1`, `1 and 2`, `1, 2 and 3`.
fn join(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
