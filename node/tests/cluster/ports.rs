//! Ports for the nodes of a test. No other test, in this process or another, and no dialled connection takes
//! one while its node is down or has not started.

use std::fs::File;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The first port. Operating systems use ports above the last one for dialled connections.
const FIRST: u16 = 10_240;

/// How many ports a test process has, and how many test processes can run at the same time.
const BLOCK: u16 = 1024;
const BLOCKS: u16 = 20;

/// The ports of one test process.
struct Ports {
    first: u16,
    given: AtomicU16,
    /// The lock lasts as long as the process.
    _lock: File,
}

static PORTS: LazyLock<Ports> = LazyLock::new(|| {
    let locked = |block: u16| {
        let path = std::env::temp_dir().join(format!("antes-test-ports-{block}"));
        // The file may belong to another user.
        let file = File::options().write(true).create(true).truncate(false).open(path).ok()?;
        file.try_lock().ok()?;
        Some(Ports { first: FIRST + block * BLOCK, given: AtomicU16::new(0), _lock: file })
    };
    (0..BLOCKS).find_map(locked).expect("fewer than 20 test processes at once")
});

/// A port at which nothing listens.
pub fn free_port() -> u16 {
    let ports = &*PORTS;
    // A port at which another program listens is skipped.
    let free = |_| {
        let port = ports.first + ports.given.fetch_add(1, Ordering::Relaxed) % BLOCK;
        TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
    };
    (0..BLOCK).find_map(free).expect("a free port")
}
