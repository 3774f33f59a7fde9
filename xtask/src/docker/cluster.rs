//! `cargo xtask cluster`: controls the four containers of `docker-compose.yml`.

use std::process::Command;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::command::{root, run as run_command, say};
use crate::docker::image;
use crate::tools::{self, Engine, Keep};

/// The command line of `cluster`.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    wish: Wish,
}

#[derive(Subcommand)]
enum Wish {
    /// Build the image and start the cluster; DS_TEST and PROFILE in the environment say of what kind
    Up,
    /// Remove the cluster and its stored data
    Down,
    /// Show the nodes' logs, until interrupted
    Logs,
    /// Kill a node, as in a crash
    Kill {
        /// The number of the node
        #[arg(value_parser = clap::value_parser!(u8).range(1..=4))]
        node: u8,
    },
    /// Start a node that was killed
    Start {
        /// The number of the node
        #[arg(value_parser = clap::value_parser!(u8).range(1..=4))]
        node: u8,
    },
}

pub fn run(options: &Options) -> Result<()> {
    let engine = match options.wish {
        // `down` also removes what an engine has stored that does not run any more.
        Wish::Up | Wish::Down => Engine::get(Keep::Yes)?,
        Wish::Logs | Wish::Kill { .. } | Wish::Start { .. } => Engine::that_runs()
            .context("no engine of Docker answers, so no cluster runs: cargo xtask cluster up")?,
    };
    let compose = |arguments: &[&str]| -> Result<()> {
        let words = tools::compose(&engine)?;
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(arguments).current_dir(root());
        engine.show(&mut command);
        run_command(&mut command)
    };
    match options.wish {
        Wish::Up => {
            if image::base_is_there(&engine)? {
                compose(&["up", "--build", "--detach"])?;
            } else {
                say("nothing can be pulled: the image is made from this machine's own build");
                image::from_host(&engine, "antes")?;
                compose(&["up", "--no-build", "--detach"])?;
            }
            say("it runs: cargo xtask cluster logs | kill 4 | start 4 | down; docs/cluster.md");
            if let Some(host) = engine.host() {
                say("for commands of docker and docker compose in this terminal:");
                println!("export DOCKER_HOST={host}");
            }
            Ok(())
        }
        Wish::Down => {
            compose(&["down", "--volumes"])?;
            engine.end_own()
        }
        Wish::Logs => compose(&["logs", "--follow"]),
        Wish::Kill { node } => compose(&["kill", &format!("node{node}")]),
        Wish::Start { node } => compose(&["start", &format!("node{node}")]),
    }
}
