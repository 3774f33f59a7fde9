//! How long a cluster is without a leader, and without a lock, after its leader dies or freezes.

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::contest::median;
use crate::placement::Placement;

/// What becomes of the leader.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL: its connections are closed by the operating system.
    Kill,
    /// SIGSTOP: its connections stay open and say nothing.
    Freeze,
}

impl Fault {
    /// In the order of the table.
    pub const ALL: [Self; 2] = [Self::Kill, Self::Freeze];

    /// As the table says it.
    const fn name(self) -> &'static str {
        match self {
            Self::Kill => "killed",
            Self::Freeze => "frozen",
        }
    }

    /// The signal that does it.
    pub const fn signal(self) -> rustix::process::Signal {
        match self {
            Self::Kill => rustix::process::Signal::KILL,
            Self::Freeze => rustix::process::Signal::STOP,
        }
    }
}

/// What became of it, counted from the fault.
#[derive(Clone, Copy)]
pub struct Failover {
    /// When all the others followed one and the same new leader.
    pub led: Duration,
    /// When one of the others had the lock, having asked for it after the fault.
    pub served: Duration,
}

/// Somebody with a leader to lose.
pub trait Cluster {
    /// As the table says it.
    fn name(&self) -> String;

    /// Starts everything anew, and lets the leader fail.
    fn lose_leader(&self, fault: Fault) -> Result<Failover>;
}

/// Lets everybody lose so many leaders, in turns, and tells the times in a table.
pub fn hold(clusters: &[Box<dyn Cluster>], placement: Placement, trials: usize) -> Result<String> {
    let mut table = format!("\n| {}: leader |", placement.name());
    for what in ["new leader, median ms", "worst", "lock granted again, median ms", "worst"] {
        _ = write!(table, " {what} |");
    }
    table.push_str("\n| --- | ---: | ---: | ---: | ---: |\n");
    for fault in Fault::ALL {
        let mut failovers = vec![Vec::new(); clusters.len()];
        for trial in 1..=trials {
            for (cluster, failovers) in clusters.iter().zip(&mut failovers) {
                let name = cluster.name();
                eprintln!("{}, trial {trial}: {name}, leader {}", placement.name(), fault.name());
                let failover = placement.during(|| cluster.lose_leader(fault));
                failovers.push(failover.with_context(|| format!("{name} failed"))?);
            }
        }
        for (cluster, failovers) in clusters.iter().zip(&failovers) {
            _ = write!(table, "| {} {} |", cluster.name(), fault.name());
            for time in [|one: &Failover| one.led, |one: &Failover| one.served] {
                let ms = failovers.iter().map(|one| time(one).as_secs_f64() * 1e3);
                let worst = ms.clone().fold(0.0, f64::max);
                _ = write!(table, " {:.1} | {worst:.1} |", median(ms));
            }
            table.push('\n');
        }
    }
    Ok(table)
}
