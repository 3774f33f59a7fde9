//! What is drawn: functions of what there is to show. None of them holds state of the run, and
//! none of them listens: see [`crate::message`]. What seldom changes is [kept](part).

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
