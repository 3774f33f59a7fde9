//! `cargo xtask dist`: the page as it is published.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{root, run as run_command, say};
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
    publish(&dir)?;
    size::check(&dir)
}

/// Builds the page, as small as it gets.
pub fn publish(dir: &Path) -> Result<()> {
    // Asked for first: the build is long, and to fail after it would be a pity.
    let wasm_opt = tools::wasm_opt()?;
    build(dir, true)?;

    let programs = files(dir)?.into_iter().filter(|path| path.extension() == Some("wasm".as_ref()));
    for program in programs {
        shrink(&wasm_opt, &program)?;
    }
    state_policy(&dir.join("index.html"))
}

/// Has wasm-opt rewrite a program in its place.
pub fn shrink(wasm_opt: &Path, program: &Path) -> Result<()> {
    say(&format!("shrinking {}", program.file_name().unwrap_or_default().display()));
    run_command(
        std::process::Command::new(wasm_opt)
            .args(["-Oz", "--strip-producers"])
            .args(WASM_FEATURES)
            .arg("--output")
            .args([program, program]),
    )
}

/// Builds the page with trunk.
pub fn build(dir: &Path, release: bool) -> Result<()> {
    let mut trunk = tools::trunk_command()?;
    trunk.args(["build", "--offline", "--dist"]).arg(dir);
    trunk.args(release.then_some("--release"));
    run_command(&mut trunk)
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

/// Writes the policy into the page. Only here: trunk's reloading, in development, would break it.
fn state_policy(index: &Path) -> Result<()> {
    let page = fs::read_to_string(index).context("the build left no index.html")?;
    let Some(head) = page.find("<head>").map(|start| start + "<head>".len()) else {
        bail!("index.html has no <head> to put the policy in");
    };
    let policy = POLICY.split_whitespace().collect::<Vec<_>>().join(" ");
    let meta = format!(r#"<meta http-equiv="Content-Security-Policy" content="{policy}">"#);
    fs::write(index, format!("{}{meta}{}", &page[..head], &page[head..]))?;
    Ok(())
}
