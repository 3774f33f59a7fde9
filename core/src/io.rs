//! Input and output of the state machines: messages, timers, draws, commands, inputs, effects.

use alloc::vec::Vec;
use core::time::Duration;

use crate::application::io::{ApplicationChoice, ApplicationTimer, Phase};
use crate::call::io::{CallChoice, CallMessage, CallTimer};
use crate::clock::{LamportTime, Stamp};
use crate::config::{Config, DurationRange};
use crate::distributed::io::DistributedMessage;
use crate::election::io::{BullyCause, ElectionChoice, ElectionMessage, ElectionTimer, PollTimer};
use crate::fields::{Absence, FieldForm};
use crate::hardened::{Fact, LockTimer, TermCause, TermTimer, Termed};
use crate::id::{ElectionId, Identity, NodeId, RequestId, Term, Token};
use crate::kind::{Kind, Traffic};
use crate::mutex::io::MutexMessage;

/// The constants of a step: the node's identity, the configuration and the clock's reading. They are
/// passed in with each step, so that a state machine's state contains only what changes.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The node and its incarnation.
    pub me: Identity,
    /// The configuration, which is the same on all nodes.
    pub config: &'a Config,
    /// The reading of Lamport's clock before the effects of the step, and after a receipt has been
    /// witnessed. Only the distributed lock depends on it.
    pub clock: LamportTime,
}

impl<'a> Context<'a> {
    /// The context for protocols that do not depend on the clock.
    pub const fn without_clock(me: Identity, config: &'a Config) -> Self {
        Self { me, config, clock: LamportTime(0) }
    }
}

/// A message from one node to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Message {
    /// A remote call or a plain message.
    Call(CallMessage),
    /// A message of the classic election or its failure detector.
    Election(ElectionMessage),
    /// A message of the centralized classic lock.
    Mutex(MutexMessage),
    /// Hardened: elections, the lock and births, with the sender's term.
    Hardened(Termed),
    /// A message of the distributed lock, which is classic.
    Distributed(DistributedMessage),
}

impl Message {
    /// Its kind, as the protocol that it belongs to describes it.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Call(message) => message.kind(),
            Self::Election(message) => message.kind(),
            Self::Mutex(message) => message.kind(),
            Self::Hardened(message) => message.body.kind(),
            Self::Distributed(message) => message.kind(),
        }
    }

    /// The name of the message type in traces and summaries.
    pub const fn name(&self) -> &'static str {
        self.kind().name
    }

    /// The family that it belongs to.
    pub const fn traffic(&self) -> Traffic {
        self.kind().traffic
    }

    /// Whether it answers another message. Pictures draw answers hollow and other messages filled.
    pub const fn is_reply(&self) -> bool {
        self.kind().is_reply
    }

    /// The message with its term, if it is of the hardened profile.
    pub const fn hardened(&self) -> Option<&Termed> {
        match self {
            Self::Call(_) | Self::Election(_) | Self::Mutex(_) | Self::Distributed(_) => None,
            Self::Hardened(message) => Some(message),
        }
    }

    /// The sender's term. `None` in the classic profile.
    pub const fn term(&self) -> Option<Term> {
        match self.hardened() {
            Some(message) => Some(message.term),
            None => None,
        }
    }

    /// The simplest message of each kind from `from` to `to`.
    pub fn simplest(from: NodeId, to: NodeId) -> impl Iterator<Item = Self> {
        let all = CallMessage::simplest(from, to).map(Self::Call).into_iter();
        let all = all.chain(Termed::simplest(from, to).map(Self::Hardened));
        let all = all.chain(ElectionMessage::simplest(from, to).map(Self::Election));
        let all = all.chain(MutexMessage::simplest(from, to).map(Self::Mutex));
        all.chain(DistributedMessage::simplest(from, to).map(Self::Distributed))
    }

    /// Carries the fields to `form`, in the order of files.
    pub fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Call(message) => message.carry(form),
            Self::Election(message) => message.carry(form),
            Self::Mutex(message) => message.carry(form),
            Self::Hardened(message) => message.carry(form),
            Self::Distributed(message) => message.carry(form),
        }
    }

    /// The request that it grants and the token, if it is a GRANT. Classic grants have no token.
    pub const fn granted(&self) -> Option<(RequestId, Option<Token>)> {
        match self {
            Self::Mutex(message) => message.granted(),
            Self::Hardened(message) => match message.body.granted() {
                Some((request, token)) => Some((request, Some(token))),
                None => None,
            },
            Self::Call(_) | Self::Election(_) | Self::Distributed(_) => None,
        }
    }

    /// The request and its stamp, if it is a REQUEST of the distributed lock.
    pub const fn asked(&self) -> Option<(RequestId, LamportTime)> {
        match self {
            Self::Distributed(DistributedMessage::Request { request, stamp }) => {
                Some((*request, *stamp))
            }
            Self::Distributed(DistributedMessage::Ok { .. })
            | Self::Call(_)
            | Self::Election(_)
            | Self::Mutex(_)
            | Self::Hardened(_) => None,
        }
    }

    /// The fencing token that a message of the hardened lock carries.
    pub(crate) const fn token(&self) -> Option<Token> {
        match self {
            Self::Hardened(message) => message.body.token(),
            Self::Call(_) | Self::Election(_) | Self::Mutex(_) | Self::Distributed(_) => None,
        }
    }
}

/// A timer, named by what it waits for. Each name has at most one deadline per node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// A timer of the remote calls.
    Call(CallTimer),
    /// A timer of a lock's application.
    Application(ApplicationTimer),
    /// A timer of the election or its failure detector.
    Election(ElectionTimer),
    /// Classic: a timer of the detector `poll`.
    Poll(PollTimer),
    /// Hardened: a timer of terms and the leader's lease.
    Term(TermTimer),
    /// Hardened: a timer of the lock.
    Lock(LockTimer),
    /// Hardened: how long until a node with a new memory announces its birth again.
    Birth,
}

impl Timer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Call(timer) => timer.name(),
            Self::Application(timer) => timer.name(),
            Self::Election(timer) => timer.name(),
            Self::Poll(timer) => timer.name(),
            Self::Term(timer) => timer.name(),
            Self::Lock(timer) => timer.name(),
            Self::Birth => "birth",
        }
    }
}

/// The purpose of a random draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// A draw for the remote calls.
    Call(CallChoice),
    /// A draw for the failure detector.
    Election(ElectionChoice),
    /// A draw for a lock's application.
    Application(ApplicationChoice),
}

/// The reason for an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElectionCause {
    /// A reason that both profiles have.
    Bully(BullyCause),
    /// Hardened: a reason that has to do with terms.
    Term(TermCause),
}

impl ElectionCause {
    /// The name of the cause in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Bully(cause) => cause.name(),
            Self::Term(cause) => cause.name(),
        }
    }
}

/// Each `part` becomes the `whole` that wraps it.
macro_rules! wraps {
    ($($part:ident => $whole:ident::$variant:ident,)*) => {$(
        impl From<$part> for $whole {
            fn from(part: $part) -> Self {
                Self::$variant(part)
            }
        }
    )*};
}

wraps! {
    CallTimer => Timer::Call,
    ApplicationTimer => Timer::Application,
    ElectionTimer => Timer::Election,
    PollTimer => Timer::Poll,
    TermTimer => Timer::Term,
    LockTimer => Timer::Lock,
    BullyCause => ElectionCause::Bully,
    TermCause => ElectionCause::Term,
}

/// How long the application stays in a critical section.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Until a user's [`Command::Release`] or the end of the lease.
    UntilReleased,
    /// For this duration by the node's own clock.
    For(Duration),
    /// For a duration drawn from [`MutexConfig::hold`](crate::MutexConfig::hold).
    Drawn,
}

/// A user's command to a node.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    LocalEvent,
    Send {
        to: NodeId,
    },
    /// Call a procedure of another node.
    Call {
        /// The node that is called.
        to: NodeId,
    },
    /// Hold an election. A follower drops its leader first; a leader announces itself again.
    /// Nothing happens while an election is running.
    Elect,
    Request {
        /// How long to stay in the critical section.
        hold: Hold,
    },
    /// Withdraw a request that waits. A request that holds the lock stays.
    Withdraw {
        /// The number of the request. `None` means the latest request that waits.
        request: Option<u32>,
    },
    /// Leave the critical section. A node that is in several leaves the oldest one.
    Release,
    /// Write to the resource, if the node is in the critical section.
    Write,
    /// Prepare to stop: leave the critical section and, in the hardened profile, resign. The next
    /// input is a crash, or none.
    Leave,
}

/// An input of a node's state machine.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<C = u64> {
    /// The first input of each incarnation.
    Start,
    Message {
        from: NodeId,
        /// The stamp of the send.
        stamp: Stamp<C>,
        message: Message,
    },
    Timer(Timer),
    /// A user's command to the node.
    Command(Command),
    /// The answer to an [`Effect::Draw`].
    Drawn {
        /// The purpose, as in the draw.
        choice: Choice,
        /// The number that was drawn, within the draw's bounds.
        value: u64,
    },
    /// The connection to `peer` was refused or closed. Nothing that was sent on it will be
    /// answered, and the peer may be dead.
    Disconnected {
        /// The other end of the connection.
        peer: NodeId,
    },
    /// Another node has written down this node's birth without sending BIRTH_ACK (hardened
    /// profile).
    Met {
        by: NodeId,
    },
    /// Another node has met a different birth of this node (hardened profile). It stops taking
    /// part.
    Denied,
}

/// A write to the shared resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Write {
    /// The request whose critical section contains the write.
    pub request: RequestId,
    /// Where in the critical section it is made.
    pub phase: Phase,
    /// The fencing token of the grant. `None` in the classic profile.
    pub token: Option<Token>,
}

impl Write {
    /// The simplest write of `from`.
    pub const fn simplest(from: NodeId) -> Self {
        Self { request: RequestId::first_of(from), phase: Phase::Entry, token: None }
    }

    /// Carries the fields to `form`, in the order of files.
    pub fn carry(&mut self, form: &mut dyn FieldForm) {
        form.needed("request", &mut self.request);
        form.needed("phase", &mut self.phase);
        form.optional("token", Absence::LeftOut, &mut self.token);
    }
}

/// Term and vote, which must survive a crash (hardened profile).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stable {
    /// The latest term that the node has seen.
    pub term: Term,
    /// The candidate that the node accepted in that term, if any.
    pub vote: Option<NodeId>,
}

/// An event for traces and pictures. The protocol does not depend on it.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A local event of the application. It ticks the clocks.
    Local,
    /// The node has started an election.
    ElectionStarted {
        /// The number of the new election.
        election: ElectionId,
        cause: ElectionCause,
    },
    /// The leader that the node follows has changed.
    Leader {
        /// The new leader, which may be the node itself. `None` if it follows nobody.
        leader: Option<NodeId>,
        /// The term. `None` in the classic profile.
        term: Option<Term>,
    },
    /// The application asks for the lock.
    Requested { request: RequestId },
    /// The application has withdrawn a request that waited.
    Withdrawn { request: RequestId },
    /// The node has entered the critical section.
    Entered {
        /// The request that was granted.
        request: RequestId,
        /// The token of the grant. `None` in the classic profile.
        token: Option<Token>,
    },
    /// The application asked for the lock and was refused, because [`crate::MAX_OUTSTANDING`] of
    /// its requests are open.
    Refused,
    /// The node has left the critical section, and its request is finished.
    Exited { request: RequestId },
    /// Hardened: the same, because the lease ended before the application was finished.
    Expired { request: RequestId },
}

/// An action that a node asks its driver for.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Send a message to another node.
    Send {
        /// The receiver; never the node itself.
        to: NodeId,
        message: Message,
    },
    /// Send a write to the resource.
    Write(Write),
    /// Set a timer. A running timer of the same name is replaced.
    SetTimer {
        /// The name of the timer.
        timer: Timer,
        /// The duration by the node's own clock.
        after: Duration,
    },
    /// Cancel a timer, if it is running.
    CancelTimer {
        /// The name of the timer.
        timer: Timer,
    },
    /// Draw a whole number from `low` to `high`, both included. [`Input::Drawn`] must be the node's
    /// next input.
    Draw {
        /// The purpose, returned with the answer.
        choice: Choice,
        /// The smallest number that may be drawn.
        low: u64,
        /// The largest number that may be drawn.
        high: u64,
    },
    /// Write term and vote to stable storage before carrying out the following effects.
    Save(Stable),
    /// Write a fact to stable storage ([`Memory`](crate::hardened::Memory)) before carrying out the following
    /// effects.
    Remember(Fact),
    /// Record an event for traces and pictures.
    Emit(Event),
}

impl Effect {
    /// Whether it is an event that ticks the clocks: a send or a local event.
    pub const fn ticks(&self) -> bool {
        match self {
            Self::Send { .. } | Self::Write(_) | Self::Emit(Event::Local) => true,
            Self::SetTimer { .. }
            | Self::CancelTimer { .. }
            | Self::Draw { .. }
            | Self::Save(_)
            | Self::Remember(_)
            | Self::Emit(
                Event::ElectionStarted { .. }
                | Event::Leader { .. }
                | Event::Requested { .. }
                | Event::Withdrawn { .. }
                | Event::Entered { .. }
                | Event::Refused
                | Event::Exited { .. }
                | Event::Expired { .. },
            ) => false,
        }
    }

    /// A draw of a duration from `range`, in microseconds.
    pub(crate) fn draw_duration(choice: Choice, range: DurationRange) -> Self {
        let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        Self::Draw { choice, low: micros(range.min), high: micros(range.max) }
    }
}

/// The effect that sets a timer.
pub(crate) fn set(timer: impl Into<Timer>, after: Duration) -> Effect {
    Effect::SetTimer { timer: timer.into(), after }
}

/// The effect that cancels a timer.
pub(crate) fn cancel(timer: impl Into<Timer>) -> Effect {
    Effect::CancelTimer { timer: timer.into() }
}

/// The effects of a step, in order. The driver empties the list and passes it in again.
pub type Effects = Vec<Effect>;
