//! Leader election on a ring: each node passes on only ids smaller than its own.
//!
//! Chang and Roberts, "An improved algorithm for decentralized extrema-finding in circular
//! configurations of processes" (1979). The states are those of the public TLA+ specification
//! ChangRoberts; with three nodes and all subsets of initiators they are 137.

use stateright::{Model, Property};

use crate::explore::Subject;

/// The algorithm on a ring of nodes, for all subsets of initiators. The smallest id wins.
#[derive(Clone, Debug)]
pub struct ChangRoberts {
    /// The node ids in ring order; at most 16.
    pub ids: Vec<u8>,
}

impl ChangRoberts {
    /// The published number of states for three nodes.
    pub const PUBLISHED_STATES: usize = 137;

    /// The instance with a published number of states.
    pub fn published() -> Self {
        Self::of(3)
    }

    /// A ring of `nodes` nodes, at most 16: the highest id first, then the others in ascending
    /// order.
    pub fn of(nodes: u8) -> Self {
        let highest = nodes.saturating_sub(1);
        Self { ids: (0..nodes.min(1)).map(|_| highest).chain(0..highest).collect() }
    }

    fn after(&self, node: usize) -> usize {
        (node + 1) % self.ids.len()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It has seen no smaller id yet, so it may still win.
    Candidate,
    /// It has lost and only passes ids on.
    Lost,
    Won,
}

/// The state of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    initiator: bool,
    begun: bool,
    standing: Standing,
    /// The ids that have arrived and were not handled, as a bit mask.
    arrived: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A node starts; an initiator sends its id.
    Begin(usize),
    /// A node handles one of the ids that have arrived.
    Receive { node: usize, id: u8 },
}

impl Model for ChangRoberts {
    type State = Vec<Member>;
    type Action = Action;

    fn init_states(&self) -> Vec<Vec<Member>> {
        let subsets = 0..1usize << self.ids.len();
        let member = |initiator| Member {
            initiator,
            begun: false,
            standing: if initiator { Standing::Candidate } else { Standing::Lost },
            arrived: 0,
        };
        subsets
            .map(|set| (0..self.ids.len()).map(|node| member(set >> node & 1 == 1)).collect())
            .collect()
    }

    fn actions(&self, state: &Vec<Member>, actions: &mut Vec<Action>) {
        for (node, member) in state.iter().enumerate() {
            if !member.begun {
                actions.push(Action::Begin(node));
                continue;
            }
            let ids = (0..8).filter(|id| member.arrived >> id & 1 == 1);
            actions.extend(ids.map(|id| Action::Receive { node, id }));
        }
    }

    fn next_state(&self, last: &Vec<Member>, action: Action) -> Option<Vec<Member>> {
        let mut state = last.clone();
        match action {
            Action::Begin(node) => {
                state[node].begun = true;
                if state[node].initiator {
                    state[self.after(node)].arrived |= 1 << self.ids[node];
                }
            }
            Action::Receive { node, id } => {
                state[node].arrived &= !(1 << id);
                let own = self.ids[node];
                let passes = state[node].standing == Standing::Lost || id < own;
                if passes {
                    state[node].standing = Standing::Lost;
                    state[self.after(node)].arrived |= 1 << id;
                } else if id == own {
                    state[node].standing = Standing::Won;
                }
            }
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("only the smallest initiator wins", |model, state: &Vec<Member>| {
                let winners = (0..state.len()).filter(|&n| state[n].standing == Standing::Won);
                winners.into_iter().all(|winner| {
                    let beaten = |other: usize| {
                        other == winner
                            || state[other].standing == Standing::Lost
                                && !(state[other].initiator && model.ids[other] < model.ids[winner])
                    };
                    state[winner].initiator && (0..state.len()).all(beaten)
                })
            }),
            Property::sometimes("a node wins", |_, state: &Vec<Member>| {
                state.iter().any(|member| member.standing == Standing::Won)
            }),
        ]
    }
}

impl Subject for ChangRoberts {
    fn describe(&self, _before: &Vec<Member>, action: &Action) -> String {
        let name = |node: usize| self.ids[node];
        match *action {
            Action::Begin(node) => format!("node {} begins", name(node)),
            Action::Receive { node, id } => format!("node {} receives id {id}", name(node)),
        }
    }
}
