//! Judges a finished trace of the simulator or of a real cluster.
//!
//! During a simulation the world reports events to the judge; here the lines of the trace do. Facts
//! that a trace does not contain are inferred: when an election is over, and when a resumed node
//! has caught up. For a trace of the simulator, the result is the same as during the run.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use antes_core::{
    ClusterSize, ElectionMessage, ElectionTimer, Identity, Message, NodeId, NodeSet, Phase,
    Profile, Setting, Stamp, Timer,
};

use super::stamps::Stamps;
use super::{Judge, SEATS};
use crate::export::Source;
use crate::trace::{
    Content, Happening, Invariant, LineStamp, MessageId, MessageRecord, Recipient, Storage,
    TraceEvent, Violation,
};

/// What is known about the run of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    pub size: ClusterSize,
    pub setting: Setting,
    /// The program that wrote the trace.
    pub source: Source,
    /// Nodes whose first lines, or all lines, are missing. If there are any, the agreement on a
    /// leader is not checked. The leader of such a node is unknown until a line tells it.
    pub headless: NodeSet,
    /// Nodes with missing lines. A grant to such a node is not reported as a grant of a request
    /// that was never made.
    pub patchy: NodeSet,
}

/// How long a resumed node of a real cluster may take to catch up if it receives no message, in
/// microseconds. Its overdue timers fire one right after the other. In the simulator catching up
/// takes no time.
const CATCHING_UP_US: u64 = 50_000;

/// The state of one node according to the lines so far.
#[derive(Clone, Copy, Debug, Default)]
struct NodeState {
    life: Option<Identity>,
    up: bool,
    stamp: Stamp,
    /// The links from this node that are cut, by receiver.
    cuts: NodeSet,
}

/// The judge, and the facts that are inferred from the lines.
#[derive(Clone, Debug)]
struct TraceChecker {
    case: Case,
    judge: Judge,
    stamps: Stamps,
    seats: [NodeState; SEATS],
    /// Messages between nodes that are in flight.
    flying: BTreeSet<MessageId>,
    /// Nodes with an own election that is not over.
    campaigns: NodeSet,
    /// Resumed nodes that are still catching up, and when they resumed, in microseconds.
    catching_up: Vec<(NodeId, u64)>,
    /// Nodes whose leader is unknown.
    vague: NodeSet,
    /// The node and the instant of the latest line.
    latest: (Option<NodeId>, u64),
    judged: Vec<TraceEvent>,
}

/// The lines of a run in order, with a line for each violation after the event that shows it.
/// Violations in `trace` are removed and judged again. `seq` is renumbered.
pub fn judge(case: Case, trace: impl IntoIterator<Item = TraceEvent>) -> Vec<TraceEvent> {
    let mut trace_checker = TraceChecker {
        case,
        judge: Judge::default(),
        stamps: Stamps::new(case.source, usize::from(case.size.get()), case.headless),
        seats: [NodeState::default(); SEATS],
        flying: BTreeSet::new(),
        campaigns: NodeSet::default(),
        catching_up: Vec::new(),
        vague: case.headless,
        latest: (None, 0),
        judged: Vec::new(),
    };
    for event in trace {
        if !matches!(event.happening, Happening::Violation(_)) {
            trace_checker.see(event);
        }
    }
    trace_checker.end_catching_up(|_, _| true);
    trace_checker.judge_agreement();
    trace_checker.judged
}

impl TraceChecker {
    fn see(&mut self, mut event: TraceEvent) {
        if !self.catching_up.is_empty() {
            let source = self.case.source;
            self.end_catching_up(|node, since_us| has_caught_up(source, node, since_us, &event));
        }
        if self.begins_a_step(&event) {
            self.judge_agreement();
        }
        self.latest = (event.node, event.at_us);
        if let Some(node) = event.node {
            self.know(Identity { node, incarnation: event.incarnation }, &event);
        }
        event.seq = self.judged.len() as u64;
        self.judged.push(event.clone());
        if event.node.is_none() {
            self.tell_of_nobody(&event);
        }
        if let Some(node) = event.node {
            self.tell(Identity { node, incarnation: event.incarnation }, &event);
            if let Some(sentence) = self.stamps.check(&event) {
                self.judge.find(Invariant::ClockCondition, [node], sentence);
            }
        }
        self.report(event.at_us);
    }

    /// Records the life and the stamp of the node.
    fn know(&mut self, me: Identity, event: &TraceEvent) {
        let late = matches!(
            event.happening,
            Happening::Lost { .. } | Happening::Duplicate { .. } | Happening::Write { .. }
        );
        // Such a line carries the stamp of the send, which may be of an earlier life.
        if late {
            return;
        }
        let seat = &mut self.seats[me.node.index()];
        seat.stamp = event.stamp.wide();
        if seat.life.is_none_or(|life| life < me) {
            (seat.life, seat.up) = (Some(me), true);
            self.judge.started(me);
        }
    }

    /// Reports a line to the judge.
    fn tell(&mut self, me: Identity, event: &TraceEvent) {
        let node = me.node;
        match &event.happening {
            Happening::Local => self.judge.ticked(node, event.stamp.lamport(), None),
            Happening::Send(message) => {
                self.judge.ticked(node, event.stamp.lamport(), None);
                self.take_off(message);
                self.tell_send(me, message);
            }
            Happening::Receive { message, sent, .. } => {
                self.judge.ticked(node, event.stamp.lamport(), Some(*sent));
                self.flying.remove(&message.id);
                self.tell_receipt(node, message);
            }
            Happening::Lost { message, .. } => {
                self.flying.remove(&message.id);
            }
            Happening::Duplicate { message } => self.take_off(message),
            Happening::Timeout { timer } => {
                if *timer == Timer::Election(ElectionTimer::Answers) {
                    self.campaigns.remove(node);
                }
            }
            Happening::Crash | Happening::Stop => self.die(node),
            Happening::Pause => self.judge.paused(node),
            Happening::Resume => self.catching_up.push((node, event.at_us)),
            Happening::Election { .. } => {
                // The node with the highest id wins at once.
                if node != self.case.size.highest() {
                    self.campaigns.insert(node);
                }
            }
            Happening::Leader { leader, term } => {
                if leader.is_some() {
                    self.campaigns.remove(node);
                }
                self.vague.remove(node);
                self.judge.follows(me, *leader, *term);
            }
            Happening::Request { request } => self.judge.requested(*request),
            Happening::Enter { request, token } => self.judge.entered(*request, *token),
            Happening::Exit { request, .. } => self.judge.exited(*request),
            Happening::Write { write, accepted, overlaps, heard, .. } => {
                let open: Vec<_> =
                    overlaps.iter().copied().filter(|section| self.lives(section.by)).collect();
                let begins = write.phase == Phase::Entry && *accepted;
                if begins && !open.is_empty() && self.lives(write.request.by) {
                    self.judge.overlapped(write.request, &open);
                }
                if *accepted && !heard {
                    self.judge.accepted(*write);
                }
            }
            Happening::Cut { to } => self.seats[node.index()].cuts.insert(*to),
            Happening::Heal { to } => {
                self.seats[node.index()].cuts.remove(*to);
            }
            Happening::Withdraw { request } => self.judge.withdrawn(*request),
            Happening::Restart { storage } => {
                self.vague.remove(node);
                if *storage == Storage::Lost && self.case.setting.profile == Profile::Hardened {
                    self.judge.reborn(node);
                }
            }
            Happening::Save(_)
            | Happening::Refused
            | Happening::Ignored { .. }
            | Happening::Violation(_) => {}
        }
    }

    /// Follows the end of a message that no node sent.
    fn tell_of_nobody(&mut self, event: &TraceEvent) {
        match &event.happening {
            Happening::Send(message) | Happening::Duplicate { message } => {
                self.stamps.sent_by_nobody(event, message);
                self.take_off(message);
            }
            Happening::Lost { message, .. } => {
                self.flying.remove(&message.id);
            }
            _ => {}
        }
    }

    fn take_off(&mut self, message: &MessageRecord) {
        if message.to != Recipient::Resource {
            self.flying.insert(message.id);
        }
    }

    fn tell_send(&mut self, me: Identity, record: &MessageRecord) {
        let Content::Message(message) = &record.content else { return };
        match message {
            Message::Election(ElectionMessage::Election { .. }) => self.campaigns.insert(me.node),
            // In a real cluster, a closed connection can end an election without a timer.
            Message::Election(ElectionMessage::Coordinator)
                if self.case.source == Source::Cluster =>
            {
                self.campaigns.remove(me.node);
            }
            Message::Call(_)
            | Message::Election(_)
            | Message::Mutex(_)
            | Message::Hardened(_)
            | Message::Distributed(_) => {}
        }
        if let Some((request, stamp)) = message.asked() {
            self.judge.asked(request, stamp);
        }
        let Some((request, token)) = message.granted() else { return };
        if self.vague.contains(me.node) {
            return;
        }
        let known = self.seats[request.by.node.index()].life.unwrap_or(request.by);
        let current = if self.case.patchy.contains(request.by.node) {
            // The line of the request may be missing.
            Identity { incarnation: request.by.incarnation.next(), ..known }
        } else {
            known
        };
        self.judge.granted(me.node, request, token, current);
    }

    fn tell_receipt(&mut self, node: NodeId, record: &MessageRecord) {
        let Content::Message(Message::Election(message)) = &record.content else { return };
        if *message == ElectionMessage::Coordinator && record.id.from > node {
            self.campaigns.remove(node);
        }
    }

    fn die(&mut self, node: NodeId) {
        self.seats[node.index()].up = false;
        self.campaigns.remove(node);
        self.catching_up.retain(|&(other, _)| other != node);
        self.judge.died(node);
    }

    fn lives(&self, me: Identity) -> bool {
        let seat = &self.seats[me.node.index()];
        seat.up && seat.life == Some(me)
    }

    /// Reports the nodes for which `through` is true as having caught up.
    fn end_catching_up(&mut self, through: impl Fn(NodeId, u64) -> bool) {
        let nodes = core::mem::take(&mut self.catching_up).into_iter();
        let (done, rest) = nodes.partition(|&(node, since_us)| through(node, since_us));
        self.catching_up = rest;
        let done: Vec<(NodeId, u64)> = done;
        for (node, _) in done {
            self.judge.resumed(node);
            self.report(self.latest.1);
        }
    }

    /// Whether the lines before this one form complete steps. Within a step, a node may have
    /// carried out only some of its effects.
    fn begins_a_step(&self, event: &TraceEvent) -> bool {
        let alone = matches!(
            event.happening,
            Happening::Receive { .. }
                | Happening::Lost { .. }
                | Happening::Timeout { .. }
                | Happening::Restart { .. }
                | Happening::Pause
                | Happening::Resume
                | Happening::Write { .. }
                | Happening::Cut { .. }
                | Happening::Heal { .. }
                | Happening::Ignored { .. }
        );
        alone || (event.node, event.at_us) != self.latest
    }

    fn judge_agreement(&mut self) {
        let Case { setting, headless, .. } = self.case;
        let judged = Invariant::OneLeader.concerns(setting) && headless.is_empty();
        let still = self.flying.is_empty() && self.campaigns.is_empty();
        let whole = self.seats.iter().all(|seat| seat.cuts.is_empty());
        if judged && still && whole && self.catching_up.is_empty() {
            self.judge.quiet();
            self.report(self.latest.1);
        }
    }

    /// Adds lines for the violations that the judge has found. Invariants of another setting than the header's
    /// do not apply, whatever the lines contain.
    fn report(&mut self, at_us: u64) {
        let setting = self.case.setting;
        let found = self.judge.take_found();
        for violation in found.into_iter().filter(|found| found.invariant.concerns(setting)) {
            let line = self.line_of(at_us, violation);
            self.judged.push(line);
        }
    }

    fn line_of(&self, at_us: u64, violation: Violation) -> TraceEvent {
        let node = violation.nodes.first().copied();
        let seat = node.map(|node| self.seats[node.index()]).unwrap_or_default();
        TraceEvent {
            seq: self.judged.len() as u64,
            at_us,
            node,
            incarnation: seat.life.map_or(antes_core::Incarnation::FIRST, |life| life.incarnation),
            stamp: LineStamp::from(&seat.stamp),
            happening: Happening::Violation(violation),
        }
    }
}

/// Whether a line shows that a node, which resumed at `since_us`, has handled everything that it
/// missed.
fn has_caught_up(source: Source, node: NodeId, since_us: u64, event: &TraceEvent) -> bool {
    let (takes_us, alone) = match source {
        Source::Sim => (0, true),
        Source::Cluster => (CATCHING_UP_US, false),
    };
    if event.at_us > since_us.saturating_add(takes_us) {
        return true;
    }
    if event.node != Some(node) {
        return alone;
    }
    match event.happening {
        Happening::Timeout { .. }
        | Happening::Local
        | Happening::Send(_)
        | Happening::Duplicate { .. }
        | Happening::Save(_)
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Request { .. }
        | Happening::Refused
        | Happening::Withdraw { .. }
        | Happening::Enter { .. }
        | Happening::Exit { .. }
        | Happening::Crash
        | Happening::Stop
        | Happening::Violation(_) => false,
        Happening::Lost { .. } | Happening::Write { .. } => false,
        Happening::Receive { .. }
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. } => true,
    }
}
