//! The lock as in coursework: `mutex.py`, with one program per client and one for the coordinator.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::contest::Contestant;
use crate::load::{Turn, no_waits};
use crate::process::Process;

/// A contestant: the path of Python 3.
pub struct Python(pub PathBuf);

impl Python {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.0);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/mutex.py"));
        command
    }
}

impl Contestant for Python {
    fn name(&self) -> String {
        "Python, XML-RPC".into()
    }

    fn turn(&self, clients: u32, warm_up: Duration, duration: Duration) -> Result<Option<Turn>> {
        let (_coordinator, port) = Process::start_and_hear(self.command().arg("coordinator"))?;
        let seconds = [warm_up, duration].map(|time| time.as_secs_f64().to_string());
        let start =
            |_| Process::start_and_keep(self.command().args(["client", &port]).args(&seconds));
        let processes: Vec<_> = (0..clients).map(start).collect::<Result<_>>()?;
        let mut turn = Turn {
            seconds: duration.as_secs_f64(),
            shares: Vec::new(),
            waits: no_waits()?,
            overtakings: None,
        };
        for process in processes {
            let waits: Vec<u64> =
                serde_json::from_str(&process.finish()?).context("a client's waits")?;
            turn.shares.push(waits.len() as u64);
            for wait in waits {
                turn.waits.record(wait)?;
            }
        }
        Ok(Some(turn))
    }
}
