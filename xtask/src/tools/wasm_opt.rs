//! wasm-opt, which reduces the published page: the user's, or npm's.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{npm, on_path};
use crate::command::ask;

/// The version of the npm package `binaryen`.
const BINARYEN_VERSION: &str = "132.0.0";

/// Older versions cannot read the output of current Rust ("invalid code after misc prefix").
const OLDEST_WASM_OPT: u32 = 120;

pub fn wasm_opt() -> Result<PathBuf> {
    let users = on_path(&["wasm-opt"])
        .filter(|program| version_of(program).is_some_and(|version| version >= OLDEST_WASM_OPT));
    if let Some(program) = users {
        return Ok(program);
    }
    let wanted = format!("put wasm-opt {OLDEST_WASM_OPT} or newer (binaryen) on the PATH");
    let package = npm::package("binaryen", BINARYEN_VERSION, "bin/wasm-opt")
        .with_context(|| format!("the published page needs wasm-opt; or {wanted}"))?;
    let program = package.join("bin/wasm-opt");
    version_of(&program).with_context(|| format!("npm's wasm-opt does not run: {wanted}"))?;
    Ok(program)
}

/// The number in "wasm-opt version 132 (version_132)".
fn version_of(program: &Path) -> Option<u32> {
    let answer = ask(program, &["--version"])?;
    answer.split_whitespace().nth(2)?.parse().ok()
}
