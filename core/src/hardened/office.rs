//! The leader that a node follows, and a leader's term of office: its heartbeats, and the lease that
//! they earn.

use alloc::vec::Vec;

use super::election::TermTimer;
use super::{majority, shrink_for_drift};
use crate::election::ElectionTimer;
use crate::id::{MAX_NODES, NodeId, NodeSet, Term};
use crate::io::{Context, Effects, cancel, set};

/// The leader that a node follows.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    Leaderless,
    Follows { leader: NodeId },
    Leads(Office),
}

impl Standing {
    /// The id of the leader that `me` follows; `me` if it leads.
    pub(super) const fn leader(&self, me: NodeId) -> Option<NodeId> {
        match self {
            Self::Leaderless => None,
            Self::Follows { leader } => Some(*leader),
            Self::Leads(_) => Some(me),
        }
    }

    /// The latest heartbeat that a majority has acknowledged, and the nodes that the leader has not
    /// heard for too long. Nothing if the node does not lead.
    pub(super) fn authority(&self) -> (Option<u32>, NodeSet) {
        match self {
            Self::Leads(office) => (office.lease, office.suspected),
            Self::Leaderless | Self::Follows { .. } => (None, NodeSet::default()),
        }
    }
}

/// The election's result, as the lock needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leadership {
    /// The term that the node is in.
    pub term: Term,
    /// The leader of the term, if the node knows it.
    pub leader: Option<NodeId>,
    /// The latest heartbeat that a majority has acknowledged. `None` if the node does not lead, or
    /// has no lease.
    pub lease: Option<u32>,
    /// Nodes that the leader has not heard for too long. Empty if the node does not lead.
    pub suspected: NodeSet,
}

/// A heartbeat whose lease has not ended yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Beat {
    number: u32,
    acknowledged: NodeSet,
}

/// A leader's state in its term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Office {
    /// The heartbeats whose lease has not ended yet.
    beats: Vec<Beat>,
    sent: u32,
    /// The latest early heartbeat, sent for the leader's own requests.
    early: Option<u32>,
    /// The latest heartbeat that a majority has acknowledged.
    lease: Option<u32>,
    /// The latest heartbeat that each node has acknowledged; 0 if none.
    heard: [u32; MAX_NODES as usize],
    suspected: NodeSet,
}

impl Office {
    /// Whether the leader holds its lease: a majority has acknowledged a recent heartbeat.
    pub const fn has_lease(&self) -> bool {
        self.lease.is_some()
    }

    /// Begins a heartbeat, and returns its number. The lease that it earns counts from here.
    pub(super) fn beat(&mut self, cx: Context<'_>, out: &mut Effects) -> u32 {
        self.sent += 1;
        let number = self.sent;
        self.beats.push(Beat { number, acknowledged: NodeSet::default() });
        let lease = shrink_for_drift(cx.config, cx.config.election.suspect_after);
        out.push(set(TermTimer::Lease(number), lease));
        self.acknowledge(cx, cx.me.node, number);
        number
    }

    /// Begins an early heartbeat, because a request of the leader's own waits until a majority
    /// acknowledges one. `None` if an early heartbeat is in flight.
    pub(super) fn beat_early(&mut self, cx: Context<'_>, out: &mut Effects) -> Option<u32> {
        let on_its_way = self.early.is_some_and(|early| {
            self.lease < Some(early) && self.beats.iter().any(|beat| beat.number == early)
        });
        if on_its_way {
            return None;
        }
        self.early = Some(self.beat(cx, out));
        self.early
    }

    /// A node has acknowledged a heartbeat.
    pub(super) fn acknowledge(&mut self, cx: Context<'_>, from: NodeId, number: u32) {
        self.suspected.remove(from);
        let heard = &mut self.heard[from.index()];
        *heard = (*heard).max(number);
        let Some(beat) = self.beats.iter_mut().find(|beat| beat.number == number) else {
            // Its lease has ended, so a late acknowledgement has no effect.
            return;
        };
        beat.acknowledged.insert(from);
        if beat.acknowledged.len() >= majority(cx.config.size.get()) {
            self.lease = self.lease.max(Some(number));
        }
    }

    /// The lease of a heartbeat has ended. Returns whether the leader must resign: no majority has
    /// acknowledged a later one.
    pub(super) fn end_lease(&mut self, cx: Context<'_>, number: u32) -> bool {
        self.beats.retain(|beat| beat.number > number);
        for node in cx.config.size.others(cx.me.node) {
            if self.heard[node.index()] < number {
                self.suspected.insert(node);
            }
        }
        // mutant: leader-lease
        self.lease.is_none_or(|lease| lease <= number)
    }

    /// Cancels the timers of the office.
    pub(super) fn end(&self, out: &mut Effects) {
        out.push(cancel(ElectionTimer::Heartbeat));
        out.extend(self.beats.iter().map(|beat| cancel(TermTimer::Lease(beat.number))));
    }
}
