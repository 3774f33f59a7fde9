//! The other nodes and their links, as the driver sees them.

use std::sync::Arc;
use std::time::Duration;

use antes_core::{Incarnation, Message, NodeId};
use antes_sim::trace::{Loss, Recipient};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::Driver;
use super::outgoing::Outgoing;
use crate::cluster::link::{Inbound, Link, Outbound, Party};
use crate::cluster::outbox::{Leaves, Outbox, Packet};
use crate::cluster::time::Moment;
use crate::cluster::why::{Down, Why};
use crate::resource::Answer;

/// An event of a link.
#[derive(Debug)]
pub enum LinkEvent {
    Message {
        from: NodeId,
        /// The number of the link that brought it.
        link: u32,
        packet: Packet,
    },
    /// A link to a peer or to the resource was made. Values can be sent there.
    Reached {
        to: Recipient,
        link: Link,
    },
    NotReached {
        to: Recipient,
        /// The reason, and since when.
        down: Down,
    },
    /// The link to a peer or to the resource has ended.
    Ended {
        to: Recipient,
        /// The number of the link.
        link: u32,
    },
    Answered(Answer),
    /// A peer has made a link, which is on the doorstep. Messages can arrive from it.
    Accepted {
        from: NodeId,
    },
    /// A process with the secret has dialled and was not let in.
    TurnedAway {
        who: Party,
        why: Why,
    },
    /// The link from a peer has ended.
    Gone {
        from: NodeId,
        /// The number of the link.
        link: u32,
    },
}

/// The current link by which a peer's messages arrive.
#[derive(Debug)]
struct Receiving {
    link: u32,
    reader: AbortHandle,
}

/// Faults that were ordered for the link to a peer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) cut: bool,
    pub(super) delay: Duration,
    pub(super) drop: u32,
}

/// Another node of the cluster.
#[derive(Debug)]
pub struct Peer {
    pub(super) outgoing: Outgoing<Packet>,
    /// Why it cannot be reached. `None` if it is reached, or was not dialled yet.
    pub(super) down: Option<Down>,
    /// The harmless differences between the settings of both, while it is reached.
    pub(super) differs: Vec<String>,
    /// When it was last logged that the peer has another lease.
    pub(super) told_of_lease: Option<Moment>,
    /// When it was last logged that a message of the peer would advance a count too far.
    pub(super) told_of_jump: Option<Moment>,
    receiving: Option<Receiving>,
    /// The latest life of the peer that has made a link to this node.
    known: Option<Incarnation>,
    /// The number of links that the peer has made.
    links: u32,
    pub(super) faults: Faults,
    pub(super) lost: u64,
}

impl Peer {
    /// A peer that is being dialled. A change of `dial` makes the dialler dial again.
    pub fn new(dial: watch::Sender<u32>) -> Self {
        Self {
            outgoing: Outgoing::new(dial),
            down: None,
            differs: Vec::new(),
            told_of_lease: None,
            told_of_jump: None,
            receiving: None,
            known: None,
            links: 0,
            faults: Faults::default(),
            lost: 0,
        }
    }

    /// Queues a message. If nobody waits for it, it may linger for this long.
    pub(super) fn send(
        &mut self,
        now: Moment,
        packet: Packet,
        linger: Option<Duration>,
    ) -> Result<(), Loss> {
        if self.faults.cut {
            return Err(Loss::Cut);
        }
        if self.faults.drop > 0 {
            self.faults.drop -= 1;
            return Err(Loss::Dropped);
        }
        let delay = self.faults.delay;
        let leaves = match linger {
            _ if !delay.is_zero() => Leaves::NotBefore(now.after(delay)),
            Some(linger) => Leaves::WithTheNext { latest: now.after(linger) },
            None => Leaves::Now,
        };
        self.outgoing.push(leaves, packet, waits_for_first_link(&packet.message))
    }

    /// Notes that the peer cannot be reached. Returns the messages that are lost, or `None` if a link was made
    /// meanwhile.
    fn lose_queued(&mut self) -> Option<Vec<Packet>> {
        self.outgoing.down(|packet| waits_for_first_link(&packet.message))
    }

    /// Ends the link by which the peer's messages arrive.
    pub(super) fn end_receiving(&mut self) {
        if let Some(receiving) = self.receiving.take() {
            receiving.reader.abort();
        }
    }

    pub(super) const fn receives(&self) -> bool {
        self.receiving.is_some()
    }
}

impl Driver {
    /// Handles an event of a link.
    pub(super) fn arrive(&mut self, arrival: LinkEvent) {
        self.changed = true;
        match arrival {
            LinkEvent::Message { from, link, packet } => {
                let current = self.peer(from).and_then(|peer| peer.receiving.as_ref());
                if current.is_some_and(|current| current.link == link) {
                    self.receive(from, &packet);
                } else {
                    // A later link of the sender has replaced the one that brought it.
                    self.counters.discarded += 1;
                }
            }
            LinkEvent::Reached { to: Recipient::Node(peer), link } => self.reached(peer, link),
            LinkEvent::NotReached { to: Recipient::Node(node), down } => {
                self.note_list(node, Some(&down.why));
                self.note_denial(&down.why);
                if let Some(peer) = self.peer(node)
                    && !peer.outgoing.is_up()
                {
                    peer.down = Some(down);
                }
                self.not_reached(node);
            }
            LinkEvent::Ended { to: Recipient::Node(peer), link } => {
                let Some(found) = self.peer(peer) else { return };
                if found.outgoing.ended(link) {
                    tracing::debug!("the link to node {peer} has ended");
                    self.not_reached(peer);
                }
            }
            LinkEvent::Reached { to: Recipient::Resource, link } => self.resource_reached(link),
            LinkEvent::NotReached { to: Recipient::Resource, down } => {
                self.note_denial(&down.why);
                self.resource_down = Some(down);
                self.resource_not_reached();
            }
            LinkEvent::Ended { to: Recipient::Resource, link } => self.resource_ended(link),
            LinkEvent::Answered(answer) => self.answered(&answer),
            LinkEvent::Accepted { from } => self.accepted(from),
            LinkEvent::TurnedAway { who, why } => {
                self.note_list_of(who, &why);
                self.note_denial(&why);
                self.turned_away.note(who, why, self.now);
            }
            LinkEvent::Gone { from, link } => {
                if let Some(peer) = self.peer(from)
                    && peer.receiving.as_ref().is_some_and(|current| current.link == link)
                {
                    peer.receiving = None;
                }
            }
        }
    }

    pub(super) fn peer(&mut self, node: NodeId) -> Option<&mut Peer> {
        self.peers.get_mut(node.index())?.as_mut()
    }

    fn reached(&mut self, node: NodeId, link: Link) {
        self.note_seen(Recipient::Node(node), link.seen());
        let link_events = self.link_events.clone();
        let Some(peer) = self.peer(node) else { return };
        peer.down = None;
        peer.differs = link.differences().iter().map(ToString::to_string).collect();
        let (watcher, outbound) = match link.open() {
            Ok(halves) => halves,
            Err(error) => {
                tracing::warn!("the link to node {node} cannot be used: {error}");
                return self.not_reached(node);
            }
        };
        peer.outgoing.up(|link, outbox| {
            tokio::spawn(async move {
                write(outbox, watcher, outbound).await;
                // If the node has ended, nobody receives this.
                let _ =
                    link_events.send(LinkEvent::Ended { to: Recipient::Node(node), link }).await;
            })
        });
        tracing::debug!("node {node} is reached");
    }

    /// Notes that a peer cannot be reached. The messages that wait for it are lost.
    fn not_reached(&mut self, node: NodeId) {
        let Some(lost) = self.peer(node).and_then(Peer::lose_queued) else { return };
        for packet in lost {
            self.lose(node, &packet, Loss::Down);
        }
        self.unreachable.insert(node);
    }

    /// Takes a link that a peer has made. It replaces the earlier link, unless that one is of a later life.
    fn accepted(&mut self, from: NodeId) {
        let link_events = self.link_events.clone();
        let Some(link) = self.doorstep.take(from) else { return };
        let Party::Node(them) = link.peer() else { return };
        let Some(peer) = self.peer(from) else { return };
        if peer.known.is_some_and(|known| known > them.incarnation) {
            return;
        }
        let seen = link.seen();
        let Ok(halves) = link.open() else { return };
        self.note_seen(Recipient::Node(from), seen);
        self.turned_away.forget(from);
        self.note_list(from, None);
        let Some(peer) = self.peer(from) else { return };
        peer.end_receiving();
        peer.known = Some(them.incarnation);
        peer.links = peer.links.wrapping_add(1);
        let link = peer.links;
        let reader = tokio::spawn(read(from, link, halves, link_events)).abort_handle();
        peer.receiving = Some(Receiving { link, reader });
        // The peer is alive, so it is dialled now.
        peer.outgoing.dial_if_down();
    }
}

/// Whether a message waits until its receiver is reached for the first time. The distributed lock repeats no
/// message: it rests on links that lose none between nodes that have not crashed.
const fn waits_for_first_link(message: &Message) -> bool {
    match message {
        Message::Distributed(_) => true,
        Message::Call(_) | Message::Election(_) | Message::Mutex(_) | Message::Hardened(_) => false,
    }
}

/// Writes the outbox until the link ends.
async fn write(outbox: Arc<Outbox<Packet>>, mut watcher: Inbound, outbound: Outbound) {
    tokio::select! {
        // Any error ends the link. The error itself does not matter.
        _ = outbox.write_to(outbound) => {}
        () = watcher.ended() => {}
    }
}

/// Hands over messages until the link ends. Nothing is sent in the other direction, but closing it would look
/// like the end of the link to the peer.
async fn read(
    from: NodeId,
    link: u32,
    (mut inbound, _outbound): (Inbound, Outbound),
    to: mpsc::Sender<LinkEvent>,
) {
    let mut packets: Vec<Packet> = Vec::new();
    loop {
        let received = inbound.receive(&mut packets).await;
        for packet in packets.drain(..) {
            if to.send(LinkEvent::Message { from, link, packet }).await.is_err() {
                return;
            }
        }
        if let Err(error) = received {
            tracing::debug!("the link from node {from} has ended: {error}");
            let _ = to.send(LinkEvent::Gone { from, link }).await;
            return;
        }
    }
}
