//! What a cluster is set to. Every node of a cluster has the same configuration.

use core::time::Duration;

use crate::id::ClusterSize;

/// Which protocols run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// The logical clock and its application of remote calls, alone.
    Clock,
    /// The clock, and leader election.
    Leader,
    /// The clock, leader election, and mutual exclusion with the leader as coordinator.
    Mutex,
}

/// Which form of the algorithms runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// As published, including how they fail.
    Classic,
    /// Safe under crash, restart, pause, partition, loss, duplication, reordering and bounded
    /// clock drift.
    Hardened,
}

/// A span of time to choose from, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DurationRange {
    /// The shortest choice.
    pub min: Duration,
    /// The longest choice; not below `min`.
    pub max: Duration,
}

/// How a candidate asks those above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// All at once (Garcia-Molina 1982, as in the textbooks).
    Parallel,
    /// One at a time, the highest first (the course report).
    Sequential,
}

/// Whom a winner tells, in the parallel form. In the sequential form it always tells all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announce {
    /// The ids below its own.
    Lower,
    /// Every other id.
    All,
}

/// How the death of a leader is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detector {
    /// The leader sends HEARTBEAT; silence for `suspect_after` is suspicion.
    Heartbeat,
    /// Every node asks the leader at random intervals around `heartbeat`; an answer that stays
    /// away for `suspect_after` is suspicion.
    Poll,
    /// Nobody looks.
    Off,
}

/// Settings of the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElectionConfig {
    /// How a candidate asks those above it.
    pub form: Form,
    /// Whom a winner tells.
    pub announce: Announce,
    /// How the death of a leader is noticed.
    pub detector: Detector,
    /// How often the leader shows that it is alive, or is asked whether it is.
    pub heartbeat: Duration,
    /// How long a leader may be silent.
    pub suspect_after: Duration,
    /// T: how long a candidate waits for an OK. At least two transmissions and the processing.
    pub answer_timeout: Duration,
    /// T': how long a candidate that got an OK waits for COORDINATOR.
    pub coordinator_timeout: Duration,
}

/// Settings of the mutual exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MutexConfig {
    /// How long the application holds the lock.
    pub hold: DurationRange,
}

/// Whether the highest id takes over from a leader that works (hardened profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preempt {
    /// At once.
    Always,
    /// Never.
    Never,
    /// Once it has been up for `probation`.
    Stable,
}

/// Millionths: of clock rates, where 1,000,000 is a clock that runs true, and of their drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ppm(pub u32);

impl Ppm {
    /// The rate of a clock that runs true.
    pub const TRUE: Self = Self(1_000_000);
}

/// What only the hardened profile obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HardenedConfig {
    /// Whether the highest id takes over from a leader that works.
    pub preempt: Preempt,
    /// How long a node must have been up before it may take over, where `preempt` is `Stable`.
    pub probation: Duration,
    /// L: how long a grant lasts. The same on every node; there is no renewal.
    pub lease: Duration,
    /// How often a waiter repeats its request; a quarter of the lease at most.
    pub retry: Duration,
    /// ρ: by how much clocks may run fast or slow. The bound that the protocol assumes.
    pub drift: Ppm,
}

impl HardenedConfig {
    /// The values that `docs/formats.md` gives as defaults.
    pub const DEFAULT: Self = Self {
        preempt: Preempt::Always,
        probation: Duration::from_secs(2),
        lease: Duration::from_secs(5),
        retry: Duration::from_secs(1),
        drift: Ppm(10_000),
    };
}

impl Default for HardenedConfig {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Settings of the applications: the remote calls and the critical sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApplicationConfig {
    /// Whether they act on their own, at random.
    pub auto: bool,
    /// Whether those that do also call each other.
    pub calls: bool,
    /// How long they wait before they act again.
    pub wait: DurationRange,
    /// How long a caller waits for the reply.
    pub call_timeout: Duration,
}

/// The whole configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are.
    pub size: ClusterSize,
    /// Which protocols run.
    pub algorithm: Algorithm,
    /// Which form of them.
    pub profile: Profile,
    /// Settings of the election.
    pub election: ElectionConfig,
    /// Settings of the mutual exclusion.
    pub mutex: MutexConfig,
    /// Settings of the hardened profile; the classic one ignores them.
    pub hardened: HardenedConfig,
    /// Settings of the applications.
    pub application: ApplicationConfig,
}

impl Config {
    /// `algorithm` on `size` nodes, with the values that `docs/formats.md` gives as defaults.
    pub const fn new(algorithm: Algorithm, size: ClusterSize) -> Self {
        const fn ms(millis: u64) -> Duration {
            Duration::from_millis(millis)
        }
        Self {
            size,
            algorithm,
            profile: Profile::Classic,
            election: ElectionConfig {
                form: Form::Parallel,
                announce: Announce::Lower,
                detector: Detector::Heartbeat,
                heartbeat: ms(500),
                suspect_after: ms(1200),
                answer_timeout: ms(300),
                coordinator_timeout: ms(600),
            },
            mutex: MutexConfig { hold: DurationRange { min: ms(500), max: ms(2000) } },
            hardened: HardenedConfig::DEFAULT,
            application: ApplicationConfig {
                auto: false,
                calls: true,
                wait: DurationRange { min: ms(1000), max: ms(3000) },
                call_timeout: ms(2000),
            },
        }
    }
}
