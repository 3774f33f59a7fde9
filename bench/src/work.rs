//! The work that all contestants do.

use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, DurationRange, NodeId};
use antes_sim::narrow::Stamp;
use antes_sim::scenario::{Latency, Scenario};

pub const NODES: usize = 4;

/// The latency of each message; all other spans are multiples of it. turmoil advances in ticks, and
/// this needs the fewest ticks.
pub const LATENCY: Duration = Duration::from_millis(100);

/// The result of a run. Contestants that do the same work have equal results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The number of messages that have arrived, including writes at the resource.
    pub deliveries: u64,
    /// The clocks of the nodes at the end.
    pub stamps: [Stamp; NODES],
}

/// A simulation up to and including an instant.
#[derive(Clone, Debug)]
pub struct Work {
    /// The nodes, the network and the length.
    pub scenario: Scenario,
}

impl Work {
    /// When the simulation ends, in microseconds.
    pub fn end_us(&self) -> u64 {
        micros(self.scenario.duration)
    }

    /// How many messages can follow each other in the simulation: its length divided by [`LATENCY`].
    pub fn rounds(&self) -> u64 {
        self.end_us() / micros(LATENCY)
    }
}

/// Twelve messages go back and forth between four nodes, `rounds` times.
pub fn ping_pong(rounds: u32) -> Work {
    Work { scenario: scenario(Algorithm::Clock, rounds) }
}

/// Four nodes ask for the lock again as soon as they can, for the time of `rounds` consecutive
/// messages. The coordinator sends heartbeats.
pub fn mutex(rounds: u32) -> Work {
    let mut scenario = scenario(Algorithm::Mutex, rounds);
    let once = DurationRange { min: LATENCY, max: LATENCY };
    scenario.config.application.auto = true;
    scenario.config.application.wait = once;
    scenario.config.mutex.hold = once;
    Work { scenario }
}

/// The nodes in the order of their ids.
pub fn nodes() -> impl Iterator<Item = NodeId> {
    size().nodes()
}

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
