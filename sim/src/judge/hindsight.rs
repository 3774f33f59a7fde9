//! Judges a trace that is finished, of the simulator or of a cluster: the judge's second feeder.
//!
//! The world tells the judge what happens while it happens; here the lines tell it. What a trace
//! does not say outright is concluded from it: when an election is over, and when a node that goes
//! on has caught up. For a trace of the simulator the outcome is the same as in the run.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use antes_core::{
    Algorithm, ClusterSize, ElectionMessage, ElectionTimer, Identity, Message, NodeId, NodeSet,
    Phase, Profile, Stamp, Timer,
};

use super::stamps::Stamps;
use super::{Judge, SEATS};
use crate::export::Source;
use crate::trace::{
    Content, Happening, Invariant, MessageId, MessageRecord, Recipient, Storage, TraceEvent,
    Violation,
};

/// What is known of the run that a trace is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// How many nodes there are.
    pub size: ClusterSize,
    /// What ran.
    pub algorithm: Algorithm,
    /// In which form.
    pub profile: Profile,
    /// Who wrote it.
    pub source: Source,
    /// Nodes of which the beginning is missing, or all that they did. The agreement of all is not
    /// judged then, and whom such a node follows is not known until it says so.
    pub headless: NodeSet,
    /// Nodes of which lines are missing: that one of their requests was never made is not claimed.
    pub patchy: NodeSet,
}

/// How long after its resumption a node of a cluster may take to catch up, in microseconds, if it
/// receives nothing: overdue timers fire back to back. In the simulator it takes no time.
const CATCHING_UP_US: u64 = 50_000;

/// What has been seen of one node.
#[derive(Clone, Copy, Debug, Default)]
struct Seat {
    life: Option<Identity>,
    up: bool,
    stamp: Stamp,
    /// The links from here that are cut.
    cuts: NodeSet,
}

/// The judge, and what it takes to tell it what the lines say.
#[derive(Clone, Debug)]
struct Hindsight {
    case: Case,
    judge: Judge,
    stamps: Stamps,
    seats: [Seat; SEATS],
    /// Messages between nodes that are on their way.
    flying: BTreeSet<MessageId>,
    /// Nodes with an election of their own that is not over.
    campaigns: NodeSet,
    /// The nodes that have gone on and still catch up, and since when.
    catching_up: Vec<(NodeId, u64)>,
    /// Those of which it is not known whom they follow.
    vague: NodeSet,
    /// Where and when the latest line was.
    latest: (Option<NodeId>, u64),
    judged: Vec<TraceEvent>,
}

/// The lines of a run, in order, with a line for each violation after the event that shows it.
/// Such lines that are there already are left out: they are judged anew. `seq` is made to fit.
pub fn judge(case: Case, trace: impl IntoIterator<Item = TraceEvent>) -> Vec<TraceEvent> {
    let mut hindsight = Hindsight {
        case,
        judge: Judge::default(),
        stamps: Stamps::new(case.source, usize::from(case.size.get()), case.headless),
        seats: [Seat::default(); SEATS],
        flying: BTreeSet::new(),
        campaigns: NodeSet::default(),
        catching_up: Vec::new(),
        vague: case.headless,
        latest: (None, 0),
        judged: Vec::new(),
    };
    for event in trace {
        if !matches!(event.happening, Happening::Violation(_)) {
            hindsight.see(event);
        }
    }
    hindsight.end_catching_up(|_, _| true);
    hindsight.judge_agreement();
    hindsight.judged
}

impl Hindsight {
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

    /// Notes which life of the node this is, and what its clocks read.
    fn know(&mut self, me: Identity, event: &TraceEvent) {
        let late = matches!(
            event.happening,
            Happening::Lost { .. } | Happening::Duplicate { .. } | Happening::Write { .. }
        );
        // Such a line carries the stamp of its send, perhaps of an earlier life.
        if late {
            return;
        }
        let seat = &mut self.seats[me.node.index()];
        seat.stamp = event.stamp;
        if seat.life.is_none_or(|life| life < me) {
            (seat.life, seat.up) = (Some(me), true);
            self.judge.started(me);
        }
    }

    /// Tells the judge what a line says.
    fn tell(&mut self, me: Identity, event: &TraceEvent) {
        let node = me.node;
        match &event.happening {
            Happening::Local => self.judge.ticked(node, event.stamp.lamport, None),
            Happening::Send(message) => {
                self.judge.ticked(node, event.stamp.lamport, None);
                self.take_off(message);
                self.tell_send(me, message);
            }
            Happening::Receive { message, sent, .. } => {
                self.judge.ticked(node, event.stamp.lamport, Some(*sent));
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
                // The highest one wins as soon as it asks.
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
                if *storage == Storage::Lost && self.case.profile == Profile::Hardened {
                    self.judge.reborn(node);
                }
            }
            Happening::Save(_)
            | Happening::Refused
            | Happening::Ignored { .. }
            | Happening::Violation(_) => {}
        }
    }

    /// What becomes of a message that no node sent.
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
            // A connection that is closed ends a cluster's election without a timer.
            Message::Election(ElectionMessage::Coordinator)
                if self.case.source == Source::Cluster =>
            {
                self.campaigns.remove(me.node);
            }
            Message::Call(_) | Message::Election(_) | Message::Mutex(_) | Message::Hardened(_) => {}
        }
        let Some((request, token)) = message.granted() else { return };
        if self.vague.contains(me.node) {
            return;
        }
        let known = self.seats[request.by.node.index()].life.unwrap_or(request.by);
        let current = if self.case.patchy.contains(request.by.node) {
            // The line of the request may be among those that are missing.
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

    /// Those that are `through` act from here on on what they believe.
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

    /// Whether what came before a line was a step for itself. Within a step a node may have done
    /// half of what it is about to do.
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
        let Case { algorithm, profile, headless, .. } = self.case;
        let judged = Invariant::OneLeader.concerns(algorithm, profile) && headless.is_empty();
        let still = self.flying.is_empty() && self.campaigns.is_empty();
        let whole = self.seats.iter().all(|seat| seat.cuts.is_empty());
        if judged && still && whole && self.catching_up.is_empty() {
            self.judge.quiet();
            self.report(self.latest.1);
        }
    }

    /// Adds lines for what the judge has found.
    fn report(&mut self, at_us: u64) {
        for violation in self.judge.take_found() {
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
            stamp: seat.stamp,
            happening: Happening::Violation(violation),
        }
    }
}

/// Whether a line shows that a node, which has gone on at `since_us`, is through with what it missed.
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
