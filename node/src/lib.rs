//! The `antes` command, as a library: what it does can be called and tested without a process.

#![allow(
    missing_docs,
    reason = "only this workspace uses the library; a comment stands where a name is not enough"
)]
// These macros panic if the output is closed; `output` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "check")]
mod check;
pub mod cluster;
mod compare;
mod environment;
mod forget;
mod format;
mod health;
mod input;
mod merge;
mod output;
mod picture;
pub mod resource;
mod run;
mod stamp;
mod sweep;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Simulates, checks and runs distributed algorithms, and stamps figures with logical time.
#[derive(Parser)]
#[command(name = "antes", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a scenario and print what happened.
    Run(run::RunArguments),
    /// Play two scenarios, or one in two ways, and print them side by side.
    Compare(compare::CompareArguments),
    /// Join the traces of a cluster's nodes and of its resource into one run, and judge it.
    Merge(merge::MergeArguments),
    /// Stamp the events of a figure: Lamport and vector clocks, concurrent pairs, total order.
    Stamp(stamp::StampArguments),
    /// Be a node of a cluster.
    Node(Box<cluster::options::NodeArguments>),
    /// Ask a node, or the resource, whether it is well; the exit status is 0 if it is, and 1 if not.
    Health(health::HealthArguments),
    /// Be the shared resource of a cluster.
    Resource(resource::ResourceArguments),
    /// Let a node begin with a new memory: forget, in the folder of a stopped process, who it was.
    Forget(forget::ForgetArguments),
    /// Run a scenario under many storms of faults, on all cores; stop at the first seed that fails.
    Sweep(sweep::SweepArguments),
    /// Visit every state of a model of a small cluster, and tell which properties hold.
    #[cfg(feature = "check")]
    Check(check::CheckArguments),
}

/// How a command ended that could do its work: its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Exit status 0.
    Fine,
    /// Exit status 1: an invariant is violated, or a process is not healthy.
    Violated,
}

/// Why a command could not do its work, as a sentence for standard error.
#[derive(Debug)]
pub enum Failure {
    /// Exit status 2: the input is wrong. The sentence says where, what is wrong and what would be right.
    BadInput(String),
    /// Exit status 1: the command cannot continue. The sentence says why.
    CannotGoOn(String),
    /// Exit status 0: the reader of standard output has closed it.
    NobodyReads,
}

/// Carries out the command line's command.
pub fn command() -> ExitCode {
    let arguments = match environment::parse::<Arguments>() {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let outcome = match arguments.command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Compare(arguments) => compare::compare(&arguments),
        Command::Merge(arguments) => merge::merge(&arguments),
        Command::Stamp(arguments) => stamp::stamp(&arguments),
        Command::Node(arguments) => cluster::run(&arguments).map(|()| Outcome::Fine),
        Command::Health(arguments) => health::health(&arguments),
        Command::Resource(arguments) => resource::run(&arguments).map(|()| Outcome::Fine),
        Command::Forget(arguments) => forget::forget(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        #[cfg(feature = "check")]
        Command::Check(arguments) => check::check(&arguments),
    };
    match outcome {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Violated) => ExitCode::from(1),
        Err(Failure::BadInput(sentence)) => {
            output::complain(&sentence);
            ExitCode::from(2)
        }
        Err(Failure::CannotGoOn(sentence)) => {
            output::complain(&sentence);
            ExitCode::from(1)
        }
        // The reader closed the pipe on purpose, as `head` does.
        Err(Failure::NobodyReads) => ExitCode::SUCCESS,
    }
}
