//! `cargo xtask size`: the sizes of the built page, raw and compressed.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use clap::Args;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::command::root;
use crate::dist;

/// The most compressed bytes of a first visit. A slow phone connection (1.6 Mbit/s) needs 1.8
/// seconds for them.
const FIRST_VISIT_LIMIT: usize = 350_000;

/// The most requests of a first visit. Each level of files that name others costs a round trip.
const FIRST_VISIT_REQUESTS: usize = 6;

/// A file that web/boot.js loads only when the whole program is needed.
const LATER: &str = "whole.js";

/// The command line of `size`.
#[derive(Args)]
pub struct Options {
    /// The folder of a built page
    #[arg(default_value = "dist")]
    dir: PathBuf,
}

/// A file of the page.
struct File {
    name: String,
    bytes: Vec<u8>,
    raw: usize,
    gzip: usize,
    first_visit: bool,
}

/// Prints the sizes of a built page.
pub fn run(options: &Options) -> Result<()> {
    check(&root().join(&options.dir))
}

/// Prints a table of the page's files. Files that the first visit does not load are listed
/// separately. Returns the compressed size and the number of the files that it loads.
pub fn report(dir: &Path) -> Result<(usize, usize)> {
    if !dir.join("index.html").is_file() {
        bail!("{} holds no built page: run `cargo xtask dist` first", dir.display());
    }
    let mut files = measure(dir)?;
    mark_first_visit(&mut files);
    files.sort_by_key(|file| (!file.first_visit, std::cmp::Reverse(file.gzip)));

    println!("{:<48} {:>10} {:>10}", "file", "raw", "gzip -9");
    for file in &files {
        let note = if file.first_visit { "" } else { "  (later)" };
        println!("{:<48} {:>10} {:>10}{note}", file.name, file.raw, file.gzip);
    }
    let first: Vec<_> = files.iter().filter(|file| file.first_visit).collect();
    let raw: usize = first.iter().map(|file| file.raw).sum();
    let gzip: usize = first.iter().map(|file| file.gzip).sum();
    println!("{:<48} {raw:>10} {gzip:>10}  bytes in {} requests", "first visit", first.len());
    Ok((gzip, first.len()))
}

/// Prints the table and fails if the first visit is too large.
pub fn check(dir: &Path) -> Result<()> {
    let (gzip, requests) = report(dir)?;
    within_limits(gzip, requests)
}

fn within_limits(gzip: usize, requests: usize) -> Result<()> {
    ensure!(
        gzip <= FIRST_VISIT_LIMIT,
        "the first visit loads {gzip} bytes, over the limit of {FIRST_VISIT_LIMIT}"
    );
    ensure!(
        requests <= FIRST_VISIT_REQUESTS,
        "the first visit makes {requests} requests, over the limit of {FIRST_VISIT_REQUESTS}"
    );
    Ok(())
}

fn measure(dir: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for path in dist::files(dir)? {
        let bytes = fs::read(&path)?;
        let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
        let (raw, gzip) = (bytes.len(), gzip(&bytes)?.len());
        files.push(File { name, bytes, raw, gzip, first_visit: false });
    }
    Ok(files)
}

/// Compresses with gzip at its highest level, as hosts of static files do.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Marks the files of a first visit: index.html, and the files that loaded pages, scripts or style
/// sheets name.
fn mark_first_visit(files: &mut [File]) {
    let mut loaded: Vec<usize> =
        files.iter().position(|file| file.name == "index.html").into_iter().collect();
    while let Some(index) = loaded.pop() {
        files[index].first_visit = true;
        let names_others = [".html", ".js", ".mjs", ".css"];
        if !names_others.iter().any(|end| files[index].name.ends_with(end)) {
            continue;
        }
        let text = String::from_utf8_lossy(&files[index].bytes).into_owned();
        loaded.extend((0..files.len()).filter(|&other| {
            let file_name = files[other].name.rsplit('/').next().unwrap_or_default();
            !files[other].first_visit && file_name != LATER && text.contains(file_name)
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.into(), bytes: text.into(), raw: 0, gzip: 0, first_visit: false }
    }

    #[test]
    fn a_first_visit_of_too_many_bytes_or_requests_is_refused() {
        assert!(within_limits(350_000, 6).is_ok());
        assert!(within_limits(350_001, 6).is_err());
        assert!(within_limits(350_000, 7).is_err());
    }

    #[test]
    fn first_visit_follows_names_from_the_page_through_its_scripts() {
        let mut files = [
            file("index.html", r#"<script src="./app-1.js"></script>"#),
            file("app-1.js", r#"import "./snippets/a.js""#),
            file("snippets/a.js", ""),
            file("lesson.toml", ""),
            file(LATER, ""),
        ];
        files[1].bytes.extend_from_slice(LATER.as_bytes());
        mark_first_visit(&mut files);
        assert_eq!(files.map(|file| file.first_visit), [true, true, true, false, false]);
    }
}
