//! Measures the published page in headless Chromium.

use std::fs;

use anyhow::Result;

use crate::command::{cargo, run, target_dir};
use crate::{dist, size, tools};

/// Builds the page for publication, compresses its files as a host would, and measures it in a
/// browser.
pub fn measure() -> Result<()> {
    let browser = tools::browser()?;
    let page = target_dir().join("bench-measured");
    dist::publish(&page)?;
    for file in dist::files(&page)? {
        // The library's scenarios are replaced by the measured ones.
        if file.extension().is_some_and(|end| end != "bin") {
            let mut compressed = file.clone().into_os_string();
            compressed.push(".gz");
            fs::write(compressed, size::gzip(&fs::read(&file)?)?)?;
        }
    }
    run(cargo(&["run", "--quiet", "-p", "antes-e2e", "--bin", "measure-page"])
        .env("ANTES_DIST", page)
        .env("CHROMIUM", &browser.program)
        .env("CHROMEDRIVER", &browser.driver))
}
