//! Records what happens: the trace's file, the recent events, the log.
//!
//! The core's task only collects events ([`Recorder`]). Another thread turns them into lines and
//! writes them, so that neither a slow disk nor a full pipe delays the core. If nothing is to be
//! recorded, nothing is collected.

mod file;
mod recent_events;
mod trace_writer;

pub use file::{LEAST_BOUND, TraceFile};
pub use recent_events::{CAPACITY, Line, RecentEvents};
pub use trace_writer::{TraceWriter, log, tell};

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::SystemTime;

use antes_core::{Identity, Stamp};
use antes_sim::export::Header;
use antes_sim::trace::{Happening, LineStamp, TraceEvent};

use super::time::Moment;
use crate::Failure;

/// The most batches of lines that wait for the thread.
const MAX_BATCHES: usize = 1024;

/// The most lines that wait to be written. Beyond it, lines are left out of the trace.
const MAX_LINES: usize = 1 << 16;

/// Collects events on the core's task.
#[derive(Debug)]
pub struct Recorder {
    to: Option<SyncSender<Vec<TraceEvent>>>,
    /// Whether messages, timers and saves are recorded too.
    details: bool,
    batch: Vec<TraceEvent>,
    /// How many lines wait at the thread.
    waiting: Arc<AtomicUsize>,
    /// The number of the next line.
    seq: u64,
    /// How many lines were left out because the thread was too slow.
    left_out: u64,
    /// How many lines the thread could not write to the trace's file.
    unwritten: Arc<AtomicU64>,
    clock: TraceClock,
}

impl Recorder {
    /// A recorder for a node without trace, log and readers of events.
    pub fn off() -> Self {
        Self::with(None, false, 0, unix_us())
    }

    /// Sends events to `trace_writer` on a thread that ends with the recorder. `details`: whether
    /// messages, timers and saves are recorded too.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn start(
        trace_writer: TraceWriter,
        details: bool,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (to, batches) = sync_channel(MAX_BATCHES);
        let (seq, began_us) = trace_writer.begin();
        let mut recorder = Self::with(Some(to), details, seq, began_us);
        if let Some(file) = &trace_writer.file {
            recorder.unwritten = file.left_out();
        }
        let waiting = Arc::clone(&recorder.waiting);
        let thread = std::thread::Builder::new()
            .name("trace_writer".into())
            .spawn(move || trace_writer.write_all(&batches, &waiting))?;
        Ok((recorder, thread))
    }

    fn with(
        to: Option<SyncSender<Vec<TraceEvent>>>,
        details: bool,
        seq: u64,
        began_us: u64,
    ) -> Self {
        let (clock, batch, waiting) = (TraceClock::new(began_us), Vec::new(), Arc::default());
        let unwritten = Arc::default();
        Self { to, details, batch, waiting, seq, left_out: 0, unwritten, clock }
    }

    /// How many lines are missing in the trace because the thread or the disk was too slow.
    pub fn gaps(&self) -> u64 {
        self.left_out + self.unwritten.load(Ordering::Relaxed)
    }

    /// Records an event at `me`. `happening` is called only if events are recorded.
    #[inline]
    pub fn note(
        &mut self,
        at: Moment,
        me: Identity,
        stamp: &Stamp,
        happening: impl FnOnce() -> Happening,
    ) {
        if self.to.is_some() {
            self.push(at, me, *stamp, happening());
        }
    }

    /// Like [`note`](Self::note), for messages, timers and saves: does nothing unless details are recorded.
    #[inline]
    pub fn note_detail(
        &mut self,
        at: Moment,
        me: Identity,
        stamp: &Stamp,
        happening: impl FnOnce() -> Happening,
    ) {
        if self.details {
            self.note(at, me, stamp, happening);
        }
    }

    fn push(&mut self, at: Moment, me: Identity, stamp: Stamp, happening: Happening) {
        let seq = self.seq;
        self.seq += 1;
        if self.batch.len() + self.waiting.load(Ordering::Relaxed) >= MAX_LINES {
            self.left_out += 1;
            return;
        }
        self.batch.push(TraceEvent {
            seq,
            at_us: self.clock.at_us(at),
            node: Some(me.node),
            incarnation: me.incarnation,
            stamp: LineStamp::from(&stamp),
            happening,
        });
    }

    /// Sends the collected events to the thread. If the thread is behind, they stay for the next
    /// time.
    #[inline]
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        let Some(to) = &self.to else { return };
        let count = self.batch.len();
        // Counted before the thread can subtract them.
        self.waiting.fetch_add(count, Ordering::Relaxed);
        match to.try_send(std::mem::take(&mut self.batch)) {
            Ok(()) => self.batch.reserve(count.min(256)),
            Err(TrySendError::Full(batch)) => {
                self.waiting.fetch_sub(count, Ordering::Relaxed);
                self.batch = batch;
            }
            Err(TrySendError::Disconnected(_)) => self.to = None,
        }
    }

    /// Sends all events, and waits for the thread if necessary.
    pub fn finish(mut self) {
        if let Some(to) = self.to.take() {
            // The thread may have ended early because it could not write.
            self.waiting.fetch_add(self.batch.len(), Ordering::Relaxed);
            let _ = to.send(std::mem::take(&mut self.batch));
        }
    }
}

/// The time base of a trace: its beginning, perhaps in an earlier life of the process. The wall
/// clock is read once; after that the node's own clock is used.
#[derive(Clone, Copy, Debug)]
pub struct TraceClock {
    started: Moment,
    /// How long after the beginning of the trace the clock was read, in microseconds.
    offset_us: u64,
}

impl TraceClock {
    /// The time base of a trace that began at `began_us`, in microseconds since 1970.
    pub fn new(began_us: u64) -> Self {
        Self { started: Moment::now(), offset_us: unix_us().saturating_sub(began_us) }
    }

    /// The time from the beginning of the trace to a moment of this life, in microseconds.
    pub fn at_us(&self, at: Moment) -> u64 {
        let since = u64::try_from(at.since(self.started).as_micros()).unwrap_or(u64::MAX);
        self.offset_us.saturating_add(since)
    }
}

/// Opens the trace's file with its largest size, if there is one. A new file begins with `header`.
///
/// # Errors
///
/// If it cannot be written, or is no trace of this process.
pub fn open_trace(
    path: Option<&Path>,
    bound: Option<u64>,
    header: &Header,
) -> Result<Option<TraceFile>, Failure> {
    let file = path.filter(|path| path.as_os_str() != "-");
    if bound.is_some() && file.is_none() {
        let sentence =
            "--trace-max (TRACE_MAX) is the bound of a file; expected one in --trace (TRACE)";
        return Err(Failure::BadInput(sentence.into()));
    }
    let Some(path) = path else { return Ok(None) };
    TraceFile::open(path, bound, header).map(Some).map_err(|error| {
        Failure::BadInput(format!("{}: the trace cannot be written: {error}", path.display()))
    })
}

/// Microseconds since the beginning of 1970.
pub fn unix_us() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use antes_core::{ClusterSize, Incarnation, NodeId, Profile};

    use super::*;
    use crate::cluster::options::LogFormat;

    #[test]
    fn only_a_file_has_a_bound() {
        let header = Header::written_by_resource(Profile::Hardened, 0);
        for path in [None, Some(Path::new("-"))] {
            let refused = open_trace(path, Some(LEAST_BOUND), &header).err();
            assert!(matches!(refused, Some(Failure::BadInput(told)) if told.contains("(TRACE)")));
        }
    }

    /// The thread starts late, as if it waited for a disk.
    #[test]
    fn lines_that_the_thread_cannot_keep_up_with_are_left_out_and_counted() {
        let node = NodeId::new(1).expect("a node");
        let me = Identity { node, incarnation: Incarnation::FIRST };
        let (to, batches) = sync_channel(MAX_BATCHES);
        let mut recorder = Recorder::with(Some(to), true, 0, 0);
        for _ in 0..MAX_LINES + 10 {
            recorder.note(Moment::now(), me, &Stamp::default(), || Happening::Local);
            recorder.flush();
        }
        assert_eq!((recorder.left_out, recorder.seq), (10, MAX_LINES as u64 + 10));
        let recent_events = Arc::new(RecentEvents::new(String::new(), 0));
        let trace_writer = TraceWriter {
            size: ClusterSize::new(1).expect("a cluster"),
            file: None,
            recent_events: Some(Arc::clone(&recent_events)),
            began_us: 0,
            format: LogFormat::Text,
        };
        let waiting = Arc::clone(&recorder.waiting);
        let thread = std::thread::spawn(move || trace_writer.write_all(&batches, &waiting));
        let waiting = Arc::clone(&recorder.waiting);
        recorder.finish();
        thread.join().expect("it ends with the recorder");
        assert_eq!(waiting.load(Ordering::Relaxed), 0);
        assert_eq!(*recent_events.subscribe().borrow(), MAX_LINES as u64);
    }
}
