//! The hardened profile in a network that loses, duplicates and reorders without bounds.
//!
//! Every message that was ever sent stays in the *soup*: it may arrive at any moment, in any order,
//! any number of times, or never. So losses, copies and reordering need no bounds. A node that is
//! down is one that does nothing, so a crash and the restart are one transition.
//!
//! More messages in the soup allow more behaviour. So answers that do not change their sender may
//! be sent at once, and messages that can no longer affect their receiver may be removed. This
//! reduces the number of states and loses no behaviour.

mod cache;
pub mod election;
pub mod lock;
mod lock_node;
mod node;
mod packets;
mod recovery;
mod renaming;
mod tables;
