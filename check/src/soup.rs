//! The hardened profile in a network that keeps no promise at all.
//!
//! What was ever sent is in the soup, and stays there: it may arrive at any moment, in any order, as
//! often as it likes, or never. So losses, copies and reordering need no totals. A node that is down
//! is one that does nothing, so a crash and the restart are one move.
//!
//! The more is in the soup, the more can happen. So what a node answers without changing may be sent
//! at once, and what can no longer change its receiver may be taken out: that makes far fewer states
//! and loses no run.

pub mod election;
pub mod lock;
mod node;
mod packets;
mod recovery;
mod renaming;
mod seat;
mod sheets;
mod tables;
