//! The network of a scenario, as the hardened profile's spans must fit it.

use core::time::Duration;

use antes_core::spans::{Network, longest_hold};
use antes_core::{Algorithm, Command, Hold, Profile};

use super::{Action, Latency, NetworkConfig, Scenario, Step};

/// The network that the spans must fit. A simulated node answers at once.
pub(crate) fn network(scenario: &Scenario) -> Network {
    Network::with_transmission(scenario.longest_way())
}

/// How long a message takes at most; where there is no longest time, the mean.
pub(super) fn longest_way(network: &NetworkConfig) -> Duration {
    let usual = match network.latency {
        Latency::Fixed(latency) => latency,
        Latency::Uniform { max, .. } => max,
        Latency::Exponential { mean, .. } => mean,
    };
    network.node_latencies.iter().flatten().copied().fold(usual, Duration::max)
}

impl Scenario {
    /// The longest hold that the scenario asks for, or one of these acts, and how long a hold may be
    /// that no lease cuts, if it is shorter.
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
