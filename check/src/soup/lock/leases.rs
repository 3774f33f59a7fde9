//! The assumption on time: which leases and graces may end.

use antes_core::hardened::MutexMessage;
use antes_core::{RequestId, Term, Token};

use super::{Leases, Lock, State};
use crate::soup::seat::Seat;
use crate::soup::sheets::Found;

/// What keeps leases and graces from ending.
pub struct Claims {
    /// The grants, taken or in the soup, whose claims have not run out.
    live: Vec<(RequestId, Token)>,
    /// The earliest term whose leader has a lease.
    reign: Option<Term>,
}

impl Claims {
    /// The claims in this state; none, if leases are not kept.
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
            found.sheet(place).seat.claims(request, repetition)
        };
        let live = granted.into_iter().filter(is_live);
        claims.live = live.map(|(request, token, _)| (request, token)).collect();
        let reigning = lock.seats(found, state).filter(|seat| seat.view.has_lease);
        claims.reign = reigning.map(|seat| seat.view.term).min();
        claims
    }

    /// Whether the lease of what the node in this seat has granted may end.
    pub fn lease_may_end(&self, seat: &Seat) -> bool {
        seat.held().is_none_or(|held| !self.live.contains(&held))
    }

    /// Whether the grace of the node in this seat may end.
    pub fn grace_may_end(&self, seat: &Seat) -> bool {
        let term = seat.view.term;
        self.reign.is_none_or(|first| first >= term)
            && self.live.iter().all(|(_, token)| token.term >= term)
    }
}
