//! Measures the real cluster beside other lock services, and how long a dead or frozen leader
//! leaves each without a lock. `docs/benchmarks.md` explains the measurements and the figures;
//! `cargo xtask bench cluster` provides the programs and runs this one.

mod antes;
mod contest;
mod failover;
mod load;
mod placement;
mod process;
mod rivals;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};

use antes::{Antes, Profile};
use contest::{Contestant, Pace};
use failover::Cluster;
use placement::Placement;

#[derive(Parser)]
#[command(about = "Measures locks over loopback, side by side, and prints tables in Markdown")]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// The command `antes`; skipped if not given
    #[arg(long)]
    antes: Option<PathBuf>,
    /// Another build of the command `antes`, measured beside this one; skipped if not given
    #[arg(long)]
    antes_before: Option<PathBuf>,
    /// The Redis server; skipped if not given
    #[arg(long)]
    redis: Option<PathBuf>,
    /// The etcd server; skipped if not given
    #[arg(long)]
    etcd: Option<PathBuf>,
    /// Python 3; skipped if not given
    #[arg(long)]
    python: Option<PathBuf>,
    /// Only the contestants whose names contain one of these
    #[arg(long)]
    only: Vec<String>,
    /// How many turns each contestant has
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many leaders each cluster loses per fault
    #[arg(long, default_value_t = 5)]
    trials: usize,
    /// The length of a turn in milliseconds
    #[arg(long, default_value_t = 1000)]
    turn_ms: u64,
}

impl Arguments {
    /// The builds of Antes to measure, with the suffixes of their names.
    fn builds(&self) -> impl Iterator<Item = (&PathBuf, &'static str)> {
        let now = self.antes.iter().map(|program| (program, ""));
        now.chain(self.antes_before.iter().map(|program| (program, " before")))
    }
}

/// What this program does instead of the benchmark.
#[derive(Subcommand)]
enum Role {
    /// A bare server: `ping` or `lock`
    #[command(hide = true)]
    Serve { role: String },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(Role::Serve { role }) = &arguments.role {
        return rivals::serve(role);
    }
    process::leave_nobody_behind()?;
    let pace = Pace {
        rounds: arguments.rounds,
        turn: Duration::from_millis(arguments.turn_ms),
        warm_up: Duration::from_millis(300),
    };
    let contestants = contestants(&arguments);
    for placement in [Placement::Free, Placement::OneCore] {
        let turns = contest::hold(&contestants, placement, pace);
        print!("{}", contest::table(&contestants, placement, &turns));
    }
    let clusters = clusters(&arguments);
    for placement in [Placement::Free, Placement::OneCore] {
        print!("{}", failover::hold(&clusters, placement, arguments.trials));
    }
    Ok(())
}

fn clusters(arguments: &Arguments) -> Vec<Box<dyn Cluster>> {
    let mut all: Vec<Box<dyn Cluster>> = Vec::new();
    for (program, age) in arguments.builds() {
        for profile in [Profile::Hardened, Profile::Classic] {
            all.push(Box::new(Antes { program: program.clone(), age, profile, traced: true }));
        }
    }
    if let Some(program) = &arguments.etcd {
        all.push(Box::new(rivals::Etcd { program: program.clone(), members: 3 }));
    }
    all
}

fn contestants(arguments: &Arguments) -> Vec<Box<dyn Contestant>> {
    let mut all: Vec<Box<dyn Contestant>> = Vec::new();
    for (profile, traced) in
        [(Profile::Hardened, false), (Profile::Classic, false), (Profile::Hardened, true)]
    {
        for (program, age) in arguments.builds() {
            all.push(Box::new(Antes { program: program.clone(), age, profile, traced }));
        }
    }
    all.push(Box::new(rivals::PingPong));
    all.push(Box::new(rivals::BareLock));
    if let Some(program) = &arguments.redis {
        all.push(Box::new(rivals::Redis(program.clone())));
    }
    if let Some(program) = &arguments.etcd {
        let etcd = |members| rivals::Etcd { program: program.clone(), members };
        all.push(Box::new(etcd(1)));
        all.push(Box::new(etcd(3)));
    }
    if let Some(program) = &arguments.python {
        all.push(Box::new(rivals::Python(program.clone())));
    }
    let only = &arguments.only;
    all.retain(|one| only.is_empty() || only.iter().any(|part| one.name().contains(part)));
    all
}
