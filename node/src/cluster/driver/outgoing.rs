//! The queue for one receiver, and whether that receiver can be reached.

use std::sync::Arc;

use antes_sim::trace::Loss;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cluster::outbox::{Leaves, Outbox};

/// The state of the connection to a receiver.
#[derive(Debug)]
enum Sending {
    /// It is being dialled, and no attempt has failed yet. Values wait for the outcome.
    Dialling,
    Up {
        link: u32,
        writer: JoinHandle<()>,
    },
    /// It could not be reached, or its link has ended. Values are lost. Only some may wait for the first link.
    Down,
}

/// The queue and the connection for values of type `T`.
#[derive(Debug)]
pub struct Outgoing<T> {
    outbox: Arc<Outbox<T>>,
    sending: Sending,
    /// The number of links so far.
    links: u32,
    /// A change makes the dialler dial (again).
    dial: watch::Sender<u32>,
}

impl<T> Outgoing<T> {
    /// A receiver that is being dialled. A change of `dial` makes the dialler dial again.
    pub fn new(dial: watch::Sender<u32>) -> Self {
        Self { outbox: Arc::default(), sending: Sending::Dialling, links: 0, dial }
    }

    /// Queues a value, or reports its loss. A `patient` value waits if the receiver was never reached.
    pub(super) fn push(&self, leaves: Leaves, value: T, patient: bool) -> Result<(), Loss> {
        match self.sending {
            Sending::Down if !patient || self.was_reached() => Err(Loss::Down),
            Sending::Down | Sending::Dialling | Sending::Up { .. } => {
                self.outbox.push(leaves, value).map_err(|_| Loss::Full)
            }
        }
    }

    const fn was_reached(&self) -> bool {
        self.links > 0
    }

    /// Whether the receiver has been reached.
    pub(super) const fn is_up(&self) -> bool {
        matches!(self.sending, Sending::Up { .. })
    }

    /// The number of values that wait.
    pub(super) fn queued(&self) -> usize {
        self.outbox.waiting()
    }

    /// Takes all values that wait.
    pub(super) fn take_queued(&self) -> Vec<T> {
        self.outbox.drain()
    }

    /// Notes that the receiver has been reached. `write` starts the task that writes the outbox to the link
    /// with this number.
    pub(super) fn up(&mut self, write: impl FnOnce(u32, Arc<Outbox<T>>) -> JoinHandle<()>) {
        if let Sending::Up { writer, .. } = &self.sending {
            writer.abort();
        }
        self.links = self.links.wrapping_add(1);
        let writer = write(self.links, Arc::clone(&self.outbox));
        self.sending = Sending::Up { link: self.links, writer };
    }

    /// Notes that the receiver could not be reached. Returns the values that are lost, or `None` if a link was
    /// made meanwhile. Patient values still wait if the receiver was never reached.
    pub(super) fn down(&mut self, is_patient: impl Fn(&T) -> bool) -> Option<Vec<T>> {
        if self.is_up() {
            // A link was made in the meantime.
            return None;
        }
        self.sending = Sending::Down;
        let keeps = !self.was_reached();
        Some(self.outbox.drain_unless(|value| keeps && is_patient(value)))
    }

    /// Notes that the link with this number has ended, and dials again. Returns whether it was the link in
    /// use.
    pub(super) fn ended(&mut self, ended: u32) -> bool {
        match self.sending {
            Sending::Up { link, .. } if link == ended => {}
            // Another link has replaced it.
            Sending::Up { .. } | Sending::Dialling | Sending::Down => return false,
        }
        self.sending = Sending::Down;
        self.dial_now();
        true
    }

    /// Dials the receiver now if it is down.
    pub(super) fn dial_if_down(&mut self) {
        if let Sending::Down = self.sending {
            self.sending = Sending::Dialling;
            self.dial_now();
        }
    }

    /// Ends the link and dials now, because this process has a new identity.
    pub(super) fn dial_anew(&mut self) {
        if let Sending::Up { writer, .. } = std::mem::replace(&mut self.sending, Sending::Dialling)
        {
            writer.abort();
        }
        self.dial_now();
    }

    /// Lets the writer end once all is written. Returns it, if there is one, so that the caller can wait.
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
