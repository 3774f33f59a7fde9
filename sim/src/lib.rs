//! A deterministic discrete-event world for the algorithms of `antes-core`.
//!
//! A [`Scenario`](scenario::Scenario) says what is to happen, a [`World`](world::World) makes it
//! happen one event at a time, a [`Run`](run::Run) keeps every earlier moment within reach, and the
//! [trace] tells what happened. Same scenario, same seed: the same trace to the byte, native
//! or in WebAssembly.
//!
//! The world knows no screen and no file, reads no clock, and draws chance from the seed alone.
//! The shared [resource] and the [judge] of the invariants live outside the nodes
//! that they judge.
#![no_std]

extern crate alloc;
#[cfg(feature = "threads")]
extern crate std;

pub mod claims;
pub mod compare;
pub mod encoding;
pub mod export;
pub mod figure;
pub mod judge;
pub mod library;
pub mod merge;
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
