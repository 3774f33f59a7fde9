//! What is to happen in a run: the cluster, the network, and a script of interventions.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use antes_core::{Algorithm, ClusterSize, Command, Config, Form, MAX_NODES, NodeId, Profile};
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

/// The most steps that a script can have.
pub const MAX_STEPS: usize = 10_000;

/// A text in the languages of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// Brazilian Portuguese, where it differs.
    pub pt: Option<String>,
}

/// How long messages take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// Always the same.
    Fixed(Duration),
    /// Anything from `min` to `max`, all equally likely.
    Uniform {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// `min` and an exponentially distributed rest, `mean` all together.
    Exponential {
        /// The mean of the whole.
        mean: Duration,
        /// The shortest.
        min: Duration,
    },
}

/// What the network does to messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkConfig {
    /// How long messages take, but for those to and from nodes with a latency of their own.
    pub latency: Latency,
    /// How long each message to or from a node takes, by node index, where that is set for the node. Of
    /// two such nodes the longer one counts.
    pub node_latencies: [Option<Duration>; MAX_NODES as usize],
    /// The probability that a message is lost, 0 to 1.
    pub loss: f64,
    /// The probability that a message arrives twice, 0 to 1.
    pub duplicate: f64,
    /// Whether nothing arrives before an earlier message of the same link.
    pub fifo: bool,
    /// When faults end, if they ever do: from then on chance loses and doubles nothing, no message
    /// takes longer than the mean of an exponential latency, and what was still to happen to later
    /// messages, or at a node's next such moment, does not.
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

/// What the nodes know at the beginning of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Nothing: everyone starts an election.
    Cold,
    /// Everyone knows the highest id as leader.
    Elected,
}

/// Which clock a picture writes at the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// Lamport's.
    #[default]
    Lamport,
    /// The vector clock.
    Vector,
}

/// A whole scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name.
    pub title: Text,
    /// What it shows, in a sentence or two.
    pub summary: Option<Text>,
    /// What to look for.
    pub look_for: Option<Text>,
    /// What the model simplifies.
    pub simplifies: Option<Text>,
    /// What else it can be looked for by: words with commas between them.
    pub keywords: Option<Text>,
    /// Which stamps a picture of it shows, unless it is told otherwise.
    pub stamps: Stamps,
    /// What every node is set to.
    pub config: Config,
    /// Where chance starts from.
    pub seed: u64,
    /// How long the run lasts.
    pub duration: Duration,
    /// What the network does.
    pub network: NetworkConfig,
    /// How long a write takes to the resource.
    pub resource_latency: Duration,
    /// What the nodes know at the beginning.
    pub start: Start,
    /// How fast each node's clock runs, by node index.
    pub clock_rates: [Ppm; MAX_NODES as usize],
    /// The script, in the order of its instants.
    pub steps: Vec<Step>,
}

impl Scenario {
    /// An empty script for `algorithm` on `size` nodes, with the values that `docs/formats.md`
    /// gives as defaults.
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

    /// How long a message takes at most; where there is no longest time, the mean.
    pub fn longest_way(&self) -> Duration {
        timing::longest_way(&self.network)
    }

    /// The same script in `profile`. Where a classic one is to run hardened, the spans of its
    /// election that would be too short for that are made as long as they have to be.
    #[must_use]
    pub fn in_profile(mut self, profile: Profile) -> Self {
        if profile == Profile::Hardened && profile != self.config.profile {
            self.config = antes_core::spans::fitted(&self.config, timing::network(&self), |_| true);
        }
        self.config.profile = profile;
        self
    }

    /// The same script with elections of this form. In the hardened profile, the spans that would be
    /// too short for it are made as long as they have to be.
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

/// One intervention of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, from the beginning of the run.
    pub at: Duration,
    /// After how many deliveries and timers of that instant. 0, the default, is before all of them.
    pub after: u32,
    /// What is done.
    pub action: Action,
    /// What a narrator says to it.
    pub note: Option<Text>,
    /// What the note says of the run.
    pub claims: Claims,
}

impl Step {
    /// A step without a word.
    pub const fn new(at: Duration, after: u32, action: Action) -> Self {
        Self { at, after, action, note: None, claims: Claims::Unsaid }
    }
}

/// What the script, or a person who clicks, does to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing but its note.
    Note,
    /// The node dies and loses everything but its stable storage.
    Crash(NodeId),
    /// A new incarnation of a dead node starts.
    Restart(NodeId),
    /// The same, and the node finds nothing of what it has saved: no term, no vote, no clock.
    RestartWithoutStorage(NodeId),
    /// The node freezes: it does nothing, its messages queue up, its clock runs on.
    Pause(NodeId),
    /// The node goes on.
    Resume(NodeId),
    /// The node dies at the next such moment.
    CrashAt {
        /// The node.
        node: NodeId,
        /// The moment.
        moment: Moment,
    },
    /// An order to a node.
    Command {
        /// The node.
        node: NodeId,
        /// The order.
        command: Command,
    },
    /// A plain message that takes a given time.
    Send {
        /// The sender.
        from: NodeId,
        /// The receiver.
        to: NodeId,
        /// How long it takes; `None` leaves it to the network.
        latency: Option<Duration>,
    },
    /// Cuts all links between nodes of different groups, both ways. A node that is in no group
    /// makes a group of its own.
    Partition(Vec<Vec<NodeId>>),
    /// Cuts one link, one way.
    Cut {
        /// Its beginning.
        from: NodeId,
        /// Its end.
        to: NodeId,
    },
    /// Mends all links.
    Heal,
    /// Sends a message that no node sent.
    Forge(Box<Forgery>),
    /// Does something to one message.
    Tamper {
        /// Which.
        which: Which,
        /// What.
        tampering: Tampering,
    },
}

/// When a node that is told to crash later does so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Right after the next message is sent; the rest of the step is not carried out.
    Send,
    /// Right after the next message has been received, before anything that it causes.
    Receive,
    /// Right after the next save to stable storage.
    AfterSave,
}

/// Which message is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The one with this id, in flight or yet to be sent.
    Id(MessageId),
    /// The one that is the `nth` to match of those sent from here on.
    Nth {
        /// The name of its type, such as `GRANT`.
        kind: String,
        /// Its sender; anybody, if not given.
        from: Option<NodeId>,
        /// Its receiver; anybody, if not given.
        to: Option<NodeId>,
        /// Which of those that match, from 1.
        nth: u32,
        /// 0 for the message itself, from 1 for the copies that the network makes of it.
        copy: u8,
    },
}

/// What can be done to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// It is lost.
    Drop,
    /// It arrives twice: the copy is a later message of the same link.
    Duplicate,
    /// It arrives later, and on a FIFO link so do those behind it.
    Delay {
        /// By how much.
        by: Duration,
    },
    /// It arrives at once, whatever was sent before it.
    Deliver,
}
