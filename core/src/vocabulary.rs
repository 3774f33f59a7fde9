//! What goes into a state machine and what comes out of it: the words that every driver speaks.

use alloc::vec::Vec;
use core::time::Duration;

use crate::call::{CallChoice, CallMessage, CallTimer};
use crate::clock::Stamp;
use crate::config::{Config, DurationRange};
use crate::election::{ElectionCause, ElectionChoice, ElectionMessage, ElectionTimer};
use crate::hardened::{self, Body, Fact, Termed};
use crate::id::{ElectionId, Identity, NodeId, RequestId, Term, Token};
use crate::mutex::{MutexChoice, MutexMessage, MutexTimer, Phase};

/// Who a state machine is and what it is set to; handed to it with every step, so that its state
/// holds nothing but what changes.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// This life of this node.
    pub me: Identity,
    /// The configuration of the cluster.
    pub config: &'a Config,
}

/// What one node says to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Message {
    /// Of the clock's application.
    Call(CallMessage),
    /// Of the election and its failure detector.
    Election(ElectionMessage),
    /// Of the mutual exclusion.
    Mutex(MutexMessage),
    /// Of the election or the mutual exclusion, in the hardened profile.
    Hardened(Termed),
}

/// The families of messages, as pictures and filters tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// Remote calls and plain messages: what the clock is shown with.
    Clock,
    /// Election proper.
    Election,
    /// Signs of life, asked for or not.
    Heartbeat,
    /// Requests, grants, releases, writes.
    Mutex,
}

impl Message {
    /// The name of its type, as traces and summaries have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Call(CallMessage::Plain) => "MESSAGE",
            Self::Call(CallMessage::Call { .. })
            | Self::Election(ElectionMessage::AreYouAlive { .. }) => "CALL",
            Self::Call(CallMessage::Reply { .. })
            | Self::Election(ElectionMessage::Alive { .. }) => "REPLY",
            Self::Election(ElectionMessage::Election { .. }) => "ELECTION",
            Self::Election(ElectionMessage::Ok { .. }) => "OK",
            Self::Election(ElectionMessage::Coordinator) => "COORDINATOR",
            Self::Election(ElectionMessage::Heartbeat) => "HEARTBEAT",
            Self::Mutex(MutexMessage::Request { .. }) => "REQUEST",
            Self::Mutex(MutexMessage::Grant { .. }) => "GRANT",
            Self::Mutex(MutexMessage::Release) => "RELEASE",
            Self::Mutex(MutexMessage::Withdraw { .. }) => "WITHDRAW",
            Self::Hardened(Termed { body, .. }) => body.name(),
        }
    }

    /// The term that it carries; none in the classic profile.
    pub const fn term(&self) -> Option<Term> {
        match self {
            Self::Call(_) | Self::Election(_) | Self::Mutex(_) => None,
            Self::Hardened(Termed { term, .. }) => Some(*term),
        }
    }

    /// The request that it grants, if it is a GRANT.
    pub const fn granted(&self) -> Option<(RequestId, Option<Token>)> {
        match self {
            Self::Mutex(MutexMessage::Grant { request, token }) => Some((*request, *token)),
            Self::Hardened(Termed {
                body: Body::Mutex(hardened::MutexMessage::Grant { request, token, .. }),
                ..
            }) => Some((*request, Some(*token))),
            Self::Call(_) | Self::Election(_) | Self::Mutex(_) | Self::Hardened(_) => None,
        }
    }

    /// The family it belongs to.
    pub const fn traffic(&self) -> Traffic {
        match self {
            Self::Call(_) => Traffic::Clock,
            Self::Election(
                ElectionMessage::Heartbeat
                | ElectionMessage::AreYouAlive { .. }
                | ElectionMessage::Alive { .. },
            )
            | Self::Hardened(Termed {
                body:
                    Body::Election(
                        hardened::ElectionMessage::Heartbeat { .. }
                        | hardened::ElectionMessage::HeartbeatAck { .. },
                    ),
                ..
            }) => Traffic::Heartbeat,
            Self::Election(
                ElectionMessage::Election { .. }
                | ElectionMessage::Ok { .. }
                | ElectionMessage::Coordinator,
            )
            | Self::Hardened(Termed { body: Body::Election(_), .. }) => Traffic::Election,
            Self::Hardened(Termed { body: Body::Birth(_), .. }) => Traffic::Election,
            Self::Mutex(_) | Self::Hardened(Termed { body: Body::Mutex(_), .. }) => Traffic::Mutex,
        }
    }

    /// Whether it answers another message (drawn hollow) or comes unasked (drawn filled).
    pub const fn is_reply(&self) -> bool {
        match self {
            Self::Call(CallMessage::Reply { .. })
            | Self::Election(ElectionMessage::Ok { .. } | ElectionMessage::Alive { .. })
            | Self::Mutex(MutexMessage::Grant { .. }) => true,
            Self::Call(CallMessage::Plain | CallMessage::Call { .. })
            | Self::Election(
                ElectionMessage::Election { .. }
                | ElectionMessage::Coordinator
                | ElectionMessage::Heartbeat
                | ElectionMessage::AreYouAlive { .. },
            )
            | Self::Mutex(
                MutexMessage::Request { .. }
                | MutexMessage::Release
                | MutexMessage::Withdraw { .. },
            ) => false,
            Self::Hardened(Termed { body, .. }) => body.is_reply(),
        }
    }
}

impl Body {
    const fn name(&self) -> &'static str {
        match self {
            Self::Election(message) => match message {
                hardened::ElectionMessage::Probe { .. } => "PROBE",
                hardened::ElectionMessage::ProbeAck { .. } => "PROBE_ACK",
                hardened::ElectionMessage::Election { .. } => "ELECTION",
                hardened::ElectionMessage::Ok { .. } => "OK",
                hardened::ElectionMessage::Propose => "PROPOSE",
                hardened::ElectionMessage::Accept => "ACCEPT",
                hardened::ElectionMessage::Coordinator => "COORDINATOR",
                hardened::ElectionMessage::Heartbeat { .. } => "HEARTBEAT",
                hardened::ElectionMessage::HeartbeatAck { .. } => "HEARTBEAT_ACK",
                hardened::ElectionMessage::Resign => "RESIGN",
                hardened::ElectionMessage::Notice { .. } => "TERM",
            },
            Self::Mutex(message) => match message {
                hardened::MutexMessage::Report { .. } => "REPORT",
                hardened::MutexMessage::Request { .. } => "REQUEST",
                hardened::MutexMessage::Grant { .. } => "GRANT",
                hardened::MutexMessage::Release { .. } => "RELEASE",
                hardened::MutexMessage::ReleaseAck { .. } => "RELEASE_ACK",
                hardened::MutexMessage::Withdraw { .. } => "WITHDRAW",
            },
            Self::Birth(message) => match message {
                hardened::BirthMessage::Birth { .. } => "BIRTH",
                hardened::BirthMessage::BirthAck { .. } => "BIRTH_ACK",
            },
        }
    }

    const fn is_reply(&self) -> bool {
        match self {
            Self::Election(
                hardened::ElectionMessage::ProbeAck { .. }
                | hardened::ElectionMessage::Ok { .. }
                | hardened::ElectionMessage::Accept
                | hardened::ElectionMessage::HeartbeatAck { .. }
                | hardened::ElectionMessage::Notice { .. },
            )
            | Self::Mutex(
                hardened::MutexMessage::Report { .. }
                | hardened::MutexMessage::Grant { .. }
                | hardened::MutexMessage::ReleaseAck { .. },
            )
            | Self::Birth(hardened::BirthMessage::BirthAck { .. }) => true,
            Self::Election(
                hardened::ElectionMessage::Probe { .. }
                | hardened::ElectionMessage::Election { .. }
                | hardened::ElectionMessage::Propose
                | hardened::ElectionMessage::Coordinator
                | hardened::ElectionMessage::Heartbeat { .. }
                | hardened::ElectionMessage::Resign,
            )
            | Self::Mutex(
                hardened::MutexMessage::Request { .. }
                | hardened::MutexMessage::Release { .. }
                | hardened::MutexMessage::Withdraw { .. },
            )
            | Self::Birth(hardened::BirthMessage::Birth { .. }) => false,
        }
    }
}

/// A timer, named by what it waits for. A node has at most one of each name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Of the clock's application.
    Call(CallTimer),
    /// Of the election and its failure detector.
    Election(ElectionTimer),
    /// Of the mutual exclusion.
    Mutex(MutexTimer),
}

impl Timer {
    /// Its name, as traces have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Call(CallTimer::Wait) => "call-wait",
            Self::Call(CallTimer::Reply) => "call-reply",
            Self::Election(ElectionTimer::Heartbeat) => "heartbeat",
            Self::Election(ElectionTimer::Suspicion) => "suspicion",
            Self::Election(ElectionTimer::PollWait) => "poll-wait",
            Self::Election(ElectionTimer::PollAnswer) => "poll-answer",
            Self::Election(ElectionTimer::Answers) => "answers",
            Self::Election(ElectionTimer::Coordinator) => "coordinator",
            Self::Election(ElectionTimer::ProbeAnswers) => "probe-answers",
            Self::Election(ElectionTimer::Accepts) => "accepts",
            Self::Election(ElectionTimer::Retry) => "election-retry",
            Self::Election(ElectionTimer::Challenge) => "challenge",
            Self::Election(ElectionTimer::Probation) => "probation",
            Self::Election(ElectionTimer::Lease(_)) => "leader-lease",
            Self::Election(ElectionTimer::Birth) => "birth",
            Self::Mutex(MutexTimer::RequestWait) => "request-wait",
            Self::Mutex(MutexTimer::Hold(_)) => "hold",
            Self::Mutex(MutexTimer::Retry) => "retry",
            Self::Mutex(MutexTimer::Claim(..)) => "claim",
            Self::Mutex(MutexTimer::Lease) => "lease",
            Self::Mutex(MutexTimer::Grace) => "grace",
        }
    }
}

/// What a random choice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Choice {
    /// Of the clock's application.
    Call(CallChoice),
    /// Of the failure detector.
    Election(ElectionChoice),
    /// Of the mutual exclusion's application.
    Mutex(MutexChoice),
}

/// How long a critical section is to last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// Until [`Command::Release`].
    UntilReleased,
    /// This long.
    For(Duration),
    /// As long as the configured range and chance say.
    Drawn,
}

/// What a user tells a node to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A local event.
    LocalEvent,
    /// A plain message to `to`.
    Send {
        /// The receiver.
        to: NodeId,
    },
    /// A remote call to `to`.
    Call {
        /// The server.
        to: NodeId,
    },
    /// Hold an election: drop the leader and start one unless one is running; a leader announces
    /// itself again.
    Elect,
    /// Ask for the lock.
    Request {
        /// How long to hold it.
        hold: Hold,
    },
    /// Give up a request that waits, and nothing that holds the lock.
    Withdraw {
        /// The number of the request; the latest one that waits, if it is not given.
        request: Option<u32>,
    },
    /// Leave the critical section: the oldest one, if the node is in several.
    Release,
    /// Write to the resource from inside the critical section.
    Write,
    /// Get ready to stop: leave the critical section, and, in the hardened profile, resign. Nothing
    /// but a crash comes after it.
    Leave,
}

/// What happens to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The first thing that ever happens to an incarnation.
    Start,
    /// A message arrives.
    Message {
        /// The sender.
        from: NodeId,
        /// The stamp that it carries.
        stamp: Stamp,
        /// What it says.
        message: Message,
    },
    /// A timer ran out.
    Timer(Timer),
    /// A user's order.
    Command(Command),
    /// The answer to [`Effect::Draw`].
    Drawn {
        /// What it was for.
        choice: Choice,
        /// The number drawn.
        value: u64,
    },
    /// The connection to `peer` was refused or closed: nothing sent on it will be answered, and the
    /// peer may be dead.
    Disconnected {
        /// Whom the connection led to.
        peer: NodeId,
    },
    /// A node has written down this one's birth, and nothing it says will be heard (hardened profile).
    Met {
        /// That node.
        by: NodeId,
    },
    /// Somebody has met another memory of this node (hardened profile): it does nothing any more.
    Denied,
}

/// A write to the shared resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Write {
    /// The request in whose critical section it is made.
    pub request: RequestId,
    /// Where in the critical section.
    pub phase: Phase,
    /// The fencing token of the grant; none in the classic profile.
    pub token: Option<Token>,
}

/// What outlives a crash (hardened profile).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Stable {
    /// The latest term seen.
    pub term: Term,
    /// Whom the node accepted in that term.
    pub vote: Option<NodeId>,
}

/// What a node decides, for who watches; nothing depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// A local event of the application. It ticks the clock.
    Local,
    /// An election was started.
    ElectionStarted {
        /// Which.
        election: ElectionId,
        /// Why.
        cause: ElectionCause,
    },
    /// The node follows another leader (itself, when it leads), or none.
    Leader {
        /// Whom it follows from here on.
        leader: Option<NodeId>,
        /// In which term; classic has none.
        term: Option<Term>,
    },
    /// The application wants the lock.
    Requested {
        /// The new request.
        request: RequestId,
    },
    /// The application has given up a request that waited.
    Withdrawn {
        /// The request.
        request: RequestId,
    },
    /// The node is in the critical section.
    Entered {
        /// The request that was granted.
        request: RequestId,
        /// The token of the grant; none in the classic profile.
        token: Option<Token>,
    },
    /// The application wants the lock, and is refused: [`crate::MAX_OUTSTANDING`] of its requests
    /// are outstanding.
    Refused,
    /// The node has left the critical section.
    Exited {
        /// The request that is done with.
        request: RequestId,
        /// Hardened: whether the lease has ended before the application was done.
        lease_over: bool,
    },
}

/// What a node wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Send a message.
    Send {
        /// The receiver; never the node itself.
        to: NodeId,
        /// What it says.
        message: Message,
    },
    /// Send a write to the resource.
    Write(Write),
    /// Give this timer this long; one of the same name is replaced.
    SetTimer {
        /// What it waits for.
        timer: Timer,
        /// How long, by the node's own clock.
        after: Duration,
    },
    /// Stop a timer.
    CancelTimer {
        /// What it waited for.
        timer: Timer,
    },
    /// Choose a whole number from `low` to `high`, both included, and answer with
    /// [`Input::Drawn`] before anything else happens to the node.
    Draw {
        /// What it is for.
        choice: Choice,
        /// The smallest answer.
        low: u64,
        /// The largest answer.
        high: u64,
    },
    /// Put this into stable storage before carrying out what follows.
    Save(Stable),
    /// The same, of something that is kept in [`hardened::Memory`].
    Remember(Fact),
    /// Tell who watches.
    Emit(Event),
}

impl Effect {
    /// Whether carrying it out is an event that ticks the clocks: a send or a local event.
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
                | Event::Exited { .. },
            ) => false,
        }
    }

    /// Draws a duration from `range`, in microseconds.
    pub(crate) fn draw_duration(choice: Choice, range: DurationRange) -> Self {
        let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        Self::Draw { choice, low: micros(range.min), high: micros(range.max) }
    }
}

/// Where a step leaves what it wants done, in order. The driver empties it and lends it again.
pub type Effects = Vec<Effect>;
