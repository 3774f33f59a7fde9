//! The node's part in its cluster: it waits before it takes it, and stands aside where it must not
//! have it.
//!
//! A node whose list of nodes is new, or another one than in its earlier life, first listens: nodes
//! that list others may be running, and they dial. A cluster of few nodes and one of many can each
//! have a majority of their own. Of two groups that list different nodes and know of each other, one
//! at most goes on: a node stands aside for good if it knows of at least as many nodes that list
//! others as of nodes that may list the same.

use std::pin::Pin;
use std::time::Duration;

use antes_core::{Algorithm, Input, NodeId, NodeSet, Profile};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::{Arrival, Driver};
use crate::Failure;
use crate::cluster::link::Party;
use crate::cluster::order::{Declined, Order, Wish};
use crate::cluster::store::Legacy;
use crate::cluster::time::Moment;
use crate::cluster::timers::Timers;
use crate::cluster::why::Why;

/// How long a node with a new list of nodes listens. One that runs dials every second at least.
const LISTENS_FOR: Duration = Duration::from_millis(1500);

/// How often a node that waits looks whether it may begin.
const GLANCE: Duration = Duration::from_millis(20);

/// How often a node that stands aside shows that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// How often it is told why a node takes no part.
pub(super) const TOLD_AGAIN: Duration = Duration::from_secs(60);

/// Whether the node takes part in what the cluster does.
#[derive(Debug)]
pub enum Part {
    /// Not yet.
    Waits {
        /// Since when.
        since: Moment,
        /// For how long.
        listens_for: Duration,
    },
    /// It does.
    Takes,
    /// It must not.
    StandsAside(NoPart),
}

impl Part {
    /// What a node with this legacy begins with.
    pub fn beginning(legacy: &Legacy) -> Self {
        let listens_for = if legacy.listens { LISTENS_FOR } else { Duration::ZERO };
        Self::Waits { since: Moment::now(), listens_for }
    }
}

/// Why a node stands aside.
#[derive(Clone, Debug)]
pub struct NoPart {
    /// The sentence.
    pub why: String,
    told: Option<Moment>,
}

impl NoPart {
    /// It has not been told so far.
    pub(super) const fn because(why: String) -> Self {
        Self { why, told: None }
    }
}

/// What a node that takes no part still listens to.
pub(super) struct Outside<'a, S> {
    pub(super) inbox: &'a mut mpsc::Receiver<Arrival>,
    pub(super) orders: &'a mut mpsc::Receiver<Order>,
    pub(super) stop: Pin<&'a mut S>,
}

/// How it ends that a node takes no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idled {
    /// It may begin, or must stand aside.
    Over,
    /// It is to stop.
    Stopped,
    /// It is to crash.
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

    /// Lets go of everything, and does nothing from here on but say why.
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

    /// Somebody says that it lists other nodes as the cluster's, or does not any more.
    pub(super) fn note_list(&mut self, node: NodeId, why: Option<&Why>) {
        match why {
            Some(why) if why.other_nodes => {
                self.lists_others.insert(node);
                self.compare_lists(why);
            }
            // What else keeps the two apart tells nothing of the list.
            Some(_) => {}
            None => {
                self.lists_others.remove(node);
            }
        }
    }

    /// The same of who has dialled.
    pub(super) fn note_list_of(&mut self, who: Party, why: &Why) {
        if let Party::Node(them) = who {
            self.note_list(them.node, Some(why));
        }
    }

    /// Of all lists, that of the most nodes is obeyed: two majorities could exist otherwise. Where A
    /// lists fewer nodes than B, a majority of B's nodes that are none of A's group is larger than
    /// what A has left.
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
            "this node takes no part: {differ} nodes list other nodes than it does, and {alike} may \
             list the same ({}); stop it, and start it again once --peers (PEERS) is the same \
             everywhere",
            why.sentence
        );
        self.part = Part::StandsAside(NoPart::because(why));
    }

    /// Somebody says that this node is not who it was.
    pub(super) fn note_denial(&mut self, why: &Why) {
        if why.denies_identity
            && self.has_majorities()
            && !matches!(self.part, Part::StandsAside(_))
        {
            let why = format!("this node takes no part: {}", why.sentence);
            self.part = Part::StandsAside(NoPart::because(why));
        }
    }

    /// Whether what the node does rests on majorities.
    pub(super) fn has_majorities(&self) -> bool {
        let config = self.node.config();
        config.profile == Profile::Hardened && config.algorithm != Algorithm::Clock
    }

    /// Why the node takes no part for good.
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
                    // Whoever asked may have gone meanwhile.
                    let _ = order.answer.send(answer);
                    if crashes {
                        return Ok(Idled::Crashed);
                    }
                }
                () = sleep(glance) => {}
            }
        }
    }

    /// What arrives tells of links alone.
    fn arrive_idle(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Message { .. } => self.counters.discarded += 1,
            Arrival::Reached { .. }
            | Arrival::NotReached { .. }
            | Arrival::Ended { .. }
            | Arrival::Answered(_)
            | Arrival::Accepted { .. }
            | Arrival::TurnedAway { .. }
            | Arrival::Gone { .. } => self.arrive(arrival),
        }
    }
}
