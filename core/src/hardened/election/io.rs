//! The messages and timers that only the hardened election has, and the causes of one.

use crate::fields::{Absence, FieldForm};
use crate::id::{ElectionId, NodeId};
use crate::kind::{Kind, Traffic};

/// Messages of the election (hardened).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum ElectionMessage {
    /// PROBE: would you follow me into the next term?
    Probe {
        /// Whether the sender has been up for `probation`.
        seasoned: bool,
    },
    /// PROBE_ACK: yes; or no, and this is the leader.
    ProbeAck {
        /// Whether the answer is yes.
        yes: bool,
        /// The leader that the answering node follows.
        leader: Option<NodeId>,
    },
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
    /// PROPOSE: let me lead this term.
    Propose,
    /// ACCEPT: you may, and no other node gets my vote in this term.
    Accept,
    /// COORDINATOR: I lead this term.
    Coordinator,
    /// HEARTBEAT: I still lead this term.
    Heartbeat {
        /// The number of the heartbeat, from 1 in each office.
        beat: u32,
    },
    /// HEARTBEAT_ACK: I have received it.
    HeartbeatAck {
        /// The heartbeat that is acknowledged.
        beat: u32,
    },
    /// RESIGN: I am leaving; choose another.
    Resign,
    /// TERM: your term is over; this message carries the current one.
    Notice {
        /// The leader that the sender follows.
        leader: Option<NodeId>,
    },
}

/// Timers of an election with terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermTimer {
    /// How long a majority may still take to consent to the next term.
    ProbeAnswers,
    /// How long a majority may still take to accept the node as leader.
    Accepts,
    /// How long until a failed candidacy is tried again.
    Retry,
    /// How long until a node challenges a leader with a lower id.
    Challenge,
    /// How long until the node has been up for `probation`.
    Probation,
    /// How long the heartbeat with this number may still extend the leader's lease.
    Lease(u32),
}

/// Reasons for an election that only the hardened profile has.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TermCause {
    /// The node led, and no majority has acknowledged its heartbeats for too long.
    LostMajority,
    /// An earlier candidacy of the node failed, because no majority agreed.
    NoMajority,
    /// The node follows a leader with a lower id.
    Outranks { leader: NodeId },
    /// The leader has resigned.
    Resigned { leader: NodeId },
}

impl ElectionMessage {
    /// The message's name, its family, and whether it is a reply.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Probe { .. } => Kind::request("PROBE", Traffic::Election),
            Self::ProbeAck { .. } => Kind::reply("PROBE_ACK", Traffic::Election),
            Self::Election { .. } => Kind::request("ELECTION", Traffic::Election),
            Self::Ok { .. } => Kind::reply("OK", Traffic::Election),
            Self::Propose => Kind::request("PROPOSE", Traffic::Election),
            Self::Accept => Kind::reply("ACCEPT", Traffic::Election),
            Self::Coordinator => Kind::request("COORDINATOR", Traffic::Election),
            Self::Heartbeat { .. } => Kind::request("HEARTBEAT", Traffic::Heartbeat),
            Self::HeartbeatAck { .. } => Kind::reply("HEARTBEAT_ACK", Traffic::Heartbeat),
            Self::Resign => Kind::request("RESIGN", Traffic::Election),
            Self::Notice { .. } => Kind::reply("TERM", Traffic::Election),
        }
    }

    /// The simplest message of each kind from `from` to `to`.
    pub(crate) const fn simplest(from: NodeId, to: NodeId) -> [Self; 11] {
        [
            Self::Probe { seasoned: true },
            Self::ProbeAck { yes: true, leader: None },
            Self::Election { election: ElectionId::first_of(from) },
            Self::Ok { election: ElectionId::first_of(to) },
            Self::Propose,
            Self::Accept,
            Self::Coordinator,
            Self::Heartbeat { beat: 1 },
            Self::HeartbeatAck { beat: 1 },
            Self::Resign,
            Self::Notice { leader: None },
        ]
    }

    /// Carries the fields to `form`.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        match self {
            Self::Probe { seasoned } => form.needed("seasoned", seasoned),
            Self::ProbeAck { yes, leader } => {
                form.needed("yes", yes);
                form.optional("leader", Absence::Null, leader);
            }
            Self::Election { election } | Self::Ok { election } => {
                form.needed("election", election);
            }
            Self::Propose | Self::Accept | Self::Coordinator | Self::Resign => {}
            Self::Heartbeat { beat } | Self::HeartbeatAck { beat } => form.needed("beat", beat),
            Self::Notice { leader } => form.optional("leader", Absence::Null, leader),
        }
    }
}

impl TermTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ProbeAnswers => "probe-answers",
            Self::Accepts => "accepts",
            Self::Retry => "election-retry",
            Self::Challenge => "challenge",
            Self::Probation => "probation",
            Self::Lease(_) => "leader-lease",
        }
    }
}

impl TermCause {
    /// The name of the cause in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::LostMajority => "lost-majority",
            Self::NoMajority => "no-majority",
            Self::Outranks { .. } => "outranks",
            Self::Resigned { .. } => "resigned",
        }
    }
}
