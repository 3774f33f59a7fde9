//! Orders from outside: commands, and deliberate faults.

use antes_core::{Command, Input, NodeId};
use antes_sim::trace::{Happening, Loss};

use super::Driver;
use super::peers::Faults;
use crate::Failure;
use crate::cluster::order::{Declined, Order, Wish};
use crate::cluster::time::Moment;

impl Driver {
    /// Carries out an order. Returns whether the node must crash.
    ///
    /// # Errors
    ///
    /// Stable storage cannot be written, so the node must not continue.
    pub(super) fn obey(&mut self, order: Order) -> Result<bool, Failure> {
        let Order { wish, answer } = order;
        self.now = Moment::now();
        self.changed = true;
        let outcome = match wish {
            Wish::Command(_) if self.is_new() => Err(Declined::TakesNoPart),
            Wish::Command(_) if self.paused => Err(Declined::Paused),
            Wish::Command(command) => self.command(command),
            Wish::Pause if self.paused => Err(Declined::Paused),
            Wish::Pause => {
                self.paused = true;
                self.note(|| Happening::Pause);
                Ok(())
            }
            Wish::Resume if !self.paused => Err(Declined::NotPaused),
            Wish::Resume => {
                self.resume();
                Ok(())
            }
            Wish::Crash => Ok(()),
            Wish::Cut { to } => self.cut(to),
            Wish::Delay { to, by } => self.fault(to, |faults| faults.delay = by),
            Wish::Drop { to, count } => self.fault(to, |faults| faults.drop = count),
            Wish::Heal => {
                self.heal();
                Ok(())
            }
        };
        // The effects must survive a crash before they are confirmed.
        self.commit()?;
        // The receiver of the answer may be gone.
        let _ = answer.send(outcome);
        Ok(wish == Wish::Crash)
    }

    /// Resumes. Queued messages are handled in the next turns, after overdue timers.
    pub(super) fn resume(&mut self) {
        self.paused = false;
        self.awake = self.now;
        self.note(|| Happening::Resume);
    }

    fn command(&mut self, command: Command) -> Result<(), Declined> {
        let size = self.node.config().size;
        if let Command::Send { to } | Command::Call { to } = command
            && (to == self.me.node || !size.contains(to))
        {
            return Err(Declined::NoSuchLink);
        }
        // Overdue timers come before queued messages.
        self.fire_overdue();
        let before = (self.stamp, self.counters);
        self.feed(&Input::Command(command));
        let nothing = before == (self.stamp, self.counters);
        if nothing { Err(Declined::Nothing) } else { Ok(()) }
    }

    fn fault(&mut self, to: NodeId, make: impl FnOnce(&mut Faults)) -> Result<(), Declined> {
        let peer = self.peer(to).ok_or(Declined::NoSuchLink)?;
        make(&mut peer.faults);
        Ok(())
    }

    /// Cuts a link. Messages that wait for it are lost, like messages in flight.
    fn cut(&mut self, to: NodeId) -> Result<(), Declined> {
        let peer = self.peer(to).ok_or(Declined::NoSuchLink)?;
        if peer.faults.cut {
            return Ok(());
        }
        peer.faults.cut = true;
        let lost = peer.outgoing.take_queued();
        self.note(|| Happening::Cut { to });
        for packet in lost {
            self.lose(to, &packet, Loss::Cut);
        }
        Ok(())
    }

    fn heal(&mut self) {
        for to in self.node.config().size.others(self.me.node) {
            let Some(peer) = self.peer(to) else { continue };
            let before = std::mem::take(&mut peer.faults);
            if before.cut {
                self.note(|| Happening::Heal { to });
            }
        }
    }
}
