//! `cargo xtask matrix`: pictures of the page in every size, checked by machine.

use anyhow::Result;
use clap::Args;

use crate::command::{cargo, run as run_command, target_dir};
use crate::{dist, tools};

/// What may be asked of `matrix`.
#[derive(Args)]
pub struct Options {
    /// Only pictures with this in their names, such as 375x812, embed, pt-dark or notice
    #[arg(default_value = "")]
    part: String,
}

/// Builds the page as in development, takes the pictures, and fails if any has a fault.
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
