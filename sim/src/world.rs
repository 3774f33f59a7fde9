//! The world: nodes, network, resource and judge. It advances by one event at a time.

mod act;
mod carry_out;
mod slot;

use alloc::sync::Arc;
use alloc::vec::Vec;

use antes_core::{
    Boot, ClusterSize, Config, Effects, ElectionTimer, Identity, Incarnation, Input, LamportTime,
    Node, NodeId, Profile, RequestId, Stable, Stamp, Term, Timer,
};

use crate::judge::Judge;
use crate::network::{Flight, Network};
use crate::queue::{Entry, Queue, What};
use crate::random::Random;
use crate::recorder::Recorder;
use crate::resource::Resource;
use crate::scenario::duration::micros_of;
use crate::scenario::{Scenario, Start, Step};
use crate::trace::{
    Content, Happening, Invariant, Loss, MessageId, MessageRecord, Recipient, TraceEvent,
};

use carry_out::Answer;
pub use slot::{ArmedTimer, Slot, Status};

/// A process of the world: [`Node`], or another one with the same inputs and effects.
pub trait Process: Clone {
    /// A process that has not started.
    fn boot(me: Identity, config: &Arc<Config>, boot: Boot) -> Self;
    /// Reacts to `input` like [`Node::step`].
    fn step(&mut self, input: &Input, out: &mut Effects) -> Stamp;
}

impl Process for Node {
    fn boot(me: Identity, config: &Arc<Config>, boot: Boot) -> Self {
        Self::new(me, Arc::clone(config), boot)
    }

    fn step(&mut self, input: &Input, out: &mut Effects) -> Stamp {
        Self::step(self, input, out)
    }
}

/// The world. A clone is a snapshot and continues exactly like the original.
///
/// Events are ordered by `(instant, class, sequence number)`. The classes are, in this order:
/// script steps, the backlog of a resumed node, deliveries, timers.
#[derive(Clone, Debug)]
pub struct World<P = Node> {
    now_us: u64,
    /// The number of deliveries and timers at this instant so far.
    done_here: u32,
    /// The number of script steps so far.
    steps_done: usize,
    /// The number of trace lines so far.
    lines: u64,
    config: Arc<Config>,
    queue: Queue,
    network: Network,
    slots: Vec<Slot<P>>,
    resource: Resource,
    judge: Judge,
    violations: [u32; Invariant::ALL.len()],
    /// The number of armed election timers at nodes that are up.
    campaigns: u32,
    /// Empty between events; kept for its capacity.
    effects: Effects,
    /// Empty between events; kept for its capacity.
    answers: Vec<Answer>,
    /// Sorted ids of messages with copies, of which one copy was received.
    received_of_many: Vec<MessageId>,
}

/// The random stream of the network. Each node has a stream of its own.
const NETWORK_STREAM: u64 = 0;

impl<P: Process> World<P> {
    /// The world at the beginning of `scenario`, with started nodes.
    pub fn new(scenario: &Scenario, recorder: &mut Recorder) -> Self {
        let config = Arc::new(scenario.config);
        let size = config.size;
        let known_leader = match scenario.start {
            Start::Elected => Some(size.highest()),
            Start::Cold => None,
        };
        let random = |stream| Random::new(scenario.seed, stream);
        // The leader that all nodes know was elected in term 1.
        let stable = known_leader
            .map_or_else(Stable::default, |leader| Stable { term: Term(1), vote: Some(leader) });
        let boot = Boot { known_leader, stable, ..Boot::default() };
        let slots = size.nodes().map(|node| {
            let me = Identity { node, incarnation: Incarnation::FIRST };
            let process = P::boot(me, &config, boot.clone());
            let rate = scenario.clock_rates[node.index()];
            Slot::new(me, process, stable, rate, random(u64::from(node.get())))
        });
        let slots = slots.collect();
        let network =
            Network::new(scenario.network, scenario.resource_latency, random(NETWORK_STREAM));
        let mut world = Self {
            now_us: 0,
            done_here: 0,
            steps_done: 0,
            lines: 0,
            config,
            queue: Queue::default(),
            network,
            slots,
            resource: Resource::default(),
            judge: Judge::default(),
            violations: [0; Invariant::ALL.len()],
            campaigns: 0,
            effects: Effects::new(),
            answers: Vec::new(),
            received_of_many: Vec::new(),
        };
        for node in size.nodes() {
            world.judge.started(world.slot(node).me());
        }
        for node in size.nodes() {
            world.feed(node, &Input::Start, recorder);
        }
        world
    }

    /// The present instant, in microseconds.
    pub const fn now_us(&self) -> u64 {
        self.now_us
    }

    /// The number of deliveries and timers at this instant so far.
    pub const fn done_here(&self) -> u32 {
        self.done_here
    }

    /// The number of script steps so far.
    pub const fn steps_done(&self) -> usize {
        self.steps_done
    }

    /// The number of trace lines so far.
    pub const fn lines(&self) -> u64 {
        self.lines
    }

    pub fn size(&self) -> ClusterSize {
        self.config.size
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A node with its surroundings.
    ///
    /// # Panics
    ///
    /// If `node` is not in the cluster.
    pub fn node(&self, node: NodeId) -> &Slot<P> {
        &self.slots[node.index()]
    }

    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// All messages in flight.
    pub fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.network.flights()
    }

    /// The armed timers of a node.
    pub fn timers(&self, node: NodeId) -> impl Iterator<Item = &ArmedTimer> {
        self.node(node).timers()
    }

    /// Whether the link from `from` to `to` is cut.
    pub fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.network.is_cut(from, to)
    }

    pub const fn resource(&self) -> &Resource {
        &self.resource
    }

    /// The leader that a node follows, as reported to the judge. `None` if the node is down.
    pub fn leader_of(&self, node: NodeId) -> Option<NodeId> {
        self.judge.leader_of(node)
    }

    /// Whether a node is in the critical section, as reported to the judge.
    pub fn is_inside(&self, node: NodeId) -> bool {
        self.judge.is_inside(node)
    }

    /// Whether a node is up. A paused node is up.
    pub fn is_up(&self, node: NodeId) -> bool {
        !self.node(node).status().is_down()
    }

    /// The number of requests that the current life of a node has made.
    pub fn requests_made(&self, node: NodeId) -> u32 {
        self.judge.requests_made(node)
    }

    /// Whether this request, of its node's current life, has entered the critical section.
    pub fn has_entered(&self, request: RequestId) -> bool {
        self.judge.has_entered(request)
    }

    /// Whether this request, of its node's current life, was withdrawn.
    pub fn has_withdrawn(&self, request: RequestId) -> bool {
        self.judge.has_withdrawn(request)
    }

    /// The number of violations of `invariant` so far.
    pub fn violations_of(&self, invariant: Invariant) -> u32 {
        self.violations[invariant as usize]
    }

    /// The number of violations of all invariants so far.
    pub fn violations(&self) -> u32 {
        self.violations.iter().sum()
    }

    /// The instant of the next event. `None` if there is none.
    pub fn next_event_us(&self, script: &[Step]) -> Option<u64> {
        let queued = self.queue.peek().map(|entry| entry.ticket.at_us());
        let scripted = script.get(self.steps_done).map(|step| self.due_us(step));
        match (queued, scripted) {
            (Some(queued), Some(scripted)) => Some(queued.min(scripted)),
            (queued, scripted) => queued.or(scripted),
        }
    }

    /// Lets time pass without an event.
    pub fn wait_until(&mut self, at_us: u64) {
        if at_us > self.now_us {
            if self.network.has_faults(self.now_us) && !self.network.has_faults(at_us) {
                self.end_faults();
            }
            self.now_us = at_us;
            self.done_here = 0;
        }
    }

    /// Ends the faults: cancels what was set for later messages and moments.
    fn end_faults(&mut self) {
        self.network.forget_rules();
        for slot in &mut self.slots {
            slot.crash_at = None;
        }
    }

    /// Lets time pass until `step` is due, unless another event comes before.
    pub(crate) fn wait_for(&mut self, step: &Step) {
        if self.is_due(step) {
            self.wait_until(self.due_us(step));
        }
    }

    /// Carries out the next event: a step of `script`, a delivery or a timer. `false` if there is
    /// none.
    pub fn step(&mut self, script: &[Step], recorder: &mut Recorder) -> bool {
        let next = script.get(self.steps_done);
        if let Some(step) = next.filter(|step| self.is_due(step)) {
            self.wait_until(self.due_us(step));
            self.steps_done += 1;
            self.act(&step.action, recorder);
        } else if let Some(entry) = self.queue.pop() {
            self.wait_until(entry.ticket.at_us());
            self.done_here += 1;
            self.happen(entry, recorder);
        } else {
            return false;
        }
        if self.network.is_still() {
            self.judge_agreement(recorder);
        }
        true
    }

    fn slot(&self, node: NodeId) -> &Slot<P> {
        &self.slots[node.index()]
    }

    fn slot_mut(&mut self, node: NodeId) -> &mut Slot<P> {
        &mut self.slots[node.index()]
    }

    fn due_us(&self, step: &Step) -> u64 {
        micros_of(step.at).max(self.now_us)
    }

    /// Whether a step of the script comes before the next event of the queue.
    fn is_due(&self, step: &Step) -> bool {
        let Some(next) = self.queue.peek() else { return true };
        let at_us = self.due_us(step);
        let done = if at_us == self.now_us { self.done_here } else { 0 };
        at_us < next.ticket.at_us() || at_us == next.ticket.at_us() && done >= step.after
    }

    fn happen(&mut self, entry: Entry, recorder: &mut Recorder) {
        match entry.what {
            What::Flight(place) => self.end_flight(place, recorder),
            What::Timer(node) if self.slot(node).status() == Status::Paused => {
                self.slot_mut(node).overdue.push(entry.ticket);
            }
            What::Timer(node) => {
                if let Some(timer) = self.slot(node).timer_of(entry.ticket) {
                    self.fire(node, timer, recorder);
                }
            }
        }
    }

    fn fire(&mut self, node: NodeId, timer: Timer, recorder: &mut Recorder) {
        self.disarm(node, timer);
        self.line(node, Happening::Timeout { timer }, recorder);
        self.feed(node, &Input::Timer(timer), recorder);
    }

    /// Ends a flight. A message that a running node receives is copied out of its slot once.
    fn end_flight(&mut self, place: u32, recorder: &mut Recorder) {
        let Some(flight) = self.network.flight(place) else { return };
        let (id, copied) = (flight.message.id, flight.has_copies());
        if let (Recipient::Node(to), Content::Message(message), None) =
            (flight.message.to, flight.message.content, flight.lost)
            && self.slot(to).status() == Status::Up
        {
            let stamp = flight.stamp.copy();
            let input = Input::Message { from: flight.from(), stamp, message };
            if !(copied && self.is_doubled(id)) {
                self.network.vacate(place);
                self.receive(to, id, &input, recorder);
                return;
            }
        }
        if let Some(flight) = self.network.land(place) {
            self.end_otherwise(flight, recorder);
        }
    }

    /// Ends a flight that no node receives.
    fn end_otherwise(&mut self, flight: Flight, recorder: &mut Recorder) {
        if let Some(loss) = flight.lost {
            self.lose(&flight, loss, recorder);
            return;
        }
        match (flight.message.to, flight.message.content) {
            (Recipient::Node(to), Content::Message(_)) => match self.slot(to).status() {
                Status::Crashed | Status::Stopped => self.lose(&flight, Loss::Down, recorder),
                Status::Paused => self.slot_mut(to).inbox.push_back(flight),
                // A running node receives it, unless it has received another copy before.
                Status::Up => self.lose(&flight, Loss::Doubled, recorder),
            },
            (Recipient::Resource, Content::Write(write)) => {
                self.write(&flight, write, recorder);
            }
            (Recipient::Node(_), Content::Write(_))
            | (Recipient::Resource, Content::Message(_)) => {
                unreachable!("only writes go to the resource, and nowhere else")
            }
        }
    }

    /// Whether another copy of this message was received before and the profile discards
    /// duplicates, which happens before the clock ticks.
    fn is_doubled(&mut self, id: MessageId) -> bool {
        if self.config.profile != Profile::Hardened {
            return false;
        }
        let message = MessageId { copy: 0, ..id };
        match self.received_of_many.binary_search(&message) {
            Ok(_) => true,
            Err(place) => {
                self.received_of_many.insert(place, message);
                false
            }
        }
    }

    fn write(&mut self, flight: &Flight, write: antes_core::Write, recorder: &mut Recorder) {
        let writer = self.slot(flight.from());
        let lives = !writer.status().is_down() && writer.me() == write.request.by;
        let verdict = self.resource.write(write, lives);
        let overlaps = verdict.overlaps.clone();
        let begins = write.phase == antes_core::Phase::Entry && verdict.accepted;
        let id = flight.message.id;
        let accepted = verdict.accepted;
        self.record(recorder, write.request.by, flight.stamp, || Happening::Write {
            id,
            write,
            accepted,
            overlaps,
            heard: false,
        });
        if begins && lives && !verdict.overlaps.is_empty() {
            self.judge.overlapped(write.request, &verdict.overlaps);
        }
        if verdict.accepted {
            self.judge.accepted(write);
        }
        self.report(recorder);
    }

    fn lose(&mut self, flight: &Flight, loss: Loss, recorder: &mut Recorder) {
        let me = Identity { node: flight.from(), incarnation: flight.incarnation };
        let message = flight.message;
        if message.id.forged {
            self.record_of_nobody(recorder, flight.stamp, || Happening::Lost { message, loss });
            return;
        }
        self.record(recorder, me, flight.stamp, || Happening::Lost { message, loss });
    }

    fn judge_agreement(&mut self, recorder: &mut Recorder) {
        let waits = self.slots.iter().any(|slot| !slot.inbox.is_empty());
        let judged = Invariant::OneLeader.concerns(self.config.algorithm, self.config.profile);
        if judged && self.campaigns == 0 && !waits && !self.network.has_cuts() {
            self.judge.quiet();
            self.report(recorder);
        }
    }

    /// Records the violations that the judge has found.
    #[inline]
    fn report(&mut self, recorder: &mut Recorder) {
        if self.judge.has_found() {
            self.report_found(recorder);
        }
    }

    #[cold]
    fn report_found(&mut self, recorder: &mut Recorder) {
        for violation in self.judge.take_found() {
            self.violations[violation.invariant as usize] += 1;
            let slot = self.slot(violation.nodes[0]);
            let (me, stamp) = (slot.me(), *slot.stamp());
            self.record(recorder, me, stamp, || Happening::Violation(violation));
        }
    }

    /// Records a line with the node's unchanged stamp.
    fn line(&mut self, node: NodeId, happening: Happening, recorder: &mut Recorder) {
        self.line_of(node, || happening, recorder);
    }

    /// Like `line`, but the event is only constructed if it is recorded.
    #[inline]
    fn line_of(
        &mut self,
        node: NodeId,
        happening: impl FnOnce() -> Happening,
        recorder: &mut Recorder,
    ) {
        if recorder.wants(self.lines) {
            let slot = self.slot(node);
            recorder.record(TraceEvent {
                seq: self.lines,
                at_us: self.now_us,
                node: Some(node),
                incarnation: slot.me.incarnation,
                stamp: slot.stamp,
                happening: happening(),
            });
        }
        self.lines += 1;
    }

    fn record(
        &mut self,
        recorder: &mut Recorder,
        me: Identity,
        stamp: Stamp,
        happening: impl FnOnce() -> Happening,
    ) {
        let seq = self.lines;
        self.lines += 1;
        if recorder.wants(seq) {
            recorder.record(TraceEvent {
                seq,
                at_us: self.now_us,
                node: Some(me.node),
                incarnation: me.incarnation,
                stamp,
                happening: happening(),
            });
        }
    }
}

impl<P: Process> World<P> {
    /// Records a line about a message that no node sent.
    #[cold]
    fn record_of_nobody(
        &mut self,
        recorder: &mut Recorder,
        stamp: Stamp,
        happening: impl FnOnce() -> Happening,
    ) {
        let seq = self.lines;
        self.lines += 1;
        if recorder.wants(seq) {
            let at_us = self.now_us;
            let incarnation = Incarnation::FIRST;
            let happening = happening();
            recorder.record(TraceEvent { seq, at_us, node: None, incarnation, stamp, happening });
        }
    }
}

/// Whether a timer belongs to a running election.
const fn is_campaign(timer: Timer) -> bool {
    matches!(
        timer,
        Timer::Election(
            ElectionTimer::ProbeAnswers
                | ElectionTimer::Answers
                | ElectionTimer::Accepts
                | ElectionTimer::Coordinator
                | ElectionTimer::Retry
        )
    )
}

/// Shortens the construction of receipts.
const fn receipt(message: MessageRecord, sent: LamportTime, before: LamportTime) -> Happening {
    Happening::Receive { message, sent, before }
}
