//! A small cluster of the core's state machines. It follows the driver's contract to the letter.
//!
//! Time has no length here: a timer is armed or not, and [`Timing`] says when an armed timer may
//! fire. Everything that could go on for ever is bounded by a [`Budget`] in the state. The effects
//! of a step are carried out at once, except that a crash may cut them off after any effect that
//! other nodes can see. (Interleaving other nodes' steps with a node's effects would add no
//! behaviour: their steps commute with effects that only add to the network or to the node's own
//! storage.)

mod describe;
mod history;
mod step;
mod timing;

use std::collections::BTreeSet;

use antes_core::{
    Algorithm, Command, Config, Hold, Identity, Message, NodeId, Stable, Stack, Term, Timer,
};
use stateright::{Model, Property};

pub(crate) use history::note;
pub use history::{Broken, History};
pub use timing::Timing;

/// How often each unbounded event may happen in a run, on all nodes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Budget {
    pub crashes: u8,
    pub restarts: u8,
    pub losses: u8,
    pub duplicates: u8,
    pub timeouts: u8,
    /// Elections that a user may start.
    pub elections: u8,
    /// Requests that a user may make; at most one per life of a node.
    pub requests: u8,
    /// Requests that a user may withdraw.
    pub withdrawals: u8,
}

/// A model of a cluster: the configuration, the timing assumption, and the bounds.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// The configuration of each node.
    pub config: Config,
    /// Whether all nodes start with the highest id as their leader.
    pub elected: bool,
    pub timing: Timing,
    pub budget: Budget,
    /// States of later terms are not explored.
    pub last_term: Term,
    /// Whether a needless election of a classic node counts as a violation: one that it starts
    /// while a higher node is about to lead.
    pub frugal: bool,
}

/// The volatile state of a node that is up.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Life {
    pub(crate) stack: Stack,
    pub(crate) timers: BTreeSet<Timer>,
}

/// A node. `life` is `None` while it is down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClusterNode {
    pub(crate) me: Identity,
    pub(crate) stable: Stable,
    pub(crate) life: Option<Life>,
    /// How many requests this life of the node has made.
    pub(crate) made: u32,
}

/// A message that has been sent and has neither arrived nor been lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flight {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) message: Message,
}

/// A state of the model: nodes, messages in flight, the rest of the budget, and the history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub(crate) seats: Vec<ClusterNode>,
    /// The messages of each link in FIFO order; the links are sorted by sender, then receiver.
    pub(crate) links: Vec<Vec<Message>>,
    pub(crate) left: Budget,
    pub(crate) history: History,
}

/// The input of a node's step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The first message of the link from this node.
    Delivery(NodeId),
    Timeout(Timer),
    Order(Command),
    /// The start of a new life.
    Restart,
}

/// A transition of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A node handles an input.
    Step {
        node: NodeId,
        cause: Cause,
        /// The number of effects after which the node crashes, if it does.
        cut: Option<usize>,
    },
    /// A node crashes between two steps.
    Crash(NodeId),
    /// The first message of a link is lost.
    Lose { from: NodeId, to: NodeId },
    /// The first message of a link is copied to the end of the link.
    Duplicate { from: NodeId, to: NodeId },
}

impl State {
    pub(crate) fn link(&self, from: NodeId, to: NodeId) -> usize {
        from.index() * self.seats.len() + to.index()
    }

    pub(crate) fn flights(&self) -> impl Iterator<Item = Flight> {
        let nodes = || self.seats.iter().map(|seat| seat.me.node);
        let links = nodes().flat_map(move |from| nodes().map(move |to| (from, to)));
        links.zip(&self.links).flat_map(|((from, to), link)| {
            link.iter().map(move |&message| Flight { from, to, message })
        })
    }

    /// Whether the node in `seat` is up and leads.
    pub(crate) fn leads(&self, seat: &ClusterNode) -> bool {
        let leader = seat.life.as_ref().and_then(|life| life.stack.leader(seat.me.node));
        leader == Some(seat.me.node)
    }

    /// How many nodes are in the critical section.
    pub fn holders(&self) -> usize {
        let inside = |seat: &&ClusterNode| {
            let lock = seat.life.as_ref().and_then(|life| life.stack.lock());
            lock.is_some_and(|lock| lock.requests.iter().any(|&(_, inside)| inside))
        };
        self.seats.iter().filter(inside).count()
    }

    /// How many nodes lead, in any term.
    pub fn leaders(&self) -> usize {
        self.seats.iter().filter(|seat| self.leads(seat)).count()
    }

    /// Whether no message is in flight and no node holds an election.
    pub fn is_quiet(&self) -> bool {
        self.links.iter().all(Vec::is_empty)
            && self
                .seats
                .iter()
                .filter_map(|seat| seat.life.as_ref())
                .all(|life| life.stack.candidacy().is_none_or(|c| c == antes_core::Candidacy::Idle))
    }

    /// Whether there is at most one leader, and no node follows a live node that does not lead.
    pub fn agrees(&self) -> bool {
        let misled = |seat: &ClusterNode| {
            let leader = seat.life.as_ref().and_then(|life| life.stack.leader(seat.me.node));
            let led_by = leader.map(|leader| &self.seats[leader.index()]);
            led_by.is_some_and(|leader| leader.life.is_some() && !self.leads(leader))
        };
        self.leaders() <= 1 && !self.seats.iter().any(misled)
    }

    /// Whether each hardened node that waits has a timer that will make it act.
    pub fn nobody_is_stuck(&self) -> bool {
        self.seats.iter().filter_map(|seat| seat.life.as_ref()).all(|life| {
            let Some((election, mutex)) = life.stack.hardened() else { return true };
            let elects = life
                .timers
                .iter()
                .any(|timer| matches!(timer, Timer::Election(_) | Timer::Term(_)));
            let retry = Timer::Lock(antes_core::hardened::LockTimer::Retry);
            let waits = |mutex: &antes_core::hardened::Mutex| {
                mutex.gives_back()
                    || !mutex.withdrawn().is_empty()
                    || mutex.requests().iter().any(|request| {
                        matches!(request.progress, antes_core::hardened::Progress::Waiting { .. })
                    })
            };
            // A leader repeats its own requests when a majority acknowledges a heartbeat.
            let follows =
                matches!(election.standing(), antes_core::hardened::Standing::Follows { .. });
            elects && !(follows && mutex.is_some_and(waits) && !life.timers.contains(&retry))
        })
    }

    /// Whether a node with a higher id is up and holds an election, or has sent COORDINATOR to
    /// `node`. Then `node` will hear of a leader.
    pub(crate) fn is_led_soon(&self, node: NodeId) -> bool {
        let announced = |from: NodeId| {
            let link = &self.links[self.link(from, node)];
            link.contains(&Message::Election(antes_core::ElectionMessage::Coordinator))
        };
        self.seats.iter().filter(|seat| seat.me.node > node).any(|seat| {
            let candidacy = seat.life.as_ref().and_then(|life| life.stack.candidacy());
            candidacy.is_some_and(|c| c != antes_core::Candidacy::Idle) || announced(seat.me.node)
        })
    }

    fn crashed(&self, budget: &Budget) -> bool {
        self.left.crashes < budget.crashes
    }
}

impl Model for Cluster {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.beginning()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.history.broken.is_some() {
            return;
        }
        for seat in &state.seats {
            let node = seat.me.node;
            for from in self.config.size.others(node) {
                if state.links[state.link(from, node)].is_empty() {
                    continue;
                }
                self.offer(state, node, Cause::Delivery(from), actions);
                if state.left.losses > 0 && seat.life.is_some() {
                    actions.push(Action::Lose { from, to: node });
                }
                if state.left.duplicates > 0 {
                    actions.push(Action::Duplicate { from, to: node });
                }
            }
            let Some(life) = &seat.life else {
                if state.left.restarts > 0 {
                    self.offer(state, node, Cause::Restart, actions);
                }
                continue;
            };
            if state.left.crashes > 0 {
                actions.push(Action::Crash(node));
            }
            for &timer in &life.timers {
                if state.left.timeouts > 0 && self.timing.allows(state, seat, timer) {
                    self.offer(state, node, Cause::Timeout(timer), actions);
                }
            }
            self.offer_orders(state, seat, life, actions);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        Some(self.after(last, action))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let classic = self.config.profile == antes_core::Profile::Classic;
        let mut all = vec![Property::sometimes("a node leads", |_, s: &State| s.leaders() > 0)];
        if self.budget.crashes > 0 {
            all.push(Property::sometimes(
                "a node leads after a crash",
                |model: &Self, s: &State| s.crashed(&model.budget) && s.leaders() > 0,
            ));
        }
        if classic {
            all.push(Property::always(
                "one leader, followed by all, when quiet",
                |_, s: &State| !s.is_quiet() || s.agrees(),
            ));
            if self.frugal {
                all.push(Property::always(
                    "no node elects again while a higher node still does",
                    |_, s: &State| s.history.keeps(Broken::Thrift),
                ));
            }
        } else {
            all.extend([
                Property::sometimes("a second term is led", |_, s: &State| {
                    s.history.terms_led() > 1
                }),
                Property::always("one leader a term", |_, s: &State| {
                    s.history.keeps(Broken::Leader)
                }),
                Property::always("every node that waits has a timer", |_, s: &State| {
                    s.nobody_is_stuck()
                }),
            ]);
        }
        if self.config.algorithm == Algorithm::Mutex {
            all.extend(self.properties_of_the_lock());
        }
        all
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.seats.iter().all(|seat| seat.stable.term <= self.last_term)
    }
}

impl Cluster {
    fn properties_of_the_lock(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always("a request is served once", |_, s: &State| {
                s.history.keeps(Broken::Twice)
            }),
            Property::always(
                "only the leader grants, and only requests that were made",
                |_, s: &State| s.history.keeps(Broken::Grant),
            ),
        ];
        if self.budget.requests > 0 {
            all.push(Property::sometimes("a node is in the critical section", |_, s: &State| {
                s.holders() > 0
            }));
        }
        let hardened = self.config.profile == antes_core::Profile::Hardened;
        if hardened {
            all.push(Property::always("one holder of a token", |_, s: &State| {
                s.history.keeps(Broken::Token)
            }));
        }
        if !hardened || self.timing == Timing::LeaseOrder {
            all.push(Property::always("one holder", |_, s: &State| s.holders() <= 1));
        }
        all
    }

    fn offer_orders(
        &self,
        state: &State,
        seat: &ClusterNode,
        life: &Life,
        actions: &mut Vec<Action>,
    ) {
        let node = seat.me.node;
        if state.left.elections > 0 {
            self.offer(state, node, Cause::Order(Command::Elect), actions);
        }
        if state.left.requests > 0 && seat.made == 0 {
            let command = Command::Request { hold: Hold::UntilReleased };
            self.offer(state, node, Cause::Order(command), actions);
        }
        let Some(lock) = life.stack.lock() else { return };
        if lock.requests.iter().any(|&(_, inside)| inside) {
            self.offer(state, node, Cause::Order(Command::Release), actions);
        }
        if state.left.withdrawals > 0 && lock.requests.iter().any(|&(_, inside)| !inside) {
            let command = Command::Withdraw { request: None };
            self.offer(state, node, Cause::Order(command), actions);
        }
    }
}
