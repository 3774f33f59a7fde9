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

/// A message between nodes, or a write to the resource, with its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet<T = Message> {
    /// Its number among all that the sender has ever sent; it wraps around.
    pub number: u32,
    /// The Lamport clock of its send.
    pub lamport: LamportTime,
    /// The vector clock of its send.
    pub vector: [u64; antes_core::MAX_NODES as usize],
    /// What it says.
    pub message: T,
}

impl<T> Packet<T> {
    /// The message that was sent at `stamp`.
    pub fn new(number: u32, stamp: &Stamp, message: T) -> Self {
        Self { number, lamport: stamp.lamport, vector: *stamp.vector.counts(), message }
    }

    /// The stamp of its send.
    pub fn stamp(&self) -> Stamp {
        Stamp { lamport: self.lamport, vector: VectorClock::from_counts(&self.vector) }
    }
}

/// When a value may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// At once.
    Now,
    /// Not before this moment.
    NotBefore(Moment),
    /// With the next value that leaves, and by this moment at the latest: nobody waits for it.
    WithTheNext {
        /// That moment.
        latest: Moment,
    },
}

/// A queue of one sender and one writer, for values of type `T`.
#[derive(Debug)]
pub struct Outbox<T> {
    inner: Mutex<Inner<T>>,
    wake: Notify,
}

#[derive(Debug)]
struct Inner<T> {
    queue: VecDeque<(Leaves, T)>,
    /// How many of them do not just leave with the next.
    pressing: usize,
    /// No more will come.
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
    /// Puts a value behind the others; gives it back if there is no room.
    ///
    /// # Errors
    ///
    /// [`CAPACITY`] values wait already.
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

    /// How many values wait.
    pub fn waiting(&self) -> usize {
        self.inner().queue.len()
    }

    /// Takes everything that waits.
    pub fn drain(&self) -> Vec<T> {
        let mut inner = self.inner();
        inner.pressing = 0;
        inner.queue.drain(..).map(|(_, value)| value).collect()
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

impl<T> Inner<T> {
    /// Until when the first value is held back, if it is. `under_way` says that others leave now.
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

    /// What leaves at `now`.
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
    fn what_nobody_waits_for_leaves_with_the_next() {
        let (outbox, now) = (Outbox::default(), Moment::now());
        let latest = now.after(LATER);
        outbox.push(Leaves::WithTheNext { latest }, 1).unwrap();
        assert_eq!(outbox.inner().held_until(now, false), Some(latest));
        outbox.push(Leaves::Now, 2).unwrap();
        outbox.push(Leaves::WithTheNext { latest }, 3).unwrap();
        assert_eq!(leave(&outbox, now), [1, 2, 3]);
    }

    #[test]
    fn what_nobody_waits_for_leaves_alone_in_the_end() {
        let (outbox, now) = (Outbox::default(), Moment::now());
        let latest = now.after(LATER);
        outbox.push(Leaves::WithTheNext { latest }, 1).unwrap();
        assert_eq!(leave(&outbox, latest), [1]);
        outbox.push(Leaves::WithTheNext { latest }, 2).unwrap();
        outbox.close();
        assert_eq!(leave(&outbox, now), [2]);
    }

    #[test]
    fn what_is_delayed_holds_back_all_that_comes_later() {
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
