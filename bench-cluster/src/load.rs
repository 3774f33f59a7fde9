//! Clients that take a lock and give it back, over and over, and what became of it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use hdrhistogram::Histogram;

/// How precisely waits are kept, in decimal digits.
const DIGITS: u8 = 3;

/// Nobody waits longer than this, in nanoseconds: a minute.
const LONGEST_NS: u64 = 60_000_000_000;

/// Somebody who can take the lock.
pub trait Client: Send {
    /// Comes back when it has the lock.
    fn acquire(&mut self) -> Result<()>;

    /// Comes back when the server has acknowledged that the lock is free.
    fn release(&mut self) -> Result<()>;
}

/// What became of one turn.
pub struct Turn {
    /// How long it was.
    pub seconds: f64,
    /// How often each client had the lock.
    pub shares: Vec<u64>,
    /// From asking for the lock to having it, in nanoseconds.
    pub waits: Histogram<u64>,
    /// How often somebody got the lock who had asked later than one who still waited; unknown
    /// where clients are programs of their own.
    pub overtakings: Option<u64>,
}

impl Turn {
    /// How often the lock was taken and given back.
    pub fn cycles(&self) -> u64 {
        self.shares.iter().sum()
    }

    /// Cycles per second.
    pub fn rate(&self) -> f64 {
        self.cycles() as f64 / self.seconds
    }

    /// The wait that this share of all waits does not exceed, in microseconds.
    pub fn wait_us(&self, quantile: f64) -> f64 {
        self.waits.value_at_quantile(quantile) as f64 / 1e3
    }
}

/// An empty histogram of waits.
pub fn no_waits() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_max(LONGEST_NS, DIGITS)?)
}

/// Who has asked and not got it yet, by the order of asking. It is this program's order, taken
/// just before a request is sent: two that are sent at almost the same time may arrive otherwise.
#[derive(Default)]
struct Waiting {
    asked: AtomicU64,
    tickets: Mutex<BTreeSet<u64>>,
    overtakings: AtomicU64,
}

impl Waiting {
    fn ask(&self) -> u64 {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = self.asked.fetch_add(1, Ordering::Relaxed);
        tickets.insert(ticket);
        ticket
    }

    fn got(&self, ticket: u64) {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        if tickets.first().is_some_and(|&first| first < ticket) {
            self.overtakings.fetch_add(1, Ordering::Relaxed);
        }
        tickets.remove(&ticket);
    }
}

/// Lets all clients contend for the lock, first to warm up and then for `duration`.
///
/// Fails if two ever have it at a time.
pub fn contend(
    clients: Vec<Box<dyn Client>>,
    warm_up: Duration,
    duration: Duration,
) -> Result<Turn> {
    let (taken, over, counts) =
        (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    let waiting = Waiting::default();
    let ready = Barrier::new(clients.len() + 1);
    let one_client = |mut client: Box<dyn Client>| -> Result<Histogram<u64>> {
        let mut waits = no_waits()?;
        ready.wait();
        while !over.load(Ordering::Relaxed) {
            let ticket = waiting.ask();
            let asked = Instant::now();
            client.acquire()?;
            let waited = asked.elapsed();
            waiting.got(ticket);
            ensure!(!taken.swap(true, Ordering::SeqCst), "two clients have the lock at a time");
            taken.store(false, Ordering::SeqCst);
            client.release()?;
            if counts.load(Ordering::Relaxed) {
                waits.record(waited.as_nanos() as u64)?;
            }
        }
        Ok(waits)
    };
    thread::scope(|scope| {
        let threads: Vec<_> =
            clients.into_iter().map(|client| scope.spawn(|| one_client(client))).collect();
        ready.wait();
        thread::sleep(warm_up);
        let start = Instant::now();
        let before = waiting.overtakings.load(Ordering::Relaxed);
        counts.store(true, Ordering::Relaxed);
        thread::sleep(duration);
        let seconds = start.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        let overtakings = waiting.overtakings.load(Ordering::Relaxed) - before;
        let mut turn = Turn {
            seconds,
            shares: Vec::new(),
            waits: no_waits()?,
            overtakings: Some(overtakings),
        };
        for thread in threads {
            let waits = thread.join().map_err(|_| anyhow!("a client panicked"))??;
            turn.shares.push(waits.len());
            turn.waits.add(waits)?;
        }
        Ok(turn)
    })
}
