//! A node with a new memory. It finds out above which lives and clocks it has to begin, and asks the other
//! nodes to write it down.
//! If the others were told to forget an earlier memory of the node, this one counts as another process. It
//! begins with a life above any that they have met, and with clocks and message numbers above any that they
//! have heard of. So requests, messages and events never share a name with earlier ones.

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

/// The highest life that a node with a new memory may continue from. As many lives remain above it.
const LAST_LIFE: u32 = u32::MAX / 2;

/// The state of a node with a new memory.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    /// When it began to wait until others know it.
    since: Moment,
    /// When it last logged that it waits.
    told: Option<Moment>,
    /// The input that starts the core. `None` once the node knows its lives and clocks.
    boot: Option<Boot>,
    /// What each other node has reported when a link was made, by node index.
    seen: [Option<Seen>; MAX_NODES as usize],
    /// What the resource has reported.
    seen_by_resource: Option<Seen>,
}

/// What others know of an earlier memory of a node.
struct Earlier {
    /// The latest life that any of them has met.
    life: Incarnation,
    /// The highest Lamport time of it that any of them has heard of.
    lamport: LamportTime,
}

impl Newcomer {
    /// A node that begins to wait now. With `boot`, it has to find out its lives and clocks before.
    pub(super) fn with(boot: Option<Boot>) -> Self {
        let seen = [None; MAX_NODES as usize];
        Self { since: Moment::now(), told: None, boot, seen, seen_by_resource: None }
    }

    /// What the others have reported of an earlier memory of node `me`. `None` if none of them was told to
    /// forget one.
    fn earlier(&self, me: NodeId) -> Option<Earlier> {
        let told = || self.seen.iter().chain([&self.seen_by_resource]).flatten();
        let lives = told().filter_map(|seen| seen.forgotten[me.index()]);
        let life = lives.filter(|life| life.get() <= LAST_LIFE).max()?;
        let times = told().map(|seen| seen.lamport).filter(|time| !is_near_the_end(time.0));
        Some(Earlier { life, lamport: times.max().unwrap_or_default() })
    }
}

impl Driver {
    /// Notes what another process reports of earlier memories. It has made a link, so it has written this
    /// node down.
    pub(super) fn note_seen(&mut self, by: Recipient, seen: Seen) {
        let Some(newcomer) = &mut self.newcomer else { return };
        match by {
            Recipient::Node(node) => newcomer.seen[node.index()] = Some(seen),
            Recipient::Resource => newcomer.seen_by_resource = Some(seen),
        }
    }

    /// Whether the node knows above which lives and clocks it begins. A node with a new memory knows as soon
    /// as enough others have reported.
    ///
    /// # Errors
    ///
    /// Stable storage cannot be written, so the node must not continue.
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

    /// Begins above an earlier memory of the node. Links are made again, because the node's identity changes.
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

    /// How many other nodes are known to have written this one down.
    fn known_to(&self) -> u32 {
        match (self.node.stack().part(), &self.newcomer) {
            (hardened::Part::Waits { met_by, .. }, _) if self.started => met_by.len(),
            (_, Some(newcomer)) => {
                u32::try_from(newcomer.seen.iter().flatten().count()).unwrap_or(u32::MAX)
            }
            (_, None) => 0,
        }
    }

    /// What a node with a new memory waits for, in words.
    fn waits_for(&self) -> Option<String> {
        let hardened::Part::Waits { .. } = self.node.stack().part() else { return None };
        Some(format!(
            "this node is new here, and takes part once more than half of the other nodes have \
             recorded that: {} of {} have",
            self.known_to(),
            hardened::witnesses(self.node.config().size)
        ))
    }

    /// Whether too few other nodes know its memory.
    pub(super) fn is_new(&self) -> bool {
        matches!(self.node.stack().part(), hardened::Part::Waits { .. })
    }

    /// Whether orders should wait, because enough others will soon know the node.
    pub(super) fn is_about_to_be_known(&self) -> bool {
        let newcomer = self.newcomer.as_ref();
        newcomer.is_some_and(|newcomer| self.now.since(newcomer.since) < ORDERS_WAIT)
            && self.is_new()
    }

    /// Logs from time to time what a new node waits for, and notes if others have met another memory of it.
    pub(super) fn watch_part(&mut self) {
        if self.node.stack().part() == hardened::Part::Aside && matches!(self.part, Part::Takes) {
            let why = "this node takes no part: another node has met another memory of it; expected \
                       its data folder, and one process";
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

    /// What the node has waited for longer than usual, in words.
    pub(super) fn waits(&self) -> Option<String> {
        let newcomer = self.newcomer.as_ref().filter(|newcomer| newcomer.told.is_some());
        newcomer.and_then(|_| self.waits_for())
    }
}
