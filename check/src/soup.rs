//! The hardened profile in a network that keeps no promise at all.
//!
//! What was ever sent is in the soup, and stays there: it may arrive at any moment, in any order, as
//! often as it likes, or never. So losses, copies and reordering need no totals. A node that is down
//! is one that does nothing, so a crash and the restart are one move.
//!
//! The more is in the soup, the more can happen. So three things may be done that make far fewer
//! states and lose no run: what a node answers without changing is sent at once; what can no longer
//! change its receiver is taken out; and of two moves to the same state, one that needs less and
//! sends more stands for the other.

mod election;
mod node;
mod tables;

pub use election::{Action, Election, LAST_TERM, MOST_NODES, Memory, Rules, State};
pub use node::{Node, Outcome, Packet};
pub use tables::{Cause, Local, Move, Packets, Tables};
