//! Measures how long a cluster has no leader, and no lock, after its leader dies or freezes.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;

use crate::contest::median;
use crate::placement::Placement;

/// A fault of the leader.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL: the operating system closes its connections.
    Kill,
    /// SIGSTOP: its connections stay open and silent.
    Freeze,
}

impl Fault {
    /// All faults in the order of the table.
    pub const ALL: [Self; 2] = [Self::Kill, Self::Freeze];

    /// The name in the table.
    const fn name(self) -> &'static str {
        match self {
            Self::Kill => "killed",
            Self::Freeze => "frozen",
        }
    }

    pub const fn signal(self) -> rustix::process::Signal {
        match self {
            Self::Kill => rustix::process::Signal::KILL,
            Self::Freeze => rustix::process::Signal::STOP,
        }
    }
}

/// The times of a failover, counted from the fault.
#[derive(Clone, Copy)]
pub struct Failover {
    /// When all survivors followed the same new leader.
    pub led: Duration,
    /// When a survivor entered with a request made after the fault.
    pub served: Duration,
}

/// A cluster to be measured.
pub trait Cluster {
    /// The name in the table.
    fn name(&self) -> String;

    /// Starts the cluster anew and lets the leader fail.
    fn lose_leader(&self, fault: Fault) -> Result<Failover>;
}

/// Lets each cluster lose its leader `trials` times, in turns, and returns the times as a table. A
/// failed trial is counted in the table; its error is printed on standard error.
pub fn hold(clusters: &[Box<dyn Cluster>], placement: Placement, trials: usize) -> String {
    let mut table = format!("\n| {}: leader |", placement.name());
    for what in [
        "new leader, median ms",
        "worst",
        "lock granted again, median ms",
        "worst",
        "failed trials",
    ] {
        _ = write!(table, " {what} |");
    }
    table.push_str("\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
    for fault in Fault::ALL {
        let mut failovers = vec![Vec::new(); clusters.len()];
        for trial in 1..=trials {
            for (cluster, failovers) in clusters.iter().zip(&mut failovers) {
                let name = cluster.name();
                eprintln!("{}, trial {trial}: {name}, leader {}", placement.name(), fault.name());
                match placement.during(|| cluster.lose_leader(fault)) {
                    Ok(failover) => failovers.push(failover),
                    Err(error) => eprintln!("{name} failed: {error:#}"),
                }
            }
        }
        for (cluster, failovers) in clusters.iter().zip(&failovers) {
            _ = write!(table, "| {} {} |", cluster.name(), fault.name());
            for time in [|one: &Failover| one.led, |one: &Failover| one.served] {
                let ms = failovers.iter().map(|one| time(one).as_secs_f64() * 1e3);
                let worst = ms.clone().fold(f64::NAN, f64::max);
                _ = write!(table, " {} | {} |", spoken(median(ms)), spoken(worst));
            }
            _ = writeln!(table, " {} of {trials} |", trials - failovers.len());
        }
    }
    table
}

/// Milliseconds for the table; empty if no trial succeeded.
fn spoken(ms: f64) -> String {
    if ms.is_nan() { String::new() } else { format!("{ms:.1}") }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    /// A cluster whose trials fail where `fails` says so; trials are counted from 1.
    struct Told {
        trials: Cell<u64>,
        fails: fn(u64) -> bool,
    }

    impl Cluster for Told {
        fn name(&self) -> String {
            "Told".into()
        }

        fn lose_leader(&self, _: Fault) -> Result<Failover> {
            self.trials.set(self.trials.get() + 1);
            let trial = self.trials.get();
            if (self.fails)(trial) {
                bail!("nobody is served");
            }
            let time = |ms| Duration::from_millis(ms);
            Ok(Failover { led: time(trial), served: time(10 * trial) })
        }
    }

    fn told(fails: fn(u64) -> bool) -> Box<dyn Cluster> {
        Box::new(Told { trials: Cell::new(0), fails })
    }

    #[test]
    fn a_failed_trial_is_counted_and_loses_no_other() {
        let clusters = [told(|trial| trial == 2), told(|_| false), told(|_| true)];
        let table = hold(&clusters, Placement::Free, 3);
        let rows: Vec<&str> = table.lines().skip(3).collect();
        assert_eq!(
            rows,
            [
                "| Told killed | 3.0 | 3.0 | 30.0 | 30.0 | 1 of 3 |",
                "| Told killed | 2.0 | 3.0 | 20.0 | 30.0 | 0 of 3 |",
                "| Told killed |  |  |  |  | 3 of 3 |",
                "| Told frozen | 5.0 | 6.0 | 50.0 | 60.0 | 0 of 3 |",
                "| Told frozen | 5.0 | 6.0 | 50.0 | 60.0 | 0 of 3 |",
                "| Told frozen |  |  |  |  | 3 of 3 |",
            ]
        );
    }
}
