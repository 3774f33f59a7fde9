//! WebKit's driver, an X server for its browser, and the locales that the browser uses.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, kept, on_path};
use crate::command::{run, say};

pub struct WebKit {
    /// The driver of the GTK port. It knows the path of its browser.
    pub driver: PathBuf,
    pub server: PathBuf,
    /// The folder of the locales. The browser uses the language of its environment.
    pub locales: PathBuf,
}

/// The languages of the visitors in the tests.
const LANGUAGES: [&str; 2] = ["en_US", "pt_BR"];

/// Finds WebKit's driver and Xvfb, or installs them with `apt-get`.
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

/// The folder with the sources of the C library's locales.
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
