//! The network of a scenario, as the hardened profile's spans must fit it.

use core::time::Duration;

use antes_core::spans::Network;

use super::{Latency, Scenario};

/// The network that the spans must fit. A simulated node answers at once.
pub(crate) const fn network(scenario: &Scenario) -> Network {
    Network::with_transmission(longest_way(scenario.network.latency))
}

/// How long a message takes at most; where there is no longest time, the mean.
pub(crate) const fn longest_way(latency: Latency) -> Duration {
    match latency {
        Latency::Fixed(latency) => latency,
        Latency::Uniform { max, .. } => max,
        Latency::Exponential { mean, .. } => mean,
    }
}
