//! How soon everything must be well once the faults are over, as it follows from the spans.

use core::time::Duration;

use antes_core::{Command, Config, Form, Hold, Preempt};

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
    /// The bounds of this storm.
    pub fn of(scenario: &Scenario) -> Self {
        let config = &scenario.config;
        let calm = FAULTS_LAST + Duration::from_millis(LONGEST_DELAY_MS) + slowest_way(config);
        let led = calm + to_one_leader(config);
        Self { calm, led, served: led + ASKING_LASTS + to_serve(scenario) }
    }
}

/// The longest that a message may take for the hardened profile's spans to fit, less a tenth for
/// clocks that run fast: there and back within T, T and there and back within T', and an
/// acknowledgement before the leader's lease ends. (The same bounds as in a scenario file.)
pub(super) fn slowest_way(config: &Config) -> Duration {
    let election = &config.election;
    let patience = election.coordinator_timeout.saturating_sub(asking(config));
    let lease = election.suspect_after.saturating_sub(election.heartbeat);
    election.answer_timeout.min(patience).min(lease) * 9 / 20
}

/// How long it takes at most until all who are well follow one leader for good, once nothing goes wrong.
///
/// Those who lead without a majority, or follow one who is gone, notice within the suspicion; the
/// last of them when a candidate has already taken office whom they do not hear. After that, each
/// node may have to try, and in the end the highest takes over, which it may not do at once.
pub fn to_one_leader(config: &Config) -> Duration {
    let election = &config.election;
    // PROBE, the Bully phase, PROPOSE, and the rest after a refusal.
    let attempt = 2 * election.answer_timeout + asking(config) + election.coordinator_timeout;
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

/// A new coordinator may have to wait until whatever was granted before has run out; then all who
/// wait are in one after the other, each for as long as it holds or the lease lasts.
fn to_serve(scenario: &Scenario) -> Duration {
    let config = &scenario.config;
    let lease = config.hardened.lease;
    let recovery = config.election.suspect_after + lease;
    // An entry begins when the grant arrives and is over for the coordinator when the release does;
    // who was suspected is granted when it repeats its request.
    let around = 3 * slowest_way(config) + config.hardened.retry;
    let holds = scenario.steps.iter().filter_map(|step| match step.action {
        Action::Command { command: Command::Request { hold: Hold::For(hold) }, .. } => Some(hold),
        _ => None,
    });
    let holds: Duration = holds.map(|hold| hold.min(lease) + around).sum();
    // What the applications ask for by themselves: one request a node at a time, and so at most
    // one before each of those of the script.
    let own = u32::from(config.size.get()) * u32::from(config.application.auto);
    let own = own * (config.mutex.hold.max.min(lease) + around);
    by_a_slow_clock(config, recovery + lease + holds + own)
}

/// How long a span can take: on the slowest clock within the bound, whose owner may have made it
/// longer by as much already.
fn by_a_slow_clock(config: &Config, span: Duration) -> Duration {
    let drift = config.hardened.drift.0.min(500_000);
    let longer = span * (1_000_000 + drift) / (1_000_000 - drift);
    // A script has whole milliseconds.
    Duration::from_millis(u64::try_from(longer.as_millis()).unwrap_or(u64::MAX) + 1)
}
