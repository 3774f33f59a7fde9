//! The parts of the tests. A tool that is missing and cannot be fetched is an error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{ask, cargo, root, run, target_dir};
use crate::storms::{SEEDS, SEEDS_OF_SHAPES, bases, shapes};
use crate::tools::{self, BARE_TARGET, Browser, PAGE_TARGET};
use crate::{dist, single, size};

pub fn fmt() -> Result<()> {
    tools::component("rustfmt", "rustfmt")?;
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

/// Clippy, natively and for WebAssembly.
pub fn clippy() -> Result<()> {
    tools::component("clippy", "cargo-clippy")?;
    tools::target(PAGE_TARGET)?;
    run(cargo(&["clippy", "--workspace", "--all-targets", "--all-features"])
        .args(["--", "-D", "warnings"]))?;
    // All targets are all that `cargo test` would run.
    run(cargo(&["clippy", "-p", "xtask", "--test", "containers"]).args(["--", "-D", "warnings"]))?;
    run(cargo(&["clippy", "--all-targets", "--target", PAGE_TARGET])
        .args(["-p", "antes-core", "-p", "antes-sim", "-p", "antes-picture", "-p", "antes-web"])
        .args(["--", "-D", "warnings"]))
}

/// Packages that are tested by other parts than `native`.
const PARTS_OF_THEIR_OWN: [&str; 2] = ["antes-check", "antes-e2e"];

/// Checks the dependencies' licenses and sources, and that none is banned. Known vulnerabilities
/// are not looked up, since a new one must not fail a test of the same sources.
pub fn deny() -> Result<()> {
    let program = tools::cargo_deny()?;
    run(Command::new(program)
        .args(["--all-features", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"])
        .current_dir(root()))
}

/// All tests without a browser, with nextest if it is installed.
pub fn native() -> Result<()> {
    let mut everywhere = vec!["--workspace", "--features", "antes-bench/cluster"];
    everywhere.extend(PARTS_OF_THEIR_OWN.iter().flat_map(|package| ["--exclude", package]));
    if ask("cargo-nextest", &["nextest", "--version"]).is_none() {
        return run(cargo(&["test", "--no-fail-fast"]).args(&everywhere));
    }
    run(cargo(&["nextest", "run", "--no-fail-fast", "--no-tests", "pass"]).args(&everywhere))?;
    run(cargo(&["test", "--doc"]).args(&everywhere))
}

/// Storms over the hardened profile.
pub fn sweep() -> Result<()> {
    let out = target_dir().join("failing-storm.toml");
    let clusters = bases()?.into_iter().map(|base| (base, SEEDS));
    let shapes = shapes()?.into_iter().map(|base| (base, SEEDS_OF_SHAPES));
    for (base, seeds) in clusters.chain(shapes) {
        let seeds = format!("1..{seeds}");
        run(cargo(&["run", "--quiet", "--release", "-p", "antes-node", "--", "sweep"])
            .arg(base)
            .args(["--seeds", &seeds, "--out"])
            .arg(&out))?;
    }
    Ok(())
}

/// The exhaustive checks, in a release build, since they visit millions of states.
pub fn check() -> Result<()> {
    run(&mut cargo(&["test", "--release", "--package", "antes-check"]))
}

pub fn docs() -> Result<()> {
    run(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Builds the packages that must not need `std` for a target without it.
pub fn no_std() -> Result<()> {
    tools::target(BARE_TARGET)?;
    // Also without their features, which is how the page uses the simulator.
    for package in ["antes-core", "antes-sim"] {
        for features in [&[][..], &["--no-default-features"]] {
            run(cargo(&["build", "--target", BARE_TARGET, "-p", package]).args(features))?;
        }
    }
    Ok(())
}

/// Unit tests in a browser.
pub fn browser() -> Result<()> {
    tools::target(PAGE_TARGET)?;
    let browser = tools::browser()?;
    let runner = tools::wasm_bindgen()?.join("wasm-bindgen-test-runner");
    let settings = target_dir().join("webdriver.json");
    fs::create_dir_all(target_dir())?;
    fs::write(&settings, capabilities(&browser)).context("cannot write webdriver.json")?;
    run(cargo(&["test", "--no-fail-fast", "--tests", "--target", PAGE_TARGET])
        .args(["-p", "antes-sim", "-p", "antes-web"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", &browser.driver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings)
        .env("WASM_BINDGEN_USE_BROWSER", "1"))
}

/// The capabilities that wasm-bindgen's test runner requests from chromedriver, the same as in e2e.
fn capabilities(browser: &Browser) -> String {
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ];
    format!(
        r#"{{ "goog:chromeOptions": {{ "binary": {:?}, "args": {flags:?} }} }}"#,
        browser.program
    )
}

/// Tests the development build of the page in a browser, and the events of a node in a browser.
pub fn e2e() -> Result<()> {
    // The browser is found first, since the build takes long.
    let browser = tools::browser()?;
    let axe = tools::axe()?;
    let reveal = tools::reveal()?;
    let (page, _lock) = dist::in_development()?;
    single::write(&page)?;
    run(&mut cargo(&["build", "-p", "antes-node"]))?;
    let command = target_dir().join("debug/antes");
    let mut test = cargo(&["test", "--no-fail-fast"]);
    test.env("ANTES_AXE", axe).env("ANTES_COMMAND", command);
    drive(with_decks(&mut test, &reveal), &page, &browser)
}

/// Reads films of the page with ffprobe.
pub fn films() -> Result<()> {
    let (browser, ffprobe) = (tools::browser()?, tools::ffprobe()?);
    let (page, _lock) = dist::in_development()?;
    let mut test = cargo(&["test", "--no-fail-fast", "--features", "tools", "--test", "films"]);
    drive(test.env("ANTES_FFPROBE", ffprobe), &page, &browser)
}

/// Tests the size of the published page, and that it starts.
pub fn dist() -> Result<()> {
    let browser = tools::browser()?;
    let page = target_dir().join("published-dist");
    dist::publish(&page)?;
    size::check(&page)?;
    single::check(&single::write(&page)?)?;
    drive(
        &mut cargo(&["test", "--test", "smoke", "--test", "single", "--test", "first_picture"]),
        &page,
        &browser,
    )
}

/// Passes the folders of reveal.js, the older version first.
pub fn with_decks<'a>(test: &'a mut Command, reveal: &[PathBuf; 2]) -> &'a mut Command {
    test.env("ANTES_REVEAL_5", &reveal[0]).env("ANTES_REVEAL_6", &reveal[1])
}

fn drive(test: &mut Command, page: &Path, browser: &Browser) -> Result<()> {
    run(test
        .args(["-p", "antes-e2e"])
        .env("ANTES_DIST", page)
        .env("CHROMIUM", &browser.program)
        .env("CHROMEDRIVER", &browser.driver))
}
