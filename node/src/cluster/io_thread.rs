//! The io thread: the acceptor, the diallers, and HTTP.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use antes_core::NodeId;
use antes_sim::random::Random;
use antes_sim::trace::Recipient;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::acquaintances::Acquaintances;
use super::driver::LinkEvent;
use super::http::{self, Outside};
use super::link::{
    self, Admission, Credentials, Doorstep, HANDSHAKE_TIMEOUT, Hello, Link, LinkError, Party,
    Places, Refusal, Visit,
};
use super::runtime::runtime;
use super::settings::Settings;
use super::why::{Down, Notices, Why, tell_differences};
use crate::Failure;

/// The wait before the second attempt to reach a peer. Each further wait is twice as long, up to
/// [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The longest time between two attempts.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// How long a name lookup may take. Successful lookups are much faster.
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// The random stream for waits between attempts. The nodes' own streams begin at 1.
const WAITS_STREAM: u64 = 0;

/// The largest number of visits (links and refusals) that wait for the driver.
const MAX_VISITS: usize = 16;

/// The parts of the io thread.
pub struct IoThread {
    pub me: NodeId,
    pub credentials: Arc<Credentials>,
    pub acquaintances: Arc<Acquaintances>,
    pub settings: Settings,
    pub listener: TcpListener,
    /// Limits the connections that have not become links yet.
    pub places: Places,
    /// The peers to dial. A change of the channel's value means: dial now.
    pub dials: Vec<(Recipient, watch::Receiver<u32>)>,
    /// Links that were made, and failures to make one, go to the driver here.
    pub link_events: mpsc::Sender<LinkEvent>,
    /// Holds the links that peers have made, until the driver takes them.
    pub doorstep: Arc<Doorstep>,
    /// The HTTP server. `None`: the node has none.
    pub outside: Option<Outside>,
}

impl IoThread {
    /// Starts the thread. It ends with the process.
    ///
    /// # Errors
    ///
    /// The operating system refuses a thread or a runtime.
    pub fn start(self) -> Result<JoinHandle<()>, Failure> {
        let runtime = runtime()?;
        let thread = std::thread::Builder::new().name("io".into());
        let thread = thread.spawn(move || runtime.block_on(self.work()));
        thread.map_err(|error| Failure::CannotGoOn(format!("there is no thread: {error}")))
    }

    async fn work(self) {
        let credentials = self.credentials;
        let notices = Arc::new(Notices::default());
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
                acquaintances: Arc::clone(&self.acquaintances),
                notices: Arc::clone(&notices),
                told: None,
                waits: Random::new(self.settings.seed ^ number, WAITS_STREAM),
            };
            tokio::spawn(dialler.dial_for_ever(dialled, self.link_events.clone()));
        }
        if let Some(outside) = self.outside {
            tokio::spawn(http::serve(outside));
        }
        let listener = match tokio::net::TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!("no node can connect: listening fails: {error}"),
        };
        let (visits, mut visited) = mpsc::channel(MAX_VISITS);
        let admit = admission(self.me, self.acquaintances);
        tokio::spawn(link::serve(listener, credentials, admit, visits, self.places));
        while let Some(visit) = visited.recv().await {
            let arrival = match visit {
                Visit::Made(link) => {
                    let Party::Node(them) = link.peer() else { continue };
                    if !self.doorstep.put(them.node, *link) {
                        // The driver has not yet taken the previous link, and will take this one instead.
                        continue;
                    }
                    LinkEvent::Accepted { from: them.node }
                }
                Visit::TurnedAway { who, refusal, by_them } => {
                    let why = Why::turned_away(who, &refusal, by_them);
                    notices.turned_away(who, &why);
                    LinkEvent::TurnedAway { who, why }
                }
            };
            if self.link_events.send(arrival).await.is_err() {
                return;
            }
        }
    }
}

/// Lets in the other nodes of the cluster, each in its latest life.
fn admission(me: NodeId, acquaintances: Arc<Acquaintances>) -> Arc<Admission> {
    Arc::new(move |hello| match hello.party {
        // A node that is not in this node's list has another list, and is refused for that reason.
        Party::Node(them) if them.node != me => acquaintances.meet(hello),
        found @ (Party::Node(_) | Party::Resource) => Err(Refusal::OtherParty { found }),
    })
}

/// Dials a peer or the resource.
struct Dialler {
    to: Recipient,
    /// The name for the log.
    name: String,
    address: String,
    credentials: Arc<Credentials>,
    acquaintances: Arc<Acquaintances>,
    notices: Arc<Notices>,
    /// While there is a link, a task that logs the differences between the settings of both sides.
    told: Option<AbortHandle>,
    waits: Random,
}

impl Dialler {
    /// Dials until a link is made, and again whenever `again` changes.
    async fn dial_for_ever(
        mut self,
        mut again: watch::Receiver<u32>,
        link_events: mpsc::Sender<LinkEvent>,
    ) {
        let to = self.to;
        let mut wait = FIRST_WAIT;
        let mut down: Option<Down> = None;
        loop {
            again.mark_unchanged();
            match self.dial().await {
                Ok(link) => {
                    down = None;
                    self.tell_of_link(&link);
                    if link_events.send(LinkEvent::Reached { to, link }).await.is_err()
                        || again.changed().await.is_err()
                    {
                        return;
                    }
                    self.tell_no_more();
                    // A wait prevents a fast loop if links end as soon as they are made.
                    wait = FIRST_WAIT;
                    sleep(self.jitter(wait)).await;
                }
                Err(error) => {
                    let why = Why::not_reached(&self.address, &error);
                    self.notices.not_reached(to, &self.name, &why);
                    tracing::debug!("{}: {}", self.name, why.sentence);
                    let down = match &mut down {
                        Some(down) => {
                            down.why = why;
                            down
                        }
                        None => down.insert(Down::now(why)),
                    };
                    let arrival = LinkEvent::NotReached { to, down: down.clone() };
                    if link_events.send(arrival).await.is_err() {
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
        let found = look_up(&self.address).await.map_err(LinkError::Unresolved)?;
        let expected = |hello: &Hello| match (self.to, hello.party) {
            (Recipient::Node(peer), Party::Node(them)) if them.node == peer => {
                self.acquaintances.meet(hello)
            }
            (Recipient::Resource, Party::Resource) => Ok(()),
            (Recipient::Node(_) | Recipient::Resource, found) => Err(Refusal::OtherParty { found }),
        };
        let attempt = async {
            let stream = connect(&found).await?;
            link::dial(stream, &self.credentials, expected).await
        };
        timeout(HANDSHAKE_TIMEOUT, attempt).await.unwrap_or(Err(LinkError::TooSlow))
    }

    fn tell_of_link(&mut self, link: &Link) {
        self.notices.reached(self.to, &self.name);
        let differences = link.differences();
        if !differences.is_empty() {
            let telling = tell_differences(self.name.clone(), differences.to_vec());
            self.told = Some(tokio::spawn(telling).abort_handle());
        }
    }

    fn tell_no_more(&mut self) {
        if let Some(told) = self.told.take() {
            told.abort();
        }
    }

    /// A random wait from half of `wait` to `wait`, so that nodes do not dial at the same time.
    fn jitter(&mut self, wait: Duration) -> Duration {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.waits.between(micros / 2, micros))
    }
}

/// The addresses of a host and a port.
async fn look_up(address: &str) -> io::Result<Vec<SocketAddr>> {
    let Ok(found) = timeout(LOOK_UP_TIMEOUT, lookup_host(address)).await else {
        let sentence = format!("there is no answer for {} s", LOOK_UP_TIMEOUT.as_secs());
        return Err(io::Error::new(io::ErrorKind::TimedOut, sentence));
    };
    let found: Vec<SocketAddr> = found?.collect();
    if found.is_empty() { Err(io::Error::other("it has no address")) } else { Ok(found) }
}

/// Connects to the first of these addresses that answers. Each address except the last gets only a part of
/// the time, so that an address without an answer does not block the others.
async fn connect(found: &[SocketAddr]) -> Result<TcpStream, LinkError> {
    let shares = u32::try_from(found.len()).unwrap_or(u32::MAX).saturating_add(1);
    let Some((last, others)) = found.split_last() else { return Err(LinkError::TooSlow) };
    for other in others {
        if let Ok(Ok(stream)) = timeout(HANDSHAKE_TIMEOUT / shares, TcpStream::connect(other)).await
        {
            return Ok(stream);
        }
    }
    Ok(TcpStream::connect(last).await?)
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    #[tokio::test]
    async fn an_address_at_which_nobody_answers_does_not_hide_the_next() {
        // If a listener's queue is full, the kernel does not answer.
        let mute = TcpSocket::new_v4().expect("a socket");
        mute.bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let mute = mute.listen(1).expect("it listens");
        let silent = mute.local_addr().expect("an address");
        let mut queued = Vec::new();
        while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(silent)).await
        {
            queued.push(stream.expect("it is taken"));
        }
        let there = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let there = there.local_addr().expect("an address");
        let attempt = timeout(HANDSHAKE_TIMEOUT, connect(&[silent, there])).await;
        let stream = attempt.expect("in time").expect("somebody answers");
        assert_eq!(stream.peer_addr().expect("an address"), there);
    }
}
