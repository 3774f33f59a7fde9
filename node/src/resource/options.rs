//! What `antes resource` is told, by options or by the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::cluster::options::{Common, Profile, own_address};

/// The options of `antes resource`. Each can be given by the environment as well, under the name
/// that the help shows.
#[derive(Args, Clone, Debug)]
pub struct ResourceArguments {
    /// Where the nodes connect; without a secret, an address of loopback.
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", value_parser = own_address)]
    pub listen: SocketAddr,
    /// Which form of the algorithms the nodes run; nodes of the other one are refused.
    #[arg(long, env = "PROFILE", value_enum, ignore_case = true, default_value = "hardened")]
    pub profile: Profile,
    /// Where the highest token and the last write are kept, so that they outlive the process.
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER")]
    pub data_dir: PathBuf,
    /// What every process of a cluster is told.
    #[command(flatten)]
    pub common: Common,
}
