//! The tools the commands need: found where the user has them, fetched where not.
//!
//! What is fetched goes into one cache for all checkouts, `antes/tools` in the user's cache
//! folder, one folder for each tool and version. Nothing outside of it is touched, except by
//! rustup (compilation targets and components) and, for the browser and Docker, by `apt-get`.

mod apt;
mod axe;
mod browser;
mod built;
mod compose;
mod debian;
mod engine;
mod esbuild;
mod lock_servers;
mod npm;
mod rust;
mod wasm_opt;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

pub use axe::axe;
pub use browser::{Browser, browser};
pub use built::{trunk, wasm_bindgen};
pub use compose::{Words, any as compose, compose_1, compose_2};
pub use debian::debian_with_compiler;
pub use engine::{Engine, Keep};
pub use esbuild::esbuild;
pub use lock_servers::{etcd, python, redis};
pub use rust::{component, target};
pub use wasm_opt::wasm_opt;

use crate::command;

/// The target of the page.
pub const PAGE_TARGET: &str = "wasm32-unknown-unknown";

/// A target without an operating system and without `std`.
pub const BARE_TARGET: &str = "wasm32v1-none";

/// The folder of one tool in one version.
fn cached(name: &str, version: &str) -> Result<PathBuf> {
    Ok(cache()?.join(format!("{name}-{version}")))
}

fn cache() -> Result<PathBuf> {
    let user = match env::var_os("XDG_CACHE_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        Some(dir) => PathBuf::from(dir),
        None => env::home_dir()
            .context("no home folder to keep tools in: set XDG_CACHE_HOME")?
            .join(".cache"),
    };
    Ok(user.join("antes").join("tools"))
}

/// The first program of one of these names on the PATH.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let names = names.iter().map(|name| format!("{name}{}", env::consts::EXE_SUFFIX));
    names
        .flat_map(|name| env::split_paths(&path).map(move |dir| dir.join(&name)))
        .find(|program| program.is_file())
}

/// The version of the whole workspace's dependency, as pinned in Cargo.lock.
fn locked_version(package: &str) -> Result<Option<String>> {
    let path = command::root().join("Cargo.lock");
    let lock = std::fs::read_to_string(&path).context("cannot read Cargo.lock")?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = "));
    Ok(version.map(|quoted| quoted.trim_matches('"').to_owned()))
}

/// trunk, with everything it will look for in place.
pub fn trunk_command() -> Result<Command> {
    target(PAGE_TARGET)?;
    let trunk = trunk()?;
    let wasm_bindgen = wasm_bindgen()?;
    // trunk runs cargo offline as well, so the sources have to be there before.
    command::run(&mut command::cargo(&["fetch", "--target", PAGE_TARGET]))?;

    let mut command = Command::new(trunk);
    command.current_dir(command::root());
    command.env("PATH", path_with(&wasm_bindgen)?);
    // trunk reads this as a Boolean and refuses the customary 1.
    if env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}

/// The PATH with one more folder in front.
fn path_with(dir: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(dir.to_owned()).chain(env::split_paths(&path));
    env::join_paths(dirs).context("a folder of the PATH has an impossible name")
}
