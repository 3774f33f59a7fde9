//! The network: messages in flight, links and faults.

mod chance;
mod rule;
mod tamper;

use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{CallMessage, ClusterSize, Incarnation, MAX_NODES, Message, NodeId, NodeSet};

use crate::narrow::Stamp;
use crate::queue::{Class, Queue, Ticket, What};
use crate::random::Random;
use crate::scenario::duration::micros_of;
use crate::scenario::{NetworkConfig, Tampering};
use crate::trace::{Content, Loss, MessageId, MessageRecord, Recipient};

use chance::Chance;
use rule::Rule;
pub(crate) use tamper::{Tampered, name_of};

const SEATS: usize = MAX_NODES as usize;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    pub message: MessageRecord,
    pub stamp: Stamp,
    /// The life of the sender that sent it.
    pub incarnation: Incarnation,
    /// When it was sent, in microseconds.
    pub sent_us: u64,
    /// When it arrives, or would arrive if it were not lost, in microseconds.
    pub lands_us: u64,
    /// Why it will be lost, if it will be.
    pub lost: Option<Loss>,
    /// How many copies the network has made of it.
    copies: u8,
    /// The queue entry of its end. [`Ticket::NONE`] after its end.
    ticket: Ticket,
}

impl Flight {
    /// A slot that a new flight may use.
    fn vacant() -> Self {
        let id = MessageId::new(ClusterSize::MAX.highest(), 0);
        let content = Content::Message(Message::Call(CallMessage::Plain));
        Self {
            message: MessageRecord { id, to: Recipient::Resource, content },
            stamp: Stamp::default(),
            incarnation: Incarnation::FIRST,
            sent_us: 0,
            lands_us: 0,
            lost: None,
            copies: 0,
            ticket: Ticket::NONE,
        }
    }

    /// The sender, or the claimed sender of a forged message.
    pub const fn from(&self) -> NodeId {
        self.message.id.from
    }

    /// When it is lost, in microseconds, if it is.
    pub fn lost_at_us(&self) -> Option<u64> {
        self.lost.map(|_| self.ticket.at_us())
    }

    /// Whether it is a copy or has copies.
    pub(crate) const fn has_copies(&self) -> bool {
        self.copies > 0
    }

    const fn flies(&self) -> bool {
        !self.ticket.is_none()
    }

    fn is_on(&self, from: NodeId, to: Recipient) -> bool {
        self.from() == from && self.message.to == to && self.lost.is_none()
    }
}

/// The result of sending a message.
pub(crate) struct Sent {
    pub id: MessageId,
    /// How many copies the network has made.
    pub copies: u8,
}

/// The fate of a message.
struct Fate {
    lands_us: u64,
    /// When it arrives, or is lost half-way, in microseconds.
    ends_us: u64,
    lost: Option<Loss>,
    /// Whether the network duplicates it.
    doubled: bool,
}

#[derive(Clone, Debug)]
pub struct Network {
    chance: Chance,
    fifo: bool,
    resource_latency_us: u64,
    /// The latency of messages to and from a node, by index, if it is set for the node.
    node_latencies_us: [Option<u64>; SEATS],
    /// The messages in flight, by slot. Slots of ended flights are used again.
    flights: Vec<Flight>,
    free: Vec<u32>,
    /// The number of messages in flight between nodes.
    flying: u32,
    /// The arrival of the last message of each link: from each node to each node and to the
    /// resource.
    last_landing_us: [[u64; SEATS + 1]; SEATS],
    cuts: [NodeSet; SEATS],
    sent: [u32; SEATS],
    /// The number of forged messages so far.
    forged: u32,
    rules: Vec<Rule>,
    /// The latency of the next message. `None` leaves it to the network.
    next_latency: Option<Duration>,
}

impl Network {
    pub(crate) fn new(config: NetworkConfig, resource_latency: Duration, random: Random) -> Self {
        Self {
            chance: Chance::new(&config, random),
            fifo: config.fifo,
            resource_latency_us: micros_of(resource_latency),
            node_latencies_us: config.node_latencies.map(|latency| latency.map(micros_of)),
            flights: Vec::new(),
            free: Vec::new(),
            flying: 0,
            last_landing_us: [[0; SEATS + 1]; SEATS],
            cuts: [NodeSet::default(); SEATS],
            sent: [0; SEATS],
            forged: 0,
            rules: Vec::new(),
            next_latency: None,
        }
    }

    /// The messages in flight, also to the resource, in no particular order.
    pub fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.flights.iter().filter(|flight| flight.flies())
    }

    /// Whether no message is in flight between nodes.
    pub const fn is_still(&self) -> bool {
        self.flying == 0
    }

    pub fn has_cuts(&self) -> bool {
        self.cuts.iter().any(|cut| !cut.is_empty())
    }

    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts[from.index()].contains(to)
    }

    /// How many messages share the number range of this one: those of its sender, or the forged
    /// ones.
    pub(crate) fn numbered_like(&self, id: MessageId) -> u32 {
        if id.forged { self.forged } else { self.sent_by(id.from) }
    }

    /// The number of messages that `node` has sent, in all its lives.
    pub fn sent_by(&self, node: NodeId) -> u32 {
        self.sent[node.index()]
    }

    /// Cuts a link in one direction. Messages in flight on it are lost. `None` if it was cut
    /// already.
    pub(crate) fn cut(
        &mut self,
        queue: &mut Queue,
        from: NodeId,
        to: NodeId,
    ) -> Option<Vec<Flight>> {
        if self.is_cut(from, to) {
            return None;
        }
        self.cuts[from.index()].insert(to);
        let on_link = |flight: &Flight| flight.is_on(from, Recipient::Node(to));
        let slots = self.slots_in_order(on_link, |flight| (0, flight.ticket.number()));
        Some(slots.into_iter().filter_map(|slot| self.recall(queue, slot)).collect())
    }

    /// Restores a link in one direction. Returns whether it was cut.
    pub(crate) fn mend(&mut self, from: NodeId, to: NodeId) -> bool {
        self.cuts[from.index()].remove(to)
    }

    pub(crate) fn send(
        &mut self,
        queue: &mut Queue,
        now_us: u64,
        (from, to): (NodeId, Recipient),
        content: &Content,
        origin: (&Stamp, Incarnation),
    ) -> Sent {
        self.sent[from.index()] += 1;
        let id = MessageId::new(from, self.sent[from.index()]);
        self.send_as(queue, now_us, id, to, content, origin)
    }

    #[inline]
    fn send_as(
        &mut self,
        queue: &mut Queue,
        now_us: u64,
        id: MessageId,
        to: Recipient,
        content: &Content,
        (stamp, incarnation): (&Stamp, Incarnation),
    ) -> Sent {
        let fate = self.decide(now_us, id, to, content);
        let slot = self.launch(queue, (fate.ends_us, Class::Delivery), |flight| {
            flight.message = MessageRecord { id, to, content: *content };
            flight.stamp = stamp.copy();
            flight.incarnation = incarnation;
            flight.sent_us = now_us;
            flight.lands_us = fate.lands_us;
            flight.lost = fate.lost;
            flight.copies = 0;
        });
        let copies = if fate.doubled { self.copy(queue, now_us, slot) } else { 0 };
        Sent { id, copies }
    }

    /// Sends a message that no node sent. Its sender field has the start of its link.
    pub(crate) fn forge(
        &mut self,
        queue: &mut Queue,
        now_us: u64,
        (from, to): (NodeId, Recipient),
        content: &Content,
        stamp: &Stamp,
    ) -> Sent {
        self.forged += 1;
        let id = MessageId { forged: true, ..MessageId::new(from, self.forged) };
        self.send_as(queue, now_us, id, to, content, (stamp, Incarnation::FIRST))
    }

    /// Decides the fate of a message that is sent now.
    fn decide(&mut self, now_us: u64, id: MessageId, to: Recipient, content: &Content) -> Fate {
        let from = id.from;
        let latency_us = match self.next_latency.take() {
            Some(latency) => micros_of(latency),
            None => self.latency_us(now_us, from, to),
        };
        let tampering = self.meet_rules(id, to, content);
        let alone_us = now_us.saturating_add(latency_us);
        let lands_us = match tampering {
            Some(Tampering::Deliver) => now_us,
            Some(Tampering::Delay { by }) => {
                self.queue_up(from, to, alone_us.saturating_add(micros_of(by)))
            }
            Some(Tampering::Drop | Tampering::Duplicate) | None => {
                self.queue_up(from, to, alone_us)
            }
        };
        let by_chance = to != Recipient::Resource && self.chance.loses(now_us);
        let lost = match (tampering, to) {
            (Some(Tampering::Drop), _) => Some(Loss::Dropped),
            (_, Recipient::Node(node)) if self.is_cut(from, node) => Some(Loss::Cut),
            _ => by_chance.then_some(Loss::Chance),
        };
        let by_chance = to != Recipient::Resource && self.chance.doubles(now_us);
        let doubled = lost.is_none() && (by_chance || tampering == Some(Tampering::Duplicate));
        let ends_us = if lost.is_some() { now_us + latency_us / 2 } else { lands_us };
        Fate { lands_us, ends_us, lost, doubled }
    }

    /// Sets the latency of the next message. `None` leaves it to the network.
    pub(crate) fn set_next_latency(&mut self, latency: Option<Duration>) {
        self.next_latency = latency;
    }

    /// Ends a flight whose queue entry has come up.
    pub(crate) fn land(&mut self, slot: u32) -> Option<Flight> {
        let flight = self.flight(slot)?.clone();
        self.vacate(slot);
        Some(flight)
    }

    /// Frees the slot of a flight that has ended.
    #[inline]
    pub(crate) fn vacate(&mut self, slot: u32) {
        let flight = &mut self.flights[slot as usize];
        flight.ticket = Ticket::NONE;
        self.flying -= u32::from(flight.message.to != Recipient::Resource);
        self.free.push(slot);
    }

    /// Puts a message that waited at a paused node back in flight, as part of the backlog.
    pub(crate) fn land_again(&mut self, queue: &mut Queue, now_us: u64, flight: Flight) {
        let ends = (now_us, Class::Backlog);
        self.launch(queue, ends, |place| *place = Flight { lands_us: now_us, ..flight });
    }

    /// The flight in this slot.
    #[inline]
    pub(crate) fn flight(&self, slot: u32) -> Option<&Flight> {
        self.flights.get(slot as usize).filter(|flight| flight.flies())
    }

    fn flight_mut(&mut self, slot: u32) -> Option<&mut Flight> {
        self.flights.get_mut(slot as usize).filter(|flight| flight.flies())
    }

    /// Takes a flight out of its slot and the queue before it has ended.
    fn recall(&mut self, queue: &mut Queue, slot: u32) -> Option<Flight> {
        let flight = self.land(slot)?;
        queue.cancel(flight.ticket);
        Some(flight)
    }

    fn slots_where(&self, meant: impl Fn(&Flight) -> bool) -> Vec<u32> {
        let slots = (0..).zip(&self.flights);
        slots.filter(|(_, flight)| flight.flies() && meant(flight)).map(|(slot, _)| slot).collect()
    }

    /// The slots of these flights, ordered by key. Insertion sort, since a link carries few messages at a
    /// time.
    fn slots_in_order(
        &self,
        meant: impl Fn(&Flight) -> bool,
        key: impl Fn(&Flight) -> (u64, u64),
    ) -> Vec<u32> {
        let mut sorted: Vec<((u64, u64), u32)> = Vec::new();
        for slot in self.slots_where(meant) {
            let Some(key) = self.flight(slot).map(&key) else { continue };
            sorted.insert(sorted.partition_point(|&(other, _)| other < key), (key, slot));
        }
        sorted.into_iter().map(|(_, slot)| slot).collect()
    }

    /// Schedules the end of a flight and fills its slot field by field. A flight is large, and
    /// copying it would be the main cost of sending a message.
    #[inline]
    fn launch(
        &mut self,
        queue: &mut Queue,
        (ends_us, class): (u64, Class),
        fill_in: impl FnOnce(&mut Flight),
    ) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.flights.push(Flight::vacant());
            self.flights.len() as u32 - 1
        });
        let flight = &mut self.flights[slot as usize];
        fill_in(flight);
        flight.ticket = queue.plan(ends_us, class, What::Flight(slot));
        self.flying += u32::from(flight.message.to != Recipient::Resource);
        slot
    }

    /// The arrival time of a new message that would arrive at `lands_us` without the messages
    /// before it.
    fn queue_up(&mut self, from: NodeId, to: Recipient, lands_us: u64) -> u64 {
        let last = &mut self.last_landing_us[from.index()][seat(to)];
        if !self.fifo {
            return lands_us;
        }
        *last = (*last).max(lands_us);
        *last
    }

    #[inline]
    fn latency_us(&mut self, now_us: u64, from: NodeId, to: Recipient) -> u64 {
        let Recipient::Node(to) = to else { return self.resource_latency_us };
        match self.node_latencies_us[from.index()].max(self.node_latencies_us[to.index()]) {
            Some(latency_us) => latency_us,
            None => self.chance.latency_us(now_us),
        }
    }

    /// Whether the network loses and duplicates messages at random, and lets them take longer than
    /// the spans allow.
    pub(crate) fn has_faults(&self, now_us: u64) -> bool {
        self.chance.has_faults(now_us)
    }
}

/// The index of a recipient among all nodes and the resource.
const fn seat(to: Recipient) -> usize {
    match to {
        Recipient::Node(node) => node.index(),
        Recipient::Resource => SEATS,
    }
}
