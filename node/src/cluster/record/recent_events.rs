//! The most recent lines of the trace.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The most lines that are kept.
pub const CAPACITY: usize = 8192;

/// A line of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number in the trace.
    pub seq: u64,
    /// Its JSON, without a line end.
    pub json: Arc<str>,
}

/// A bounded list of the most recent lines, for one writing and many reading threads.
#[derive(Debug)]
pub struct RecentEvents {
    header: String,
    lines: Mutex<VecDeque<Line>>,
    /// The number of the next line.
    next: watch::Sender<u64>,
}

impl RecentEvents {
    /// An empty list for a trace with this `header` and the next line number `next`.
    pub fn new(header: String, next: u64) -> Self {
        let lines = Mutex::new(VecDeque::with_capacity(CAPACITY));
        Self { header, lines, next: watch::Sender::new(next) }
    }

    /// The header line of the trace.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Adds lines, and removes the oldest if there are too many.
    pub fn append(&self, new: impl IntoIterator<Item = Line>) {
        let mut lines = self.lines();
        for line in new {
            if lines.len() == CAPACITY {
                lines.pop_front();
            }
            lines.push_back(line);
        }
        let Some(last) = lines.back().map(|line| line.seq) else { return };
        drop(lines);
        self.next.send_replace(last + 1);
    }

    /// The lines from number `seq` on, at most `most`. If the first one has a higher number, the
    /// lines between were removed.
    pub fn since(&self, seq: u64, most: usize) -> Vec<Line> {
        let lines = self.lines();
        let begin = lines.partition_point(|line| line.seq < seq);
        lines.range(begin..).take(most).cloned().collect()
    }

    /// A channel with the number of the next line, for waiting.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.next.subscribe()
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<Line>> {
        // No code panics while it holds the lock. If it did, the list would still be valid.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: u64) -> Line {
        Line { seq, json: format!("{{\"seq\":{seq}}}").into() }
    }

    #[test]
    fn a_reader_goes_on_where_it_stopped() {
        let recent_events = RecentEvents::new(String::new(), 0);
        recent_events.append((0..5).map(line));
        assert_eq!(recent_events.since(3, 10), [line(3), line(4)]);
        assert_eq!(recent_events.since(0, 2), [line(0), line(1)]);
        assert_eq!(recent_events.since(5, 10), []);
        assert_eq!(*recent_events.subscribe().borrow(), 5);
    }

    #[test]
    fn the_oldest_lines_are_forgotten() {
        let recent_events = RecentEvents::new(String::new(), 0);
        let count = CAPACITY as u64 + 10;
        recent_events.append((0..count).map(line));
        assert_eq!(recent_events.since(0, 1), [line(10)]);
        assert_eq!(recent_events.since(0, usize::MAX).len(), CAPACITY);
    }
}
