//! A Debian system that is unpacked, not installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::{apt, kept, on_path};
use crate::command::{run, say};

/// The release, as in the base image that it stands in for.
const RELEASE: &str = "bookworm";

/// The name of the archive in the cache.
const FILES: &str = "files.tar";

/// The files of a small Debian with a C compiler, as an archive in the cache.
pub fn debian_with_compiler() -> Result<PathBuf> {
    let is_whole = |home: &Path| home.join(FILES).is_file();
    Ok(kept("debian-with-gcc", RELEASE, is_whole, fetch)?.join(FILES))
}

fn fetch(into: &Path) -> Result<()> {
    let mirror = apt::mirror()?;
    if on_path(&["mmdebstrap"]).is_none() {
        apt::install(&["mmdebstrap"], "a few seconds")?;
    }
    say("fetching a small Debian with a C compiler: about a minute");
    run(Command::new("mmdebstrap")
        .args(["--quiet", "--variant=essential", "--include=gcc,libc6-dev", RELEASE])
        .arg(into.join(FILES))
        .arg(mirror))
}
