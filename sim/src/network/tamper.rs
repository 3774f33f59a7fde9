//! Interventions on single messages: drop, duplicate, delay, deliver at once.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

use super::rule::Rule;
use super::{Flight, Network, seat};
use crate::queue::{Class, Queue, What};
use crate::scenario::duration::micros_of;
use crate::scenario::{Tampering, Which};
use crate::trace::{Content, IgnoredBecause, Loss, MessageId, MessageRecord, Recipient};

/// The result of an intervention on a message.
pub(crate) enum Tampered {
    Dropped(Flight),
    /// It has copies with these numbers.
    Copied(Flight, RangeInclusive<u8>),
    /// It arrives at another time.
    Moved,
    /// It has not been sent yet. The intervention is kept until then.
    Noted,
    /// It is no longer in flight, for this reason.
    Missed(IgnoredBecause),
}

impl Network {
    /// Carries out an intervention on a message now, or when it is sent.
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
            if id.number > self.numbered_like(id) || self.is_yet_to_be_copied(id) {
                self.rules.push(Rule { which: which.clone(), tampering });
                return Tampered::Noted;
            }
            return Tampered::Missed(IgnoredBecause::NotOnItsWay);
        };
        match tampering {
            _ if flight.lost.is_some() => Tampered::Missed(IgnoredBecause::LostAlready),
            Tampering::Drop => match self.recall(queue, slot) {
                Some(flight) => Tampered::Dropped(flight),
                None => Tampered::Missed(IgnoredBecause::NotOnItsWay),
            },
            Tampering::Duplicate if flight.copies == u8::MAX => {
                Tampered::Missed(IgnoredBecause::CopiedTooOften)
            }
            Tampering::Duplicate => {
                let flight = flight.clone();
                let last = self.copy(queue, now_us, slot);
                let first = flight.copies + 1;
                Tampered::Copied(flight, first..=last)
            }
            Tampering::Delay { by } => {
                self.delay(queue, slot, micros_of(by));
                Tampered::Moved
            }
            Tampering::Deliver => {
                self.move_landing(queue, slot, now_us);
                Tampered::Moved
            }
        }
    }

    /// Whether this is a copy that the network may still make: the original is in flight and has
    /// fewer copies.
    fn is_yet_to_be_copied(&self, id: MessageId) -> bool {
        let of_message = |flight: &&Flight| MessageId { copy: id.copy, ..flight.message.id } == id;
        self.flights().find(of_message).is_some_and(|flight| flight.copies < id.copy)
    }

    /// Duplicates a message in flight; the copy follows it on the same link. Returns the number of
    /// the last copy, since a rule may duplicate a copy again.
    pub(super) fn copy(&mut self, queue: &mut Queue, now_us: u64, slot: u32) -> u8 {
        let Some(original) = self.flight(slot).cloned() else {
            unreachable!("a flight is copied while it flies")
        };
        let id = original.message.id;
        let copies = original.copies + 1;
        let same = |other: MessageId| MessageId { copy: id.copy, ..other } == id;
        for flight in self.flights.iter_mut().filter(|flight| flight.flies()) {
            if same(flight.message.id) {
                flight.copies = copies;
            }
        }
        let MessageRecord { to, content, .. } = original.message;
        let message = MessageRecord { id: MessageId { copy: copies, ..id }, to, content };
        let tampering = self.meet_rules(message.id, to, &content);
        let latency_us = self.latency_us(now_us, id.from, to);
        let alone_us = now_us.saturating_add(latency_us);
        let lands_us = match tampering {
            Some(Tampering::Deliver) => now_us,
            Some(Tampering::Delay { by }) => {
                self.queue_up(id.from, to, alone_us.saturating_add(micros_of(by)))
            }
            Some(Tampering::Drop | Tampering::Duplicate) | None => {
                self.queue_up(id.from, to, alone_us)
            }
        };
        let dropped = tampering == Some(Tampering::Drop) && original.lost.is_none();
        let lost = if dropped { Some(Loss::Dropped) } else { original.lost };
        let dies_us = if dropped { Some(now_us + latency_us / 2) } else { original.lost_at_us() };
        let ends = (dies_us.unwrap_or(lands_us), Class::Delivery);
        let slot = self.launch(queue, ends, |place| {
            *place = Flight { message, sent_us: now_us, lands_us, lost, copies, ..original };
        });
        match tampering {
            Some(Tampering::Duplicate) if copies < u8::MAX => self.copy(queue, now_us, slot),
            _ => copies,
        }
    }

    /// Delays a message and, on a FIFO link, the messages behind it.
    fn delay(&mut self, queue: &mut Queue, slot: u32, by_us: u64) {
        let Some(flight) = self.flight(slot) else { return };
        let (from, to) = (flight.from(), flight.message.to);
        let place = (flight.lands_us, flight.ticket.number());
        let lands_us = flight.lands_us.saturating_add(by_us);
        let landing = |flight: &Flight| (flight.lands_us, flight.ticket.number());
        let is_behind = |flight: &Flight| {
            flight.is_on(from, to) && landing(flight) > place && flight.lands_us <= lands_us
        };
        let behind = match self.fifo {
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

    fn move_landing(&mut self, queue: &mut Queue, slot: u32, lands_us: u64) {
        let Some(flight) = self.flight_mut(slot) else { return };
        flight.lands_us = lands_us;
        queue.cancel(flight.ticket);
        flight.ticket = queue.plan(lands_us, Class::Delivery, What::Flight(slot));
    }

    /// The intervention on a message that is sent: that of the first matching rule.
    #[inline]
    pub(super) fn meet_rules(
        &mut self,
        id: MessageId,
        to: Recipient,
        content: &Content,
    ) -> Option<Tampering> {
        if self.rules.is_empty() { None } else { self.meet_some_rules(id, to, content) }
    }

    #[cold]
    fn meet_some_rules(
        &mut self,
        id: MessageId,
        to: Recipient,
        content: &Content,
    ) -> Option<Tampering> {
        // Each rule counts the message, even if an earlier rule has matched it.
        let met: Vec<bool> =
            self.rules.iter_mut().map(|rule| rule.is_met_by(id, to, content)).collect();
        let first = met.iter().position(|&met| met)?;
        let tampering = self.rules[first].tampering;
        let mut met = met.into_iter();
        self.rules.retain(|_| !met.next().unwrap_or(false));
        Some(tampering)
    }

    /// Removes all interventions on messages that have not been sent yet.
    pub(crate) fn forget_rules(&mut self) {
        self.rules.clear();
    }
}

/// The name of the message in a sentence.
pub(crate) fn name_of(which: &Which) -> String {
    match which {
        Which::Id(id) => alloc::format!("message {id}"),
        Which::Nth { kind, nth, copy: 0, .. } => alloc::format!("{kind} number {nth}"),
        Which::Nth { kind, nth, copy, .. } => {
            alloc::format!("copy {copy} of {kind} number {nth}")
        }
    }
}
