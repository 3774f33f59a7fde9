//! Measures the simulator, natively and in WebAssembly in headless Chromium.
//!
//! The package `antes-bench` does the measuring and offers:
//! - the binary `antes-bench`, which measures and prints its results as tables;
//! - `antes-bench --compare FIRST SECOND`, which reads two files of such tables;
//! - the same binary for wasm32, whose `main` does nothing and which exports through
//!   `#[wasm_bindgen]` the function `bench(names: Vec<String>) -> String`, which returns the text
//!   to print. It runs in a worker, where `performance` exists and `window` does not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command::{cargo, run, run_and_keep, say, target_dir};
use crate::dist;
use crate::tools::{self, PAGE_TARGET};

/// A way to build the simulator for WebAssembly.
struct Build {
    /// The heading of the build's table of results.
    title: &'static str,
    profile: &'static str,
    /// The passes that wasm-opt runs, in this order.
    passes: &'static [&'static str],
}

/// Once for speed, like the native build, and once like the published page, which visitors run.
const BUILDS: [Build; 2] = [
    Build { title: "built for speed", profile: "release", passes: &["-O3"] },
    Build { title: "built as the page is", profile: "page", passes: dist::FOR_SIZE },
];

/// How often the builds take turns in the browser.
const TURNS: usize = 3;

pub fn measure(only_native: bool) -> Result<()> {
    let bench = || cargo(&["run", "--quiet", "--release", "-p", "antes-bench", "--"]);
    say("natively");
    println!("\n### Natively");
    let native = run_and_keep(&mut bench())?;
    if only_native {
        return Ok(());
    }
    let pages = BUILDS.iter().map(page).collect::<Result<Vec<_>>>()?;
    let mut results = vec![String::new(); BUILDS.len()];
    for turn in 1..=TURNS {
        for ((build, page), results) in BUILDS.iter().zip(&pages).zip(&mut results) {
            say(&format!("in WebAssembly, in headless Chromium, {}, turn {turn}", build.title));
            println!("\n### In WebAssembly, in headless Chromium, {}, turn {turn}", build.title);
            results.push_str(&shown(page)?);
        }
    }
    let [speed, as_page] = results.as_slice() else { return Ok(()) };
    let comparisons = [
        (BUILDS[0].title, native.as_str(), "native", speed.as_str()),
        (BUILDS[1].title, &native, "native", as_page),
        (BUILDS[1].title, speed, "the build for speed", as_page),
    ];
    for (title, one, of, other) in comparisons {
        println!("\n### In WebAssembly, {title}, beside {of}");
        let files = ["one", "other"].map(|name| target_dir().join(format!("bench-{name}.md")));
        fs::write(&files[0], one).context("cannot keep the results")?;
        fs::write(&files[1], other).context("cannot keep the results")?;
        run(bench().arg("--compare").args(&files))?;
    }
    Ok(())
}

/// Builds the benchmark's page, and returns its folder.
fn page(build: &Build) -> Result<PathBuf> {
    tools::target(PAGE_TARGET)?;
    let wasm_bindgen = tools::wasm_bindgen()?.join("wasm-bindgen");
    let wasm_opt = tools::wasm_opt()?;
    run(cargo(&["build", "-p", "antes-bench", "--target", PAGE_TARGET]).args([
        "--bin",
        "antes-bench",
        "--profile",
        build.profile,
    ]))?;

    let page = target_dir().join("bench-page").join(build.profile);
    fs::create_dir_all(&page).context("cannot make the folder of the benchmark's page")?;
    let built = target_dir().join(PAGE_TARGET).join(build.profile).join("antes-bench.wasm");
    run(Command::new(wasm_bindgen)
        .args(["--target", "web", "--no-typescript", "--out-name", "bench", "--out-dir"])
        .args([&page, &built]))?;
    dist::optimize(&wasm_opt, &page.join("bench_bg.wasm"), build.passes)?;
    fs::write(page.join("index.html"), PAGE)?;
    fs::write(page.join("page.js"), PAGE_SCRIPT)?;
    fs::write(page.join("worker.js"), WORKER_SCRIPT)?;
    Ok(page)
}

/// Opens the benchmark's page in the browser, and returns its output.
fn shown(page: &Path) -> Result<String> {
    let browser = tools::browser()?;
    let mut show = cargo(&["run", "--quiet", "-p", "antes-e2e", "--bin", "print-page", "--"]);
    show.arg(page).env("CHROMIUM", browser.program).env("CHROMEDRIVER", browser.driver);
    run_and_keep(&mut show)
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
