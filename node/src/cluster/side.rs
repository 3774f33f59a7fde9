//! The side thread: the gate, the diallers, and what else has to do with the outside.

use std::net::TcpListener;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use antes_core::Identity;
use antes_sim::random::Random;
use antes_sim::trace::Recipient;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::driver::Arrival;
use super::http::{self, Outside};
use super::link::{
    self, Admission, Credentials, HANDSHAKE_TIMEOUT, LatestLives, Link, LinkError, Party, Refusal,
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
    /// Who is to be dialled, and what tells when it is time for it.
    pub dials: Vec<(Recipient, watch::Receiver<u32>)>,
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
        for (to, dialled) in self.dials {
            let (name, address, number) = match to {
                Recipient::Node(peer) => {
                    let address = self.settings.addresses[peer.index()].clone();
                    (format!("node {peer}"), address, u64::from(peer.get()))
                }
                Recipient::Resource => {
                    let address = self.settings.resource.clone().unwrap_or_default();
                    ("the resource".into(), address, 0)
                }
            };
            let dialler = Dialler {
                to,
                name,
                address,
                credentials: Arc::clone(&credentials),
                waits: Random::new(self.settings.seed ^ number, WAITS_STREAM),
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
    let lives = LatestLives::default();
    Arc::new(move |party| match party {
        Party::Node(them) if them.node != me.node && size.contains(them.node) => lives.admit(them),
        Party::Node(_) | Party::Resource => Err(Refusal::OtherParty { found: party }),
    })
}

/// Dials one peer, or the resource.
struct Dialler {
    to: Recipient,
    /// What the log calls it.
    name: String,
    address: String,
    credentials: Arc<Credentials>,
    waits: Random,
}

impl Dialler {
    /// Dials until it is reached, and again whenever `again` changes.
    async fn dial_for_ever(
        mut self,
        mut again: watch::Receiver<u32>,
        arrivals: mpsc::Sender<Arrival>,
    ) {
        let to = self.to;
        let mut wait = FIRST_WAIT;
        loop {
            again.mark_unchanged();
            let attempt = timeout(HANDSHAKE_TIMEOUT, self.dial()).await;
            match attempt.unwrap_or(Err(LinkError::TooSlow)) {
                Ok(link) => {
                    if arrivals.send(Arrival::Reached { to, link }).await.is_err()
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
                    if arrivals.send(Arrival::NotReached { to }).await.is_err() {
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
        let expected = |party| match (self.to, party) {
            (Recipient::Node(peer), Party::Node(them)) => them.node == peer,
            (Recipient::Resource, Party::Resource) => true,
            (Recipient::Node(_), Party::Resource) | (Recipient::Resource, Party::Node(_)) => false,
        };
        link::dial(stream, &self.credentials, expected).await
    }

    /// Who is not there yet is nothing to speak of; who does not want this node is.
    fn tell_of(&self, error: &LinkError) {
        let (to, address) = (&self.name, &self.address);
        match error {
            LinkError::Refused(_) | LinkError::Unwanted(_) | LinkError::Stranger => {
                tracing::warn!("{to} is not at {address}: {error}");
            }
            LinkError::Io(_) | LinkError::Closed | LinkError::TooSlow | LinkError::TooLarge => {
                tracing::debug!("{to} at {address} is not reached: {error}");
            }
        }
    }

    /// Between half of `wait` and all of it, so that nodes do not dial in step.
    fn jitter(&mut self, wait: Duration) -> Duration {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.waits.between(micros / 2, micros))
    }
}
