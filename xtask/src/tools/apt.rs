//! Debian's packages, where there is an `apt-get` and the right to use it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{cached, on_path};
use crate::command::{ask, run, say};

/// Installs packages without asking; where that is impossible, the error says what to do.
pub fn install(packages: &[&str], estimate: &str) -> Result<()> {
    let names = packages.join(" ");
    let as_root = means().with_context(|| {
        format!(
            "on Debian, as root: apt-get install {names}; elsewhere, the packages of such names"
        )
    })?;
    say(&format!("installing Debian's {}: {estimate}", packages.join(" and ")));
    run(&mut apt_get(as_root, &["update", "--quiet"]))?;
    let install = ["install", "--yes", "--quiet", "--no-install-recommends"];
    run(apt_get(as_root, &install).args(packages))
}

/// A file of a package that is not installed but only unpacked, into the cache: a program that needs
/// no libraries of other packages. No root is needed, unless the lists of packages are missing.
pub fn unpacked(package: &str, file: &str) -> Result<PathBuf> {
    let home = cached(package, "debian")?;
    if home.join(file).is_file() {
        return Ok(home.join(file));
    }
    on_path(&["apt-get"]).with_context(|| format!("on Debian, it is in the package {package}"))?;
    say(&format!("fetching Debian's {package}: a few seconds"));
    fs::create_dir_all(&home).context("cannot make a folder in the cache")?;
    let download = || run(Command::new("apt-get").args(["download", package]).current_dir(&home));
    download().or_else(|error| match means() {
        Some(as_root) => {
            run(&mut apt_get(as_root, &["update", "--quiet"])).and_then(|()| download())
        }
        None => Err(error),
    })?;
    for archive in fs::read_dir(&home)?.flatten() {
        if archive.path().extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(archive.path()).arg(&home))?;
            fs::remove_file(archive.path())?;
        }
    }
    Ok(home.join(file))
}

/// How to become root for `apt-get`: not at all, or by a `sudo` that does not ask.
fn means() -> Option<&'static [&'static str]> {
    on_path(&["apt-get"])?;
    if ask("id", &["-u"])? == "0" {
        return Some(&[]);
    }
    ask("sudo", &["-n", "true"]).map(|_| ["sudo", "-n"].as_slice())
}

fn apt_get(as_root: &[&str], arguments: &[&str]) -> Command {
    let words: Vec<_> = as_root.iter().chain(&["apt-get"]).chain(arguments).collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
