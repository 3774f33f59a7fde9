//! Records the lines of a trace, or discards them.

use alloc::vec::Vec;

use crate::trace::TraceEvent;

/// Keeps the lines of a world's trace, or discards them.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    lines: Vec<TraceEvent>,
    on: bool,
}

impl Recorder {
    pub const fn on() -> Self {
        Self { lines: Vec::new(), on: true }
    }

    /// Discards all lines, which makes the simulation faster.
    pub const fn off() -> Self {
        Self { lines: Vec::new(), on: false }
    }

    /// The recorded lines, in order.
    pub fn lines(&self) -> &[TraceEvent] {
        &self.lines
    }

    /// Whether the line with this number is to be recorded. After going back, lines that are known
    /// already are not.
    pub fn wants(&self, seq: u64) -> bool {
        self.on && seq >= self.lines.len() as u64
    }

    /// Records a line, which has the next number.
    pub fn record(&mut self, line: TraceEvent) {
        debug_assert_eq!(line.seq, self.lines.len() as u64, "lines are recorded in order");
        self.lines.push(line);
    }

    /// Removes the lines from this number on.
    pub fn forget_from(&mut self, seq: u64) {
        self.lines.truncate(usize::try_from(seq).unwrap_or(usize::MAX));
    }
}
