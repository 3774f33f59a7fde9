//! esbuild, which makes scripts and style sheets smaller: npm's.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::command::ask;

/// The version of npm's package `esbuild`.
const ESBUILD_VERSION: &str = "0.25.12";

/// The esbuild to use.
pub fn esbuild() -> Result<PathBuf> {
    let program = npm::package("esbuild", ESBUILD_VERSION, "bin/esbuild")?.join("bin/esbuild");
    ask(&program, &["--version"]).context("npm's esbuild does not run on this machine")?;
    Ok(program)
}
