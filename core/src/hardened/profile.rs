//! The election, the lock and the births of one node, and the terms that they share.

use super::{
    Births, Body, Election, ElectionMessage, Leadership, LockTimer, Mutex, MutexMessage, Standing,
    Termed,
};
use crate::id::{NodeId, Term};
use crate::io::{Command, Context, Effects, Input, Message, Stable, Timer};
use crate::stack::{Admission, Protocol};
use crate::view::{Candidacy, LockView};

/// The protocols of the hardened profile at one node. They know nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Hardened {
    /// Whether the node takes part.
    pub(crate) births: Births,
    pub(crate) election: Election,
    pub(crate) mutex: Option<Mutex>,
}

impl Hardened {
    /// The protocols before they start. `stable` is the state that earlier lives have saved.
    pub(crate) fn new(stable: Stable, locks: bool) -> Self {
        let (births, election) = (Births::default(), Election::new(stable));
        Self { births, election, mutex: locks.then(Mutex::default) }
    }

    /// Reacts to an input. `known_leader` is used by [`Input::Start`] only.
    pub(crate) fn step<C>(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input<C>,
        out: &mut Effects,
    ) {
        match *input {
            Input::Start => self.start(cx, known_leader, out),
            Input::Message { from, message: Message::Hardened(message), .. } => {
                self.receive(cx, from, message, out);
            }
            Input::Timer(Timer::Election(timer)) => {
                self.elect(cx, out, |election, out| election.timeout(cx, timer, out));
            }
            Input::Timer(Timer::Term(timer)) => {
                self.elect(cx, out, |election, out| election.term_timeout(cx, timer, out));
            }
            Input::Disconnected { peer } => {
                self.elect(cx, out, |election, out| election.disconnected(cx, peer, out));
            }
            Input::Command(Command::Elect) => {
                self.elect(cx, out, |election, out| election.elect(cx, out));
            }
            // A leader stops granting, then a holder releases, then the leader resigns.
            Input::Command(Command::Leave) => {
                self.step_lock(cx, input, out);
                self.elect(cx, out, |election, out| election.resign(cx, out));
            }
            Input::Timer(_) | Input::Command(_) | Input::Drawn { .. } => {
                self.step_lock(cx, input, out)
            }
            // These are for the classic profile or the remote calls, or were not admitted.
            Input::Message { .. } | Input::Met { .. } | Input::Denied => {}
        }
    }

    /// Decides whether the node reacts to this input.
    pub(crate) fn admit<C>(
        &mut self,
        cx: Context<'_>,
        input: &Input<C>,
        out: &mut Effects,
    ) -> Admission {
        let admission = self.births.admit(cx, self.election.term(), input, out);
        if !matches!(admission, Admission::Not) {
            return admission;
        }
        let Some(heard) = self.births.known(cx.config.size) else { return admission };
        // The term in which it must not vote is saved first: a crash may come before the rest.
        self.election.leave_alone(cx, heard, out);
        self.births.begin(out);
        Admission::Starts
    }

    /// A message showed that some node is in this term.
    pub(crate) fn hear_of(&mut self, cx: Context<'_>, term: Term, out: &mut Effects) {
        self.births.hear_of(term);
        if self.births.takes_part() {
            self.elect(cx, out, |election, out| {
                election.admit(cx, term, out);
            });
        }
    }

    fn start(&mut self, cx: Context<'_>, known_leader: Option<NodeId>, out: &mut Effects) {
        let known = known_leader.map(|leader| Leadership {
            leader: Some(leader),
            term: self.election.term(),
            ..Leadership::default()
        });
        if let Some(mutex) = &mut self.mutex {
            mutex.start(cx, known, out);
        }
        self.elect(cx, out, |election, out| election.start(cx, known_leader, out));
    }

    fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        Termed { term, body }: Termed,
        out: &mut Effects,
    ) {
        let mut current = false;
        self.elect(cx, out, |election, out| current = election.admit(cx, term, out));
        match body {
            Body::Election(message) if current => {
                self.elect(cx, out, |election, out| election.receive(cx, from, message, out));
            }
            Body::Election(ElectionMessage::Notice { .. }) => {}
            Body::Election(_) => self.election.notify(cx, from, out),
            Body::Mutex(message) => {
                // A RELEASE carries its token, so any later leader accepts it too.
                let valid = current || matches!(message, MutexMessage::Release { .. });
                match &mut self.mutex {
                    Some(mutex) if valid => {
                        mutex.receive(cx, message, out);
                        self.hand_over(cx, out);
                    }
                    Some(_) | None => self.election.notify(cx, from, out),
                }
            }
            // [`Births::admit`] has handled it.
            Body::Birth(_) => {}
        }
    }

    /// Gives an input to the lock.
    pub(crate) fn step_lock<C>(&mut self, cx: Context<'_>, input: &Input<C>, out: &mut Effects) {
        let Some(mutex) = &mut self.mutex else { return };
        mutex.step(cx, input, out);
        match input {
            Input::Timer(Timer::Lock(LockTimer::Retry)) if mutex.waits_for_itself() => {
                self.elect(cx, out, |election, out| election.beat_early(cx, out));
            }
            Input::Timer(Timer::Lock(_) | Timer::Application(_)) => self.hand_over(cx, out),
            _ => {}
        }
    }

    /// A leader hands its own new requests to its coordinator when a majority has acknowledged its
    /// next heartbeat. It sends that heartbeat at once.
    fn hand_over(&mut self, cx: Context<'_>, out: &mut Effects) {
        if self.mutex.as_ref().is_some_and(Mutex::has_own_request_to_hand_over) {
            self.elect(cx, out, |election, out| election.beat_early(cx, out));
        }
    }

    /// Runs `act` on the election. Tells the lock if the leader or the leader's right to grant
    /// changed.
    fn elect(
        &mut self,
        cx: Context<'_>,
        out: &mut Effects,
        act: impl FnOnce(&mut Election, &mut Effects),
    ) {
        let Self { election, mutex, .. } = self;
        let before = election.leadership(cx.me.node);
        act(election, out);
        let after = election.leadership(cx.me.node);
        if let (true, Some(mutex)) = (before != after, mutex) {
            mutex.on_leader_change(cx, [before, after], out);
        }
    }
}

impl Protocol for Hardened {
    fn leader(&self, me: NodeId) -> Option<NodeId> {
        self.election.leader(me)
    }

    fn candidacy(&self) -> Option<Candidacy> {
        Some(self.election.candidacy())
    }

    fn lock(&self) -> Option<LockView> {
        let without_lease = match self.election.standing() {
            Standing::Leads(office) => !office.has_lease(),
            Standing::Leaderless | Standing::Follows { .. } => false,
        };
        self.mutex.as_ref().map(|mutex| mutex.view(without_lease))
    }
}
