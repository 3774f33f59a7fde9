//! Servers that others use for locks, for the benchmark: found on the PATH or fetched from Debian.
//!
//! Neither is installed as a service: nobody who measures wants a database to run from then on.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{apt, on_path};

/// Redis's server. Debian's package of its tools holds it too, under the name of another tool: what
/// it does depends on how it is called.
pub fn redis() -> Result<PathBuf> {
    let find = || on_path(&["redis-server", "valkey-server", "redis-check-rdb"]);
    if let Some(program) = find() {
        return Ok(program);
    }
    let missing = "Redis needs `redis-server` on the PATH";
    apt::install(&["redis-tools"], "a few seconds").context(missing)?;
    find().context(missing)
}

/// etcd.
pub fn etcd() -> Result<PathBuf> {
    match on_path(&["etcd"]) {
        Some(program) => Ok(program),
        None => apt::unpacked("etcd-server", "usr/bin/etcd").context("etcd is not on the PATH"),
    }
}

/// Python 3.
pub fn python() -> Result<PathBuf> {
    on_path(&["python3"]).context("there is no `python3` on the PATH")
}
