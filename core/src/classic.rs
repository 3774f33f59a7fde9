//! The classic profile: an election, and the lock whose coordinator is the elected leader.

use crate::election::Election;
use crate::id::NodeId;
use crate::io::{Choice, Command, Context, Effects, Input, Message, Timer};
use crate::mutex::Mutex;
use crate::stack::Protocol;
use crate::view::{Candidacy, LockView};

/// The election and the lock of one node. They know nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Classic {
    pub(crate) election: Election,
    pub(crate) mutex: Option<Mutex>,
}

impl Classic {
    /// The protocols before they start.
    pub(crate) fn new(locks: bool) -> Self {
        Self { election: Election::default(), mutex: locks.then(Mutex::default) }
    }

    /// Reacts to an input. `known_leader` is used by [`Input::Start`] only.
    pub(crate) fn step<C>(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input<C>,
        out: &mut Effects,
    ) {
        let Self { election, mutex } = self;
        if let (Input::Start, Some(mutex)) = (input, mutex.as_mut()) {
            mutex.step(cx, input, out);
        }
        let before = election.leader(cx.me.node);
        match *input {
            Input::Start => election.start(cx, known_leader, out),
            Input::Message { from, message: Message::Election(message), .. } => {
                election.receive(cx, from, message, out);
            }
            Input::Timer(Timer::Election(timer)) => election.timeout(cx, timer, out),
            Input::Timer(Timer::Poll(timer)) => election.poll_timeout(cx, timer, out),
            Input::Drawn { choice: Choice::Election(choice), value } => {
                election.drawn(choice, value, out);
            }
            Input::Disconnected { peer } => election.disconnected(cx, peer, out),
            Input::Command(Command::Elect) => election.elect(cx, out),
            // These are for the lock, or for no protocol of this profile.
            Input::Message { .. }
            | Input::Timer(_)
            | Input::Drawn { .. }
            | Input::Command(_)
            | Input::Met { .. }
            | Input::Denied => return self.step_lock(cx, input, out),
        }
        let after = election.leader(cx.me.node);
        if let (true, Some(mutex)) = (before != after, mutex) {
            mutex.on_leader_change(cx, after, out);
        }
    }

    /// Gives an input to the lock.
    pub(crate) fn step_lock<C>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) {
        if let Some(mutex) = &mut self.mutex {
            mutex.step(cx, input, out);
        }
    }
}

impl Protocol for Classic {
    fn leader(&self, me: NodeId) -> Option<NodeId> {
        self.election.leader(me)
    }

    fn candidacy(&self) -> Option<Candidacy> {
        Some(self.election.candidacy())
    }

    fn lock(&self) -> Option<LockView> {
        self.mutex.as_ref().map(Mutex::view)
    }
}
