//! Exhaustive checks: every interleaving of a small cluster, under bounded faults.
//!
//! Two models from the [literature] calibrate the checker: their numbers of states are known. The
//! [catalogue] has all models by name, as `antes check` does, and [explore](explore::explore) visits
//! their states.

pub mod catalogue;
pub mod cluster;
pub mod explore;
pub mod library;
pub mod literature;
pub mod schedule;
pub mod soup;
