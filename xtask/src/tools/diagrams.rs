//! Tools that read the diagrams of `antes run`: Mermaid from npm, PlantUML from Debian.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, npm, on_path};

/// The version of the npm package `mermaid`.
const MERMAID_VERSION: &str = "11.17.2";
/// The version of the npm package `jsdom`.
const JSDOM_VERSION: &str = "26.1.0";

/// The folder of the package `mermaid`.
pub fn mermaid() -> Result<PathBuf> {
    npm::package("mermaid", MERMAID_VERSION, "dist/mermaid.core.mjs")
}

/// The folder of the package `jsdom`.
pub fn jsdom() -> Result<PathBuf> {
    npm::package("jsdom", JSDOM_VERSION, "package.json")
}

/// PlantUML as a program for Java.
pub fn plantuml() -> Result<PathBuf> {
    apt::unpacked("plantuml", "usr/share/plantuml/plantuml.jar")
}

/// The program `java`. Debian's is installed if there is none.
pub fn java() -> Result<PathBuf> {
    if on_path(&["java"]).is_none() {
        apt::install(&["default-jre-headless"], "about a minute")?;
    }
    on_path(&["java"]).context("java is needed on the PATH to run PlantUML")
}
