//! How many connections a process may have open.
//!
//! A connection costs a file descriptor, and so does a write to stable storage. A node that cannot
//! write to stable storage must stop. So connections that anyone can open are bounded, which leaves
//! enough descriptors for the process itself.

use antes_core::MAX_NODES;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::link::Places;
use crate::Failure;

/// Descriptors for the process itself. Per peer: a link in each direction, a connection that is
/// being dialled, and a link that is being replaced. Further: two for a write to stable storage,
/// listeners, the trace, the lock, the runtimes, name resolution, and standard input and output.
const RESERVED: usize = 4 * MAX_NODES as usize + 32;

/// The most connections at the acceptor that have not shown the secret.
const MAX_STRANGERS: usize = 128;

/// The most connections at the acceptor whose first frame is verified and whose handshake is not
/// over.
const MAX_VERIFIED: usize = 64;

/// The most connections of HTTP clients.
const MAX_HTTP: usize = 64;

/// The fewest connections of HTTP clients, which is more than may read events at the same time.
pub const MIN_HTTP: usize = 17;

/// The smallest limit with which a process starts.
const MIN_LIMIT: usize = RESERVED + 4 * MIN_HTTP;

/// The soft limit that is requested from the operating system if the present one is lower.
const ENOUGH: u64 = (RESERVED + MAX_STRANGERS + MAX_VERIFIED + MAX_HTTP) as u64;

/// The most open connections of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    pub places: Places,
    /// The most HTTP clients that may be connected at the same time.
    pub http: usize,
}

impl Connections {
    /// The bounds for this process's limit of open files. Raises the soft limit first, as far as
    /// useful and as the hard limit allows.
    ///
    /// # Errors
    ///
    /// If the limit is too low.
    pub fn of_this_process() -> Result<Self, Failure> {
        let before = getrlimit(Resource::Nofile);
        let wanted = before.maximum.map_or(ENOUGH, |maximum| maximum.min(ENOUGH));
        if before.current.is_some_and(|current| current < wanted) {
            let raised = Rlimit { current: Some(wanted), maximum: before.maximum };
            if let Err(error) = setrlimit(Resource::Nofile, raised) {
                tracing::debug!("the limit of open files cannot be raised: {error}");
            }
        }
        let limit = getrlimit(Resource::Nofile).current.unwrap_or(ENOUGH).min(ENOUGH);
        Self::within(usize::try_from(limit).unwrap_or(usize::MAX))
    }

    /// The bounds for a given limit of open files.
    fn within(limit: usize) -> Result<Self, Failure> {
        if limit < MIN_LIMIT {
            return Err(Failure::BadInput(format!(
                "{limit} open files are too few for a process of a cluster; expected a limit of at \
                 least {MIN_LIMIT} (ulimit -n)"
            )));
        }
        let free = limit - RESERVED;
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
        for limit in MIN_LIMIT..2_000 {
            let Connections { places, http } = Connections::within(limit).expect("it is enough");
            assert!(places.strangers + places.verified + http + RESERVED <= limit, "{limit}");
            assert!(http >= MIN_HTTP, "{limit}");
        }
    }

    #[test]
    fn a_limit_that_is_too_low_is_refused_with_the_least_that_does() {
        let refused = Connections::within(MIN_LIMIT - 1).expect_err("it is too low");
        let Failure::BadInput(sentence) = refused else { panic!("{refused:?}") };
        assert!(sentence.contains(&format!("at least {MIN_LIMIT}")), "{sentence}");
    }
}
