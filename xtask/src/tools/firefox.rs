//! Firefox and geckodriver: the user's, or Debian's Firefox and a driver built from source.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Browser, apt, built, on_path};

/// Finds Firefox and geckodriver. Otherwise installs Firefox with `apt-get` and builds the driver.
///
/// The environment variables `FIREFOX` and `GECKODRIVER` come before the PATH.
pub fn firefox() -> Result<Browser> {
    let find = || {
        let named = env::var_os("FIREFOX").map(PathBuf::from);
        named.or_else(|| on_path(&["firefox", "firefox-esr"]))
    };
    let program = match find() {
        Some(program) => program,
        None => {
            let missing = "the tests need Firefox on the PATH, or its place in FIREFOX";
            apt::install(&["firefox-esr"], "about half a minute").context(missing)?;
            find().context(missing)?
        }
    };
    let driver = match env::var_os("GECKODRIVER") {
        Some(driver) => driver.into(),
        None => built::geckodriver()?,
    };
    Ok(Browser { program, driver })
}
