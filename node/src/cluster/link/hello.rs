//! What two processes tell each other of themselves before anything else.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use antes_core::{Identity, Incarnation, LamportTime, MAX_NODES};
use serde::{Deserialize, Serialize};

use super::shared::{Difference, Differences, SharedSettings, sentence};
use super::{Key, LinkError};

/// The version of what travels on links. Both sides must speak the same.
///
/// Version 1 had no settings in its [`Hello`], version 2 no messages about births, and version 3 nothing
/// of what was [seen](Seen) of earlier memories.
pub const PROTOCOL: u16 = 4;

/// Who takes part in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Party {
    /// This life of this node.
    Node(Identity),
    /// The shared resource.
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

/// What a process says of itself. Every version begins with the fields `protocol`, `cluster` and
/// `party`, so that a process of another version is told which versions meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of what it speaks: [`PROTOCOL`].
    pub protocol: u16,
    /// The name of its cluster.
    pub cluster: String,
    /// Who it is.
    pub party: Party,
    /// What it is set to.
    pub settings: SharedSettings,
    /// How it is told from others of its number; nothing, if it has no memory that matters.
    pub being: Option<Being>,
    /// What a node with a new memory has to know.
    pub seen: Seen,
}

/// What a process knows of the memories that nodes had before: a node whose disk was replaced begins
/// behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// No event that the process has heard of has a later time.
    pub lamport: LamportTime,
    /// Of each node, by node index: its latest life with a memory that the process was told to forget.
    pub forgotten: [Option<Incarnation>; MAX_NODES as usize],
}

/// How a node is told from another process with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Being {
    /// Drawn when the node's memory began.
    pub birth: u64,
    /// Drawn when this life began.
    pub life: u64,
    /// What the life before has drawn.
    pub previous: Option<u64>,
}

/// What the fields that every version has say.
#[derive(Deserialize)]
struct Beginning {
    protocol: u16,
    #[expect(dead_code, reason = "it is read to get to what follows")]
    cluster: String,
    party: Party,
}

/// What the dialler answers to the acceptor's [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Introduction {
    /// What it says of itself.
    pub(super) hello: Hello,
    /// Why it does not want a link after all.
    pub(super) objection: Option<Refusal>,
}

/// What a process makes its links with.
#[derive(Debug)]
pub struct Credentials {
    /// The cluster's key.
    pub key: Key,
    /// What it says of itself.
    hello: Mutex<Hello>,
}

impl Credentials {
    /// Those of `party` in the cluster of this name.
    pub fn new(key: Key, cluster: &str, party: Party, settings: SharedSettings) -> Self {
        let cluster = cluster.to_owned();
        let seen = Seen::default();
        let hello = Hello { protocol: PROTOCOL, cluster, party, settings, being: None, seen };
        Self { key, hello: Mutex::new(hello) }
    }

    /// The same, of a process with a memory.
    #[must_use]
    pub fn with_being(self, being: Option<Being>) -> Self {
        self.change(|hello| hello.being = being);
        self
    }

    /// What the process says of itself.
    pub fn hello(&self) -> Hello {
        self.hello.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what the process says of itself, from the next handshake on.
    pub fn change(&self, change: impl FnOnce(&mut Hello)) {
        // Nothing panics while it holds the lock.
        change(&mut self.hello.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether `theirs` is of the same cluster, is met without objection, and is set alike. Gives the
    /// differences that do not matter so much. Who is set otherwise is met all the same.
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
            // Where the settings differ, whoever is not expected is so because of them.
            (Err(Refusal::OtherParty { .. }) | Ok(()), false) => Err(Refusal::OtherSettings(vital)),
            (Err(refusal), _) => Err(refusal),
            (Ok(()), true) => Ok(bearable),
        }
    }
}

/// What begins with a [`Hello`].
pub(super) trait BeginsWithHello: Sized {
    /// Reads all of it, where the version is this one.
    fn read(bytes: &[u8]) -> Option<Self>;

    /// Its beginning.
    fn hello(&self) -> &Hello;

    /// Reads it, or says that it is of another version, or of nothing at all.
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

/// Why a process that has the secret is not let in, as the one that refuses says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It speaks another version.
    OtherProtocol {
        /// The version of the one that refuses.
        here: u16,
        /// The version of the one that is refused.
        there: u16,
    },
    /// It is of another cluster.
    OtherCluster {
        /// The cluster of the one that refuses.
        here: String,
        /// The cluster of the one that is refused.
        there: String,
    },
    /// A later life of the same node is known already.
    OlderLife {
        /// The latest life that is known.
        known: Incarnation,
    },
    /// Somebody else is expected here.
    OtherParty {
        /// Who it is.
        found: Party,
    },
    /// It is set otherwise, where safety rests on the same settings.
    OtherSettings(Vec<Difference>),
    /// The node was met with another memory.
    OtherBirth,
    /// The node was met with a memory that this one does not continue.
    OtherLife,
    /// The one that refuses cannot write down whom it has met.
    NotKept,
}

impl Refusal {
    /// Whether it says that the one that is refused is not who it was.
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

    /// The same refusal as the one that is refused says it.
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
                "a later life of this node is known already, number {}; expected its data directory",
                known.get()
            ),
            Self::OtherBirth => f.write_str(
                "a node of this number was met with another memory: its data folder is lost, or two \
                 processes have its number; expected its data directory, and one process",
            ),
            Self::OtherLife => f.write_str(
                "a later life of this node was met than its data folder knows of: the folder is an \
                 older copy, or two processes have its number; expected the latest one",
            ),
            Self::NotKept => f.write_str(
                "the disk of the one that refuses is full or broken, and it must write down whom it \
                 meets",
            ),
            Self::OtherParty { found } => write!(
                f,
                "{found} is where another process should be; expected each one's own address in \
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

    /// What version 1 said of itself.
    #[derive(Serialize, Deserialize)]
    struct FirstHello {
        protocol: u16,
        cluster: String,
        party: Party,
    }

    fn party() -> Party {
        let node = NodeId::new(3).expect("3 is a node");
        Party::Node(Identity { node, incarnation: Incarnation::FIRST })
    }

    fn hello() -> Hello {
        let settings = SharedSettings::of_resource(Profile::Hardened);
        let seen = Seen::default();
        let cluster = "antes".into();
        Hello { protocol: PROTOCOL, cluster, party: party(), settings, being: None, seen }
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
                "node 3 is refused: the version of the protocol is 4 here and 1 there; expected \
                 the same antes in the whole cluster"
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
    fn what_is_no_hello_is_a_stranger() {
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
