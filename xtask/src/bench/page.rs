//! Measures the published page in headless Chromium.

use std::fs;

use anyhow::Result;

use crate::command::{cargo, files_below, run, target_dir};
use crate::{dist, tools};

/// Builds the page for publication and measures it in a browser, from a server that sends the compressed
/// files.
pub fn measure() -> Result<()> {
    let browser = tools::browser()?;
    let page = target_dir().join("bench-measured");
    dist::publish(&page)?;
    for file in files_below(&page)? {
        // The library's scenarios are replaced by the measured ones, so their compressed forms go.
        let name = file.to_string_lossy();
        if name.ends_with(".bin.gz") || name.ends_with(".bin.br") {
            fs::remove_file(&file)?;
        }
    }
    run(cargo(&["run", "--quiet", "-p", "antes-e2e", "--bin", "measure-page"])
        .env("ANTES_DIST", page)
        .env("CHROMIUM", &browser.program)
        .env("CHROMEDRIVER", &browser.driver))
}
