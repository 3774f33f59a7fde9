//! How long the cluster waits: for a leader, for a single leader, for the lock. Safety is judged by
//! the [invariants](antes_sim::judge). This is liveness, as far as a finite run can show it: a wait
//! that lasts longer than its bound is overdue.
//!
//! A [bound](Bounds) is the longest duration of a wait if nothing goes wrong after its beginning.
//! So an overdue wait breaks no promise by itself: either it will never end, or something went
//! wrong again.

use core::time::Duration;

use antes_core::{Algorithm, Detector, Form, NodeId, Profile, RequestId};
use antes_sim::scenario::Scenario;
use antes_sim::trace::{Happening, TraceEvent};
use antes_sim::world::Status;

/// The messages for passing the lock on: RELEASE, GRANT, and the REQUEST of the next node.
const HAND_OVER: u32 = 3;

/// The longest durations of waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Without a leader: the silence is noticed, and one election takes place.
    pub leaderless: Duration,
    /// With several leaders. Classic: until the announcement of the new leader arrives. Hardened:
    /// until the lease of the old leader ends.
    pub crowded: Duration,
    /// How many nodes may lead during that time: a new leader and the previous one.
    pub leaders: u32,
    /// A request, while no running node is in the critical section: a leader is found and recovers,
    /// or the lease of a dead holder ends. Then each node that may come earlier is granted the
    /// lock.
    pub lock: Duration,
}

impl Bounds {
    /// The bounds from the timeouts of a scenario. `None` for a run about clocks.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let config = &scenario.config;
        if config.algorithm == Algorithm::Clock {
            return None;
        }
        let (election, way) = (&config.election, scenario.longest_way());
        let asked = match election.form {
            Form::Parallel => 1,
            Form::Sequential => u32::from(config.size.get()).saturating_sub(1),
        };
        let asking = asked * election.answer_timeout;
        let noticed = election.suspect_after
            + match election.detector {
                Detector::Heartbeat | Detector::Off => election.heartbeat,
                // The leader is polled at random intervals around `heartbeat`.
                Detector::Poll => 2 * election.heartbeat,
            };
        let handed_on = u32::from(config.size.get()) * HAND_OVER * way;
        if config.setting().is_distributed() {
            // Nobody leads, so only the wait for the lock has an end.
            let never = Duration::MAX;
            return Some(Self { leaderless: never, crowded: never, leaders: 0, lock: handed_on });
        }
        Some(match config.profile {
            Profile::Classic => {
                // The node that notices asks, and the highest node that hears it asks in turn.
                let leaderless = noticed + 2 * way + asking;
                let lock = leaderless + handed_on;
                Self { leaderless, crowded: way, leaders: 2, lock }
            }
            Profile::Hardened => {
                let attempt = 2 * election.answer_timeout + asking + election.coordinator_timeout;
                let leaderless = by_a_slow_clock(scenario, noticed + 2 * way + attempt);
                let crowded = by_a_slow_clock(scenario, election.suspect_after) + way;
                let hardened = &config.hardened;
                let recovery = election.suspect_after + hardened.lease + hardened.retry;
                let lock = leaderless + by_a_slow_clock(scenario, recovery) + handed_on;
                Self { leaderless, crowded, leaders: u32::MAX, lock }
            }
        })
    }
}

/// The length of a span on the slowest clock that the protocol allows.
fn by_a_slow_clock(scenario: &Scenario, span: Duration) -> Duration {
    let drift = scenario.config.hardened.drift.0.min(500_000);
    span * (1_000_000 + drift) / (1_000_000 - drift)
}

/// A lasting wait, or the longest one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wait {
    /// Its length so far, in microseconds.
    pub us: u64,
    /// The line with which it began.
    pub from: u64,
}

/// The facts about one kind of wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The lasting wait, if there is one.
    pub now: Option<Wait>,
    /// The longest wait so far, including the lasting one.
    pub longest: Wait,
    /// The first wait that lasted longer than its bound, if there is one.
    pub late: Option<Wait>,
    /// The largest number of leaders at a time.
    pub most: u32,
}

/// A wait of the whole cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Spell {
    /// The instant and the line of its beginning.
    since: Option<(u64, u64)>,
    told: Told,
}

impl Spell {
    /// Begins or ends the wait at this line.
    fn turn(&mut self, lasts: bool, at_us: u64, seq: u64) {
        match (lasts, self.since) {
            (true, None) => self.since = Some((at_us, seq)),
            (false, Some(_)) => self.since = None,
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Lets time pass up to an instant.
    fn pass(&mut self, now_us: u64, bound: Option<Duration>) {
        self.told.now = self.since.map(|(since_us, from)| Wait { us: now_us - since_us, from });
        let Some(now) = self.told.now else { return };
        if now.us > self.told.longest.us {
            self.told.longest = now;
        }
        if bound.is_some_and(|bound| u128::from(now.us) > bound.as_micros()) {
            self.told.late.get_or_insert(now);
        }
    }
}

/// A request that has not entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    request: RequestId,
    since_us: u64,
    from: u64,
    /// How long no running node was in the critical section meanwhile.
    idle_us: u64,
}

/// The known state of a node.
#[derive(Clone, Debug)]
struct Known {
    status: Status,
    leader: Option<NodeId>,
    inside: Vec<RequestId>,
}

/// The waits of a run, updated line by line.
#[derive(Clone, Debug)]
pub struct Waits {
    bounds: Option<Bounds>,
    nodes: Vec<Known>,
    pending: Vec<Pending>,
    leaderless: Spell,
    crowded: Spell,
    lock: Told,
    now_us: u64,
    read: usize,
    generation: u32,
}

impl Default for Waits {
    fn default() -> Self {
        Self::new(0, None)
    }
}

impl Waits {
    /// The waits before the first line of a run with `nodes` nodes. Without bounds, no wait is
    /// overdue.
    pub fn new(nodes: u8, bounds: Option<Bounds>) -> Self {
        let known = Known { status: Status::Up, leader: None, inside: Vec::new() };
        let mut leaderless = Spell::default();
        leaderless.turn(true, 0, 0);
        Self {
            bounds,
            nodes: vec![known; usize::from(nodes)],
            pending: Vec::new(),
            leaderless,
            crowded: Spell::default(),
            lock: Told::default(),
            now_us: 0,
            read: 0,
            generation: 0,
        }
    }

    /// Reads the new lines of `trace`, or all lines if earlier ones may have changed.
    pub fn read(
        &mut self,
        trace: &[TraceEvent],
        generation: u32,
        nodes: u8,
        bounds: Option<Bounds>,
    ) {
        let is_other = generation != self.generation
            || bounds != self.bounds
            || usize::from(nodes) != self.nodes.len();
        if is_other || trace.len() < self.read {
            *self = Self { generation, ..Self::new(nodes, bounds) };
        }
        for event in &trace[self.read..] {
            self.take(event);
        }
        self.read = trace.len();
    }

    /// The same waits at a later instant.
    #[must_use]
    pub fn at(&self, now_us: u64) -> Self {
        let mut later = self.clone();
        later.pass(now_us.max(self.now_us));
        later
    }

    /// The waits without a leader.
    pub const fn leaderless(&self) -> Told {
        self.leaderless.told
    }

    /// The waits with several leaders.
    pub const fn crowded(&self) -> Told {
        self.crowded.told
    }

    /// The waits for the lock: the longest wait of a request.
    pub const fn lock(&self) -> Told {
        self.lock
    }

    /// Updates all waits for the next line of the trace.
    pub fn take(&mut self, event: &TraceEvent) {
        self.pass(event.at_us.max(self.now_us));
        if let Some(node) = event.node.filter(|node| node.index() < self.nodes.len()) {
            self.see(node, event);
        }
        let runs = |known: &Known| known.status == Status::Up;
        let leaders = (1..).zip(&self.nodes).filter(|&(number, known)| {
            runs(known) && known.leader.is_some_and(|leader| leader.get() == number)
        });
        let leaders = u32::try_from(leaders.count()).unwrap_or(u32::MAX);
        let nobody_leads = leaders == 0 && self.nodes.iter().any(runs);
        self.leaderless.turn(nobody_leads, event.at_us, event.seq);
        self.crowded.turn(leaders > 1, event.at_us, event.seq);
        self.crowded.told.most = self.crowded.told.most.max(leaders);
        if self.bounds.is_some_and(|bounds| leaders > bounds.leaders) {
            self.crowded.told.late.get_or_insert(Wait { us: 0, from: event.seq });
        }
    }

    fn see(&mut self, node: NodeId, event: &TraceEvent) {
        let known = &mut self.nodes[node.index()];
        match &event.happening {
            Happening::Crash | Happening::Stop => {
                *known = Known { status: Status::Crashed, leader: None, inside: Vec::new() };
                self.pending.retain(|pending| pending.request.by.node != node);
            }
            Happening::Restart { .. } | Happening::Resume => known.status = Status::Up,
            Happening::Pause => known.status = Status::Paused,
            Happening::Leader { leader, .. } => known.leader = *leader,
            Happening::Request { request } => self.pending.push(Pending {
                request: *request,
                since_us: event.at_us,
                from: event.seq,
                idle_us: 0,
            }),
            Happening::Enter { request, .. } => {
                known.inside.push(*request);
                // The node has asked again, so its earlier request is over.
                let is_over =
                    |other: &RequestId| other.by.node == request.by.node && *other <= *request;
                self.pending.retain(|pending| !is_over(&pending.request));
            }
            Happening::Exit { request, .. } => {
                known.inside.retain(|other| other != request);
                self.pending.retain(|pending| pending.request != *request);
            }
            _ => {}
        }
    }

    /// Lets time pass up to an instant.
    fn pass(&mut self, now_us: u64) {
        let passed_us = now_us - self.now_us;
        self.now_us = now_us;
        self.leaderless.pass(now_us, self.bounds.map(|bounds| bounds.leaderless));
        self.crowded.pass(now_us, self.bounds.map(|bounds| bounds.crowded));
        let runs = |node: NodeId| self.nodes[node.index()].status == Status::Up;
        let is_held =
            self.nodes.iter().any(|known| known.status == Status::Up && !known.inside.is_empty());
        self.lock.now = None;
        for pending in &mut self.pending {
            if !is_held && runs(pending.request.by.node) {
                pending.idle_us += passed_us;
            }
            let wait = Wait { us: now_us - pending.since_us, from: pending.from };
            if self.lock.now.is_none_or(|longest| wait.us > longest.us) {
                self.lock.now = Some(wait);
            }
            if wait.us > self.lock.longest.us {
                self.lock.longest = wait;
            }
            let bound = self.bounds.map(|bounds| bounds.lock.as_micros());
            if bound.is_some_and(|bound| u128::from(pending.idle_us) > bound) {
                self.lock.late.get_or_insert(wait);
            }
        }
    }
}

#[cfg(test)]
mod tests;
