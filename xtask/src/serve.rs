//! `cargo xtask serve`: the page on this machine, rebuilt as its sources change.

use std::net::TcpListener;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::say;
use crate::tools;

/// The first port tried when none is asked for, and how many after it.
const FIRST_PORT: u16 = 8080;
const PORTS_TRIED: u16 = 20;

/// What may be asked of `serve`.
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

/// Serves until interrupted.
pub fn run(options: &Options) -> Result<()> {
    let port = port(options.port)?;
    let mut trunk = tools::trunk_command()?;
    trunk.args(["serve", "--offline", "--port", &port.to_string()]);
    trunk.args(options.release.then_some("--release"));
    trunk.args(options.open.then_some("--open"));

    say(&format!("building; then the page is at http://127.0.0.1:{port}/ (Ctrl-C ends it)"));
    give_way_to(&mut trunk)
}

/// Turns this process into the command, so that a signal meant for one reaches the other.
#[cfg(unix)]
fn give_way_to(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("trunk did not start")
}

#[cfg(not(unix))]
fn give_way_to(command: &mut Command) -> Result<()> {
    crate::command::run(command)
}

fn port(asked: Option<u16>) -> Result<u16> {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    match asked {
        Some(port) if free(&port) => Ok(port),
        Some(port) => bail!("port {port} is taken: choose another with --port"),
        None => (FIRST_PORT..FIRST_PORT + PORTS_TRIED)
            .find(free)
            .context("no free port from 8080 on: choose one with --port"),
    }
}
