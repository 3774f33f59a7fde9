//! What all parts of a storm's script share: its phases, its limits and its faults.

use core::time::Duration;

use crate::scenario::{Action, Step};

/// The length of the fault phase.
pub const FAULTS_LAST: Duration = Duration::from_secs(30);

/// The longest delay of a message or write, in milliseconds.
pub const LONGEST_DELAY_MS: u64 = 9_000;

/// The shortest latency of a message, if the network allows slower ones.
pub const SHORTEST_WAY: Duration = Duration::from_millis(5);

/// The faults of a storm. [`Faults::ALL`] is the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Faults {
    pub loss: bool,
    pub duplicates: bool,
    pub reordering: bool,
    /// Links are cut in one or both directions.
    pub cuts: bool,
    /// Nodes crash at any moment or stop in order, and restart.
    pub crashes: bool,
    pub pauses: bool,
    /// Clocks run fast and slow, within the bound.
    pub drift: bool,
    /// Messages and writes are delayed for seconds.
    pub delays: bool,
    /// A restarted node finds its stable storage empty (hardened profile).
    pub disks: bool,
}

impl Faults {
    pub const ALL: Self = Self {
        loss: true,
        duplicates: true,
        reordering: true,
        cuts: true,
        crashes: true,
        pauses: true,
        drift: true,
        delays: true,
        disks: true,
    };

    pub const NONE: Self = Self {
        loss: false,
        duplicates: false,
        reordering: false,
        cuts: false,
        crashes: false,
        pauses: false,
        drift: false,
        delays: false,
        disks: false,
    };
}

/// A step at this time, before everything else of its instant.
pub const fn step(at: Duration, action: Action) -> Step {
    Step::new(at, 0, action)
}
