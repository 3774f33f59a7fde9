//! Whether the node takes part in its cluster. It may have to wait before, or to stand aside.
//! A node whose list of nodes is new or changed first listens: nodes with another list may be running, and
//! they would dial it. The danger is that a small cluster and a large one each have a majority. Of two groups
//! with different lists that know of each other, at most one continues. A node stands aside for good if it
//! knows at least as many nodes with other lists as nodes that may have the same list.

use std::pin::Pin;
use std::time::Duration;

use antes_core::hardened::{BirthMessage, Body, Termed};
use antes_core::{Algorithm, Input, Message, NodeId, NodeSet, Profile};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{Driver, LinkEvent};
use crate::Failure;
use crate::cluster::link::Party;
use crate::cluster::order::{Declined, Order, Wish};
use crate::cluster::store::Legacy;
use crate::cluster::time::Moment;
use crate::cluster::timers::Timers;
use crate::cluster::why::Why;

/// How long a node with a new list of nodes listens. A running node dials at least once a second.
const LISTENS_FOR: Duration = Duration::from_millis(1500);

/// The interval at which a waiting node checks whether it may begin.
const GLANCE: Duration = Duration::from_millis(20);

/// The interval at which a node that stands aside shows that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// The interval between two log lines about why a node takes no part.
pub(super) const TOLD_AGAIN: Duration = Duration::from_secs(60);

/// Whether the node takes part in the cluster.
#[derive(Debug)]
pub enum Part {
    Waits { since: Moment, listens_for: Duration },
    Takes,
    StandsAside(NoPart),
}

impl Part {
    /// The part at the start of a node with this legacy.
    pub fn beginning(legacy: &Legacy) -> Self {
        let listens_for = if legacy.listens { LISTENS_FOR } else { Duration::ZERO };
        Self::Waits { since: Moment::now(), listens_for }
    }
}

/// Why a node stands aside.
#[derive(Clone, Debug)]
pub struct NoPart {
    /// A sentence for the log and the status.
    pub why: String,
    told: Option<Moment>,
}

impl NoPart {
    /// A reason that has not been logged yet.
    pub(super) const fn because(why: String) -> Self {
        Self { why, told: None }
    }
}

/// The inputs that a node without a part still handles.
pub(super) struct Outside<'a, S> {
    pub(super) inbox: &'a mut mpsc::Receiver<LinkEvent>,
    pub(super) orders: &'a mut mpsc::Receiver<Order>,
    pub(super) stop: Pin<&'a mut S>,
}

/// How the time without a part ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idled {
    /// The node may begin, or must stand aside.
    Over,
    Stopped,
    Crashed,
}

impl Driver {
    /// Waits until the node may take part, or must stand aside.
    pub(super) async fn wait_for_part<S: Future<Output = ()>>(
        &mut self,
        outside: Outside<'_, S>,
    ) -> Result<Idled, Failure> {
        self.idle(outside, GLANCE).await
    }

    /// Gives up everything. From here on, the node only reports why.
    pub(super) async fn stand_aside<S: Future<Output = ()>>(
        &mut self,
        outside: Outside<'_, S>,
    ) -> Result<Idled, Failure> {
        self.now = Moment::now();
        if self.started {
            if self.paused {
                self.resume();
            }
            self.feed(&Input::Denied);
        }
        self.timers = Timers::default();
        self.idle(outside, SIGN_OF_LIFE).await
    }

    /// Notes that a node reports another list of the cluster's nodes, or no longer does.
    pub(super) fn note_list(&mut self, node: NodeId, why: Option<&Why>) {
        match why {
            Some(why) if why.other_nodes => {
                self.lists_others.insert(node);
                self.compare_lists(why);
            }
            // Other refusals say nothing about its list.
            Some(_) => {}
            None => {
                self.lists_others.remove(node);
            }
        }
    }

    /// Does the same for a process that has dialled.
    pub(super) fn note_list_of(&mut self, who: Party, why: &Why) {
        if let Party::Node(them) = who {
            self.note_list(them.node, Some(why));
        }
    }

    /// The longer list takes precedence, since otherwise two majorities could exist. Let A be the shorter
    /// list and B the longer one. The nodes of a majority of B outside of A's group outnumber the nodes that
    /// A has left.
    fn compare_lists(&mut self, why: &Why) {
        if !self.has_majorities() || matches!(self.part, Part::StandsAside(_)) {
            return;
        }
        let size = self.node.config().size;
        let differ = self.lists_others.len();
        let listed: NodeSet =
            size.nodes().filter(|&node| self.lists_others.contains(node)).collect();
        let alike = u32::from(size.get()) - listed.len();
        if differ < alike {
            return;
        }
        let why = format!(
            "this node takes no part: {differ} nodes have another --peers (PEERS) than this node, and \
             {alike} may have the same ({}); stop it, and start it again when all nodes have the same",
            why.sentence
        );
        self.part = Part::StandsAside(NoPart::because(why));
    }

    /// Notes that another node says that this one is not the process it has met. An older copy of the
    /// folder counts a life with each start, and would soon count as many as the folder that was copied.
    /// So that it is refused is written down.
    pub(super) fn note_denial(&mut self, why: &Why) {
        if why.knows_later_life && self.has_majorities() {
            self.store.mark_outdated();
        }
        if why.denies_identity
            && self.has_majorities()
            && !matches!(self.part, Part::StandsAside(_))
        {
            let why = format!("this node takes no part: {}", why.sentence);
            self.part = Part::StandsAside(NoPart::because(why));
        }
    }

    /// Whether the node's algorithms use majorities.
    pub(super) fn has_majorities(&self) -> bool {
        let config = self.node.config();
        config.profile == Profile::Hardened && config.algorithm != Algorithm::Clock
    }

    /// Why the node takes no part for good. `None` if it may take part.
    pub(super) fn no_part(&self) -> Option<String> {
        match &self.part {
            Part::Takes | Part::Waits { .. } => None,
            Part::StandsAside(no_part) => Some(no_part.why.clone()),
        }
    }

    async fn idle<S: Future<Output = ()>>(
        &mut self,
        outside: Outside<'_, S>,
        glance: Duration,
    ) -> Result<Idled, Failure> {
        let Outside { inbox, orders, mut stop } = outside;
        let aside = matches!(self.part, Part::StandsAside(_));
        loop {
            self.now = Moment::now();
            self.commit()?;
            self.recorder.flush();
            self.show();
            let takes_orders = match &mut self.part {
                Part::Waits { since, listens_for } => {
                    if self.now.since(*since) >= *listens_for && self.has_found_its_place()? {
                        self.part = Part::Takes;
                        return Ok(Idled::Over);
                    }
                    self.watch_part();
                    self.newcomer.is_some() && !self.is_about_to_be_known()
                }
                Part::Takes => return Ok(Idled::Over),
                Part::StandsAside(_) if !aside => return Ok(Idled::Over),
                Part::StandsAside(no_part) => {
                    if no_part.told.is_none_or(|told| self.now.since(told) >= TOLD_AGAIN) {
                        no_part.told = Some(self.now);
                        tracing::error!("{}", no_part.why);
                    }
                    true
                }
            };
            tokio::select! {
                biased;
                () = &mut stop => return Ok(Idled::Stopped),
                Some(arrival) = inbox.recv() => self.arrive_idle(arrival),
                Some(order) = orders.recv(), if takes_orders => {
                    let crashes = order.wish == Wish::Crash;
                    let answer = if crashes { Ok(()) } else { Err(Declined::TakesNoPart) };
                    // The client may have gone meanwhile.
                    let _ = order.answer.send(answer);
                    if crashes {
                        return Ok(Idled::Crashed);
                    }
                }
                () = sleep(glance) => {}
            }
        }
    }

    /// Handles events of links only. Of the messages, births are kept for a node that is about to start:
    /// several new nodes start one after the other, and the earlier ones would ask again only after a
    /// heartbeat. Other messages are ignored.
    fn arrive_idle(&mut self, arrival: LinkEvent) {
        match arrival {
            LinkEvent::Message { from, ref packet, .. }
                if matches!(self.part, Part::Waits { .. }) && tells_a_birth(&packet.message) =>
            {
                self.early.retain(
                    |early| !matches!(early, LinkEvent::Message { from: other, .. } if *other == from),
                );
                self.early.push(arrival);
            }
            LinkEvent::Message { .. } => self.counters.discarded += 1,
            LinkEvent::Reached { .. }
            | LinkEvent::NotReached { .. }
            | LinkEvent::Ended { .. }
            | LinkEvent::Answered(_)
            | LinkEvent::Accepted { .. }
            | LinkEvent::TurnedAway { .. }
            | LinkEvent::Gone { .. } => self.arrive(arrival),
        }
    }
}

const fn tells_a_birth(message: &Message) -> bool {
    matches!(
        message,
        Message::Hardened(Termed { body: Body::Birth(BirthMessage::Birth { .. }), .. })
    )
}
