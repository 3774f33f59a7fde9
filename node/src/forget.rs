//! `antes forget`: lets a node that has lost its memory begin with a new one.
//!
//! The other processes refuse it for good, because they cannot distinguish it from a second process
//! with its id. A person who knows that the earlier process has ended for good can.

use std::path::PathBuf;

use antes_core::NodeId;
use clap::Args;

use crate::cluster::acquaintances;
use crate::cluster::options::node_number;
use crate::output::Output;
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct ForgetArguments {
    /// The folder of the node or resource that must forget; it must not be running
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER")]
    data_dir: PathBuf,
    /// The node that begins with a new memory
    #[arg(long, value_name = "NUMBER", value_parser = node_number)]
    node: u8,
}

/// Forgets the node in `arguments`, and prints one line.
pub fn forget(arguments: &ForgetArguments) -> Result<Outcome, Failure> {
    let folder = arguments.data_dir.display();
    let node = NodeId::new(arguments.node).expect("the number was looked at");
    if !arguments.data_dir.is_dir() {
        return Err(Failure::BadInput(format!(
            "{folder} is no folder; expected the --data-dir (DATA_DIR) of a node or of the resource"
        )));
    }
    let told = if acquaintances::forget(&arguments.data_dir, node)? {
        format!("{folder} knows nothing of node {node} any more")
    } else {
        format!("{folder} has never met node {node}")
    };
    let mut out = Output::new();
    out.line(&told)?;
    out.finish()?;
    Ok(Outcome::Fine)
}
