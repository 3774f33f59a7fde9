//! Docker Compose: the user's, and for the tests versions 1 and 2.

use std::ffi::OsString;

use anyhow::{Context, Result};

use super::{Engine, apt, on_path};
use crate::command::ask;

/// A Compose: a program and its first arguments.
pub type Words = Vec<OsString>;

/// The user's Compose 2, if there is one.
fn second(engine: &Engine) -> Option<Words> {
    let second = |version: &str| !version.trim_start_matches('v').starts_with("1.");
    if engine.ask(&["compose", "version", "--short"]).is_some_and(|version| second(&version)) {
        return Some(vec!["docker".into(), "compose".into()]);
    }
    let program = on_path(&["docker-compose"])?;
    let version = ask(&program, &["version", "--short"])?;
    second(&version).then(|| vec![program.into()])
}

/// The user's Compose 1, if there is one.
fn first() -> Option<Words> {
    let program = on_path(&["docker-compose"])?;
    let version = ask(&program, &["version", "--short"])?;
    version.starts_with("1.").then(|| vec![program.into()])
}

/// Any Compose. Fetched if there is none.
pub fn any(engine: &Engine) -> Result<Words> {
    match second(engine).or_else(first) {
        Some(words) => Ok(words),
        None => fetched(),
    }
}

/// Compose 2, fetched if missing.
pub fn compose_2(engine: &Engine) -> Result<Words> {
    second(engine).map_or_else(fetched, Ok)
}

/// Compose 1.29, installed if missing and in Debian 12.
pub fn compose_1() -> Result<Words> {
    if let Some(words) = first() {
        return Ok(words);
    }
    let missing = "Compose 1.29 is not on the PATH, and not in this system's packages";
    apt::install(&["docker-compose"], "a few seconds").context(missing)?;
    first().context(missing)
}

/// Debian's Compose 2, unpacked into the cache. Debian 12 lacks it, so it comes from the next
/// release. The program has no dependencies.
fn fetched() -> Result<Words> {
    let file = "usr/libexec/docker/cli-plugins/docker-compose";
    let program = apt::unpacked_of("trixie", "docker-compose", file)
        .context("there is no Compose: install Docker's plugin `compose`")?;
    Ok(vec![program.into()])
}
