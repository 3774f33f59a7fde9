//! The timescale of a recording.
//!
//! On a real machine messages take microseconds and quiet times last seconds. So a recording is
//! played, drawn and scrubbed on a timescale on which a typical message takes as long as in the
//! page's scenarios. Displayed instants are those of the trace's clock.

use antes_sim::trace::{Happening, TraceEvent};

/// The length of a typical message on the timescale, in microseconds.
pub const MESSAGE_US: u64 = 100_000;

/// Shorter gaps keep their length. Longer ones are compressed if quiet times are shortened.
const QUIET_US: f64 = 100_000.0;

/// The shortest gap between events of two nodes, so that each message takes some time.
const LEAST_US: u64 = 12_000;

/// Events of a node within this time count as one moment.
const BURST_US: f64 = 2_000.0;

/// The treatment of quiet times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quiet {
    /// Quiet times keep their length.
    Kept,
    /// Quiet times are compressed, longer ones more.
    Shortened,
}

impl Quiet {
    pub const fn other(self) -> Self {
        match self {
            Self::Kept => Self::Shortened,
            Self::Shortened => Self::Kept,
        }
    }
}

/// The instant of each line on the timescale, in microseconds. Instants never decrease. Without
/// shortening, the gaps are proportional to those of the lines.
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

/// Whether an event was caused by another node or a timer, not by the previous line.
const fn is_caused(event: &TraceEvent) -> bool {
    matches!(
        event.happening,
        Happening::Receive { .. } | Happening::Timeout { .. } | Happening::Write { .. }
    )
}

/// Converts an instant between two clocks that correspond line by line. Between two lines it is
/// interpolated.
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
    // Both clocks start at 0, before the first line.
    let (begin, first) = low.checked_sub(1).map_or((0, 0), |line| (from(line), to(line)));
    let share = at_us.saturating_sub(begin) as f64 / from(low).saturating_sub(begin).max(1) as f64;
    first + (to(low).saturating_sub(first) as f64 * share) as u64
}
