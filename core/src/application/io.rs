//! The timers and draws of a lock's application, and the places of its writes.

use crate::id::RequestId;

/// Timers of a lock's application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ApplicationTimer {
    /// How long until the application asks for the lock by itself.
    RequestWait,
    /// How long this critical section still lasts.
    Hold(RequestId),
}

/// Random draws of a lock's application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApplicationChoice {
    /// How long to wait before the application asks for the lock, in microseconds.
    RequestWait,
    /// How long to hold the lock, in microseconds.
    Hold(RequestId),
}

/// The place of a write within a critical section.
#[allow(missing_docs, reason = "the names are self-explanatory")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Phase {
    Entry,
    /// In between, on a user's command.
    Inside,
    Exit,
}

impl ApplicationTimer {
    /// The name of the timer in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RequestWait => "request-wait",
            Self::Hold(_) => "hold",
        }
    }
}

impl Phase {
    /// The names in files.
    pub const NAMES: [&str; 3] = ["entry", "inside", "exit"];

    const ALL: [Self; 3] = [Self::Entry, Self::Inside, Self::Exit];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The phase with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.name() == name)
    }
}
