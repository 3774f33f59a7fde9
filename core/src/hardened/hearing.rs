//! Whether the messages of enough nodes arrive at a node.

use super::majority;
use crate::id::{ClusterSize, NodeId, NodeSet};

/// Whether a node hears enough of the others to stand in an election that a lower node started.
///
/// A node that sends but does not receive would get all votes in each term and never take office. A
/// node that starts a new term itself has heard a majority. A node that was only asked to stand may
/// not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hearing {
    /// There is no sign that it hears too few.
    Enough,
    /// It stands because a lower node asked it.
    Asked {
        /// The nodes that it has heard in this term, including itself.
        heard: NodeSet,
    },
    /// It stood because it was asked, and did not hear a majority. It leaves elections to lower
    /// nodes, and votes for them, until a majority answers its PROBE.
    TooFew,
}

impl Hearing {
    /// A message of the current term has arrived from `from`.
    pub(super) fn note(&mut self, from: NodeId) {
        if let Self::Asked { heard } = self {
            heard.insert(from);
        }
    }

    /// A PROPOSE was not accepted by a majority. Decides whether the reason may be that the answers
    /// do not arrive.
    pub(super) fn judge(&mut self, size: ClusterSize) {
        if let Self::Asked { heard } = self {
            // mutant: standing-aside
            let enough = heard.len() >= majority(size.get());
            *self = if enough { Self::Enough } else { Self::TooFew };
        }
    }

    /// The term in which the node was asked has ended.
    pub(super) const fn forget(&mut self) {
        if let Self::Asked { .. } = self {
            *self = Self::Enough;
        }
    }
}
