//! What a running node shows of itself.

use antes_core::{
    Algorithm, Candidacy, ClusterSize, Identity, LockView, NodeId, Profile, Stamp, Term,
};
use serde::Serialize;

use super::time::Moment;

/// A snapshot of a node. It is at most some milliseconds old while the node is busy, and at most a
/// second while it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// When it was made.
    pub at: Moment,
    /// Which life of which node.
    pub me: Identity,
    /// How many nodes there are.
    pub size: ClusterSize,
    /// What the cluster does.
    pub algorithm: Algorithm,
    /// Which form of it.
    pub profile: Profile,
    /// Whom it follows: itself, when it leads.
    pub leader: Option<NodeId>,
    /// How far its own candidacy is; none where there are no elections.
    pub candidacy: Option<Candidacy>,
    /// The term that it is in; classic has none.
    pub term: Option<Term>,
    /// The lock, as the node sees it; none where there is none.
    pub lock: Option<LockView>,
    /// What its clocks read.
    pub stamp: Stamp,
    /// Whether it was told to pause.
    pub paused: bool,
    /// Its links, in the order of the nodes on the other side.
    pub links: Vec<LinkStatus>,
    /// The way to the shared resource; none where the node was given no resource.
    pub resource: Option<ResourceLink>,
    /// What it has done so far.
    pub counters: Counters,
}

/// A link, as one side sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LinkStatus {
    /// The node on the other side.
    pub peer: NodeId,
    /// Whether messages can be sent there.
    pub sends: bool,
    /// Whether messages can arrive from there.
    pub receives: bool,
    /// How many messages wait to be sent.
    pub queued: u32,
    /// How many messages to it have been lost on this side.
    pub lost: u64,
    /// Whether it was cut on purpose.
    pub cut: bool,
    /// By how much messages are held back on purpose, in microseconds.
    pub delay_us: u64,
    /// How many of the next messages will be lost on purpose.
    pub drop: u32,
}

/// The way to the shared resource, as the node sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceLink {
    /// Whether the resource is reached: writes can leave, and their answers arrive.
    pub reached: bool,
    /// How many writes wait to be sent.
    pub queued: u32,
    /// How many writes have been lost on this side.
    pub lost: u64,
}

/// Counts since the node's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Messages sent, those that were lost included.
    pub sent: u64,
    /// Messages received.
    pub received: u64,
    /// Messages lost on this side, because a link was down, full or cut.
    pub lost: u64,
    /// Messages that arrived and were discarded: copies, or of an earlier life of the sender.
    pub discarded: u64,
    /// Timers that have run out.
    pub timeouts: u64,
    /// Elections that it has started.
    pub elections: u64,
    /// Times that it follows another leader.
    pub leader_changes: u64,
    /// Requests for the lock.
    pub requests: u64,
    /// Times that it has entered the critical section.
    pub entries: u64,
    /// Writes to the resource.
    pub writes: u64,
    /// Those of them that the resource has refused for their token.
    pub refused: u64,
    /// Saves to stable storage.
    pub saves: u64,
    /// Lines of the trace that were left out because the disk could not keep up.
    pub trace_gaps: u64,
}
