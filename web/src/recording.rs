//! The other program of the page: it opens a trace that is finished, of the simulator or of a real
//! cluster, and shows what happened. It is loaded when somebody opens one.
//!
//! [`tape`] is the trace with what takes the whole of it to know, [`moment`] what its first lines
//! tell of the nodes, [`deck`] moves along it; [`app`] draws that with the views of the page.

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
