//! Chromium and its driver: the user's, or Debian's.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::on_path;
use crate::command::{ask, run, say};

/// A browser that can be driven.
pub struct Browser {
    /// The browser itself.
    pub program: PathBuf,
    /// What drives it, of the same version.
    pub driver: PathBuf,
}

/// Finds Chromium and chromedriver, or installs them where `apt-get` can.
///
/// `CHROMIUM` and `CHROMEDRIVER` in the environment go before anything on the PATH.
pub fn browser() -> Result<Browser> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let missing = "the tests need Chromium and its driver (chromedriver) on the PATH, or their \
                   places in CHROMIUM and CHROMEDRIVER";
    let Some(as_root) = apt() else {
        bail!(
            "{missing}: on Debian, as root, `apt-get install chromium chromium-driver`; \
             elsewhere, the system's packages of these names"
        );
    };
    say("installing Debian's chromium and chromium-driver: about a minute");
    let packages = ["--no-install-recommends", "chromium", "chromium-driver"];
    run(apt_get(as_root, &["update"]).arg("--quiet"))
        .and_then(|()| run(apt_get(as_root, &["install", "--yes"]).args(packages)))
        .context(missing)?;
    find().context(missing)
}

fn find() -> Option<Browser> {
    let named = |variable: &str| env::var_os(variable).map(PathBuf::from);
    let program = named("CHROMIUM").or_else(|| {
        on_path(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
    })?;
    let driver = named("CHROMEDRIVER").or_else(|| on_path(&["chromedriver"]))?;
    Some(Browser { program, driver })
}

/// How to become root for `apt-get`: not at all, or by a `sudo` that does not ask.
fn apt() -> Option<&'static [&'static str]> {
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
