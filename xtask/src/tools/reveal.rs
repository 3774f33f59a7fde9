//! reveal.js, the decks of slides that the page is embedded in: npm's.

use std::path::PathBuf;

use anyhow::Result;

use super::npm;

/// The versions of npm's package `reveal.js`: the current one of each line, and the script in it.
const REVEAL: [(&str, &str); 2] = [("5.2.1", "dist/reveal.js"), ("6.0.2", "dist/reveal.js")];

/// The folders of the package, the older line first.
pub fn reveal() -> Result<[PathBuf; 2]> {
    let [five, six] = REVEAL;
    Ok([npm::package("reveal.js", five.0, five.1)?, npm::package("reveal.js", six.0, six.1)?])
}
