//! Delivers inputs and carries out effects. The core's [`Agenda`](antes_core::Agenda) keeps their order.

use core::mem::discriminant;

use antes_core::{Effect, Event, NodeId, Timer};

use super::{ArmedTimer, Process, Slot, Status, World, is_campaign, receipt};
use crate::narrow::Input;
use crate::queue::{Class, What};
use crate::recorder::Recorder;
use crate::scenario::Moment;
use crate::scenario::duration::micros_of;
use crate::trace::{Content, Happening, MessageId, MessageRecord, Recipient};

impl<P: Process> World<P> {
    /// Delivers a message to a node that is up.
    pub(super) fn receive(
        &mut self,
        node: NodeId,
        id: MessageId,
        input: &Input,
        recorder: &mut Recorder,
    ) {
        let Input::Message { stamp: sent, message, .. } = input else {
            unreachable!("a receipt is of a message")
        };
        let slot = &mut self.slots[node.index()];
        let before = slot.stamp.lamport;
        slot.stamp = self.agenda.begin(|out| slot.process.step(input, out)).copy();
        let received = slot.stamp.lamport;
        self.judge.ticked(node, received, Some(sent.lamport));
        let happening = || {
            let (to, content) = (Recipient::Node(node), Content::Message(*message));
            receipt(MessageRecord { id, to, content }, sent.lamport, before)
        };
        self.line_of(node, happening, recorder);
        self.report(recorder);
        if self.slot(node).crash_at == Some(Moment::Receive) {
            self.agenda.clear();
            self.crash(node, recorder);
        }
        self.finish_step(node, recorder);
    }

    /// Delivers any other input to a node that is up.
    pub(super) fn feed(&mut self, node: NodeId, input: &Input, recorder: &mut Recorder) {
        self.agenda.begin(|out| self.slots[node.index()].process.step(input, out));
        self.finish_step(node, recorder);
    }

    /// Carries out the effects, and those that the answers to draws cause. A node that crashes
    /// meanwhile does no more.
    fn finish_step(&mut self, node: NodeId, recorder: &mut Recorder) {
        loop {
            let Slot { process, stamp, random, status, .. } = &mut self.slots[node.index()];
            if *status != Status::Up {
                return self.agenda.clear();
            }
            let effect = self.agenda.next(
                (node, stamp),
                |input, out| process.step(input, out),
                |low, high| random.between(low, high),
            );
            let Some(&effect) = effect else { return };
            self.carry_out(node, &effect, recorder);
        }
    }

    fn carry_out(&mut self, node: NodeId, effect: &Effect, recorder: &mut Recorder) {
        if effect.ticks() {
            let lamport = self.slot(node).stamp.lamport;
            self.judge.ticked(node, lamport, None);
        }
        match *effect {
            Effect::Send { to, message } => {
                self.send(node, Recipient::Node(to), &Content::Message(message), recorder);
            }
            Effect::Write(write) => {
                self.send(node, Recipient::Resource, &Content::Write(write), recorder);
            }
            Effect::SetTimer { timer, after } => self.arm(node, timer, micros_of(after)),
            Effect::CancelTimer { timer } => self.disarm(node, timer),
            // The agenda answers it.
            Effect::Draw { .. } => {}
            Effect::Save(stable) => {
                self.slot_mut(node).stable = stable;
                self.line(node, Happening::Save(stable), recorder);
                self.crash_if_due(node, Moment::AfterSave, recorder);
            }
            Effect::Remember(fact) => {
                self.slot_mut(node).memory.remember(fact);
                self.crash_if_due(node, Moment::AfterSave, recorder);
            }
            Effect::Emit(event) => self.tell(node, event, recorder),
        }
        self.report(recorder);
    }

    /// Sends a message whose tick has been counted already.
    #[inline]
    fn send(&mut self, node: NodeId, to: Recipient, content: &Content, recorder: &mut Recorder) {
        let slot = &self.slots[node.index()];
        let origin = (&slot.stamp, slot.me.incarnation);
        let link = (node, to);
        let sent = self.network.send(&mut self.queue, self.now_us, link, content, origin);
        let record = |id| MessageRecord { id, to, content: *content };
        self.line_of(node, || Happening::Send(record(sent.id)), recorder);
        if let Content::Message(message) = content
            && let Some((request, token)) = message.granted()
        {
            let current = self.slot(request.by.node).me;
            self.judge.granted(node, request, token, current);
        }
        if let Content::Message(message) = content
            && let Some((request, stamp)) = message.asked()
        {
            self.judge.asked(request, stamp);
        }
        for copy in 1..=sent.copies {
            let copy = MessageId { copy, ..sent.id };
            self.line_of(node, || Happening::Duplicate { message: record(copy) }, recorder);
        }
        self.crash_if_due(node, Moment::Send, recorder);
    }

    fn tell(&mut self, node: NodeId, event: Event, recorder: &mut Recorder) {
        self.line(node, event.into(), recorder);
        match event {
            Event::Local | Event::ElectionStarted { .. } | Event::Refused => {}
            Event::Leader { leader, term } => {
                let me = self.slot(node).me;
                self.judge.follows(me, leader, term);
            }
            Event::Requested { request } => self.judge.requested(request),
            Event::Withdrawn { request } => self.judge.withdrawn(request),
            Event::Entered { request, token } => self.judge.entered(request, token),
            Event::Exited { request } | Event::Expired { request } => self.judge.exited(request),
        }
    }

    fn arm(&mut self, node: NodeId, timer: Timer, after_us: u64) {
        self.disarm(node, timer);
        let due_us = self.now_us.saturating_add(self.slot(node).by_own_clock(after_us));
        let ticket = self.queue.plan(due_us, Class::Timer, What::Timer(node));
        self.campaigns += u32::from(is_campaign(timer));
        let armed = ArmedTimer { timer, set_us: self.now_us, due_us, ticket };
        self.slot_mut(node).timers.push(armed);
    }

    pub(super) fn disarm(&mut self, node: NodeId, timer: Timer) {
        let timers = &mut self.slot_mut(node).timers;
        // Most armed timers are of other families, which is quick to see.
        let family = discriminant(&timer);
        let is_it =
            |armed: &ArmedTimer| discriminant(&armed.timer) == family && armed.timer == timer;
        if let Some(place) = timers.iter().position(is_it) {
            let armed = timers.swap_remove(place);
            self.queue.cancel(armed.ticket);
            self.campaigns -= u32::from(is_campaign(timer));
        }
    }

    fn crash_if_due(&mut self, node: NodeId, moment: Moment, recorder: &mut Recorder) {
        if self.slot(node).crash_at == Some(moment) {
            self.crash(node, recorder);
        }
    }
}
