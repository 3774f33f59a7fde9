//! The work that all contestants do.

use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, DurationRange, NodeId, Stamp};
use antes_sim::scenario::{Latency, Scenario};

/// How many nodes there are.
pub const NODES: usize = 4;

/// How long every message takes, and what every other span is a multiple of: turmoil moves in
/// ticks, and this lets it do so in the fewest that there can be.
pub const LATENCY: Duration = Duration::from_millis(100);

/// What a run came to. Contestants that do the same work come to the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many messages have arrived, writes at the resource included.
    pub deliveries: u64,
    /// What the nodes' clocks read in the end.
    pub stamps: [Stamp; NODES],
}

/// Something to simulate, up to and including an instant.
#[derive(Clone, Debug)]
pub struct Work {
    /// The nodes, the network and how long it lasts.
    pub scenario: Scenario,
}

impl Work {
    /// The instant at which it ends, in microseconds.
    pub fn end_us(&self) -> u64 {
        micros(self.scenario.duration)
    }

    /// How many latencies it lasts.
    pub fn rounds(&self) -> u64 {
        self.end_us() / micros(LATENCY)
    }
}

/// Twelve messages fly to and fro between four nodes, `rounds` times.
pub fn ping_pong(rounds: u32) -> Work {
    Work { scenario: scenario(Algorithm::Clock, rounds) }
}

/// Four nodes want the lock again as soon as they can, for as long as `rounds` messages one after
/// the other take. The coordinator shows with heartbeats that it is alive.
pub fn mutex(rounds: u32) -> Work {
    let mut scenario = scenario(Algorithm::Mutex, rounds);
    let once = DurationRange { min: LATENCY, max: LATENCY };
    scenario.config.application.auto = true;
    scenario.config.application.wait = once;
    scenario.config.mutex.hold = once;
    Work { scenario }
}

/// The nodes, in the order of their ids.
pub fn nodes() -> impl Iterator<Item = NodeId> {
    size().nodes()
}

/// Whole microseconds.
pub fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).expect("a span that a run can have")
}

fn size() -> ClusterSize {
    ClusterSize::new(NODES as u8).expect("a cluster size")
}

fn scenario(algorithm: Algorithm, rounds: u32) -> Scenario {
    let mut scenario = Scenario::new(algorithm, size());
    scenario.network.latency = Latency::Fixed(LATENCY);
    scenario.resource_latency = LATENCY;
    scenario.duration = LATENCY * rounds;
    scenario
}
