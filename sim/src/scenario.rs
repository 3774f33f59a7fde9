//! A scenario: the cluster, the network, and a script of interventions.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{
    Algorithm, ClusterSize, Command, Config, Form, MAX_NODES, NodeId, Profile, Refusal, Setting,
};
pub use antes_core::{HardenedConfig, Ppm, Preempt};

use crate::trace::MessageId;

pub mod claim;
pub mod duration;
mod error;
#[cfg(feature = "files")]
mod fields;
mod forgery;
pub mod packed;
#[cfg(feature = "files")]
mod read;
#[cfg(feature = "files")]
mod read_forgery;
#[cfg(feature = "files")]
mod read_step;
#[cfg(feature = "files")]
mod read_timing;
pub(crate) mod suggest;
pub(crate) mod timing;
mod words;
mod write;

use claim::Claims;
pub use error::ScenarioError;
pub(crate) use error::place;
pub use forgery::{About, Forgery};
#[cfg(feature = "files")]
pub use read::{MAX_BYTES, read};
pub use write::write;

/// The most steps of a script.
pub const MAX_STEPS: usize = 10_000;

/// A text in the languages of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub en: String,
    /// Brazilian Portuguese. `None` if it is the same as the English text.
    pub pt: Option<String>,
}

/// The distribution of the messages' latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    Fixed(Duration),
    /// Uniformly distributed from `min` to `max`.
    Uniform {
        min: Duration,
        max: Duration,
    },
    /// `min` plus an exponentially distributed part, with a mean of `mean` in total.
    Exponential {
        mean: Duration,
        min: Duration,
    },
}

/// The behaviour of the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkConfig {
    /// The latency of messages, except to and from nodes with a latency of their own.
    pub latency: Latency,
    /// The latency of each message to or from a node, by node index; `None` if it is not set.
    /// Between two such nodes the longer one applies.
    pub node_latencies: [Option<Duration>; MAX_NODES as usize],
    /// The probability that a message is lost, 0 to 1.
    pub loss: f64,
    /// The probability that a message is duplicated, 0 to 1.
    pub duplicate: f64,
    /// Whether the messages of a link arrive in the order of their sends.
    pub fifo: bool,
    /// The end of the faults, if there is one. From then on no message is lost or duplicated at
    /// random, and none takes longer than the mean of an exponential latency. Interventions on
    /// later messages, and crashes at a later moment of a node, are cancelled.
    pub faults_end: Option<Duration>,
}

impl Default for NetworkConfig {
    fn default() -> Self {
        Self {
            latency: Latency::Fixed(Duration::from_millis(100)),
            node_latencies: [None; MAX_NODES as usize],
            loss: 0.0,
            duplicate: 0.0,
            fifo: true,
            faults_end: None,
        }
    }
}

/// What the nodes know at the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing: all nodes start an election.
    Cold,
    /// All nodes know the highest id as their leader.
    Elected,
}

/// The clock whose stamps a picture shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    #[default]
    Lamport,
    Vector,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub title: Text,
    /// What it shows, in a sentence or two.
    pub summary: Option<Text>,
    /// What viewers should look for.
    pub look_for: Option<Text>,
    /// A remark on what the model simplifies.
    pub simplifies: Option<Text>,
    /// Further search words, separated by commas.
    pub keywords: Option<Text>,
    /// The stamps that a picture of it shows by default.
    pub stamps: Stamps,
    /// The configuration of the cluster.
    pub config: Config,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The length of the run.
    pub duration: Duration,
    pub network: NetworkConfig,
    /// The latency of writes to the resource.
    pub resource_latency: Duration,
    pub start: Start,
    /// The clock rate of each node, by node index.
    pub clock_rates: [Ppm; MAX_NODES as usize],
    /// The script, ordered by instant.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// An empty script for `algorithm` on `size` nodes, with the defaults of `docs/formats.md`.
    pub fn new(algorithm: Algorithm, size: ClusterSize) -> Self {
        Self {
            title: Text::default(),
            summary: None,
            look_for: None,
            simplifies: None,
            keywords: None,
            stamps: Stamps::Lamport,
            config: Config::new(algorithm, size),
            seed: 1,
            duration: Duration::from_secs(30),
            network: NetworkConfig::default(),
            resource_latency: Duration::from_millis(50),
            start: Start::Elected,
            clock_rates: [Ppm::TRUE; MAX_NODES as usize],
            steps: Vec::new(),
        }
    }

    /// The longest latency of a message. For an exponential latency, the mean.
    pub fn longest_way(&self) -> Duration {
        timing::longest_way(&self.network)
    }

    /// Why the scenario cannot run in `profile`. `None` if it can.
    pub fn refuses(&self, profile: Profile) -> Option<Refusal> {
        Setting { profile, ..self.config.setting() }.refusal()
    }

    /// The same script in `profile`; unchanged if it [refuses](Self::refuses) this profile. When a classic scenario becomes hardened, timeouts of the
    /// election that are too short are lengthened as necessary.
    #[must_use]
    pub fn in_profile(mut self, profile: Profile) -> Self {
        if self.refuses(profile).is_some() {
            return self;
        }
        if profile == Profile::Hardened && profile != self.config.profile {
            self.config = antes_core::spans::fitted(&self.config, timing::network(&self), |_| true);
        }
        self.config.profile = profile;
        self
    }

    /// The same script with elections of this form. In the hardened profile, timeouts that are too
    /// short are lengthened as necessary.
    #[must_use]
    pub fn in_form(mut self, form: Form) -> Self {
        let is_other = form != self.config.election.form;
        self.config.election.form = form;
        if is_other && self.config.profile == Profile::Hardened {
            self.config = antes_core::spans::fitted(&self.config, timing::network(&self), |_| true);
        }
        self
    }
}

/// A step of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The instant, from the start of the run.
    pub at: Duration,
    /// The number of deliveries and timers at that instant that come before it. The default is 0.
    pub after: u32,
    pub action: Action,
    /// The narrator's note, which is shown after the step.
    pub note: Option<Text>,
    /// What the note claims about the run.
    pub claims: Claims,
}

impl Step {
    /// A step without a note.
    pub const fn new(at: Duration, after: u32, action: Action) -> Self {
        Self { at, after, action, note: None, claims: Claims::Unsaid }
    }
}

/// An intervention by the script or by a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing; the step only has a note.
    Note,
    /// The node crashes and loses everything except its stable storage.
    Crash(NodeId),
    /// A dead node starts its next incarnation.
    Restart(NodeId),
    /// As `Restart`, but with empty stable storage: without term, vote and clock.
    RestartWithoutStorage(NodeId),
    /// The node freezes: it does nothing, its messages queue up, and its clock continues.
    Pause(NodeId),
    /// A paused node continues: first its overdue timers, then the messages that have queued up.
    Resume(NodeId),
    /// The node crashes at the next such moment.
    CrashAt {
        node: NodeId,
        moment: Moment,
    },
    /// A command to a node.
    Command {
        node: NodeId,
        command: Command,
    },
    /// A plain message with a given latency.
    Send {
        from: NodeId,
        to: NodeId,
        /// The latency. `None` leaves it to the network.
        latency: Option<Duration>,
    },
    /// Cuts all links between nodes of different groups, in both directions. A node in no group
    /// forms a group of its own.
    Partition(Vec<Vec<NodeId>>),
    /// Cuts a link in one direction.
    Cut {
        from: NodeId,
        to: NodeId,
    },
    Heal,
    /// Sends a message that no node sent.
    Forge(Box<Forgery>),
    Tamper {
        which: Which,
        tampering: Tampering,
    },
}

/// The moment of a crash that is set beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// After the next message is sent; the remaining effects of the step are not carried out.
    Send,
    /// After the next message is received, before any of its effects.
    Receive,
    /// After the next save to stable storage.
    AfterSave,
}

/// The message of an intervention, by its id or by its place among later messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The message with this id, in flight or sent later.
    Id(MessageId),
    /// The `nth` matching message that is sent from now on.
    Nth {
        /// The message type, such as `GRANT`.
        kind: String,
        /// The sender. `None` matches any.
        from: Option<NodeId>,
        /// The receiver. `None` matches any.
        to: Option<NodeId>,
        /// The number among the matching messages, from 1.
        nth: u32,
        /// 0 for the message itself, 1 and up for the network's copies of it.
        copy: u8,
    },
}

/// An intervention on a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    Drop,
    /// It arrives twice; the copy follows it on the same link.
    Duplicate,
    /// It arrives later, and on a FIFO link so do the messages behind it.
    Delay {
        by: Duration,
    },
    /// It arrives at once, before messages that were sent earlier.
    Deliver,
}
