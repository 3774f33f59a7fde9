//! `cargo xtask picture`: takes the README's picture of the page.

use anyhow::Result;

use crate::command::{cargo, root, run as run_command};
use crate::{dist, tools};

/// Builds the page for development and takes the picture.
pub fn run() -> Result<()> {
    let browser = tools::browser()?;
    let (page, _lock) = dist::in_development()?;
    run_command(
        cargo(&["run", "--quiet", "-p", "antes-e2e", "--bin", "picture", "--"])
            .arg(root().join("docs/first-screen.png"))
            .env("ANTES_DIST", page)
            .env("CHROMIUM", &browser.program)
            .env("CHROMEDRIVER", &browser.driver),
    )
}
