//! The thread that writes trace and log.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;

use antes_core::{ClusterSize, Message};
use antes_sim::export::{jsonl, text};
use antes_sim::trace::{Content, Happening, TraceEvent};
use tracing::Level;

use super::{Line, RecentEvents, TraceFile};
use crate::cluster::options::{LogFormat, LogLevel};

/// The destinations of the lines.
pub struct TraceWriter {
    pub size: ClusterSize,
    /// The trace's file, if there is one.
    pub file: Option<TraceFile>,
    /// The recent events, if they may be read.
    pub recent_events: Option<Arc<RecentEvents>>,
    /// When the trace began, in microseconds since 1970.
    pub began_us: u64,
    pub format: LogFormat,
}

impl TraceWriter {
    /// The number of the next line, and when the trace began.
    pub fn begin(&self) -> (u64, u64) {
        match &self.file {
            Some(file) => (file.seq, file.began_us),
            None => (0, self.began_us),
        }
    }

    /// Writes all batches until the channel is closed, and subtracts them from `waiting`.
    pub fn write_all(mut self, batches: &Receiver<Vec<TraceEvent>>, waiting: &AtomicUsize) {
        let mut bytes = Vec::new();
        while let Ok(batch) = batches.recv() {
            self.write(&batch, &mut bytes);
            waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        }
    }

    fn write(&mut self, batch: &[TraceEvent], bytes: &mut Vec<u8>) {
        if self.file.is_some() || self.recent_events.is_some() {
            let lines = batch.iter().map(|event| (event.seq, jsonl::line(event, self.size)));
            let lines: Vec<(u64, String)> = lines.collect();
            self.write_file(&lines, bytes);
            if let Some(recent_events) = &self.recent_events {
                recent_events
                    .append(lines.into_iter().map(|(seq, json)| Line { seq, json: json.into() }));
            }
        }
        for event in batch {
            tell(event, self.format);
        }
    }

    /// Complete batches are written, so that a crash between two writes leaves no partial line.
    fn write_file(&mut self, lines: &[(u64, String)], bytes: &mut Vec<u8>) {
        let Some(file) = &mut self.file else { return };
        bytes.clear();
        for (_, line) in lines {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        file.write(bytes, lines.len());
    }
}

/// Sets up the log on standard error.
pub fn log(format: LogFormat, level: LogLevel) {
    let level = match level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
    };
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        // Otherwise a failure of the log would panic.
        .log_internal_errors(false)
        .with_target(false);
    // A second call has no effect.
    let _ = match format {
        LogFormat::Text => log.without_time().with_ansi(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).try_init(),
    };
}

/// Logs an event in the form of the course report: `[lamport.node] sentence`.
pub fn tell(event: &TraceEvent, format: LogFormat) {
    macro_rules! say {
        ($level:expr) => {
            if tracing::enabled!($level) {
                let (lamport, node) = (event.stamp.lamport(), event.node.map_or(0, u8::from));
                let sentence = text::sentence(&event.happening);
                match format {
                    LogFormat::Text => {
                        tracing::event!($level, "[{lamport}.{node}] {sentence}");
                    }
                    LogFormat::Json => tracing::event!(
                        $level,
                        lamport = lamport.0,
                        node,
                        incarnation = event.incarnation.get(),
                        kind = event.kind(),
                        "{sentence}"
                    ),
                }
            }
        };
    }
    if is_detail(&event.happening) { say!(Level::DEBUG) } else { say!(Level::INFO) }
}

/// Whether an event is a detail. Messages of the remote calls are not, since they are the subject
/// of that test.
fn is_detail(happening: &Happening) -> bool {
    let of_clock = |content: &Content| matches!(content, Content::Message(Message::Call(_)));
    match happening {
        Happening::Send(message) | Happening::Receive { message, .. } => {
            !of_clock(&message.content)
        }
        Happening::Lost { .. }
        | Happening::Duplicate { .. }
        | Happening::Timeout { .. }
        | Happening::Save(_) => true,
        Happening::Local
        | Happening::Crash
        | Happening::Stop
        | Happening::Restart { .. }
        | Happening::Pause
        | Happening::Resume
        | Happening::Election { .. }
        | Happening::Leader { .. }
        | Happening::Request { .. }
        | Happening::Refused
        | Happening::Enter { .. }
        | Happening::Withdraw { .. }
        | Happening::Exit { .. }
        | Happening::Write { .. }
        | Happening::Cut { .. }
        | Happening::Heal { .. }
        | Happening::Ignored { .. }
        | Happening::Violation(_) => false,
    }
}
