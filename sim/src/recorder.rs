//! Who writes down what happens.

use alloc::vec::Vec;

use crate::trace::TraceEvent;

/// Keeps the lines of a trace, or lets them go.
#[derive(Clone, Debug, Default)]
pub struct Recorder {
    lines: Vec<TraceEvent>,
    on: bool,
}

impl Recorder {
    /// Keeps every line.
    pub const fn on() -> Self {
        Self { lines: Vec::new(), on: true }
    }

    /// Keeps nothing.
    pub const fn off() -> Self {
        Self { lines: Vec::new(), on: false }
    }

    /// What has been kept, in order.
    pub fn lines(&self) -> &[TraceEvent] {
        &self.lines
    }

    /// Whether the line of this number is one to keep. One that is known already, because the
    /// world was set back and goes the same way again, is not.
    pub fn wants(&self, seq: u64) -> bool {
        self.on && seq >= self.lines.len() as u64
    }

    /// Keeps a line; it is the next one.
    pub fn record(&mut self, line: TraceEvent) {
        debug_assert_eq!(line.seq, self.lines.len() as u64, "lines are recorded in order");
        self.lines.push(line);
    }

    /// Forgets the lines from this one on.
    pub fn forget_from(&mut self, seq: u64) {
        self.lines.truncate(usize::try_from(seq).unwrap_or(usize::MAX));
    }
}
