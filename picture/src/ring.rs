//! The ring: nodes, and messages on their way.

pub mod layout;
pub mod names;
pub mod scene;
