//! The network: messages in flight, links, and everything that can go wrong with them.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Incarnation, MAX_NODES, NodeId, NodeSet, Stamp};

use crate::queue::{Class, Queue, Ticket, What};
use crate::random::Random;
use crate::scenario::{Latency, NetworkConfig, Tampering, Which};
use crate::trace::{Content, Loss, MessageId, MessageRecord, Recipient};

const SEATS: usize = MAX_NODES as usize;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The message.
    pub message: MessageRecord,
    /// The stamp of its send.
    pub stamp: Stamp,
    /// Which life of its sender sent it.
    pub incarnation: Incarnation,
    /// When it was sent, in microseconds.
    pub sent_us: u64,
    /// When it lands, or would if it were not lost.
    pub lands_us: u64,
    /// When it dies on its way, if it does, and why.
    pub lost: Option<(u64, Loss)>,
    /// How many copies the network has made of it.
    copies: u8,
    /// Of the entry of the queue with which it ends; [`Ticket::NONE`] when it has ended.
    ticket: Ticket,
}

impl Flight {
    /// Where it comes from.
    pub const fn from(&self) -> NodeId {
        self.message.id.from
    }

    /// When it dies on its way, if it does.
    pub fn lost_at_us(&self) -> Option<u64> {
        self.lost.map(|(at_us, _)| at_us)
    }

    /// Whether the network has made copies of it, or it is one.
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

/// Something that is to be done to a message that has not been sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    which: Which,
    tampering: Tampering,
}

impl Rule {
    /// Counts a message that is sent; says whether it is the one that the rule is about.
    fn is_met_by(&mut self, message: &MessageRecord) -> bool {
        match &mut self.which {
            Which::Id(id) => *id == message.id,
            Which::Nth { kind, from, to, nth } => {
                let fits = kind == message.content.name()
                    && from.is_none_or(|from| from == message.id.from)
                    && to.is_none_or(|to| Recipient::Node(to) == message.to);
                *nth -= u32::from(fits);
                fits && *nth == 0
            }
        }
    }
}

/// What came of sending a message.
pub(crate) struct Sent {
    pub id: MessageId,
    pub copy: Option<MessageId>,
}

/// What came of tampering with a message in flight.
pub(crate) enum Tampered {
    /// It is gone.
    Dropped(Flight),
    /// There is one more.
    Copied(Flight),
    /// It lands at another time.
    Moved,
    /// It has not been sent yet: what is to be done to it is kept in mind.
    Noted,
    /// It is no longer in flight, for the reason given.
    Missed(&'static str),
}

/// The network.
#[derive(Clone, Debug)]
pub struct Network {
    config: NetworkConfig,
    resource_latency_us: u64,
    random: Random,
    /// The flights, each in a place of its own; places of those that have ended are used again.
    flights: Vec<Flight>,
    free: Vec<u32>,
    /// Messages between nodes that have neither landed nor died.
    flying: u32,
    /// When the last message of each link lands: from each node to each node and to the resource.
    last_landing_us: [[u64; SEATS + 1]; SEATS],
    cuts: [NodeSet; SEATS],
    sent: [u32; SEATS],
    rules: Vec<Rule>,
    /// How long the next message takes, whatever the network would choose.
    next_latency: Option<Duration>,
}

impl Network {
    pub(crate) fn new(config: NetworkConfig, resource_latency: Duration, random: Random) -> Self {
        Self {
            config,
            resource_latency_us: micros(resource_latency),
            random,
            flights: Vec::new(),
            free: Vec::new(),
            flying: 0,
            last_landing_us: [[0; SEATS + 1]; SEATS],
            cuts: [NodeSet::default(); SEATS],
            sent: [0; SEATS],
            rules: Vec::new(),
            next_latency: None,
        }
    }

    /// Everything that is on its way.
    pub fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.flights.iter().filter(|flight| flight.flies())
    }

    /// Whether no message flies between nodes.
    pub const fn is_still(&self) -> bool {
        self.flying == 0
    }

    /// Whether any link is cut.
    pub fn has_cuts(&self) -> bool {
        self.cuts.iter().any(|cut| !cut.is_empty())
    }

    /// Whether the link from `from` to `to` is cut.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.cuts[from.index()].contains(to)
    }

    /// How many messages `node` has sent, over all its lives.
    pub fn sent_by(&self, node: NodeId) -> u32 {
        self.sent[node.index()]
    }

    /// Cuts a link, one way; what flies on it dies where it is. `None`: it was cut already.
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

    /// Mends a link, one way; says whether it was cut.
    pub(crate) fn mend(&mut self, from: NodeId, to: NodeId) -> bool {
        self.cuts[from.index()].remove(to)
    }

    /// Sends a message.
    pub(crate) fn send(
        &mut self,
        queue: &mut Queue,
        now_us: u64,
        (from, to): (NodeId, Recipient),
        content: &Content,
        (stamp, incarnation): (&Stamp, Incarnation),
    ) -> Sent {
        self.sent[from.index()] += 1;
        let id = MessageId { from, number: self.sent[from.index()], copy: 0 };
        let latency_us = match self.next_latency.take() {
            Some(latency) => micros(latency),
            None => self.draw_latency_us(now_us, to),
        };
        let tampering = match self.rules[..] {
            [] => None,
            [..] => self.meet_rules(&MessageRecord { id, to, content: *content }),
        };
        let lands_us = match tampering {
            Some(Tampering::Deliver) => now_us,
            Some(Tampering::Delay { by }) => {
                self.queue_up(from, to, now_us.saturating_add(latency_us + micros(by)))
            }
            Some(Tampering::Drop | Tampering::Duplicate) | None => {
                self.queue_up(from, to, now_us.saturating_add(latency_us))
            }
        };
        let lost = self
            .draw_loss(now_us, (from, to), tampering)
            .map(|loss| (now_us + latency_us / 2, loss));
        let ends_us = lost.map_or(lands_us, |(at_us, _)| at_us);
        let slot = self.launch(queue, (ends_us, Class::Delivery), |ticket| Flight {
            message: MessageRecord { id, to, content: *content },
            stamp: *stamp,
            incarnation,
            sent_us: now_us,
            lands_us,
            lost,
            copies: 0,
            ticket,
        });
        let doubled = match to {
            Recipient::Node(_) => {
                self.has_faults(now_us) && self.random.happens(self.config.duplicate)
            }
            Recipient::Resource => false,
        };
        let doubled = lost.is_none() && (doubled || tampering == Some(Tampering::Duplicate));
        Sent { id, copy: doubled.then(|| self.copy(queue, now_us, slot).id) }
    }

    /// Does something to the message that is meant, now or when it is sent.
    pub(crate) fn tamper(
        &mut self,
        queue: &mut Queue,
        now_us: u64,
        which: &Which,
        tampering: Tampering,
    ) -> Tampered {
        let Which::Id(id) = *which else {
            self.rules.push(Rule { which: which.clone(), tampering });
            return Tampered::Noted;
        };
        let slot = self.slots_where(|flight| flight.message.id == id).pop();
        let Some((slot, flight)) = slot.and_then(|slot| Some((slot, self.flight(slot)?))) else {
            if id.copy == 0 && id.number > self.sent_by(id.from) {
                self.rules.push(Rule { which: which.clone(), tampering });
                return Tampered::Noted;
            }
            return Tampered::Missed("is not in flight any more");
        };
        match tampering {
            _ if flight.lost.is_some() => Tampered::Missed("is lost already"),
            Tampering::Drop => match self.recall(queue, slot) {
                Some(flight) => Tampered::Dropped(flight),
                None => Tampered::Missed("is not in flight any more"),
            },
            Tampering::Duplicate if flight.copies == u8::MAX => {
                Tampered::Missed("has been copied as often as can be named")
            }
            Tampering::Duplicate => {
                let mut flight = flight.clone();
                flight.message = self.copy(queue, now_us, slot);
                Tampered::Copied(flight)
            }
            Tampering::Delay { by } => {
                self.delay(queue, slot, micros(by));
                Tampered::Moved
            }
            Tampering::Deliver => {
                self.move_landing(queue, slot, now_us);
                Tampered::Moved
            }
        }
    }

    /// Says how long the next message takes; `None` leaves it to the network.
    pub(crate) fn set_next_latency(&mut self, latency: Option<Duration>) {
        self.next_latency = latency;
    }

    /// Ends a flight whose entry has come up in the queue.
    pub(crate) fn land(&mut self, slot: u32) -> Option<Flight> {
        let flight = self.flight(slot)?.clone();
        self.vacate(slot);
        Some(flight)
    }

    /// The same, for who has seen all of it.
    pub(crate) fn vacate(&mut self, slot: u32) {
        let Some(flight) = self.flight_mut(slot) else { return };
        flight.ticket = Ticket::NONE;
        let between_nodes = flight.message.to != Recipient::Resource;
        self.flying -= u32::from(between_nodes);
        self.free.push(slot);
    }

    /// Lets a message that has waited at a paused node land there, as part of its backlog.
    pub(crate) fn land_again(&mut self, queue: &mut Queue, now_us: u64, flight: Flight) {
        let ends = (now_us, Class::Backlog);
        self.launch(queue, ends, |ticket| Flight { lands_us: now_us, ticket, ..flight });
    }

    /// The flight in this place.
    #[inline]
    pub(crate) fn flight(&self, slot: u32) -> Option<&Flight> {
        self.flights.get(slot as usize).filter(|flight| flight.flies())
    }

    fn flight_mut(&mut self, slot: u32) -> Option<&mut Flight> {
        self.flights.get_mut(slot as usize).filter(|flight| flight.flies())
    }

    /// Ends a flight before its time.
    fn recall(&mut self, queue: &mut Queue, slot: u32) -> Option<Flight> {
        let flight = self.land(slot)?;
        queue.cancel(flight.ticket);
        Some(flight)
    }

    fn slots_where(&self, meant: impl Fn(&Flight) -> bool) -> Vec<u32> {
        let slots = (0..).zip(&self.flights);
        slots.filter(|(_, flight)| flight.flies() && meant(flight)).map(|(slot, _)| slot).collect()
    }

    /// The same, in the order of their keys. They are put in their places one by one: a link
    /// carries few messages at a time.
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

    /// Plans the end of a flight, and has it made in its place: a flight is large, and a copy of
    /// it is what sending one would mostly cost.
    #[inline]
    fn launch(
        &mut self,
        queue: &mut Queue,
        (ends_us, class): (u64, Class),
        flight: impl FnOnce(Ticket) -> Flight,
    ) -> u32 {
        let slot = self.free.pop().unwrap_or(self.flights.len() as u32);
        let ticket = queue.plan(ends_us, class, What::Flight(slot));
        if let Some(place) = self.flights.get_mut(slot as usize) {
            *place = flight(ticket);
        } else {
            self.flights.push(flight(ticket));
        }
        let to = self.flights[slot as usize].message.to;
        self.flying += u32::from(to != Recipient::Resource);
        slot
    }

    fn move_landing(&mut self, queue: &mut Queue, slot: u32, lands_us: u64) {
        let Some(flight) = self.flight_mut(slot) else { return };
        flight.lands_us = lands_us;
        queue.cancel(flight.ticket);
        flight.ticket = queue.plan(lands_us, Class::Delivery, What::Flight(slot));
    }

    /// Makes a copy of a message in flight: a later message of the same link.
    fn copy(&mut self, queue: &mut Queue, now_us: u64, slot: u32) -> MessageRecord {
        let Some(original) = self.flight(slot).cloned() else {
            unreachable!("a flight is copied while it flies")
        };
        let id = original.message.id;
        let copies = original.copies + 1;
        let same = |other: MessageId| other.from == id.from && other.number == id.number;
        for flight in self.flights.iter_mut().filter(|flight| flight.flies()) {
            if same(flight.message.id) {
                flight.copies = copies;
            }
        }
        let latency_us = self.draw_latency_us(now_us, original.message.to);
        let lands_us = self.queue_up(id.from, original.message.to, now_us + latency_us);
        let message = MessageRecord { id: MessageId { copy: copies, ..id }, ..original.message };
        let ends_us = original.lost_at_us().unwrap_or(lands_us);
        self.launch(queue, (ends_us, Class::Delivery), |ticket| Flight {
            message,
            sent_us: now_us,
            lands_us,
            copies,
            ticket,
            ..original
        });
        message
    }

    /// Holds a message back, and on a FIFO link those behind it.
    fn delay(&mut self, queue: &mut Queue, slot: u32, by_us: u64) {
        let Some(flight) = self.flight(slot) else { return };
        let (from, to) = (flight.from(), flight.message.to);
        let place = (flight.lands_us, flight.ticket.number());
        let lands_us = flight.lands_us.saturating_add(by_us);
        let landing = |flight: &Flight| (flight.lands_us, flight.ticket.number());
        let is_behind = |flight: &Flight| {
            flight.is_on(from, to) && landing(flight) > place && flight.lands_us <= lands_us
        };
        let behind = match self.config.fifo {
            true => self.slots_in_order(is_behind, landing),
            false => Vec::new(),
        };
        self.move_landing(queue, slot, lands_us);
        for slot in behind {
            self.move_landing(queue, slot, lands_us);
        }
        let last = &mut self.last_landing_us[from.index()][seat(to)];
        *last = (*last).max(lands_us);
    }

    /// The landing time of a new message that would land at `lands_us` if it were alone.
    fn queue_up(&mut self, from: NodeId, to: Recipient, lands_us: u64) -> u64 {
        let last = &mut self.last_landing_us[from.index()][seat(to)];
        if !self.config.fifo {
            return lands_us;
        }
        *last = (*last).max(lands_us);
        *last
    }

    fn meet_rules(&mut self, message: &MessageRecord) -> Option<Tampering> {
        // Every rule counts the message, also when an earlier one has already met it.
        let met: Vec<bool> = self.rules.iter_mut().map(|rule| rule.is_met_by(message)).collect();
        let first = met.iter().position(|&met| met)?;
        let tampering = self.rules[first].tampering;
        let mut met = met.into_iter();
        self.rules.retain(|_| !met.next().unwrap_or(false));
        Some(tampering)
    }

    fn draw_loss(
        &mut self,
        now_us: u64,
        (from, to): (NodeId, Recipient),
        tampering: Option<Tampering>,
    ) -> Option<Loss> {
        let Recipient::Node(node) = to else {
            return (tampering == Some(Tampering::Drop)).then_some(Loss::Dropped);
        };
        let by_chance = self.has_faults(now_us) && self.random.happens(self.config.loss);
        if tampering == Some(Tampering::Drop) {
            return Some(Loss::Dropped);
        }
        if self.is_cut(from, node) {
            return Some(Loss::Cut);
        }
        by_chance.then_some(Loss::Chance)
    }

    /// Forgets what was to be done to messages that have not been sent yet.
    pub(crate) fn forget_rules(&mut self) {
        self.rules.clear();
    }

    /// Whether chance loses and doubles messages, and lets them take longer than the spans allow.
    pub(crate) fn has_faults(&self, now_us: u64) -> bool {
        self.config.faults_end.is_none_or(|end| now_us < micros(end))
    }

    #[inline]
    fn draw_latency_us(&mut self, now_us: u64, to: Recipient) -> u64 {
        if to == Recipient::Resource {
            return self.resource_latency_us;
        }
        match self.config.latency {
            Latency::Fixed(latency) => micros(latency),
            Latency::Uniform { min, max } => self.random.between(micros(min), micros(max)),
            Latency::Exponential { mean, min } => {
                let rest = micros(mean.saturating_sub(min));
                let drawn = self.random.exponential(rest as f64) as u64;
                let most = if self.has_faults(now_us) { u64::MAX } else { rest };
                micros(min).saturating_add(drawn.min(most))
            }
        }
    }
}

/// The place of a link's end among all ends.
const fn seat(to: Recipient) -> usize {
    match to {
        Recipient::Node(node) => node.index(),
        Recipient::Resource => SEATS,
    }
}

/// Whole microseconds; what is too long for a run is as long as can be.
pub(crate) fn micros(span: Duration) -> u64 {
    // Not `as_micros`: that divides numbers of 128 bits.
    span.as_secs().saturating_mul(1_000_000).saturating_add(u64::from(span.subsec_micros()))
}

/// The name of a message in a sentence.
pub(crate) fn name_of(which: &Which) -> String {
    match which {
        Which::Id(id) => alloc::format!("message {id}"),
        Which::Nth { kind, nth, .. } => alloc::format!("{kind} number {nth}"),
    }
}
