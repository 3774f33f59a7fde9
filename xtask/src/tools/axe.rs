//! axe-core, which checks accessibility rules, from npm.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use super::npm;

/// The version of the npm package `axe-core`.
const AXE_VERSION: &str = "4.10.3";

/// The script to inject into a page.
pub fn axe() -> Result<PathBuf> {
    let script = npm::package("axe-core", AXE_VERSION, "axe.min.js")?.join("axe.min.js");
    ensure!(script.is_file(), "npm's axe-core {AXE_VERSION} has no axe.min.js");
    Ok(script)
}
