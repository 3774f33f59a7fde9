//! What the tests of the simulator share.

use std::time::Duration;

use antes_core::{Algorithm, ClusterSize, Config, Detector, MAX_NODES, NodeId};
use antes_sim::scenario::{Action, Latency, NetworkConfig, Ppm, Scenario, Start, Step, Text};

pub fn node(number: u8) -> NodeId {
    NodeId::new(number).expect("a node id")
}

pub fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub fn at(millis: u64, action: Action) -> Step {
    Step { at: ms(millis), after: 0, action, note: None }
}

/// A run without chance: messages take 100 ms, everyone knows the leader, nobody looks after it.
pub fn quiet(algorithm: Algorithm, nodes: u8) -> Scenario {
    let mut config = Config::new(algorithm, ClusterSize::new(nodes).expect("a cluster size"));
    config.election.detector = Detector::Off;
    Scenario {
        title: Text::default(),
        summary: None,
        look_for: None,
        simplifies: None,
        config,
        seed: 1,
        duration: Duration::from_secs(30),
        network: NetworkConfig {
            latency: Latency::Fixed(ms(100)),
            loss: 0.0,
            duplicate: 0.0,
            fifo: true,
        },
        resource_latency: ms(50),
        start: Start::Elected,
        clock_rates: [Ppm::TRUE; MAX_NODES as usize],
        steps: Vec::new(),
    }
}

pub fn quiet_leader(nodes: u8) -> Scenario {
    quiet(Algorithm::Leader, nodes)
}
