//! How a life of the node ends: in good order, or by a crash.

use std::pin::pin;
use std::time::Duration;

use antes_core::{Command, Input};
use antes_sim::trace::Happening;
use tokio::sync::mpsc;

use super::{Driver, End, LinkEvent, Outgoing, no_storage};
use crate::Failure;
use crate::cluster::summary::Summary;
use crate::cluster::time::Moment;

/// How long the last messages may take to leave when the node stops in good order.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

impl Driver {
    /// Stops in good order: a holder releases, a leader resigns, and their messages leave, unless the links
    /// are too slow.
    pub(super) async fn leave(
        mut self,
        inbox: &mut mpsc::Receiver<LinkEvent>,
    ) -> Result<End, Failure> {
        self.now = Moment::now();
        if self.paused {
            self.resume();
        }
        self.fire_overdue();
        self.feed(&Input::Command(Command::Leave));
        self.commit()?;
        self.recorder.flush();
        let writers = self.peers.iter_mut().flatten().filter_map(|peer| peer.outgoing.close());
        let writers = writers.chain(self.resource.as_mut().and_then(Outgoing::close));
        let writers: Vec<_> = writers.collect();
        let all = async {
            for writer in writers {
                // The writer ends when all is written, or when its link ends.
                let _ = writer.await;
            }
        };
        let mut all = pin!(tokio::time::timeout(DRAIN_TIMEOUT, all));
        let in_time = loop {
            tokio::select! {
                biased;
                Some(arrival) = inbox.recv() => {
                    if let LinkEvent::Answered(answer) = arrival {
                        self.now = Moment::now();
                        self.answered(&answer);
                    }
                }
                done = &mut all => break done.is_ok(),
            }
        };
        if !in_time {
            tracing::warn!("some messages could not be sent before the node stopped");
        }
        self.now = Moment::now();
        self.note(|| Happening::Stop);
        self.end()
    }

    /// Ends the trace, writes the summary, and closes stable storage.
    pub(super) fn end(self) -> Result<End, Failure> {
        self.recorder.finish();
        if let Some(Err(error)) = self.summary.as_ref().map(Summary::write) {
            tracing::error!("the summary cannot be written: {error}");
        }
        self.store.close(&self.stamp, self.sent).map_err(no_storage)?;
        Ok(End::Left)
    }

    pub(super) fn crash(mut self) -> End {
        self.note(|| Happening::Crash);
        self.recorder.finish();
        End::Crashed
    }
}
