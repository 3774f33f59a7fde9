//! A part of the whole program: it opens a finished trace of the simulator or of a real cluster.
//! It is loaded when a trace is opened.
//!
//! [`tape`] is the trace with facts about the whole of it, [`moment`] the state after its first
//! lines, and [`deck`] the position in it. [`app`] draws this with the views of the page.

pub mod address;
pub mod app;
pub mod deck;
pub mod files;
pub mod moment;
pub mod pace;
pub mod picture;
pub mod reader;
pub mod tape;
pub mod tell;
