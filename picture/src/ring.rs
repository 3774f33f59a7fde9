//! The ring: nodes, and messages on their way.

pub mod draw;
pub mod flight;
pub mod layout;
pub mod names;
pub mod node;
pub mod scene;
pub mod written;
