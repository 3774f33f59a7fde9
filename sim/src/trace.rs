//! The trace: one event per line, with the stamp of its node.

mod fields;
mod id;
mod invariant;
mod kinds;
mod line;
mod stamp;
#[cfg(all(test, feature = "files"))]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use antes_core::{
    ElectionCause, ElectionId, Event, Incarnation, LamportTime, Message, NodeId, RequestId, Stable,
    Term, Timer, Token, Traffic, Write,
};

pub use self::id::{InvalidMessageId, MessageId};
pub use self::invariant::{Invariant, Violation};
pub(crate) use self::line::LineForm;
pub use self::stamp::LineStamp;

/// The receiver of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    Node(NodeId),
    Resource,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A message to a node.
    Message(Message),
    /// A write to the resource.
    Write(Write),
}

impl From<Event> for Happening {
    fn from(event: Event) -> Self {
        match event {
            Event::Local => Self::Local,
            Event::ElectionStarted { election, cause } => Self::Election { election, cause },
            Event::Leader { leader, term } => Self::Leader { leader, term },
            Event::Requested { request } => Self::Request { request },
            Event::Withdrawn { request } => Self::Withdraw { request },
            Event::Entered { request, token } => Self::Enter { request, token },
            Event::Refused => Self::Refused,
            Event::Exited { request } => Self::Exit { request, lease_over: false },
            Event::Expired { request } => Self::Exit { request, lease_over: true },
        }
    }
}

impl Content {
    /// The name of the message type in traces and summaries.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Message(message) => message.name(),
            Self::Write(_) => "WRITE",
        }
    }

    /// The family that it belongs to.
    pub const fn traffic(&self) -> Traffic {
        match self {
            Self::Message(message) => message.traffic(),
            Self::Write(_) => Traffic::Mutex,
        }
    }

    /// Whether it answers another message. Pictures draw answers hollow and other messages filled.
    pub const fn is_reply(&self) -> bool {
        match self {
            Self::Message(message) => message.is_reply(),
            Self::Write(_) => false,
        }
    }
}

/// A message, as lines of the trace contain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    pub id: MessageId,
    pub to: Recipient,
    pub content: Content,
}

/// The reason why a message was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A random loss in the network.
    Chance,
    /// It was dropped on purpose.
    Dropped,
    Cut,
    Down,
    /// Hardened: another copy of it was received before.
    Doubled,
    /// Real cluster: too many messages are queued on that link.
    Full,
}

impl Loss {
    pub const ALL: [Self; 6] =
        [Self::Chance, Self::Dropped, Self::Cut, Self::Down, Self::Doubled, Self::Full];

    /// Its name in traces.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chance => "chance",
            Self::Dropped => "dropped",
            Self::Cut => "cut",
            Self::Down => "down",
            Self::Doubled => "doubled",
            Self::Full => "full",
        }
    }
}

/// The stable storage that a restarted node finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    Kept,
    /// Empty: the hardened profile gives no guarantee for this.
    Lost,
}

/// An event of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A local event of the application. Ticks.
    Local,
    /// The node sends a message or a write. Ticks.
    Send(MessageRecord),
    /// The node receives a message. Ticks: `max(before, sent) + 1`.
    Receive {
        message: MessageRecord,
        /// The Lamport stamp of the send.
        sent: LamportTime,
        /// The node's Lamport clock before the receipt.
        before: LamportTime,
    },
    /// A message is lost. The line has the stamp of the send.
    Lost {
        message: MessageRecord,
        loss: Loss,
    },
    /// The network copies a message. The line has the stamp of the send.
    Duplicate {
        message: MessageRecord,
    },
    Timeout {
        timer: Timer,
    },
    Crash,
    /// The node has stopped in order.
    Stop,
    /// A new incarnation of the node starts.
    Restart {
        storage: Storage,
    },
    Pause,
    Resume,
    /// The node has saved term and vote to stable storage.
    Save(Stable),
    /// The node has started an election.
    Election {
        election: ElectionId,
        cause: ElectionCause,
    },
    /// The node follows another leader, or none.
    Leader {
        leader: Option<NodeId>,
        /// `None` in the classic profile.
        term: Option<Term>,
    },
    /// The node's application asks for the lock.
    Request {
        request: RequestId,
    },
    /// The node's application has withdrawn a waiting request.
    Withdraw {
        request: RequestId,
    },
    /// The node has entered the critical section.
    Enter {
        request: RequestId,
        /// The token of the grant. `None` in the classic profile.
        token: Option<Token>,
    },
    /// The node's application asks for the lock and is refused, since it has
    /// [`antes_core::MAX_OUTSTANDING`] open requests.
    Refused,
    /// The node has left the critical section.
    Exit {
        request: RequestId,
        /// Hardened: whether the lease ended before the application was finished.
        lease_over: bool,
    },
    /// A write has arrived at the resource. The line has the stamp of the send.
    Write {
        /// The id of the message with the write.
        id: MessageId,
        write: Write,
        /// Whether the resource accepted the write. It refuses a write for its token.
        accepted: bool,
        /// The other critical sections that are open at the resource.
        overlaps: Vec<RequestId>,
        /// Whether the writer recorded this when it got the answer. Then the line does not show the
        /// order in which writes arrived.
        heard: bool,
    },
    /// A link was cut in one direction, from the line's `node`.
    Cut {
        to: NodeId,
    },
    /// A link was restored in one direction, from the line's `node`.
    Heal {
        to: NodeId,
    },
    /// A step of the script had no effect.
    Ignored {
        /// What the step was to do, and why it had no effect.
        sentence: String,
        because: IgnoredBecause,
    },
    Violation(Violation),
}

impl Happening {
    /// The `kind` of the line.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Send(_) => "send",
            Self::Receive { .. } => "receive",
            Self::Lost { .. } => "lost",
            Self::Duplicate { .. } => "duplicate",
            Self::Timeout { .. } => "timeout",
            Self::Crash => "crash",
            Self::Stop => "stop",
            Self::Restart { .. } => "restart",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Save(_) => "save",
            Self::Election { .. } => "election",
            Self::Leader { .. } => "leader",
            Self::Request { .. } => "request",
            Self::Withdraw { .. } => "withdraw",
            Self::Enter { .. } => "enter",
            Self::Refused => "refused",
            Self::Exit { .. } => "exit",
            Self::Write { .. } => "write",
            Self::Cut { .. } => "cut",
            Self::Heal { .. } => "heal",
            Self::Ignored { .. } => "ignored",
            Self::Violation(_) => "violation",
        }
    }
}

/// The reason why a step of the script had no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredBecause {
    Down,
    Frozen,
    /// The node is up, so it can be neither restarted nor resumed.
    Up,
    /// The node does not hold the lock, so it can neither release it nor write.
    NotHolding,
    /// The node has no such waiting request.
    NotWaiting,
    /// The message has arrived already.
    NotOnItsWay,
    /// The message was lost already.
    LostAlready,
    /// The message has as many copies as ids can distinguish.
    CopiedTooOften,
    /// Another reason, or a trace of an earlier version, which does not say.
    NothingToDo,
}

impl IgnoredBecause {
    pub const ALL: [Self; 9] = [
        Self::Down,
        Self::Frozen,
        Self::Up,
        Self::NotHolding,
        Self::NotWaiting,
        Self::NotOnItsWay,
        Self::LostAlready,
        Self::CopiedTooOften,
        Self::NothingToDo,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Frozen => "paused",
            Self::Up => "up",
            Self::NotHolding => "not-holding",
            Self::NotWaiting => "not-waiting",
            Self::NotOnItsWay => "not-in-flight",
            Self::LostAlready => "lost-already",
            Self::CopiedTooOften => "copied-too-often",
            Self::NothingToDo => "nothing-to-do",
        }
    }

    /// The end of a sentence about it, such as `is lost already`.
    pub(crate) const fn told(self) -> &'static str {
        match self {
            Self::Down => "is down",
            Self::Frozen => "is paused",
            Self::Up => "is up",
            Self::NotHolding => "does not hold it",
            Self::NotWaiting => "does not wait for it",
            Self::NotOnItsWay => "is not in flight any more",
            Self::LostAlready => "is lost already",
            Self::CopiedTooOften => "has been copied as often as can be named",
            Self::NothingToDo => "has nothing to do for it",
        }
    }
}

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// The line's number in the trace, from 0.
    pub seq: u64,
    /// The instant, in microseconds from the start of the run.
    pub at_us: u64,
    /// The node. `None` if the event belongs to no node.
    pub node: Option<NodeId>,
    pub incarnation: Incarnation,
    /// The node's stamp after the event. For `lost`, `duplicate` and `write`, the stamp of the
    /// send.
    pub stamp: LineStamp,
    pub happening: Happening,
}

impl TraceEvent {
    /// The `kind` of the event in traces.
    pub const fn kind(&self) -> &'static str {
        self.happening.kind()
    }

    /// Whether the event ticks the clocks: a local event, a send or a receipt.
    pub const fn ticks(&self) -> bool {
        matches!(self.happening, Happening::Local | Happening::Send(_) | Happening::Receive { .. })
    }

    /// The message of the event, if it has one.
    pub const fn message(&self) -> Option<&MessageRecord> {
        match &self.happening {
            Happening::Send(message)
            | Happening::Receive { message, .. }
            | Happening::Lost { message, .. }
            | Happening::Duplicate { message } => Some(message),
            _ => None,
        }
    }
}
