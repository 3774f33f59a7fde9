//! The timing assumption: when leases and grace times may end.

use antes_core::hardened::MutexMessage;
use antes_core::{RequestId, Term, Token};

use super::{Leases, Lock, State};
use crate::soup::cache::Found;
use crate::soup::lock_node::LockNode;

/// Reasons why a lease or a grace time may not end yet.
pub struct Claims {
    /// Grants, accepted or in the soup, whose lease at the holder has not ended.
    live: Vec<(RequestId, Token)>,
    /// The earliest term whose leader holds its lease.
    reign: Option<Term>,
}

impl Claims {
    /// The reasons in this state. Empty if leases are not assumed to hold.
    pub fn of(lock: &Lock, found: &Found, state: &State) -> Self {
        let mut claims = Self { live: Vec::new(), reign: None };
        if lock.rules.leases == Leases::Ignored {
            return claims;
        }
        let mut granted: Vec<(RequestId, Token, u32)> = Vec::new();
        for packet in state.soup.both(&found.grants).iter() {
            if let MutexMessage::Grant { request, repetition, token } =
                found.packets[packet].message
            {
                granted.push((request, token, repetition));
            }
        }
        granted.extend(lock.seats(found, state).filter_map(|seat| seat.mutex.holding()));
        let is_live = |&(request, _, repetition): &(RequestId, Token, u32)| {
            let place = state.seats[request.by.node.index()];
            found.entry(place).seat.claims(request, repetition)
        };
        let live = granted.into_iter().filter(is_live);
        claims.live = live.map(|(request, token, _)| (request, token)).collect();
        let reigning = lock.seats(found, state).filter(|seat| seat.view.has_lease);
        claims.reign = reigning.map(|seat| seat.view.term).min();
        claims
    }

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
