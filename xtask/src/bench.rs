//! `cargo xtask bench`: speed natively and in WebAssembly, and the size of the page's files.
//!
//! What the package `antes-bench` has to offer, its measurements being its own affair:
//! - the binary `antes-bench`, which takes the names of the measurements wanted (none: all) and
//!   prints its results as tables;
//! - `antes-bench --compare NATIVE BROWSER`, which reads two files of such tables;
//! - the same binary, built for wasm32, which exports by `#[wasm_bindgen]` a function
//!   `bench(names: Vec<String>) -> String` that gives back what should be printed.
//!   Its `main` then does nothing. It runs in a worker: `performance` is there, `window` is not.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::command::{cargo, run as run_command, run_and_keep, say, target_dir};
use crate::tools::{self, PAGE_TARGET};
use crate::{dist, size};

/// The measurement that is made here and not in the bench crate.
const SIZE: &str = "size";

/// What may be asked of `bench`.
#[derive(Args)]
pub struct Options {
    /// The measurements wanted; `size` is that of the page's files [default: all]
    names: Vec<String>,
    /// Leave out the measurements in the browser
    #[arg(long)]
    native: bool,
}

/// Measures and prints.
pub fn run(options: &Options) -> Result<()> {
    let speeds: Vec<_> = options.names.iter().filter(|name| *name != SIZE).collect();
    if options.names.is_empty() || !speeds.is_empty() {
        measure_speed(&speeds, options.native)?;
    }
    if options.names.is_empty() || speeds.len() < options.names.len() {
        // Not `dist`: somebody may be serving from there.
        let page = target_dir().join("bench-dist");
        dist::publish(&page)?;
        size::report(&page)?;
    }
    Ok(())
}

fn measure_speed(names: &[&String], only_native: bool) -> Result<()> {
    let bench = || cargo(&["run", "--quiet", "--release", "-p", "antes-bench", "--"]);
    say("natively");
    let native = run_and_keep(bench().args(names))?;
    if only_native {
        return Ok(());
    }
    say("in WebAssembly, in headless Chromium");
    let browser = in_browser(names)?;

    let files = [target_dir().join("bench-native.md"), target_dir().join("bench-browser.md")];
    fs::write(&files[0], native).context("cannot keep the native results")?;
    fs::write(&files[1], browser).context("cannot keep the browser's results")?;
    run_command(bench().arg("--compare").args(&files))
}

/// Builds the page of the benchmark, opens it, and gives what it printed.
fn in_browser(names: &[&String]) -> Result<String> {
    tools::target(PAGE_TARGET)?;
    let browser = tools::browser()?;
    let wasm_bindgen = tools::wasm_bindgen()?.join("wasm-bindgen");
    run_command(&mut cargo(&["build", "--release", "-p", "antes-bench", "--target", PAGE_TARGET]))?;

    let page = target_dir().join("bench-page");
    fs::create_dir_all(&page).context("cannot make the folder of the benchmark's page")?;
    let program = target_dir().join(PAGE_TARGET).join("release/antes-bench.wasm");
    run_command(
        Command::new(wasm_bindgen)
            .args(["--target", "web", "--no-typescript", "--out-name", "bench", "--out-dir"])
            .args([&page, &program]),
    )?;
    fs::write(page.join("index.html"), PAGE)?;
    fs::write(page.join("page.js"), PAGE_SCRIPT)?;
    fs::write(page.join("worker.js"), WORKER_SCRIPT)?;

    let mut show = cargo(&["run", "--quiet", "-p", "antes-e2e", "--bin", "print-page", "--"]);
    show.arg(&page).args(names);
    run_and_keep(show.env("CHROMIUM", browser.program).env("CHROMEDRIVER", browser.driver))
}

/// `print-page` waits for `html[data-done]` and prints `#output`.
const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Antes: benchmark</title>
<link rel="icon" href="data:,">
<script type="module" src="page.js"></script>
<pre id="output"></pre>
</html>
"#;

const PAGE_SCRIPT: &str = r#"
const worker = new Worker("worker.js", { type: "module" });
const finish = (text, done) => {
  document.getElementById("output").textContent = text;
  document.documentElement.dataset.done = done;
};
worker.onmessage = ({ data: { text, done } }) => finish(text, done);
worker.onerror = (event) => finish(event.message ?? "the worker did not start", "failed");
worker.postMessage(new URLSearchParams(location.search).getAll("name"));
"#;

const WORKER_SCRIPT: &str = r#"
import init, { bench } from "./bench.js";
onmessage = async (event) => {
  try {
    await init();
    postMessage({ text: bench(event.data), done: "ok" });
  } catch (error) {
    postMessage({ text: String(error), done: "failed" });
  }
};
"#;
