//! The acceptor: accepts connections and does the handshakes, however many strangers connect.
//! A connection passes through two rooms. In the first room it has proved nothing. When its first frame
//! verifies under the cluster's secret, it moves to the second room and stays there until the handshake is
//! over. Each room has a fixed number of places. If the first room is full, a new connection ends a random
//! one in it. So a flood of strangers mostly ends strangers. A member leaves the first room as soon as its
//! first frame is read, which needs no round trip. Until then, each arrival ends it with a probability of one
//! divided by the number of places.
//! A recorded first frame verifies too, so recordings can flood the second room. A frame whose key was seen
//! lately is refused, so each recording takes at most one place.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rand::RngExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, yield_now};
use tokio::time::{sleep, timeout};

use super::{Credentials, FirstFrame, Hello, Link, LinkError, Party, Refusal, accept};
use crate::cluster::time::Moment;

/// How long a handshake may take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait if the operating system cannot open more connections.
const BREATHER: Duration = Duration::from_millis(50);

/// The interval between two warnings that there is no room.
const TOLD_AGAIN: Duration = Duration::from_secs(60);

/// How many first frames are remembered in order to refuse recordings.
const MAX_REMEMBERED: usize = 1024;

/// The number of places in each room of the acceptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Connections whose first frame has not verified.
    pub strangers: usize,
    /// Connections whose first frame has verified and whose handshake is not over.
    pub verified: usize,
}

/// Decides which processes with the secret are let in.
pub type Admission = dyn Fn(&Hello) -> Result<(), Refusal> + Send + Sync;

/// The result of a connection from a process with the secret.
#[derive(Debug)]
pub enum Visit {
    Made(Box<Link>),
    /// A handshake ended without a link.
    TurnedAway {
        who: Party,
        /// The reason, from this side's point of view.
        refusal: Refusal,
        /// Whether the other side refused.
        by_them: bool,
    },
}

/// Accepts connections and hands over the result of each one that proves the secret. Ends when nobody
/// receives the results any more.
///
/// A stranger costs one of [`Places::strangers`] for at most [`HANDSHAKE_TIMEOUT`], and the memory of a
/// frame. It gets no byte in answer. Strangers are logged at the level `debug`; a lack of room is logged as a
/// warning, once a minute.
pub async fn serve(
    listener: TcpListener,
    credentials: Arc<Credentials>,
    admit: Arc<Admission>,
    visits: mpsc::Sender<Visit>,
    places: Places,
) {
    let mut rooms = Rooms { places, handshakes: Vec::new(), told: None };
    let seen: Arc<SeenFrames> = Arc::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = visits.closed() => return,
        };
        let (stream, from) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tell_of(&error);
                sleep(BREATHER).await;
                continue;
            }
        };
        rooms.make_place();
        let verified = Arc::new(AtomicBool::new(false));
        let newcomer = Newcomer {
            from,
            credentials: Arc::clone(&credentials),
            admit: Arc::clone(&admit),
            seen: Arc::clone(&seen),
            verified: Arc::clone(&verified),
        };
        let task = tokio::spawn(newcomer.shake_hands(stream, visits.clone())).abort_handle();
        rooms.handshakes.push(Handshake { task, verified });
        // Lets the handshakes read frames that have arrived before the next connection is accepted. Otherwise
        // a burst of strangers would end members whose frames were not read yet.
        yield_now().await;
    }
}

/// A handshake that may still be running.
struct Handshake {
    task: AbortHandle,
    /// Whether the first frame has verified.
    verified: Arc<AtomicBool>,
}

/// The handshakes that are under way, and how many of them may be.
struct Rooms {
    places: Places,
    handshakes: Vec<Handshake>,
    /// When the lack of room was last logged.
    told: Option<Moment>,
}

impl Rooms {
    /// Ends random handshakes until both rooms have a place.
    fn make_place(&mut self) {
        self.handshakes.retain(|handshake| !handshake.task.is_finished());
        self.make_place_in_room(false, self.places.strangers);
        self.make_place_in_room(true, self.places.verified);
    }

    fn make_place_in_room(&mut self, verified: bool, places: usize) {
        let is_there =
            |handshake: &Handshake| handshake.verified.load(Ordering::Relaxed) == verified;
        let there: Vec<usize> =
            (0..self.handshakes.len()).filter(|&at| is_there(&self.handshakes[at])).collect();
        if there.len() >= places {
            let chosen = there[rand::rng().random_range(0..there.len())];
            self.handshakes.swap_remove(chosen).task.abort();
            self.tell_of_want(places);
        }
    }

    /// Logs that connections are ended for lack of room: now, and then once a minute.
    fn tell_of_want(&mut self, places: usize) {
        let now = Moment::now();
        if self.told.is_none_or(|told| now.since(told) >= TOLD_AGAIN) {
            self.told = Some(now);
            tracing::warn!(
                "{places} connections have not finished their handshake, and each further one closes one \
                 of them at random; expected only processes of this cluster to connect"
            );
        }
    }
}

/// The keys of the latest verified first frames.
#[derive(Debug, Default)]
struct SeenFrames(Mutex<VecDeque<FirstFrame>>);

impl SeenFrames {
    /// Remembers a first frame. Returns false if it was seen before, which makes it a recording.
    fn is_new(&self, frame: FirstFrame) -> bool {
        // No code panics while it holds the lock.
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.contains(&frame) {
            return false;
        }
        if seen.len() == MAX_REMEMBERED {
            seen.pop_front();
        }
        seen.push_back(frame);
        true
    }
}

/// An accepted connection, and the data for its handshake.
struct Newcomer {
    from: SocketAddr,
    credentials: Arc<Credentials>,
    admit: Arc<Admission>,
    seen: Arc<SeenFrames>,
    verified: Arc<AtomicBool>,
}

impl Newcomer {
    async fn shake_hands(self, stream: TcpStream, visits: mpsc::Sender<Visit>) {
        let verify = |frame| {
            self.verified.store(true, Ordering::Relaxed);
            self.seen.is_new(frame)
        };
        let handshake = accept(stream, &self.credentials, verify, &*self.admit);
        let made = timeout(HANDSHAKE_TIMEOUT, handshake).await;
        let visit = match made.unwrap_or(Err(LinkError::TooSlow)) {
            Ok(link) => Visit::Made(Box::new(link)),
            Err(LinkError::Refused { who, refusal }) => {
                Visit::TurnedAway { who, refusal, by_them: true }
            }
            Err(LinkError::Unwanted { who, refusal }) => {
                Visit::TurnedAway { who, refusal, by_them: false }
            }
            Err(error) => {
                let from = self.from;
                return tracing::debug!("a connection from {from} comes to nothing: {error}");
            }
        };
        // If the process is about to end, nobody receives this.
        let _ = visits.send(visit).await;
    }
}

/// Logs an error, except for a connection that was closed before it was accepted.
fn tell_of(error: &io::Error) {
    if error.kind() != io::ErrorKind::ConnectionAborted {
        tracing::warn!("no connection can be accepted: {error}");
    }
}

#[cfg(test)]
mod tests {
    use antes_core::{Identity, Incarnation, NodeId, Profile};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
    use tokio::task::JoinHandle;

    use super::super::{Key, SharedSettings, dial};
    use super::*;

    /// The length of a dialler's first frame: two bytes of length, the key, and a tag.
    const FIRST_FRAME: usize = 2 + 32 + 16;

    const FEW: Places = Places { strangers: 8, verified: 8 };

    fn credentials(node: u8) -> Arc<Credentials> {
        let node = NodeId::new(node).expect("an id");
        let me = Identity { node, incarnation: Incarnation::FIRST };
        let key = Key::from_secret("9f2c41d07be85a36e1b4").expect("a secret");
        let settings = SharedSettings::of_resource(Profile::Hardened);
        Arc::new(Credentials::new(key, "test", Party::Node(me), settings))
    }

    /// An acceptor with few places for node 2.
    async fn acceptor() -> (SocketAddr, mpsc::Receiver<Visit>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (visits, made) = mpsc::channel(1);
        tokio::spawn(serve(listener, credentials(2), Arc::new(|_| Ok(())), visits, FEW));
        (address, made)
    }

    /// Node 1 dials this address.
    fn node_1_dials(address: SocketAddr) -> JoinHandle<Result<Link, LinkError>> {
        tokio::spawn(async move {
            let stream = TcpStream::connect(address).await?;
            dial(stream, &credentials(1), |_| Ok(())).await
        })
    }

    async fn connect(address: SocketAddr, strangers: usize) -> Vec<TcpStream> {
        let mut connected = Vec::new();
        for _ in 0..strangers {
            connected.push(TcpStream::connect(address).await.expect("it is accepted"));
        }
        connected
    }

    #[tokio::test]
    async fn a_member_is_let_in_while_silent_strangers_hold_every_place() {
        let (address, mut made) = acceptor().await;
        let _strangers = connect(address, 10 * FEW.strangers).await;
        node_1_dials(address).await.expect("no panic").expect("it is let in");
        assert!(matches!(made.recv().await, Some(Visit::Made(_))));
    }

    #[tokio::test]
    async fn a_handshake_that_has_begun_outlives_any_number_of_strangers() {
        let (address, mut made) = acceptor().await;
        let between = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let dialled = node_1_dials(between.local_addr().expect("an address"));
        let (mut member, _) = between.accept().await.expect("node 1 dials");
        let mut first = [0; FIRST_FRAME];
        member.read_exact(&mut first).await.expect("its first frame");
        let mut relay = TcpStream::connect(address).await.expect("it is accepted");
        relay.write_all(&first).await.expect("it is taken");
        // The acceptor answers only after the frame has verified.
        let mut answer = [0; 2];
        relay.read_exact(&mut answer).await.expect("an answer");
        let _strangers = connect(address, 50 * FEW.strangers).await;
        member.write_all(&answer).await.expect("it is taken");
        tokio::spawn(async move { copy_bidirectional(&mut member, &mut relay).await });
        dialled.await.expect("no panic").expect("it is let in");
        assert!(matches!(made.recv().await, Some(Visit::Made(_))));
    }

    #[tokio::test]
    async fn a_recorded_first_frame_is_answered_once() {
        let (address, _made) = acceptor().await;
        let between = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let _dialled = node_1_dials(between.local_addr().expect("an address"));
        let (mut member, _) = between.accept().await.expect("node 1 dials");
        let mut first = [0; FIRST_FRAME];
        member.read_exact(&mut first).await.expect("its first frame");
        let mut answered = Vec::new();
        for _ in 0..3 {
            let mut player = TcpStream::connect(address).await.expect("it is accepted");
            player.write_all(&first).await.expect("it is taken");
            player.shutdown().await.expect("that is all");
            let mut answer = Vec::new();
            // The connection may be closed or reset.
            let _ = player.read_to_end(&mut answer).await;
            answered.push(!answer.is_empty());
        }
        assert_eq!(answered, [true, false, false]);
    }
}
