//! A Debian that is unpacked and not installed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, cached, on_path};
use crate::command::{run, say};

/// The release; that of the image which it stands in for.
const RELEASE: &str = "bookworm";

/// The files of a small Debian with a C compiler, as an archive in the cache.
pub fn debian_with_compiler() -> Result<PathBuf> {
    let home = cached("debian-with-gcc", RELEASE)?;
    let archive = home.join("files.tar");
    if archive.is_file() {
        return Ok(archive);
    }
    let mirror = apt::mirror()?;
    if on_path(&["mmdebstrap"]).is_none() {
        apt::install(&["mmdebstrap"], "a few seconds")?;
    }
    say("fetching a small Debian with a C compiler: about a minute");
    fs::create_dir_all(&home).context("cannot make a folder in the cache")?;
    let part = home.join("part.tar");
    run(Command::new("mmdebstrap")
        .args(["--quiet", "--variant=essential", "--include=gcc,libc6-dev", RELEASE])
        .arg(&part)
        .arg(mirror))?;
    // Under its own name only once it is whole.
    fs::rename(part, &archive)?;
    Ok(archive)
}
