//! The configuration of a cluster. All its nodes have the same one.

use core::fmt;
use core::time::Duration;

use crate::id::ClusterSize;

/// The protocols that a cluster runs. Remote calls always run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// The logical clock and the remote calls only.
    Clock,
    /// The clock, and leader election.
    Leader,
    /// The clock and a lock. With the centralized lock also leader election, since the leader is
    /// the lock's coordinator.
    Mutex,
}

/// Which version of the algorithms runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// As published, including how they fail.
    Classic,
    /// Safe under crash, restart, pause, partition, loss, duplication, reordering and bounded
    /// clock drift.
    Hardened,
}

/// A range of durations to draw from, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DurationRange {
    /// The shortest duration; at most `max`.
    pub min: Duration,
    /// The longest duration; not below `min`.
    pub max: Duration,
}

/// How a candidate asks the nodes with higher ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// All of them at once (Garcia-Molina 1982, as in the textbooks).
    Parallel,
    /// One at a time, the highest first (the course report).
    Sequential,
}

/// Which nodes a winner tells in the parallel form. In the sequential form it tells all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Announce {
    /// All nodes with lower ids.
    Lower,
    /// All other nodes, whatever their ids.
    All,
}

/// How followers notice that the leader has died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Detector {
    /// The leader sends HEARTBEAT. A follower suspects it after `suspect_after` of silence.
    Heartbeat,
    /// Each follower asks the leader at random intervals around `heartbeat`. It suspects the leader
    /// if no answer arrives within `suspect_after`.
    Poll,
    /// Followers never suspect the leader.
    Off,
}

/// Form, failure detector and timeouts of the election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ElectionConfig {
    /// How a candidate asks the nodes with higher ids.
    pub form: Form,
    /// Which nodes a winner tells.
    pub announce: Announce,
    /// How followers notice that the leader has died.
    pub detector: Detector,
    /// H: how often the leader sends a heartbeat, or is polled.
    pub heartbeat: Duration,
    /// X: how long a leader may be silent before it is suspected.
    pub suspect_after: Duration,
    /// T: how long a candidate waits for OK. At least two transmissions and the processing time.
    pub answer_timeout: Duration,
    /// T': how long a candidate that received OK waits for COORDINATOR.
    pub coordinator_timeout: Duration,
}

/// How nodes exclude each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lock {
    /// The elected leader grants the lock.
    #[default]
    Centralized,
    /// Each node asks all others (Ricart and Agrawala 1981). No election runs. It is of the classic
    /// profile only.
    Distributed,
}

impl Lock {
    /// All kinds, with their names in files and settings.
    pub const NAMES: [(&'static str, Self); 2] =
        [("centralized", Self::Centralized), ("distributed", Self::Distributed)];

    /// Its name in files and settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Centralized => "centralized",
            Self::Distributed => "distributed",
        }
    }
}

/// Settings that only the lock uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MutexConfig {
    /// How nodes exclude each other.
    pub lock: Lock,
    /// How long the application holds the lock.
    pub hold: DurationRange,
}

/// Whether a node takes over from a live leader with a lower id (hardened profile).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Preempt {
    /// It tries `coordinator_timeout` after it began to follow that leader.
    Always,
    /// It waits until the leader fails or resigns.
    Never,
    /// It tries `probation` after it began to follow that leader, if it has been up for that long.
    Stable,
}

/// Parts per million, for clock rates and clock drift. A rate of 1,000,000 is an exact clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ppm(pub u32);

impl Ppm {
    /// The rate of an exact clock.
    pub const TRUE: Self = Self(1_000_000);
}

/// Settings that only the hardened profile uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HardenedConfig {
    /// Whether a node takes over from a live leader with a lower id.
    pub preempt: Preempt,
    /// How long a node must have been up before it takes over, if `preempt` is `Stable`.
    pub probation: Duration,
    /// L: how long a grant lasts. It is the same on all nodes and is not renewed.
    pub lease: Duration,
    /// R: how often a node repeats an unanswered request. At most a quarter of the lease.
    pub retry: Duration,
    /// ρ: how much a clock may run fast or slow. The protocol assumes this bound.
    pub drift: Ppm,
}

impl HardenedConfig {
    /// The default values that `docs/formats.md` lists.
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

/// Settings of the applications: remote calls and critical sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ApplicationConfig {
    /// Whether nodes call and ask for the lock by themselves, at random.
    pub auto: bool,
    /// Whether nodes that act by themselves also make remote calls.
    pub calls: bool,
    /// How long a node waits before it acts by itself again.
    pub wait: DurationRange,
    /// How long a client waits for a reply.
    pub call_timeout: Duration,
}

/// Which protocols run, and in which version: the part of a configuration that a trace names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// The protocols that the cluster runs.
    pub algorithm: Algorithm,
    /// Which version of them runs.
    pub profile: Profile,
    /// How nodes exclude each other, if a lock runs.
    pub lock: Lock,
}

impl Setting {
    /// The setting with the default lock.
    pub const fn new(algorithm: Algorithm, profile: Profile) -> Self {
        Self { algorithm, profile, lock: Lock::Centralized }
    }

    /// Whether a lock runs, of either kind.
    pub const fn has_lock(self) -> bool {
        matches!(self.algorithm, Algorithm::Mutex)
    }

    /// Whether the distributed lock runs.
    pub const fn is_distributed(self) -> bool {
        self.has_lock() && matches!(self.lock, Lock::Distributed)
    }

    /// Whether an election runs. The distributed lock needs none.
    pub const fn has_election(self) -> bool {
        !matches!(self.algorithm, Algorithm::Clock) && !self.is_distributed()
    }

    /// Why no cluster can run with this setting. `None` if one can.
    pub const fn refusal(self) -> Option<Refusal> {
        match self.profile {
            Profile::Hardened if self.is_distributed() => Some(Refusal {
                problem: "the distributed lock has no hardened form",
                remedy: "expected profile \"classic\" or lock \"centralized\"",
            }),
            Profile::Classic | Profile::Hardened => None,
        }
    }
}

/// The reason why no cluster can run with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The sentence that says what is wrong.
    pub problem: &'static str,
    /// The sentence that says what would be right.
    pub remedy: &'static str,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem, self.remedy)
    }
}

impl core::error::Error for Refusal {}

/// The configuration of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// How many nodes there are.
    pub size: ClusterSize,
    /// The protocols that the cluster runs.
    pub algorithm: Algorithm,
    /// Which version of the protocols runs.
    pub profile: Profile,
    /// Form, failure detector and timeouts of the election.
    pub election: ElectionConfig,
    /// The kind of the lock, and how long it is held.
    pub mutex: MutexConfig,
    /// Settings of the hardened profile; the classic one ignores them.
    pub hardened: HardenedConfig,
    /// Whether and how often nodes act by themselves.
    pub application: ApplicationConfig,
}

impl Config {
    /// The algorithm, the profile and the kind of lock.
    pub const fn setting(&self) -> Setting {
        Setting { algorithm: self.algorithm, profile: self.profile, lock: self.mutex.lock }
    }

    /// `algorithm` on `size` nodes, with the defaults of `docs/formats.md`.
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
            mutex: MutexConfig {
                lock: Lock::Centralized,
                hold: DurationRange { min: ms(500), max: ms(2000) },
            },
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
