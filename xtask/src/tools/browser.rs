//! Chromium and its driver: the user's, or Debian's.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, on_path};

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
    apt::install(&["chromium", "chromium-driver"], "about a minute").context(missing)?;
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
