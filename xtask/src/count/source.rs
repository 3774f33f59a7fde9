//! The Rust files to count.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

pub struct Source {
    /// The path from the root folder, with `/`.
    pub path: String,
    pub text: String,
    pub syntax: syn::File,
}

impl Source {
    /// The package of the file: the folder of its manifest.
    pub fn package(&self) -> &str {
        let folders = ["src/", "tests/", "benches/", "examples/", "build.rs", "files.rs"];
        let start = folders.iter().filter_map(|folder| self.path.find(folder)).min();
        self.path[..start.unwrap_or(0)].trim_end_matches('/')
    }

    /// Whether the whole file is a test or a benchmark. All files of the packages `e2e` and
    /// `bench` are.
    pub fn is_test(&self) -> bool {
        let whole = ["e2e", "bench"];
        whole.contains(&self.package())
            || ["/tests/", "/benches/"].iter().any(|folder| self.path.contains(folder))
            || self.path.ends_with("/tests.rs")
    }
}

/// All Rust files that git knows or would add, ordered by path.
///
/// # Errors
///
/// If git cannot list them, or a file is not valid Rust.
pub fn all() -> Result<Vec<Source>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a parent")?;
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs"])
        .current_dir(root)
        .output()
        .context("git lists the files")?;
    if !listed.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr).trim());
    }
    let mut paths: Vec<_> = String::from_utf8(listed.stdout)?.lines().map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    paths.into_iter().filter(|path| root.join(path).exists()).map(|path| read(root, path)).collect()
}

fn read(root: &Path, path: String) -> Result<Source> {
    let text = std::fs::read_to_string(root.join(&path)).with_context(|| path.clone())?;
    let syntax = syn::parse_file(&text).with_context(|| path.clone())?;
    Ok(Source { path, text, syntax })
}
