//! The hardened profile: the same algorithms, safe under crash, restart, pause, partition, loss,
//! duplication, reordering and bounded clock drift.
//!
//! Each message carries its sender's term. If the term is lower than the receiver's, the message is
//! not acted on and the sender is told the current term. If it is higher, the receiver moves to
//! that term first. State that must survive a crash is saved before a message that depends on it is
//! sent.

mod birth;
mod campaign;
mod claims;
mod coordinator;
mod election;
mod hearing;
mod mutex;
mod office;
mod profile;

pub use birth::{Acquaintances, Birth, BirthMessage, Births, Fact, Memory, Part, witnesses};
pub use campaign::Campaign;
pub use coordinator::{Coordinator, Held, Stage, Waiter};
pub use election::{Election, ElectionMessage, TermCause, TermTimer};
pub use hearing::Hearing;
pub use mutex::{LockTimer, Mutex, MutexMessage, Progress, Role};
pub use office::{Leadership, Office, Standing};
pub(crate) use profile::Hardened;

use core::time::Duration;

use crate::config::Config;
use crate::fields::FieldForm;
use crate::id::{NodeId, RequestId, Term, Token};
use crate::kind::Kind;

/// A message of the hardened profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Termed {
    /// The sender's term when it sent the message.
    pub term: Term,
    /// Type and fields of the message.
    pub body: Body,
}

impl Termed {
    /// The simplest message of each kind from `from` to `to`.
    pub(crate) fn simplest(from: NodeId, to: NodeId) -> impl Iterator<Item = Self> {
        let bodies = ElectionMessage::simplest(from, to).map(Body::Election).into_iter();
        let bodies = bodies.chain(MutexMessage::simplest(from, to).map(Body::Mutex));
        let bodies = bodies.chain(BirthMessage::simplest().map(Body::Birth));
        bodies.map(|body| Self { term: Term(1), body })
    }

    /// Carries the fields to `form`.
    pub(crate) fn carry(&mut self, form: &mut dyn FieldForm) {
        form.needed("term", &mut self.term);
        match &mut self.body {
            Body::Election(message) => message.carry(form),
            Body::Mutex(message) => message.carry(form),
            Body::Birth(message) => message.carry(form),
        }
    }
}

/// The content of a message of the hardened profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Body {
    /// A message of the election, which includes the leader's lease.
    Election(ElectionMessage),
    /// A message of the lock.
    Mutex(MutexMessage),
    /// A message about the birth of a node's memory.
    Birth(BirthMessage),
}

impl Body {
    /// The kind of the message.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Election(message) => message.kind(),
            Self::Mutex(message) => message.kind(),
            Self::Birth(message) => message.kind(),
        }
    }

    /// The request that it grants and the token, if it is a GRANT.
    pub(crate) const fn granted(&self) -> Option<(RequestId, Token)> {
        match self {
            Self::Mutex(message) => message.granted(),
            Self::Election(_) | Self::Birth(_) => None,
        }
    }

    /// The fencing token that it carries, if any.
    pub(crate) const fn token(&self) -> Option<Token> {
        match self {
            Self::Mutex(message) => message.token(),
            Self::Election(_) | Self::Birth(_) => None,
        }
    }
}

/// How many nodes form a majority of `nodes`.
pub(crate) const fn majority(nodes: u8) -> u32 {
    // mutant: majority
    nodes as u32 / 2 + 1
}

/// Shortens a span for the clock drift: `span · (1 − ρ)`. On any clock within the bound, the result
/// lasts at most `span` of true time.
pub(crate) fn shrink_for_drift(config: &Config, span: Duration) -> Duration {
    // mutant: drift-margin
    scale(span, 1_000_000 - u64::from(config.hardened.drift.0.min(1_000_000)))
}

/// Lengthens a span for the clock drift: `span · (1 + ρ)`. On any clock within the bound, the
/// result lasts at least `span` of true time.
pub(crate) fn stretch_for_drift(config: &Config, span: Duration) -> Duration {
    scale(span, 1_000_000 + u64::from(config.hardened.drift.0))
}

fn scale(span: Duration, millionths: u64) -> Duration {
    let micros = span.as_micros() * u128::from(millionths) / 1_000_000;
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}
