//! Tools that cargo builds from source: trunk, wasm-bindgen, geckodriver and cargo-deny.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};

use super::{kept, locked_version, on_path};
use crate::command::{ask, cargo, run, say, spoken};

/// The newest trunk that the oldest supported Rust compiles.
const TRUNK_VERSION: &str = "0.21.14";

/// The driver of Firefox. It works with older versions too.
const GECKODRIVER_VERSION: &str = "0.37.1";

/// The tool that checks the dependencies' licenses and sources.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// How cargo builds a tool.
struct Recipe<'a> {
    package: &'a str,
    version: &'a str,
    /// The programs that the tool consists of.
    programs: &'a [&'a str],
    /// How long the build takes, for the user.
    estimate: &'a str,
    arguments: &'a [&'a str],
    /// Settings of Cargo's profile: less optimization, since building takes longer than running.
    profile: &'a [(&'a str, &'a str)],
}

/// The user's trunk if it can read our Trunk.toml, otherwise our own.
pub fn trunk() -> Result<PathBuf> {
    let users = on_path(&["trunk"])
        .filter(|program| version_of(program).is_some_and(|version| version.starts_with("0.21.")));
    if let Some(program) = users {
        return Ok(program);
    }
    let dir = built(&Recipe {
        package: "trunk",
        version: TRUNK_VERSION,
        programs: &["trunk"],
        estimate: "about 4 minutes on two cores",
        arguments: &["--debug"],
        profile: &[("CARGO_PROFILE_DEV_DEBUG", "0")],
    })?;
    Ok(dir.join(program_name("trunk")))
}

/// The folder of wasm-bindgen and its test runner, in exactly the version of Cargo.lock: the crate
/// and the command must match.
pub fn wasm_bindgen() -> Result<PathBuf> {
    let version = locked_version("wasm-bindgen")?
        .context("Cargo.lock names no wasm-bindgen: the page's package depends on it")?;
    let programs = ["wasm-bindgen", "wasm-bindgen-test-runner"];
    let users = on_path(&["wasm-bindgen"]).and_then(|program| Some(program.parent()?.to_owned()));
    if let Some(dir) = users.filter(|dir| has_all(dir, &programs, &version)) {
        return Ok(dir);
    }
    built(&Recipe {
        package: "wasm-bindgen-cli",
        version: &version,
        programs: &programs,
        estimate: "about 2 minutes on two cores",
        // TLS is only needed for drivers on other machines.
        arguments: &["--no-default-features"],
        profile: &[("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")],
    })
}

/// The driver of Firefox: the user's, or one built from source.
pub fn geckodriver() -> Result<PathBuf> {
    if let Some(program) = on_path(&["geckodriver"]) {
        return Ok(program);
    }
    let dir = built(&Recipe {
        package: "geckodriver",
        version: GECKODRIVER_VERSION,
        programs: &["geckodriver"],
        estimate: "about a minute on two cores",
        arguments: &["--debug"],
        profile: &[("CARGO_PROFILE_DEV_DEBUG", "0")],
    })?;
    Ok(dir.join(program_name("geckodriver")))
}

/// cargo-deny: the user's, or one built from source.
pub fn cargo_deny() -> Result<PathBuf> {
    if let Some(program) = on_path(&["cargo-deny"]) {
        return Ok(program);
    }
    let dir = built(&Recipe {
        package: "cargo-deny",
        version: CARGO_DENY_VERSION,
        programs: &["cargo-deny"],
        estimate: "about a minute on two cores",
        // Without support for lists of vulnerabilities, which are not checked here.
        arguments: &["--debug", "--no-default-features"],
        profile: &[("CARGO_PROFILE_DEV_DEBUG", "0")],
    })?;
    Ok(dir.join(program_name("cargo-deny")))
}

/// The folder with the programs, which are built if missing.
fn built(recipe: &Recipe<'_>) -> Result<PathBuf> {
    let Recipe { package, version, .. } = *recipe;
    let is_whole = |home: &Path| has_all(&home.join("bin"), recipe.programs, version);
    Ok(kept(package, version, is_whole, |part| build(recipe, part))?.join("bin"))
}

fn build(recipe: &Recipe<'_>, home: &Path) -> Result<()> {
    let Recipe { package, version, .. } = recipe;
    say(&format!("building {package} {version}: {}", recipe.estimate));
    say("this happens once; if interrupted, it goes on where it was");
    let start = Instant::now();
    install(recipe, home).with_context(|| {
        format!("could not build {package} {version}; with it on the PATH, that is not needed")
    })?;
    // The build folder is needed only after an interruption. It is large, so it is removed; a
    // leftover does no harm.
    let _ = fs::remove_dir_all(home.join("build"));
    say(&format!("{package} {version} is ready after {}", spoken(start.elapsed())));
    Ok(())
}

fn install(recipe: &Recipe<'_>, home: &Path) -> Result<()> {
    let attempt = |locked: bool| {
        let mut command = cargo(&["install", recipe.package, "--version", recipe.version]);
        command.args(locked.then_some("--locked"));
        command.args(recipe.arguments).arg("--force");
        command.arg("--root").arg(home);
        // cargo would use the flags and targets of this repository in its folder; the tools must
        // not get them.
        command.current_dir(env::temp_dir());
        command.env("CARGO_TARGET_DIR", home.join("build"));
        for (key, value) in recipe.profile {
            command.env(key, value);
        }
        run(&mut command)
    };
    attempt(true).or_else(|_| {
        say("its lock file may name a version that the registry lacks: again without it");
        attempt(false)
    })
}

fn has_all(dir: &Path, programs: &[&str], version: &str) -> bool {
    programs.iter().all(|program| {
        version_of(&dir.join(program_name(program))).is_some_and(|found| found == version)
    })
}

/// The second word of the output of `--version`, as in "trunk 0.21.14".
fn version_of(program: &Path) -> Option<String> {
    let answer = ask(program, &["--version"])?;
    answer.split_whitespace().nth(1).map(str::to_owned)
}

fn program_name(name: &str) -> String {
    format!("{name}{}", env::consts::EXE_SUFFIX)
}
