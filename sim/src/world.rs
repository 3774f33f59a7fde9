//! The world: nodes, network, resource and judge. It advances by one event at a time.

mod act;
mod carry_out;
mod land;
mod record;
mod slot;

use alloc::sync::Arc;
use alloc::vec::Vec;

use antes_core::hardened::TermTimer;
use antes_core::{
    Agenda, ClusterSize, Config, Effects, ElectionTimer, Identity, Incarnation, LamportTime,
    NodeId, RequestId, Stable, Term, Timer,
};

use crate::judge::Judge;
use crate::narrow::{Boot, Input, Node, Stamp};
use crate::network::{Flight, Network};
use crate::queue::{Entry, Queue, What};
use crate::random::Random;
use crate::recorder::Recorder;
use crate::resource::Resource;
use crate::scenario::duration::micros_of;
use crate::scenario::{Scenario, Start, Step};
use crate::trace::{Happening, Invariant, MessageId, MessageRecord};

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
    agenda: Agenda,
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
            agenda: Agenda::default(),
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

    fn judge_agreement(&mut self, recorder: &mut Recorder) {
        let waits = self.slots.iter().any(|slot| !slot.inbox.is_empty());
        let judged = Invariant::OneLeader.concerns(self.config.setting());
        if judged && self.campaigns == 0 && !waits && !self.network.has_cuts() {
            self.judge.quiet();
            self.report(recorder);
        }
    }
}

/// Whether a timer belongs to a running election.
const fn is_campaign(timer: Timer) -> bool {
    matches!(
        timer,
        Timer::Election(ElectionTimer::Answers | ElectionTimer::Coordinator)
            | Timer::Term(TermTimer::ProbeAnswers | TermTimer::Accepts | TermTimer::Retry)
    )
}

/// Shortens the construction of receipts.
const fn receipt(message: MessageRecord, sent: LamportTime, before: LamportTime) -> Happening {
    Happening::Receive { message, sent, before }
}
