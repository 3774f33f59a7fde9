//! Where others connect: as many half-open connections as are bearable, each for a short time.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use antes_core::{Identity, Incarnation, MAX_NODES};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::{Credentials, Hello, Link, LinkError, Party, Refusal, accept};

/// The most connections that have not shown the secret yet. One more ends the oldest of them, so
/// that whoever floods the gate cannot keep it shut: a member needs about a millisecond.
pub const MAX_HALF_OPEN: usize = 64;

/// How long a handshake may take.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait when the operating system has no more connections to give.
const BREATHER: Duration = Duration::from_millis(50);

/// Decides who that has the secret is let in.
pub type Admission = dyn Fn(&Hello) -> Result<(), Refusal> + Send + Sync;

/// What comes of a connection from a process that has the secret.
#[derive(Debug)]
pub enum Visit {
    /// A link.
    Made(Link),
    /// Nothing.
    TurnedAway {
        /// Who it was.
        who: Party,
        /// What stands between the two, as it is seen from here.
        refusal: Refusal,
    },
}

/// Which life of each node is the latest that was let in.
#[derive(Debug, Default)]
pub struct LatestLives(Mutex<[Option<Incarnation>; MAX_NODES as usize]>);

impl LatestLives {
    /// Lets a life of a node in.
    ///
    /// # Errors
    ///
    /// A later one is known already.
    pub fn admit(&self, them: Identity) -> Result<(), Refusal> {
        // Nothing panics while it holds the lock.
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut latest[them.node.index()];
        match *known {
            Some(known) if known > them.incarnation => Err(Refusal::OlderLife { known }),
            Some(_) | None => {
                *known = Some(them.incarnation);
                Ok(())
            }
        }
    }
}

/// Accepts connections for ever, and hands over what comes of those that show the secret. It ends
/// when nobody takes that any more.
///
/// Strangers cost a bounded number of connections, [`HANDSHAKE_TIMEOUT`] at most, and a frame of
/// memory each; they get no byte in answer. What they do shows in the log at the level `debug`.
pub async fn serve(
    listener: TcpListener,
    credentials: Arc<Credentials>,
    admit: Arc<Admission>,
    visits: mpsc::Sender<Visit>,
) {
    let mut half_open: VecDeque<AbortHandle> = VecDeque::with_capacity(MAX_HALF_OPEN);
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
        half_open.retain(|handshake| !handshake.is_finished());
        if half_open.len() >= MAX_HALF_OPEN
            && let Some(oldest) = half_open.pop_front()
        {
            oldest.abort();
        }
        let (credentials, admit, visits) =
            (Arc::clone(&credentials), Arc::clone(&admit), visits.clone());
        let handshake = tokio::spawn(async move {
            shake_hands(stream, from, &credentials, &*admit, visits).await;
        });
        half_open.push_back(handshake.abort_handle());
    }
}

async fn shake_hands(
    stream: TcpStream,
    from: SocketAddr,
    credentials: &Credentials,
    admit: &Admission,
    visits: mpsc::Sender<Visit>,
) {
    let handshake = timeout(HANDSHAKE_TIMEOUT, accept(stream, credentials, admit));
    let visit = match handshake.await.unwrap_or(Err(LinkError::TooSlow)) {
        Ok(link) => Visit::Made(link),
        Err(LinkError::Refused { who, refusal } | LinkError::Unwanted { who, refusal }) => {
            Visit::TurnedAway { who, refusal }
        }
        Err(error) => {
            return tracing::debug!("a connection from {from} comes to nothing: {error}");
        }
    };
    // Nobody is there to take it if the process is about to end.
    let _ = visits.send(visit).await;
}

/// A connection that was closed before it was accepted is nothing to speak of.
fn tell_of(error: &io::Error) {
    if error.kind() != io::ErrorKind::ConnectionAborted {
        tracing::warn!("no connection can be accepted: {error}");
    }
}
