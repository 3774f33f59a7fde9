//! Chromium and chromedriver, the user's or Debian's.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, on_path};

/// A browser with its driver.
pub struct Browser {
    pub program: PathBuf,
    /// The driver, of the same version.
    pub driver: PathBuf,
}

/// Finds Chromium and chromedriver, or installs them with `apt-get`.
///
/// The environment variables `CHROMIUM` and `CHROMEDRIVER` come before the PATH.
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
