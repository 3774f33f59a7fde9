//! The hardened lock with the soup as its network, under an assumed election.
//!
//! The model assumes what the model of the election shows: each term has one leader, elected once,
//! and a node that follows a leader in a term follows that term's leader. Everything else is
//! arbitrary: which node leads which term, when a node hears of a term, follows or leaves its
//! leader, whether and when the leader earns its lease, and which nodes it suspects.

use std::sync::Arc;

use antes_core::hardened::{LockTimer, MutexMessage};
use antes_core::{NodeId, RequestId, Term, Token};
use stateright::{Model, Property};

use super::cache::{Found, Missing, Move, Packets, StateId, TransitionCache};
use super::lock_node::{Cause, LockNode};
use crate::cluster::Broken;
use crate::explore::{Steps, Subject};

mod leases;
mod quotient;
pub(super) mod rules;

use leases::Claims;

pub use rules::{LAST_TERM, Leases, MOST_NODES, Rules};

/// The model: the rules, and the transitions computed so far.
#[derive(Clone, Debug)]
pub struct Lock {
    rules: Arc<Rules>,
    cache: Arc<TransitionCache>,
}

/// A state of the model: the nodes, the messages, and the facts that the properties need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct State {
    seats: [StateId; MOST_NODES as usize],
    /// Messages that were sent and may still matter.
    soup: Packets,
    /// The leader of each term that some node may still be in.
    led: [Option<NodeId>; LAST_TERM.0 as usize + 1],
    /// The latest term whose grace has ended; 0 if that no longer matters.
    graced: Term,
    crashes: u8,
    sight: Sight,
}

/// Facts about the state that the properties need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Sight {
    /// The first invariant that was violated.
    broken: Option<Broken>,
    /// How many nodes are in the critical section.
    holders: u8,
    /// Whether a node holds a grant of the last term.
    in_last_term: bool,
    /// Whether a node waits for an answer without a timer.
    stuck: bool,
    /// Whether a request was withdrawn after it was granted.
    given_up_late: bool,
}

/// A transition of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    node: NodeId,
    why: Why,
    /// The index of the outcome.
    number: u8,
}

/// The cause of a transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Why {
    /// The arrival of this message.
    Heard(u16),
    /// The cause at this index of the node's list.
    Own(u16),
}

impl Lock {
    pub fn new(rules: Rules) -> Self {
        let rules = Arc::new(rules);
        Self { cache: Arc::new(TransitionCache::new(Arc::clone(&rules))), rules }
    }

    #[cfg(test)]
    pub(super) fn cache(&self) -> &TransitionCache {
        &self.cache
    }

    #[cfg(test)]
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }

    fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.rules.config.size.nodes()
    }

    fn seats<'a>(&self, found: &'a Found, state: &State) -> impl Iterator<Item = &'a LockNode> {
        let places = state.seats;
        self.nodes().map(move |node| &*found.entry(places[node.index()]).seat)
    }

    /// The state before any transition: the highest id leads the first term.
    fn first(&self) -> State {
        let mut seats = [StateId::default(); MOST_NODES as usize];
        for (place, node) in seats.iter_mut().zip(self.nodes()) {
            *place = self.cache.first(node);
        }
        let mut led = [None; LAST_TERM.0 as usize + 1];
        led[1] = Some(self.rules.config.size.highest());
        let (crashes, soup, sight) = (self.rules.crashes, Packets::default(), Sight::default());
        State { seats, soup, led, graced: Term(0), crashes, sight }
    }

    /// All transitions that are possible in `state`.
    fn moves(&self, found: &Found, state: &State) -> Result<Vec<Action>, Missing> {
        let claims = self.claims(found, state);
        let mut all = Vec::new();
        for node in self.nodes() {
            let place = state.seats[node.index()];
            let entry = found.entry(place);
            let nothing =
                |m: &Move| m.next == place && state.soup.includes(&m.sent) && m.broken.is_none();
            let may = |m: &Move| !nothing(m) && (state.crashes > 0 || !m.cut);
            for packet in found.addressed(place, &state.soup)?.both(&entry.acts_on).iter() {
                let why = Why::Heard(packet as u16);
                all.extend(numbered(node, why, found.heard(place, packet)?, may));
            }
            for (number, &(cause, _)) in entry.own.iter().enumerate() {
                if self.may(state, &entry.seat, cause, &claims) {
                    let why = Why::Own(number as u16);
                    all.extend(numbered(node, why, found.own(place, number)?, may));
                }
            }
        }
        Ok(all)
    }

    fn cause(&self, found: &Found, state: &State, action: Action) -> Cause {
        match action.why {
            Why::Heard(packet) => Cause::Delivery(packet),
            Why::Own(number) => {
                found.entry(state.seats[action.node.index()]).own[usize::from(number)].0
            }
        }
    }

    /// The facts that keep leases and grace times from ending in this state.
    fn claims(&self, found: &Found, state: &State) -> Claims {
        if self.rules.leases == Leases::Ignored {
            return Claims::default();
        }
        let mut granted: Vec<(RequestId, Token, u32)> = Vec::new();
        for packet in state.soup.both(&found.grants).iter() {
            if let MutexMessage::Grant { request, repetition, token } =
                found.packets[packet].message
            {
                granted.push((request, token, repetition));
            }
        }
        granted.extend(self.seats(found, state).filter_map(|seat| seat.mutex.holding()));
        let is_live = |&(request, _, repetition): &(RequestId, Token, u32)| {
            let place = state.seats[request.by.node.index()];
            found.entry(place).seat.claims(request, repetition)
        };
        let live = granted.into_iter().filter(is_live);
        let live = live.map(|(request, token, _)| (request, token)).collect();
        let reigning = self.seats(found, state).filter(|seat| seat.view.has_lease);
        Claims { live, reign: reigning.map(|seat| seat.view.term).min() }
    }

    /// Whether this cause is possible for the node in `seat`.
    fn may(&self, state: &State, seat: &LockNode, cause: Cause, claims: &Claims) -> bool {
        let led = state.led[seat.view.term.0 as usize];
        match cause {
            Cause::Timeout(LockTimer::Lease) => claims.lease_may_end(seat),
            Cause::Timeout(LockTimer::Grace) => claims.grace_may_end(seat),
            Cause::Restart => state.crashes > 0,
            Cause::Leads => led.is_none(),
            Cause::Follows(leader) => led == Some(leader),
            Cause::EarnsLease => seat.view.term >= state.graced,
            Cause::Delivery(_)
            | Cause::Timeout(_)
            | Cause::Request
            | Cause::Release
            | Cause::Withdraw
            | Cause::HearsOf(_)
            | Cause::LeavesLeader
            | Cause::Suspects(_) => true,
        }
    }

    /// The state after a transition.
    fn after(&self, found: &Found, last: &State, action: Action) -> Result<State, Missing> {
        let mut state = *last;
        let node = action.node.index();
        let place = last.seats[node];
        let moves = match action.why {
            Why::Heard(packet) => found.heard(place, usize::from(packet))?,
            Why::Own(number) => found.own(place, usize::from(number))?,
        };
        let m = &moves[usize::from(action.number)];
        let term = found.entry(place).seat.view.term;
        let cause = self.cause(found, last, action);
        match cause {
            Cause::Leads => state.led[term.0 as usize] = Some(action.node),
            Cause::Timeout(LockTimer::Grace) if self.rules.leases == Leases::Kept => {
                state.graced = state.graced.max(term);
            }
            _ => {}
        }
        if m.cut || cause == Cause::Restart {
            state.crashes -= 1;
        }
        state.seats[node] = m.next;
        state.soup.add(&m.sent);
        let mut broken = m.broken;
        for &request in &m.granted {
            if !found.entry(state.seats[request.by.node.index()]).seat.has_made(request) {
                broken = broken.or(Some(Broken::Grant));
            }
        }
        self.settle(found, &mut state)?;
        state.sight = self.sight(found, &state, broken);
        Ok(state)
    }

    /// Sends all answers that do not change their sender, except for grants, which affect leases.
    /// Removes messages that no longer matter.
    fn settle(&self, found: &Found, state: &mut State) -> Result<(), Missing> {
        let places = &state.seats[..usize::from(self.rules.config.size.get())];
        loop {
            let before = state.soup;
            for &place in places {
                found.answer(place, &mut state.soup)?;
            }
            if state.soup == before {
                break;
            }
        }
        for &place in places {
            found.forget(place, &state.led, &mut state.soup)?;
        }
        let first = self.seats(found, state).map(|seat| seat.view.term).min().unwrap_or_default();
        for led in state.led.iter_mut().take(first.0 as usize) {
            *led = None;
        }
        // Whether some node may still lead a term before `graced` and earn a lease.
        let late = |seat: &LockNode| {
            let mut terms = seat.view.term.0..state.graced.0;
            let leads = seat.view.leader == Some(seat.me.node) && seat.view.term < state.graced;
            leads || terms.any(|term| state.led[term as usize].is_none())
        };
        if !self.seats(found, state).any(late) {
            state.graced = Term(0);
        }
        Ok(())
    }

    fn sight(&self, found: &Found, state: &State, broken: Option<Broken>) -> Sight {
        let mut sight = Sight { broken, ..Sight::default() };
        for seat in self.seats(found, state) {
            if let Some((_, token, _)) = seat.mutex.holding() {
                sight.holders += 1;
                sight.in_last_term |= token.term == self.rules.last_term;
            }
            sight.stuck |= seat.is_stuck();
            if let Some((request, _)) = seat.held() {
                let asker = found.entry(state.seats[request.by.node.index()]);
                sight.given_up_late |= asker.seat.gives_up(request);
            }
        }
        sight
    }
}

/// The possible outcomes of one cause.
fn numbered(
    node: NodeId,
    why: Why,
    moves: &[Move],
    may: impl Fn(&Move) -> bool,
) -> impl Iterator<Item = Action> {
    let all = moves.iter().enumerate().filter(move |(_, m)| may(m));
    all.map(move |(number, _)| Action { node, why, number: number as u8 })
}

impl Model for Lock {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let first = self.first();
        vec![self.cache.look(|found| Ok(self.representative(found, first)))]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.sight.broken.is_none() {
            actions.extend(self.cache.look(|found| self.moves(found, state)));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let next = |found: &Found| Ok(self.representative(found, self.after(found, last, action)?));
        Some(self.cache.look(next))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always("one holder of a token", |_, s: &State| s.keeps(Broken::Token)),
            Property::always(
                "only the leader grants, and only requests that were made",
                |_, s: &State| s.keeps(Broken::Grant),
            ),
            Property::always("a request is served once", |_, s: &State| s.keeps(Broken::Twice)),
            Property::always("a node that waits for another has a timer", |_, s: &State| {
                !s.sight.stuck
            }),
            Property::always("the model has room for all messages", |_, s: &State| {
                s.keeps(Broken::Room)
            }),
            Property::always("renaming the nodes changes nothing", |_, s: &State| {
                s.keeps(Broken::Names)
            }),
            Property::sometimes("a node is in the critical section", |_, s: &State| {
                s.sight.holders > 0
            }),
            Property::sometimes("a node enters in the last term", |_, s: &State| {
                s.sight.in_last_term
            }),
        ];
        if self.rules.withdrawals {
            all.push(Property::sometimes(
                "a request is withdrawn after it was granted",
                |_, s: &State| s.sight.given_up_late,
            ));
        }
        all.push(match self.rules.leases {
            Leases::Kept => Property::always("one holder", |_, s: &State| s.sight.holders <= 1),
            Leases::Ignored => {
                Property::sometimes("two nodes are in the critical section", |_, s: &State| {
                    s.sight.holders > 1
                })
            }
        });
        all
    }
}

impl State {
    fn keeps(&self, broken: Broken) -> bool {
        self.sight.broken != Some(broken)
    }
}

impl Subject for Lock {
    fn lines(&self, steps: &Steps<Self>) -> Vec<String> {
        let run = self.run(steps);
        run.iter().map(|(state, action)| self.describe(state, action)).collect()
    }

    fn describe(&self, before: &State, action: &Action) -> String {
        self.cache.look(|found| {
            let node = action.node;
            let cause = self.cause(found, before, *action);
            let place = before.seats[node.index()];
            let (what, moves) = match action.why {
                Why::Heard(number) => {
                    let number = usize::from(number);
                    let packet = found.packets[number];
                    let (name, term, from) = (packet.name(), packet.term.0, packet.from);
                    let what = format!("node {node} receives {name} of term {term} from {from}");
                    (what, found.heard(place, number)?)
                }
                Why::Own(number) => (cause.describe(node), found.own(place, usize::from(number))?),
            };
            let cut = moves[usize::from(action.number)].cut;
            Ok(if cut { format!("{what}, crashes before it grants, and restarts") } else { what })
        })
    }
}
