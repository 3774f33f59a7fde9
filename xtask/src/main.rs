//! The commands for developers and CI:
//! `cargo xtask serve | test | cluster | bench | mutants | size | dist | count | picture | matrix`.
//!
//! All commands work on a machine with only Rust: they look for the tools they need, fetch only
//! missing ones into a cache of their own (see [`tools`]), and say how long that takes. Every
//! command can be interrupted and repeated, and two can run at the same time (see [`lock`]).
//!
//! The commands rely on these parts of the repository:
//! - `index.html`: has `link[data-trunk][rel=rust]`, the script `web/boot.js` and nothing inline,
//!   so that the page works under a policy without `'unsafe-inline'`.
//! - `Trunk.toml`: names the program's two files as `link[data-boot]`, which `web/boot.js` reads.
//! - `Dockerfile`: its first `FROM` names the image with Rust. `xtask/tests/containers/main.rs` lists the
//!   environment that the tests get.
//! - `bench/`: see [`mod@bench`]. `e2e/`: gets the page to test in `ANTES_DIST`.

mod bench;
mod command;
mod compressed;
mod count;
mod dist;
mod docker;
mod imports;
mod lock;
mod matrix;
mod mutants;
mod picture;
mod serve;
mod single;
mod size;
mod storms;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set-up, serve, test, cluster, bench, dist")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Serve the page on this machine, rebuilding it as its sources change
    Serve(serve::Options),
    /// Run the tests, all of them or the parts named
    Test(test::Options),
    /// Run four nodes in containers
    Cluster(docker::cluster::Options),
    /// Run the benchmarks, natively and in WebAssembly, and measure the page's files
    Bench(bench::Options),
    /// Remove the safeguards of the hardened profile one by one, and let storms find a violation
    Mutants(mutants::Options),
    /// Print the sizes of the files of a built page, raw and compressed
    Size(size::Options),
    /// Build the page for publication
    Dist(dist::Options),
    /// Make the README's picture
    Picture,
    /// Count lines, large files, long functions, circles of imports and the files that a change
    /// touches
    Count(count::Options),
    /// Take pictures of the page in all sizes, and look for overlaps and cut text
    Matrix(matrix::Options),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Serve(options) => serve::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Cluster(options) => docker::cluster::run(&options),
        Task::Bench(options) => bench::run(&options),
        Task::Mutants(options) => mutants::run_all(&options),
        Task::Size(options) => size::run(&options),
        Task::Dist(options) => dist::run(&options),
        Task::Picture => picture::run(),
        Task::Count(options) => count::run(&options),
        Task::Matrix(options) => matrix::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
