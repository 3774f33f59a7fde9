//! `cargo xtask dist`: builds the page for publication.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{files_below, root, run as run_command, say, target_dir};
use crate::lock::Lock;
use crate::{compressed, imports, single, size, tools};

/// The Content Security Policy of the page. The published page contains it, for hosts that send no
/// headers. `e2e` sends it as a header, so that a violation fails a test.
const POLICY: &str = include_str!("../../web/policy.txt");

/// The features that Rust uses and all current browsers support. `--all-features` would make
/// wasm-opt use compact imports, which no browser supports.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The command line of `dist`.
#[derive(Args)]
pub struct Options {
    /// The output folder
    #[arg(long, default_value = "dist")]
    into: PathBuf,
    /// Write the page into one file as well, which runs from disk without a network
    #[arg(long)]
    single: bool,
    /// The address at which the page is published, such as https://host/antes/: the one file then shares
    /// links to it instead of to itself
    #[arg(long, value_name = "URL", requires = "single", value_parser = single::page_address)]
    published: Option<String>,
}

/// Builds the page into a folder and prints its sizes.
pub fn run(options: &Options) -> Result<()> {
    let dir = root().join(&options.into);
    let _lock = Lock::of(&dir)?;
    publish(&dir)?;
    size::check(&dir)?;
    if options.single {
        let file = single::write(&dir)?;
        if let Some(published) = &options.published {
            single::name_published(&file, published)?;
        }
        single::check(&file)?;
        compressed::write(&file)?;
    }
    Ok(())
}

/// Builds the page as small as possible, and each file in compressed forms beside it.
pub fn publish(dir: &Path) -> Result<()> {
    // The tools are found first, since the build takes long.
    let (wasm_opt, esbuild) = (tools::wasm_opt()?, tools::esbuild()?);
    build(dir, true)?;

    let files = files_below(dir)?;
    for file in &files {
        match file.extension().and_then(OsStr::to_str) {
            Some("wasm") => optimize(&wasm_opt, file, FOR_SIZE)?,
            Some("js" | "css") => minify(&esbuild, file)?,
            _ => {}
        }
    }
    for file in &files {
        if let Some(stem) = file.to_string_lossy().strip_suffix("_bg.wasm") {
            imports::shorten(file, Path::new(&format!("{stem}.js")))?;
        }
    }
    finish(&dir.join("index.html"))?;
    compressed::write_all(dir)
}

/// The passes that optimize the page's program for size, since it is downloaded before it runs.
pub const FOR_SIZE: &[&str] = &[
    // Re-nesting blocks, optimizing for speed and then for size, and inlining only short functions
    // gives less than -Oz alone.
    "--flatten",
    "--rereloop",
    "-O2",
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    // Similar functions side by side, and the same alignment for all accesses, which engines
    // ignore: this compresses better.
    "--reorder-functions-by-name",
    "--dealign",
];

/// Runs these passes of wasm-opt on a program, in place.
pub fn optimize(wasm_opt: &Path, program: &Path, passes: &[&str]) -> Result<()> {
    say(&format!("optimizing {}", program.file_name().unwrap_or_default().display()));
    run_command(
        std::process::Command::new(wasm_opt)
            .args(passes)
            // The lowest kilobyte of memory is the far end of the stack. A program that uses it is
            // about to overflow.
            .args(["--low-memory-unused", "--strip-producers", "--strip-target-features"])
            .args(WASM_FEATURES)
            .arg("--output")
            .args([program, program]),
    )
}

/// Runs esbuild on a script or style sheet, in place.
fn minify(esbuild: &Path, file: &Path) -> Result<()> {
    run_command(
        std::process::Command::new(esbuild)
            .args(["--minify", "--log-level=warning", "--allow-overwrite"])
            .arg([OsStr::new("--outfile="), file.as_os_str()].join(OsStr::new("")))
            .arg(file),
    )
}

/// Builds the page with trunk.
pub fn build(dir: &Path, release: bool) -> Result<()> {
    let mut trunk = tools::trunk_command()?;
    trunk.args(["build", "--offline", "--dist"]).arg(dir);
    trunk.args(release.then_some("--release"));
    run_command(&mut trunk)
}

/// The development build of the page, for tests and pictures, in a folder that is locked against
/// changes. `dist` is not used, since a user may be serving from it.
pub fn in_development() -> Result<(PathBuf, Lock)> {
    let page = target_dir().join("e2e-dist");
    let lock = Lock::of(&page)?;
    build(&page, false)?;
    Ok((page, lock))
}

/// Removes the comments from the page and adds the policy to it. The policy is left out in
/// development, since it would break trunk's reloading.
fn finish(index: &Path) -> Result<()> {
    let mut page = fs::read_to_string(index).context("the build left no index.html")?;
    while let Some((before, comment)) = page.split_once("<!--") {
        let after = comment.split_once("-->").map_or("", |(_, after)| after);
        page = format!("{}{after}", before.trim_end());
    }
    let page = page.lines().map(str::trim_start).collect::<Vec<_>>().join("\n");
    let Some(head) = page.find("<head>").map(|start| start + "<head>".len()) else {
        bail!("index.html has no <head> to put the policy in");
    };
    let policy = POLICY.split_whitespace().collect::<Vec<_>>().join(" ");
    let meta = format!(r#"<meta http-equiv="Content-Security-Policy" content="{policy}">"#);
    fs::write(index, format!("{}{meta}{}", &page[..head], &page[head..]))?;
    Ok(())
}
