//! Other lock services, and lower bounds for any lock over a network.

mod bare;
mod etcd;
mod python;
mod redis;

use std::time::{Duration, Instant};

use anyhow::Result;

pub use bare::{BareLock, PingPong, serve};
pub use etcd::Etcd;
pub use python::Python;
pub use redis::Redis;

/// The longest start of a server.
const START: Duration = Duration::from_secs(20);

/// Repeats `attempt` until it succeeds or the longest start of a server is over.
pub fn once_up<T>(mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(_) if start.elapsed() < START => std::thread::sleep(Duration::from_millis(10)),
            outcome => return outcome,
        }
    }
}
