//! The hardened election with the soup as its network. Timers may fire at any moment, and nodes may
//! crash and restart any number of times; only the number of terms is bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use antes_core::hardened::{Office, Part, Standing};
use antes_core::{Config, NodeId, Term, Timer};
use stateright::{Model, Property};

use super::recovery::gets_well;
use super::tables::{Cause, Local, Move, Packets, Tables};
use crate::explore::Subject;

pub(super) mod rules;

pub use rules::{LAST_TERM, MOST_NODES, Memory, Origin, Rules};

const WHOLE: &str = "no thread panics while it notes";

/// The model: the rules, the precomputed tables, and the recovery checks made so far.
#[derive(Clone, Debug)]
pub struct Election {
    config: Config,
    origin: Origin,
    tables: Arc<Tables>,
    nodes: usize,
    recovered: Arc<Mutex<HashMap<Nodes, bool>>>,
}

/// The state of each node, as an index into the tables.
type Nodes = [u16; MOST_NODES as usize];

/// A state of the model: the nodes, the messages, and the leaders of the terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    nodes: Nodes,
    /// Messages that were sent and still matter.
    soup: Packets,
    /// The leader of each term that some node may still be in.
    led: [Option<NodeId>; LAST_TERM.0 as usize + 1],
    /// Whether a term has had two leaders.
    broken: bool,
}

/// A transition: an index into the moves of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    node: u8,
    number: u16,
}

impl Election {
    pub fn new(rules: &Rules) -> Self {
        let nodes = usize::from(rules.config.size.get());
        let (config, origin) = (rules.config, rules.origin);
        let tables = Arc::new(Tables::new(rules));
        Self { config, origin, tables, nodes, recovered: Arc::default() }
    }

    /// Whether the cluster recovers from this state if no more faults happen. The result is
    /// computed once per combination of node states.
    fn recovers(&self, state: &State) -> bool {
        let known = || self.recovered.lock().expect(WHOLE);
        let tried = known().get(&state.nodes).copied();
        tried.unwrap_or_else(|| {
            let nodes = self.locals(state).map(|local| &local.node);
            let well = gets_well(&self.config, nodes);
            known().insert(state.nodes, well);
            well
        })
    }

    /// The number of distinct combinations of node states that were checked for recovery.
    pub fn configurations(&self) -> usize {
        self.recovered.lock().expect(WHOLE).len()
    }

    fn local(&self, state: &State, node: usize) -> &Local {
        &self.tables.locals[node][usize::from(state.nodes[node])]
    }

    fn locals<'a>(&'a self, state: &'a State) -> impl Iterator<Item = &'a Local> + Clone {
        (0..self.nodes).map(|node| self.local(state, node))
    }

    /// Whether each node follows a node that has led the follower's term.
    fn follow_rightly(&self, state: &State) -> bool {
        self.locals(state).all(|local| {
            let node = &local.node;
            let leader = node.stack.leader(node.id);
            leader.is_none() || leader == state.led[node.term().0 as usize]
        })
    }

    /// Whether this move is possible. `latest` is the latest term of any node.
    fn may(&self, state: &State, latest: Term, m: &Move) -> bool {
        match m.cause {
            Cause::Delivery(packet) => state.soup.contains(usize::from(packet)),
            Cause::HearsOf(term) => term <= latest,
            Cause::Timeout(_)
            | Cause::Closed(_)
            | Cause::Elect
            | Cause::Leave
            | Cause::Restart
            | Cause::LosesMemory => true,
        }
    }

    fn latest(&self, state: &State) -> Term {
        self.locals(state).map(|local| local.node.term()).max().unwrap_or_default()
    }

    /// Sends all answers that do not change their sender, and removes messages that no longer
    /// matter.
    fn settle(&self, state: &mut State) {
        let latest = self.latest(state);
        loop {
            let before = state.soup;
            for node in 0..self.nodes {
                let stays = |m: &&Move| m.next == state.nodes[node];
                for m in self.local(state, node).moves.iter().filter(stays) {
                    if !state.soup.includes(&m.sent) && self.may(state, latest, m) {
                        state.soup.add(&m.sent);
                    }
                }
            }
            if state.soup == before {
                break;
            }
        }
        for node in 0..self.nodes {
            let local = &self.tables.locals[node][usize::from(state.nodes[node])];
            state.soup.remove(&self.tables.addressed[node], &local.matters);
        }
        let first = self.locals(state).map(|local| local.node.term()).min().unwrap_or_default();
        for led in state.led.iter_mut().take(first.0 as usize) {
            *led = None;
        }
    }
}

impl Local {
    fn office(&self) -> Option<&Office> {
        match self.node.stack.hardened()?.0.standing() {
            Standing::Leads(office) => Some(office),
            Standing::Leaderless | Standing::Follows { .. } => None,
        }
    }

    fn leads(&self) -> bool {
        self.office().is_some()
    }
}

impl Model for Election {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut state = State { soup: self.tables.sent, ..State::default() };
        if self.origin == Origin::Founded {
            state.led[1] = NodeId::new(self.nodes as u8);
        }
        self.settle(&mut state);
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken {
            return;
        }
        let latest = self.latest(state);
        for node in 0..self.nodes {
            let place = state.nodes[node];
            for (number, m) in self.local(state, node).moves.iter().enumerate() {
                if m.next != place && self.may(state, latest, m) {
                    actions.push(Action { node: node as u8, number: number as u16 });
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = *last;
        let node = usize::from(action.node);
        let m = &self.local(last, node).moves[usize::from(action.number)];
        state.nodes[node] = m.next;
        state.soup.add(&m.sent);
        if let Some(term) = m.leads {
            let led = &mut state.led[term.0 as usize];
            state.broken |= led.is_some();
            *led = NodeId::new(action.node + 1);
        }
        self.settle(&mut state);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always("one leader a term, and once", |_, s: &State| !s.broken),
            Property::always("only the leader of the term is followed", Self::follow_rightly),
            Property::always("every node has a timer that makes it act", |m: &Self, s: &State| {
                let waits = |timer: &Timer| {
                    matches!(timer, Timer::Election(_) | Timer::Term(_) | Timer::Birth)
                };
                let has_one = |local: &Local| local.node.timers.iter().any(waits);
                m.locals(s).all(|local| local.node.stack.part() == Part::Aside || has_one(local))
            }),
            Property::sometimes("the last term is led", |m: &Self, s: &State| {
                let last = m.tables.last_term;
                m.locals(s).any(|local| local.node.term() == last && local.leads())
            }),
            Property::sometimes("a leader has its lease", |m: &Self, s: &State| {
                m.locals(s).any(|local| local.office().is_some_and(Office::has_lease))
            }),
        ];
        match self.origin {
            Origin::Founded => {
                let recovers = Property::always(
                    "without further faults, the cluster recovers",
                    Self::recovers,
                );
                all.push(recovers);
            }
            origin => all.extend(properties_of_births(origin.loser())),
        }
        // Two nodes need each other for a majority, so only one of them leads at a time.
        if self.nodes > 2 && self.origin == Origin::Founded {
            all.extend([
                Property::sometimes(
                    "a node other than the highest leads",
                    |m: &Self, s: &State| {
                        let last = m.tables.last_term;
                        let others = m.locals(s).take(m.nodes - 1);
                        others.filter(|local| local.node.term() == last).any(Local::leads)
                    },
                ),
                Property::sometimes("there are leaders of two terms", |m: &Self, s: &State| {
                    m.locals(s).filter(|local| local.leads()).count() > 1
                }),
            ]);
        }
        all
    }
}

/// The properties for runs with new memories, where node `loses` may lose its memory.
fn properties_of_births(loses: Option<NodeId>) -> Vec<Property<Election>> {
    let mut all = vec![Property::sometimes("all take part", |m: &Election, s: &State| {
        m.locals(s).all(|local| local.node.stack.part() == Part::Takes)
    })];
    if loses.is_some() {
        all.extend([
            Property::sometimes("a lost memory is refused", |m: &Election, s: &State| {
                m.locals(s).any(|local| local.node.stack.part() == Part::Aside)
            }),
            Property::sometimes(
                "a node takes part after an unnoticed loss of memory",
                |m: &Election, s| {
                    let second = |local: &Local| local.node.has_second_memory();
                    let takes = |local: &Local| local.node.stack.part() == Part::Takes;
                    m.locals(s).any(|local| second(local) && takes(local))
                },
            ),
        ]);
    }
    all
}

impl Subject for Election {
    fn describe(&self, before: &State, action: &Action) -> String {
        let node = usize::from(action.node);
        let m = &self.local(before, node).moves[usize::from(action.number)];
        let id = node + 1;
        let what = match m.cause {
            Cause::Delivery(packet) => {
                let packet = self.tables.packets[usize::from(packet)];
                format!("node {id} receives {} from {}", packet.message.name(), packet.from)
            }
            Cause::HearsOf(term) => format!("node {id} hears of term {}", term.0),
            Cause::Timeout(timer) => format!("node {id}'s timer {} runs out", timer.name()),
            Cause::Closed(peer) => format!("node {id}'s connection to {peer} is closed"),
            Cause::Elect => format!("node {id} is told to hold an election"),
            Cause::Leave => format!("node {id} leaves and restarts"),
            Cause::Restart => format!("node {id} crashes and restarts"),
            Cause::LosesMemory => format!("node {id} crashes and restarts with an empty memory"),
        };
        if m.cut { format!("{what}, crashes on the way, and restarts") } else { what }
    }
}
