//! The driver's turns: overdue timers first, then one event of a link.

use antes_core::Input;
use antes_sim::trace::Happening;
use tokio::sync::mpsc;

use super::{Driver, LinkEvent};
use crate::cluster::time::Moment;

/// How many turns the driver takes before the other tasks of its thread run, however much there is to do.
const TURNS: u32 = 128;

impl Driver {
    /// Takes turns until there is nothing to do, or other tasks should run. Returns whether there is more to
    /// do.
    pub(super) fn take_turns(
        &mut self,
        next: &mut Option<LinkEvent>,
        inbox: &mut mpsc::Receiver<LinkEvent>,
    ) -> bool {
        for _ in 0..TURNS {
            self.now = Moment::now();
            if self.paused {
                return false;
            }
            let fired = self.fire_overdue();
            let told = self.tell_unreachable();
            let arrival = next.take().or_else(|| inbox.try_recv().ok());
            let arrived = arrival.is_some();
            if let Some(arrival) = arrival {
                self.arrive(arrival);
            }
            if !(fired || told || arrived) {
                return false;
            }
        }
        true
    }

    /// Fires overdue timers, in the order of their deadlines. A timer that is set meanwhile with no duration
    /// waits for the next turn, so that it cannot delay messages for ever.
    pub(super) fn fire_overdue(&mut self) -> bool {
        self.notice_standstill();
        let latest = self.timers.latest();
        let mut fired = false;
        while let Some(timer) = self.timers.take_due(self.now, latest) {
            fired = true;
            self.counters.timeouts += 1;
            self.note_detail(|| Happening::Timeout { timer });
            self.feed(&Input::Timer(timer));
        }
        fired
    }

    /// Notes a pause since the earliest missed deadline, if the lateness is more than the protocols allow.
    /// The process was stopped or not scheduled. The judge of the trace must know that the node could not
    /// act.
    fn notice_standstill(&mut self) {
        let before = std::mem::replace(&mut self.awake, self.now);
        let Some(due) = self.timers.next() else { return };
        let since = due.max(before);
        if self.now.since(since) > self.lateness {
            self.recorder.note(since, self.me, &self.stamp, || Happening::Pause);
            self.note(|| Happening::Resume);
        }
    }

    /// Tells the protocols which peers are unreachable.
    fn tell_unreachable(&mut self) -> bool {
        if self.unreachable.is_empty() {
            return false;
        }
        let gone = std::mem::take(&mut self.unreachable);
        if self.closed_is_suspect {
            for peer in self.node.config().size.others(self.me.node) {
                if gone.contains(peer) {
                    self.feed(&Input::Disconnected { peer });
                }
            }
        }
        true
    }
}
