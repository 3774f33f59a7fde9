//! Dispatch between the protocols. An input reaches the election first; the lock is then told if
//! the leader changed.

use crate::distributed::DistributedLock;
use crate::election::{Election, ElectionTimer};
use crate::hardened::{self, Body, ElectionMessage, MutexMessage, Termed};
use crate::id::NodeId;
use crate::io::{Choice, Context, Effects, Hold, Message};
use crate::mutex::{Mutex, MutexTimer};

/// The protocols besides the remote calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Protocols {
    /// Only the clock and the remote calls run.
    None,
    Classic {
        election: Election,
        mutex: Option<Mutex>,
    },
    Hardened {
        election: hardened::Election,
        mutex: Option<hardened::Mutex>,
    },
    /// Classic: the lock without a coordinator. No election runs.
    Distributed(DistributedLock),
}

impl Protocols {
    pub(crate) fn start(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        out: &mut Effects,
    ) {
        match self {
            Self::None => {}
            Self::Distributed(lock) => lock.start(cx, out),
            Self::Classic { mutex, .. } => {
                if let Some(mutex) = mutex {
                    mutex.start(cx, out);
                }
                self.classic(cx, out, |election, out| election.start(cx, known_leader, out));
            }
            Self::Hardened { election, mutex } => {
                let known = known_leader.map(|leader| hardened::Leadership {
                    leader: Some(leader),
                    term: election.term(),
                    ..hardened::Leadership::default()
                });
                if let Some(mutex) = mutex {
                    mutex.start(cx, known, out);
                }
                self.hardened(cx, out, |election, out| election.start(cx, known_leader, out));
            }
        }
    }

    pub(crate) fn receive(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        message: Message,
        out: &mut Effects,
    ) {
        match (self, message) {
            (this @ Self::Classic { .. }, Message::Election(message)) => {
                this.classic(cx, out, |election, out| election.receive(cx, from, message, out));
            }
            (Self::Classic { mutex: Some(mutex), .. }, Message::Mutex(message)) => {
                mutex.receive(cx, message, out);
            }
            (this @ Self::Hardened { .. }, Message::Hardened(Termed { term, body })) => {
                this.receive_termed(cx, from, term, body, out);
            }
            (Self::Distributed(lock), Message::Distributed(message)) => {
                lock.receive(cx, from, message, out);
            }
            // The protocol of this message does not run here.
            (
                Self::None | Self::Classic { .. } | Self::Hardened { .. } | Self::Distributed(_),
                _,
            ) => {}
        }
    }

    /// Moves to `term` if it is higher. The message that showed it is not acted on.
    pub(crate) fn hear_of(&mut self, cx: Context<'_>, term: crate::Term, out: &mut Effects) {
        self.hardened(cx, out, |election, out| {
            election.admit(cx, term, out);
        });
    }

    fn receive_termed(
        &mut self,
        cx: Context<'_>,
        from: NodeId,
        term: crate::Term,
        body: Body,
        out: &mut Effects,
    ) {
        let mut current = false;
        self.hardened(cx, out, |election, out| current = election.admit(cx, term, out));
        let Self::Hardened { election, mutex } = self else { return };
        match body {
            Body::Election(message) if current => {
                self.hardened(cx, out, |election, out| election.receive(cx, from, message, out));
            }
            Body::Election(ElectionMessage::Notice { .. }) => {}
            Body::Election(_) => election.notify(cx, from, out),
            Body::Mutex(message) => {
                // A RELEASE carries its token, so any later leader accepts it too.
                let valid = current || matches!(message, MutexMessage::Release { .. });
                match mutex {
                    Some(mutex) if valid => {
                        mutex.receive(cx, message, out);
                        self.hand_over(cx, out);
                    }
                    Some(_) | None => election.notify(cx, from, out),
                }
            }
            // `Stack` has handled births before.
            Body::Birth(_) => {}
        }
    }

    pub(crate) fn election_timeout(
        &mut self,
        cx: Context<'_>,
        timer: ElectionTimer,
        out: &mut Effects,
    ) {
        self.classic(cx, out, |election, out| election.timeout(cx, timer, out));
        self.hardened(cx, out, |election, out| election.timeout(cx, timer, out));
    }

    pub(crate) fn mutex_timeout(&mut self, cx: Context<'_>, timer: MutexTimer, out: &mut Effects) {
        match self {
            Self::Distributed(lock) => lock.timeout(cx, timer, out),
            Self::Classic { mutex: Some(mutex), .. } => mutex.timeout(cx, timer, out),
            Self::Hardened { mutex: Some(mutex), .. } => {
                mutex.timeout(cx, timer, out);
                if timer == MutexTimer::Retry && mutex.waits_for_itself() {
                    self.hardened(cx, out, |election, out| election.beat_early(cx, out));
                } else {
                    self.hand_over(cx, out);
                }
            }
            Self::None | Self::Classic { .. } | Self::Hardened { .. } => {}
        }
    }

    /// A leader hands its own new requests to its coordinator when a majority has acknowledged its
    /// next heartbeat. It sends that heartbeat at once.
    fn hand_over(&mut self, cx: Context<'_>, out: &mut Effects) {
        let Self::Hardened { mutex: Some(mutex), .. } = self else { return };
        if mutex.has_own_request_to_hand_over() {
            self.hardened(cx, out, |election, out| election.beat_early(cx, out));
        }
    }

    pub(crate) fn drawn(&mut self, choice: Choice, value: u64, out: &mut Effects) {
        match (self, choice) {
            (Self::Classic { election, .. }, Choice::Election(choice)) => {
                election.drawn(choice, value, out);
            }
            (Self::Classic { mutex: Some(mutex), .. }, Choice::Mutex(choice)) => {
                mutex.drawn(choice, value, out);
            }
            (Self::Hardened { mutex: Some(mutex), .. }, Choice::Mutex(choice)) => {
                mutex.drawn(choice, value, out);
            }
            (Self::Distributed(lock), Choice::Mutex(choice)) => lock.drawn(choice, value, out),
            // No protocol that runs here has asked for this draw.
            (
                Self::None | Self::Classic { .. } | Self::Hardened { .. } | Self::Distributed(_),
                _,
            ) => {}
        }
    }

    pub(crate) fn disconnected(&mut self, cx: Context<'_>, peer: NodeId, out: &mut Effects) {
        self.classic(cx, out, |election, out| election.disconnected(cx, peer, out));
        self.hardened(cx, out, |election, out| election.disconnected(cx, peer, out));
    }

    pub(crate) fn elect(&mut self, cx: Context<'_>, out: &mut Effects) {
        self.classic(cx, out, |election, out| election.elect(cx, out));
        self.hardened(cx, out, |election, out| election.elect(cx, out));
    }

    pub(crate) fn request(&mut self, cx: Context<'_>, hold: Hold, out: &mut Effects) {
        match self {
            Self::Distributed(lock) => lock.request(cx, hold, out),
            Self::Classic { mutex: Some(mutex), .. } => mutex.request(cx, hold, out),
            Self::Hardened { mutex: Some(mutex), .. } => mutex.request(cx, hold, out),
            Self::None | Self::Classic { .. } | Self::Hardened { .. } => {}
        }
    }

    pub(crate) fn withdraw(&mut self, cx: Context<'_>, number: Option<u32>, out: &mut Effects) {
        match self {
            Self::Distributed(lock) => lock.withdraw(cx, number, out),
            Self::Classic { mutex: Some(mutex), .. } => mutex.withdraw(cx, number, out),
            Self::Hardened { mutex: Some(mutex), .. } => mutex.withdraw(cx, number, out),
            Self::None | Self::Classic { .. } | Self::Hardened { .. } => {}
        }
    }

    pub(crate) fn release(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self {
            Self::Distributed(lock) => lock.release(cx, out),
            Self::Classic { mutex: Some(mutex), .. } => mutex.release(cx, out),
            Self::Hardened { mutex: Some(mutex), .. } => mutex.release(cx, out),
            Self::None | Self::Classic { .. } | Self::Hardened { .. } => {}
        }
    }

    pub(crate) fn write(&self, out: &mut Effects) {
        match self {
            Self::Distributed(lock) => lock.write(out),
            Self::Classic { mutex: Some(mutex), .. } => mutex.write(out),
            Self::Hardened { mutex: Some(mutex), .. } => mutex.write(out),
            Self::None | Self::Classic { .. } | Self::Hardened { .. } => {}
        }
    }

    /// Prepares to stop: a leader stops granting, then a holder releases, then the leader resigns.
    pub(crate) fn leave(&mut self, cx: Context<'_>, out: &mut Effects) {
        match self {
            Self::Hardened { mutex: Some(mutex), .. } => mutex.leave(cx, out),
            Self::None | Self::Classic { .. } | Self::Distributed(_) | Self::Hardened { .. } => {
                self.release(cx, out);
            }
        }
        self.hardened(cx, out, |election, out| election.resign(cx, out));
    }

    /// Runs `act` on the classic election, and tells the lock if the leader changed.
    fn classic(
        &mut self,
        cx: Context<'_>,
        out: &mut Effects,
        act: impl FnOnce(&mut Election, &mut Effects),
    ) {
        let Self::Classic { election, mutex } = self else { return };
        let before = election.leader(cx.me.node);
        act(election, out);
        let after = election.leader(cx.me.node);
        if let (true, Some(mutex)) = (before != after, mutex) {
            mutex.on_leader_change(cx, after, out);
        }
    }

    /// Runs `act` on the hardened election. Tells the lock if the leader or the leader's right to
    /// grant changed.
    fn hardened(
        &mut self,
        cx: Context<'_>,
        out: &mut Effects,
        act: impl FnOnce(&mut hardened::Election, &mut Effects),
    ) {
        let Self::Hardened { election, mutex } = self else { return };
        let before = election.leadership(cx.me.node);
        act(election, out);
        let after = election.leadership(cx.me.node);
        if let (true, Some(mutex)) = (before != after, mutex) {
            mutex.on_leader_change(cx, [before, after], out);
        }
    }
}
