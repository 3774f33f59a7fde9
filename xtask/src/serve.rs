//! `cargo xtask serve`: serves the page on this machine and rebuilds it when its sources change.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{say, target_dir};
use crate::lock::Lock;
use crate::tools;

/// The first port to try if none is given, and how many ports after it.
const FIRST_PORT: u16 = 8080;
const PORTS_TRIED: u16 = 20;

/// The command line of `serve`.
#[derive(Args)]
pub struct Options {
    /// Build as for publication: smaller and faster, but slower to build
    #[arg(long)]
    release: bool,
    /// The port to serve on [default: the first free one from 8080]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// Open the page in the default browser
    #[arg(long)]
    open: bool,
}

/// Serves the page until the command is interrupted. Returns only after an error.
pub fn run(options: &Options) -> Result<()> {
    // The tools come first: fetching them may take minutes, and the free port could be taken by
    // then.
    let mut trunk = tools::trunk_command()?;
    let (port, lock) = port(options.port)?;
    trunk.args(["serve", "--offline", "--port", &port.to_string()]);
    trunk.arg("--dist").arg(folder(port));
    trunk.args(options.release.then_some("--release"));
    trunk.args(options.open.then_some("--open"));

    say(&format!("building; then the page is at http://127.0.0.1:{port}/ (Ctrl-C ends it)"));
    give_way_to(&mut trunk, &lock)
}

/// The output folder for this port.
fn folder(port: u16) -> PathBuf {
    target_dir().join(format!("serve-{port}"))
}

/// Replaces this process by the command, so that signals reach it.
#[cfg(unix)]
fn give_way_to(command: &mut Command, lock: &Lock) -> Result<()> {
    use std::os::unix::process::CommandExt;
    lock.survive_exec().context("cannot keep the port")?;
    Err(command.exec()).context("trunk did not start")
}

#[cfg(not(unix))]
fn give_way_to(command: &mut Command, _lock: &Lock) -> Result<()> {
    crate::command::run(command)
}

/// The port to serve on, with a lock that keeps other commands from it until it is used.
fn port(asked: Option<u16>) -> Result<(u16, Lock)> {
    let free = |port| -> Result<Option<(u16, Lock)>> {
        let Some(lock) = Lock::free(&folder(port))? else { return Ok(None) };
        Ok(TcpListener::bind(("127.0.0.1", port)).ok().map(|_| (port, lock)))
    };
    if let Some(port) = asked {
        return free(port)?
            .with_context(|| format!("port {port} is taken: choose another with --port"));
    }
    for port in FIRST_PORT..FIRST_PORT + PORTS_TRIED {
        if let Some(found) = free(port)? {
            return Ok(found);
        }
    }
    bail!("no free port from 8080 on: choose one with --port")
}
