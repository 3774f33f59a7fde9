//! ffprobe, which reads films: from the PATH, or Debian's ffmpeg.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, on_path};

/// The program `ffprobe`. Debian's is installed if there is none.
pub fn ffprobe() -> Result<PathBuf> {
    if on_path(&["ffprobe"]).is_none() {
        apt::install(&["ffmpeg"], "about half a minute")?;
    }
    on_path(&["ffprobe"]).context("ffprobe is needed on the PATH to read films")
}
