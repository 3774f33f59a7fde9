//! The driver's side of the core's contract: inputs in, effects carried out in order.

use std::time::Duration;

use antes_core::hardened::{Body, Fact, MutexMessage, Termed};
use antes_core::{Choice, Effect, Effects, Event, Input, Jump, Message, NodeId, is_near_the_end};
use antes_sim::scenario::duration::display;
use antes_sim::trace::{Content, Happening, Loss, MessageId, MessageRecord, Recipient};

use super::Driver;
use crate::cluster::outbox::Packet;

/// How long a message that nobody waits for may wait for one to leave with. It spares a sender of
/// many grants, and the one who is to read it, half of their work.
const LINGER: Duration = Duration::from_millis(5);

/// What is to be done where numbers end.
const NEW_CLUSTER: &str = "stop all nodes, and begin with new data folders";

/// How often a lease that is another one is told of.
const TOLD_AGAIN: Duration = Duration::from_secs(60);

/// Whether nobody waits for this message: it merely keeps its receiver, who repeats every
/// `retry` what has not been acknowledged, from repeating.
const fn may_linger(message: &Message) -> bool {
    matches!(
        message,
        Message::Hardened(Termed { body: Body::Mutex(MutexMessage::ReleaseAck { .. }), .. })
    )
}

impl Driver {
    /// Something happens to the node.
    pub(super) fn feed(&mut self, input: &Input) {
        let mut effects = std::mem::take(&mut self.effects);
        self.node.step(input, &mut effects);
        self.changed = true;
        self.finish_step(effects);
        self.forget_earlier_spans();
    }

    /// A coordinator grants nothing to a node that counts with another lease; whoever waits for it
    /// should know.
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
                "node {from} is granted nothing: --lease (LEASE) is {own} here and {theirs} there; \
                 expected the same in the whole cluster"
            );
        }
    }

    /// A recovery is over that has waited for what was granted under longer spans: the next one need
    /// not.
    fn forget_earlier_spans(&mut self) {
        if !self.store.minds_earlier_spans() {
            return;
        }
        let mutex = self.node.stack().hardened().and_then(|(_, mutex)| mutex);
        if mutex.is_some_and(|mutex| mutex.least_grace().is_zero()) {
            self.store.forget_earlier_spans();
        }
    }

    /// A message reaches the node.
    pub(super) fn receive(&mut self, from: NodeId, packet: &Packet) {
        let (stamp, message) = (packet.stamp(), packet.message);
        if let Some(jump) = self.node.jump(&stamp, &message) {
            return self.refuse_jump(from, packet, jump);
        }
        self.tell_of_other_lease(from, &message);
        let before = self.stamp.lamport;
        let mut effects = std::mem::take(&mut self.effects);
        self.stamp = self.node.step(&Input::Message { from, stamp, message }, &mut effects);
        self.counters.received += 1;
        self.changed = true;
        let id = MessageId::new(from, packet.number);
        let to = Recipient::Node(self.me.node);
        let happening = || {
            let message = MessageRecord { id, to, content: Content::Message(message) };
            Happening::Receive { message, sent: stamp.lamport, before }
        };
        self.note_message(&message, happening);
        self.finish_step(effects);
        self.forget_earlier_spans();
    }

    /// A message would move a count too far: the link that it came by ends, and the node moves as far as
    /// one message may.
    #[cold]
    fn refuse_jump(&mut self, from: NodeId, packet: &Packet, jump: Jump) {
        let (stamp, message) = (packet.stamp(), packet.message);
        let mut effects = std::mem::take(&mut self.effects);
        self.stamp = self.node.step(&Input::Message { from, stamp, message }, &mut effects);
        self.counters.discarded += 1;
        self.changed = true;
        self.finish_step(effects);
        let (now, clocks, term) = (self.now, self.stamp, self.node.stack().term());
        let counts = clocks.vector.counts().iter().copied();
        let counts = counts.chain([clocks.lamport.0, term.unwrap_or_default().0]);
        let at_the_end = counts.into_iter().any(is_near_the_end);
        let Some(peer) = self.peer(from) else { return };
        peer.end_receiving();
        if peer.told_of_jump.is_none_or(|told| now.since(told) >= TOLD_AGAIN) {
            peer.told_of_jump = Some(now);
            tracing::warn!(
                "the link from node {from} is ended: {} would move too much: {jump}",
                message.name()
            );
            if at_the_end {
                tracing::error!(
                    "a clock or the term is almost at its end, where it stands still; {NEW_CLUSTER}"
                );
            }
        }
    }

    /// Carries the effects out, then answers the draws among them, and so on until all is done.
    fn finish_step(&mut self, mut effects: Effects) {
        let mut told = 0;
        loop {
            self.cover(&effects);
            for effect in &effects {
                self.carry_out(effect);
            }
            effects.clear();
            let Some(&(choice, value)) = self.answers.get(told) else { break };
            told += 1;
            self.node.step(&Input::Drawn { choice, value }, &mut effects);
        }
        self.answers.clear();
        self.effects = effects;
    }

    /// Makes sure, before anybody hears of them, that the next life begins behind these events.
    fn cover(&mut self, effects: &Effects) {
        let most = u32::try_from(effects.len()).unwrap_or(u32::MAX);
        if self.store.cover(self.node.stamp(), self.sent.saturating_add(most)) {
            let seen = self.store.seen();
            self.credentials.change(|hello| hello.seen.lamport = seen);
        }
    }

    fn carry_out(&mut self, effect: &Effect) {
        if effect.ticks() {
            self.stamp.tick(self.me.node);
        }
        match *effect {
            Effect::Send { to, message } => self.send(to, message),
            Effect::Write(write) => self.write(write),
            Effect::SetTimer { timer, after } => self.timers.set(timer, self.now, after),
            Effect::CancelTimer { timer } => self.timers.cancel(timer),
            Effect::Draw { choice, low, high } => self.draw(choice, low, high),
            Effect::Save(stable) => {
                self.store.save(stable);
                self.counters.saves += 1;
                self.note_detail(|| Happening::Save(stable));
            }
            // A link has written it down before it was made.
            Effect::Remember(Fact::Met { .. }) => {}
            Effect::Remember(Fact::Known) => self.store.attest(),
            Effect::Emit(event) => self.tell(event),
        }
    }

    fn draw(&mut self, choice: Choice, low: u64, high: u64) {
        let value = self.random.between(low, high);
        self.answers.push((choice, value));
    }

    /// Sends a message whose tick has been made already.
    fn send(&mut self, to: NodeId, message: Message) {
        self.sent = self.sent.wrapping_add(1);
        self.counters.sent += 1;
        let packet = Packet::new(self.sent, &self.stamp, message);
        let record = self.record_of(to, &packet);
        self.note_message(&message, || Happening::Send(record));
        let Some(peer) = self.peers.get_mut(to.index()).and_then(Option::as_mut) else {
            // A message made it name a node that the cluster does not have.
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

    /// A message to `to` is lost on this side. The line carries its send's stamp.
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

    /// The messages of the clock's application are what that test is about; others are details.
    #[inline]
    fn note_message(&mut self, message: &Message, happening: impl FnOnce() -> Happening) {
        match message {
            Message::Call(_) => self.note(happening),
            Message::Election(_) | Message::Mutex(_) | Message::Hardened(_) => {
                self.note_detail(happening);
            }
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
                tracing::warn!("the lock is asked for in vain: {most} requests wait already");
            }
            Event::Exited { request, lease_over: true } => tracing::warn!(
                %request,
                "the lease has ended before the work: the node leaves the critical section"
            ),
            Event::Exited { .. } => {}
        }
        self.note(|| match event {
            Event::Local => Happening::Local,
            Event::ElectionStarted { election, cause } => Happening::Election { election, cause },
            Event::Leader { leader, term } => Happening::Leader { leader, term },
            Event::Requested { request } => Happening::Request { request },
            Event::Withdrawn { request } => Happening::Withdraw { request },
            Event::Entered { request, token } => Happening::Enter { request, token },
            Event::Refused => Happening::Refused,
            Event::Exited { request, lease_over } => Happening::Exit { request, lease_over },
        });
    }
}
