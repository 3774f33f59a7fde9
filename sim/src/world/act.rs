//! Interventions of the script or of a user.

use alloc::format;

use antes_core::hardened::{Birth, Memory};
use antes_core::{Command, Identity, LamportTime, NodeId, Profile, Stable};

use crate::narrow::{Boot, Input, Stamp};

use super::{Process, Status, World, is_campaign};
use crate::network::{Tampered, name_of};
use crate::recorder::Recorder;
use crate::scenario::{Action, Forgery, Tampering, Which};
use crate::trace::{Happening, IgnoredBecause, Loss, MessageId, MessageRecord, Storage};

impl<P: Process> World<P> {
    pub(super) fn act(&mut self, action: &Action, recorder: &mut Recorder) {
        match action {
            Action::Note => {}
            Action::Crash(node) => match self.slot(*node).status {
                Status::Up | Status::Paused => self.crash(*node, recorder),
                Status::Crashed | Status::Stopped => self.ignore(*node, "to crash", recorder),
            },
            Action::Restart(node) => match self.slot(*node).status {
                Status::Crashed | Status::Stopped => self.restart(*node, Storage::Kept, recorder),
                Status::Up | Status::Paused => self.ignore(*node, "to restart", recorder),
            },
            Action::RestartWithoutStorage(node) => match self.slot(*node).status {
                Status::Crashed | Status::Stopped => self.restart(*node, Storage::Lost, recorder),
                Status::Up | Status::Paused => self.ignore(*node, "to restart", recorder),
            },
            Action::Pause(node) => match self.slot(*node).status {
                Status::Up => self.pause(*node, recorder),
                Status::Paused | Status::Crashed | Status::Stopped => {
                    self.ignore(*node, "to pause", recorder)
                }
            },
            Action::Resume(node) => match self.slot(*node).status {
                Status::Paused => self.resume(*node, recorder),
                Status::Up | Status::Crashed | Status::Stopped => {
                    self.ignore(*node, "to resume", recorder)
                }
            },
            Action::CrashAt { node, moment } => match self.slot(*node).status {
                Status::Up | Status::Paused => self.slot_mut(*node).crash_at = Some(*moment),
                Status::Crashed | Status::Stopped => self.ignore(*node, "to crash later", recorder),
            },
            Action::Command { node, command } => self.command(*node, *command, recorder),
            Action::Send { from, to, latency } => self.send_plain(*from, *to, *latency, recorder),
            Action::Partition(groups) => self.partition(groups, recorder),
            Action::Cut { from, to } => self.cut(*from, *to, recorder),
            Action::Heal => self.heal(recorder),
            Action::Forge(forgery) => self.forge(forgery, recorder),
            Action::Tamper { which, tampering } => self.tamper(which, *tampering, recorder),
        }
        self.report(recorder);
    }

    pub(super) fn crash(&mut self, node: NodeId, recorder: &mut Recorder) {
        self.line(node, Happening::Crash, recorder);
        self.end(node, Status::Crashed, recorder);
    }

    /// Stops a node that has prepared to stop, unless it crashed meanwhile.
    fn stop_if_up(&mut self, node: NodeId, recorder: &mut Recorder) {
        if self.slot(node).status == Status::Up {
            self.line(node, Happening::Stop, recorder);
            self.end(node, Status::Stopped, recorder);
        }
    }

    fn end(&mut self, node: NodeId, status: Status, recorder: &mut Recorder) {
        let slot = self.slot_mut(node);
        slot.status = status;
        slot.crash_at = None;
        slot.overdue.clear();
        let inbox = core::mem::take(&mut slot.inbox);
        let timers = core::mem::take(&mut slot.timers);
        let campaigns = timers.iter().filter(|armed| is_campaign(armed.timer)).count();
        self.campaigns -= u32::try_from(campaigns).unwrap_or(0);
        for armed in timers {
            self.queue.cancel(armed.ticket);
        }
        self.resource.close(node);
        self.judge.died(node);
        for flight in inbox {
            self.lose(&flight, Loss::Down, recorder);
        }
    }

    fn restart(&mut self, node: NodeId, storage: Storage, recorder: &mut Recorder) {
        let slot = self.slot(node);
        let me = Identity { node, incarnation: slot.me.incarnation.next() };
        // A crash and a restart follow each other in process order: the vector clock continues, and
        // the world counts lives. Lamport's clock continues only if it is kept in stable storage.
        let stamp = match (self.config.profile, storage) {
            (Profile::Hardened, Storage::Kept) => slot.stamp,
            (Profile::Classic, _) | (Profile::Hardened, Storage::Lost) => {
                Stamp { lamport: LamportTime::default(), ..slot.stamp }
            }
        };
        let (stable, memory) = match storage {
            Storage::Kept => (slot.stable, slot.memory.clone()),
            // No two lives have the same number, so no two births have.
            Storage::Lost => {
                let birth = Birth(u64::from(me.incarnation.get()));
                (Stable::default(), Memory::born(birth))
            }
        };
        let boot = Boot { stamp, stable, memory: memory.clone(), ..Boot::default() };
        let process = P::boot(me, &self.config, boot);
        let slot = self.slot_mut(node);
        (slot.me, slot.process, slot.stamp) = (me, process, stamp);
        (slot.stable, slot.memory) = (stable, memory);
        slot.status = Status::Up;
        self.judge.started(me);
        if storage == Storage::Lost && self.config.profile == Profile::Hardened {
            self.judge.reborn(node);
        }
        self.line(node, Happening::Restart { storage }, recorder);
        self.feed(node, &Input::Start, recorder);
    }

    fn pause(&mut self, node: NodeId, recorder: &mut Recorder) {
        self.slot_mut(node).status = Status::Paused;
        self.judge.paused(node);
        self.line(node, Happening::Pause, recorder);
    }

    /// Fires overdue timers in the order of their deadlines, before any message that has queued up.
    fn resume(&mut self, node: NodeId, recorder: &mut Recorder) {
        let slot = self.slot_mut(node);
        slot.status = Status::Up;
        let overdue = core::mem::take(&mut slot.overdue);
        let inbox = core::mem::take(&mut slot.inbox);
        self.line(node, Happening::Resume, recorder);
        for ticket in overdue {
            // An earlier timer may have cancelled this one, or crashed the node.
            if let Some(timer) = self.slot(node).timer_of(ticket) {
                self.fire(node, timer, recorder);
            }
        }
        if self.slot(node).status == Status::Up {
            // The node acts on its beliefs only from here on.
            self.judge.resumed(node);
        }
        for flight in inbox {
            self.network.land_again(&mut self.queue, self.now_us, flight);
        }
    }

    fn command(&mut self, node: NodeId, command: Command, recorder: &mut Recorder) {
        let wish = match command {
            Command::LocalEvent => "to have a local event",
            Command::Send { .. } => "to send",
            Command::Call { .. } => "to call",
            Command::Elect => "to hold an election",
            Command::Request { .. } => "to request the lock",
            Command::Withdraw { .. } => "to give up a request",
            Command::Release => "to release the lock",
            Command::Write => "to write",
            Command::Leave => "to leave",
        };
        if self.slot(node).status != Status::Up {
            self.ignore(node, wish, recorder);
            return;
        }
        let before = self.lines;
        self.feed(node, &Input::Command(command), recorder);
        if command == Command::Leave {
            self.stop_if_up(node, recorder);
        } else if self.lines == before {
            let because = match command {
                Command::Release | Command::Write => IgnoredBecause::NotHolding,
                Command::Withdraw { .. } => IgnoredBecause::NotWaiting,
                _ => IgnoredBecause::NothingToDo,
            };
            self.ignore_because(node, wish, because, recorder);
        }
    }

    fn send_plain(
        &mut self,
        from: NodeId,
        to: NodeId,
        latency: Option<core::time::Duration>,
        recorder: &mut Recorder,
    ) {
        self.network.set_next_latency(latency);
        self.command(from, Command::Send { to }, recorder);
        self.network.set_next_latency(None);
    }

    /// Sends a message that no node sent. No clock ticks.
    fn forge(&mut self, forgery: &Forgery, recorder: &mut Recorder) {
        let (to, content) = (forgery.recipient(), forgery.content(&self.config));
        let lamport = LamportTime(forgery.lamport);
        let stamp = Stamp { lamport, ..Stamp::default() };
        let link = (forgery.from, to);
        self.network.set_next_latency(forgery.latency);
        let sent = self.network.forge(&mut self.queue, self.now_us, link, &content, &stamp);
        self.network.set_next_latency(None);
        for copy in 0..=sent.copies {
            let message = MessageRecord { id: MessageId { copy, ..sent.id }, to, content };
            let happening = match copy {
                0 => Happening::Send(message),
                _ => Happening::Duplicate { message },
            };
            self.record_of_nobody(recorder, &stamp, || happening);
        }
    }

    fn partition(&mut self, groups: &[alloc::vec::Vec<NodeId>], recorder: &mut Recorder) {
        let group_of = |node: NodeId| groups.iter().position(|group| group.contains(&node));
        let size = self.size();
        for from in size.nodes() {
            for to in size.others(from) {
                if group_of(from).is_none() || group_of(from) != group_of(to) {
                    self.cut(from, to, recorder);
                }
            }
        }
    }

    fn cut(&mut self, from: NodeId, to: NodeId, recorder: &mut Recorder) {
        let Some(dead) = self.network.cut(&mut self.queue, from, to) else { return };
        self.line(from, Happening::Cut { to }, recorder);
        for flight in dead {
            self.lose(&flight, Loss::Cut, recorder);
        }
    }

    fn heal(&mut self, recorder: &mut Recorder) {
        let size = self.size();
        for from in size.nodes() {
            for to in size.others(from) {
                if self.network.mend(from, to) {
                    self.line(from, Happening::Heal { to }, recorder);
                }
            }
        }
    }

    fn tamper(&mut self, which: &Which, tampering: Tampering, recorder: &mut Recorder) {
        let now_us = self.now_us;
        match self.network.tamper(&mut self.queue, now_us, which, tampering) {
            Tampered::Dropped(flight) => self.lose(&flight, Loss::Dropped, recorder),
            Tampered::Copied(flight, copies) => {
                let me = Identity { node: flight.from(), incarnation: flight.incarnation };
                for copy in copies {
                    let id = MessageId { copy, ..flight.message.id };
                    let message = MessageRecord { id, ..flight.message };
                    let happening = || Happening::Duplicate { message };
                    if id.forged {
                        self.record_of_nobody(recorder, &flight.stamp, happening);
                    } else {
                        self.record(recorder, me, &flight.stamp, happening);
                    }
                }
            }
            Tampered::Moved | Tampered::Noted => {}
            Tampered::Missed(because) => {
                let from = match which {
                    Which::Id(id) => id.from,
                    Which::Nth { .. } => self.size().highest(),
                };
                let (name, told) = (name_of(which), because.told());
                let sentence = format!("Nothing is done to {name}: it {told}.");
                self.line(from, Happening::Ignored { sentence, because }, recorder);
            }
        }
    }

    fn ignore(&mut self, node: NodeId, wish: &str, recorder: &mut Recorder) {
        let because = match self.slot(node).status {
            Status::Up => IgnoredBecause::Up,
            Status::Paused => IgnoredBecause::Frozen,
            Status::Crashed | Status::Stopped => IgnoredBecause::Down,
        };
        self.ignore_because(node, wish, because, recorder);
    }

    fn ignore_because(
        &mut self,
        node: NodeId,
        wish: &str,
        because: IgnoredBecause,
        recorder: &mut Recorder,
    ) {
        let sentence = format!("Node {node} was told {wish}, but {}.", because.told());
        self.line(node, Happening::Ignored { sentence, because }, recorder);
    }
}
