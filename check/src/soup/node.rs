//! A node of the election model: the core's protocols, its armed timers and its stable storage.

use std::collections::BTreeSet;

use super::election::rules::{Memory, Origin, Rules};
use antes_core::hardened::{self, Birth, Body, ElectionMessage, Termed};
use antes_core::{
    Context, Effect, Effects, ElectionId, Event, Identity, Incarnation, Message, NodeId, Stable,
    Stack, Term, Timer,
};
use antes_sim::narrow::{Input, Stamp};

/// The first birth of a node, if memories are new.
const FIRST_BIRTH: Birth = Birth(1);

/// The birth of a node that has lost its first memory.
const SECOND_BIRTH: Birth = Birth(2);

/// A message that was sent. It may arrive any number of times, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    pub from: NodeId,
    pub to: NodeId,
    pub message: Message,
}

/// A node and its stable storage.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    pub(super) id: NodeId,
    pub(super) stable: Stable,
    pub(super) memory: hardened::Memory,
    pub(super) stack: Stack,
    pub(super) timers: BTreeSet<Timer>,
}

/// The result of a step.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The node after the step.
    pub node: Node,
    /// The messages that it sent.
    pub sent: Vec<Packet>,
    /// The term that it became the leader of, if any.
    pub leads: Option<Term>,
    /// Whether the node crashed during the step and restarted.
    pub cut: bool,
}

impl Node {
    /// Starts a node for the first time.
    pub fn first(rules: &Rules, id: NodeId) -> Outcome {
        match rules.origin {
            Origin::Founded => {
                let leader = rules.config.size.highest();
                let stable = Stable { term: Term(1), vote: Some(leader) };
                Self::start(rules, id, (stable, hardened::Memory::default()), Some(leader))
            }
            Origin::Joined { by } if by != id => {
                let met = hardened::Acquaintances::all_but(by);
                let memory = hardened::Memory { met, ..hardened::Memory::default() };
                Self::start(rules, id, (Stable::default(), memory), None)
            }
            Origin::New { .. } | Origin::Joined { .. } => Self::born(rules, id, FIRST_BIRTH),
        }
    }

    /// Starts a node with a new memory.
    fn born(rules: &Rules, id: NodeId, birth: Birth) -> Outcome {
        Self::start(rules, id, (Stable::default(), hardened::Memory::born(birth)), None)
    }

    /// Restarts the node with a new memory, if the rules allow it to lose its memory now.
    pub fn with_memory_lost(&self, rules: &Rules) -> Option<Outcome> {
        let may = rules.origin.loser() == Some(self.id);
        (may && !self.has_second_memory()).then(|| Self::born(rules, self.id, SECOND_BIRTH))
    }

    /// Whether the node has lost its first memory.
    pub fn has_second_memory(&self) -> bool {
        self.memory.birth == SECOND_BIRTH
    }

    /// Restarts the node with its saved state.
    pub fn again(&self, rules: &Rules) -> Outcome {
        let stable = match rules.memory {
            Memory::Kept => self.stable,
            Memory::VoteLost => Stable { vote: None, ..self.stable },
            Memory::AllLost => Stable::default(),
        };
        Self::start(rules, self.id, (stable, self.memory.clone()), None)
    }

    fn start(
        rules: &Rules,
        id: NodeId,
        (stable, memory): (Stable, hardened::Memory),
        known: Option<NodeId>,
    ) -> Outcome {
        let stack = Stack::new(&rules.config, stable).with_memory(memory.clone());
        let unborn = Self { id, stable, memory, stack, timers: BTreeSet::new() };
        let mut all = unborn.react(rules, known, &Input::Start);
        all.pop().expect("a step has an outcome")
    }

    /// The term in stable storage.
    pub const fn term(&self) -> Term {
        self.stable.term
    }

    /// The possible outcomes of `input`: the whole step last, and before it each crash after a save
    /// that a later save of the step overwrites. Any other crash is equivalent to a crash between
    /// two steps: the messages sent until then are a subset of the step's messages, and no message
    /// has to arrive.
    pub fn step(&self, rules: &Rules, input: &Input) -> Vec<Outcome> {
        self.react(rules, None, input)
    }

    fn react(&self, rules: &Rules, known: Option<NodeId>, input: &Input) -> Vec<Outcome> {
        let config = &rules.config;
        let mut node = self.clone();
        if let Input::Timer(timer) = input {
            node.timers.remove(timer);
        }
        let me = Identity { node: self.id, incarnation: Incarnation::FIRST };
        let mut effects = Effects::new();
        node.stack.step(Context::without_clock(me, config), known, input, &mut effects);
        node.stack.forget_election_numbers();
        let saves = |effect: &Effect| matches!(effect, Effect::Save(_) | Effect::Remember(_));
        let last_save = effects.iter().rposition(saves);
        let mut whole = Outcome { node, sent: Vec::new(), leads: None, cut: false };
        let mut all = Vec::new();
        for (place, effect) in effects.into_iter().enumerate() {
            whole.carry_out(effect);
            if saves(&effect) && last_save != Some(place) {
                let mut after = whole.node.again(rules);
                after.sent.extend(&whole.sent);
                all.push(Outcome { leads: whole.leads, cut: true, ..after });
            }
        }
        all.push(whole);
        all
    }

    /// The possible outcomes of the arrival of `packet`.
    pub fn receive(&self, rules: &Rules, packet: Packet) -> Vec<Outcome> {
        let Packet { from, message, .. } = packet;
        self.step(rules, &Input::Message { from, stamp: Stamp::default(), message })
    }
}

impl Outcome {
    fn carry_out(&mut self, effect: Effect) {
        let node = &mut self.node;
        match effect {
            Effect::Send { to, message } => {
                let kept = kept(message).map(|message| Packet { from: node.id, to, message });
                self.sent.extend(kept);
            }
            Effect::SetTimer { timer, .. } => {
                node.timers.insert(timer);
            }
            Effect::CancelTimer { timer } => {
                node.timers.remove(&timer);
            }
            Effect::Save(stable) => node.stable = stable,
            Effect::Remember(fact) => node.memory.remember(fact),
            Effect::Emit(Event::Leader { leader, term }) if leader == Some(node.id) => {
                self.leads = term;
            }
            Effect::Write(_) | Effect::Draw { .. } | Effect::Emit(_) => {}
        }
    }
}

/// Reduces a message for the soup: drops fields that its receiver ignores. `None` if other messages
/// have the same effects. PROBE_ACK with NO and TERM carry a leader, whose own COORDINATOR and
/// HEARTBEAT are in the soup and have at least the same effects. TERM also carries a term, which
/// a node may hear of at any moment (`Cause::HearsOf`).
fn kept(message: Message) -> Option<Message> {
    let &Termed { term, body } = message.hardened()?;
    let message = match body {
        Body::Election(message) => message,
        Body::Birth(_) => return Some(message),
        Body::Mutex(_) => return None,
    };
    let unnumbered = |election: ElectionId| ElectionId { number: 0, ..election };
    let message = match message {
        ElectionMessage::Notice { .. } | ElectionMessage::ProbeAck { yes: false, .. } => {
            return None;
        }
        ElectionMessage::ProbeAck { yes: true, .. } => {
            ElectionMessage::ProbeAck { yes: true, leader: None }
        }
        ElectionMessage::Election { election } => {
            ElectionMessage::Election { election: unnumbered(election) }
        }
        ElectionMessage::Ok { election } => ElectionMessage::Ok { election: unnumbered(election) },
        ElectionMessage::Probe { .. }
        | ElectionMessage::Propose
        | ElectionMessage::Accept
        | ElectionMessage::Coordinator
        | ElectionMessage::Heartbeat { .. }
        | ElectionMessage::HeartbeatAck { .. }
        | ElectionMessage::Resign => message,
    };
    Some(Message::Hardened(Termed { term, body: Body::Election(message) }))
}
