//! A deterministic discrete-event simulator for the algorithms of `antes-core`.
//!
//! A [`Scenario`](scenario::Scenario) describes what shall happen, a [`World`](world::World)
//! carries it out one event at a time, a [`Run`](run::Run) can return to any earlier moment, and
//! the [trace] records the events. The same scenario and seed give the same trace to the byte,
//! natively and in WebAssembly.
//!
//! The simulator has no user interface and no files, reads no clock, and draws random numbers from
//! the seed only. The shared [resource] and the [judge] of the invariants are separate from the
//! nodes.
#![no_std]
#![allow(missing_docs, reason = "a comment stands where a name is not enough")]

extern crate alloc;
#[cfg(feature = "threads")]
extern crate std;

pub mod claims;
pub mod compare;
pub mod content;
pub mod encoding;
pub mod export;
pub mod figure;
pub mod history;
pub mod judge;
pub mod library;
pub mod merge;
pub mod narrow;
pub mod network;
mod queue;
pub mod random;
pub mod recorder;
pub mod resource;
pub mod run;
pub mod scenario;
pub mod storm;
pub mod summary;
pub mod trace;
pub mod world;
