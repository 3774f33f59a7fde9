//! The summary that a node writes for its application when it stops in good order: how often it had the lock,
//! and how long it waited.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use antes_core::RequestId;
use hdrhistogram::Histogram;
use serde_json::json;

use super::time::Moment;
use crate::Failure;

/// The precision of waits in decimal digits: 1 %.
const DIGITS: u8 = 2;

/// The longest wait that is counted exactly, in nanoseconds: an hour. Longer ones count as an hour.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// The waits of one life of a node.
#[derive(Debug)]
pub struct Summary {
    path: PathBuf,
    /// Open requests, with the instants at which they were made. The protocols limit their number.
    waiting: Vec<(RequestId, Moment)>,
    /// Measured in nanoseconds, from request to entry.
    waits: Histogram<u64>,
    /// The first and the latest entry into the critical section.
    entries: Option<(Moment, Moment)>,
}

impl Summary {
    /// An empty summary. Creates the file now; [`write`](Self::write) fills it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn new(path: PathBuf) -> Result<Self, Failure> {
        File::options().append(true).create(true).open(&path).map_err(|error| {
            Failure::BadInput(format!(
                "--summary (SUMMARY): {} cannot be written: {error}; expected a file in a folder that can \
                 be written to",
                path.display()
            ))
        })?;
        let waits = Histogram::new_with_max(LONGEST_NS, DIGITS).expect("the bounds are valid");
        Ok(Self { path, waiting: Vec::new(), waits, entries: None })
    }

    /// Notes that the application asks for the lock.
    pub fn requested(&mut self, request: RequestId, now: Moment) {
        if self.waiting.len() >= antes_core::MAX_OUTSTANDING {
            // A request that was closed and made again has left its earlier number here.
            self.waiting.remove(0);
        }
        self.waiting.push((request, now));
    }

    /// Notes that a request was withdrawn. It does not count as a wait.
    pub fn withdrawn(&mut self, request: RequestId) {
        self.waiting.retain(|&(waiting, _)| waiting != request);
    }

    /// Notes that the node has the lock.
    pub fn entered(&mut self, request: RequestId, now: Moment) {
        let first = self.entries.map_or(now, |(first, _)| first);
        self.entries = Some((first, now));
        let Some(place) = self.waiting.iter().position(|&(waiting, _)| waiting == request) else {
            return;
        };
        let (_, asked) = self.waiting.swap_remove(place);
        let wait_ns = u64::try_from(now.since(asked).as_nanos()).unwrap_or(u64::MAX);
        self.waits.saturating_record(wait_ns);
    }

    /// Replaces the file's content by the summary as JSON.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self) -> io::Result<()> {
        let span = self.entries.map(|(first, latest)| latest.since(first)).unwrap_or_default();
        let waits = self.waits.iter_recorded();
        let waits: Vec<(u64, u64)> = waits
            .map(|step| (step.value_iterated_to(), step.count_since_last_iteration()))
            .collect();
        let quantile = |quantile| self.waits.value_at_quantile(quantile);
        let summary = json!({
            "entries": self.waits.len(),
            "span_us": u64::try_from(span.as_micros()).unwrap_or(u64::MAX),
            "wait_ns": { "p50": quantile(0.5), "p99": quantile(0.99), "max": self.waits.max() },
            "waits_ns": waits,
        });
        fs::write(&self.path, format!("{summary}\n"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use antes_core::{Identity, Incarnation, NodeId};

    use super::*;

    #[test]
    fn waits_are_told_in_the_end() {
        let path = std::env::temp_dir().join(format!("antes-summary-{}", std::process::id()));
        let mut summary = Summary::new(path.clone()).expect("it can be written");
        let by = Identity {
            node: NodeId::new(1).expect("1 is a node"),
            incarnation: Incarnation::FIRST,
        };
        let start = Moment::now();
        for number in 1..=3 {
            let request = RequestId { by, number };
            let asked = start.after(Duration::from_millis(u64::from(number) * 100));
            summary.requested(request, asked);
            summary.entered(request, asked.after(Duration::from_millis(u64::from(number))));
        }
        summary.write().expect("it can be written");
        let text = fs::read_to_string(&path).expect("it is there");
        fs::remove_file(&path).expect("it is removed");
        let told: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!((&told["entries"], &told["span_us"]), (&json!(3), &json!(202_000)));
        let median = told["wait_ns"]["p50"].as_u64().expect("a number");
        assert!((1_980_000..=2_020_000).contains(&median), "2 ms within 1 %, not {median}");
        assert_eq!(told["waits_ns"].as_array().map(Vec::len), Some(3));
    }
}
