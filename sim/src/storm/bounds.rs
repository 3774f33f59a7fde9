//! How soon everything must be well once the faults are over, as it follows from the spans.

use alloc::vec::Vec;
use core::time::Duration;

use antes_core::spans::patience_with_a_term;
use antes_core::{Command, Config, Form, Hold, MAX_NODES, MAX_OUTSTANDING, Preempt};

use super::{FAULTS_LAST, LONGEST_DELAY_MS};
use crate::scenario::{Action, Scenario};

/// By when what is owed must be there, counted from the beginning of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Nothing goes wrong any more, and what was held back has arrived.
    pub calm: Duration,
    /// One leader is followed by all who are well, and from then on always.
    pub led: Duration,
    /// Every request that was made until a second after `led` is in, and nobody waits.
    pub served: Duration,
}

/// How long after [`Bounds::led`] the last requests that are owed are made.
pub(super) const ASKING_LASTS: Duration = Duration::from_secs(1);

impl Bounds {
    /// The bounds of this storm. Nobody has more requests outstanding than are accepted; the
    /// longest of those that the script makes are counted.
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

    /// When everything that is owed has been judged.
    pub fn end(&self) -> Duration {
        self.served + Duration::from_secs(1)
    }
}

/// The longest that such a request may hold the lock.
pub(super) fn longest(scenario: &Scenario, hold: Hold) -> Duration {
    let lease = scenario.config.hardened.lease;
    match hold {
        Hold::For(hold) => hold.min(lease),
        Hold::Drawn => scenario.config.mutex.hold.max.min(lease),
        Hold::UntilReleased => lease,
    }
}

/// How long it takes at most until all who are well follow one leader for good, once nothing goes wrong.
///
/// Those who lead without a majority, or follow one who is gone, notice within the suspicion; the
/// last of them when a candidate has already taken office whom they do not hear. After that, each
/// node may have to try, and in the end the highest takes over, which it may not do at once.
pub fn to_one_leader(config: &Config) -> Duration {
    let election = &config.election;
    // PROBE, the Bully phase, PROPOSE, and the wait after a refusal or in another's new term.
    let attempt = 2 * election.answer_timeout + asking(config) + patience_with_a_term(config);
    let patience = match config.hardened.preempt {
        Preempt::Always | Preempt::Never => election.coordinator_timeout,
        Preempt::Stable => config.hardened.probation,
    };
    let attempts = u32::from(config.size.get()) + 1;
    by_a_slow_clock(config, 2 * election.suspect_after + attempts * attempt + patience)
}

/// How long a candidate asks those above it.
fn asking(config: &Config) -> Duration {
    let asked = match config.election.form {
        Form::Parallel => 1,
        Form::Sequential => u32::from(config.size.get()).saturating_sub(1),
    };
    asked * config.election.answer_timeout
}

/// How long it takes at most until requests that are to hold the lock for so long are all in. A
/// new coordinator may have to wait until whatever was granted before has run out; then all that
/// wait are in one after the other, each for as long as it holds or the lease lasts.
pub(super) fn to_serve(scenario: &Scenario, holds: impl Iterator<Item = Duration>) -> Duration {
    let config = &scenario.config;
    let (lease, size) = (config.hardened.lease, u32::from(config.size.get()));
    let recovery = config.election.suspect_after + lease;
    // An entry begins when the grant arrives and is over for the coordinator when the release does.
    let around = 3 * scenario.longest_way();
    // A node that was suspected is granted when it repeats its requests.
    let repeated = size * config.hardened.retry;
    let holds: Duration = holds.map(|hold| hold + around).sum();
    // What the applications ask for by themselves: one request a node at a time.
    let own = size * u32::from(config.application.auto);
    let own = own * (longest(scenario, Hold::Drawn) + around);
    by_a_slow_clock(config, recovery + lease + repeated + holds + own)
}

/// How long a span can take: on the slowest clock within the bound, whose owner may have made it
/// longer by as much already.
fn by_a_slow_clock(config: &Config, span: Duration) -> Duration {
    let drift = config.hardened.drift.0.min(500_000);
    let longer = span * (1_000_000 + drift) / (1_000_000 - drift);
    // A script has whole milliseconds.
    Duration::from_millis(u64::try_from(longer.as_millis()).unwrap_or(u64::MAX) + 1)
}
