//! The lock services for the benchmark: found on the PATH or fetched from Debian.
//!
//! None of them is installed as a service, so that none keeps running after a measurement.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, on_path};

/// The Redis server. Debian's package of tools contains it under the name of another tool; its
/// behaviour depends on the name it is called by.
pub fn redis() -> Result<PathBuf> {
    let find = || on_path(&["redis-server", "valkey-server", "redis-check-rdb"]);
    if let Some(program) = find() {
        return Ok(program);
    }
    let missing = "Redis needs `redis-server` on the PATH";
    apt::install(&["redis-tools"], "a few seconds").context(missing)?;
    find().context(missing)
}

pub fn etcd() -> Result<PathBuf> {
    match on_path(&["etcd"]) {
        Some(program) => Ok(program),
        None => apt::unpacked("etcd-server", "usr/bin/etcd").context("etcd is not on the PATH"),
    }
}

pub fn python() -> Result<PathBuf> {
    on_path(&["python3"]).context("there is no `python3` on the PATH")
}
