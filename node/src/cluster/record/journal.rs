//! The last lines of the trace, kept for whoever asks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The most lines that are kept.
pub const CAPACITY: usize = 8192;

/// A line of the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the trace.
    pub seq: u64,
    /// What it says, as JSON, without a line end.
    pub json: Arc<str>,
}

/// A bounded record of the latest lines. One thread writes, any number read.
#[derive(Debug)]
pub struct Journal {
    header: String,
    lines: Mutex<VecDeque<Line>>,
    /// One more than the latest line's place.
    next: watch::Sender<u64>,
}

impl Journal {
    /// A journal of a trace that begins with `header`, and whose next line has the place `next`.
    pub fn new(header: String, next: u64) -> Self {
        let lines = Mutex::new(VecDeque::with_capacity(CAPACITY));
        Self { header, lines, next: watch::Sender::new(next) }
    }

    /// The first line of the trace: what it is a trace of, and when it began.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// Adds lines, and forgets the oldest ones if there are too many.
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

    /// The lines from place `seq` on, at most `most` of them. If the first one has a higher place,
    /// those between have been forgotten.
    pub fn since(&self, seq: u64, most: usize) -> Vec<Line> {
        let lines = self.lines();
        let begin = lines.partition_point(|line| line.seq < seq);
        lines.range(begin..).take(most).cloned().collect()
    }

    /// Tells of new lines: the value is one more than the latest line's place.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.next.subscribe()
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<Line>> {
        // Nothing panics while it holds the lock; if it did, the lines would still be lines.
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
        let journal = Journal::new(String::new(), 0);
        journal.append((0..5).map(line));
        assert_eq!(journal.since(3, 10), [line(3), line(4)]);
        assert_eq!(journal.since(0, 2), [line(0), line(1)]);
        assert_eq!(journal.since(5, 10), []);
        assert_eq!(*journal.subscribe().borrow(), 5);
    }

    #[test]
    fn the_oldest_lines_are_forgotten() {
        let journal = Journal::new(String::new(), 0);
        let count = CAPACITY as u64 + 10;
        journal.append((0..count).map(line));
        assert_eq!(journal.since(0, 1), [line(10)]);
        assert_eq!(journal.since(0, usize::MAX).len(), CAPACITY);
    }
}
