//! What a running node shows of itself.

use std::time::Duration;

use antes_core::{
    Algorithm, Candidacy, ClusterSize, Identity, LockView, NodeId, Profile, Stamp, Term,
};
use serde::Serialize;

use super::time::Moment;
use super::why::{Down, Reason};

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
    /// Why it takes no part in what the cluster does; nothing, if it does.
    pub no_part: Option<String>,
    /// What it has waited for before it takes part, for longer than is usual.
    pub waits: Option<String>,
    /// Its links, in the order of the nodes on the other side.
    pub links: Vec<LinkStatus>,
    /// Processes that have the secret, have dialled, and are not let in.
    pub turned_away: Vec<TurnedAway>,
    /// The way to the shared resource; none where the node was given no resource.
    pub resource: Option<ResourceLink>,
    /// What it has done so far.
    pub counters: Counters,
}

impl Status {
    /// What stands between the node and others that have the secret.
    pub fn refusals(&self) -> impl Iterator<Item = &WhyDown> {
        let links = self.links.iter().filter_map(|link| link.down.as_ref());
        let resource = self.resource.iter().filter_map(|link| link.down.as_ref());
        let visitors = self.turned_away.iter().map(|visitor| &visitor.down);
        let all = links.chain(resource).chain(visitors);
        all.filter(|down| down.reason.is_refusal() || down.reason == Reason::Secret)
    }

    /// Why the node is of no use where it is: all others that are there refuse it, and have for
    /// longer than `patience`.
    pub fn refused_by_all(&self, patience: Duration, now: Moment) -> Option<&WhyDown> {
        if self.links.iter().any(|link| link.sends || link.receives) {
            return None;
        }
        let lasting = |down: &&WhyDown| now.since(down.since) > patience;
        let refused = |down: &&WhyDown| down.reason.is_refusal();
        self.links.iter().filter_map(|link| link.down.as_ref()).filter(refused).find(lasting)
    }
}

/// Why there is no link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhyDown {
    /// The whole sentence.
    pub why: String,
    /// The kind of the reason.
    pub reason: Reason,
    /// Since when, in microseconds since 1970.
    pub since_us: u64,
    /// Since when, by the node's own clock.
    #[serde(skip)]
    pub since: Moment,
}

impl From<&Down> for WhyDown {
    fn from(down: &Down) -> Self {
        let Down { why, since, since_us } = down;
        let (reason, why) = (why.reason, why.sentence.clone());
        Self { why, reason, since_us: *since_us, since: *since }
    }
}

/// A process that is not let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnedAway {
    /// What it calls itself.
    pub who: String,
    /// Why it is not let in, and since when it has been tried in vain.
    #[serde(flatten)]
    pub down: WhyDown,
}

/// A link, as one side sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Why the peer is not reached; nothing while it is.
    #[serde(flatten)]
    pub down: Option<WhyDown>,
    /// In what the settings of the two differ without harm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// The way to the shared resource, as the node sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceLink {
    /// Whether the resource is reached: writes can leave, and their answers arrive.
    pub reached: bool,
    /// How many writes wait to be sent.
    pub queued: u32,
    /// How many writes have been lost on this side.
    pub lost: u64,
    /// Why it is not reached; nothing while it is.
    #[serde(flatten)]
    pub down: Option<WhyDown>,
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
    /// Lines of the trace that were left out because the disk was full, or could not keep up.
    pub trace_gaps: u64,
}
