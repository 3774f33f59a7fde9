//! Births: a node with a new memory takes no part until enough other nodes have recorded it.
//!
//! A node that has lost its memory could vote twice in one term. So a node with a new memory draws
//! a random number, its birth, asks all other nodes to write it down, and does nothing else. It
//! takes part once more than half of the *other* nodes have written it down. Each of them writes
//! down at most one birth of a node. So at most one birth of a node is ever known to that many, as
//! long as these keep their own memory. A node that has written down another birth refuses. One
//! refusal excludes the node for good.

use alloc::vec::Vec;

use super::{Body, Termed};
use crate::fields::FieldForm;
use crate::id::{ClusterSize, MAX_NODES, NodeId, NodeSet, Term};
use crate::io::{Context, Effect, Effects, Input, Message, Timer, cancel, set};
use crate::kind::{Kind, Traffic};
use crate::stack::Admission;

/// The random number that a node draws when its memory is new. No two memories of a node share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Birth(pub u64);

impl Birth {
    /// The birth of a node that all others know from the beginning.
    pub const FOUNDER: Self = Self(0);
}

/// Messages by which a node becomes known to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum BirthMessage {
    /// BIRTH: my memory is new, please write my birth down.
    Birth {
        /// The birth of the sender's memory.
        birth: Birth,
    },
    /// BIRTH_ACK: yes, it is written down; or no, another birth of yours is.
    BirthAck {
        /// The birth that is answered.
        birth: Birth,
        /// Whether it is written down.
        yes: bool,
    },
}

impl BirthMessage {
    /// The message's name, its family, and whether it is a reply.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Birth { .. } => Kind::request("BIRTH", Traffic::Election),
            Self::BirthAck { .. } => Kind::reply("BIRTH_ACK", Traffic::Election),
        }
    }

    /// The simplest message of each kind.
    pub(super) const fn simplest() -> [Self; 2] {
        let birth = Birth(1);
        [Self::Birth { birth }, Self::BirthAck { birth, yes: true }]
    }

    /// Carries the fields to `form`.
    pub(super) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Birth { birth } => form.needed("birth", birth),
            Self::BirthAck { birth, yes } => {
                form.needed("birth", birth);
                form.needed("yes", yes);
            }
        }
    }
}

/// The births of other nodes that a node has written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Acquaintances {
    /// Nodes whose birth is not known.
    strangers: NodeSet,
    /// Known births, by ascending node id. For a node in neither list, [`Birth::FOUNDER`] is known.
    met: Vec<(NodeId, Birth)>,
}

impl Acquaintances {
    /// Knows no birth of any node.
    pub fn nobody() -> Self {
        let strangers = (1..=MAX_NODES).filter_map(NodeId::new).collect();
        Self { strangers, met: Vec::new() }
    }

    /// Knows all nodes as founders, except for `stranger`.
    pub fn all_but(stranger: NodeId) -> Self {
        Self { strangers: [stranger].into_iter().collect(), met: Vec::new() }
    }

    /// The birth of `node` that is written down, if any.
    pub fn of(&self, node: NodeId) -> Option<Birth> {
        if self.strangers.contains(node) {
            return None;
        }
        let known = self.met.iter().find(|(known, _)| *known == node);
        Some(known.map_or(Birth::FOUNDER, |&(_, birth)| birth))
    }

    /// Writes down this birth of `node`.
    pub fn meet(&mut self, node: NodeId, birth: Birth) {
        self.strangers.remove(node);
        self.met.retain(|(known, _)| *known != node);
        if birth != Birth::FOUNDER {
            let place = self.met.partition_point(|(known, _)| *known < node);
            self.met.insert(place, (node, birth));
        }
    }
}

/// The part of a node's stable storage besides [`Stable`](crate::Stable).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// The birth of this memory itself.
    pub birth: Birth,
    /// Whether the node does not yet know that enough other nodes have written its birth down.
    pub is_new: bool,
    /// The births of other nodes that the node has written down.
    pub met: Acquaintances,
}

impl Memory {
    /// An empty memory with this birth.
    pub fn born(birth: Birth) -> Self {
        Self { birth, is_new: true, met: Acquaintances::nobody() }
    }

    /// Adds the fact of an [`Effect::Remember`].
    pub fn remember(&mut self, fact: Fact) {
        match fact {
            Fact::Met { node, birth } => self.met.meet(node, birth),
            Fact::Known => self.is_new = false,
        }
    }
}

/// A fact that a node must keep over a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// The node has written down the birth of another node.
    Met {
        /// The node that was met.
        node: NodeId,
        /// The birth of that node.
        birth: Birth,
    },
    /// Enough other nodes have written down this node's birth.
    Known,
}

/// Whether a node takes part in the protocols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    /// The node runs the protocols.
    #[default]
    Takes,
    /// Its memory is new, and too few other nodes are known to have written its birth down.
    Waits {
        /// Nodes that have written it down.
        met_by: NodeSet,
        /// The highest term that the node has heard of meanwhile. It votes in no term up to this
        /// one, since an earlier memory of the node may have voted there.
        heard: Term,
    },
    /// Another node has a different birth of this node: it never takes part again.
    Aside,
}

/// How many other nodes must write down a node's birth: more than half of the others.
pub fn witnesses(size: ClusterSize) -> u32 {
    let others = u32::from(size.get()) - 1;
    if others == 0 { 0 } else { others / 2 + 1 }
}

/// A node's own birth and the births of other nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Births {
    birth: Birth,
    part: Part,
    met: Acquaintances,
}

impl Births {
    /// The births at the start of a life, from the node's stable storage.
    pub(crate) fn new(memory: Memory) -> Self {
        let waits = Part::Waits { met_by: NodeSet::default(), heard: Term::default() };
        let part = if memory.is_new { waits } else { Part::Takes };
        Self { birth: memory.birth, part, met: memory.met }
    }

    /// Whether the node takes part, waits to be known, or stands aside.
    pub const fn part(&self) -> Part {
        self.part
    }

    /// Whether the node takes part.
    pub(crate) fn takes_part(&self) -> bool {
        self.part == Part::Takes
    }

    /// Decides whether the node, which is in `term`, reacts to this input. A node that does not take
    /// part yet asks to be known, and remembers the highest term that it hears of.
    pub(crate) fn admit<C>(
        &mut self,
        cx: Context<'_>,
        term: Term,
        input: &Input<C>,
        out: &mut Effects,
    ) -> Admission {
        match *input {
            Input::Message {
                from,
                message: Message::Hardened(Termed { term: theirs, body: Body::Birth(message) }),
                ..
            } => match message {
                BirthMessage::Birth { birth } => self.hear_birth(from, birth, term, out),
                BirthMessage::BirthAck { birth, yes } if birth == self.birth => {
                    if !yes {
                        return self.stand_aside(out);
                    }
                    self.be_known(from);
                    self.hear_of(theirs);
                }
                // It answers an earlier memory of the node.
                BirthMessage::BirthAck { .. } => {}
            },
            Input::Denied => return self.stand_aside(out),
            Input::Met { by } => self.be_known(by),
            _ if self.takes_part() => return Admission::AsItIs,
            Input::Start | Input::Timer(Timer::Birth) => self.ask(cx, term, out),
            Input::Message { ref message, .. } => self.hear_of(message.term().unwrap_or_default()),
            Input::Timer(_)
            | Input::Command(_)
            | Input::Drawn { .. }
            | Input::Disconnected { .. } => {}
        }
        Admission::Not
    }

    /// Another node has a different birth of this node: it gives up everything and stops.
    fn stand_aside(&mut self, out: &mut Effects) -> Admission {
        match core::mem::replace(&mut self.part, Part::Aside) {
            Part::Takes => return Admission::Leaves,
            Part::Waits { .. } => out.push(cancel(Timer::Birth)),
            Part::Aside => {}
        }
        Admission::Not
    }

    /// Sends BIRTH to all nodes that have not answered, and sets the timer to repeat this after
    /// `heartbeat`.
    fn ask(&self, cx: Context<'_>, term: Term, out: &mut Effects) {
        let Part::Waits { met_by, .. } = self.part else { return };
        for to in cx.config.size.others(cx.me.node).filter(|&node| !met_by.contains(node)) {
            out.push(send(to, term, BirthMessage::Birth { birth: self.birth }));
        }
        out.push(set(Timer::Birth, cx.config.election.heartbeat));
    }

    /// Handles BIRTH of another node. `term` is this node's term.
    fn hear_birth(&mut self, from: NodeId, birth: Birth, term: Term, out: &mut Effects) {
        if self.part == Part::Aside {
            return;
        }
        let known = self.met.of(from);
        if known.is_none() {
            self.met.meet(from, birth);
            out.push(Effect::Remember(Fact::Met { node: from, birth }));
        }
        let yes = known.is_none_or(|known| known == birth);
        out.push(send(from, term, BirthMessage::BirthAck { birth, yes }));
    }

    /// Another node has written this node's birth down.
    fn be_known(&mut self, by: NodeId) {
        if let Part::Waits { met_by, .. } = &mut self.part {
            met_by.insert(by);
        }
    }

    /// A message showed that some node is in `term`.
    pub(crate) fn hear_of(&mut self, term: Term) {
        if let Part::Waits { heard, .. } = &mut self.part {
            *heard = (*heard).max(term);
        }
    }

    /// The highest term heard of while waiting, if enough nodes know this node's birth by now.
    pub(crate) fn known(&self, size: ClusterSize) -> Option<Term> {
        match self.part {
            Part::Waits { met_by, heard } if met_by.len() >= witnesses(size) => Some(heard),
            Part::Waits { .. } | Part::Takes | Part::Aside => None,
        }
    }

    /// The node takes part from now on.
    pub(crate) fn begin(&mut self, out: &mut Effects) {
        self.part = Part::Takes;
        out.push(Effect::Remember(Fact::Known));
        out.push(cancel(Timer::Birth));
    }
}

const fn send(to: NodeId, term: Term, message: BirthMessage) -> Effect {
    let termed = Termed { term, body: Body::Birth(message) };
    Effect::Send { to, message: Message::Hardened(termed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_half_of_the_others_must_know_a_birth() {
        let needed = |nodes| witnesses(ClusterSize::new(nodes).expect("a size"));
        assert_eq!((1..=8).map(needed).collect::<Vec<_>>(), [0, 1, 2, 2, 3, 3, 4, 4]);
    }

    #[test]
    fn acquaintances_do_not_depend_on_the_order_of_meeting() {
        let [one, two] = [1, 2].map(|node| NodeId::new(node).expect("a node"));
        let (mut here, mut there) = (Acquaintances::nobody(), Acquaintances::nobody());
        assert_eq!(here.of(one), None);
        assert_eq!(Acquaintances::default().of(one), Some(Birth::FOUNDER));
        here.meet(one, Birth(7));
        here.meet(two, Birth(9));
        there.meet(two, Birth(9));
        there.meet(one, Birth(7));
        assert_eq!(here, there);
        assert_eq!((here.of(one), here.of(two)), (Some(Birth(7)), Some(Birth(9))));
    }
}
