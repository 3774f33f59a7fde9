//! Pictures of a run: what is on the [ring] and in the [diagram](chart), where it is, and how it looks.
//! The page, the command and the build share this crate. It does not depend on a browser: the same moment
//! gives the same picture everywhere.

#![allow(missing_docs, reason = "a comment stands where a name is not enough")]

pub mod causality;
pub mod chart;
pub mod document;
pub mod element;
pub mod face;
pub mod figure;
pub mod first;
pub mod language;
pub mod look;
pub mod outlook;
mod panes;
pub mod pointed;
pub mod px;
pub mod recording;
pub mod ring;
pub mod style;
pub mod telling;
#[cfg(test)]
mod watched;
pub mod words;
