//! Failover of this project's cluster, measured from the survivors' traces.

use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Antes, trace};
use crate::failover::{Cluster, Failover, Fault};
use crate::rivals::once_up;

/// Three nodes survive the leader.
const NODES: usize = 4;

/// A lease that suits a suspicion time of one second. After the leader is lost, the next grant
/// waits until all its grants may have run out.
const LEASE: [&str; 4] = ["--lease", "1s", "--retry", "250ms"];

impl Cluster for Antes {
    fn name(&self) -> String {
        format!("Antes{} {}, {NODES} nodes", self.age, self.profile.name())
    }

    fn lose_leader(&self, fault: Fault) -> Result<Failover> {
        let folder = TempDir::new()?;
        let nodes = self.start(folder.path(), NODES, |id, command| {
            let asks = if id == 1 { "true" } else { "false" };
            command.args(["--auto", asks, "--calls", "false", "--wait", "5ms", "--hold", "1ms"]);
            command.args(LEASE);
            command.arg("--trace").arg(trace::path(folder.path(), id));
        })?;
        let settled = || lasts_since(folder.path(), 1..=NODES, 0, |leader| leader == NODES as u64);
        once_up(|| {
            let before = settled()?;
            // Time for heartbeats and the first grants.
            std::thread::sleep(Duration::from_millis(700));
            ensure!(settled()? == before, "the leader changes before it is lost");
            Ok(())
        })
        .context("the cluster does not settle")?;

        let start_us = u64::try_from(SystemTime::UNIX_EPOCH.elapsed()?.as_micros())?;
        nodes[NODES - 1].signal(fault.signal());
        let after = |at_us: u64| Duration::from_micros(at_us.saturating_sub(start_us));
        let (led_us, served_us) = once_up(|| {
            lasts_since(folder.path(), 1..=NODES - 1, start_us, |leader| leader != NODES as u64)
        })?;
        Ok(Failover { led: after(led_us), served: after(served_us) })
    }
}

/// When the last of these nodes began to follow the leader that all of them follow, and when node 1
/// entered after that.
fn lasts_since(
    folder: &Path,
    nodes: std::ops::RangeInclusive<usize>,
    start_us: u64,
    right: impl Fn(u64) -> bool,
) -> Result<(u64, u64)> {
    let mut followed = Vec::new();
    for id in nodes {
        let changes = trace::lines(folder, id, &["\"kind\":\"leader\""])?;
        let last = changes.last().filter(|last| last.at_us >= start_us);
        let last = last.context("a node has not noticed")?;
        let leader = last.leader.context("a node follows nobody")?;
        ensure!(right(leader), "a node follows another one");
        followed.push((leader, last.at_us));
    }
    ensure!(followed.windows(2).all(|pair| pair[0].0 == pair[1].0), "they do not agree");
    let led_us = followed.iter().map(|&(_, at_us)| at_us).max().context("there are no nodes")?;
    let entries = trace::lines(folder, 1, &["\"kind\":\"enter\""])?;
    let served = entries.iter().find(|entry| entry.at_us > led_us).context("nobody is served")?;
    Ok((led_us, served.at_us))
}
