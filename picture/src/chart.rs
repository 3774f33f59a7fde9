//! The space-time diagram: one line per node, time to the right, messages as arrows.
//! [`index`] reads the trace once, line by line, as it grows. [`camera`] says which part of it is visible.
//! [`scene`] turns that part into shapes, and [`growing`] does so for messages on their way. [`walk`] finds
//! the event next to another one.

pub mod camera;
pub mod draw;
pub mod growing;
pub mod index;
pub mod labels;
pub mod scale;
pub mod scene;
mod taken;
pub mod walk;
