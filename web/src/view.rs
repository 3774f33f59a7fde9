//! Views: functions from content to elements. They hold no state of the run and no listeners; see
//! [`crate::message`]. Views that rarely change are [kept](part).

pub mod chart;
pub mod crowd;
pub mod dialog;
pub mod find;
pub mod flight;
pub mod header;
pub mod icon;
pub mod layer;
pub mod legend;
pub mod log;
pub mod menu;
pub mod narration;
pub mod part;
pub mod ring;
pub mod strip;
pub mod transport;
pub mod why;
