//! The page: the simulator, drawn, and everything a person does to it.

pub mod causality;
pub mod language;
pub mod px;
pub mod ring;
pub mod sentence;
pub mod speed;
pub mod words;
