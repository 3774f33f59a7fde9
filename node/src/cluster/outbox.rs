//! Messages that wait to be sent, and the task that writes them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use antes_core::{LamportTime, Message, Stamp, VectorClock};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::link::{LinkError, Outbound};
use super::time::Moment;

/// The most messages that wait for one peer. Further messages are lost.
pub const CAPACITY: usize = 1024;

/// The most bytes that are collected before a write.
const WRITE_BYTES: usize = 32 << 10;

/// A message between nodes, or a write to the resource, with its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet<T = Message> {
    /// The number among all messages that the sender has sent. It wraps around.
    pub number: u32,
    /// The Lamport stamp of the send.
    pub lamport: LamportTime,
    /// The vector stamp of the send.
    pub vector: [u64; antes_core::MAX_NODES as usize],
    pub message: T,
}

impl<T> Packet<T> {
    /// The message with this stamp.
    pub fn new(number: u32, stamp: &Stamp, message: T) -> Self {
        Self { number, lamport: stamp.lamport, vector: *stamp.vector.counts(), message }
    }

    /// The stamp of the send.
    pub fn stamp(&self) -> Stamp {
        Stamp { lamport: self.lamport, vector: VectorClock::from_counts(&self.vector) }
    }
}

/// When a value may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    Now,
    /// Delayed on purpose: the value waits until this moment.
    NotBefore(Moment),
    /// Together with the next value that leaves, for messages that nothing waits for.
    WithTheNext {
        /// The moment at which it leaves at the latest.
        latest: Moment,
    },
}

/// A queue with one sender and one writer.
#[derive(Debug)]
pub struct Outbox<T> {
    inner: Mutex<Inner<T>>,
    wake: Notify,
}

#[derive(Debug)]
struct Inner<T> {
    queue: VecDeque<(Leaves, T)>,
    /// How many of the values do not only wait for others.
    pressing: usize,
    /// Whether no more values will be added.
    closing: bool,
}

impl Leaves {
    const fn presses(self) -> bool {
        match self {
            Self::Now | Self::NotBefore(_) => true,
            Self::WithTheNext { .. } => false,
        }
    }
}

impl<T> Default for Outbox<T> {
    fn default() -> Self {
        let inner = Inner { queue: VecDeque::new(), pressing: 0, closing: false };
        Self { inner: Mutex::new(inner), wake: Notify::new() }
    }
}

impl<T> Outbox<T> {
    /// Adds a value to the end of the queue.
    ///
    /// # Errors
    ///
    /// [`CAPACITY`] values wait already; the value is returned.
    pub fn push(&self, leaves: Leaves, value: T) -> Result<(), T> {
        let mut inner = self.inner();
        if inner.queue.len() >= CAPACITY {
            return Err(value);
        }
        inner.queue.push_back((leaves, value));
        inner.pressing += usize::from(leaves.presses());
        drop(inner);
        self.wake.notify_one();
        Ok(())
    }

    pub fn waiting(&self) -> usize {
        self.inner().queue.len()
    }

    /// Removes and returns all values.
    pub fn drain(&self) -> Vec<T> {
        self.drain_unless(|_| false)
    }

    /// Removes and returns all values except those for which `stays` is true.
    pub fn drain_unless(&self, stays: impl Fn(&T) -> bool) -> Vec<T> {
        let mut inner = self.inner();
        let (kept, removed): (VecDeque<_>, VecDeque<_>) =
            std::mem::take(&mut inner.queue).into_iter().partition(|(_, value)| stays(value));
        inner.pressing = kept.iter().filter(|(leaves, _)| leaves.presses()).count();
        inner.queue = kept;
        drop(inner);
        removed.into_iter().map(|(_, value)| value).collect()
    }

    /// Closes the queue: the writer ends when all values are written.
    pub fn close(&self) {
        self.inner().closing = true;
        self.wake.notify_one();
    }

    fn inner(&self) -> MutexGuard<'_, Inner<T>> {
        // No code panics while it holds the lock.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The result of looking for values to write.
enum Found {
    /// Values were added to the link's buffer.
    Something,
    /// The first value has to wait until then.
    Later(Moment),
    /// The queue is empty, but still open.
    Nothing,
    /// The queue is empty and closed.
    End,
}

impl<T> Inner<T> {
    /// Until when the first value has to wait, if it does. `under_way`: other values leave now.
    fn held_until(&self, now: Moment, under_way: bool) -> Option<Moment> {
        let &(leaves, _) = self.queue.front()?;
        let moment = match leaves {
            Leaves::Now => return None,
            Leaves::NotBefore(moment) => moment,
            Leaves::WithTheNext { .. } if under_way || self.pressing > 0 || self.closing => {
                return None;
            }
            Leaves::WithTheNext { latest } => latest,
        };
        (moment > now).then_some(moment)
    }

    fn pop(&mut self) -> Option<(Leaves, T)> {
        let first = self.queue.pop_front()?;
        self.pressing -= usize::from(first.0.presses());
        Some(first)
    }
}

impl<T: Serialize> Outbox<T> {
    /// Writes all values to `link` as long as the link lives. Values that wait leave together.
    ///
    /// # Errors
    ///
    /// If the link has ended. Values that were taken from the queue may have arrived.
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
            match inner.held_until(Moment::now(), link.pending() > 0) {
                Some(moment) if link.pending() == 0 => return Ok(Found::Later(moment)),
                Some(_) => break,
                None => {}
            }
            let Some((_, value)) = inner.pop() else { break };
            link.put(&value)?;
        }
        Ok(match (link.pending(), inner.closing) {
            (0, true) => Found::End,
            (0, false) => Found::Nothing,
            (_, _) => Found::Something,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LATER: Duration = Duration::from_millis(5);

    /// The values that leave at `now`.
    fn leave(outbox: &Outbox<u8>, now: Moment) -> Vec<u8> {
        let (mut inner, mut left) = (outbox.inner(), Vec::new());
        while inner.held_until(now, !left.is_empty()).is_none()
            && let Some((_, value)) = inner.pop()
        {
            left.push(value);
        }
        left
    }

    #[test]
    fn a_value_that_nobody_waits_for_leaves_with_the_next() {
        let (outbox, now) = (Outbox::default(), Moment::now());
        let latest = now.after(LATER);
        outbox.push(Leaves::WithTheNext { latest }, 1).unwrap();
        assert_eq!(outbox.inner().held_until(now, false), Some(latest));
        outbox.push(Leaves::Now, 2).unwrap();
        outbox.push(Leaves::WithTheNext { latest }, 3).unwrap();
        assert_eq!(leave(&outbox, now), [1, 2, 3]);
    }

    #[test]
    fn a_value_that_nobody_waits_for_leaves_alone_in_the_end() {
        let (outbox, now) = (Outbox::default(), Moment::now());
        let latest = now.after(LATER);
        outbox.push(Leaves::WithTheNext { latest }, 1).unwrap();
        assert_eq!(leave(&outbox, latest), [1]);
        outbox.push(Leaves::WithTheNext { latest }, 2).unwrap();
        outbox.close();
        assert_eq!(leave(&outbox, now), [2]);
    }

    #[test]
    fn a_delayed_value_holds_back_all_later_ones() {
        let (outbox, now) = (Outbox::default(), Moment::now());
        let then = now.after(LATER);
        outbox.push(Leaves::Now, 1).unwrap();
        outbox.push(Leaves::NotBefore(then), 2).unwrap();
        outbox.push(Leaves::Now, 3).unwrap();
        assert_eq!(leave(&outbox, now), [1]);
        assert_eq!(outbox.inner().held_until(now, true), Some(then));
        assert_eq!(leave(&outbox, then), [2, 3]);
    }

    #[test]
    fn a_full_outbox_gives_a_value_back() {
        let outbox = Outbox::default();
        for value in 0..CAPACITY {
            outbox.push(Leaves::Now, value).unwrap();
        }
        assert_eq!(outbox.push(Leaves::Now, CAPACITY), Err(CAPACITY));
        assert_eq!(outbox.drain().len(), CAPACITY);
        assert_eq!(outbox.push(Leaves::Now, 0), Ok(()));
    }
}
