//! The timing assumption: when leases and grace times may end.

use antes_core::{RequestId, Term, Token};

use crate::soup::lock_node::LockNode;

/// Reasons why a lease or a grace time may not end yet. None if leases are not assumed to hold.
#[derive(Default)]
pub struct Claims {
    /// Grants, accepted or in the soup, whose lease at the holder has not ended.
    pub live: Vec<(RequestId, Token)>,
    /// The earliest term whose leader holds its lease.
    pub reign: Option<Term>,
}

impl Claims {
    /// Whether the coordinator's lease for the current grant of the node in `seat` may end.
    pub fn lease_may_end(&self, seat: &LockNode) -> bool {
        seat.held().is_none_or(|held| !self.live.contains(&held))
    }

    /// Whether the grace of the node in `seat` may end.
    pub fn grace_may_end(&self, seat: &LockNode) -> bool {
        let term = seat.view.term;
        self.reign.is_none_or(|first| first >= term)
            && self.live.iter().all(|(_, token)| token.term >= term)
    }
}
