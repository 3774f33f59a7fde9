//! The content of the ring at one moment. It depends only on the run.

use antes_core::hardened::TermTimer;
use antes_core::{
    Algorithm, Candidacy, ClusterSize, ElectionTimer, LockView, NodeId, Stack, Timer, Token,
    Traffic,
};
use antes_sim::network::Flight;
use antes_sim::run::Run;
use antes_sim::trace::{Content, Happening, Loss, MessageId, MessageRecord, Recipient, TraceEvent};
use antes_sim::world::{Slot, Status};

use crate::outlook::Outlook;
use crate::ring::layout::progress;
use crate::words::{self as w, Word};

/// How long a lost message stays visible, in simulated time.
pub const LINGER_US: u64 = 400_000;

/// The role of a node, as its shape and letter show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The run has no roles: it is about logical clocks.
    Peer,
    Leader,
    Candidate,
    /// It follows a leader, or knows none.
    Follower,
}

impl Part {
    /// The value of `data-role`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Leader => "leader",
            Self::Candidate => "candidate",
            Self::Follower => "follower",
        }
    }
}

/// The relation of a node to the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    None,
    Waiting,
    Holding,
}

impl Lock {
    /// The value of `data-lock`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Waiting => "waiting",
            Self::Holding => "holding",
        }
    }
}

/// A running timer of a node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Countdown {
    pub timer: Timer,
    /// The message family that gives the timer its colour.
    pub traffic: Traffic,
    /// The remaining part of its time, from 0 to 1.
    pub left: f64,
    /// When the timer fires, in microseconds.
    pub due_us: u64,
}

/// The table of a coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The node that was granted the lock and has not released it.
    pub holder: Option<NodeId>,
    /// The waiting nodes, the next one first.
    pub waiting: Vec<NodeId>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct NodeScene {
    pub id: NodeId,
    pub status: Status,
    /// Whether a recording has no line of the node. Its status is then a placeholder.
    pub is_unknown: bool,
    pub part: Part,
    /// The leader that it follows; itself if it leads.
    pub leader: Option<NodeId>,
    pub clock: u64,
    pub lock: Lock,
    /// The fencing token of its grant. `None` without the lock, and in the classic profile.
    pub token: Option<Token>,
    /// The nodes that have not given their OK to its request. Only the distributed lock has such.
    pub missing: Vec<NodeId>,
    pub timers: Vec<Countdown>,
    /// The table of the lock, if the node coordinates it.
    pub queue: Option<Queue>,
    /// The number of messages that a paused node has not read yet.
    pub inbox: usize,
    /// The number of this life, from 1.
    pub life: u32,
}

impl NodeScene {
    /// The value of `data-state`.
    pub const fn state(&self) -> &'static str {
        match self.status {
            Status::Up => "alive",
            Status::Paused => "paused",
            Status::Crashed | Status::Stopped if self.is_unknown => "unknown",
            Status::Crashed => "crashed",
            Status::Stopped => "stopped",
        }
    }

    /// The state of a node that is down, in words.
    pub const fn how_it_ended(&self) -> Word {
        match self.status {
            _ if self.is_unknown => w::STATE_UNKNOWN,
            Status::Stopped => w::STATE_STOPPED,
            Status::Up | Status::Paused | Status::Crashed => w::STATE_CRASHED,
        }
    }
}

/// A message on its way, or a lost one at the place of its loss.
#[derive(Clone, Debug, PartialEq)]
pub struct FlightScene {
    /// Identifies the message on the ring.
    pub key: u64,
    pub message: MessageRecord,
    /// The completed part of its way, from 0 to 1.
    pub progress: f64,
    /// When it was sent and when it arrives. For a lost message, both are the instant of its end.
    pub way_us: (u64, u64),
    /// Whether it is a write that arrived and was refused by the resource.
    pub refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub writer: NodeId,
    /// `None` if the write had no token.
    pub token: Option<Token>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResourceScene {
    /// The node that wrote last.
    pub writer: Option<NodeId>,
    /// The highest token so far.
    pub token: Option<Token>,
    /// The latest write, if it was refused.
    pub refused: Option<Refusal>,
    /// The nodes whose critical sections are open at the resource.
    pub open: Vec<NodeId>,
}

/// A link that is cut in one or both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CutScene {
    /// The node with the lower id.
    pub a: NodeId,
    /// The node with the higher id.
    pub b: NodeId,
    /// Whether it is cut from `a` to `b`.
    pub there: bool,
    /// Whether it is cut from `b` to `a`.
    pub back: bool,
}

/// The whole content of the ring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// In ascending order of ids.
    pub nodes: Vec<NodeScene>,
    /// The messages on their way, in ascending order of their keys.
    pub flights: Vec<FlightScene>,
    /// The lost messages, in the order of their losses.
    pub lost: Vec<FlightScene>,
    pub cuts: Vec<CutScene>,
    /// `None` if the run has no resource.
    pub resource: Option<ResourceScene>,
}

impl Scene {
    /// The content of the ring at the current moment of `run`.
    pub fn new(run: &Run, outlook: &Outlook) -> Self {
        let world = run.world();
        let size = world.size();
        let now_us = run.now_us();
        let nodes = size.nodes().map(|id| node(size, id, world.node(id), now_us)).collect();
        let cuts = size.nodes().flat_map(|a| {
            size.above(a).map(move |b| CutScene {
                a,
                b,
                there: world.is_cut(a, b),
                back: world.is_cut(b, a),
            })
        });
        let resource = (world.config().algorithm == Algorithm::Mutex).then(|| resource(run));
        Self {
            nodes,
            flights: flights(run),
            lost: recently_lost(run.trace(), outlook, now_us),
            cuts: cuts.filter(|cut| cut.there || cut.back).collect(),
            resource,
        }
    }

    /// The completed part of a message's way. `None` if it is not on its way.
    pub fn progress(&self, id: MessageId) -> Option<f64> {
        let place = self.flights.binary_search_by_key(&key(id), |flight| flight.key).ok()?;
        Some(self.flights[place].progress)
    }
}

/// A number for each message, in the order of message ids.
fn key(id: MessageId) -> u64 {
    u64::from(id.sender()) << 40 | u64::from(id.number) << 8 | u64::from(id.copy)
}

pub fn flight(message: MessageRecord, way_us: (u64, u64), now_us: u64) -> FlightScene {
    let progress = progress(now_us, way_us.0, way_us.1);
    FlightScene { key: key(message.id), message, progress, way_us, refused: false }
}

/// Sorts messages by their ids.
pub fn in_order<T>(flying: impl Iterator<Item = T>, id: impl Fn(&T) -> MessageId) -> Vec<T> {
    let mut sorted: Vec<T> = Vec::new();
    for one in flying {
        let place = sorted.partition_point(|other| id(other) < id(&one));
        sorted.insert(place, one);
    }
    sorted
}

fn flights(run: &Run) -> Vec<FlightScene> {
    let scene = |it: &Flight| flight(it.message, (it.sent_us, it.lands_us), run.now_us());
    in_order(run.world().flights(), |flight| flight.message.id).into_iter().map(scene).collect()
}

fn node(size: ClusterSize, id: NodeId, slot: &Slot, now_us: u64) -> NodeScene {
    let up = !slot.status().is_down();
    let stack = slot.node().stack();
    let lock = stack.lock().filter(|_| up).unwrap_or_default();
    NodeScene {
        id,
        status: slot.status(),
        is_unknown: false,
        part: part(stack, id, up),
        leader: stack.leader(id).filter(|_| up),
        clock: slot.stamp().lamport.0,
        lock: lock_of(&lock),
        token: lock.token,
        missing: missing(size, &lock),
        timers: if up { countdowns(slot, now_us) } else { Vec::new() },
        queue: queue(&lock),
        inbox: slot.inbox_len(),
        life: slot.me().incarnation.get(),
    }
}

/// The role of a node. `up` is false for a node that is down.
fn part(stack: &Stack, id: NodeId, up: bool) -> Part {
    match stack.candidacy() {
        None => Part::Peer,
        Some(_) if !up => Part::Follower,
        Some(_) if stack.leader(id) == Some(id) => Part::Leader,
        Some(Candidacy::Idle) => Part::Follower,
        Some(
            Candidacy::Probing
            | Candidacy::AwaitingAnswers
            | Candidacy::AwaitingCoordinator
            | Candidacy::Proposing
            | Candidacy::Resting,
        ) => Part::Candidate,
    }
}

fn lock_of(lock: &LockView) -> Lock {
    if lock.requests.iter().any(|&(_, holds)| holds) {
        Lock::Holding
    } else if lock.requests.is_empty() {
        Lock::None
    } else {
        Lock::Waiting
    }
}

fn missing(size: ClusterSize, lock: &LockView) -> Vec<NodeId> {
    let missing = lock.asking.map(|asking| asking.missing).unwrap_or_default();
    size.nodes().filter(|&node| missing.contains(node)).collect()
}

fn queue(lock: &LockView) -> Option<Queue> {
    let table = lock.table.as_ref()?;
    Some(Queue {
        holder: table.holder.map(|request| request.by.node),
        waiting: table.queue.iter().map(|request| request.by.node).collect(),
    })
}

/// The message family whose colour a timer gets.
pub const fn family(timer: Timer) -> Traffic {
    match timer {
        Timer::Call(_) => Traffic::Clock,
        Timer::Election(ElectionTimer::Answers | ElectionTimer::Coordinator) | Timer::Birth => {
            Traffic::Election
        }
        Timer::Election(ElectionTimer::Heartbeat | ElectionTimer::Suspicion)
        | Timer::Poll(_)
        | Timer::Term(TermTimer::Lease(_)) => Traffic::Heartbeat,
        Timer::Term(_) => Traffic::Election,
        Timer::Application(_) | Timer::Lock(_) => Traffic::Mutex,
    }
}

fn countdowns(slot: &Slot, now_us: u64) -> Vec<Countdown> {
    let countdown = |armed: &antes_sim::world::ArmedTimer| Countdown {
        timer: armed.timer,
        traffic: family(armed.timer),
        left: 1.0 - progress(now_us, armed.set_us, armed.due_us),
        due_us: armed.due_us,
    };
    let mut timers: Vec<Countdown> = Vec::new();
    for armed in slot.timers() {
        let place = timers.partition_point(|other| other.timer < armed.timer);
        timers.insert(place, countdown(armed));
    }
    timers
}

/// The messages that were lost shortly before, at the places of their losses, and refused writes.
fn recently_lost(trace: &[TraceEvent], outlook: &Outlook, now_us: u64) -> Vec<FlightScene> {
    let first = trace.partition_point(|event| event.at_us + LINGER_US <= now_us);
    let died = |event: &TraceEvent| {
        let Happening::Lost { message, loss } = &event.happening else {
            return refused_write(event);
        };
        let progress = match loss {
            Loss::Down | Loss::Doubled => 1.0,
            Loss::Full => 0.0,
            Loss::Chance | Loss::Dropped | Loss::Cut => died_at(message, event, trace, outlook),
        };
        Some(dead(event, *message, progress))
    };
    trace[first..].iter().filter_map(died).collect()
}

/// A message that ended after this part of its way.
pub const fn dead(end: &TraceEvent, message: MessageRecord, progress: f64) -> FlightScene {
    let way_us = (end.at_us, end.at_us);
    FlightScene { key: end.seq, message, progress, way_us, refused: false }
}

/// The write of this event, if the resource refused it. It is shown as a cross at the resource.
pub fn refused_write(event: &TraceEvent) -> Option<FlightScene> {
    let Happening::Write { id, write, accepted: false, .. } = &event.happening else {
        return None;
    };
    let message =
        MessageRecord { id: *id, to: Recipient::Resource, content: Content::Write(*write) };
    Some(FlightScene { refused: true, ..dead(event, message, 1.0) })
}

/// The latest write of a trace, if it was refused.
pub fn refusal(trace: &[TraceEvent]) -> Option<Refusal> {
    let write = |event: &TraceEvent| match &event.happening {
        Happening::Write { write, accepted, .. } => Some((*write, *accepted)),
        _ => None,
    };
    let (write, accepted) = trace.iter().rev().find_map(write)?;
    let refusal = Refusal { writer: write.request.by.node, token: write.token };
    (!accepted).then_some(refusal)
}

/// The part of its way after which a message was lost.
pub fn died_at(
    message: &MessageRecord,
    death: &TraceEvent,
    trace: &[TraceEvent],
    outlook: &Outlook,
) -> f64 {
    let is_send = |event: &&TraceEvent| match &event.happening {
        Happening::Send(sent) | Happening::Duplicate { message: sent } => sent.id == message.id,
        _ => false,
    };
    let before = usize::try_from(death.seq).unwrap_or(usize::MAX).min(trace.len());
    let sent = trace[..before].iter().rev().find(is_send);
    match (sent, outlook.landing_us(message.id)) {
        (Some(sent), Some(lands_us)) => progress(death.at_us, sent.at_us, lands_us),
        // The arrival would be beyond the outlook, so the place is unknown: half-way.
        (Some(_) | None, Some(_) | None) => 0.5,
    }
}

fn resource(run: &Run) -> ResourceScene {
    let resource = run.world().resource();
    ResourceScene {
        writer: resource.last_accepted().map(|write| write.request.by.node),
        token: resource.highest_token(),
        // Only writes with tokens can be refused.
        refused: resource.highest_token().and_then(|_| refusal(run.trace())),
        open: resource.open().map(|section| section.by.node).collect(),
    }
}

/// The node that a message goes to. `None` for a message to the resource.
pub const fn receiver(message: &MessageRecord) -> Option<NodeId> {
    match message.to {
        Recipient::Node(node) => Some(node),
        Recipient::Resource => None,
    }
}

#[cfg(test)]
mod tests;
