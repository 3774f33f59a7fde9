//! A node whose memory is new: it finds out behind which lives and clocks it has to begin, and asks the
//! others to know it.
//!
//! Where the others were told to forget an earlier memory of the node, this one is another process: it
//! begins with a life above any that they have met, and with clocks and message numbers above any that
//! they have heard of. So no request, message or event is called as an earlier one was.

use std::sync::Arc;
use std::time::Duration;

use antes_core::hardened;
use antes_core::{Boot, Incarnation, LamportTime, MAX_NODES, Node, NodeId, is_near_the_end};
use antes_sim::trace::Recipient;

use super::part::{NoPart, Part, TOLD_AGAIN};
use super::{Driver, Outgoing};
use crate::Failure;
use crate::cluster::link::{Party, Seen};
use crate::cluster::time::Moment;

/// How long orders wait for a node that is about to begin.
const ORDERS_WAIT: Duration = Duration::from_secs(5);

/// The last life that a node with a new memory may begin behind: there are as many again.
const LAST_LIFE: u32 = u32::MAX / 2;

/// What is known of a node whose memory is new.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    /// Since when it waits to be known.
    since: Moment,
    /// When the log was last told.
    told: Option<Moment>,
    /// With what it begins; nothing, once it knows behind which lives and clocks that is.
    boot: Option<Boot>,
    /// What each other node has told when a link was made, by node index.
    seen: [Option<Seen>; MAX_NODES as usize],
    /// What the resource has told.
    seen_by_resource: Option<Seen>,
}

/// What others know of an earlier memory of a node.
struct Earlier {
    /// Its latest life that somebody has met.
    life: Incarnation,
    /// No event of it that anybody has heard of has a later time.
    lamport: LamportTime,
}

impl Newcomer {
    /// One that begins to wait now. It begins with `boot`, if it has to find out behind what.
    pub(super) fn with(boot: Option<Boot>) -> Self {
        let seen = [None; MAX_NODES as usize];
        Self { since: Moment::now(), told: None, boot, seen, seen_by_resource: None }
    }

    /// What the others have told of an earlier memory of the node `me`; nothing, if none of them was told
    /// to forget one.
    fn earlier(&self, me: NodeId) -> Option<Earlier> {
        let told = || self.seen.iter().chain([&self.seen_by_resource]).flatten();
        let lives = told().filter_map(|seen| seen.forgotten[me.index()]);
        let life = lives.filter(|life| life.get() <= LAST_LIFE).max()?;
        let times = told().map(|seen| seen.lamport).filter(|time| !is_near_the_end(time.0));
        Some(Earlier { life, lamport: times.max().unwrap_or_default() })
    }
}

impl Driver {
    /// A link was made: the other side has written this node down, and tells what it knows of earlier
    /// memories.
    pub(super) fn note_seen(&mut self, by: Recipient, seen: Seen) {
        let Some(newcomer) = &mut self.newcomer else { return };
        match by {
            Recipient::Node(node) => newcomer.seen[node.index()] = Some(seen),
            Recipient::Resource => newcomer.seen_by_resource = Some(seen),
        }
    }

    /// Whether the node knows behind which lives and clocks it begins. One whose memory is new knows once
    /// as many others have told as it needs to be known by.
    ///
    /// # Errors
    ///
    /// Stable storage has failed.
    pub(super) fn has_found_its_place(&mut self) -> Result<bool, Failure> {
        let Some(Newcomer { boot: Some(_), .. }) = self.newcomer else { return Ok(true) };
        if self.known_to() < hardened::witnesses(self.node.config().size) {
            return Ok(false);
        }
        let newcomer = self.newcomer.as_ref();
        match newcomer.and_then(|newcomer| newcomer.earlier(self.me.node)) {
            Some(earlier) => self.begin_behind(&earlier),
            None => self.store.begin_here(),
        }
        self.commit()?;
        Ok(true)
    }

    /// Begins behind an earlier memory of the node. All links are made anew, because the node has another
    /// name from here on.
    fn begin_behind(&mut self, earlier: &Earlier) {
        let boot = self.newcomer.as_mut().and_then(|newcomer| newcomer.boot.take());
        let Some(boot) = boot else { return };
        self.me.incarnation = earlier.life.next().max(self.me.incarnation);
        let (stamp, messages) = self.store.begin_behind(self.me.incarnation, earlier.lamport);
        let config = Arc::new(*self.node.config());
        self.node = Node::new(self.me, config, Boot { stamp, ..boot });
        (self.stamp, self.sent, self.reborn) = (stamp, messages, true);
        let (me, seen) = (self.me, self.store.seen());
        self.credentials.change(|hello| {
            hello.party = Party::Node(me);
            hello.seen.lamport = seen;
        });
        for peer in self.peers.iter_mut().flatten() {
            peer.end_receiving();
            peer.outgoing.dial_anew();
        }
        self.resource.iter_mut().for_each(Outgoing::dial_anew);
        let life = earlier.life.get();
        tracing::info!("node {me} begins with a new memory, after life {life} of an earlier one");
    }

    /// How many others are known to have written the node down.
    fn known_to(&self) -> u32 {
        match (self.node.stack().part(), &self.newcomer) {
            (hardened::Part::Waits { met_by, .. }, _) if self.started => met_by.len(),
            (_, Some(newcomer)) => {
                u32::try_from(newcomer.seen.iter().flatten().count()).unwrap_or(u32::MAX)
            }
            (_, None) => 0,
        }
    }

    /// What a node waits for whose memory is new.
    fn waits_for(&self) -> Option<String> {
        let hardened::Part::Waits { .. } = self.node.stack().part() else { return None };
        Some(format!(
            "this node is new here, and takes part once more than half of the other nodes have \
             written that down: {} of {} have",
            self.known_to(),
            hardened::witnesses(self.node.config().size)
        ))
    }

    /// Whether too few others know of its memory.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.node.stack().part(), hardened::Part::Waits { .. })
    }

    /// Whether orders wait, because the node is about to be known.
    pub(super) fn is_about_to_be_known(&self) -> bool {
        let newcomer = self.newcomer.as_ref();
        newcomer.is_some_and(|newcomer| self.now.since(newcomer.since) < ORDERS_WAIT)
            && self.is_new()
    }

    /// Tells from time to time what a new node waits for, and notes that another memory of it was met.
    pub(super) fn watch_part(&mut self) {
        if self.node.stack().part() == hardened::Part::Aside && matches!(self.part, Part::Takes) {
            let why = "this node takes no part: another node has met another memory of it; expected \
                       its data directory, and one process";
            self.part = Part::StandsAside(NoPart::because(why.into()));
        }
        if self.newcomer.is_none() {
            return;
        }
        let waits_for = self.waits_for();
        let (now, started) = (self.now, self.started);
        match (waits_for, &mut self.newcomer) {
            (Some(waits_for), Some(newcomer)) => {
                let long = now.since(newcomer.since) >= ORDERS_WAIT;
                if long && newcomer.told.is_none_or(|told| now.since(told) >= TOLD_AGAIN) {
                    newcomer.told = Some(now);
                    self.changed = true;
                    tracing::warn!("{waits_for}");
                }
            }
            (None, newcomer) if started => *newcomer = None,
            (None, _) | (_, None) => {}
        }
    }

    /// What the node has waited for, for longer than is usual.
    pub(super) fn waits(&self) -> Option<String> {
        let newcomer = self.newcomer.as_ref().filter(|newcomer| newcomer.told.is_some());
        newcomer.and_then(|_| self.waits_for())
    }
}
