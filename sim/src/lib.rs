//! A deterministic discrete-event world for the algorithms of `antes-core`.
#![no_std]

extern crate alloc;

pub mod scenario;
pub mod trace;
