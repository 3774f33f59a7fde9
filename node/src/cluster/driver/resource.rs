//! The shared resource, as the driver sees it. Writes leave and answers arrive; the core waits for neither.

use std::sync::Arc;

use antes_core::Write;
use antes_sim::trace::{Content, Happening, Loss, MessageId, MessageRecord, Recipient};
use tokio::sync::mpsc;

use super::{Driver, LinkEvent};
use crate::cluster::link::{Inbound, Link, Outbound};
use crate::cluster::outbox::{Leaves, Outbox, Packet};
use crate::resource::Answer;

impl Driver {
    /// Sends a write. The core has already ticked for it. If there is no resource, the trace shows a loss,
    /// since the tick would be missing otherwise.
    pub(super) fn write(&mut self, write: Write) {
        self.sent = self.sent.wrapping_add(1);
        let packet = Packet::new(self.sent, &self.stamp, write);
        let sent = self.resource.as_ref().map(|resource| resource.push(Leaves::Now, packet, false));
        self.counters.writes += u64::from(sent.is_some());
        let record = self.record_of_write(&packet);
        self.note_detail(|| Happening::Send(record));
        match sent {
            Some(Ok(())) => {}
            Some(Err(loss)) => {
                self.writes_lost += 1;
                self.lose_write(&packet, loss);
            }
            None => self.lose_write(&packet, Loss::Down),
        }
    }

    pub(super) fn resource_reached(&mut self, link: Link) {
        let link_events = self.link_events.clone();
        self.note_seen(Recipient::Resource, link.seen());
        let Some(resource) = &mut self.resource else { return };
        self.resource_down = None;
        let (inbound, outbound) = match link.open() {
            Ok(halves) => halves,
            Err(error) => {
                tracing::warn!("the link to the resource cannot be used: {error}");
                return self.resource_not_reached();
            }
        };
        resource.up(|link, outbox| {
            tokio::spawn(async move {
                speak(outbox, inbound, outbound, &link_events).await;
                // If the node has ended, nobody receives this.
                let _ = link_events.send(LinkEvent::Ended { to: Recipient::Resource, link }).await;
            })
        });
        tracing::debug!("the resource is reached");
    }

    /// Notes that the resource cannot be reached. Waiting writes are lost, as they would arrive too late.
    pub(super) fn resource_not_reached(&mut self) {
        let lost = self.resource.as_mut().and_then(|resource| resource.down(|_| false));
        let lost = lost.unwrap_or_default();
        for packet in lost {
            self.writes_lost += 1;
            self.lose_write(&packet, Loss::Down);
        }
    }

    pub(super) fn resource_ended(&mut self, link: u32) {
        if self.resource.as_mut().is_some_and(|resource| resource.ended(link)) {
            tracing::debug!("the link to the resource has ended");
            self.resource_not_reached();
        }
    }

    /// Notes the answer to a write. The trace line carries the stamp of the write's send.
    pub(super) fn answered(&mut self, answer: &Answer) {
        let Answer { packet, accepted, overlaps } = answer;
        let id = MessageId::new(self.me.node, packet.number);
        let (write, accepted) = (packet.message, *accepted);
        self.counters.refused += u64::from(!accepted);
        self.recorder.note(self.now, self.me, &packet.stamp(), || Happening::Write {
            id,
            write,
            accepted,
            overlaps: overlaps.clone(),
            heard: true,
        });
    }

    fn lose_write(&mut self, packet: &Packet<Write>, loss: Loss) {
        let message = self.record_of_write(packet);
        let (me, stamp) = (self.me, packet.stamp());
        self.recorder.note_detail(self.now, me, &stamp, || Happening::Lost { message, loss });
    }

    fn record_of_write(&self, packet: &Packet<Write>) -> MessageRecord {
        let id = MessageId::new(self.me.node, packet.number);
        MessageRecord { id, to: Recipient::Resource, content: Content::Write(packet.message) }
    }
}

/// Writes the outbox and hands over the answers, until the link ends.
async fn speak(
    outbox: Arc<Outbox<Packet<Write>>>,
    inbound: Inbound,
    outbound: Outbound,
    to: &mpsc::Sender<LinkEvent>,
) {
    let mut answers = std::pin::pin!(hear(inbound, to));
    tokio::select! {
        // The node is stopping and all is written. Only the answers are missing.
        Ok(()) = outbox.write_to(outbound) => answers.await,
        () = &mut answers => {}
        else => {}
    }
}

async fn hear(mut inbound: Inbound, to: &mpsc::Sender<LinkEvent>) {
    let mut answers = Vec::new();
    loop {
        let received = inbound.receive(&mut answers).await;
        for answer in answers.drain(..) {
            if to.send(LinkEvent::Answered(answer)).await.is_err() {
                return;
            }
        }
        if let Err(error) = received {
            return tracing::debug!("the link from the resource has ended: {error}");
        }
    }
}
