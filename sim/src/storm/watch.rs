//! Runs and judges a storm: the invariants after each event, and liveness in the calm phase.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, MAX_NODES, NodeId, NodeSet, Profile, RequestId, hardened};

use super::bounds::{ASKING_LASTS, longest, to_serve};
use super::{Bounds, FAULTS_LAST};
use crate::narrow::Node;
use crate::recorder::Recorder;
use crate::scenario::duration::micros_of;
use crate::scenario::{Preempt, Scenario};
use crate::trace::Invariant;
use crate::world::{Status, World};

/// The most events of a storm. More events count as a failure.
const MAX_EVENTS: u32 = 1_000_000;

/// A storm in which an invariant was violated or a deadline was missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The name of the violated invariant, or `liveness`.
    pub name: &'static str,
    /// When it failed, in microseconds.
    pub at_us: u64,
    pub sentence: String,
}

/// How soon the cluster recovered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// How long after the faults all connected nodes permanently followed one leader.
    pub led_after: Duration,
    /// How long after the last requests all had been served.
    pub served_after: Duration,
}

/// Runs a storm until it has recovered. Returns how soon that was.
///
/// # Errors
///
/// If an invariant is violated or a deadline is missed: the first failure.
pub fn judge(scenario: &Scenario) -> Result<Recovery, Failure> {
    let mut recorder = Recorder::off();
    let mut world: World<Node> = World::new(scenario, &mut recorder);
    let mut watch = None;
    for _ in 0..MAX_EVENTS {
        let next_us = world.next_event_us(&scenario.steps).unwrap_or(u64::MAX);
        if next_us > micros_of(FAULTS_LAST) && watch.is_none() {
            watch = Some(Watch::new(scenario, &world));
        }
        if next_us > micros_of(scenario.duration) {
            let Some(mut watch) = watch else { return Ok(Recovery::default()) };
            watch.look(&world, scenario.duration).map_err(|sentence| late(&world, sentence))?;
            return Ok(watch.recovery);
        }
        world.step(&scenario.steps, &mut recorder);
        let broken = Invariant::ALL
            .into_iter()
            .find(|&what| is_promised(what, scenario) && world.violations_of(what) > 0);
        if let Some(broken) = broken {
            let sentence = format!("{} is broken.", broken.name());
            return Err(Failure { name: broken.name(), at_us: world.now_us(), sentence });
        }
        let Some(watch) = &mut watch else { continue };
        let now = Duration::from_micros(world.now_us());
        if watch.look(&world, now).map_err(|sentence| late(&world, sentence))? {
            return Ok(watch.recovery);
        }
    }
    Err(late(&world, format!("More than {MAX_EVENTS} events happened.")))
}

/// Whether a storm must keep the invariant. The distributed lock has no fencing tokens, so a delayed
/// write may reach the resource in the next holder's critical section.
fn is_promised(invariant: Invariant, scenario: &Scenario) -> bool {
    let setting = scenario.config.setting();
    invariant.concerns(setting)
        && !(setting.is_distributed() && invariant == Invariant::ExclusiveWrites)
}

fn late(world: &World<Node>, sentence: String) -> Failure {
    Failure { name: "liveness", at_us: world.now_us(), sentence }
}

/// The liveness checks of the calm phase.
struct Watch<'a> {
    scenario: &'a Scenario,
    bounds: Bounds,
    /// The connected nodes. Empty if they are no majority; then nothing is required.
    well: Vec<NodeId>,
    /// How many requests each node had made at the beginning and at the end of the requesting time.
    made: [u32; MAX_NODES as usize],
    asked: Option<[u32; MAX_NODES as usize]>,
    /// The requests made in that time that have neither entered nor been withdrawn.
    unentered: Vec<RequestId>,
    /// The withdrawn request that has the lock, and since when.
    idle: Option<(RequestId, Duration)>,
    /// The deadline for the requests made until now, and whether all of them are finished.
    served_by: Duration,
    served: bool,
    recovery: Recovery,
}

impl<'a> Watch<'a> {
    fn new(scenario: &'a Scenario, world: &World<Node>) -> Self {
        Self {
            scenario,
            bounds: Bounds::of(scenario),
            well: well(scenario, world),
            made: [0; MAX_NODES as usize],
            asked: None,
            unentered: Vec::new(),
            idle: None,
            served_by: Duration::ZERO,
            served: false,
            recovery: Recovery::default(),
        }
    }

    /// Checks the state after an event. Returns whether everything required has happened. An error
    /// says what is missing.
    fn look(&mut self, world: &World<Node>, now: Duration) -> Result<bool, String> {
        if self.well.is_empty() {
            return Ok(false);
        }
        if let Some(sentence) = self.astray(world) {
            self.recovery.led_after = now.saturating_sub(FAULTS_LAST);
            if now > self.bounds.led {
                return Err(sentence);
            }
        }
        if self.scenario.config.algorithm != Algorithm::Mutex {
            return Ok(false);
        }
        let made = |world: &World<Node>| {
            let mut made = [0; MAX_NODES as usize];
            for node in self.scenario.config.size.nodes() {
                made[node.index()] = world.requests_made(node);
            }
            made
        };
        let asking_ends = self.bounds.led + ASKING_LASTS;
        if now < self.bounds.led {
            self.made = made(world);
            return Ok(false);
        }
        if let Some(sentence) = self.idle(world, now) {
            return Err(sentence);
        }
        if now <= asking_ends {
            return Ok(false);
        }
        if self.asked.is_none() {
            let asked = made(world);
            self.asked = Some(asked);
            self.served_by = asking_ends + to_serve(self.scenario, self.outstanding(world));
            let of = |node: NodeId| {
                let by = world.node(node).me();
                let numbers = self.made[node.index()] + 1..=asked[node.index()];
                numbers.map(move |number| RequestId { by, number })
            };
            self.unentered = self.well.iter().copied().flat_map(of).collect();
        }
        self.unentered
            .retain(|&request| !world.has_entered(request) && !world.has_withdrawn(request));
        if !self.served {
            if let Some(sentence) = self.unserved(world) {
                self.recovery.served_after = now.saturating_sub(asking_ends);
                return if now > self.served_by { Err(sentence) } else { Ok(false) };
            }
            self.served = true;
        }
        // A longer calm phase is watched to its end.
        Ok(self.scenario.duration <= self.bounds.end())
    }

    /// How long the open requests may hold the lock. A withdrawn request may have been granted.
    fn outstanding<'w>(&'w self, world: &'w World<Node>) -> impl Iterator<Item = Duration> + 'w {
        let stacks = self.scenario.config.size.nodes().map(|node| world.node(node).node().stack());
        let locks = stacks.filter_map(|stack| stack.hardened().and_then(|(_, mutex)| mutex));
        locks.flat_map(|mutex| {
            let given_up = mutex.withdrawn().iter().map(|_| Duration::ZERO);
            let holds = mutex.requests().iter().map(|r| longest(self.scenario, r.hold));
            holds.chain(given_up)
        })
    }

    /// A connected node that does not follow the expected leader.
    fn astray(&self, world: &World<Node>) -> Option<String> {
        // If the highest node does not take over, any leader is accepted.
        let expected = match self.scenario.config.hardened.preempt {
            Preempt::Always | Preempt::Stable => self.well.iter().max().copied(),
            Preempt::Never => {
                self.well.iter().copied().find(|&node| world.leader_of(node) == Some(node))
            }
        };
        let node = self.well.iter().find(|&&node| {
            let leader = world.leader_of(node);
            leader.is_none() || leader != expected
        })?;
        let leader = world.leader_of(*node).map_or("nobody".into(), |id| format!("node {id}"));
        Some(format!("All is well again, but node {node} follows {leader}."))
    }

    /// A withdrawn request that keeps the lock. Its grant should come back at once.
    fn idle(&mut self, world: &World<Node>, now: Duration) -> Option<String> {
        let held = self.well.iter().find_map(|&node| {
            let (_, mutex) = world.node(node).node().stack().hardened()?;
            let hardened::Role::Coordinator(table) = mutex?.role() else { return None };
            Some(table.holder()?.request)
        });
        let given_up = |request: &RequestId| {
            self.well.contains(&request.by.node) && world.has_withdrawn(*request)
        };
        let request = held.filter(given_up);
        let since = self.idle.filter(|&(idle, _)| Some(idle) == request);
        self.idle = since.or(request.map(|request| (request, now)));
        let (request, since) = self.idle?;
        // The grant is in flight, then the RELEASE.
        let late = now > since + 3 * self.scenario.longest_way();
        late.then(|| format!("Request {request} was given up, but keeps the lock."))
    }

    /// A request that was made in time and has not entered, or is still open.
    fn unserved(&self, world: &World<Node>) -> Option<String> {
        let asked = self.asked.as_ref()?;
        // A request that was made after recovery enters under its own number.
        if let Some(request) = self.unentered.first() {
            return Some(format!("All is well again, but {request} is not let in."));
        }
        for &node in &self.well {
            let Some((_, Some(mutex))) = world.node(node).node().stack().hardened() else {
                continue;
            };
            let old = mutex.requests().iter().find(|r| r.id.number <= asked[node.index()]);
            if let Some(old) = old {
                return Some(format!("All is well again, but request {} is not over.", old.id));
            }
            let given_up = mutex.withdrawn().iter().find(|id| id.number <= asked[node.index()]);
            if let Some(request) = given_up {
                return Some(format!("Request {request} is given up, but nobody acknowledges it."));
            }
            if let hardened::Role::Coordinator(table) = mutex.role() {
                let waiting = table.queue().iter().map(|waiter| waiter.request);
                let mut kept = waiting.chain(table.holder().map(|held| held.request));
                let due = |request: &RequestId| {
                    let of = request.by.node;
                    self.well.contains(&of) && request.number <= asked[of.index()]
                };
                if let Some(request) = kept.find(due) {
                    return Some(format!("Request {request} is over, but stays in the table."));
                }
            }
        }
        None
    }
}

/// The nodes that are up, take part and hear each other, if they are a majority and no other node
/// both sends to and receives from some of them. Empty for a script without a calm phase.
fn well(scenario: &Scenario, world: &World<Node>) -> Vec<NodeId> {
    let size = scenario.config.size;
    if scenario.config.profile == Profile::Classic {
        return Vec::new();
    }
    let takes_part = |node: &NodeId| {
        let slot = world.node(*node);
        slot.status() == Status::Up && slot.node().stack().part() == hardened::Part::Takes
    };
    let up = || size.nodes().filter(takes_part);
    let linked = |a: NodeId, b: NodeId| !world.is_cut(a, b) && !world.is_cut(b, a);
    let linked_to = |node: NodeId| -> NodeSet {
        up().filter(|&other| other == node || linked(node, other)).collect()
    };
    let Some(most) = up().map(linked_to).max_by_key(|set| set.len()) else { return Vec::new() };
    let well: Vec<NodeId> = up().filter(|&node| most.contains(node)).collect();
    let whole = well.iter().all(|&node| linked_to(node) == most);
    let apart = up().filter(|node| !most.contains(*node)).all(|outside| {
        well.iter().all(|&node| world.is_cut(outside, node))
            || well.iter().all(|&node| world.is_cut(node, outside))
    });
    if 2 * well.len() > usize::from(size.get()) && whole && apart { well } else { Vec::new() }
}
