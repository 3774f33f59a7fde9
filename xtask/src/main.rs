//! What a person or CI types:
//! `cargo xtask serve | test | cluster | bench | mutants | size | dist | count | picture | matrix`.
//!
//! Every command starts from a machine with nothing but Rust: it looks for the tools it needs,
//! fetches only those that are missing into a cache of its own (see [`tools`]), and says how long
//! that takes. Interrupting and repeating any command is safe, and so is running two at once (see
//! [`lock`]).
//!
//! What the commands rely on elsewhere in the repository:
//! - `index.html`: holds `link[data-trunk][rel=rust]`, the script `web/boot.js`, and nothing
//!   inline, so that the page works under a policy without `'unsafe-inline'`.
//! - `Trunk.toml`: names the program's two files as `link[data-boot]`, which `web/boot.js` reads.
//! - `Dockerfile`: names, in its first `FROM`, the image with Rust. `containers/`: says in its
//!   `src/lib.rs` what it gets.
//! - `bench/`: see [`mod@bench`]. `e2e/`: gets the page to test in `ANTES_DIST`.

mod bench;
mod command;
mod count;
mod dist;
mod docker;
mod lock;
mod matrix;
mod mutants;
mod picture;
mod serve;
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
    /// Take the measures of the hardened profile away, one by one, and let storms find what breaks
    Mutants(mutants::Options),
    /// Tell the sizes of the files in a built page, raw and compressed
    Size(size::Options),
    /// Build the page for publication
    Dist(dist::Options),
    /// Make the README's picture anew
    Picture,
    /// Count lines, large files, long functions, circles of imports and what a change touches
    Count(count::Options),
    /// Take pictures of the page in every size, and look for overlaps and cut text
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
