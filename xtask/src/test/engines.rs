//! Tests the page in the other browser engines: Firefox, and WebKit, the engine of Safari.
//!
//! They run the tests of `e2e`, except for features that their drivers lack. `e2e/engines.toml` has
//! the reason for each excluded test, which is printed with every run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::parts::with_decks;
use crate::command::{cargo, root, run, say, target_dir};
use crate::tools::{self, Browser, WebKit};
use crate::{dist, single};

/// The excluded tests of each engine, with reasons.
const LEFT_OUT: &str = "e2e/engines.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    firefox: BTreeMap<String, String>,
    webkit: BTreeMap<String, String>,
}

fn left_out() -> Result<LeftOut> {
    let text = fs::read_to_string(root().join(LEFT_OUT)).context(LEFT_OUT)?;
    toml::from_str(&text).context(LEFT_OUT)
}

/// Both browsers, found or fetched.
pub struct Engines {
    firefox: Browser,
    webkit: WebKit,
}

/// Finds both browsers with their drivers, and fetches those that are missing.
pub fn found() -> Result<Engines> {
    Ok(Engines { firefox: tools::firefox()?, webkit: tools::webkit()? })
}

/// Smoke test of the page in both engines.
pub fn smoke(engines: &Engines) -> Result<()> {
    let (page, _lock) = dist::in_development()?;
    single::write(&page)?;
    let smoke = ["--test", "smoke", "--test", "single"];
    run(in_firefox(&mut runner(&page), &engines.firefox).args(smoke))?;
    run(in_webkit(&mut runner(&page), &engines.webkit).args(smoke))
}

/// Runs all tests in Firefox.
pub fn firefox() -> Result<()> {
    let browser = tools::firefox()?;
    all(&left_out()?.firefox, |tests| _ = in_firefox(tests, &browser))
}

/// Runs all tests in WebKit.
pub fn webkit() -> Result<()> {
    let webkit = tools::webkit()?;
    all(&left_out()?.webkit, |tests| _ = in_webkit(tests, &webkit))
}

fn in_firefox<'a>(tests: &'a mut Command, browser: &Browser) -> &'a mut Command {
    let tests = tests.env("ANTES_ENGINE", "firefox");
    tests.env("FIREFOX", &browser.program).env("GECKODRIVER", &browser.driver)
}

fn in_webkit<'a>(tests: &'a mut Command, webkit: &WebKit) -> &'a mut Command {
    let tests = tests.env("ANTES_ENGINE", "webkit").env("WEBKIT_DRIVER", &webkit.driver);
    tests.env("XVFB", &webkit.server).env("LOCPATH", &webkit.locales)
}

fn runner(page: &Path) -> Command {
    let mut tests = cargo(&["test", "--no-fail-fast", "-p", "antes-e2e"]);
    tests.env("ANTES_DIST", page);
    tests
}

fn all(left_out: &BTreeMap<String, String>, engine: impl FnOnce(&mut Command)) -> Result<()> {
    let (axe, reveal) = (tools::axe()?, tools::reveal()?);
    let (page, _lock) = dist::in_development()?;
    single::write(&page)?;
    run(&mut cargo(&["build", "-p", "antes-node"]))?;
    let mut tests = runner(&page);
    engine(&mut tests);
    tests.env("ANTES_AXE", axe).env("ANTES_COMMAND", target_dir().join("debug/antes"));
    with_decks(&mut tests, &reveal);
    let known = known()?.len();
    say(&format!(
        "{} of {known} tests run, {} are left out",
        known - left_out.len(),
        left_out.len()
    ));
    tests.args(["--", "--exact"]);
    for (name, reason) in left_out {
        say(&format!("left out: {name}: {reason}"));
        tests.args(["--skip", name]);
    }
    run(&mut tests)
}

/// The names of all tests of `e2e`.
fn known() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in fs::read_dir(root().join("e2e/tests")).context("e2e/tests")? {
        let path = file?.path();
        if path.is_file() {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let tests = text.split("#[test]\nfn ").skip(1);
            names.extend(tests.filter_map(|test| Some(test.split_once("()")?.0.to_owned())));
        }
    }
    Ok(names)
}

/// How many tests each engine runs, and which ones it leaves out, with the reasons.
pub fn table() -> Result<String> {
    let (LeftOut { firefox, webkit }, known) = (left_out()?, known()?.len());
    let mut table = format!("end-to-end tests: {known}, all in Chromium\n");
    for (engine, left_out) in [("Firefox", &firefox), ("WebKit", &webkit)] {
        table += &format!("{engine}: {} run\n", known - left_out.len());
        for (name, reason) in left_out {
            table += &format!("  without {name}: {reason}\n");
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_test_that_is_left_out_exists_and_has_a_reason() {
        let known = known().unwrap();
        let LeftOut { firefox, webkit } = left_out().unwrap();
        for (name, reason) in firefox.iter().chain(&webkit) {
            let found = known.iter().filter(|known| *known == name).count();
            assert_eq!(found, 1, "tests of the name {name}");
            assert!(reason.contains(' '), "{name}: {reason:?} is no reason");
        }
    }
}
