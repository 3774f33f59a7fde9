//! The hardened lock in the soup, under a leadership that is not modelled but assumed.
//!
//! Of the election is assumed what its own model shows: a term is led once, by one node, and whoever
//! follows somebody in a term follows its leader. Beyond that anything goes: who leads which term,
//! when a node hears of a term, follows or leaves its leader, whether and when the leader earns its
//! lease, and whom it suspects.

use std::sync::Arc;

use antes_core::hardened::MutexMessage;
use antes_core::{Config, MutexTimer, NodeId, RequestId, Term, Timer, Token};
use stateright::{Model, Property};

use super::seat::{Cause, Outcome, Packet, Place, Seat, Seats};
use crate::cluster::{Books, Broken};
use crate::explore::Subject;

/// The most nodes that the model can have.
pub const MOST_NODES: u8 = 4;
/// The last term that there can be.
pub const LAST_TERM: Term = Term(4);

/// Whether leases are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leases {
    /// A coordinator's lease or grace never ends before the claims on what was granted, nor its
    /// grace before the lease of a leader of an earlier term, which earns none any more afterwards.
    Kept,
    /// All timers fire at any moment.
    Ignored,
}

/// What the nodes are set to, and how far the model goes.
#[derive(Clone, Debug)]
pub struct Rules {
    /// What every node is set to: the hardened profile with the lock; at most [`MOST_NODES`].
    pub config: Config,
    /// The last term that is looked at, at most [`LAST_TERM`]. The highest id leads the first one.
    pub last_term: Term,
    /// How often nodes may crash, and start again.
    pub crashes: u8,
    /// How many nodes may ask, the lowest first; each life once.
    pub askers: u8,
    /// How often a request may be sent.
    pub repetitions: u32,
    /// How many requests a life may come to: one that has run out unused is asked anew.
    pub requests: u32,
    /// Whether leases are kept.
    pub leases: Leases,
}

/// The model.
#[derive(Clone, Debug)]
pub struct Lock {
    rules: Arc<Rules>,
    seats: Arc<Seats>,
}

/// The nodes, what was sent, and what has happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    seats: [Place; MOST_NODES as usize],
    /// What was sent and may still matter, in ascending order.
    soup: Vec<u16>,
    led: [Option<NodeId>; LAST_TERM.0 as usize + 1],
    /// The latest term whose grace has run out.
    graced: Term,
    crashes: u8,
    books: Books,
}

/// A node moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    node: NodeId,
    cause: Cause,
    /// Which of what can come of it.
    outcome: u8,
}

impl Lock {
    /// The lock by these rules.
    pub fn new(rules: Rules) -> Self {
        let rules = Arc::new(rules);
        Self { seats: Arc::new(Seats::new(Arc::clone(&rules))), rules }
    }

    fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.rules.config.size.nodes()
    }

    fn place(&self, state: &State, node: NodeId) -> Place {
        state.seats[node.index()]
    }

    fn seat(&self, state: &State, node: NodeId) -> Arc<Seat> {
        self.seats.at(self.place(state, node))
    }

    fn causes(&self, state: &State, seat: &Seat, packets: &[Packet], causes: &mut Vec<Cause>) {
        for (&number, packet) in state.soup.iter().zip(packets) {
            if packet.to == seat.me.node && seat.admits(packet) {
                causes.push(Cause::Delivery(number));
            }
        }
        let free = |timer: &&MutexTimer| match timer {
            MutexTimer::Lease => self.lease_may_end(state, seat, packets),
            MutexTimer::Grace => self.grace_may_end(state, seat, packets),
            MutexTimer::RequestWait
            | MutexTimer::Hold(_)
            | MutexTimer::Retry
            | MutexTimer::Claim(..) => true,
        };
        causes.extend(seat.timers.iter().filter(free).map(|&timer| Cause::Timeout(timer)));
        if seat.made == 0 && seat.me.node.get() <= self.rules.askers {
            causes.push(Cause::Request);
        }
        if seat.mutex.holding().is_some() {
            causes.push(Cause::Release);
        }
        if state.crashes > 0 {
            causes.push(Cause::Restart);
        }
        self.leadership(state, seat, causes);
    }

    /// What the election may tell the lock.
    fn leadership(&self, state: &State, seat: &Seat, causes: &mut Vec<Cause>) {
        let me = seat.me.node;
        let view = seat.view;
        causes.extend((view.term.0 + 1..=self.rules.last_term.0).map(|t| Cause::HearsOf(Term(t))));
        match (view.leader, state.led[view.term.0 as usize]) {
            (None, None) => causes.push(Cause::Leads),
            (None, Some(leader)) if leader != me => causes.push(Cause::Follows(leader)),
            // Its own office is over.
            (None, Some(_)) => {}
            (Some(_), _) => causes.push(Cause::LeavesLeader),
        }
        if view.leader != Some(me) {
            return;
        }
        let late = self.rules.leases == Leases::Kept && view.term < state.graced;
        if !late {
            causes.push(Cause::EarnsLease);
        }
        if view.has_lease {
            causes.extend(self.rules.config.size.others(me).map(Cause::Suspects));
        }
    }

    /// The grants, taken or in the soup, whose claims have not run out.
    fn claimed(
        &self,
        state: &State,
        packets: &[Packet],
        of: impl Fn(RequestId, Token) -> bool,
    ) -> bool {
        let claims = |request: RequestId, token, repetition| {
            of(request, token)
                && self
                    .seat(state, request.by.node)
                    .timers
                    .contains(&MutexTimer::Claim(request, repetition))
        };
        let flying = packets.iter().any(|packet| match packet.message {
            MutexMessage::Grant { request, repetition, token } => {
                claims(request, token, repetition)
            }
            MutexMessage::Report { .. }
            | MutexMessage::Request { .. }
            | MutexMessage::Release { .. }
            | MutexMessage::ReleaseAck { .. } => false,
        });
        flying
            || self.nodes().any(|node| {
                let holds = self.seat(state, node).mutex.holding();
                holds.is_some_and(|(request, token, repetition)| claims(request, token, repetition))
            })
    }

    fn lease_may_end(&self, state: &State, seat: &Seat, packets: &[Packet]) -> bool {
        let Some(held) = seat.held().filter(|_| self.rules.leases == Leases::Kept) else {
            return true;
        };
        !self.claimed(state, packets, |request, token| (request, token) == held)
    }

    fn grace_may_end(&self, state: &State, seat: &Seat, packets: &[Packet]) -> bool {
        if self.rules.leases == Leases::Ignored {
            return true;
        }
        let term = seat.view.term;
        let reigns = |node| {
            let view = self.seat(state, node).view;
            view.term < term && view.has_lease
        };
        !self.nodes().any(reigns) && !self.claimed(state, packets, |_, token| token.term < term)
    }

    /// Sends at once whatever is answered without a change, but for grants, which leases look at;
    /// and forgets what cannot matter any more.
    fn settle(&self, state: &mut State) {
        loop {
            let before = state.soup.len();
            for node in self.nodes() {
                let place = self.place(state, node);
                let seat = self.seats.at(place);
                for number in state.soup.clone() {
                    let packet = self.seats.packet(number);
                    if packet.to != node || !seat.admits(&packet) {
                        continue;
                    }
                    let outcomes = self.seats.outcomes(place, Cause::Delivery(number));
                    let [only] = &outcomes[..] else { continue };
                    if only.next == place && only.grants.is_empty() {
                        add(&mut state.soup, &only.sent);
                    }
                }
            }
            if state.soup.len() == before {
                break;
            }
        }
        state.soup = std::mem::take(&mut state.soup)
            .into_iter()
            .filter(|&number| self.matters(state, number))
            .collect();
        let first = self.nodes().map(|node| self.seat(state, node).view.term).min();
        state.books.forget_grants_before(first.unwrap_or_default());
    }

    /// Whether this packet can still make a difference to its receiver.
    fn matters(&self, state: &State, number: u16) -> bool {
        let packet = self.seats.packet(number);
        let place = self.place(state, packet.to);
        let seat = self.seats.at(place);
        let view = seat.view;
        let leads = view.leader == Some(packet.to);
        let over = !leads && state.led[view.term.0 as usize] == Some(packet.to);
        let late = packet.term < view.term;
        // What a coordinator answers without a change, it does so to the end of its office.
        let settled = || {
            let outcomes = self.seats.outcomes(place, Cause::Delivery(number));
            leads && outcomes.iter().all(|only| only.next == place && only.grants.is_empty())
        };
        match packet.message {
            MutexMessage::Release { .. } => {
                let mut later = view.term.0 + 1..=self.rules.last_term.0;
                let may_lead = later.any(|term| state.led[term as usize].is_none());
                let now = state.led[view.term.0 as usize].is_none() || leads && !settled();
                may_lead || now || packet.term > view.term
            }
            MutexMessage::Report { .. } => {
                !late && (packet.term > view.term || !(over || seat.serves() && settled()))
            }
            MutexMessage::Request { request, .. } => {
                let done = || settled() && seat.has_done_with(request);
                !late && (packet.term > view.term || !over && !done())
            }
            MutexMessage::Grant { .. } | MutexMessage::ReleaseAck { .. } => !late,
        }
    }

    fn carry_out(&self, state: &mut State, node: NodeId, outcome: &Outcome) {
        state.seats[node.index()] = outcome.next;
        add(&mut state.soup, &outcome.sent);
        let seat = self.seats.at(outcome.next);
        for &(request, token) in &outcome.grants {
            let asker = self.seat(state, request.by.node);
            let made = asker.me.incarnation > request.by.incarnation
                || asker.me == request.by && request.number <= asker.made;
            let leads = state.led[token.term.0 as usize] == Some(node)
                && (outcome.cut || seat.view.leader == Some(node));
            state.books.grants(leads, made);
            state.books.given(request, token);
        }
        for &(request, token) in &outcome.entered {
            state.books.entered(request);
            state.books.given(request, token);
        }
    }

    fn holders(&self, state: &State) -> usize {
        self.nodes().filter(|&node| self.seat(state, node).mutex.holding().is_some()).count()
    }
}

/// Adds to a list that is kept in order.
fn add(soup: &mut Vec<u16>, sent: &[u16]) {
    for &number in sent {
        if let Err(place) = soup.binary_search(&number) {
            soup.insert(place, number);
        }
    }
}

impl Model for Lock {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut seats = [Place::default(); MOST_NODES as usize];
        for (place, node) in seats.iter_mut().zip(self.nodes()) {
            *place = self.seats.first(node);
        }
        let mut led = [None; LAST_TERM.0 as usize + 1];
        led[1] = Some(self.rules.config.size.highest());
        let (crashes, books) = (self.rules.crashes, Books::default());
        vec![State { seats, soup: Vec::new(), led, graced: Term(0), crashes, books }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.books.broken.is_some() {
            return;
        }
        let packets: Vec<_> = state.soup.iter().map(|&number| self.seats.packet(number)).collect();
        let mut causes = Vec::new();
        for node in self.nodes() {
            let place = self.place(state, node);
            self.causes(state, &self.seats.at(place), &packets, &mut causes);
            for cause in causes.drain(..) {
                for (number, outcome) in self.seats.outcomes(place, cause).iter().enumerate() {
                    let known = |number| state.soup.binary_search(number).is_ok();
                    let nothing = outcome.next == place && outcome.sent.iter().all(known);
                    if !nothing && (!outcome.cut || state.crashes > 0) {
                        actions.push(Action { node, cause, outcome: number as u8 });
                    }
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let Action { node, cause, outcome } = action;
        let outcomes = self.seats.outcomes(self.place(last, node), cause);
        let outcome = &outcomes[usize::from(outcome)];
        let term = self.seat(last, node).view.term;
        match cause {
            Cause::Leads => state.led[term.0 as usize] = Some(node),
            Cause::Timeout(MutexTimer::Grace) if self.rules.leases == Leases::Kept => {
                state.graced = state.graced.max(term);
            }
            _ => {}
        }
        if outcome.cut || cause == Cause::Restart {
            state.crashes -= 1;
        }
        self.carry_out(&mut state, node, outcome);
        self.settle(&mut state);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always("one holder of a token", |_, s: &State| s.books.keeps(Broken::Token)),
            Property::always(
                "only the leader grants, and only what was asked for",
                |_, s: &State| s.books.keeps(Broken::Grant),
            ),
            Property::always("a request is served once", |_, s: &State| {
                s.books.keeps(Broken::Twice)
            }),
            Property::always("who waits for another has a timer", |m: &Self, s: &State| {
                m.nodes().all(|node| !m.seat(s, node).is_stuck())
            }),
            Property::sometimes("a node is in", |m: &Self, s: &State| m.holders(s) > 0),
            Property::sometimes("a node is in by the last term", |m: &Self, s: &State| {
                m.nodes().any(|node| {
                    let holds = m.seat(s, node).mutex.holding();
                    holds.is_some_and(|(_, token, _)| token.term == m.rules.last_term)
                })
            }),
        ];
        if self.rules.leases == Leases::Kept {
            all.push(Property::always("one holder", |m: &Self, s: &State| m.holders(s) <= 1));
        }
        all
    }
}

impl Subject for Lock {
    fn told(&self, before: &State, action: &Action) -> String {
        let node = action.node;
        let what = match action.cause {
            Cause::Delivery(number) => {
                let packet = self.seats.packet(number);
                let name = packet.name();
                format!(
                    "node {node} receives {name} of term {} from {}",
                    packet.term.0, packet.from
                )
            }
            Cause::Timeout(timer) => {
                format!("node {node}'s timer {} runs out", Timer::Mutex(timer).name())
            }
            Cause::Request => format!("node {node} asks for the lock"),
            Cause::Release => format!("node {node} leaves the critical section"),
            Cause::Restart => format!("node {node} crashes and restarts"),
            Cause::HearsOf(term) => format!("node {node} hears of term {}", term.0),
            Cause::Leads => format!("node {node} takes office"),
            Cause::Follows(leader) => format!("node {node} follows {leader}"),
            Cause::LeavesLeader => format!("node {node} follows nobody any more"),
            Cause::EarnsLease => format!("node {node} has its lease"),
            Cause::Suspects(other) => format!("node {node} suspects {other} for a while"),
        };
        let whole = self.seats.outcomes(self.place(before, node), action.cause);
        let cut = whole.get(usize::from(action.outcome)).is_some_and(|outcome| outcome.cut);
        if cut { format!("{what}, crashes before it grants, and restarts") } else { what }
    }
}
