//! The bounds for recovery after the faults, derived from the scenario's timeouts.

use alloc::vec::Vec;
use core::time::Duration;

use antes_core::spans::patience_with_a_term;
use antes_core::{Command, Config, Form, Hold, MAX_NODES, MAX_OUTSTANDING, Preempt};

use super::script::{FAULTS_LAST, LONGEST_DELAY_MS};
use crate::scenario::{Action, Scenario};

/// Deadlines, counted from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// No more faults happen, and delayed messages have arrived.
    pub calm: Duration,
    /// All connected nodes follow one leader, and keep following it.
    pub led: Duration,
    /// All requests made until one second after `led` have entered, and no request waits.
    pub served: Duration,
}

/// How long after [`Bounds::led`] the last requests are made that must be served.
pub(super) const ASKING_LASTS: Duration = Duration::from_secs(1);

impl Bounds {
    /// The bounds of this storm. They assume the most open requests that nodes may have, with the
    /// longest holds of the script.
    pub fn of(scenario: &Scenario) -> Self {
        let way = scenario.longest_way();
        let calm = FAULTS_LAST + Duration::from_millis(LONGEST_DELAY_MS) + way;
        let led = calm + to_one_leader(&scenario.config);
        let mut holds: [Vec<Duration>; MAX_NODES as usize] = Default::default();
        for step in &scenario.steps {
            if let Action::Command { node, command: Command::Request { hold } } = step.action {
                holds[node.index()].push(longest(scenario, hold));
            }
        }
        for holds in &mut holds {
            holds.sort_unstable_by(|one, other| other.cmp(one));
            holds.truncate(MAX_OUTSTANDING);
        }
        let holds = holds.into_iter().flatten();
        Self { calm, led, served: led + ASKING_LASTS + to_serve(scenario, holds) }
    }

    /// When everything has been checked.
    pub fn end(&self) -> Duration {
        self.served + Duration::from_secs(1)
    }
}

/// The longest time that a request with this `hold` may hold the lock.
pub(super) fn longest(scenario: &Scenario, hold: Hold) -> Duration {
    let lease = scenario.config.hardened.lease;
    match hold {
        Hold::For(hold) => hold.min(lease),
        Hold::Drawn => scenario.config.mutex.hold.max.min(lease),
        Hold::UntilReleased => lease,
    }
}

/// The longest time until all connected nodes permanently follow one leader, after the last fault.
///
/// Nodes that lead without a majority, or follow a dead leader, notice this within the suspicion
/// time. The last of them may notice when a candidate that they do not hear has taken office. After
/// that, each node may have to try, and in the end the node with the highest id takes over, which
/// it may not do at once.
pub fn to_one_leader(config: &Config) -> Duration {
    let election = &config.election;
    // PROBE, the Bully phase, PROPOSE, and the wait after a refusal or in another node's new term.
    let attempt = 2 * election.answer_timeout + asking(config) + patience_with_a_term(config);
    let patience = match config.hardened.preempt {
        Preempt::Always | Preempt::Never => election.coordinator_timeout,
        Preempt::Stable => config.hardened.probation,
    };
    let attempts = u32::from(config.size.get()) + 1;
    by_a_slow_clock(config, 2 * election.suspect_after + attempts * attempt + patience)
}

/// How long a candidate asks the nodes with higher ids.
fn asking(config: &Config) -> Duration {
    let asked = match config.election.form {
        Form::Parallel => 1,
        Form::Sequential => u32::from(config.size.get()).saturating_sub(1),
    };
    asked * config.election.answer_timeout
}

/// The longest time until all requests with these `holds` have entered. A new coordinator may have
/// to wait until earlier grants have run out. Then all waiting requests enter one after the other,
/// each for the time of its hold or of the lease.
pub(super) fn to_serve(scenario: &Scenario, holds: impl Iterator<Item = Duration>) -> Duration {
    let config = &scenario.config;
    let (lease, size) = (config.hardened.lease, u32::from(config.size.get()));
    let recovery = config.election.suspect_after + lease;
    // A critical section begins when the grant arrives and ends for the coordinator when the
    // release does.
    let around = 3 * scenario.longest_way();
    // A suspected node gets a grant when it repeats its requests.
    let repeated = size * config.hardened.retry;
    let holds: Duration = holds.map(|hold| hold + around).sum();
    // The requests of the applications themselves: one per node at a time.
    let own = size * u32::from(config.application.auto);
    let own = own * (longest(scenario, Hold::Drawn) + around);
    by_a_slow_clock(config, recovery + lease + repeated + holds + own)
}

/// The longest duration of a span: on the slowest clock within the bound, whose node may have
/// lengthened the span by the same factor.
fn by_a_slow_clock(config: &Config, span: Duration) -> Duration {
    let drift = config.hardened.drift.0.min(500_000);
    let longer = span * (1_000_000 + drift) / (1_000_000 - drift);
    // Scripts have whole milliseconds.
    Duration::from_millis(u64::try_from(longer.as_millis()).unwrap_or(u64::MAX) + 1)
}
