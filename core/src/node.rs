//! A whole node: the clocks around the stack of protocols.

use alloc::sync::Arc;
use core::time::Duration;

use crate::call::Calls;
use crate::clock::Stamp;
use crate::config::Profile;
use crate::config::{Algorithm, Config};
use crate::election::Election;
use crate::hardened::{self, BirthMessage, Births, Body, Memory, Part, Termed};
use crate::id::{Identity, NodeId, Term};
use crate::jump::{Jump, step_of_stamp, step_of_term};
use crate::mutex::Mutex;
use crate::vocabulary::Stable;
use crate::vocabulary::{Choice, Command, Context, Effect, Effects, Input, Message, Timer};

/// The protocols above the remote calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Protocols {
    /// The run is about the clock alone.
    None,
    /// The classic profile.
    Classic { election: Election, mutex: Option<Mutex> },
    /// The hardened profile.
    Hardened { election: hardened::Election, mutex: Option<hardened::Mutex> },
}

/// The protocols of a node, without clocks: the part whose states a model checker can exhaust.
///
/// It is the only one that knows all of its children, and they know nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stack {
    calls: Calls,
    protocols: Protocols,
    /// Whether the node takes part in its protocols. In the classic profile it always does.
    births: Births,
}

impl Stack {
    /// The protocols that `config` asks for, before they start; `stable` is what earlier lives of
    /// the node have saved.
    pub fn new(config: &Config, stable: Stable) -> Self {
        let locks = config.algorithm == Algorithm::Mutex;
        let protocols = match (config.algorithm, config.profile) {
            (Algorithm::Clock, _) => Protocols::None,
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

    /// The same, of a node that begins with this memory. It matters in the hardened profile alone.
    #[must_use]
    pub fn with_memory(mut self, memory: Memory) -> Self {
        if let Protocols::Hardened { .. } = self.protocols {
            self.births = Births::new(memory);
        }
        self
    }

    /// The same, but the first recovery that the node leads takes so long at least, unless all report.
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
            Protocols::None | Protocols::Hardened { .. } => None,
        }
    }

    /// The mutual exclusion, in a classic run that has one.
    pub const fn mutex(&self) -> Option<&Mutex> {
        match &self.protocols {
            Protocols::Classic { mutex, .. } => mutex.as_ref(),
            Protocols::None | Protocols::Hardened { .. } => None,
        }
    }

    /// The election and the mutual exclusion, in a hardened run.
    pub const fn hardened(&self) -> Option<(&hardened::Election, Option<&hardened::Mutex>)> {
        match &self.protocols {
            Protocols::Hardened { election, mutex } => Some((election, mutex.as_ref())),
            Protocols::None | Protocols::Classic { .. } => None,
        }
    }

    /// Whether the node takes part in what the cluster does.
    pub const fn part(&self) -> Part {
        self.births.part()
    }

    /// The leader that `me` follows: itself, when it leads.
    pub const fn leader(&self, me: NodeId) -> Option<NodeId> {
        match &self.protocols {
            Protocols::None => None,
            Protocols::Classic { election, .. } => election.leader(me),
            Protocols::Hardened { election, .. } => election.leader(me),
        }
    }

    /// Numbers the elections of the hardened profile from the beginning again:
    /// [`hardened::Election::forget_numbers`].
    pub const fn forget_election_numbers(&mut self) {
        if let Protocols::Hardened { election, .. } = &mut self.protocols {
            election.forget_numbers();
        }
    }

    /// Reacts to `input`. `known_leader` matters to [`Input::Start`] alone.
    pub fn step(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input,
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

    fn take_part(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input,
        out: &mut Effects,
    ) {
        match *input {
            Input::Start => self.start(cx, known_leader, out),
            Input::Message { from, message, .. } => match message {
                Message::Call(message) => self.calls.receive(cx, from, message, out),
                Message::Election(_) | Message::Mutex(_) | Message::Hardened(_) => {
                    self.protocols.receive(cx, from, message, out);
                }
            },
            // It is known already.
            Input::Met { .. } => {}
            Input::Denied => self.stand_aside(cx, out),
            Input::Timer(Timer::Call(timer)) => self.calls.timeout(cx, timer, out),
            Input::Timer(Timer::Election(timer)) => self.protocols.election_timeout(cx, timer, out),
            Input::Timer(Timer::Mutex(timer)) => self.protocols.mutex_timeout(cx, timer, out),
            Input::Command(command) => self.obey(cx, command, out),
            Input::Drawn { choice: Choice::Call(choice), value } => {
                self.calls.drawn(cx, choice, value, out);
            }
            Input::Drawn { choice, value } => self.protocols.drawn(choice, value, out),
            Input::Disconnected { peer } => self.protocols.disconnected(cx, peer, out),
        }
    }

    /// Somebody is in this term.
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

    /// A node that does not take part yet asks to be known, and notes which terms there are.
    fn wait_outside(&mut self, cx: Context<'_>, input: &Input, out: &mut Effects) {
        match *input {
            Input::Start => {
                self.births.ask(cx, self.term().unwrap_or_default(), out);
                // A node that is alone needs nobody.
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
        // What runs here knows nothing of births.
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

    /// Begins to take part, if enough others know the node's birth.
    fn begin(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Some(heard) = self.births.known(cx.config.size) else { return };
        // First the terms in which it must not vote: a crash may come before the rest.
        if let Protocols::Hardened { election, .. } = &mut self.protocols {
            election.leave_alone(cx, heard, out);
        }
        self.births.begin(out);
        self.start(cx, None, out);
    }

    /// Another memory of the node was met. It lets go of everything, and does nothing any more.
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

    fn obey(&mut self, cx: Context<'_>, command: Command, out: &mut Effects) {
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

/// What an incarnation knows before it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Boot {
    /// The clocks to go on from. A crash and a restart are process order, so the vector clock
    /// always goes on, and in the hardened profile Lamport's does; in the classic one it starts at
    /// 0 again.
    pub stamp: Stamp,
    /// The leader that it has been told of; without one it holds an election.
    pub known_leader: Option<NodeId>,
    /// What earlier lives have saved.
    pub stable: Stable,
    /// When this memory began, and whom earlier lives have met.
    pub memory: Memory,
    /// How long the first recovery that the node leads takes at least, unless all report. It matters
    /// where earlier lives were set to a longer lease, or to a longer silence of the leader.
    pub least_grace: Duration,
}

/// A node: it alone sees stamps. It witnesses on every receipt and ticks on every send.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    me: Identity,
    config: Arc<Config>,
    known_leader: Option<NodeId>,
    stamp: Stamp,
    stack: Stack,
}

impl Node {
    /// A node that has not started.
    pub fn new(me: Identity, config: Arc<Config>, boot: Boot) -> Self {
        let stack = Stack::new(&config, boot.stable)
            .with_least_grace(boot.least_grace)
            .with_memory(boot.memory);
        Self { me, config, known_leader: boot.known_leader, stamp: boot.stamp, stack }
    }

    /// Which life of which node this is.
    pub const fn me(&self) -> Identity {
        self.me
    }

    /// The configuration of the cluster.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What the clocks read.
    pub const fn stamp(&self) -> &Stamp {
        &self.stamp
    }

    /// The protocols.
    pub const fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The leader that the node follows: itself, when it leads.
    pub fn leader(&self) -> Option<NodeId> {
        self.stack.leader(self.me.node)
    }

    /// What this message would move too far: [`Node::step`] does not act on it.
    pub fn jump(&self, stamp: &Stamp, message: &Message) -> Option<Jump> {
        Jump::of(&self.stamp, self.stack.term(), stamp, message)
    }

    /// Moves as far as one message may.
    #[cold]
    fn move_towards(&mut self, stamp: &Stamp, message: &Message, out: &mut Effects) -> Stamp {
        self.stamp = step_of_stamp(&self.stamp, stamp);
        if let (Some(from), Some(to)) = (self.stack.term(), message.term()) {
            let cx = Context { me: self.me, config: &self.config };
            self.stack.hear_of(cx, step_of_term(from, to), out);
        }
        self.stamp.copy()
    }

    /// Reacts to `input`: changes state and appends to `out` what is to be done, in order.
    ///
    /// Returns the stamp of the input itself, taken after a receipt has been witnessed and before
    /// anything that it causes. Each effect that [ticks](Effect::ticks) is one tick later than
    /// what came before it, and the last one is stamped with what [`Node::stamp`] then reads.
    pub fn step(&mut self, input: &Input, out: &mut Effects) -> Stamp {
        if let Input::Message { stamp, message, .. } = input {
            if self.jump(stamp, message).is_some() {
                return self.move_towards(stamp, message, out);
            }
            self.stamp.witness(stamp, self.me.node);
        }
        let happened = self.stamp.copy();
        let before = out.len();
        let cx = Context { me: self.me, config: &self.config };
        self.stack.step(cx, self.known_leader, input, out);
        for effect in &out[before..] {
            if effect.ticks() {
                self.stamp.tick(self.me.node);
            }
        }
        happened
    }
}
