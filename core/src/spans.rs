//! How long the timeouts of the hardened profile must be for the given network and clocks.
//!
//! A message takes at most Ttrans, and a node answers within Tp. A clock runs at a rate from 1 − ρ
//! to 1 + ρ, so a timeout S takes from S/(1 + ρ) to S/(1 − ρ) of true time. Each bound below makes
//! a timeout on the fastest clock outlast the awaited event, even if everything else runs on the
//! slowest clock.
//!
//! - **T**: from sending ELECTION, PROBE or PROPOSE to the answer. The answer arrives within
//!   2·Ttrans + Tp: T ≥ (1 + ρ)(2·Ttrans + Tp).
//! - **T'**: from OK to COORDINATOR; a PROPOSE in between starts it again. The node that says OK
//!   may have to ask k dead nodes first: k = 1 in the parallel form, which asks all at once, and k
//!   = n − 2 in the sequential form, where node 2 asks all nodes above it. The OK may take no time.
//!   If another node wins, its ELECTION and PROPOSE take 2·Ttrans. So PROPOSE arrives within k·T/(1
//!   − ρ) + 2·Ttrans + Tp after the OK: T' ≥ (1 + ρ)(k·T/(1 − ρ) + 2·Ttrans + Tp). If the PROPOSE
//!   took no time, ACCEPT and COORDINATOR follow within 3·Ttrans + Tp, which is no longer, since T
//!   is more than Ttrans. (With k = 0 there are two nodes and no third one whose PROPOSE could
//!   arrive later: 2·Ttrans + Tp is enough.)
//! - **X at the leader**: the lease is X(1 − ρ) on the leader's clock, counted from sending a
//!   heartbeat. The next heartbeat is sent H later on the same clock. It is acknowledged within
//!   2·Ttrans + Tp, at most (1 + ρ)(2·Ttrans + Tp) on the leader's clock: X(1 − ρ) ≥ H + (1 +
//!   ρ)(2·Ttrans + Tp).
//! - **X at a follower**: a heartbeat may take no time. A slow leader sends the next one H/(1 − ρ)
//!   later, and it may take Ttrans: X/(1 + ρ) ≥ H/(1 − ρ) + Ttrans + Tp.
//! - **The wait after hearing of a new term**: the candidate asks the dead nodes above the highest
//!   live node, and then that node asks them too. Parallel: PROPOSE arrives T/(1 − ρ) + 2·Ttrans +
//!   Tp after the term began, which T' covers. Sequential, with f nodes dead: 2f·T/(1 − ρ) +
//!   2·Ttrans + Tp. A majority is alive, so 2f ≤ n − 1, which is one T more than T' covers. A node
//!   that waited less and sent PROBE would end the new term's candidacy by starting another term.
//! - **The longest hold that no lease cuts**: a grant answers an attempt of the REQUEST that was
//!   sent at most R + 2·Ttrans earlier. The holder's lease, L(1 − ρ), counts from that sending:
//!   hold ≤ L(1 − ρ) − R − 2·Ttrans.

use alloc::vec::Vec;
use core::time::Duration;

use crate::config::{Algorithm, Config, Form};

/// A million: the unit of rates and drift.
const ONE: u128 = 1_000_000;

/// The bounds of the network that the timeouts have to fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Ttrans: the longest time that a message takes.
    pub transmission: Duration,
    /// Tp: the longest time that a node takes to answer.
    pub processing: Duration,
}

/// A timeout of the configuration, as files and options name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// T, which files call `answer_timeout`.
    AnswerTimeout,
    /// T', which files call `coordinator_timeout`.
    CoordinatorTimeout,
    /// X, which files call `suspect_after`.
    SuspectAfter,
    /// R, which files call `retry`.
    Retry,
}

/// The reason why a timeout does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// T: the answer may still be in flight.
    AnswerOnItsWay,
    /// T': the winner may still be asking the nodes above it.
    WinnerStillAsks,
    /// X: the leader's lease may end before its next heartbeat is acknowledged.
    LeaseRunsOut,
    /// X: a follower with a fast clock suspects a live leader with a slow one.
    LiveLeaderSuspected,
    /// X is longer than the lease L.
    LongerThanLease,
    /// R is longer than a quarter of the lease L.
    LongerThanQuarterLease,
}

/// A timeout that is safe, but too short or too long for the hardened profile to make progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The timeout that does not fit.
    pub span: Span,
    /// The rule that it violates.
    pub reason: Reason,
    /// The nearest value that fits: the minimum, or the maximum if the timeout is too long.
    pub fits: Duration,
}

impl Network {
    /// A network with this longest transmission time and nodes that answer at once.
    pub const fn with_transmission(transmission: Duration) -> Self {
        Self { transmission, processing: Duration::ZERO }
    }

    /// The slowest network for which T of `config` is long enough.
    pub fn that_suits_t(config: &Config) -> Self {
        let drift = drift(config);
        let there_and_back = micros(config.election.answer_timeout) * ONE / (ONE + drift);
        Self::with_transmission(span(there_and_back / 2))
    }

    /// 2·Ttrans + Tp, in microseconds.
    fn there_and_back(self) -> u128 {
        2 * micros(self.transmission) + micros(self.processing)
    }

    /// Ttrans + Tp, in microseconds.
    fn one_way(self) -> u128 {
        micros(self.transmission) + micros(self.processing)
    }
}

/// The shortest T that fits.
pub fn least_answer_timeout(config: &Config, network: Network) -> Duration {
    let drift = drift(config);
    // mutant: drift-in-answer-timeout
    span((network.there_and_back() * (ONE + drift)).div_ceil(ONE))
}

/// The shortest T' that fits, given the T of `config`.
pub fn least_coordinator_timeout(config: &Config, network: Network) -> Duration {
    let drift = drift(config);
    let size = u128::from(config.size.get());
    let asked = match config.election.form {
        // mutant: asking-in-coordinator-timeout
        Form::Parallel => 1,
        Form::Sequential => size.saturating_sub(2),
    };
    let asking = asked * micros(config.election.answer_timeout) * ONE;
    // mutant: drift-in-coordinator-timeout
    let asks = (asking + network.there_and_back() * (ONE - drift)) * (ONE + drift);
    span(asks.div_ceil(ONE * (ONE - drift)))
}

/// The shortest X that fits, given the H of `config`, and the rule that a shorter one violates.
pub fn least_suspicion(config: &Config, network: Network) -> (Duration, Reason) {
    let drift = drift(config);
    let heartbeat = micros(config.election.heartbeat);
    let acknowledged = heartbeat + (network.there_and_back() * (ONE + drift)).div_ceil(ONE);
    // mutant: drift-in-suspicion-of-leader
    let at_leader = (acknowledged * ONE).div_ceil(ONE - drift);
    let heard = (heartbeat * ONE + network.one_way() * (ONE - drift)) * (ONE + drift);
    let at_follower = heard.div_ceil(ONE * (ONE - drift));
    if at_leader >= at_follower {
        (span(at_leader), Reason::LeaseRunsOut)
    } else {
        // mutant: drift-in-suspicion-of-follower
        (span(at_follower), Reason::LiveLeaderSuspected)
    }
}

/// How long a node that hears of a new term waits for a leader before it sends PROBE.
pub fn patience_with_a_term(config: &Config) -> Duration {
    let election = &config.election;
    let candidacy = match election.form {
        Form::Parallel => election.coordinator_timeout,
        Form::Sequential => {
            let drift = drift(config);
            let another = micros(election.answer_timeout) * (ONE + drift);
            election.coordinator_timeout + span(another.div_ceil(ONE - drift))
        }
    };
    election.suspect_after.max(candidacy)
}

/// The longest hold that no lease cuts if no message is lost: L(1 − ρ) − R − 2·Ttrans.
pub fn longest_hold(config: &Config, network: Network) -> Duration {
    let hardened = &config.hardened;
    let lease = span(micros(hardened.lease) * (ONE - drift(config)) / ONE);
    lease.saturating_sub(hardened.retry).saturating_sub(2 * network.transmission)
}

/// `config` with those timeouts adjusted to `network` for which `left_out` is true. They are made
/// as long as necessary, in whole milliseconds; X and R stay within the lease.
pub fn fitted(config: &Config, network: Network, left_out: impl Fn(Span) -> bool) -> Config {
    let mut config = *config;
    if left_out(Span::AnswerTimeout) {
        let least = whole_millis(least_answer_timeout(&config, network));
        let election = &mut config.election;
        election.answer_timeout = election.answer_timeout.max(least);
    }
    if left_out(Span::CoordinatorTimeout) {
        let least = whole_millis(least_coordinator_timeout(&config, network));
        let election = &mut config.election;
        election.coordinator_timeout = election.coordinator_timeout.max(least);
    }
    if left_out(Span::SuspectAfter) {
        let least = whole_millis(least_suspicion(&config, network).0);
        let longest = if has_leases(&config) { config.hardened.lease } else { Duration::MAX };
        let election = &mut config.election;
        election.suspect_after = election.suspect_after.min(longest).max(least);
    }
    if left_out(Span::Retry) {
        config.hardened.retry = config.hardened.retry.min(config.hardened.lease / 4);
    }
    config
}

/// The timeouts of `config` that do not fit `network` and each other. If all of them are set to the
/// values found, only an X that exceeds the lease can remain.
pub fn misfits(config: &Config, network: Network) -> Vec<Misfit> {
    let mut config = *config;
    let mut found = Vec::new();
    let mut note = |span, reason, given: &mut Duration, fits| {
        found.push(Misfit { span, reason, fits });
        *given = fits;
    };
    let longest_retry = config.hardened.lease / 4;
    if has_leases(&config) && config.hardened.retry > longest_retry {
        let retry = &mut config.hardened.retry;
        note(Span::Retry, Reason::LongerThanQuarterLease, retry, longest_retry);
    }
    let least = least_answer_timeout(&config, network);
    let answer = &mut config.election.answer_timeout;
    if *answer < least {
        note(Span::AnswerTimeout, Reason::AnswerOnItsWay, answer, least);
    }
    let least = least_coordinator_timeout(&config, network);
    let coordinator = &mut config.election.coordinator_timeout;
    if *coordinator < least {
        note(Span::CoordinatorTimeout, Reason::WinnerStillAsks, coordinator, least);
    }
    let (least, reason) = least_suspicion(&config, network);
    let (lease, leases) = (config.hardened.lease, has_leases(&config));
    let suspicion = &mut config.election.suspect_after;
    if *suspicion < least {
        note(Span::SuspectAfter, reason, suspicion, least);
    }
    if leases && *suspicion > lease {
        note(Span::SuspectAfter, Reason::LongerThanLease, suspicion, lease);
    }
    found
}

/// Whether there is a lock: then X must not exceed its lease.
fn has_leases(config: &Config) -> bool {
    config.algorithm == Algorithm::Mutex
}

/// ρ in millionths, below one: no clock stands still.
fn drift(config: &Config) -> u128 {
    u128::from(config.hardened.drift.0).min(ONE - 1)
}

const fn micros(span: Duration) -> u128 {
    span.as_micros()
}

fn span(micros: u128) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

fn whole_millis(span: Duration) -> Duration {
    Duration::from_millis(u64::try_from(span.as_micros().div_ceil(1000)).unwrap_or(u64::MAX))
}
