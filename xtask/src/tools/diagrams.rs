//! The tools that read the diagrams which `antes run` writes: Mermaid of npm, PlantUML of Debian.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, npm, on_path};

/// The version of npm's package `mermaid`.
const MERMAID_VERSION: &str = "11.17.2";
/// The version of npm's package `jsdom`.
const JSDOM_VERSION: &str = "26.1.0";

/// The folder of Mermaid's package.
pub fn mermaid() -> Result<PathBuf> {
    npm::package("mermaid", MERMAID_VERSION, "dist/mermaid.core.mjs")
}

/// The folder of jsdom's package.
pub fn jsdom() -> Result<PathBuf> {
    npm::package("jsdom", JSDOM_VERSION, "package.json")
}

/// PlantUML's program, for Java.
pub fn plantuml() -> Result<PathBuf> {
    apt::unpacked("plantuml", "usr/share/plantuml/plantuml.jar")
}

/// Java, installed where it is missing.
pub fn java() -> Result<PathBuf> {
    if on_path(&["java"]).is_none() {
        apt::install(&["default-jre-headless"], "about a minute")?;
    }
    on_path(&["java"]).context("java is needed on the PATH to run PlantUML")
}
