//! esbuild, which minifies scripts and style sheets, from npm.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::command::ask;

/// The version of the npm package `esbuild`.
const ESBUILD_VERSION: &str = "0.25.12";

pub fn esbuild() -> Result<PathBuf> {
    let program = npm::package("esbuild", ESBUILD_VERSION, "bin/esbuild")?.join("bin/esbuild");
    ask(&program, &["--version"]).context("npm's esbuild does not run on this machine")?;
    Ok(program)
}
