//! The native cluster: a process for each node. A client is a node that does not lead, and whose
//! application asks for the lock again as soon as it has given it back.

mod failover;
mod trace;

use std::net::SocketAddr;
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

/// How long the first election may take; clients that have a leader earlier begin earlier.
const START: Duration = Duration::from_millis(1000);

/// As etcd here: a leader that is silent for a second is replaced, and says ten times a second that
/// it lives.
const TIMES: [&str; 4] = ["--suspect-after", "1s", "--heartbeat", "100ms"];

/// T and T'. A message takes some ten microseconds on loopback; a busy machine may take longer.
const PATIENCE: [&str; 4] = ["--answer-timeout", "50ms", "--coordinator-timeout", "100ms"];

/// The profile of a cluster.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As published.
    Classic,
    /// Safe under faults.
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

/// A cluster of nodes of this program.
pub struct Antes {
    /// The command `antes`.
    pub program: PathBuf,
    /// What is added to its name: " before" for a build that is held beside this one.
    pub age: &'static str,
    /// Which form of the algorithms.
    pub profile: Profile,
    /// Whether every node writes its trace. The order of grants is read in the coordinator's.
    pub traced: bool,
}

impl Contestant for Antes {
    fn name(&self) -> String {
        let trace = if self.traced { ", trace on" } else { "" };
        format!("Antes{} {}{trace}", self.age, self.profile.name())
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        let clients = clients as usize;
        // Four clients are four nodes that do not lead, so there is a fifth.
        let count = 4.max(clients + 1);
        let folder = TempDir::new()?;
        let nodes = self.start(folder.path(), count, |id, command| {
            let asks = if id <= clients { "true" } else { "false" };
            command.args(["--auto", asks, "--calls", "false", "--wait", "0ms", "--hold", "0ms"]);
            if self.traced {
                command.arg("--trace").arg(trace::path(folder.path(), id));
            }
        })?;
        std::thread::sleep(START + warm_up + duration);
        let (asking, others) = nodes.split_at_checked(clients).context("there are as many")?;
        for node in asking {
            node.signal(Signal::TERM);
        }
        let mut turn =
            Turn { seconds: 0.0, shares: Vec::new(), waits: no_waits()?, overtakings: None };
        for id in 1..=clients {
            let summary = crate::rivals::once_up(|| Summary::read(folder.path(), id))
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
    /// Starts so many nodes, the highest of which will lead.
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

/// What a node tells as it stops, as far as it matters here.
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
