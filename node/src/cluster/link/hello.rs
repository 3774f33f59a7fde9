//! The introduction that two processes exchange during the handshake.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use antes_core::{Identity, Incarnation, LamportTime, MAX_NODES};
use serde::{Deserialize, Serialize};

use super::shared::{Difference, Differences, SharedSettings, sentence};
use super::{Key, LinkError};

/// The version of the link protocol. Both sides must have the same one.
///
/// Version 1 had no settings in its [`Hello`]. Version 2 had no messages about births. Version 3 did not
/// report [earlier memories](Seen). Version 4 did not name the lock. Version 5 named one [earlier life](Ancestry).
/// Version 6 had vector clocks of 8 nodes.
pub const PROTOCOL: u16 = 7;

/// A process of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Party {
    /// This life of a node.
    Node(Identity),
    Resource,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(me) => write!(f, "node {me}"),
            Self::Resource => f.write_str("the resource"),
        }
    }
}

/// The introduction of a process. In every version it begins with the fields `protocol`, `cluster` and
/// `party`. So two processes of different versions can tell which versions they have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version, which is [`PROTOCOL`] for this program.
    pub protocol: u16,
    pub cluster: String,
    pub party: Party,
    pub settings: SharedSettings,
    /// Distinguishes the process from others with its number. `None` if safety does not depend on its memory.
    pub being: Option<Being>,
    /// The earlier lives of a node with a [`Being`].
    pub ancestry: Ancestry,
    /// Facts for a node with a new memory.
    pub seen: Seen,
}

/// What a process knows of earlier memories of nodes. A node with a replaced disk begins above them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The highest Lamport time that the process has heard of.
    pub lamport: LamportTime,
    /// By node index: the node's latest life with a memory that the process was told to forget.
    pub forgotten: [Option<Incarnation>; MAX_NODES as usize],
}

/// Distinguishes a node from another process with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Being {
    /// The random number drawn when the node's memory began.
    pub birth: u64,
    /// The random number drawn when this life began.
    pub life: u64,
}

/// The earlier lives of a node that other processes may have met. A copy of the node's folder has lives of its
/// own, so a process that has met the node can tell whether this life continues the one that it has met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestry {
    /// The random numbers of these lives.
    pub lives: Vec<u64>,
    /// The list has all such lives from this one on. Earlier ones may be missing.
    pub complete_from: Incarnation,
}

impl Default for Ancestry {
    fn default() -> Self {
        Self { lives: Vec::new(), complete_from: Incarnation::FIRST }
    }
}

/// Keeps a record of the lives that have introduced themselves.
pub trait RecordsIntroductions: fmt::Debug + Send + Sync {
    /// Records this life, if it is not recorded yet.
    ///
    /// # Errors
    ///
    /// It cannot be recorded, so this life must not introduce itself.
    fn record_introduction(&self) -> io::Result<()>;
}

/// The fields that all versions have.
#[derive(Deserialize)]
struct Beginning {
    protocol: u16,
    #[expect(dead_code, reason = "it is read to get to what follows")]
    cluster: String,
    party: Party,
}

/// The dialler's answer to the acceptor's [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Introduction {
    pub(super) hello: Hello,
    /// Why the dialler refuses the link. `None` if it does not.
    pub(super) objection: Option<Refusal>,
}

/// The data with which a process makes its links.
#[derive(Debug)]
pub struct Credentials {
    pub key: Key,
    /// The introduction of this process.
    hello: Mutex<Hello>,
    /// `None` if the lives of this process are not recorded.
    record: Option<Arc<dyn RecordsIntroductions>>,
}

impl Credentials {
    /// The credentials of `party` in the cluster of this name.
    pub fn new(key: Key, cluster: &str, party: Party, settings: SharedSettings) -> Self {
        let cluster = cluster.to_owned();
        let (seen, ancestry) = (Seen::default(), Ancestry::default());
        let hello =
            Hello { protocol: PROTOCOL, cluster, party, settings, being: None, ancestry, seen };
        Self { key, hello: Mutex::new(hello), record: None }
    }

    /// The same credentials for a process with a memory.
    #[must_use]
    pub fn with_being(self, being: Option<Being>) -> Self {
        self.change(|hello| hello.being = being);
        self
    }

    /// The same credentials for a process whose lives are recorded before they introduce themselves.
    #[must_use]
    pub fn recorded_by(mut self, record: Arc<dyn RecordsIntroductions>) -> Self {
        self.record = Some(record);
        self
    }

    /// This process.
    pub fn party(&self) -> Party {
        self.hello().party
    }

    /// The current introduction of this process, to compare it with another one.
    fn hello(&self) -> Hello {
        self.hello.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The current introduction of this process, to send it. This life is recorded before.
    pub(super) fn introduction(&self) -> io::Result<Hello> {
        if let Some(record) = &self.record {
            record.record_introduction()?;
        }
        Ok(self.hello())
    }

    /// Changes the introduction from the next handshake on.
    pub fn change(&self, change: impl FnOnce(&mut Hello)) {
        // No code panics while it holds the lock.
        change(&mut self.hello.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Checks that `theirs` is of the same cluster, is accepted by `meet`, and has the same vital settings.
    /// Returns the harmless differences. `meet` is called even if settings differ.
    pub(super) fn agree(
        &self,
        theirs: &Hello,
        meet: impl FnOnce() -> Result<(), Refusal>,
    ) -> Result<Vec<Difference>, Refusal> {
        let own = self.hello();
        if theirs.cluster != own.cluster {
            let (here, there) = (own.cluster, theirs.cluster.clone());
            return Err(Refusal::OtherCluster { here, there });
        }
        let Differences { vital, bearable } = own.settings.compare(&theirs.settings);
        match (meet(), vital.is_empty()) {
            // If vital settings differ, they explain an unexpected process.
            (Err(Refusal::OtherParty { .. }) | Ok(()), false) => Err(Refusal::OtherSettings(vital)),
            (Err(refusal), _) => Err(refusal),
            (Ok(()), true) => Ok(bearable),
        }
    }
}

/// A message that begins with a [`Hello`].
pub(super) trait BeginsWithHello: Sized {
    /// Reads the whole message, if it is of this version.
    fn read(bytes: &[u8]) -> Option<Self>;

    /// The introduction at its beginning.
    fn hello(&self) -> &Hello;

    /// Reads the message. The error says whether it is of another version, or of no version at all.
    fn parse(bytes: &[u8]) -> Result<Self, LinkError> {
        let beginning: Beginning = postcard::from_bytes(bytes).map_err(|_| LinkError::Stranger)?;
        if beginning.protocol != PROTOCOL {
            let refusal = Refusal::OtherProtocol { here: PROTOCOL, there: beginning.protocol };
            return Err(LinkError::Unwanted { who: beginning.party, refusal });
        }
        let read = Self::read(bytes);
        read.filter(|read| read.hello().settings.is_reasonable()).ok_or(LinkError::Stranger)
    }
}

impl BeginsWithHello for Hello {
    fn read(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    fn hello(&self) -> &Hello {
        self
    }
}

impl BeginsWithHello for Introduction {
    fn read(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    fn hello(&self) -> &Hello {
        &self.hello
    }
}

/// Why a process with the secret is refused, from the view of the process that refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    OtherProtocol {
        /// The version of the process that refuses.
        here: u16,
        /// The version of the refused process.
        there: u16,
    },
    OtherCluster {
        /// The cluster of the process that refuses.
        here: String,
        /// The cluster of the refused process.
        there: String,
    },
    /// A later life of the same node is known.
    OlderLife { known: Incarnation },
    /// Another process is expected here.
    OtherParty {
        /// The process that came instead.
        found: Party,
    },
    /// Settings differ that matter for safety.
    OtherSettings(Vec<Difference>),
    /// The node was met with another memory.
    OtherBirth,
    /// The node was met with a memory that this one does not continue.
    OtherLife,
    /// The process that refuses cannot write down its acquaintances.
    NotKept,
}

impl Refusal {
    /// Whether the reason is that the refused process is not the one that was met before.
    pub const fn is_of_identity(&self) -> bool {
        match self {
            Self::OlderLife { .. } | Self::OtherBirth | Self::OtherLife => true,
            Self::OtherProtocol { .. }
            | Self::OtherCluster { .. }
            | Self::OtherParty { .. }
            | Self::OtherSettings(_)
            | Self::NotKept => false,
        }
    }

    /// Whether a later life of the refused node was met than its data folder knows of.
    pub const fn is_of_a_later_life(&self) -> bool {
        matches!(self, Self::OlderLife { .. } | Self::OtherLife)
    }

    /// The same refusal from the view of the refused process.
    #[must_use]
    pub fn seen_from_there(self) -> Self {
        match self {
            Self::OtherSettings(differences) => Self::OtherSettings(
                differences.into_iter().map(Difference::seen_from_there).collect(),
            ),
            Self::OtherProtocol { here, there } => Self::OtherProtocol { here: there, there: here },
            Self::OtherCluster { here, there } => Self::OtherCluster { here: there, there: here },
            Self::OlderLife { .. }
            | Self::OtherParty { .. }
            | Self::OtherBirth
            | Self::OtherLife
            | Self::NotKept => self,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherProtocol { here, there } => write!(
                f,
                "the version of the protocol is {here} here and {there} there; expected the same \
                 antes in the whole cluster"
            ),
            Self::OtherCluster { here, there } => write!(
                f,
                "--cluster (CLUSTER_NAME) is \"{}\" here and \"{}\" there; expected the same in \
                 the whole cluster",
                here.escape_debug(),
                there.escape_debug()
            ),
            Self::OlderLife { known } => write!(
                f,
                "a later life of this node is known already, number {}; expected its latest data folder",
                known.get()
            ),
            Self::OtherBirth => f.write_str(
                "a node of this number was met with another memory: its data folder is lost, or two \
                 processes have its number; expected its data folder, and one process",
            ),
            Self::OtherLife => f.write_str(
                "a later life of this node was met than its data folder knows of: the folder is an \
                 older copy, or two processes have its number; expected the latest one",
            ),
            Self::NotKept => f.write_str(
                "the process that refuses cannot record which nodes it has met: its disk is full or \
                 broken; expected a disk that can be written",
            ),
            Self::OtherParty { found } => write!(
                f,
                "{found} is at the address of another process; expected the address of each process in \
                 --peers (PEERS) and --resource (RESOURCE)"
            ),
            Self::OtherSettings(differences) => {
                write!(f, "{}; expected the same in the whole cluster", sentence(differences))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use antes_core::{NodeId, Profile};

    use super::*;

    /// The introduction in version 1.
    #[derive(Serialize, Deserialize)]
    struct FirstHello {
        protocol: u16,
        cluster: String,
        party: Party,
    }

    const SECRET: &str = "9f2c41d07be85a36e1b4";

    fn party() -> Party {
        let node = NodeId::new(3).expect("3 is a node");
        Party::Node(Identity { node, incarnation: Incarnation::FIRST })
    }

    fn hello() -> Hello {
        let settings = SharedSettings::of_resource(Profile::Hardened);
        Credentials::new(Key::from_secret(SECRET).expect("a secret"), "antes", party(), settings)
            .hello()
    }

    #[test]
    fn a_process_of_the_first_version_is_refused_with_both_versions() {
        let first = FirstHello { protocol: 1, cluster: "antes".into(), party: party() };
        let bytes = postcard::to_stdvec(&first).expect("it can be written");
        for error in [
            Hello::parse(&bytes).expect_err("it is of another version"),
            Introduction::parse(&bytes).expect_err("it is of another version"),
        ] {
            assert_eq!(
                error.to_string(),
                format!(
                    "node 3 is refused: the version of the protocol is {PROTOCOL} here and 1 there; \
                     expected the same antes in the whole cluster"
                )
            );
        }
    }

    #[test]
    fn the_first_version_can_read_which_version_this_one_is() {
        let introduction = Introduction { hello: hello(), objection: None };
        for bytes in [postcard::to_stdvec(&hello()), postcard::to_stdvec(&introduction)] {
            let bytes = bytes.expect("it can be written");
            let read: FirstHello = postcard::from_bytes(&bytes).expect("its beginning is the same");
            assert_eq!((read.protocol, read.party), (PROTOCOL, party()));
        }
    }

    #[test]
    fn a_message_that_is_no_hello_is_from_a_stranger() {
        assert!(matches!(Hello::parse(b"\xff"), Err(LinkError::Stranger)));
        let mut bytes = postcard::to_stdvec(&hello()).expect("it can be written");
        bytes.truncate(bytes.len() - 1);
        assert!(matches!(Hello::parse(&bytes), Err(LinkError::Stranger)));
    }

    #[test]
    fn a_refusal_is_said_from_either_side() {
        let refusal = Refusal::OtherCluster { here: "a".into(), there: "b".into() };
        assert_eq!(
            refusal.seen_from_there().to_string(),
            "--cluster (CLUSTER_NAME) is \"b\" here and \"a\" there; expected the same in the \
             whole cluster"
        );
    }
}
