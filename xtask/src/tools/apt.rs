//! Debian's packages, where there is an `apt-get` and the right to use it.

use std::process::Command;

use anyhow::{Context, Result};

use super::on_path;
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
