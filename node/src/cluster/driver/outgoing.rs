//! The way out: what waits for one receiver, and whether that one can be reached.

use std::sync::Arc;

use antes_sim::trace::Loss;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cluster::outbox::{Leaves, Outbox};

/// Whether something can be sent to a receiver.
#[derive(Debug)]
enum Sending {
    /// It is being dialled, and nothing speaks against it: what is sent waits for the outcome.
    Dialling,
    /// It has been reached.
    Up { link: u32, writer: JoinHandle<()> },
    /// It could not be reached, or its link has ended: what is sent is lost.
    Down,
}

/// The way to a receiver of values of type `T`.
#[derive(Debug)]
pub struct Outgoing<T> {
    outbox: Arc<Outbox<T>>,
    sending: Sending,
    /// How many links there have been.
    links: u32,
    /// Changes when the receiver is to be dialled (again).
    dial: watch::Sender<u32>,
}

impl<T> Outgoing<T> {
    /// The way to a receiver that is being dialled; a change of `dial` makes it be dialled again.
    pub fn new(dial: watch::Sender<u32>) -> Self {
        Self { outbox: Arc::default(), sending: Sending::Dialling, links: 0, dial }
    }

    /// Puts a value on its way.
    pub(super) fn push(&self, leaves: Leaves, value: T) -> Result<(), Loss> {
        match self.sending {
            Sending::Down => Err(Loss::Down),
            Sending::Dialling | Sending::Up { .. } => {
                self.outbox.push(leaves, value).map_err(|_| Loss::Full)
            }
        }
    }

    /// Whether the receiver has been reached.
    pub(super) const fn is_up(&self) -> bool {
        matches!(self.sending, Sending::Up { .. })
    }

    /// How many values wait to be sent.
    pub(super) fn queued(&self) -> usize {
        self.outbox.waiting()
    }

    /// Takes all that waits to be sent.
    pub(super) fn take_queued(&self) -> Vec<T> {
        self.outbox.drain()
    }

    /// The receiver has been reached: `write` starts the task that writes to the link with this
    /// number what is put into the outbox.
    pub(super) fn up(&mut self, write: impl FnOnce(u32, Arc<Outbox<T>>) -> JoinHandle<()>) {
        if let Sending::Up { writer, .. } = &self.sending {
            writer.abort();
        }
        self.links = self.links.wrapping_add(1);
        let writer = write(self.links, Arc::clone(&self.outbox));
        self.sending = Sending::Up { link: self.links, writer };
    }

    /// The receiver could not be reached: gives what waits for it, which is lost. Nothing, if it
    /// has been reached meanwhile.
    pub(super) fn down(&mut self) -> Option<Vec<T>> {
        if self.is_up() {
            // An attempt that was made needlessly.
            return None;
        }
        self.sending = Sending::Down;
        Some(self.take_queued())
    }

    /// The link with this number has ended: the receiver is dialled again. Says whether it was the
    /// link in use.
    pub(super) fn ended(&mut self, ended: u32) -> bool {
        match self.sending {
            Sending::Up { link, .. } if link == ended => {}
            // Another one has taken its place.
            Sending::Up { .. } | Sending::Dialling | Sending::Down => return false,
        }
        self.sending = Sending::Down;
        self.dial_now();
        true
    }

    /// Dials a receiver at once that could not be reached.
    pub(super) fn dial_if_down(&mut self) {
        if let Sending::Down = self.sending {
            self.sending = Sending::Dialling;
            self.dial_now();
        }
    }

    /// Ends the link and dials the receiver at once, because this process has another name from here on.
    pub(super) fn dial_anew(&mut self) {
        if let Sending::Up { writer, .. } = std::mem::replace(&mut self.sending, Sending::Dialling)
        {
            writer.abort();
        }
        self.dial_now();
    }

    /// Lets the writer end once all is written; gives it, if there is one, to be waited for.
    pub(super) fn close(&mut self) -> Option<JoinHandle<()>> {
        self.outbox.close();
        match std::mem::replace(&mut self.sending, Sending::Down) {
            Sending::Up { writer, .. } => Some(writer),
            Sending::Dialling | Sending::Down => None,
        }
    }

    fn dial_now(&self) {
        self.dial.send_modify(|attempt| *attempt = attempt.wrapping_add(1));
    }
}
