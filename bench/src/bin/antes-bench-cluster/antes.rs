//! The real cluster: one process per node. A client is a node that does not lead and whose
//! application asks for the lock again right after each release.

mod failover;
mod trace;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;
use serde::Deserialize;
use tempfile::TempDir;

use crate::contest::Contestant;
use crate::load::{Turn, no_waits};
use crate::process::{Process, free_addresses};
use crate::rivals::once_up;

/// The same settings as for etcd here: the leader sends ten heartbeats per second, and is replaced
/// after one second of silence.
const TIMES: [&str; 4] = ["--suspect-after", "1s", "--heartbeat", "100ms"];

/// T and T'. A message takes some ten microseconds on loopback; a busy machine may take longer.
const PATIENCE: [&str; 4] = ["--answer-timeout", "50ms", "--coordinator-timeout", "100ms"];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Classic,
    Hardened,
}

impl Profile {
    const fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Hardened => "hardened",
        }
    }
}

/// A contestant: a cluster of this project's nodes.
pub struct Antes {
    /// The path of the command `antes`.
    pub program: PathBuf,
    /// A suffix of its name: " before" for another build that is measured beside this one.
    pub age: &'static str,
    pub profile: Profile,
    /// Whether each node writes its trace. The order of grants is read from the coordinator's
    /// trace.
    pub traced: bool,
}

impl Contestant for Antes {
    fn name(&self) -> String {
        let trace = if self.traced { ", trace on" } else { "" };
        format!("Antes{} {}{trace}", self.age, self.profile.name())
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        let clients = clients as usize;
        // With four clients there is a fifth node, which leads.
        let count = 4.max(clients + 1);
        let folder = TempDir::new()?;
        let health = *free_addresses(1)?.first().context("one address")?;
        let nodes = self.start(folder.path(), count, |id, command| {
            let asks = if id <= clients { "true" } else { "false" };
            command.args(["--auto", asks, "--calls", "false", "--wait", "0ms", "--hold", "0ms"]);
            if id == 1 {
                command.args(["--http", &health.to_string()]);
            }
            if self.traced {
                command.arg("--trace").arg(trace::path(folder.path(), id));
            }
        })?;
        // A client begins as soon as it has a leader. A node with a new list of nodes first waits for others.
        once_up(|| follows_a_leader(health)).context("node 1 finds no leader")?;
        std::thread::sleep(warm_up + duration);
        let (asking, others) = nodes.split_at_checked(clients).context("there are as many")?;
        for node in asking {
            node.signal(Signal::TERM);
        }
        let mut turn =
            Turn { seconds: 0.0, shares: Vec::new(), waits: no_waits()?, overtakings: None };
        for id in 1..=clients {
            let summary = once_up(|| Summary::read(folder.path(), id))
                .with_context(|| format!("node {id} leaves no summary"))?;
            ensure!(summary.entries > 1, "node {id} never had the lock");
            turn.seconds = turn.seconds.max(summary.span_us as f64 / 1e6);
            turn.shares.push(summary.entries);
            for (wait, times) in summary.waits_ns {
                turn.waits.saturating_record_n(wait, times);
            }
        }
        ensure!(others.len() == count - clients, "the others go on");
        if self.traced {
            turn.overtakings = Some(trace::overtakings(folder.path(), count)?);
        }
        Ok(Some(turn))
    }
}

impl Antes {
    /// Starts `count` nodes, of which the highest will lead.
    fn start(
        &self,
        folder: &Path,
        count: usize,
        options: impl Fn(usize, &mut Command),
    ) -> Result<Vec<Process>> {
        let addresses = free_addresses(count)?;
        let entry = |(id, address): (usize, &SocketAddr)| format!("{id}={address}");
        let peers = (1..).zip(&addresses).map(entry).collect::<Vec<_>>().join(",");
        let start = |id: usize| {
            let mut command = Command::new(&self.program);
            command.args(["node", "--id", &id.to_string(), "--peers", &peers]);
            command.args(["--profile", self.profile.name(), "--log", "error"]);
            command.args(TIMES).args(PATIENCE);
            command.arg("--data-dir").arg(folder.join(format!("data-{id}")));
            command.arg("--summary").arg(Summary::path(folder, id));
            options(id, &mut command);
            Process::start(&mut command)
        };
        (1..=count).map(start).collect()
    }
}

/// Fails until the node with this HTTP port follows a leader.
fn follows_a_leader(http: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect(http)?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    write!(stream, "GET /health HTTP/1.1\r\nHost: {http}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").context("an answer without a body")?;
    let health: Health = serde_json::from_str(body)?;
    ensure!(health.leader.is_some(), "it follows nobody: {body}");
    Ok(())
}

/// The needed part of the answer to `GET /health`.
#[derive(Deserialize)]
struct Health {
    leader: Option<u64>,
}

/// The needed parts of a node's summary at its end.
#[derive(Deserialize)]
struct Summary {
    entries: u64,
    span_us: u64,
    waits_ns: Vec<(u64, u64)>,
}

impl Summary {
    fn path(folder: &Path, id: usize) -> PathBuf {
        folder.join(format!("summary-{id}.json"))
    }

    fn read(folder: &Path, id: usize) -> Result<Self> {
        let text = std::fs::read_to_string(Self::path(folder, id))?;
        serde_json::from_str(&text).context("a summary that is not whole yet")
    }
}
