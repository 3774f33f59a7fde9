//! The `antes` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    antes_node::command()
}
