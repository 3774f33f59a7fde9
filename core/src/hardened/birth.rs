//! Who a node is: the birth of its memory, and the part that a node with a new memory does not take.
//!
//! A node whose memory is lost could vote twice in one term. So a node with a new memory asks all others
//! to write its birth down, and does nothing else. It takes part once more than half of the *other* nodes
//! have. Each of them has written down one birth of it at most. So of all births of a node, one is ever
//! known to so many, as long as these keep their own memory. A node that has met another birth refuses,
//! and one refusal ends the part of the node for good.

use alloc::vec::Vec;

use super::{Body, Termed};
use crate::election::ElectionTimer;
use crate::id::{ClusterSize, MAX_NODES, NodeId, NodeSet, Term};
use crate::vocabulary::{Context, Effect, Effects, Message, Timer};

/// The timer of a node that waits to be known.
pub(crate) const TIMER: Timer = Timer::Election(ElectionTimer::Birth);

/// The number that a node's memory was given when it began. No two memories of a node have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Birth(pub u64);

impl Birth {
    /// That of a node which all others know from the beginning.
    pub const FOUNDER: Self = Self(0);
}

/// What nodes say to each other of births.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum BirthMessage {
    /// BIRTH: my memory is new; write that down.
    Birth {
        /// Its birth.
        birth: Birth,
    },
    /// BIRTH_ACK: it is written down; or no, I have met another birth of you.
    BirthAck {
        /// The birth that is answered.
        birth: Birth,
        /// Whether it is written down.
        yes: bool,
    },
}

/// Which birth of each other node a node has written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Acquaintances {
    /// Those whose birth is not known.
    strangers: NodeSet,
    /// In ascending order. Of whoever is in neither list, the founder was met.
    met: Vec<(NodeId, Birth)>,
}

impl Acquaintances {
    /// Those of a node that has met nobody.
    pub fn nobody() -> Self {
        let strangers = (1..=MAX_NODES).filter_map(NodeId::new).collect();
        Self { strangers, met: Vec::new() }
    }

    /// Those of a node that has met everybody but `stranger`.
    pub fn all_but(stranger: NodeId) -> Self {
        Self { strangers: [stranger].into_iter().collect(), met: Vec::new() }
    }

    /// The birth that is written down of `node`.
    pub fn of(&self, node: NodeId) -> Option<Birth> {
        if self.strangers.contains(node) {
            return None;
        }
        let known = self.met.iter().find(|(known, _)| *known == node);
        Some(known.map_or(Birth::FOUNDER, |&(_, birth)| birth))
    }

    /// Writes down that this birth of `node` was met.
    pub fn meet(&mut self, node: NodeId, birth: Birth) {
        self.strangers.remove(node);
        self.met.retain(|(known, _)| *known != node);
        if birth != Birth::FOUNDER {
            let place = self.met.partition_point(|(known, _)| *known < node);
            self.met.insert(place, (node, birth));
        }
    }
}

/// What a node must find again after a crash, besides [`Stable`](crate::Stable).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    /// When it began.
    pub birth: Birth,
    /// Whether not enough others are known to have written that down.
    pub is_new: bool,
    /// Whom the node has met.
    pub met: Acquaintances,
}

impl Memory {
    /// A memory that begins now, with nothing in it.
    pub fn born(birth: Birth) -> Self {
        Self { birth, is_new: true, met: Acquaintances::nobody() }
    }

    /// Adds what [`Effect::Remember`] says.
    pub fn remember(&mut self, fact: Fact) {
        match fact {
            Fact::Met { node, birth } => self.met.meet(node, birth),
            Fact::Known => self.is_new = false,
        }
    }
}

/// Something that a node must find again after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// It has met this birth of another node.
    Met {
        /// That node.
        node: NodeId,
        /// The birth that it told.
        birth: Birth,
    },
    /// Enough others know its own birth.
    Known,
}

/// Whether a node takes part in what the cluster does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Part {
    /// It does.
    #[default]
    Takes,
    /// Its memory is new, and too few others are known to have written that down.
    Waits {
        /// Those who have.
        met_by: NodeSet,
        /// The highest term that it has heard of meanwhile. It votes in none up to this: an earlier
        /// memory of it may have.
        heard: Term,
    },
    /// Another birth of it was met: it does nothing any more.
    Aside,
}

/// How many others must have written down the birth of a node: more than half of them.
pub fn witnesses(size: ClusterSize) -> u32 {
    let others = u32::from(size.get()) - 1;
    if others == 0 { 0 } else { others / 2 + 1 }
}

/// A node's own birth, and those that it has met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Births {
    birth: Birth,
    part: Part,
    met: Acquaintances,
}

impl Births {
    /// Those of a node that begins with this memory.
    pub(crate) fn new(memory: Memory) -> Self {
        let waits = Part::Waits { met_by: NodeSet::default(), heard: Term::default() };
        let part = if memory.is_new { waits } else { Part::Takes };
        Self { birth: memory.birth, part, met: memory.met }
    }

    /// Whether the node takes part.
    pub const fn part(&self) -> Part {
        self.part
    }

    /// Asks all who have not answered to write the birth down, and again after one heartbeat.
    pub(crate) fn ask(&self, cx: Context<'_>, term: Term, out: &mut Effects) {
        let Part::Waits { met_by, .. } = self.part else { return };
        for to in cx.config.size.others(cx.me.node).filter(|&node| !met_by.contains(node)) {
            out.push(send(to, term, BirthMessage::Birth { birth: self.birth }));
        }
        out.push(Effect::SetTimer { timer: TIMER, after: cx.config.election.heartbeat });
    }

    /// Another node says that its memory is new. `term` is the own one.
    pub(crate) fn hear_birth(&mut self, from: NodeId, birth: Birth, term: Term, out: &mut Effects) {
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

    /// Whether this answer says that another birth of the node was met. One to an earlier memory of the
    /// node says nothing of this one.
    pub(crate) fn denies(&self, birth: Birth, yes: bool) -> bool {
        !yes && birth == self.birth
    }

    /// Another node has written `birth` down, and is in this term.
    pub(crate) fn hear_answer(&mut self, from: NodeId, birth: Birth, term: Term) {
        if birth == self.birth {
            self.be_known(from);
            self.hear_of(term);
        }
    }

    /// Another node has written the birth down.
    pub(crate) fn be_known(&mut self, by: NodeId) {
        if let Part::Waits { met_by, .. } = &mut self.part {
            met_by.insert(by);
        }
    }

    /// Somebody is in this term.
    pub(crate) fn hear_of(&mut self, term: Term) {
        if let Part::Waits { heard, .. } = &mut self.part {
            *heard = (*heard).max(term);
        }
    }

    /// Another birth of this node was met.
    pub(crate) const fn deny(&mut self) {
        self.part = Part::Aside;
    }

    /// The highest term that was heard of while the node waited, if enough others know its birth now.
    pub(crate) fn known(&self, size: ClusterSize) -> Option<Term> {
        match self.part {
            Part::Waits { met_by, heard } if met_by.len() >= witnesses(size) => Some(heard),
            Part::Waits { .. } | Part::Takes | Part::Aside => None,
        }
    }

    /// Takes part from here on.
    pub(crate) fn begin(&mut self, out: &mut Effects) {
        self.part = Part::Takes;
        out.push(Effect::Remember(Fact::Known));
        out.push(Effect::CancelTimer { timer: TIMER });
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
    fn whom_a_node_has_met_is_the_same_in_whatever_order_it_has_met_them() {
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
