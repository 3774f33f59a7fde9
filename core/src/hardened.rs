//! The hardened profile: the same algorithms made safe under crash, restart, pause, partition,
//! loss, duplication, reordering and bounded clock drift.
//!
//! Every message carries its sender's term. A message of a lower term is not acted on, and its
//! sender is told the current one; a message of a higher term moves its receiver to that term
//! first. What must outlive a crash is saved before anything that depends on it is sent.

mod birth;
mod campaign;
mod claims;
mod coordinator;
mod election;
mod mutex;
mod office;

pub(crate) use birth::TIMER as BIRTH_TIMER;
pub use birth::{Acquaintances, Birth, BirthMessage, Births, Fact, Memory, Part, witnesses};
pub use campaign::{Campaign, Hearing};
pub use claims::{Progress, Request};
pub use coordinator::{Coordinator, Held, Stage, Waiter};
pub use election::{Election, ElectionMessage, Leadership, Standing};
pub use mutex::{Mutex, MutexMessage, Role};
pub use office::Office;

use core::time::Duration;

use crate::config::Config;
use crate::id::Term;

/// A message of the hardened profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Termed {
    /// The sender's term.
    pub term: Term,
    /// What it says.
    pub body: Body,
}

/// What a message of the hardened profile says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Body {
    /// Of the election and the leader's lease.
    Election(ElectionMessage),
    /// Of the mutual exclusion.
    Mutex(MutexMessage),
    /// Of a node whose memory is new.
    Birth(BirthMessage),
}

/// How many of `nodes` nodes are more than half of them.
pub(crate) const fn majority(nodes: u8) -> u32 {
    nodes as u32 / 2 + 1
}

/// A span that ends early enough on any clock within the drift bound: `span · (1 − ρ)`.
pub(crate) fn early(config: &Config, span: Duration) -> Duration {
    scale(span, 1_000_000 - u64::from(config.hardened.drift.0.min(1_000_000)))
}

/// A span that ends late enough on any clock within the drift bound: `span · (1 + ρ)`.
pub(crate) fn late(config: &Config, span: Duration) -> Duration {
    scale(span, 1_000_000 + u64::from(config.hardened.drift.0))
}

fn scale(span: Duration, millionths: u64) -> Duration {
    let micros = span.as_micros() * u128::from(millionths) / 1_000_000;
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}
