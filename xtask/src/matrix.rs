//! `cargo xtask matrix`: takes pictures of the page in all sizes and checks them automatically.

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, run as run_command, target_dir};
use crate::{dist, tools};

/// The command line of `matrix`.
#[derive(Args)]
pub struct Options {
    /// Only pictures whose names contain this, such as 375x812, embed, pt-dark or notice
    #[arg(default_value = "")]
    part: String,
}

/// Builds the page for development, takes the pictures, and fails if any has a fault.
pub fn run(options: &Options) -> Result<()> {
    let browser = tools::browser()?;
    let (page, _lock) = dist::in_development()?;
    run_command(
        cargo(&["run", "--quiet", "-p", "antes-e2e", "--bin", "matrix", "--"])
            .arg(target_dir().join("matrix"))
            .arg(&options.part)
            .env("ANTES_DIST", page)
            .env("CHROMIUM", &browser.program)
            .env("CHROMEDRIVER", &browser.driver),
    )
}
