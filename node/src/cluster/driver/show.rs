//! Publishes snapshots of the node's state.

use std::sync::Arc;
use std::time::Duration;

use super::Driver;
use crate::cluster::status::{LinkStatus, ResourceLink, Status, TurnedAway, WhyDown};
use crate::cluster::time::Moment;

/// The greatest age of a snapshot while the node is busy. A snapshot per message would cost more
/// than the message.
const OLDEST: Duration = Duration::from_millis(5);

/// How often a snapshot is published while nothing changes. It shows that the driver is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

impl Driver {
    /// Publishes a snapshot, if there are readers and the last one is not recent.
    pub(super) fn show(&mut self) {
        if self.show_at().is_some_and(|due| due <= self.now) {
            self.shown = self.now;
            self.changed = false;
            self.status.send_replace(Some(Arc::new(self.snapshot())));
        }
    }

    /// When the next snapshot is due. `None` if there are no readers.
    pub(super) fn show_at(&self) -> Option<Moment> {
        let after = if self.changed { OLDEST } else { SIGN_OF_LIFE };
        (self.status.receiver_count() > 0).then(|| self.shown.after(after))
    }

    fn snapshot(&self) -> Status {
        let (config, stack) = (self.node.config(), self.node.stack());
        let links = config.size.others(self.me.node).filter_map(|peer| {
            let found = self.peers.get(peer.index())?.as_ref()?;
            Some(LinkStatus {
                peer,
                sends: found.outgoing.is_up(),
                receives: found.receives(),
                queued: u32::try_from(found.outgoing.queued()).unwrap_or(u32::MAX),
                lost: found.lost,
                cut: found.faults.cut,
                delay_us: u64::try_from(found.faults.delay.as_micros()).unwrap_or(u64::MAX),
                drop: found.faults.drop,
                down: found.down.as_ref().map(WhyDown::from),
                differs: found.differs.clone(),
            })
        });
        let resource = self.resource.as_ref().map(|resource| ResourceLink {
            reached: resource.is_up(),
            queued: u32::try_from(resource.queued()).unwrap_or(u32::MAX),
            lost: self.writes_lost,
            down: self.resource_down.as_ref().map(WhyDown::from),
        });
        let visitors = self.turned_away.current(self.now);
        let turned_away = visitors.map(|visitor| TurnedAway {
            who: visitor.who.to_string(),
            down: WhyDown::from(&visitor.down),
        });
        let mut counters = self.counters;
        counters.trace_gaps = self.recorder.gaps();
        Status {
            at: self.now,
            me: self.me,
            size: config.size,
            algorithm: config.algorithm,
            profile: config.profile,
            leader: self.node.leader(),
            candidacy: stack.candidacy(),
            term: stack.term(),
            lock: stack.lock(),
            stamp: self.stamp,
            paused: self.paused,
            no_part: self.no_part(),
            waits: self.waits(),
            links: links.collect(),
            turned_away: turned_away.collect(),
            resource,
            counters,
        }
    }
}
