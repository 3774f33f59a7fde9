//! A whole node: its clocks, and the protocols below them.

use alloc::sync::Arc;
use core::time::Duration;

use crate::call::Calls;
use crate::clock::{Count, Stamp};
use crate::config::Profile;
use crate::config::{Algorithm, Config};
use crate::distributed::DistributedLock;
use crate::election::Election;
use crate::hardened::{self, BirthMessage, Births, Body, Memory, Part, Termed};
use crate::id::{Identity, NodeId, Term};
use crate::io::Stable;
use crate::io::{Choice, Command, Context, Effect, Effects, Input, Message, Timer};
use crate::jump::{Jump, step_of_stamp, step_of_term};
use crate::mutex::Mutex;
use crate::protocols::Protocols;

/// The protocols of a node, without its clocks. The model checker explores the states of this part.
///
/// Only the stack knows all the protocols; they know nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stack {
    calls: Calls,
    protocols: Protocols,
    /// Whether the node takes part in its protocols. In the classic profile it always takes part.
    births: Births,
}

impl Stack {
    /// The protocols that `config` asks for, before they start. `stable` is the state that earlier
    /// lives of the node have saved.
    pub fn new(config: &Config, stable: Stable) -> Self {
        let locks = config.algorithm == Algorithm::Mutex;
        let protocols = match (config.algorithm, config.profile) {
            (Algorithm::Clock, _) => Protocols::None,
            (Algorithm::Mutex, Profile::Classic) if config.setting().is_distributed() => {
                Protocols::Distributed(DistributedLock::default())
            }
            (Algorithm::Leader | Algorithm::Mutex, Profile::Classic) => Protocols::Classic {
                election: Election::default(),
                mutex: locks.then(Mutex::default),
            },
            (Algorithm::Leader | Algorithm::Mutex, Profile::Hardened) => Protocols::Hardened {
                election: hardened::Election::new(stable),
                mutex: locks.then(hardened::Mutex::default),
            },
        };
        Self { calls: Calls::default(), protocols, births: Births::default() }
    }

    /// Starts from the given memory. Has no effect in the classic profile.
    #[must_use]
    pub fn with_memory(mut self, memory: Memory) -> Self {
        if let Protocols::Hardened { .. } = self.protocols {
            self.births = Births::new(memory);
        }
        self
    }

    /// Sets the shortest duration of the first recovery that the node leads, unless all nodes
    /// report.
    #[must_use]
    pub fn with_least_grace(mut self, least_grace: Duration) -> Self {
        if let Protocols::Hardened { mutex, .. } = &mut self.protocols {
            *mutex = mutex.take().map(|mutex| mutex.with_least_grace(least_grace));
        }
        self
    }

    pub(crate) const fn protocols(&self) -> &Protocols {
        &self.protocols
    }

    /// The election, in a classic run that has one.
    pub const fn election(&self) -> Option<&Election> {
        match &self.protocols {
            Protocols::Classic { election, .. } => Some(election),
            Protocols::None | Protocols::Distributed(_) | Protocols::Hardened { .. } => None,
        }
    }

    /// The lock, in a run of the distributed lock.
    pub const fn distributed(&self) -> Option<&DistributedLock> {
        match &self.protocols {
            Protocols::Distributed(lock) => Some(lock),
            Protocols::None | Protocols::Classic { .. } | Protocols::Hardened { .. } => None,
        }
    }

    /// The centralized lock, in a classic run that has one.
    pub const fn mutex(&self) -> Option<&Mutex> {
        match &self.protocols {
            Protocols::Classic { mutex, .. } => mutex.as_ref(),
            Protocols::None | Protocols::Distributed(_) | Protocols::Hardened { .. } => None,
        }
    }

    /// The election and the lock, in a hardened run.
    pub const fn hardened(&self) -> Option<(&hardened::Election, Option<&hardened::Mutex>)> {
        match &self.protocols {
            Protocols::Hardened { election, mutex } => Some((election, mutex.as_ref())),
            Protocols::None | Protocols::Classic { .. } | Protocols::Distributed(_) => None,
        }
    }

    /// Whether the node takes part, waits to be known, or stands aside.
    pub const fn part(&self) -> Part {
        self.births.part()
    }

    /// The leader that `me` follows; `me` itself if it leads.
    pub const fn leader(&self, me: NodeId) -> Option<NodeId> {
        match &self.protocols {
            Protocols::None | Protocols::Distributed(_) => None,
            Protocols::Classic { election, .. } => election.leader(me),
            Protocols::Hardened { election, .. } => election.leader(me),
        }
    }

    /// Restarts the numbering of hardened elections: see [`hardened::Election::forget_numbers`].
    pub const fn forget_election_numbers(&mut self) {
        if let Protocols::Hardened { election, .. } = &mut self.protocols {
            election.forget_numbers();
        }
    }

    /// Reacts to `input`. `known_leader` is used by [`Input::Start`] only.
    pub fn step<C: Count>(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input<C>,
        out: &mut Effects,
    ) {
        if let Input::Message { from, message: Message::Hardened(termed), .. } = *input
            && let Termed { term, body: Body::Birth(message) } = termed
        {
            return self.receive_birth(cx, from, term, message, out);
        }
        match self.births.part() {
            Part::Takes => self.take_part(cx, known_leader, input, out),
            Part::Waits { .. } => self.wait_outside(cx, input, out),
            Part::Aside => {}
        }
    }

    fn take_part<C: Count>(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input<C>,
        out: &mut Effects,
    ) {
        match *input {
            Input::Start => self.start(cx, known_leader, out),
            Input::Message { from, message, .. } => match message {
                Message::Call(message) => self.calls.receive(cx, from, message, out),
                Message::Election(_)
                | Message::Mutex(_)
                | Message::Hardened(_)
                | Message::Distributed(_) => self.protocols.receive(cx, from, message, out),
            },
            // A node that takes part is known already.
            Input::Met { .. } => {}
            Input::Denied => self.stand_aside(cx, out),
            Input::Timer(Timer::Call(timer)) => self.calls.timeout(cx, timer, out),
            Input::Timer(Timer::Election(timer)) => self.protocols.election_timeout(cx, timer, out),
            Input::Timer(Timer::Mutex(timer)) => self.protocols.mutex_timeout(cx, timer, out),
            Input::Command(command) => self.carry_out_command(cx, command, out),
            Input::Drawn { choice: Choice::Call(choice), value } => {
                self.calls.drawn(cx, choice, value, out);
            }
            Input::Drawn { choice, value } => self.protocols.drawn(choice, value, out),
            Input::Disconnected { peer } => self.protocols.disconnected(cx, peer, out),
        }
    }

    /// A message showed that some node is in this term.
    fn hear_of(&mut self, cx: Context<'_>, term: Term, out: &mut Effects) {
        match self.births.part() {
            Part::Takes => self.protocols.hear_of(cx, term, out),
            Part::Waits { .. } => self.births.hear_of(term),
            Part::Aside => {}
        }
    }

    fn start(&mut self, cx: Context<'_>, known_leader: Option<NodeId>, out: &mut Effects) {
        self.calls.start(cx, out);
        self.protocols.start(cx, known_leader, out);
    }

    /// A node that does not take part yet asks to be known and remembers the highest term it hears
    /// of.
    fn wait_outside<C: Count>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) {
        match *input {
            Input::Start => {
                self.births.ask(cx, self.term().unwrap_or_default(), out);
                // A cluster of one node needs no witnesses.
                self.begin(cx, out);
            }
            Input::Timer(hardened::BIRTH_TIMER) => {
                self.births.ask(cx, self.term().unwrap_or_default(), out);
            }
            Input::Message { message, .. } => {
                self.births.hear_of(message.term().unwrap_or_default());
            }
            Input::Met { by } => {
                self.births.be_known(by);
                self.begin(cx, out);
            }
            Input::Denied => self.stand_aside(cx, out),
            Input::Timer(_)
            | Input::Command(_)
            | Input::Drawn { .. }
            | Input::Disconnected { .. } => {}
        }
    }

    fn receive_birth(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        term: Term,
        message: BirthMessage,
        out: &mut Effects,
    ) {
        // The classic profile has no births.
        let Protocols::Hardened { election, .. } = &self.protocols else { return };
        match message {
            BirthMessage::Birth { birth } => {
                self.births.hear_birth(from, birth, election.term(), out);
            }
            BirthMessage::BirthAck { birth, yes } => {
                if self.births.denies(birth, yes) {
                    return self.stand_aside(cx, out);
                }
                self.births.hear_answer(from, birth, term);
                self.begin(cx, out);
            }
        }
    }

    /// Starts to take part once enough other nodes know this node's birth.
    fn begin(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Some(heard) = self.births.known(cx.config.size) else { return };
        // The term in which it must not vote is saved first: a crash may come before the rest.
        if let Protocols::Hardened { election, .. } = &mut self.protocols {
            election.leave_alone(cx, heard, out);
        }
        self.births.begin(out);
        self.start(cx, None, out);
    }

    /// Another node has met a different birth of this node: it gives up everything and stops.
    fn stand_aside(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self.births.part() {
            Part::Takes => self.protocols.leave(cx, out),
            Part::Waits { .. } => {
                out.push(Effect::CancelTimer { timer: hardened::BIRTH_TIMER });
            }
            Part::Aside => {}
        }
        self.births.deny();
    }

    fn carry_out_command(&mut self, cx: Context<'_>, command: Command, out: &mut Effects) {
        match command {
            Command::LocalEvent => out.push(Effect::Emit(crate::Event::Local)),
            Command::Send { to } => {
                let message = Message::Call(crate::CallMessage::Plain);
                out.push(Effect::Send { to, message });
            }
            Command::Call { to } => {
                self.calls.call(cx, to, out);
            }
            Command::Elect => self.protocols.elect(cx, out),
            Command::Request { hold } => self.protocols.request(cx, hold, out),
            Command::Withdraw { request } => self.protocols.withdraw(cx, request, out),
            Command::Release => self.protocols.release(cx, out),
            Command::Write => self.protocols.write(out),
            Command::Leave => self.protocols.leave(cx, out),
        }
    }
}

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
    /// anything that the input causes. Each effect that [ticks](Effect::ticks) is one tick later
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
