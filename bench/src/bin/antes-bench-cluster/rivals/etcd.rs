//! etcd's own lock, through its gRPC interface. Each change of the lock is replicated to a majority
//! and written to disk before it is answered, so etcd does much more than the others here.

mod failover;
mod wire;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;

use super::once_up;
use crate::contest::Contestant;
use crate::load::{Client, Turn, contend};
use crate::process::{Process, free_addresses};

use wire::Connection;

/// The shortest time after which a follower takes the leader for dead; the longest is twice as
/// long.
const ELECTION_TIMEOUT_MS: u32 = 1000;

/// etcd's default, a tenth of the timeout as its manual recommends.
const HEARTBEAT_MS: u32 = 100;

const LOCK: &str = "lock";

/// Longer than any turn, so that it needs no renewal.
const LEASE_S: i64 = 120;

/// The longest duration of a call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A contestant: an etcd cluster.
pub struct Etcd {
    pub program: PathBuf,
    pub members: usize,
}

impl Contestant for Etcd {
    fn name(&self) -> String {
        match self.members {
            1 => "etcd lock, 1 member".into(),
            members => format!("etcd lock, {members} members"),
        }
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        let members = Members::start(&self.program, self.members)?;
        // A member that does not lead forwards requests, so the clients are spread over all
        // members.
        let client = |number: usize| -> Result<Box<dyn Client>> {
            let address = members.clients[number % members.clients.len()];
            let mut connection = Connection::open(address, TIMEOUT)?;
            let lease = connection.lease(LEASE_S)?;
            Ok(Box::new(Locking { connection, lease, key: Vec::new() }))
        };
        contend((0..clients as usize).map(client).collect::<Result<_>>()?, warm_up, duration)
            .map(Some)
    }
}

struct Locking {
    connection: Connection,
    lease: i64,
    key: Vec<u8>,
}

impl Client for Locking {
    fn acquire(&mut self) -> Result<()> {
        self.key = self.connection.lock(LOCK, self.lease)?;
        Ok(())
    }

    fn release(&mut self) -> Result<()> {
        self.connection.unlock(std::mem::take(&mut self.key))
    }
}

/// The processes of an etcd cluster; they end when this value is dropped.
struct Members {
    processes: Vec<Process>,
    /// The client address of each member.
    clients: Vec<SocketAddr>,
    _folder: TempDir,
}

impl Members {
    /// Starts `count` members, and waits until all follow a leader and serve.
    fn start(program: &Path, count: usize) -> Result<Self> {
        let folder = TempDir::new()?;
        let mut addresses = free_addresses(2 * count)?;
        let peers = addresses.split_off(count);
        let start = |place: usize| {
            Process::start(&mut member(program, folder.path(), place, &addresses, &peers))
        };
        let mut processes: Vec<_> = (0..count).map(start).collect::<Result<_>>()?;
        for (&address, process) in addresses.iter().zip(&mut processes) {
            once_up(|| {
                let status = Connection::open(address, TIMEOUT)?.status()?;
                anyhow::ensure!(status.leader != 0, "a member follows nobody");
                Ok(())
            })?;
            process.still_runs()?;
        }
        // A lease is replicated, so a leader that grants one serves.
        once_up(|| Connection::open(addresses[0], TIMEOUT)?.lease(1))?;
        Ok(Self { processes, clients: addresses, _folder: folder })
    }
}

fn member(
    program: &Path,
    folder: &Path,
    place: usize,
    clients: &[SocketAddr],
    peers: &[SocketAddr],
) -> Command {
    let name = |place: usize| format!("member{place}");
    let url = |address: SocketAddr| format!("http://{address}");
    let entry = |(place, &peer): (usize, &SocketAddr)| format!("{}={}", name(place), url(peer));
    let cluster: Vec<_> = peers.iter().enumerate().map(entry).collect();
    let mut command = Command::new(program);
    command.arg("--data-dir").arg(folder.join(name(place))).args(["--name", &name(place)]);
    command.args(["--listen-client-urls", &url(clients[place])]);
    command.args(["--advertise-client-urls", &url(clients[place])]);
    command.args(["--listen-peer-urls", &url(peers[place])]);
    command.args(["--initial-advertise-peer-urls", &url(peers[place])]);
    command.args(["--initial-cluster", &cluster.join(",")]);
    command.args(["--heartbeat-interval", &HEARTBEAT_MS.to_string()]);
    command.args(["--election-timeout", &ELECTION_TIMEOUT_MS.to_string()]);
    command.args(["--logger", "zap", "--log-level", "fatal"]).stderr(Stdio::null());
    command
}
