//! How long the hardened profile's spans must be for the network and the clocks.
//!
//! A message takes at most Ttrans, and a node at most Tp until it answers. A clock runs at a rate
//! from 1 − ρ to 1 + ρ, so a span S that a node sets takes from S/(1 + ρ) to S/(1 − ρ). Every bound
//! below says that what is waited for is there before the fastest clock is done waiting, although
//! everything else runs by the slowest one.
//!
//! - **T**, from ELECTION, PROBE or PROPOSE to the answer. The answer is there after 2·Ttrans + Tp:
//!   T ≥ (1 + ρ)(2·Ttrans + Tp).
//! - **T'**, from an OK to COORDINATOR; a PROPOSE in between begins it anew. The node that says OK
//!   may have to ask k others in vain: k = 1 in the parallel form, where it asks all at once, and
//!   n − 2 in the sequential one, where node 2 asks everybody above it. Its OK may take no time
//!   and ELECTION and PROPOSE of the winner, if that is another node, 2·Ttrans, so that PROPOSE is there
//!   k·T/(1 − ρ) + 2·Ttrans + Tp after the OK: T' ≥ (1 + ρ)(k·T/(1 − ρ) + 2·Ttrans + Tp). ACCEPT and
//!   COORDINATOR follow within 3·Ttrans + Tp, if the PROPOSE took no time, which is no longer: T is more
//!   than Ttrans. (Where k = 0 there are two nodes, and nobody whose PROPOSE could arrive later: then it is
//!   2·Ttrans + Tp.)
//! - **X at the leader**. Its lease is X(1 − ρ) by its own clock from sending a heartbeat. The next
//!   one is sent H later by the same clock, and acknowledged 2·Ttrans + Tp after that, which its
//!   clock counts as (1 + ρ)(2·Ttrans + Tp) at most: X(1 − ρ) ≥ H + (1 + ρ)(2·Ttrans + Tp).
//! - **X at a follower**. A heartbeat may take no time and the next one, which a slow leader sends
//!   H/(1 − ρ) later, Ttrans: X/(1 + ρ) ≥ H/(1 − ρ) + Ttrans + Tp.
//! - **The wait after hearing of a new term**. The candidate asks the dead nodes above the highest
//!   live one, and then so does that one. Parallel: PROPOSE is there T/(1 − ρ) + 2·Ttrans + Tp
//!   after the term began, which T' covers. Sequential: with f nodes dead, 2f·T/(1 − ρ) +
//!   2·Ttrans + Tp. A majority lives, so 2f ≤ n − 1, which is one T more than T' covers. A node that
//!   waits less, and PROBEs, ends the candidacy of the new term by the one after it.
//! - **The hold that is never cut**. A grant answers a repetition of the REQUEST that was sent R and
//!   the way there and back earlier at most, and the holder's lease, L(1 − ρ), counts from then:
//!   hold ≤ L(1 − ρ) − R − 2·Ttrans.

use alloc::vec::Vec;
use core::time::Duration;

use crate::config::{Algorithm, Config, Form};

/// A million: the unit of rates and drifts.
const ONE: u128 = 1_000_000;

/// How long a message takes at most, and a node until it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Ttrans.
    pub transmission: Duration,
    /// Tp.
    pub processing: Duration,
}

/// A span of the configuration, with the names of files and options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// `answer_timeout`, T.
    AnswerTimeout,
    /// `coordinator_timeout`, T'.
    CoordinatorTimeout,
    /// `suspect_after`, X.
    SuspectAfter,
    /// `retry`, R.
    Retry,
}

/// Why a span does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// T: the answer may still be on its way.
    AnswerOnItsWay,
    /// T': the winner may still be asking those above it.
    WinnerStillAsks,
    /// X: the leader's lease may run out before its next heartbeat has been acknowledged.
    LeaseRunsOut,
    /// X: a follower with a fast clock suspects a live leader with a slow one.
    LiveLeaderSuspected,
    /// X is longer than L.
    LongerThanLease,
    /// R is longer than a quarter of L.
    LongerThanQuarterLease,
}

/// A span with which the hardened profile would be safe, but would not get on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The span that does not fit.
    pub span: Span,
    /// The rule that it breaks.
    pub reason: Reason,
    /// The nearest value that fits: the least one, or where the span is too long, the longest.
    pub fits: Duration,
}

impl Network {
    /// A network in which messages take so long at most, between nodes that answer at once.
    pub const fn with_transmission(transmission: Duration) -> Self {
        Self { transmission, processing: Duration::ZERO }
    }

    /// The slowest network for which T is long enough.
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

/// The least T.
pub fn least_answer_timeout(config: &Config, network: Network) -> Duration {
    let drift = drift(config);
    span((network.there_and_back() * (ONE + drift)).div_ceil(ONE))
}

/// The least T', for the T of `config`.
pub fn least_coordinator_timeout(config: &Config, network: Network) -> Duration {
    let drift = drift(config);
    let size = u128::from(config.size.get());
    let asked = match config.election.form {
        Form::Parallel => 1,
        Form::Sequential => size.saturating_sub(2),
    };
    let asking = asked * micros(config.election.answer_timeout) * ONE;
    let asks = (asking + network.there_and_back() * (ONE - drift)) * (ONE + drift);
    span(asks.div_ceil(ONE * (ONE - drift)))
}

/// The least X, for the H of `config`, and what a shorter one breaks.
pub fn least_suspicion(config: &Config, network: Network) -> (Duration, Reason) {
    let drift = drift(config);
    let heartbeat = micros(config.election.heartbeat);
    let acknowledged = heartbeat + (network.there_and_back() * (ONE + drift)).div_ceil(ONE);
    let at_leader = (acknowledged * ONE).div_ceil(ONE - drift);
    let heard = (heartbeat * ONE + network.one_way() * (ONE - drift)) * (ONE + drift);
    let at_follower = heard.div_ceil(ONE * (ONE - drift));
    if at_leader >= at_follower {
        (span(at_leader), Reason::LeaseRunsOut)
    } else {
        (span(at_follower), Reason::LiveLeaderSuspected)
    }
}

/// How long a node that hears of a new term waits for its leader before it PROBEs.
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

/// The longest hold that no lease cuts, if no message is lost: L(1 − ρ) − R − 2·Ttrans.
pub fn longest_hold(config: &Config, network: Network) -> Duration {
    let hardened = &config.hardened;
    let lease = span(micros(hardened.lease) * (ONE - drift(config)) / ONE);
    lease.saturating_sub(hardened.retry).saturating_sub(2 * network.transmission)
}

/// `config` with those spans made to fit `network` that `left_out` names: as long as they have to
/// be, in whole milliseconds, and X and R not longer than the lease allows.
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

/// The spans of `config` that do not fit `network` and each other. With all of them set to what
/// would fit, nothing is left to be found but an X for which the lease is too short.
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

/// Whether there is a lock, whose lease X must not outlast.
fn has_leases(config: &Config) -> bool {
    config.algorithm == Algorithm::Mutex
}

/// ρ in millionths; no clock stands still.
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
