//! How many connections a process may have open.
//!
//! A connection costs a file descriptor, and so does a write to stable storage. A node that cannot
//! write to stable storage must stop. So connections that anyone can open are bounded, which leaves
//! enough descriptors for the process itself.

use antes_core::{ClusterSize, MAX_NODES};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::link::Places;
use crate::Failure;

/// Descriptors of a process besides its links: two for a write to stable storage, listeners, the trace, the lock,
/// the runtimes, name resolution, and standard input and output.
const OWN: usize = 32;

/// The most connections at the acceptor that have not shown the secret.
const MAX_STRANGERS: usize = 128;

/// The most connections at the acceptor whose first frame is verified and whose handshake is not
/// over.
const MAX_VERIFIED: usize = 64;

/// The most connections of HTTP clients.
const MAX_HTTP: usize = 64;

/// The fewest connections of HTTP clients, which is more than may read events at the same time.
pub const MIN_HTTP: usize = 17;

/// The most open connections of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub places: Places,
    /// The most HTTP clients that may be connected at the same time.
    pub http: usize,
}

impl Connections {
    /// The bounds for a node's limit of open files. Raises the soft limit first, as far as useful and as the hard
    /// limit allows.
    ///
    /// # Errors
    ///
    /// If the limit is too low.
    pub fn of_node(size: ClusterSize) -> Result<Self, Failure> {
        // Per peer (the other nodes and the resource): a link in each direction, a connection that is being
        // dialled, and a link that is being replaced.
        Self::of_this_process(4 * usize::from(size.get()) + OWN)
    }

    /// The same for the resource, which does not know how many nodes there are.
    ///
    /// # Errors
    ///
    /// If the limit is too low.
    pub fn of_resource() -> Result<Self, Failure> {
        // Per node: a link, and one that is being replaced.
        Self::of_this_process(2 * usize::from(MAX_NODES) + OWN)
    }

    /// `reserved`: the descriptors for the process itself.
    fn of_this_process(reserved: usize) -> Result<Self, Failure> {
        let enough = (reserved + MAX_STRANGERS + MAX_VERIFIED + MAX_HTTP) as u64;
        let before = getrlimit(Resource::Nofile);
        let wanted = before.maximum.map_or(enough, |maximum| maximum.min(enough));
        if before.current.is_some_and(|current| current < wanted) {
            let raised = Rlimit { current: Some(wanted), maximum: before.maximum };
            if let Err(error) = setrlimit(Resource::Nofile, raised) {
                tracing::debug!("the limit of open files cannot be raised: {error}");
            }
        }
        let limit = getrlimit(Resource::Nofile).current.unwrap_or(enough).min(enough);
        Self::within(usize::try_from(limit).unwrap_or(usize::MAX), reserved)
    }

    /// The bounds for a given limit of open files.
    fn within(limit: usize, reserved: usize) -> Result<Self, Failure> {
        let least = reserved + 4 * MIN_HTTP;
        if limit < least {
            return Err(Failure::BadInput(format!(
                "{limit} open files are too few for a process of a cluster; expected a limit of at \
                 least {least} (ulimit -n)"
            )));
        }
        let free = limit - reserved;
        let places = Places {
            strangers: (free / 2).min(MAX_STRANGERS),
            verified: (free / 4).min(MAX_VERIFIED),
        };
        Ok(Self { places, http: (free / 4).min(MAX_HTTP) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_connections_together_leave_the_reserve_free_at_every_limit() {
        for reserved in [OWN, 48, 64, 96] {
            for limit in reserved + 4 * MIN_HTTP..2_000 {
                let found = Connections::within(limit, reserved).expect("it is enough");
                let Connections { places, http } = found;
                let taken = places.strangers + places.verified + http;
                assert!(taken + reserved <= limit, "{limit}");
                assert!(http >= MIN_HTTP, "{limit}");
            }
        }
    }

    #[test]
    fn a_limit_that_is_too_low_is_refused_with_the_least_that_does() {
        let refused = Connections::within(115, 48).expect_err("it is too low");
        let Failure::BadInput(sentence) = refused else { panic!("{refused:?}") };
        assert!(sentence.contains("at least 116"), "{sentence}");
    }
}
