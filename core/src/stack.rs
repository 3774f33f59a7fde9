//! The protocols of a node below its clocks, and the one place that dispatches an input to them.

use core::time::Duration;

use crate::call::Calls;
use crate::classic::Classic;
use crate::config::{Algorithm, Config, Profile};
use crate::distributed::DistributedLock;
use crate::election::Election;
use crate::hardened::{self, Hardened, Memory, Part};
use crate::id::{NodeId, Term};
use crate::io::{Command, Context, Effects, Input, Stable};
use crate::mutex::Mutex;
use crate::view::{Candidacy, LockView};

/// Whether a node reacts to an input, and how.
pub(crate) enum Admission {
    AsItIs,
    /// The node does not take part, or the input is dealt with.
    Not,
    /// The node takes part from now on, and starts.
    Starts,
    /// The node stops taking part, and leaves.
    Leaves,
}

/// The state of an algorithm that pictures and drivers ask for. What an algorithm does not have, it
/// leaves out.
pub(crate) trait Protocol {
    /// The leader that `me` follows; `me` itself if it leads.
    fn leader(&self, _me: NodeId) -> Option<NodeId> {
        None
    }

    /// The state of the node's own candidacy.
    fn candidacy(&self) -> Option<Candidacy> {
        None
    }

    /// The lock from the node's point of view.
    fn lock(&self) -> Option<LockView> {
        None
    }
}

/// The protocols besides the remote calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Protocols {
    /// Only the clock and the remote calls run.
    None,
    Classic(Classic),
    Hardened(Hardened),
    /// Classic: the lock without a coordinator. No election runs.
    Distributed(DistributedLock),
}

/// The protocols of a node, without its clocks. The model checker explores the states of this part.
///
/// Only the stack knows all the protocols; they know nothing of each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stack {
    calls: Calls,
    protocols: Protocols,
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
            (_, Profile::Classic) => Protocols::Classic(Classic::new(locks)),
            (_, Profile::Hardened) => Protocols::Hardened(Hardened::new(stable, locks)),
        };
        Self { calls: Calls::default(), protocols }
    }

    /// Starts from the given memory. Has no effect in the classic profile.
    #[must_use]
    pub fn with_memory(mut self, memory: Memory) -> Self {
        if let Protocols::Hardened(it) = &mut self.protocols {
            it.births = hardened::Births::new(memory);
        }
        self
    }

    /// Sets the shortest duration of the first recovery that the node leads, unless all nodes
    /// report.
    #[must_use]
    pub fn with_least_grace(mut self, least_grace: Duration) -> Self {
        if let Protocols::Hardened(it) = &mut self.protocols {
            it.mutex = it.mutex.take().map(|mutex| mutex.with_least_grace(least_grace));
        }
        self
    }

    fn protocol(&self) -> Option<&dyn Protocol> {
        match &self.protocols {
            Protocols::None => None,
            Protocols::Classic(it) => Some(it),
            Protocols::Hardened(it) => Some(it),
            Protocols::Distributed(it) => Some(it),
        }
    }

    /// The election, in a classic run that has one.
    pub const fn election(&self) -> Option<&Election> {
        if let Protocols::Classic(it) = &self.protocols { Some(&it.election) } else { None }
    }

    /// The lock, in a run of the distributed lock.
    pub const fn distributed(&self) -> Option<&DistributedLock> {
        if let Protocols::Distributed(lock) = &self.protocols { Some(lock) } else { None }
    }

    /// The centralized lock, in a classic run that has one.
    pub const fn mutex(&self) -> Option<&Mutex> {
        if let Protocols::Classic(it) = &self.protocols { it.mutex.as_ref() } else { None }
    }

    /// The election and the lock, in a hardened run.
    pub const fn hardened(&self) -> Option<(&hardened::Election, Option<&hardened::Mutex>)> {
        match &self.protocols {
            Protocols::Hardened(it) => Some((&it.election, it.mutex.as_ref())),
            Protocols::None | Protocols::Classic(_) | Protocols::Distributed(_) => None,
        }
    }

    /// Whether the node takes part, waits to be known, or stands aside. In the classic profile it
    /// always takes part.
    pub const fn part(&self) -> Part {
        if let Protocols::Hardened(it) = &self.protocols { it.births.part() } else { Part::Takes }
    }

    /// The leader that `me` follows; `me` itself if it leads.
    pub fn leader(&self, me: NodeId) -> Option<NodeId> {
        self.protocol()?.leader(me)
    }

    /// The node's term. `None` in the classic profile.
    pub const fn term(&self) -> Option<Term> {
        // Each message asks for it.
        if let Protocols::Hardened(it) = &self.protocols { Some(it.election.term()) } else { None }
    }

    /// The state of the node's own candidacy. `None` in a run without elections.
    pub fn candidacy(&self) -> Option<Candidacy> {
        self.protocol()?.candidacy()
    }

    /// The lock from the node's point of view. `None` in a run without a lock.
    pub fn lock(&self) -> Option<LockView> {
        self.protocol()?.lock()
    }

    /// Restarts the numbering of hardened elections: see [`hardened::Election::forget_numbers`].
    pub const fn forget_election_numbers(&mut self) {
        if let Protocols::Hardened(it) = &mut self.protocols {
            it.election.forget_numbers();
        }
    }

    /// A message showed that some node is in this term.
    pub(crate) fn hear_of(&mut self, cx: Context<'_>, term: Term, out: &mut Effects) {
        if let Protocols::Hardened(it) = &mut self.protocols {
            it.hear_of(cx, term, out);
        }
    }

    /// Reacts to `input`. `known_leader` is used by [`Input::Start`] only.
    pub fn step<C>(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input<C>,
        out: &mut Effects,
    ) {
        let admission = match &mut self.protocols {
            Protocols::Hardened(it) => it.admit(cx, input, out),
            Protocols::None | Protocols::Classic(_) | Protocols::Distributed(_) => {
                Admission::AsItIs
            }
        };
        let (start, leave) = (Input::Start, Input::Command(Command::Leave));
        let (known_leader, input) = match admission {
            Admission::AsItIs => (known_leader, input),
            Admission::Not => return,
            Admission::Starts => (None, &start),
            Admission::Leaves => (None, &leave),
        };
        self.dispatch(cx, known_leader, input, out);
    }

    /// Withdraws all requests that wait. The node is about to stop: it must not ask for the next one as it leaves
    /// the critical section, and a grant to it would keep the others waiting.
    #[cold]
    fn give_up_waiting<C>(&mut self, cx: Context<'_>, out: &mut Effects) {
        let requests = self.lock().map(|lock| lock.requests).unwrap_or_default();
        // The lock gets it directly: a second call of `dispatch` would keep the compiler from inlining it.
        let withdraw = Input::<C>::Command(Command::Withdraw { request: None });
        for _ in requests.iter().filter(|(_, is_inside)| !is_inside) {
            match &mut self.protocols {
                Protocols::None => {}
                Protocols::Classic(it) => it.step_lock(cx, &withdraw, out),
                Protocols::Hardened(it) => it.step_lock(cx, &withdraw, out),
                Protocols::Distributed(it) => it.step(cx, &withdraw, out),
            }
        }
    }

    /// Gives an input to the remote calls and to the protocols. Each reacts to its own inputs only.
    #[inline]
    fn dispatch<C>(
        &mut self,
        cx: Context<'_>,
        known_leader: Option<NodeId>,
        input: &Input<C>,
        out: &mut Effects,
    ) {
        if self.calls.step(cx, input, out) {
            return;
        }
        if let Input::Command(Command::Leave) = input {
            self.give_up_waiting::<C>(cx, out);
        }
        match &mut self.protocols {
            Protocols::None => {}
            Protocols::Classic(it) => it.step(cx, known_leader, input, out),
            Protocols::Hardened(it) => it.step(cx, known_leader, input, out),
            Protocols::Distributed(it) => it.step(cx, input, out),
        }
    }
}
