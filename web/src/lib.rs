//! The page: the simulator, drawn, and everything a person does to it.

pub mod language;
pub mod sentence;
pub mod words;
