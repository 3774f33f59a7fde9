//! npm packages in the cache. npm itself comes from Debian if missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, kept, on_path};
use crate::command::{run, say};

/// The folder of a package in one version. Fetched if `file` is missing in it.
pub fn package(name: &str, version: &str, file: &str) -> Result<PathBuf> {
    let folder = Path::new("node_modules").join(name);
    let is_whole = |home: &Path| home.join(&folder).join(file).is_file();
    Ok(kept(name, version, is_whole, |part| fetch(name, version, part))?.join(&folder))
}

fn fetch(name: &str, version: &str, into: &Path) -> Result<()> {
    if on_path(&["npm"]).is_none() {
        apt::install(&["npm"], "about a minute")
            .with_context(|| format!("npm is needed to fetch {name}"))?;
    }
    say(&format!("fetching {name} {version} from npm: a few seconds"));
    run(Command::new("npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
        .arg(into)
        .arg(format!("{name}@{version}")))
    .with_context(|| format!("npm could not fetch {name}; repeat with a network"))
}
