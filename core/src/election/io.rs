//! The messages, timers and draws of the election (classic), and the causes of one.

use crate::fields::FieldForm;
use crate::id::{ElectionId, NodeId};
use crate::kind::{Kind, Traffic};

/// Messages of the election and its failure detector (classic).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ElectionMessage {
    /// ELECTION: is anybody above me alive?
    Election {
        /// The number of the asker's election.
        election: ElectionId,
    },
    /// OK: I am, leave it to me.
    Ok {
        /// The number of the election that is answered.
        election: ElectionId,
    },
    /// COORDINATOR: I lead. It carries nothing that would order it against another announcement.
    Coordinator,
    /// HEARTBEAT: the leader is alive.
    Heartbeat,
    /// CALL, with the detector `poll`: do you still lead?
    AreYouAlive {
        /// The number of the question.
        question: u32,
    },
    /// REPLY, with the detector `poll`: I do.
    Alive {
        /// The number of the question that is answered.
        question: u32,
    },
}

/// Timers of the election and its failure detector, in both profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElectionTimer {
    /// How long until the leader sends its next heartbeat.
    Heartbeat,
    /// How long the leader may still be silent.
    Suspicion,
    /// T: how long the nodes with higher ids may still take to say OK.
    Answers,
    /// T': how long the node that said OK may still take to win.
    Coordinator,
}

/// Timers of the detector `poll`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PollTimer {
    /// How long until the leader is polled again.
    Wait,
    /// How long the answer to the poll may still take.
    Answer,
}

/// Random draws of the failure detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ElectionChoice {
    /// How long to wait before the leader is polled again, in microseconds.
    PollWait,
}

/// The reason for an election, in both profiles.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BullyCause {
    /// The node has just started and knows no leader.
    Start,
    /// A user asked for it.
    Command,
    /// The leader was silent for too long, or its connection was closed.
    Suspicion { leader: NodeId },
    /// A node with a lower id holds an election.
    Asked {
        /// The node with the lower id.
        by: NodeId,
    },
    /// A node with a higher id said OK, but no node won.
    NoWinner,
    /// A node with a lower id says that it leads, or wants to.
    LowerAnnounced {
        /// The node with the lower id.
        by: NodeId,
    },
}

impl ElectionMessage {
    /// The message's name, its family, and whether it is a reply.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Election { .. } => Kind::request("ELECTION", Traffic::Election),
            Self::Ok { .. } => Kind::reply("OK", Traffic::Election),
            Self::Coordinator => Kind::request("COORDINATOR", Traffic::Election),
            Self::Heartbeat => Kind::request("HEARTBEAT", Traffic::Heartbeat),
            Self::AreYouAlive { .. } => Kind::request("CALL", Traffic::Heartbeat),
            Self::Alive { .. } => Kind::reply("REPLY", Traffic::Heartbeat),
        }
    }
}

impl ElectionMessage {
    /// The simplest message of each kind from `from` to `to`.
    pub(crate) const fn simplest(from: NodeId, to: NodeId) -> [Self; 6] {
        [
            Self::Election { election: ElectionId::first_of(from) },
            Self::Ok { election: ElectionId::first_of(to) },
            Self::Coordinator,
            Self::Heartbeat,
            Self::AreYouAlive { question: 1 },
            Self::Alive { question: 1 },
        ]
    }

    /// Carries the fields to `form`.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Election { election } | Self::Ok { election } => {
                form.needed("election", election);
            }
            Self::Coordinator | Self::Heartbeat => {}
            Self::AreYouAlive { question } | Self::Alive { question } => {
                form.needed("question", question);
            }
        }
    }
}

impl ElectionTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Heartbeat => "heartbeat",
            Self::Suspicion => "suspicion",
            Self::Answers => "answers",
            Self::Coordinator => "coordinator",
        }
    }
}

impl PollTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Wait => "poll-wait",
            Self::Answer => "poll-answer",
        }
    }
}

impl BullyCause {
    /// The name of the cause in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Command => "command",
            Self::Suspicion { .. } => "suspicion",
            Self::Asked { .. } => "asked",
            Self::NoWinner => "no-winner",
            Self::LowerAnnounced { .. } => "lower-announced",
        }
    }
}
