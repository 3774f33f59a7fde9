//! What is drawn: function components with props that are cheap to compare. None of them holds
//! state of the run, and none of them listens: see [`crate::message`].

pub mod chart;
pub mod dialog;
pub mod header;
pub mod icon;
pub mod log;
pub mod menu;
pub mod narration;
pub mod ring;
pub mod ring_node;
pub mod strip;
pub mod transport;
pub mod why;
