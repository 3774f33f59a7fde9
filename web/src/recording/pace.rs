//! How long what lies between two lines of a trace is made to last.
//!
//! On a real machine messages take microseconds and quiet lasts seconds. So a recording has a time
//! of its own, by which it is played, drawn and scrubbed: a typical message takes as long in it as
//! in the page's scenarios. Instants are told by the clock of the trace.

use antes_sim::trace::{Happening, TraceEvent};

/// How long a typical message takes, in microseconds of the tape.
pub const MESSAGE_US: u64 = 100_000;

/// What is shorter than this is as long as it is; what is longer is shortened, if quiet is.
const QUIET_US: f64 = 100_000.0;

/// Between what two nodes do there is at least this much, so that no message takes no time.
const LEAST_US: u64 = 12_000;

/// What one node does within this much is one moment.
const BURST_US: f64 = 2_000.0;

/// How the quiet between two lines is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// It lasts as long as it lasted.
    Kept,
    /// The longer it lasted, the more it is shortened.
    Shortened,
}

impl Quiet {
    /// The other way.
    pub const fn other(self) -> Self {
        match self {
            Self::Kept => Self::Shortened,
            Self::Shortened => Self::Kept,
        }
    }
}

/// The instant of each line on the tape, in microseconds. They never decrease; without
/// shortening, they are as far apart as the lines are.
pub fn instants(events: &[TraceEvent], typical_us: u64, quiet: Quiet) -> Vec<u64> {
    let stretch = MESSAGE_US as f64 / typical_us.max(1) as f64;
    let mut instants = Vec::with_capacity(events.len());
    let (mut at_us, mut before) = (0, None::<&TraceEvent>);
    for event in events {
        let passed_us = event.at_us.saturating_sub(before.map_or(0, |before| before.at_us));
        match quiet {
            Quiet::Kept => at_us = (event.at_us as f64 * stretch) as u64,
            Quiet::Shortened => at_us += shortened(passed_us as f64 * stretch, before, event),
        }
        instants.push(at_us);
        before = Some(event);
    }
    instants
}

fn shortened(span_us: f64, before: Option<&TraceEvent>, event: &TraceEvent) -> u64 {
    let goes_on = before.is_none_or(|before| before.node == event.node) && !is_caused(event);
    if goes_on && span_us < BURST_US {
        return 0;
    }
    let span_us = match span_us > QUIET_US {
        true => QUIET_US * (1.0 + (span_us / QUIET_US).ln() / 2.0),
        false => span_us,
    };
    (span_us as u64).max(if before.is_some() { LEAST_US } else { 0 })
}

/// Whether what happens was set off elsewhere, or by a timer, and not by the line before.
const fn is_caused(event: &TraceEvent) -> bool {
    matches!(
        event.happening,
        Happening::Receive { .. } | Happening::Timeout { .. } | Happening::Write { .. }
    )
}

/// The instant on one of two clocks that stand for each other line by line, at an instant of the
/// other: between two lines it is in proportion.
pub fn translated(
    at_us: u64,
    from: impl Fn(usize) -> u64,
    to: impl Fn(usize) -> u64,
    lines: usize,
) -> u64 {
    let (mut low, mut high) = (0, lines);
    while low < high {
        let middle = low + (high - low) / 2;
        if from(middle) <= at_us { low = middle + 1 } else { high = middle }
    }
    if low == lines {
        return lines.checked_sub(1).map_or(0, to);
    }
    // Both clocks begin at 0, before the first line.
    let (begin, first) = low.checked_sub(1).map_or((0, 0), |line| (from(line), to(line)));
    let share = at_us.saturating_sub(begin) as f64 / from(low).saturating_sub(begin).max(1) as f64;
    first + (to(low).saturating_sub(first) as f64 * share) as u64
}
