//! What two processes tell each other of themselves before anything else.

use std::fmt;

use antes_core::{Identity, Incarnation};
use serde::{Deserialize, Serialize};

use super::Key;

/// The version of what travels on links. Both sides must speak the same.
pub const PROTOCOL: u16 = 1;

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

/// What a process says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The version of what it speaks: [`PROTOCOL`].
    pub protocol: u16,
    /// The name of its cluster.
    pub cluster: String,
    /// Who it is.
    pub party: Party,
}

/// What a process makes its links with.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The cluster's key.
    pub key: Key,
    /// What it says of itself.
    pub hello: Hello,
}

impl Credentials {
    /// Those of `party` in the cluster of this name.
    pub fn new(key: Key, cluster: &str, party: Party) -> Self {
        let hello = Hello { protocol: PROTOCOL, cluster: cluster.to_owned(), party };
        Self { key, hello }
    }

    /// Whether `theirs` is of the same cluster and speaks the same.
    pub(super) fn check(&self, theirs: &Hello) -> Result<(), Refusal> {
        if theirs.protocol != self.hello.protocol {
            return Err(Refusal::OtherProtocol { expected: self.hello.protocol });
        }
        if theirs.cluster != self.hello.cluster {
            return Err(Refusal::OtherCluster { expected: self.hello.cluster.clone() });
        }
        Ok(())
    }
}

/// Why a process that has the secret is not let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// It speaks another version.
    OtherProtocol {
        /// The version of the one that refuses.
        expected: u16,
    },
    /// It is of another cluster.
    OtherCluster {
        /// The cluster of the one that refuses.
        expected: String,
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
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherProtocol { expected } => {
                write!(f, "another version of the protocol; expected {expected}")
            }
            Self::OtherCluster { expected } => {
                write!(f, "another cluster; expected the name \"{expected}\"")
            }
            Self::OlderLife { known } => write!(
                f,
                "a later life of this node is known already, number {}; expected its data directory",
                known.get()
            ),
            Self::OtherParty { found } => write!(f, "{found} is not expected here"),
        }
    }
}
