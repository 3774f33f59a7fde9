//! A whole node: its clocks, and the stack of protocols below them.

use alloc::sync::Arc;
use core::time::Duration;

use crate::clock::{Count, Stamp};
use crate::config::Config;
use crate::hardened::Memory;
use crate::id::{Identity, NodeId};
use crate::io::{Context, Effects, Input, Message, Stable};
use crate::jump::{Jump, step_of_stamp, step_of_term};
use crate::stack::Stack;

/// What a node starts with in one incarnation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boot<C = u64> {
    /// The clocks at the start. A crash and a restart follow each other in process order, so the
    /// vector clock always continues. Lamport's clock continues in the hardened profile and starts
    /// at 0 again in the classic one.
    pub stamp: Stamp<C>,
    /// The leader that the node was told of. If `None`, it holds an election.
    pub known_leader: Option<NodeId>,
    /// Term and vote that earlier lives have saved.
    pub stable: Stable,
    /// The node's birth, and the births of other nodes that earlier lives have met.
    pub memory: Memory,
    /// The shortest duration of the first recovery that the node leads, unless all nodes report. It
    /// is needed when earlier lives ran with a longer lease or a longer `suspect_after`.
    pub least_grace: Duration,
}

/// A node. Stamps are kept here only: it witnesses on each receipt and ticks on each send.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node<C = u64> {
    me: Identity,
    config: Arc<Config>,
    known_leader: Option<NodeId>,
    stamp: Stamp<C>,
    stack: Stack,
}

impl<C: Count> Node<C> {
    /// A node that has not started.
    pub fn new(me: Identity, config: Arc<Config>, boot: Boot<C>) -> Self {
        let stack = Stack::new(&config, boot.stable)
            .with_least_grace(boot.least_grace)
            .with_memory(boot.memory);
        Self { me, config, known_leader: boot.known_leader, stamp: boot.stamp, stack }
    }

    /// The node's id and the life that it is in.
    pub const fn me(&self) -> Identity {
        self.me
    }

    /// The configuration, which is the same on all nodes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The stamp of the node's latest event.
    pub const fn stamp(&self) -> &Stamp<C> {
        &self.stamp
    }

    /// The protocols and their state.
    pub const fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The leader that the node follows; the node itself if it leads.
    pub fn leader(&self) -> Option<NodeId> {
        self.stack.leader(self.me.node)
    }

    /// The count that this message would move too far, if any. [`Node::step`] ignores such a
    /// message.
    pub fn jump(&self, stamp: &Stamp<C>, message: &Message) -> Option<Jump> {
        Jump::of(&self.stamp, self.stack.term(), stamp, message)
    }

    /// Moves clocks and term towards a message that is too far ahead, by the longest allowed jump.
    #[cold]
    fn move_towards(&mut self, stamp: &Stamp<C>, message: &Message, out: &mut Effects) -> Stamp<C> {
        self.stamp = step_of_stamp(&self.stamp, stamp);
        if let (Some(from), Some(to)) = (self.stack.term(), message.term()) {
            let cx = Context { me: self.me, config: &self.config, clock: self.stamp.lamport };
            self.stack.hear_of(cx, step_of_term(from, to), out);
        }
        self.stamp.copy()
    }

    /// Reacts to `input`: changes the state and appends the effects to `out`, in order.
    ///
    /// Returns the stamp of the input itself, taken after a receipt has been witnessed and before
    /// anything that the input causes. Each effect that [ticks](crate::Effect::ticks) is one tick later
    /// than the one before it. After the last such effect, [`Node::stamp`] reads the effect's
    /// stamp.
    pub fn step(&mut self, input: &Input<C>, out: &mut Effects) -> Stamp<C> {
        if let Input::Message { stamp, message, .. } = input {
            if self.jump(stamp, message).is_some() {
                return self.move_towards(stamp, message, out);
            }
            self.stamp.witness(stamp, self.me.node);
        }
        let happened = self.stamp.copy();
        let before = out.len();
        let cx = Context { me: self.me, config: &self.config, clock: self.stamp.lamport };
        self.stack.step(cx, self.known_leader, input, out);
        for effect in &out[before..] {
            if effect.ticks() {
                self.stamp.tick(self.me.node);
            }
        }
        happened
    }
}
