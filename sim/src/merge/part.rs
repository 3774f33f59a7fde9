//! The traces to merge, and the result.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::export::Header;
use crate::trace::TraceEvent;

/// The trace of one life of one process.
#[derive(Clone, Debug)]
pub struct Part {
    /// The name of the file.
    pub name: String,
    /// The number of the header's line in the file, from 1.
    pub line: u32,
    pub header: Header,
    /// The number of the process's life, from 1; 0 if no line contains it.
    pub life: u32,
    /// Whether lines between its first and its last are missing.
    pub gaps: bool,
    pub events: Vec<Line>,
}

/// An event and its line in the file.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line number, from 1.
    pub number: u32,
    pub event: TraceEvent,
}

#[derive(Clone, Debug)]
pub struct Merged {
    pub header: Header,
    /// The events in one order, with the judge's verdicts among them.
    pub events: Vec<TraceEvent>,
    /// Notes for readers of the run, one sentence each.
    pub notes: Vec<String>,
}

/// The reason why traces cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeError {
    pub name: String,
    pub line: u32,
    /// The mistake, and what would be right.
    pub problem: String,
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.name, self.line, self.problem)
    }
}

impl core::error::Error for MergeError {}

impl Part {
    pub(super) fn error(&self, line: u32, problem: String) -> MergeError {
        MergeError { name: self.name.clone(), line, problem }
    }
}
