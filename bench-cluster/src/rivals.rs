//! Who else guards a lock over a network, and what no such lock can be faster than.

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

/// How long a server may take to start.
const START: Duration = Duration::from_secs(20);

/// Tries until it works, or until a server has had all the time it may take to start.
pub fn once_up<T>(mut attempt: impl FnMut() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    loop {
        match attempt() {
            Err(_) if start.elapsed() < START => std::thread::sleep(Duration::from_millis(10)),
            outcome => return outcome,
        }
    }
}
