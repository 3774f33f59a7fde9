//! A part of the whole program: it opens files, and shows finished traces of the simulator or of a real
//! cluster, figures, and logs for ShiViz. It is loaded when a file is opened.
//!
//! [`tape`] is the trace with facts about the whole of it, [`moment`] the state after its first
//! lines, and [`deck`] the position in it. [`shown`] draws this with the views of the page.

pub use antes_picture::recording::{moment, pace, scene, tape};

pub mod address;
pub mod deck;
pub mod files;
pub mod inbox;
pub mod log;
pub mod notes;
pub mod reader;
pub mod shown;
pub mod tell;
