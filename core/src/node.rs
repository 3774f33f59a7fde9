//! A whole node: the clocks around the stack of protocols.

use alloc::sync::Arc;

use crate::call::Calls;
use crate::clock::Stamp;
use crate::config::{Algorithm, Config};
use crate::election::Election;
use crate::id::{Identity, NodeId};
use crate::mutex::Mutex;
use crate::vocabulary::{Choice, Command, Context, Effect, Effects, Input, Message, Timer};

/// The protocols of a node, without clocks: the part whose states a model checker can exhaust.
///
/// It is the only one that knows all of its children, and they know nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stack {
    calls: Calls,
    election: Option<Election>,
    mutex: Option<Mutex>,
}

impl Stack {
    /// The protocols that `algorithm` needs, before they start.
    pub fn new(algorithm: Algorithm) -> Self {
        let (election, mutex) = match algorithm {
            Algorithm::Clock => (None, None),
            Algorithm::Leader => (Some(Election::default()), None),
            Algorithm::Mutex => (Some(Election::default()), Some(Mutex::default())),
        };
        Self { calls: Calls::default(), election, mutex }
    }

    /// The election, unless the run is about the clock alone.
    pub const fn election(&self) -> Option<&Election> {
        self.election.as_ref()
    }

    /// The mutual exclusion, if the run has one.
    pub const fn mutex(&self) -> Option<&Mutex> {
        self.mutex.as_ref()
    }

    /// Reacts to `input`. `known_leader` matters to [`Input::Start`] alone.
    pub fn step(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input,
        out: &mut Effects,
    ) {
        match *input {
            Input::Start => {
                self.calls.start(cx, out);
                self.elect_with(cx, out, |election, out| election.start(cx, known_leader, out));
                if let Some(mutex) = &mut self.mutex {
                    mutex.start(cx, out);
                }
            }
            Input::Message { from, message, .. } => self.receive(cx, from, message, out),
            Input::Timer(Timer::Call(timer)) => self.calls.timeout(cx, timer, out),
            Input::Timer(Timer::Election(timer)) => {
                self.elect_with(cx, out, |election, out| election.timeout(cx, timer, out));
            }
            Input::Timer(Timer::Mutex(timer)) => {
                if let Some(mutex) = &mut self.mutex {
                    mutex.timeout(cx, timer, out);
                }
            }
            Input::Command(command) => self.obey(cx, command, out),
            Input::Drawn { choice: Choice::Call(choice), value } => {
                self.calls.drawn(cx, choice, value, out);
            }
            Input::Drawn { choice: Choice::Election(choice), value } => {
                self.elect_with(cx, out, |election, out| election.drawn(choice, value, out));
            }
            Input::Drawn { choice: Choice::Mutex(choice), value } => {
                if let Some(mutex) = &mut self.mutex {
                    mutex.drawn(choice, value, out);
                }
            }
            Input::Disconnected { peer } => {
                self.elect_with(cx, out, |election, out| election.disconnected(cx, peer, out));
            }
        }
    }

    fn receive(&mut self, cx: Context<'_>, from: NodeId, message: Message, out: &mut Effects) {
        match message {
            Message::Call(message) => self.calls.receive(cx, from, message, out),
            Message::Election(message) => {
                self.elect_with(cx, out, |election, out| election.receive(cx, from, message, out));
            }
            Message::Mutex(message) => {
                if let Some(mutex) = &mut self.mutex {
                    mutex.receive(cx, message, out);
                }
            }
        }
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
            Command::Elect => self.elect_with(cx, out, |election, out| election.elect(cx, out)),
            Command::Request { hold } => {
                if let Some(mutex) = &mut self.mutex {
                    mutex.request(cx, hold, out);
                }
            }
            Command::Release => {
                if let Some(mutex) = &mut self.mutex {
                    mutex.release(cx, out);
                }
            }
            Command::Write => {
                if let Some(mutex) = &self.mutex {
                    mutex.write(out);
                }
            }
        }
    }

    /// Lets the election act, and tells the mutual exclusion if that changed the leader.
    fn elect_with(
        &mut self,
        cx: Context<'_>,
        out: &mut Effects,
        act: impl FnOnce(&mut Election, &mut Effects),
    ) {
        let Some(election) = &mut self.election else { return };
        let before = election.leader(cx.me.node);
        act(election, out);
        let after = election.leader(cx.me.node);
        if let (true, Some(mutex)) = (before != after, &mut self.mutex) {
            mutex.lead_by(cx, after, out);
        }
    }
}

/// What an incarnation knows before it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Boot {
    /// The clocks to go on from. A crash and a restart are process order, so the vector clock
    /// always goes on; in the classic profile Lamport's starts at 0 again.
    pub stamp: Stamp,
    /// The leader that it has been told of; without one it holds an election.
    pub known_leader: Option<NodeId>,
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
        let stack = Stack::new(config.algorithm);
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
        self.stack.election()?.leader(self.me.node)
    }

    /// Reacts to `input`: changes state and appends to `out` what is to be done, in order.
    ///
    /// Returns the stamp of the input itself, taken after a receipt has been witnessed and before
    /// anything that it causes. Each effect that [ticks](Effect::ticks) is one tick later than
    /// what came before it, and the last one is stamped with what [`Node::stamp`] then reads.
    pub fn step(&mut self, input: &Input, out: &mut Effects) -> Stamp {
        if let Input::Message { stamp, .. } = input {
            self.stamp.witness(stamp, self.me.node);
        }
        let happened = self.stamp;
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
