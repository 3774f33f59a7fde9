//! Messages on their way out, and the task that writes them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antes_core::{LamportTime, Message, Stamp, VectorClock};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::link::{LinkError, Outbound};
use super::time::Moment;

/// The most messages that wait for one peer. Further ones are lost.
pub const CAPACITY: usize = 1024;

/// The most bytes that are put together before they are written.
const WRITE_BYTES: usize = 32 << 10;

/// A message between nodes, with its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// Its number among all that the sender has ever sent; it wraps around.
    pub number: u32,
    /// The Lamport clock of its send.
    pub lamport: LamportTime,
    /// The vector clock of its send.
    pub vector: [u64; antes_core::MAX_NODES as usize],
    /// What it says.
    pub message: Message,
}

impl Packet {
    /// The message that was sent at `stamp`.
    pub fn new(number: u32, stamp: &Stamp, message: Message) -> Self {
        Self { number, lamport: stamp.lamport, vector: *stamp.vector.counts(), message }
    }

    /// The stamp of its send.
    pub fn stamp(&self) -> Stamp {
        Stamp { lamport: self.lamport, vector: VectorClock::from_counts(&self.vector) }
    }
}

/// A queue of one sender and one writer, for values of type `T`.
#[derive(Debug)]
pub struct Outbox<T> {
    inner: Mutex<Inner<T>>,
    wake: Notify,
}

#[derive(Debug)]
struct Inner<T> {
    /// With the moment before which a value must not leave.
    queue: VecDeque<(Option<Moment>, T)>,
    /// No more will come.
    closing: bool,
}

impl<T> Default for Outbox<T> {
    fn default() -> Self {
        let inner = Inner { queue: VecDeque::new(), closing: false };
        Self { inner: Mutex::new(inner), wake: Notify::new() }
    }
}

impl<T> Outbox<T> {
    /// Puts a value behind the others; gives it back if there is no room.
    ///
    /// # Errors
    ///
    /// [`CAPACITY`] values wait already.
    pub fn push(&self, not_before: Option<Moment>, value: T) -> Result<(), T> {
        let mut inner = self.inner();
        if inner.queue.len() >= CAPACITY {
            return Err(value);
        }
        inner.queue.push_back((not_before, value));
        drop(inner);
        self.wake.notify_one();
        Ok(())
    }

    /// How many values wait.
    pub fn waiting(&self) -> usize {
        self.inner().queue.len()
    }

    /// Takes everything that waits.
    pub fn drain(&self) -> Vec<T> {
        self.inner().queue.drain(..).map(|(_, value)| value).collect()
    }

    /// Says that no more will come: the writer ends once all is written.
    pub fn close(&self) {
        self.inner().closing = true;
        self.wake.notify_one();
    }

    fn inner(&self) -> MutexGuard<'_, Inner<T>> {
        // Nothing panics while it holds the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a look into the outbox finds.
enum Found {
    /// Something was put into the link's buffer.
    Something,
    /// The first value is held back until then.
    Later(Moment),
    /// Nothing is there.
    Nothing,
    /// Nothing is there, and nothing will be.
    End,
}

impl<T: Serialize> Outbox<T> {
    /// Writes to `link` what is put into the outbox, for as long as the link lives. All that waits
    /// leaves together.
    ///
    /// # Errors
    ///
    /// The link has ended. What had been taken from the outbox may have arrived or not.
    pub async fn write_to(self: Arc<Self>, mut link: Outbound) -> Result<(), LinkError> {
        loop {
            match self.take(&mut link)? {
                Found::Something => link.flush().await?,
                Found::Later(moment) => tokio::select! {
                    () = tokio::time::sleep(moment.since(Moment::now())) => {}
                    () = self.wake.notified() => {}
                },
                Found::Nothing => self.wake.notified().await,
                Found::End => return link.finish().await,
            }
        }
    }

    fn take(&self, link: &mut Outbound) -> Result<Found, LinkError> {
        let mut inner = self.inner();
        while link.pending() < WRITE_BYTES {
            match inner.queue.front() {
                None => break,
                Some((Some(moment), _)) if *moment > Moment::now() => {
                    if link.pending() == 0 {
                        return Ok(Found::Later(*moment));
                    }
                    break;
                }
                Some((_, value)) => link.put(value)?,
            }
            inner.queue.pop_front();
        }
        Ok(match (link.pending(), inner.closing) {
            (0, true) => Found::End,
            (0, false) => Found::Nothing,
            (_, _) => Found::Something,
        })
    }
}
