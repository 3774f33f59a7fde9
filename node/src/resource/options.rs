//! The options of `antes resource`, also given by the environment.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::cluster::options::{Common, Profile, own_address};

/// The options of `antes resource`. Each can also be given by the environment variable that the
/// help shows
#[derive(Args, Clone, Debug)]
pub struct ResourceArguments {
    /// The address to listen on; without a secret, a loopback address
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", value_parser = own_address)]
    pub listen: SocketAddr,
    /// The profile of the nodes; nodes with the other one are refused
    #[arg(long, env = "PROFILE", value_enum, ignore_case = true, default_value = "hardened")]
    pub profile: Profile,
    /// The folder for the highest token and the last write
    #[arg(long, env = "DATA_DIR", value_name = "FOLDER")]
    pub data_dir: PathBuf,
    #[command(flatten)]
    pub common: Common,
}
