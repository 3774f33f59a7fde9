//! The invariants, judged from outside the nodes after every event.
//!
//! The judge keeps its own books from what it is told happened; it never asks a node. Two tell it:
//! the [world](crate::world) of the simulator as it goes, and [hindsight], which reads a finished
//! trace.

pub mod hindsight;
mod stamps;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use antes_core::{
    Identity, LamportTime, MAX_NODES, NodeId, NodeSet, RequestId, Term, Token, Write,
};

use crate::trace::{Invariant, Violation};

const SEATS: usize = MAX_NODES as usize;

/// What the judge knows of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seat {
    /// The Lamport stamp of its latest event.
    last: LamportTime,
    /// Whom it follows.
    leader: Option<NodeId>,
    /// The number of its latest request, of this incarnation.
    requests_made: u32,
    entered: Numbers,
    withdrawn: Numbers,
    /// Its latest request that was granted with a token.
    granted: Option<(RequestId, Token)>,
}

/// Which of a node's requests have entered, or have been given up: the highest number, and a bit for it
/// and each of the 63 before it. What is older is forgotten; a node has no more than that outstanding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Numbers {
    highest: u32,
    bits: u64,
}

impl Numbers {
    /// Notes this request; says whether that had been done before.
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

    /// Whether this request has been noted.
    fn has(&self, number: u32) -> bool {
        self.bits & self.bit(number) != 0
    }

    /// The bit of this request; none, if it has not come yet or is forgotten.
    fn bit(&self, number: u32) -> u64 {
        let age = self.highest.checked_sub(number);
        age.and_then(|age| 1u64.checked_shl(age)).unwrap_or(0)
    }
}

/// The books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judge {
    seats: [Seat; SEATS],
    /// Who is in the critical section.
    holders: Vec<RequestId>,
    /// Those who are up and not paused.
    running: NodeSet,
    /// Whether something has happened since agreement was judged last.
    agreement_open: bool,
    found: Vec<Violation>,
    /// Who has led the latest terms.
    offices: Vec<(Term, Identity)>,
    last_accepted: Option<(Token, RequestId)>,
}

/// How many terms the judge remembers the leaders of.
const OFFICES: usize = 64;

impl Judge {
    /// Takes what was found since the last time.
    pub fn take_found(&mut self) -> Vec<Violation> {
        core::mem::take(&mut self.found)
    }

    /// Whether [`Judge::take_found`] has something to give.
    pub fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// Whom `node` follows, as far as it has told.
    pub fn leader_of(&self, node: NodeId) -> Option<NodeId> {
        self.seats[node.index()].leader
    }

    /// Whether `node` is in the critical section.
    pub fn is_inside(&self, node: NodeId) -> bool {
        self.holders.iter().any(|holder| holder.by.node == node)
    }

    /// How many requests the current life of `node` has made.
    pub fn requests_made(&self, node: NodeId) -> u32 {
        self.seats[node.index()].requests_made
    }

    /// Whether `request`, of the current life of its node, has entered. Of one that is 64 requests
    /// old it is not known any more: `false`.
    pub fn has_entered(&self, request: RequestId) -> bool {
        self.seats[request.by.node.index()].entered.has(request.number)
    }

    /// Whether `request`, of the current life of its node, has been given up. Of one that is 64 such
    /// requests old it is not known any more: `false`.
    pub fn has_withdrawn(&self, request: RequestId) -> bool {
        self.seats[request.by.node.index()].withdrawn.has(request.number)
    }

    /// A node starts or restarts.
    pub fn started(&mut self, me: Identity) {
        let seat = &mut self.seats[me.node.index()];
        *seat = Seat { last: seat.last, ..Seat::default() };
        self.resumed(me.node);
    }

    /// A node has begun with a new memory: what its clock has read before binds it no more.
    pub fn reborn(&mut self, node: NodeId) {
        self.seats[node.index()].last = LamportTime::default();
    }

    /// A node has died: it holds nothing and follows nobody.
    pub fn died(&mut self, node: NodeId) {
        self.holders.retain(|holder| holder.by.node != node);
        self.seats[node.index()].leader = None;
        self.paused(node);
    }

    /// A node does nothing for a while.
    pub fn paused(&mut self, node: NodeId) {
        self.running.remove(node);
        self.agreement_open = true;
    }

    /// A node goes on. It may find that it is no longer alone in the critical section.
    pub fn resumed(&mut self, node: NodeId) {
        self.running.insert(node);
        self.agreement_open = true;
        if self.holders.iter().any(|holder| holder.by.node == node) {
            self.judge_holders();
        }
    }

    /// An event of logical time; `sent` is the stamp that a receipt carried.
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

    /// A node follows another leader, or none.
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

    /// The resource has accepted a write.
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

    /// A node's application wants the lock.
    pub fn requested(&mut self, request: RequestId) {
        self.seats[request.by.node.index()].requests_made = request.number;
    }

    /// A node's application has given up waiting.
    pub fn withdrawn(&mut self, request: RequestId) {
        self.seats[request.by.node.index()].withdrawn.again(request.number);
    }

    /// A node is in the critical section.
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
        self.holders.push(request);
        self.judge_holders();
    }

    /// A node has left the critical section.
    pub fn exited(&mut self, request: RequestId) {
        self.holders.retain(|&holder| holder != request);
    }

    /// `granter` sends GRANT for `request`, whose node now lives its `current` life.
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

    /// A request is given a token.
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

    /// A critical section begins at the resource while others are open there.
    pub fn overlapped(&mut self, request: RequestId, open: &[RequestId]) {
        let list = join(open.iter().map(|section| format!("{section}")));
        let sentence = format!(
            "The resource takes the first write of request {request} while the critical section \
             of {list} is open."
        );
        let nodes = open.iter().map(|section| section.by.node).chain([request.by.node]);
        self.find(Invariant::ExclusiveWrites, nodes, sentence);
    }

    /// The world is quiet: no message flies, no election timer is armed, no link is cut.
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
