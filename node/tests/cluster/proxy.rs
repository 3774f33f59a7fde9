//! A proxy in front of a node that can go dark: bytes stop, and no connection ends. Both ends see only
//! silence.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often a dark direction checks whether it is light again.
const GLANCE: Duration = Duration::from_millis(10);

/// Forwards connections from a port of its own to another port.
pub struct Proxy {
    /// The address to dial instead of the node's.
    pub address: String,
    dark: Arc<AtomicBool>,
}

impl Proxy {
    /// Forwards connections to the address `to` until the process ends.
    pub fn to(to: u16, dark: &Arc<AtomicBool>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let dark = Arc::clone(dark);
        let proxy = Self { address, dark: Arc::clone(&dark) };
        thread::spawn(move || {
            for dialled in listener.incoming().map_while(Result::ok) {
                let dark = Arc::clone(&dark);
                thread::spawn(move || pass_on(dialled, to, &dark));
            }
        });
        proxy
    }

    /// Stops all bytes, or forwards them again.
    pub fn darken(&self, dark: bool) {
        self.dark.store(dark, Ordering::SeqCst);
    }
}

fn pass_on(dialled: TcpStream, to: u16, dark: &Arc<AtomicBool>) {
    wait_for_light(dark);
    let Ok(node) = TcpStream::connect(("127.0.0.1", to)) else { return };
    let copy = |stream: &TcpStream| stream.try_clone().expect("a copy");
    let back = (copy(&node), copy(&dialled));
    let both = [(dialled, node), back].map(|(from, to)| {
        let dark = Arc::clone(dark);
        thread::spawn(move || pass_one_way(from, to, &dark))
    });
    both.into_iter().for_each(|way| way.join().expect("no panic"));
}

fn pass_one_way(mut from: TcpStream, mut to: TcpStream, dark: &AtomicBool) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        wait_for_light(dark);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    wait_for_light(dark);
    let _ = to.shutdown(Shutdown::Write);
}

fn wait_for_light(dark: &AtomicBool) {
    while dark.load(Ordering::SeqCst) {
        thread::sleep(GLANCE);
    }
}
