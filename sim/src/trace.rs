//! What happened: one event a line, each with the stamps of its node.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use antes_core::{
    Algorithm, ElectionCause, ElectionId, Incarnation, LamportTime, Message, NodeId, Profile,
    RequestId, Stable, Stamp, Term, Timer, Token, Traffic, Write,
};

/// The name of a message: its sender, how many that node had sent with it (over all its
/// incarnations, from 1), and which copy of it this is. A forged message is named by how many have
/// been forged with it: the sender that it claims is no part of its name.
#[derive(Clone, Copy, Debug)]
pub struct MessageId {
    /// The sender; of a forged message, the node that it claims to come from.
    pub from: NodeId,
    /// Which of the sender's messages, or of the forged ones.
    pub number: u32,
    /// 0 for the message itself, from 1 for the copies that the network made of it.
    pub copy: u8,
    /// Whether nobody sent it.
    pub forged: bool,
}

impl MessageId {
    /// The message of this number that `from` sends.
    pub const fn new(from: NodeId, number: u32) -> Self {
        Self { from, number, copy: 0, forged: false }
    }

    /// The number before the colon of its name: its sender, or 0 if it is forged.
    pub const fn sender(&self) -> u8 {
        if self.forged { 0 } else { self.from.get() }
    }

    /// The numbers of its name.
    const fn key(&self) -> (u8, u32, u8) {
        (self.sender(), self.number, self.copy)
    }
}

impl PartialEq for MessageId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for MessageId {}

impl Ord for MessageId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for MessageId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for MessageId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for MessageId {
    /// `2:4`, and `2:4+1` for its first copy; `0:4` for the fourth forged one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.sender(), self.number)?;
        if self.copy > 0 { write!(f, "+{}", self.copy) } else { Ok(()) }
    }
}

/// A text that names no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMessageId;

impl fmt::Display for InvalidMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a message id such as \"2:4\", or \"2:4+1\" for a copy")
    }
}

impl core::error::Error for InvalidMessageId {}

impl FromStr for MessageId {
    // Of a forged message the name does not say from where it claims to come: `from` is any node.
    type Err = InvalidMessageId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, rest) = text.split_once(':').ok_or(InvalidMessageId)?;
        let (number, copy) = rest.split_once('+').unwrap_or((rest, "0"));
        let forged = from == "0";
        let from = if forged { "1" } else { from };
        let from = from.parse().ok().and_then(NodeId::new).ok_or(InvalidMessageId)?;
        let number = number.parse().map_err(|_| InvalidMessageId)?;
        let copy = copy.parse().map_err(|_| InvalidMessageId)?;
        Ok(Self { from, number, copy, forged })
    }
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// To a node.
    Node(NodeId),
    /// To the shared resource.
    Resource,
}

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Something to a node.
    Message(Message),
    /// A write to the resource.
    Write(Write),
}

impl Content {
    /// The name of its type, as traces and summaries have it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Message(message) => message.name(),
            Self::Write(_) => "WRITE",
        }
    }

    /// The family it belongs to.
    pub const fn traffic(&self) -> Traffic {
        match self {
            Self::Message(message) => message.traffic(),
            Self::Write(_) => Traffic::Mutex,
        }
    }

    /// Whether it answers another message (drawn hollow) or comes unasked (drawn filled).
    pub const fn is_reply(&self) -> bool {
        match self {
            Self::Message(message) => message.is_reply(),
            Self::Write(_) => false,
        }
    }
}

/// A message, as the lines about it tell of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Its name.
    pub id: MessageId,
    /// Where it goes.
    pub to: Recipient,
    /// What it says.
    pub content: Content,
}

/// Why a message was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The network lost it, by chance.
    Chance,
    /// Somebody dropped it.
    Dropped,
    /// Its link is cut.
    Cut,
    /// Its receiver is down.
    Down,
    /// Hardened: a copy of it has been received before.
    Doubled,
    /// Too many wait to be sent on that link already (a real cluster's queues have a bound).
    Full,
}

/// What a node that restarts finds of what it has saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Everything.
    Kept,
    /// Nothing: the hardened profile promises nothing for it.
    Lost,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A local event of the application. Ticks.
    Local,
    /// A message, or a write, is sent. Ticks.
    Send(MessageRecord),
    /// A message is received. Ticks: `max(before, sent) + 1`.
    Receive {
        /// The message.
        message: MessageRecord,
        /// The Lamport clock that it carries.
        sent: LamportTime,
        /// The Lamport clock just before.
        before: LamportTime,
    },
    /// A message is lost; the line carries its send's stamp.
    Lost {
        /// The message.
        message: MessageRecord,
        /// Why.
        loss: Loss,
    },
    /// The network makes a copy of a message; the line carries its send's stamp.
    Duplicate {
        /// The copy.
        message: MessageRecord,
    },
    /// A timer ran out.
    Timeout {
        /// Which.
        timer: Timer,
    },
    /// The node died.
    Crash,
    /// The node has stopped in good order (cluster). In the simulator a node that leaves crashes last.
    Stop,
    /// A new incarnation of the node starts.
    Restart {
        /// What it finds in its stable storage.
        storage: Storage,
    },
    /// The node froze.
    Pause,
    /// The node goes on.
    Resume,
    /// The node saved something to stable storage.
    Save(Stable),
    /// The node started an election.
    Election {
        /// Which.
        election: ElectionId,
        /// Why.
        cause: ElectionCause,
    },
    /// The node follows another leader, or none.
    Leader {
        /// Whom.
        leader: Option<NodeId>,
        /// In which term; classic has none.
        term: Option<Term>,
    },
    /// The node's application wants the lock.
    Request {
        /// The request.
        request: RequestId,
    },
    /// The node's application has given up a request that waited.
    Withdraw {
        /// The request.
        request: RequestId,
    },
    /// The node is in the critical section.
    Enter {
        /// The request that was granted.
        request: RequestId,
        /// The token of the grant.
        token: Option<Token>,
    },
    /// The node's application wants the lock and is refused: it has
    /// [`antes_core::MAX_OUTSTANDING`] requests already that are not done with.
    Refused,
    /// The node has left the critical section.
    Exit {
        /// The request that is done with.
        request: RequestId,
        /// Hardened: whether the lease has ended before the application was done.
        lease_over: bool,
    },
    /// A write arrived at the resource; the line carries its send's stamp.
    Write {
        /// The message that brought it.
        id: MessageId,
        /// The write.
        write: Write,
        /// Whether the resource took it, or refused it for its token.
        accepted: bool,
        /// The other critical sections that are open at the resource.
        overlaps: Vec<RequestId>,
        /// Whether this is told by who wrote, when it heard the answer: that says nothing of the
        /// order in which writes arrived.
        heard: bool,
    },
    /// A link was cut, one way. `node` of the line is its beginning.
    Cut {
        /// Its end.
        to: NodeId,
    },
    /// A link was mended, one way. `node` of the line is its beginning.
    Heal {
        /// Its end.
        to: NodeId,
    },
    /// A step of the script found nothing to do, for the reason given.
    Ignored {
        /// What the step wanted and why nothing came of it: a sentence.
        sentence: String,
        /// Why nothing came of it.
        because: IgnoredBecause,
    },
    /// An invariant does not hold.
    Violation(Violation),
}

/// Why a step of the script did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IgnoredBecause {
    /// The node is down.
    Down,
    /// The node is frozen.
    Frozen,
    /// The node is up: it can be neither restarted nor resumed.
    Up,
    /// The node does not hold the lock that it was to release, or to write under.
    NotHolding,
    /// The node has no such request that waits.
    NotWaiting,
    /// The message has arrived.
    NotOnItsWay,
    /// The message is lost.
    LostAlready,
    /// No further copy of the message could be named.
    CopiedTooOften,
    /// Nothing of the above; a trace of an earlier version does not say.
    NothingToDo,
}

impl IgnoredBecause {
    /// All of them.
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

    /// Its name in traces.
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

    /// What is said of it, after the subject: `is lost already`.
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

/// What an invariant's judge has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which invariant.
    pub invariant: Invariant,
    /// The nodes that break it.
    pub nodes: Vec<NodeId>,
    /// What is wrong, in one English sentence with its numbers.
    pub sentence: String,
}

/// What is judged after every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// At most one running node is in the critical section.
    OneHolder,
    /// No critical section begins at the resource while another one is open there.
    ExclusiveWrites,
    /// Classic: once quiet, one leader at most, followed by all. (In the hardened profile a node
    /// may follow the leader of an earlier term until it hears of the next.)
    OneLeader,
    /// If a happened before b, then L(a) < L(b).
    ClockCondition,
    /// Only a node that leads grants, and only what was asked for.
    GrantByCoordinator,
    /// Hardened: one life of one node at most leads a term.
    OneLeaderPerTerm,
    /// Hardened: the tokens that the resource accepts never decrease, and each has one holder.
    TokenOrder,
    /// A request enters at most once, and has at most one token a term.
    ServedOnce,
}

impl Invariant {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OneHolder,
        Self::ExclusiveWrites,
        Self::OneLeader,
        Self::ClockCondition,
        Self::GrantByCoordinator,
        Self::OneLeaderPerTerm,
        Self::TokenOrder,
        Self::ServedOnce,
    ];

    /// Whether a run of `algorithm` in `profile` has anything to judge by it.
    pub const fn concerns(self, algorithm: Algorithm, profile: Profile) -> bool {
        match self {
            Self::ClockCondition => true,
            Self::OneLeader => {
                !matches!(algorithm, Algorithm::Clock) && matches!(profile, Profile::Classic)
            }
            Self::OneLeaderPerTerm => {
                !matches!(algorithm, Algorithm::Clock) && matches!(profile, Profile::Hardened)
            }
            Self::OneHolder
            | Self::ExclusiveWrites
            | Self::GrantByCoordinator
            | Self::ServedOnce => matches!(algorithm, Algorithm::Mutex),
            Self::TokenOrder => {
                matches!(algorithm, Algorithm::Mutex) && matches!(profile, Profile::Hardened)
            }
        }
    }

    /// Its name in traces and summaries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneHolder => "one-holder",
            Self::ExclusiveWrites => "exclusive-writes",
            Self::OneLeader => "one-leader",
            Self::ClockCondition => "clock-condition",
            Self::GrantByCoordinator => "grant-by-coordinator",
            Self::OneLeaderPerTerm => "one-leader-per-term",
            Self::TokenOrder => "token-order",
            Self::ServedOnce => "served-once",
        }
    }
}

/// One line of a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Its place in the trace, from 0.
    pub seq: u64,
    /// When, in microseconds from the beginning of the run.
    pub at_us: u64,
    /// Where; nowhere for what concerns no node in particular.
    pub node: Option<NodeId>,
    /// Which life of the node.
    pub incarnation: Incarnation,
    /// The node's stamp after the event; that of the send for `lost`, `duplicate` and `write`.
    pub stamp: Stamp,
    /// What happened.
    pub happening: Happening,
}

impl TraceEvent {
    /// Its `kind`, as traces have it.
    pub const fn kind(&self) -> &'static str {
        match self.happening {
            Happening::Local => "local",
            Happening::Send(_) => "send",
            Happening::Receive { .. } => "receive",
            Happening::Lost { .. } => "lost",
            Happening::Duplicate { .. } => "duplicate",
            Happening::Timeout { .. } => "timeout",
            Happening::Crash => "crash",
            Happening::Stop => "stop",
            Happening::Restart { .. } => "restart",
            Happening::Pause => "pause",
            Happening::Resume => "resume",
            Happening::Save(_) => "save",
            Happening::Election { .. } => "election",
            Happening::Leader { .. } => "leader",
            Happening::Request { .. } => "request",
            Happening::Withdraw { .. } => "withdraw",
            Happening::Enter { .. } => "enter",
            Happening::Refused => "refused",
            Happening::Exit { .. } => "exit",
            Happening::Write { .. } => "write",
            Happening::Cut { .. } => "cut",
            Happening::Heal { .. } => "heal",
            Happening::Ignored { .. } => "ignored",
            Happening::Violation(_) => "violation",
        }
    }

    /// Whether it is an event of logical time: local, send or receive.
    pub const fn ticks(&self) -> bool {
        matches!(self.happening, Happening::Local | Happening::Send(_) | Happening::Receive { .. })
    }

    /// The message it is about.
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
