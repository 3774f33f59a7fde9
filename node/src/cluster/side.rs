//! The side thread: the gate, the diallers, and what else has to do with the outside.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use antes_core::{Identity, Incarnation, MAX_NODES, NodeId};
use antes_sim::random::Random;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::driver::Arrival;
use super::http::{self, Outside};
use super::link::{
    self, Admission, Credentials, HANDSHAKE_TIMEOUT, Link, LinkError, Party, Refusal,
};
use super::settings::Settings;
use crate::Failure;

/// How long to wait before the second attempt to reach a peer; each further one waits twice as
/// long, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The longest time between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The random stream for waits; the nodes' own begin at 1.
const WAITS_STREAM: u64 = 0;

/// The most links that wait for the driver.
const MAX_LINKS: usize = 16;

/// What the side thread works with.
pub struct Side {
    /// Which life of which node it serves.
    pub me: Identity,
    /// What the node is set to.
    pub settings: Settings,
    /// Where others connect.
    pub listener: TcpListener,
    /// The peers to be dialled, and what tells when it is time for it.
    pub dials: Vec<(NodeId, watch::Receiver<u32>)>,
    /// Where links go.
    pub arrivals: mpsc::Sender<Arrival>,
    /// For HTTP, if it is wanted.
    pub outside: Option<Outside>,
}

impl Side {
    /// Starts the thread. It ends with the process.
    ///
    /// # Errors
    ///
    /// There is no thread, or no runtime, to be had.
    pub fn start(self) -> Result<JoinHandle<()>, Failure> {
        let runtime = super::runtime()?;
        let thread = std::thread::Builder::new().name("side".into());
        let thread = thread.spawn(move || runtime.block_on(self.work()));
        thread.map_err(|error| Failure::CannotGoOn(format!("there is no thread: {error}")))
    }

    async fn work(self) {
        let party = Party::Node(self.me);
        let credentials = Credentials::new(self.settings.key, &self.settings.cluster, party);
        let credentials = Arc::new(credentials);
        for (peer, dialled) in self.dials {
            let address = self.settings.addresses[peer.index()].clone();
            let dialler = Dialler {
                peer,
                address,
                credentials: Arc::clone(&credentials),
                waits: Random::new(self.settings.seed ^ u64::from(peer.get()), WAITS_STREAM),
            };
            tokio::spawn(dialler.dial_for_ever(dialled, self.arrivals.clone()));
        }
        if let Some(outside) = self.outside {
            tokio::spawn(http::serve(outside));
        }
        let listener = match tokio::net::TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!("nobody can connect: {error}"),
        };
        let (links, mut accepted) = mpsc::channel(MAX_LINKS);
        let admit = admission(self.me, self.settings.config.size);
        tokio::spawn(link::serve(listener, credentials, admit, links));
        while let Some(link) = accepted.recv().await {
            if self.arrivals.send(Arrival::Accepted { link }).await.is_err() {
                return;
            }
        }
    }
}

/// Lets the other nodes of the cluster in, each in its latest life.
fn admission(me: Identity, size: antes_core::ClusterSize) -> Arc<Admission> {
    let latest: Mutex<[Option<Incarnation>; MAX_NODES as usize]> = Mutex::default();
    Arc::new(move |party| {
        let Party::Node(them) = party else {
            return Err(Refusal::OtherParty { found: party });
        };
        if them.node == me.node || !size.contains(them.node) {
            return Err(Refusal::OtherParty { found: party });
        }
        let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut latest[them.node.index()];
        match *known {
            Some(known) if known > them.incarnation => Err(Refusal::OlderLife { known }),
            Some(_) | None => {
                *known = Some(them.incarnation);
                Ok(())
            }
        }
    })
}

/// Dials one peer.
struct Dialler {
    peer: NodeId,
    address: String,
    credentials: Arc<Credentials>,
    waits: Random,
}

impl Dialler {
    /// Dials until the peer is reached, and again whenever `again` changes.
    async fn dial_for_ever(
        mut self,
        mut again: watch::Receiver<u32>,
        arrivals: mpsc::Sender<Arrival>,
    ) {
        let peer = self.peer;
        let mut wait = FIRST_WAIT;
        loop {
            again.mark_unchanged();
            let attempt = timeout(HANDSHAKE_TIMEOUT, self.dial()).await;
            match attempt.unwrap_or(Err(LinkError::TooSlow)) {
                Ok(link) => {
                    if arrivals.send(Arrival::Reached { peer, link }).await.is_err()
                        || again.changed().await.is_err()
                    {
                        return;
                    }
                    // A link that ends as soon as it is made must not be made again and again.
                    wait = FIRST_WAIT;
                    sleep(self.jitter(wait)).await;
                }
                Err(error) => {
                    self.tell_of(&error);
                    if arrivals.send(Arrival::NotReached { peer }).await.is_err() {
                        return;
                    }
                    let pause = self.jitter(wait);
                    wait = (wait * 2).min(LONGEST_WAIT);
                    tokio::select! {
                        changed = again.changed() => if changed.is_err() { return },
                        () = sleep(pause) => {}
                    }
                }
            }
        }
    }

    async fn dial(&self) -> Result<Link, LinkError> {
        let stream = TcpStream::connect(&self.address).await?;
        let expected = |party| matches!(party, Party::Node(them) if them.node == self.peer);
        link::dial(stream, &self.credentials, expected).await
    }

    /// A peer that is not there yet is nothing to speak of; one that does not want this node is.
    fn tell_of(&self, error: &LinkError) {
        let (peer, address) = (self.peer, &self.address);
        match error {
            LinkError::Refused(_) | LinkError::Unwanted(_) | LinkError::Stranger => {
                tracing::warn!("node {peer} at {address} is no peer: {error}");
            }
            LinkError::Io(_) | LinkError::Closed | LinkError::TooSlow | LinkError::TooLarge => {
                tracing::debug!("node {peer} at {address} is not reached: {error}");
            }
        }
    }

    /// Between half of `wait` and all of it, so that nodes do not dial in step.
    fn jitter(&mut self, wait: Duration) -> Duration {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.waits.between(micros / 2, micros))
    }
}
