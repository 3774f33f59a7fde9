//! Tools for scripts, from npm: esbuild, which bundles and minifies them, and a decoder of LZMA.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::npm;
use crate::command::ask;

/// The version of the npm package `esbuild`.
const ESBUILD_VERSION: &str = "0.25.12";

/// The version of the npm package `lzma1`, whose decoder the page as one file contains.
const LZMA_VERSION: &str = "0.3.0";

/// The folder of the scripts of `lzma1`.
pub fn lzma() -> Result<PathBuf> {
    Ok(npm::package("lzma1", LZMA_VERSION, "lib/decoder.js")?.join("lib"))
}

pub fn esbuild() -> Result<PathBuf> {
    let program = npm::package("esbuild", ESBUILD_VERSION, "bin/esbuild")?.join("bin/esbuild");
    ask(&program, &["--version"]).context("npm's esbuild does not run on this machine")?;
    Ok(program)
}
