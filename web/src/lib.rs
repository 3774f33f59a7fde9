//! The page: the simulator, drawn, and everything a person does to it.

pub mod address;
pub mod causality;
pub mod interventions;
pub mod language;
pub mod library;
pub mod player;
pub mod px;
pub mod ring;
pub mod sentence;
pub mod speed;
pub mod words;
