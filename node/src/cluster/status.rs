//! Snapshots of a running node's state.

use std::time::Duration;

use antes_core::{
    Algorithm, Candidacy, ClusterSize, Identity, LockView, NodeId, Profile, Stamp, Term,
};
use serde::Serialize;

use super::time::Moment;
use super::why::{Down, Reason};

/// A snapshot of a node. It is some milliseconds old while the node is busy, and at most a second
/// old otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The moment at which the driver took the snapshot.
    pub at: Moment,
    pub me: Identity,
    pub size: ClusterSize,
    pub algorithm: Algorithm,
    pub profile: Profile,
    /// The leader that it follows, which may be itself.
    pub leader: Option<NodeId>,
    /// The state of its own candidacy. `None` without elections.
    pub candidacy: Option<Candidacy>,
    /// Its term. `None` in the classic profile.
    pub term: Option<Term>,
    /// The lock from its point of view. `None` without a lock.
    pub lock: Option<LockView>,
    /// The readings of its clocks.
    pub stamp: Stamp,
    /// Whether it was paused on purpose.
    pub paused: bool,
    /// Why it takes no part in the cluster. `None` if it does.
    pub no_part: Option<String>,
    /// What it is waiting for before it takes part, if that takes longer than usual.
    pub waits: Option<String>,
    /// Its links, ordered by the peers' ids.
    pub links: Vec<LinkStatus>,
    /// Processes with the secret that dial and are refused.
    pub turned_away: Vec<TurnedAway>,
    /// The link to the resource. `None` if the node has no resource.
    pub resource: Option<ResourceLink>,
    pub counters: Counters,
}

impl Status {
    /// Why the node and other processes with the secret refuse each other.
    pub fn refusals(&self) -> impl Iterator<Item = &WhyDown> {
        let links = self.links.iter().filter_map(|link| link.down.as_ref());
        let resource = self.resource.iter().filter_map(|link| link.down.as_ref());
        let visitors = self.turned_away.iter().map(|visitor| &visitor.down);
        let all = links.chain(resource).chain(visitors);
        all.filter(|down| down.reason.is_refusal() || down.reason == Reason::Secret)
    }

    /// Why the node is useless at present: all reachable peers have refused it for longer than
    /// `patience`.
    pub fn refused_by_all(&self, patience: Duration, now: Moment) -> Option<&WhyDown> {
        if self.links.iter().any(|link| link.sends || link.receives) {
            return None;
        }
        let lasting = |down: &&WhyDown| now.since(down.since) > patience;
        let refused = |down: &&WhyDown| down.reason.is_refusal();
        self.links.iter().filter_map(|link| link.down.as_ref()).filter(refused).find(lasting)
    }
}

/// The reason why there is no link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WhyDown {
    /// One sentence for people, with the address or the process that it is about.
    pub why: String,
    pub reason: Reason,
    /// When the link was lost or first not made, in microseconds since 1970.
    pub since_us: u64,
    /// The same moment on the node's own clock.
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

/// A process that dials and is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnedAway {
    /// The identity that it claims, such as `node 3` or `the resource`.
    pub who: String,
    #[serde(flatten)]
    pub down: WhyDown,
}

/// A link from this side's point of view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkStatus {
    /// The node at the other end.
    pub peer: NodeId,
    /// Whether messages can be sent to it.
    pub sends: bool,
    /// Whether messages can arrive from it.
    pub receives: bool,
    /// How many messages wait to be sent.
    pub queued: u32,
    /// How many messages to it were lost at this end.
    pub lost: u64,
    /// Whether it was cut on purpose.
    pub cut: bool,
    /// The deliberate delay of messages, in microseconds.
    pub delay_us: u64,
    /// How many of the next messages will be lost on purpose.
    pub drop: u32,
    /// Why the peer is not reached. `None` while it is.
    #[serde(flatten)]
    pub down: Option<WhyDown>,
    /// Harmless differences between the settings of both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differs: Vec<String>,
}

/// The link to the shared resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceLink {
    /// Whether writes can be sent and answers can arrive.
    pub reached: bool,
    /// How many writes wait to be sent.
    pub queued: u32,
    /// How many writes were lost at this end.
    pub lost: u64,
    /// Why it is not reached. `None` while it is.
    #[serde(flatten)]
    pub down: Option<WhyDown>,
}

/// Counters since the start of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Messages sent, including lost ones.
    pub sent: u64,
    pub received: u64,
    /// Messages lost at this end, because a link was down, full or cut.
    pub lost: u64,
    /// Messages that arrived and were dropped: duplicates, or from an earlier life of the sender.
    pub discarded: u64,
    /// How often a timer of the protocols has fired.
    pub timeouts: u64,
    /// Elections that the node has started.
    pub elections: u64,
    /// How often the node began to follow another leader.
    pub leader_changes: u64,
    pub requests: u64,
    /// Entries into the critical section.
    pub entries: u64,
    pub writes: u64,
    /// Writes that the resource has refused for their token.
    pub refused: u64,
    pub saves: u64,
    /// Lines missing in the trace because the disk was full or too slow.
    pub trace_gaps: u64,
}
