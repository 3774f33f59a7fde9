//! `antes forget`: lets a node whose memory is lost begin with a new one.
//!
//! The others refuse it for good, because they cannot tell it from a second process with its number. A
//! person can: somebody who knows that the earlier process has ended for ever.

use std::path::PathBuf;

use antes_core::NodeId;
use clap::Args;

use crate::cluster::acquaintances;
use crate::cluster::options::node_number;
use crate::output::Output;
use crate::{Failure, Outcome};

#[derive(Args)]
pub struct ForgetArguments {
    /// The folder of the process that is to forget: a node or the resource, which must not run.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER")]
    data_dir: PathBuf,
    /// The node that begins with a new memory.
    #[arg(long, value_name = "NUMBER", value_parser = node_number)]
    node: u8,
}

/// Forgets the node that `arguments` name; prints one line.
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
