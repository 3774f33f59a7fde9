//! The space-time diagram: one line a node, time to the right, messages as arrows.
//!
//! [`index`] reads the trace once, line by line, as it grows; [`scene`] turns the part of it that
//! is visible into shapes, and [`growing`] what is on its way; [`camera`] says which part that is, and [`walk`] which event is
//! beside another one.

pub mod camera;
pub mod draw;
pub mod growing;
pub mod index;
pub mod labels;
pub mod scale;
pub mod scene;
pub mod walk;
