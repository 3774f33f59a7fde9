//! Links made by peers that the driver has not taken yet.

use std::sync::{Mutex, PoisonError};

use antes_core::{MAX_NODES, NodeId};

use super::Link;

/// The latest link of each peer. A driver that is paused or waits for its disk takes no links for a
/// while, and a peer may reconnect many times meanwhile. Only its latest link is kept open.
#[derive(Debug, Default)]
pub struct Doorstep([Mutex<Option<Link>>; MAX_NODES as usize]);

impl Doorstep {
    /// Adds a link of this peer and closes an earlier one. Returns whether there was none.
    pub fn put(&self, from: NodeId, link: Link) -> bool {
        self.of(from, |place| place.replace(link)).is_none()
    }

    /// Takes the link of this peer.
    pub fn take(&self, from: NodeId) -> Option<Link> {
        self.of(from, Option::take)
    }

    fn of(
        &self,
        from: NodeId,
        act: impl FnOnce(&mut Option<Link>) -> Option<Link>,
    ) -> Option<Link> {
        // No code panics while it holds the lock.
        act(&mut self.0[from.index()].lock().unwrap_or_else(PoisonError::into_inner))
    }
}
