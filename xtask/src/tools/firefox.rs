//! Firefox and its driver: the user's; or Debian's, and the driver built.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Browser, apt, built, on_path};

/// Finds Firefox and geckodriver, or installs the one where `apt-get` can and builds the other.
///
/// `FIREFOX` and `GECKODRIVER` in the environment go before anything on the PATH.
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
