//! Exhaustive checks: every interleaving of a small cluster, under bounded faults.
//!
//! Two models from the [literature] calibrate the checker: their numbers of states are known.

pub mod cluster;
pub mod library;
pub mod literature;
