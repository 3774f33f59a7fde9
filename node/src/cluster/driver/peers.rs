//! The other nodes, as the driver sees them: where to send, and who has arrived.

use std::sync::Arc;
use std::time::Duration;

use antes_core::{Incarnation, NodeId};
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

/// What links bring.
#[derive(Debug)]
pub enum Arrival {
    /// A message.
    Message {
        /// The sender.
        from: NodeId,
        /// The link that it came by.
        link: u32,
        /// The message.
        packet: Packet,
    },
    /// A peer or the resource has been reached: something can be sent there.
    Reached {
        /// Which.
        to: Recipient,
        /// The link.
        link: Link,
    },
    /// A peer or the resource could not be reached.
    NotReached {
        /// Which.
        to: Recipient,
        /// Why, and since when.
        down: Down,
    },
    /// The link to a peer or to the resource has ended.
    Ended {
        /// Which.
        to: Recipient,
        /// Which of the links to it.
        link: u32,
    },
    /// The resource has answered a write.
    Answered(Answer),
    /// A peer has made a link to here, which is on the doorstep: messages can arrive from there.
    Accepted {
        /// The peer.
        from: NodeId,
    },
    /// A process that has the secret has dialled, and there is no link.
    TurnedAway {
        /// The process on the other side.
        who: Party,
        /// What keeps the two apart.
        why: Why,
    },
    /// The link from a peer has ended.
    Gone {
        /// Which peer.
        from: NodeId,
        /// Which of its links.
        link: u32,
    },
}

/// The link by which messages of a peer arrive.
#[derive(Debug)]
struct Receiving {
    link: u32,
    reader: AbortHandle,
}

/// What was done on purpose to the link to a peer.
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
    /// Why it is not reached; nothing, if it is or was not dialled yet.
    pub(super) down: Option<Down>,
    /// In what the settings of the two differ without harm, while it is reached.
    pub(super) differs: Vec<String>,
    /// When the log was last told that it counts with another lease.
    pub(super) told_of_lease: Option<Moment>,
    /// When the log was last told that a message of it would move a count too far.
    pub(super) told_of_jump: Option<Moment>,
    receiving: Option<Receiving>,
    /// The latest life of it that has made a link to here.
    known: Option<Incarnation>,
    /// How many links it has made to here.
    links: u32,
    pub(super) faults: Faults,
    pub(super) lost: u64,
}

impl Peer {
    /// A peer that is being dialled; a change of `dial` makes it be dialled again.
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

    /// Puts a message on its way. One that nobody waits for may linger, for up to so long.
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
        self.outgoing.push(leaves, packet)
    }

    /// Ends the link by which its messages arrive.
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
    /// Something has arrived.
    pub(super) fn arrive(&mut self, arrival: Arrival) {
        self.changed = true;
        match arrival {
            Arrival::Message { from, link, packet } => {
                let current = self.peer(from).and_then(|peer| peer.receiving.as_ref());
                if current.is_some_and(|current| current.link == link) {
                    self.receive(from, &packet);
                } else {
                    // A later link of the sender has taken the place of the one it came by.
                    self.counters.discarded += 1;
                }
            }
            Arrival::Reached { to: Recipient::Node(peer), link } => self.reached(peer, link),
            Arrival::NotReached { to: Recipient::Node(node), down } => {
                self.note_list(node, Some(&down.why));
                self.note_denial(&down.why);
                if let Some(peer) = self.peer(node)
                    && !peer.outgoing.is_up()
                {
                    peer.down = Some(down);
                }
                self.not_reached(node);
            }
            Arrival::Ended { to: Recipient::Node(peer), link } => {
                let Some(found) = self.peer(peer) else { return };
                if found.outgoing.ended(link) {
                    tracing::debug!("the link to node {peer} has ended");
                    self.not_reached(peer);
                }
            }
            Arrival::Reached { to: Recipient::Resource, link } => self.resource_reached(link),
            Arrival::NotReached { to: Recipient::Resource, down } => {
                self.note_denial(&down.why);
                self.resource_down = Some(down);
                self.resource_not_reached();
            }
            Arrival::Ended { to: Recipient::Resource, link } => self.resource_ended(link),
            Arrival::Answered(answer) => self.answered(&answer),
            Arrival::Accepted { from } => self.accepted(from),
            Arrival::TurnedAway { who, why } => {
                self.note_list_of(who, &why);
                self.note_denial(&why);
                self.turned_away.note(who, why, self.now);
            }
            Arrival::Gone { from, link } => {
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
        let arrivals = self.arrivals.clone();
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
                // Nobody is there to be told if the node has ended.
                let _ = arrivals.send(Arrival::Ended { to: Recipient::Node(node), link }).await;
            })
        });
        tracing::debug!("node {node} is reached");
    }

    /// What waits for a peer that cannot be reached is lost.
    fn not_reached(&mut self, node: NodeId) {
        let Some(lost) = self.peer(node).and_then(|peer| peer.outgoing.down()) else { return };
        for packet in lost {
            self.lose(node, &packet, Loss::Down);
        }
        self.unreachable.insert(node);
    }

    /// A peer has made a link to here. It replaces the one before, unless that is of a later life.
    fn accepted(&mut self, from: NodeId) {
        let arrivals = self.arrivals.clone();
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
        let reader = tokio::spawn(read(from, link, halves, arrivals)).abort_handle();
        peer.receiving = Some(Receiving { link, reader });
        // It lives: dialling it is worth while at once.
        peer.outgoing.dial_if_down();
    }
}

/// Writes what is put into the outbox until the link ends.
async fn write(outbox: Arc<Outbox<Packet>>, mut watcher: Inbound, outbound: Outbound) {
    tokio::select! {
        // What goes wrong on a link ends it, and that is all there is to know.
        _ = outbox.write_to(outbound) => {}
        () = watcher.ended() => {}
    }
}

/// Hands over what arrives until the link ends. The other direction says nothing, but the peer
/// would take its end for the end of the link.
async fn read(
    from: NodeId,
    link: u32,
    (mut inbound, _outbound): (Inbound, Outbound),
    to: mpsc::Sender<Arrival>,
) {
    let mut packets: Vec<Packet> = Vec::new();
    loop {
        let received = inbound.receive(&mut packets).await;
        for packet in packets.drain(..) {
            if to.send(Arrival::Message { from, link, packet }).await.is_err() {
                return;
            }
        }
        if let Err(error) = received {
            tracing::debug!("the link from node {from} has ended: {error}");
            let _ = to.send(Arrival::Gone { from, link }).await;
            return;
        }
    }
}
