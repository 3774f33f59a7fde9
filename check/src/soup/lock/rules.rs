//! The rules of the lock's model: its configuration and bounds.

use antes_core::{Config, Term};

/// The largest number of nodes in this model.
pub const MOST_NODES: u8 = 4;
/// The largest term in this model.
pub const LAST_TERM: Term = Term(4);

/// Whether the timing assumption behind leases holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leases {
    /// Leases hold. A coordinator's lease or grace never ends before the leases at the nodes that hold its
    /// grants. Its grace never ends before the lease of an earlier leader, which earns no further lease
    /// after that.
    Kept,
    /// Leases do not hold: all timers may fire at any moment.
    Ignored,
}

/// The configuration and bounds of the model.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The hardened profile with the lock, with at most [`MOST_NODES`] nodes.
    pub config: Config,
    /// The last term that is explored, at most [`LAST_TERM`]. The highest id leads the first term.
    pub last_term: Term,
    /// How many crashes may happen; each is followed by a restart.
    pub crashes: u8,
    /// How many nodes may request the lock, the lowest ids first; once per life.
    pub askers: u8,
    /// How many attempts a request may have.
    pub repetitions: u32,
    /// How many requests one life may make. A request whose grant came back unused is made again,
    /// and after a withdrawal the application may request again.
    pub requests: u32,
    /// Whether waiting nodes may withdraw.
    pub withdrawals: bool,
    pub leases: Leases,
}
