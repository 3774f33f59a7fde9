//! The ring: the nodes, and the messages on their way between them.

pub mod draw;
pub mod flight;
pub mod layout;
pub mod names;
pub mod node;
pub mod scene;
pub mod written;
