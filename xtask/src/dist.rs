//! `cargo xtask dist`: the page as it is published.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{root, run as run_command, say, target_dir};
use crate::lock::Lock;
use crate::{size, tools};

/// What the page may do. Hosts that send no headers of their own get it inside of the page; `e2e`
/// sends the same file as a header, so that what breaks it fails a test.
const POLICY: &str = include_str!("../../web/policy.txt");

/// What Rust compiles to and every current browser runs. With `--all-features`, wasm-opt uses
/// compact imports, which no browser reads.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What may be asked of `dist`.
#[derive(Args)]
pub struct Options {
    /// The folder to build into
    #[arg(long, default_value = "dist")]
    into: PathBuf,
}

/// Builds the page into a folder and tells its sizes.
pub fn run(options: &Options) -> Result<()> {
    let dir = root().join(&options.into);
    let _lock = Lock::of(&dir)?;
    publish(&dir)?;
    size::check(&dir)
}

/// Builds the page, as small as it gets.
pub fn publish(dir: &Path) -> Result<()> {
    // Asked for first: the build is long, and to fail after it would be a pity.
    let (wasm_opt, esbuild) = (tools::wasm_opt()?, tools::esbuild()?);
    build(dir, true)?;

    for file in files(dir)? {
        match file.extension().and_then(OsStr::to_str) {
            Some("wasm") => optimize(&wasm_opt, &file, FOR_SIZE)?,
            Some("js" | "css") => minify(&esbuild, &file)?,
            _ => {}
        }
    }
    finish(&dir.join("index.html"))
}

/// How the page's program is optimized: it is downloaded before it is run.
pub const FOR_SIZE: &[&str] = &[
    // Blocks nested anew, first what makes it fast and then what makes it small, and inlined only
    // where that is short: smaller than by -Oz alone.
    "--flatten",
    "--rereloop",
    "-O2",
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    // What is alike side by side, and all accesses with the same alignment, which no engine heeds:
    // so it compresses better.
    "--reorder-functions-by-name",
    "--dealign",
];

/// Has wasm-opt rewrite a program in its place, in these passes.
pub fn optimize(wasm_opt: &Path, program: &Path, passes: &[&str]) -> Result<()> {
    say(&format!("optimizing {}", program.file_name().unwrap_or_default().display()));
    run_command(
        std::process::Command::new(wasm_opt)
            .args(passes)
            // The lowest kilobyte of memory is the far end of the stack: whoever uses it is about
            // to overflow.
            .args(["--low-memory-unused", "--strip-producers", "--strip-target-features"])
            .args(WASM_FEATURES)
            .arg("--output")
            .args([program, program]),
    )
}

/// Has esbuild rewrite a script or a style sheet in its place.
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

/// The page as it is in development, for tests and pictures, in a folder that nobody changes while
/// it is locked. Not `dist`: somebody may be serving from there.
pub fn in_development() -> Result<(PathBuf, Lock)> {
    let page = target_dir().join("e2e-dist");
    let lock = Lock::of(&page)?;
    build(&page, false)?;
    Ok((page, lock))
}

/// All files under a folder.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Takes the comments out of the page, and writes the policy into it. Only here: trunk's reloading,
/// in development, would break it.
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
