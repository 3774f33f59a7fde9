//! Feeds inputs to the core, and carries out its effects in order.

use std::time::Duration;

use antes_core::hardened::{Body, Fact, MutexMessage, Termed};
use antes_core::{Agenda, Effect, Event, Input, Jump, Message, NodeId, Traffic, is_near_the_end};
use antes_sim::scenario::duration::display;
use antes_sim::trace::{Content, Happening, Loss, MessageId, MessageRecord, Recipient};

use super::Driver;
use crate::cluster::outbox::Packet;

/// How long a message that nobody waits for may wait for another message to leave with it. With many grants
/// this halves the work of sender and receiver.
const LINGER: Duration = Duration::from_millis(5);

/// The advice when a count has reached its end.
const NEW_CLUSTER: &str = "stop all nodes, and begin with new data folders";

/// The interval between two log lines about a peer with another lease.
const TOLD_AGAIN: Duration = Duration::from_secs(60);

/// Whether nobody waits for this message. It only keeps its receiver from repeating an unacknowledged
/// message, which happens every `retry`.
const fn may_linger(message: &Message) -> bool {
    matches!(
        message,
        Message::Hardened(Termed { body: Body::Mutex(MutexMessage::ReleaseAck { .. }), .. })
    )
}

impl Driver {
    /// Gives an input to the core.
    pub(super) fn feed(&mut self, input: &Input) {
        let mut agenda = std::mem::take(&mut self.agenda);
        agenda.begin(|out| self.node.step(input, out));
        self.changed = true;
        self.finish_step(agenda);
        self.forget_earlier_spans();
    }

    /// Logs that a peer has another lease than this node. The coordinator grants nothing to such a peer, so
    /// applications may wait for ever.
    fn tell_of_other_lease(&mut self, from: NodeId, message: &Message) {
        let Message::Hardened(Termed {
            body:
                Body::Mutex(
                    MutexMessage::Request { lease_us, .. } | MutexMessage::Report { lease_us, .. },
                ),
            ..
        }) = *message
        else {
            return;
        };
        let (own, theirs) = (self.node.config().hardened.lease, Duration::from_micros(lease_us));
        if own == theirs || self.node.leader() != Some(self.me.node) {
            return;
        }
        let now = self.now;
        let Some(peer) = self.peer(from) else { return };
        if peer.told_of_lease.is_none_or(|told| now.since(told) >= TOLD_AGAIN) {
            peer.told_of_lease = Some(now);
            let (own, theirs) = (display(own), display(theirs));
            tracing::warn!(
                "node {from} gets no grants: --lease (LEASE) is {own} here and {theirs} there; \
                 expected the same in the whole cluster"
            );
        }
    }

    /// Ends the memory of longer spans when a recovery has waited for all grants with them. The next recovery
    /// need not wait for them.
    fn forget_earlier_spans(&mut self) {
        if !self.store.minds_earlier_spans() {
            return;
        }
        let mutex = self.node.stack().hardened().and_then(|(_, mutex)| mutex);
        if mutex.is_some_and(|mutex| mutex.least_grace().is_zero()) {
            self.store.forget_earlier_spans();
        }
    }

    /// Gives a message to the core.
    pub(super) fn receive(&mut self, from: NodeId, packet: &Packet) {
        let (stamp, message) = (packet.stamp(), packet.message);
        if let Some(jump) = self.node.jump(&stamp, &message) {
            return self.refuse_jump(from, packet, jump);
        }
        self.tell_of_other_lease(from, &message);
        let before = self.stamp.lamport;
        let mut agenda = std::mem::take(&mut self.agenda);
        let input = Input::Message { from, stamp, message };
        self.stamp = agenda.begin(|out| self.node.step(&input, out));
        self.counters.received += 1;
        self.changed = true;
        let id = MessageId::new(from, packet.number);
        let to = Recipient::Node(self.me.node);
        let happening = || {
            let message = MessageRecord { id, to, content: Content::Message(message) };
            Happening::Receive { message, sent: stamp.lamport, before }
        };
        self.note_message(&message, happening);
        self.finish_step(agenda);
        self.forget_earlier_spans();
    }

    /// Refuses a message that would advance a count too far. The link that brought it ends, and the node's
    /// counts advance as far as one message may advance them.
    #[cold]
    fn refuse_jump(&mut self, from: NodeId, packet: &Packet, jump: Jump) {
        let (stamp, message) = (packet.stamp(), packet.message);
        let mut agenda = std::mem::take(&mut self.agenda);
        let input = Input::Message { from, stamp, message };
        self.stamp = agenda.begin(|out| self.node.step(&input, out));
        self.counters.discarded += 1;
        self.changed = true;
        self.finish_step(agenda);
        let (now, clocks, term) = (self.now, self.stamp, self.node.stack().term());
        let counts = clocks.vector.counts().iter().copied();
        let counts = counts.chain([clocks.lamport.0, term.unwrap_or_default().0]);
        let at_the_end = counts.into_iter().any(is_near_the_end);
        let Some(peer) = self.peer(from) else { return };
        peer.end_receiving();
        if peer.told_of_jump.is_none_or(|told| now.since(told) >= TOLD_AGAIN) {
            peer.told_of_jump = Some(now);
            tracing::warn!(
                "the link from node {from} is closed: its {} would advance a count too far: {jump}",
                message.name()
            );
            if at_the_end {
                tracing::error!(
                    "a clock or the term has almost reached its largest value; {NEW_CLUSTER}"
                );
            }
        }
    }

    /// Carries out the effects, and those that the answers to draws cause.
    fn finish_step(&mut self, mut agenda: Agenda) {
        self.ensure_reserved(agenda.left());
        loop {
            let effect = agenda.next(
                (self.me.node, &mut self.stamp),
                |input, out| self.node.step(input, out),
                |low, high| self.random.between(low, high),
            );
            let Some(&effect) = effect else { break };
            self.ensure_reserved(agenda.left() + 1);
            self.carry_out(effect);
        }
        self.agenda = agenda;
    }

    /// Ensures that the next life begins after these events, before anybody sees them.
    fn ensure_reserved(&mut self, effects: usize) {
        let most = u32::try_from(effects).unwrap_or(u32::MAX);
        if self.store.ensure_reserved(self.node.stamp(), self.sent.saturating_add(most)) {
            let seen = self.store.seen();
            self.credentials.change(|hello| hello.seen.lamport = seen);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Send { to, message } => self.send(to, message),
            Effect::Write(write) => self.write(write),
            Effect::SetTimer { timer, after } => self.timers.set(timer, self.now, after),
            Effect::CancelTimer { timer } => self.timers.cancel(timer),
            // The agenda answers it.
            Effect::Draw { .. } => {}
            Effect::Save(stable) => {
                self.store.save(stable);
                self.counters.saves += 1;
                self.note_detail(|| Happening::Save(stable));
            }
            // It was written down before the link was made.
            Effect::Remember(Fact::Met { .. }) => {}
            Effect::Remember(Fact::Known) => self.store.attest(),
            Effect::Emit(event) => self.tell(event),
        }
    }

    /// Sends a message. The core has already ticked for it.
    fn send(&mut self, to: NodeId, message: Message) {
        self.sent = self.sent.wrapping_add(1);
        self.counters.sent += 1;
        let packet = Packet::new(self.sent, &self.stamp, message);
        let record = self.record_of(to, &packet);
        self.note_message(&message, || Happening::Send(record));
        let Some(peer) = self.peers.get_mut(to.index()).and_then(Option::as_mut) else {
            // A message made the core name a node that the cluster does not have.
            return;
        };
        let linger =
            may_linger(&message).then(|| LINGER.min(self.node.config().hardened.retry / 4));
        let Err(loss) = peer.send(self.now, packet, linger) else { return };
        if loss == Loss::Down {
            self.unreachable.insert(to);
        }
        self.lose(to, &packet, loss);
    }

    /// Notes that a message to `to` is lost at this node. The trace line carries the stamp of its send.
    pub(super) fn lose(&mut self, to: NodeId, packet: &Packet, loss: Loss) {
        self.counters.lost += 1;
        if let Some(peer) = self.peers.get_mut(to.index()).and_then(Option::as_mut) {
            peer.lost += 1;
        }
        let message = self.record_of(to, packet);
        let (me, stamp) = (self.me, packet.stamp());
        self.recorder.note_detail(self.now, me, &stamp, || Happening::Lost { message, loss });
    }

    fn record_of(&self, to: NodeId, packet: &Packet) -> MessageRecord {
        let id = MessageId::new(self.me.node, packet.number);
        MessageRecord { id, to: Recipient::Node(to), content: Content::Message(packet.message) }
    }

    /// Notes the line of a message: always if the clock's application sent it, otherwise only if details are
    /// traced.
    #[inline]
    fn note_message(&mut self, message: &Message, happening: impl FnOnce() -> Happening) {
        match message.traffic() {
            Traffic::Clock => self.note(happening),
            Traffic::Election | Traffic::Heartbeat | Traffic::Mutex => self.note_detail(happening),
        }
    }

    fn tell(&mut self, event: Event) {
        match event {
            Event::Local => {}
            Event::ElectionStarted { .. } => self.counters.elections += 1,
            Event::Leader { .. } => self.counters.leader_changes += 1,
            Event::Requested { request } => {
                self.counters.requests += 1;
                if let Some(summary) = &mut self.summary {
                    summary.requested(request, self.now);
                }
            }
            Event::Withdrawn { request } => {
                if let Some(summary) = &mut self.summary {
                    summary.withdrawn(request);
                }
            }
            Event::Entered { request, .. } => {
                self.counters.entries += 1;
                if let Some(summary) = &mut self.summary {
                    summary.entered(request, self.now);
                }
            }
            Event::Refused => {
                let most = antes_core::MAX_OUTSTANDING;
                tracing::warn!(
                    "a request for the lock is refused: {most} requests are open already"
                );
            }
            Event::Expired { request } => tracing::warn!(
                %request,
                "the lease has ended before the work: the node leaves the critical section; expected a \
                 longer --lease (LEASE) or a shorter --hold (HOLD)"
            ),
            Event::Exited { .. } => {}
        }
        self.note(|| event.into());
    }
}
