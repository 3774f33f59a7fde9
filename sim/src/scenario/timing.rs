//! The network of a scenario, for the timeouts of the hardened profile.

use core::time::Duration;

use antes_core::spans::{Network, longest_hold};
use antes_core::{Algorithm, Command, Hold, Profile};

use super::{Action, Latency, NetworkConfig, Scenario, Step};

/// The network that the timeouts must fit. A simulated node answers at once.
pub(crate) fn network(scenario: &Scenario) -> Network {
    Network::with_transmission(scenario.longest_way())
}

/// The longest latency of a message. For an exponential latency, the mean.
pub(super) fn longest_way(network: &NetworkConfig) -> Duration {
    let usual = match network.latency {
        Latency::Fixed(latency) => latency,
        Latency::Uniform { max, .. } => max,
        Latency::Exponential { mean, .. } => mean,
    };
    network.node_latencies.iter().flatten().copied().fold(usual, Duration::max)
}

impl Scenario {
    /// The longest hold in the scenario or in `acts`, and the longest hold that no lease cuts, if
    /// that is shorter. `None` otherwise.
    pub fn hold_beyond_lease<'a>(
        &'a self,
        acts: impl Iterator<Item = &'a Step>,
    ) -> Option<(Duration, Duration)> {
        let config = &self.config;
        if config.profile == Profile::Classic || config.algorithm != Algorithm::Mutex {
            return None;
        }
        let certain = longest_hold(config, network(self));
        let drawn = config.application.auto.then_some(config.mutex.hold.max);
        let asked = self.steps.iter().chain(acts).filter_map(|step| match step.action {
            Action::Command { command: Command::Request { hold: Hold::For(hold) }, .. } => {
                Some(hold)
            }
            Action::Command { command: Command::Request { hold: Hold::Drawn }, .. } => {
                Some(config.mutex.hold.max)
            }
            _ => None,
        });
        let longest = drawn.into_iter().chain(asked).max();
        longest.filter(|&hold| hold > certain).map(|hold| (hold, certain))
    }
}
