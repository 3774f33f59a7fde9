//! Lamport's mutual exclusion without a coordinator: each node keeps a queue, ordered by stamp.
//!
//! Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System" (1978). The states
//! are those of the public TLA+ specification LamportMutex; with three nodes and clocks up to 6
//! they are 724,274.

use stateright::{Model, Property};

use crate::explore::Subject;

/// The algorithm, with bounded clocks.
#[derive(Clone, Copy, Debug)]
pub struct LamportMutex {
    pub nodes: u8,
    /// States with a higher clock are not explored.
    pub max_clock: u8,
}

impl LamportMutex {
    /// The instance with a published number of states.
    pub const PUBLISHED: Self = Self { nodes: 3, max_clock: 6 };
    /// The published number of states.
    pub const PUBLISHED_STATES: usize = 724_274;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// Asks for the lock; carries the sender's clock.
    Request(u8),
    /// Acknowledges a request of its receiver.
    Acknowledge,
    /// The sender has left the critical section.
    Release,
}

/// The state of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    clock: u8,
    /// The clock of each node's request, as far as this node knows; 0 if it has none.
    requests: Vec<u8>,
    /// The nodes that have acknowledged this node's request, as a bit mask.
    acknowledged: u16,
    inside: bool,
}

/// The nodes, and the messages of each link in FIFO order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    members: Vec<Member>,
    links: Vec<Vec<Vec<Message>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A node asks for the lock.
    Request(usize),
    /// A node enters the critical section.
    Enter(usize),
    /// A node leaves the critical section.
    Exit(usize),
    /// A node handles the first message of a link.
    Receive { from: usize, to: usize },
}

impl State {
    fn may_enter(&self, node: usize) -> bool {
        let member = &self.members[node];
        let everybody = u16::MAX >> (16 - self.members.len());
        let mine = (member.requests[node], node);
        let first = |(other, &stamp): (usize, &u8)| stamp == 0 || mine <= (stamp, other);
        !member.inside
            && member.acknowledged == everybody
            && member.requests.iter().enumerate().all(first)
    }

    fn tell_others(&mut self, from: usize, message: Message) {
        for to in (0..self.members.len()).filter(|&to| to != from) {
            self.links[from][to].push(message);
        }
    }

    fn receive(&mut self, from: usize, to: usize) {
        let message = self.links[from][to].remove(0);
        let member = &mut self.members[to];
        match message {
            Message::Request(stamp) => {
                member.requests[from] = stamp;
                member.clock = member.clock.max(stamp) + 1;
                self.links[to][from].push(Message::Acknowledge);
            }
            Message::Acknowledge => member.acknowledged |= 1 << from,
            Message::Release => member.requests[from] = 0,
        }
    }
}

impl Model for LamportMutex {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let nodes = usize::from(self.nodes);
        let member = Member { clock: 1, requests: vec![0; nodes], acknowledged: 0, inside: false };
        vec![State { members: vec![member; nodes], links: vec![vec![Vec::new(); nodes]; nodes] }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        for node in 0..state.members.len() {
            if state.members[node].requests[node] == 0 {
                actions.push(Action::Request(node));
            }
            if state.may_enter(node) {
                actions.push(Action::Enter(node));
            }
            if state.members[node].inside {
                actions.push(Action::Exit(node));
            }
            for to in 0..state.members.len() {
                if !state.links[node][to].is_empty() {
                    actions.push(Action::Receive { from: node, to });
                }
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Request(node) => {
                let member = &mut state.members[node];
                member.requests[node] = member.clock;
                member.acknowledged = 1 << node;
                let request = Message::Request(member.clock);
                state.tell_others(node, request);
            }
            Action::Enter(node) => state.members[node].inside = true,
            Action::Exit(node) => {
                let member = &mut state.members[node];
                member.inside = false;
                member.requests[node] = 0;
                member.acknowledged = 0;
                state.tell_others(node, Message::Release);
            }
            Action::Receive { from, to } => state.receive(from, to),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("one holder", |_, state: &State| {
                state.members.iter().filter(|member| member.inside).count() <= 1
            }),
            Property::sometimes("a node is in", |_, state: &State| {
                state.members.iter().any(|member| member.inside)
            }),
        ]
    }

    fn within_boundary(&self, state: &State) -> bool {
        state.members.iter().all(|member| member.clock <= self.max_clock)
    }
}

impl Subject for LamportMutex {
    fn describe(&self, before: &State, action: &Action) -> String {
        match *action {
            Action::Request(node) => format!("node {} asks for the lock", node + 1),
            Action::Enter(node) => format!("node {} enters", node + 1),
            Action::Exit(node) => format!("node {} leaves", node + 1),
            Action::Receive { from, to } => {
                let message = before.links[from][to].first();
                let name = match message {
                    Some(Message::Request(_)) => "REQUEST",
                    Some(Message::Acknowledge) => "ACKNOWLEDGE",
                    Some(Message::Release) => "RELEASE",
                    None => "nothing",
                };
                format!("node {} receives {name} from {}", to + 1, from + 1)
            }
        }
    }
}
