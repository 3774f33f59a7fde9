//! The tools that the commands need: found on the machine, or fetched.
//!
//! Fetched tools are in one cache for all checkouts: `antes/tools` in the user's cache folder, with
//! one folder per tool and version. Nothing outside of it is changed, except by rustup (compilation
//! targets and components) and by `apt-get` (browsers and Docker). Commands that run at the same
//! time fetch each tool once (see [`kept`]).

mod apt;
mod axe;
mod browser;
mod built;
mod compose;
mod debian;
mod diagrams;
mod engine;
mod esbuild;
mod ffmpeg;
mod firefox;
mod lock_servers;
mod npm;
mod reveal;
mod rust;
mod wasm_opt;
mod webkit;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub use axe::axe;
pub use browser::{Browser, browser};
pub use built::{cargo_deny, trunk, wasm_bindgen};
pub use compose::{Words, any as compose, compose_1, compose_2};
pub use debian::debian_with_compiler;
pub use diagrams::{java, jsdom, mermaid, plantuml};
pub use engine::{Engine, Keep};
pub use esbuild::{esbuild, lzma};
pub use ffmpeg::ffprobe;
pub use firefox::firefox;
pub use lock_servers::{etcd, python, redis};
pub use reveal::reveal;
pub use rust::{component, target};
pub use wasm_opt::wasm_opt;
pub use webkit::{WebKit, webkit};

use crate::command;
use crate::lock::Lock;

/// The compilation target of the page.
pub const PAGE_TARGET: &str = "wasm32-unknown-unknown";

/// A compilation target without an operating system and `std`.
pub const BARE_TARGET: &str = "wasm32v1-none";

/// The folder of a tool in one version. If `is_whole` is false, `make` fetches the tool into a
/// temporary folder, which is renamed when it is complete. If several commands need the tool, one
/// fetches it and the others wait.
///
/// After an interruption, `make` finds its partial result.
fn kept(
    name: &str,
    version: &str,
    is_whole: impl Fn(&Path) -> bool,
    make: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let home = cached(name, version)?;
    if is_whole(&home) {
        return Ok(home);
    }
    let _lock = Lock::of(&home)?;
    // Another command may have fetched it meanwhile.
    if is_whole(&home) {
        return Ok(home);
    }
    let part = cached(name, &format!("{version}.part"))?;
    fs::create_dir_all(&part).context("cannot make a folder in the cache")?;
    make(&part)?;
    ensure!(is_whole(&part), "{name} {version} was fetched, but not all of it is there");
    if home.exists() {
        fs::remove_dir_all(&home).context("cannot remove what is left of an earlier attempt")?;
    }
    fs::rename(&part, &home).context("cannot move it to its place in the cache")?;
    Ok(home)
}

/// The folder of a tool in one version, which may not exist.
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

/// The first program on the PATH with one of these names.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let names = names.iter().map(|name| format!("{name}{}", env::consts::EXE_SUFFIX));
    names
        .flat_map(|name| env::split_paths(&path).map(move |dir| dir.join(&name)))
        .find(|program| program.is_file())
}

/// The version of a dependency in Cargo.lock.
fn locked_version(package: &str) -> Result<Option<String>> {
    let path = command::root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).context("cannot read Cargo.lock")?;
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = "));
    Ok(version.map(|quoted| quoted.trim_matches('"').to_owned()))
}

/// trunk, with everything that it needs in place.
pub fn trunk_command() -> Result<Command> {
    target(PAGE_TARGET)?;
    let trunk = trunk()?;
    let wasm_bindgen = wasm_bindgen()?;
    // trunk runs cargo offline too, so the sources must be fetched before.
    command::run(&mut command::cargo(&["fetch", "--target", PAGE_TARGET]))?;

    let mut command = Command::new(trunk);
    command.current_dir(command::root());
    command.env("PATH", path_with(&wasm_bindgen)?);
    // trunk reads NO_COLOR as a Boolean and rejects the usual value 1.
    if env::var_os("NO_COLOR").is_some() {
        command.env("NO_COLOR", "true");
    }
    Ok(command)
}

/// The PATH with `dir` in front.
fn path_with(dir: &Path) -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(dir.to_owned()).chain(env::split_paths(&path));
    env::join_paths(dirs).context("a folder of the PATH has an impossible name")
}
