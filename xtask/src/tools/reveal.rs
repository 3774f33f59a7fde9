//! reveal.js, the slide decks in which the page can be embedded, from npm.

use std::path::PathBuf;

use anyhow::Result;

use super::npm;

/// The current version of each line of the npm package `reveal.js`, and its script.
const REVEAL: [(&str, &str); 2] = [("5.2.1", "dist/reveal.js"), ("6.0.2", "dist/reveal.js")];

/// The folders of the package, the older version first.
pub fn reveal() -> Result<[PathBuf; 2]> {
    let [five, six] = REVEAL;
    Ok([npm::package("reveal.js", five.0, five.1)?, npm::package("reveal.js", six.0, six.1)?])
}
