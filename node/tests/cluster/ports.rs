//! Ports for the nodes of a test, which nothing else takes while a node is down or has not started: no
//! other test, in this process or another, and no connection that is dialled.

use std::fs::File;
use std::net::TcpListener;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The first port. Those that systems give to connections that are dialled begin above the last.
const FIRST: u16 = 10_240;

/// How many ports a process has for its tests, and how many processes can run at once.
const BLOCK: u16 = 1024;
const BLOCKS: u16 = 20;

/// A process's own ports.
struct Ports {
    first: u16,
    given: AtomicU16,
    /// Locked as long as the process lives.
    _lock: File,
}

static PORTS: LazyLock<Ports> = LazyLock::new(|| {
    let locked = |block: u16| {
        let path = std::env::temp_dir().join(format!("antes-test-ports-{block}"));
        // It may be another user's.
        let file = File::options().write(true).create(true).truncate(false).open(path).ok()?;
        file.try_lock().ok()?;
        Some(Ports { first: FIRST + block * BLOCK, given: AtomicU16::new(0), _lock: file })
    };
    (0..BLOCKS).find_map(locked).expect("fewer than 20 test processes at once")
});

/// A port that nobody uses.
pub fn free_port() -> u16 {
    let ports = &*PORTS;
    // What listens there besides the tests is passed over.
    let free = |_| {
        let port = ports.first + ports.given.fetch_add(1, Ordering::Relaxed) % BLOCK;
        TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
    };
    (0..BLOCK).find_map(free).expect("a free port")
}
