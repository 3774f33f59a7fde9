//! `cargo xtask size`: the sizes of the built page, raw and compressed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use clap::Args;

use crate::command::{files_below, root};
use crate::compressed::{self, brotli, gzip};

/// The most bytes of a first visit, compressed by gzip. A slow phone connection (1.6 Mbit/s) needs 1.8
/// seconds for them.
const GZIP_LIMIT: usize = 350_000;

/// The most bytes of a first visit, compressed by brotli.
const BROTLI_LIMIT: usize = 300_000;

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
    brotli: usize,
    first_visit: bool,
}

/// The sizes of all files of a first visit together.
#[derive(Clone, Copy)]
pub struct FirstVisit {
    gzip: usize,
    brotli: usize,
    requests: usize,
}

/// Prints the sizes of a built page.
pub fn run(options: &Options) -> Result<()> {
    check(&root().join(&options.dir))
}

/// Prints a table of the page's files. Files that the first visit does not load are listed
/// separately.
pub fn report(dir: &Path) -> Result<FirstVisit> {
    if !dir.join("index.html").is_file() {
        bail!("{} holds no built page: run `cargo xtask dist` first", dir.display());
    }
    let mut files = measure(dir)?;
    mark_first_visit(&mut files);
    files.sort_by_key(|file| (!file.first_visit, std::cmp::Reverse(file.gzip)));

    println!("{:<48} {:>10} {:>10} {:>10}", "file", "raw", "gzip -9", "brotli");
    for file in &files {
        let note = if file.first_visit { "" } else { "  (later)" };
        let File { name, raw, gzip, brotli, .. } = file;
        println!("{name:<48} {raw:>10} {gzip:>10} {brotli:>10}{note}");
    }
    let first: Vec<_> = files.iter().filter(|file| file.first_visit).collect();
    let raw: usize = first.iter().map(|file| file.raw).sum();
    let gzip = first.iter().map(|file| file.gzip).sum();
    let brotli = first.iter().map(|file| file.brotli).sum();
    let requests = first.len();
    println!(
        "{:<48} {raw:>10} {gzip:>10} {brotli:>10}  bytes in {requests} requests",
        "first visit"
    );
    Ok(FirstVisit { gzip, brotli, requests })
}

/// Prints the table and fails if the first visit is too large.
pub fn check(dir: &Path) -> Result<()> {
    within_limits(report(dir)?)
}

fn within_limits(FirstVisit { gzip, brotli, requests }: FirstVisit) -> Result<()> {
    for (bytes, limit, kind) in [(gzip, GZIP_LIMIT, "gzip"), (brotli, BROTLI_LIMIT, "brotli")] {
        ensure!(
            bytes <= limit,
            "the first visit loads {bytes} bytes with {kind}, over the limit of {limit}"
        );
    }
    ensure!(
        requests <= FIRST_VISIT_REQUESTS,
        "the first visit makes {requests} requests, over the limit of {FIRST_VISIT_REQUESTS}"
    );
    Ok(())
}

fn measure(dir: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for path in files_below(dir)?.into_iter().filter(|path| !compressed::is_compressed(path)) {
        let bytes = fs::read(&path)?;
        let name = path.strip_prefix(dir).unwrap_or(&path).display().to_string();
        let raw = bytes.len();
        // A file that a server can send is as large as it is. Compressing it again takes long.
        let sent =
            |end| fs::metadata(compressed::beside(&path, end)).map(|file| file.len() as usize);
        let gzip = sent("gz").or_else(|_| gzip(&bytes).map(|packed| packed.len()))?;
        let brotli = sent("br").or_else(|_| brotli(&bytes).map(|packed| packed.len()))?;
        files.push(File { name, bytes, raw, gzip, brotli, first_visit: false });
    }
    Ok(files)
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
        File {
            name: name.into(),
            bytes: text.into(),
            raw: 0,
            gzip: 0,
            brotli: 0,
            first_visit: false,
        }
    }

    #[test]
    fn a_first_visit_of_too_many_bytes_or_requests_is_refused() {
        let visit = |gzip, brotli, requests| within_limits(FirstVisit { gzip, brotli, requests });
        assert!(visit(350_000, 300_000, 6).is_ok());
        assert!(visit(350_001, 300_000, 6).is_err());
        assert!(visit(350_000, 300_001, 6).is_err());
        assert!(visit(350_000, 300_000, 7).is_err());
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
