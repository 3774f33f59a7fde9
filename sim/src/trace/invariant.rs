//! The invariants that the judge checks, and their violations.

use alloc::string::String;
use alloc::vec::Vec;

use antes_core::{NodeId, Profile, Setting};

/// A violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    /// The nodes that violate it.
    pub nodes: Vec<NodeId>,
    /// An English sentence that says what is wrong, with the numbers.
    pub sentence: String,
}

/// An invariant, which the judge checks after each event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// At most one running node is in the critical section.
    OneHolder,
    /// No critical section begins at the resource while another one is open there.
    ExclusiveWrites,
    /// Classic: when quiet, there is at most one leader, and all nodes follow it. (In the hardened
    /// profile a node may follow the leader of an earlier term until it hears of the next one.)
    OneLeader,
    /// If a happened before b, then L(a) < L(b).
    ClockCondition,
    /// Only a node that leads grants, and only requests that were made.
    GrantByCoordinator,
    /// Hardened: each term is led by at most one life of one node.
    OneLeaderPerTerm,
    /// Hardened: the tokens of accepted writes never decrease, and each belongs to one request.
    TokenOrder,
    /// A request enters at most once, and has at most one token per term.
    ServedOnce,
    /// Distributed lock: nodes enter in the order of (stamp, id) of their requests, until the first
    /// restart. The clock of a restarted node begins at 0 again.
    EntryOrder,
}

impl Invariant {
    pub const ALL: [Self; 9] = [
        Self::OneHolder,
        Self::ExclusiveWrites,
        Self::OneLeader,
        Self::ClockCondition,
        Self::GrantByCoordinator,
        Self::OneLeaderPerTerm,
        Self::TokenOrder,
        Self::ServedOnce,
        Self::EntryOrder,
    ];

    /// Whether the invariant applies to runs of this setting.
    pub const fn concerns(self, setting: Setting) -> bool {
        let is_hardened = matches!(setting.profile, Profile::Hardened);
        match self {
            Self::ClockCondition => true,
            Self::OneLeader => setting.has_election() && !is_hardened,
            Self::OneLeaderPerTerm => setting.has_election() && is_hardened,
            Self::OneHolder | Self::ExclusiveWrites | Self::ServedOnce => setting.has_lock(),
            Self::GrantByCoordinator => setting.has_lock() && !setting.is_distributed(),
            Self::TokenOrder => setting.has_lock() && is_hardened,
            Self::EntryOrder => setting.is_distributed(),
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
            Self::EntryOrder => "entry-order",
        }
    }
}
