//! WebKit's driver, an X server for the window of its browser, and the languages that it may speak.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, kept, on_path};
use crate::command::{run, say};

/// What the tests need of WebKit.
pub struct WebKit {
    /// The driver of the port to GTK. It knows where its browser is.
    pub driver: PathBuf,
    /// An X server without a screen.
    pub server: PathBuf,
    /// The folder of the locales: the browser speaks the language of its environment.
    pub locales: PathBuf,
}

/// The languages in which visitors of the tests read.
const LANGUAGES: [&str; 2] = ["en_US", "pt_BR"];

/// Finds WebKit's driver and Xvfb, or installs them where `apt-get` can.
pub fn webkit() -> Result<WebKit> {
    let find = || Some((on_path(&["WebKitWebDriver"])?, on_path(&["Xvfb"])?));
    let has_locales = || on_path(&["localedef"]).is_some() && Path::new(SOURCES).is_dir();
    let missing = "the tests need WebKitWebDriver (of WebKitGTK), Xvfb and localedef on the PATH";
    if find().is_none() || !has_locales() {
        let packages = ["webkit2gtk-driver", "xvfb", "locales"];
        apt::install(&packages, "about half a minute").context(missing)?;
    }
    let (driver, server) = find().context(missing)?;
    let is_whole =
        |home: &Path| LANGUAGES.iter().all(|name| home.join(format!("{name}.UTF-8")).is_dir());
    let locales = kept("locales", "utf-8", is_whole, compile)?;
    Ok(WebKit { driver, server, locales })
}

/// Where the C library has what locales are made of.
const SOURCES: &str = "/usr/share/i18n/locales";

fn compile(into: &Path) -> Result<()> {
    say("making the locales of the languages: a few seconds");
    for name in LANGUAGES {
        run(Command::new("localedef")
            .args(["--inputfile", name, "--charmap", "UTF-8"])
            .arg(into.join(format!("{name}.UTF-8"))))?;
    }
    Ok(())
}
