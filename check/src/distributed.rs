//! The distributed lock of the core (Ricart and Agrawala 1981) in a network that loses, copies and
//! reorders messages without bounds.
//!
//! A message stays in the network after its receipt, so it may be received again, in any order or
//! never. A crash needs no transition: a dead node is one that does nothing more. Clocks are bounded
//! as in the model of [Lamport's lock](crate::literature::LamportMutex). A node's clock may tick at
//! any moment, which stands for all events that the model does not contain.

use std::collections::BTreeSet;

use antes_core::{
    Algorithm, ClusterSize, Command, Config, Context, DistributedLock, DistributedMessage, Effect,
    Effects, Event, Hold, Identity, Incarnation, Input, LamportTime, Lock, Message, NodeId,
    RequestId, Stamp, Turn,
};
use stateright::{Model, Property};

use crate::explore::Subject;

/// The bounds of the model.
#[derive(Clone, Debug)]
pub struct Distributed {
    config: Config,
    /// States with a higher clock are not explored.
    max_clock: u64,
    /// How many requests each life of a node may make.
    requests: u8,
    /// How many restarts may happen.
    restarts: u8,
    /// Whether nodes may withdraw a request.
    withdrawals: bool,
}

impl Distributed {
    pub fn new(
        size: ClusterSize,
        max_clock: u8,
        requests: u8,
        restarts: u8,
        withdrawals: bool,
    ) -> Self {
        let mut config = Config::new(Algorithm::Mutex, size);
        config.mutex.lock = Lock::Distributed;
        Self { config, max_clock: max_clock.into(), requests, restarts, withdrawals }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    life: Identity,
    clock: LamportTime,
    lock: DistributedLock,
    made: u8,
}

/// A message in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packet {
    from: NodeId,
    to: NodeId,
    request: RequestId,
    /// The stamp of a REQUEST. `None` for an OK.
    stamp: Option<LamportTime>,
}

impl Packet {
    fn input(self) -> Input {
        let message = match self.stamp {
            Some(stamp) => DistributedMessage::Request { request: self.request, stamp },
            None => DistributedMessage::Ok { request: self.request },
        };
        let (message, stamp) = (Message::Distributed(message), Stamp::default());
        Input::Message { from: self.from, stamp, message }
    }
}

/// The nodes and the network, and the history that the properties need.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    members: Vec<Member>,
    packets: BTreeSet<Packet>,
    restarts: u8,
    /// Stamp and node of the latest entry.
    latest: Option<(LamportTime, NodeId)>,
    /// Whether an entry was out of order before the first restart.
    out_of_order: bool,
}

/// A transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Request(NodeId),
    Withdraw(NodeId),
    Release(NodeId),
    Restart(NodeId),
    /// Some other event of the node ticks its clock.
    Tick(NodeId),
    /// A message is received. It stays in the network.
    Receive(Packet),
}

impl Distributed {
    fn step(&self, state: &mut State, node: NodeId, input: &Input) {
        let member = &mut state.members[node.index()];
        let asked = asked(&member.lock);
        let cx = Context { me: member.life, config: &self.config, clock: member.clock };
        let mut out = Effects::new();
        member.lock.step(cx, input, &mut out);
        for effect in out {
            match effect {
                Effect::Send { to, message: Message::Distributed(message) } => {
                    let (request, stamp) = (message.request(), message.stamp());
                    // The clock has counted the first REQUEST.
                    member.clock = stamp.map_or(member.clock, |stamp| stamp.max(member.clock));
                    state.packets.insert(Packet { from: node, to, request, stamp });
                }
                Effect::Emit(Event::Entered { .. }) => {
                    let entry = asked.map(|stamp| (stamp, node));
                    state.out_of_order |= entry < state.latest && state.restarts == 0;
                    state.latest = entry;
                }
                _ => {}
            }
        }
    }
}

/// The stamp of the request for which the node asks.
fn asked(lock: &DistributedLock) -> Option<LamportTime> {
    match turn(lock) {
        Some(Turn::Asks { stamp, .. }) => Some(stamp),
        Some(Turn::Waits | Turn::Inside) | None => None,
    }
}

/// The state of the first of the node's requests.
fn turn(lock: &DistributedLock) -> Option<Turn> {
    lock.requests().first().map(|request| request.progress)
}

impl Model for Distributed {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let member = |node| Member {
            life: Identity { node, incarnation: Incarnation::FIRST },
            clock: LamportTime(0),
            lock: DistributedLock::default(),
            made: 0,
        };
        let members = self.config.size.nodes().map(member).collect();
        let packets = BTreeSet::new();
        vec![State { members, packets, restarts: 0, latest: None, out_of_order: false }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for member in &state.members {
            let node = member.life.node;
            actions.push(Action::Tick(node));
            match turn(&member.lock) {
                None if member.made < self.requests => actions.push(Action::Request(node)),
                Some(Turn::Asks { .. }) if self.withdrawals => actions.push(Action::Withdraw(node)),
                None | Some(Turn::Waits | Turn::Asks { .. }) => {}
                Some(Turn::Inside) => actions.push(Action::Release(node)),
            }
            if state.restarts < self.restarts {
                actions.push(Action::Restart(node));
            }
        }
        actions.extend(state.packets.iter().copied().map(Action::Receive));
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Request(node) => {
                state.members[node.index()].made += 1;
                let command = Command::Request { hold: Hold::UntilReleased };
                self.step(&mut state, node, &Input::Command(command));
            }
            Action::Withdraw(node) => {
                let command = Command::Withdraw { request: None };
                self.step(&mut state, node, &Input::Command(command));
            }
            Action::Release(node) => {
                self.step(&mut state, node, &Input::Command(Command::Release));
            }
            Action::Restart(node) => {
                state.restarts += 1;
                let member = &mut state.members[node.index()];
                member.life.incarnation = member.life.incarnation.next();
                (member.clock, member.made) = (LamportTime(0), 0);
                member.lock = DistributedLock::default();
            }
            Action::Tick(node) => state.members[node.index()].clock.tick(),
            Action::Receive(packet) => {
                let clock = &mut state.members[packet.to.index()].clock;
                // The receipt of an OK needs no tick: `Tick` stands for it.
                if let Some(stamp) = packet.stamp {
                    clock.0 = clock.0.max(stamp.0 + 1);
                }
                self.step(&mut state, packet.to, &packet.input());
            }
        }
        (state != *last).then_some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one holder", |_, state: &State| inside(state) <= 1),
            Property::always("entries in the order of the requests", |_, state: &State| {
                !state.out_of_order
            }),
            Property::sometimes("a node is in while another waits", |_, state: &State| {
                inside(state) == 1 && state.members.iter().any(|it| asked(&it.lock).is_some())
            }),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.members.iter().all(|member| member.clock.0 <= self.max_clock)
    }
}

fn inside(state: &State) -> usize {
    state.members.iter().filter(|member| turn(&member.lock) == Some(Turn::Inside)).count()
}

impl Subject for Distributed {
    fn describe(&self, _before: &State, action: &Action) -> String {
        match *action {
            Action::Request(node) => format!("node {node} asks for the lock"),
            Action::Withdraw(node) => format!("node {node} gives its request up"),
            Action::Release(node) => format!("node {node} leaves"),
            Action::Restart(node) => format!("node {node} restarts, with its clock at 0"),
            Action::Tick(node) => format!("the clock of node {node} ticks"),
            Action::Receive(packet) => {
                let Packet { from, to, request, stamp } = packet;
                match stamp {
                    Some(stamp) => {
                        format!("node {to} receives REQUEST {request} with stamp {stamp}")
                    }
                    None => format!("node {to} receives OK for {request} from {from}"),
                }
            }
        }
    }
}
