//! Model checking: explores all interleavings of a small cluster under bounded faults.
//!
//! Two models from the [literature] validate the checker: their numbers of states are published.
//! The [catalogue] lists all models by name, for `antes check`. [explore](explore::explore) visits
//! their states.

#![allow(
    missing_docs,
    reason = "only this workspace uses the crate; a comment stands where a name is not enough"
)]

pub mod catalogue;
pub mod cluster;
pub mod distributed;
pub mod explore;
pub mod library;
pub mod literature;
pub mod schedule;
pub mod scheduled;
pub mod soup;
