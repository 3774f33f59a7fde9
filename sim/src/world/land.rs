//! The ends of flights: a message is received, waits at a paused node, or is lost; a write is decided.

use antes_core::{Identity, Profile};

use super::{Process, Status, World};
use crate::narrow::Input;
use crate::network::Flight;
use crate::recorder::Recorder;
use crate::trace::{Content, Happening, Loss, MessageId, Recipient};

impl<P: Process> World<P> {
    /// Ends a flight. A message that a running node receives is copied out of its slot once.
    pub(super) fn end_flight(&mut self, place: u32, recorder: &mut Recorder) {
        let Some(flight) = self.network.flight(place) else { return };
        let (id, copied) = (flight.message.id, flight.has_copies());
        if let (Recipient::Node(to), Content::Message(message), None) =
            (flight.message.to, flight.message.content, flight.lost)
            && self.slot(to).status() == Status::Up
        {
            let stamp = flight.stamp.copy();
            let input = Input::Message { from: flight.from(), stamp, message };
            if !(copied && self.is_doubled(id)) {
                self.network.vacate(place);
                self.receive(to, id, &input, recorder);
                return;
            }
        }
        if let Some(flight) = self.network.land(place) {
            self.end_otherwise(flight, recorder);
        }
    }

    /// Ends a flight that no node receives.
    fn end_otherwise(&mut self, flight: Flight, recorder: &mut Recorder) {
        if let Some(loss) = flight.lost {
            self.lose(&flight, loss, recorder);
            return;
        }
        match (flight.message.to, flight.message.content) {
            (Recipient::Node(to), Content::Message(_)) => match self.slot(to).status() {
                Status::Crashed | Status::Stopped => self.lose(&flight, Loss::Down, recorder),
                Status::Paused => self.slot_mut(to).inbox.push_back(flight),
                // A running node receives it, unless it has received another copy before.
                Status::Up => self.lose(&flight, Loss::Doubled, recorder),
            },
            (Recipient::Resource, Content::Write(write)) => {
                self.write(&flight, write, recorder);
            }
            (Recipient::Node(_), Content::Write(_))
            | (Recipient::Resource, Content::Message(_)) => {
                unreachable!("only writes go to the resource, and nowhere else")
            }
        }
    }

    /// Whether another copy of this message was received before and the profile discards
    /// duplicates, which happens before the clock ticks.
    fn is_doubled(&mut self, id: MessageId) -> bool {
        if self.config.profile != Profile::Hardened {
            return false;
        }
        let message = MessageId { copy: 0, ..id };
        match self.received_of_many.binary_search(&message) {
            Ok(_) => true,
            Err(place) => {
                self.received_of_many.insert(place, message);
                false
            }
        }
    }

    pub(super) fn write(
        &mut self,
        flight: &Flight,
        write: antes_core::Write,
        recorder: &mut Recorder,
    ) {
        let writer = self.slot(flight.from());
        let lives = !writer.status().is_down() && writer.me() == write.request.by;
        let verdict = self.resource.write(write, lives);
        let overlaps = verdict.overlaps.clone();
        let begins = write.phase == antes_core::Phase::Entry && verdict.accepted;
        let id = flight.message.id;
        let accepted = verdict.accepted;
        self.record(recorder, write.request.by, &flight.stamp, || Happening::Write {
            id,
            write,
            accepted,
            overlaps,
            heard: false,
        });
        if begins && lives && !verdict.overlaps.is_empty() {
            self.judge.overlapped(write.request, &verdict.overlaps);
        }
        if verdict.accepted {
            self.judge.accepted(write);
        }
        self.report(recorder);
    }

    pub(super) fn lose(&mut self, flight: &Flight, loss: Loss, recorder: &mut Recorder) {
        let me = Identity { node: flight.from(), incarnation: flight.incarnation };
        let message = flight.message;
        if message.id.forged {
            self.record_of_nobody(recorder, &flight.stamp, || Happening::Lost { message, loss });
            return;
        }
        self.record(recorder, me, &flight.stamp, || Happening::Lost { message, loss });
    }
}
