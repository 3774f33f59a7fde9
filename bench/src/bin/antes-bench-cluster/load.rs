//! Clients that take and release a lock over and over, and their measured waits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use hdrhistogram::Histogram;

/// The precision of recorded waits, in decimal digits.
const DIGITS: u8 = 3;

/// The longest recorded wait, in nanoseconds: one minute.
const LONGEST_NS: u64 = 60_000_000_000;

/// A client of a lock service.
pub trait Client: Send {
    /// Returns when it has the lock.
    fn acquire(&mut self) -> Result<()>;

    /// Returns when the server has acknowledged the release.
    fn release(&mut self) -> Result<()>;
}

/// The result of one turn.
pub struct Turn {
    /// The length of the turn.
    pub seconds: f64,
    /// How often each client entered.
    pub shares: Vec<u64>,
    /// The waits from request to entry, in nanoseconds.
    pub waits: Histogram<u64>,
    /// How often a client entered before another one that had asked earlier. `None` if the clients
    /// are separate programs.
    pub overtakings: Option<u64>,
}

impl Turn {
    /// The number of cycles of taking and releasing the lock.
    pub fn cycles(&self) -> u64 {
        self.shares.iter().sum()
    }

    pub fn rate(&self) -> f64 {
        self.cycles() as f64 / self.seconds
    }

    /// The wait that this share of all waits does not exceed, in microseconds.
    pub fn wait_us(&self, quantile: f64) -> f64 {
        self.waits.value_at_quantile(quantile) as f64 / 1e3
    }
}

pub fn no_waits() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_max(LONGEST_NS, DIGITS)?)
}

/// Clients that have asked and not entered yet, in the order of asking. The order is taken just
/// before a request is sent: two requests sent at almost the same time may arrive in the other
/// order.
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

/// Lets all clients compete for the lock, first to warm up and then for `duration`.
///
/// Fails if two clients ever have the lock at the same time.
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
