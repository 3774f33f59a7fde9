//! The other nodes, as the driver sees them: where to send, and who has arrived.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use antes_core::{Incarnation, NodeId};
use antes_sim::trace::Loss;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};

use super::Driver;
use crate::cluster::link::{Inbound, Link, Outbound, Party};
use crate::cluster::outbox::{Leaves, Outbox, Packet};
use crate::cluster::time::Moment;

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
    /// A peer has been reached: messages can be sent there.
    Reached {
        /// Which.
        peer: NodeId,
        /// The link.
        link: Link,
    },
    /// A peer could not be reached.
    NotReached {
        /// Which.
        peer: NodeId,
    },
    /// The link to a peer has ended.
    Ended {
        /// Which peer.
        peer: NodeId,
        /// Which of its links.
        link: u32,
    },
    /// A peer has made a link to here: messages can arrive from there.
    Accepted {
        /// The link.
        link: Link,
    },
    /// The link from a peer has ended.
    Gone {
        /// Which peer.
        from: NodeId,
        /// Which of its links.
        link: u32,
    },
}

/// Whether messages can be sent to a peer.
#[derive(Debug)]
enum Sending {
    /// It is being dialled, and nothing speaks against it: messages wait for the outcome.
    Dialling,
    /// It has been reached.
    Up { link: u32, writer: JoinHandle<()> },
    /// It could not be reached, or its link has ended: messages are lost.
    Down,
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

/// Why a message does not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Down,
    Full,
    Cut,
    Dropped,
}

/// Another node of the cluster.
#[derive(Debug)]
pub struct Peer {
    outbox: Arc<Outbox<Packet>>,
    sending: Sending,
    receiving: Option<Receiving>,
    /// The latest life of it that has made a link to here.
    known: Option<Incarnation>,
    /// How many links there have been, in either direction.
    links: u32,
    /// Changes when the peer is to be dialled (again).
    dial: watch::Sender<u32>,
    pub(super) faults: Faults,
    pub(super) lost: u64,
}

impl Peer {
    /// A peer that is being dialled; a change of `dial` makes it be dialled again.
    pub fn new(dial: watch::Sender<u32>) -> Self {
        Self {
            outbox: Arc::default(),
            sending: Sending::Dialling,
            receiving: None,
            known: None,
            links: 0,
            dial,
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
    ) -> Result<(), Refused> {
        if self.faults.cut {
            return Err(Refused::Cut);
        }
        if self.faults.drop > 0 {
            self.faults.drop -= 1;
            return Err(Refused::Dropped);
        }
        if let Sending::Down = self.sending {
            return Err(Refused::Down);
        }
        let delay = self.faults.delay;
        let leaves = match linger {
            _ if !delay.is_zero() => Leaves::NotBefore(now.after(delay)),
            Some(linger) => Leaves::WithTheNext { latest: now.after(linger) },
            None => Leaves::Now,
        };
        self.outbox.push(leaves, packet).map_err(|_| Refused::Full)
    }

    pub(super) const fn sends(&self) -> bool {
        matches!(self.sending, Sending::Up { .. })
    }

    pub(super) const fn receives(&self) -> bool {
        self.receiving.is_some()
    }

    pub(super) fn queued(&self) -> usize {
        self.outbox.waiting()
    }

    /// Lets the writer end once all is written; gives it, if there is one, to be waited for.
    pub(super) fn close(&mut self) -> Option<JoinHandle<()>> {
        self.outbox.close();
        match std::mem::replace(&mut self.sending, Sending::Down) {
            Sending::Up { writer, .. } => Some(writer),
            Sending::Dialling | Sending::Down => None,
        }
    }

    /// Takes all that waits to be sent.
    pub(super) fn take_queued(&self) -> Vec<Packet> {
        self.outbox.drain()
    }

    fn next_link(&mut self) -> u32 {
        self.links = self.links.wrapping_add(1);
        self.links
    }
}

impl Driver {
    /// Something has arrived.
    pub(super) fn arrive(&mut self, arrival: Arrival) -> io::Result<()> {
        self.changed = true;
        match arrival {
            Arrival::Message { from, link, packet } => {
                let current = self.peer(from).and_then(|peer| peer.receiving.as_ref());
                if current.is_some_and(|current| current.link == link) {
                    self.receive(from, &packet)?;
                } else {
                    // A later link of the sender has taken the place of the one it came by.
                    self.counters.discarded += 1;
                }
            }
            Arrival::Reached { peer, link } => self.reached(peer, link),
            Arrival::NotReached { peer } => self.not_reached(peer),
            Arrival::Ended { peer, link } => self.ended(peer, link),
            Arrival::Accepted { link } => self.accepted(link),
            Arrival::Gone { from, link } => {
                if let Some(peer) = self.peer(from)
                    && peer.receiving.as_ref().is_some_and(|current| current.link == link)
                {
                    peer.receiving = None;
                }
            }
        }
        Ok(())
    }

    pub(super) fn peer(&mut self, node: NodeId) -> Option<&mut Peer> {
        self.peers.get_mut(node.index())?.as_mut()
    }

    fn reached(&mut self, node: NodeId, link: Link) {
        let arrivals = self.arrivals.clone();
        let Some(peer) = self.peer(node) else { return };
        let (watcher, outbound) = match link.open() {
            Ok(halves) => halves,
            Err(error) => {
                tracing::warn!("the link to node {node} cannot be used: {error}");
                return self.not_reached(node);
            }
        };
        if let Sending::Up { writer, .. } = &peer.sending {
            writer.abort();
        }
        let link = peer.next_link();
        let outbox = Arc::clone(&peer.outbox);
        let writer = tokio::spawn(async move {
            write(outbox, watcher, outbound).await;
            // Nobody is there to be told if the node has ended.
            let _ = arrivals.send(Arrival::Ended { peer: node, link }).await;
        });
        peer.sending = Sending::Up { link, writer };
        tracing::debug!("node {node} is reached");
    }

    /// What waits for a peer that cannot be reached is lost.
    fn not_reached(&mut self, node: NodeId) {
        let Some(peer) = self.peer(node) else { return };
        if peer.sends() {
            // An attempt that was made needlessly.
            return;
        }
        peer.sending = Sending::Down;
        let lost = peer.take_queued();
        for packet in lost {
            self.lose(node, &packet, Loss::Down);
        }
        self.unreachable.insert(node);
    }

    fn ended(&mut self, node: NodeId, ended: u32) {
        let Some(peer) = self.peer(node) else { return };
        match peer.sending {
            Sending::Up { link, .. } if link == ended => {}
            // Another one has taken its place.
            Sending::Up { .. } | Sending::Dialling | Sending::Down => return,
        }
        peer.sending = Sending::Down;
        peer.dial.send_modify(|attempt| *attempt = attempt.wrapping_add(1));
        tracing::debug!("the link to node {node} has ended");
        self.not_reached(node);
    }

    /// A peer has made a link to here. It replaces the one before, unless that is of a later life.
    fn accepted(&mut self, link: Link) {
        let arrivals = self.arrivals.clone();
        let Party::Node(them) = link.peer() else { return };
        let from = them.node;
        let Some(peer) = self.peer(from) else { return };
        if peer.known.is_some_and(|known| known > them.incarnation) {
            return;
        }
        let Ok(halves) = link.open() else { return };
        if let Some(before) = peer.receiving.take() {
            before.reader.abort();
        }
        peer.known = Some(them.incarnation);
        let link = peer.next_link();
        let reader = tokio::spawn(read(from, link, halves, arrivals)).abort_handle();
        peer.receiving = Some(Receiving { link, reader });
        if let Sending::Down = peer.sending {
            // It lives: dialling it is worth while at once.
            peer.sending = Sending::Dialling;
            peer.dial.send_modify(|attempt| *attempt = attempt.wrapping_add(1));
        }
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
