//! Parts of Rust: compilation targets and components, from rustup.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{cached, on_path};
use crate::command::{ask, run, say};
use crate::lock::Lock;

/// Makes sure that the standard library (or `core`) for a target is present.
pub fn target(name: &str) -> Result<()> {
    let sysroot = ask("rustc", &["--print", "sysroot"]).context("rustc is not on the PATH")?;
    let library = Path::new(&sysroot).join("lib/rustlib").join(name).join("lib");
    if has_core(&library) {
        return Ok(());
    }
    if on_path(&["rustup"]).is_none() {
        bail!(
            "this Rust has no library for {name}, and there is no rustup to fetch it: \
             install Rust from https://rustup.rs, or your system's package for that target"
        );
    }
    let _lock = lock()?;
    if has_core(&library) {
        return Ok(());
    }
    say(&format!("adding the target {name}: a few seconds"));
    run(Command::new("rustup").args(["target", "add", name])).with_context(|| {
        format!("rustup could not fetch the target {name}; with a network, repeat this command")
    })
}

/// Makes sure that a component such as clippy is present.
pub fn component(name: &str, program: &str) -> Result<()> {
    // rustup's proxies are always on the PATH, so the program itself is run.
    if ask(program, &["--version"]).is_some() {
        return Ok(());
    }
    if on_path(&["rustup"]).is_none() {
        bail!("{program} is missing, and there is no rustup to fetch it: install {name}");
    }
    let _lock = lock()?;
    if ask(program, &["--version"]).is_some() {
        return Ok(());
    }
    say(&format!("adding {name}: a few seconds"));
    run(Command::new("rustup").args(["component", "add", name]))
}

/// Prevents two runs of rustup at the same time, which would disturb each other.
fn lock() -> Result<Lock> {
    Lock::of(&cached("rustup", "here")?)
}

fn has_core(library: &Path) -> bool {
    library
        .read_dir()
        .is_ok_and(|mut files| files.any(|file| file.is_ok_and(|file| is_core(&file.file_name()))))
}

fn is_core(file_name: &std::ffi::OsStr) -> bool {
    let name = file_name.to_string_lossy();
    name.starts_with("libcore-") && name.ends_with(".rlib")
}
