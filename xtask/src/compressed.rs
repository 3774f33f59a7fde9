//! Compresses the files of the published page, so that a server can send them as they are.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::command::files_below;

/// The ends of the names of the files that are compressed.
const KINDS: [&str; 6] = ["html", "css", "js", "wasm", "bin", "txt"];

/// Compresses with gzip at its highest level, as hosts of static files do.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// Like `brotli --best`: quality 11, a window of 4 MB.
pub fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let settings = BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &settings)?;
    Ok(packed)
}

/// The file beside `file` that holds it compressed: `end` is `gz` or `br`.
pub fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.to_path_buf().into_os_string();
    name.push(".");
    name.push(end);
    name.into()
}

/// Whether this is a compressed file beside another one.
pub fn is_compressed(file: &Path) -> bool {
    matches!(file.extension().and_then(OsStr::to_str), Some("gz" | "br"))
}

/// Writes each file of a page in both compressed forms beside it.
pub fn write_all(dir: &Path) -> Result<()> {
    for file in files_below(dir)? {
        let end = file.extension().and_then(OsStr::to_str).unwrap_or_default();
        if KINDS.contains(&end) {
            write(&file)?;
        }
    }
    Ok(())
}

/// Writes a file in both compressed forms beside it.
pub fn write(file: &Path) -> Result<()> {
    let bytes = fs::read(file)?;
    fs::write(beside(file, "gz"), gzip(&bytes)?)?;
    fs::write(beside(file, "br"), brotli(&bytes)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn every_text_and_program_is_beside_itself_in_both_forms_and_nothing_else_is() {
        let dir = tempfile::tempdir().unwrap();
        let text = "what is said again and again ".repeat(40);
        for name in ["index.html", "a.css", "a.js", "a.wasm", "a.bin", "a.txt", "picture.png"] {
            fs::write(dir.path().join(name), &text).unwrap();
        }
        write_all(dir.path()).unwrap();
        for kind in KINDS {
            let file =
                dir.path().join(if kind == "html" { "index" } else { "a" }).with_extension(kind);
            let [mut gzip, mut brotli] = [String::new(), String::new()];
            let packed = fs::read(beside(&file, "gz")).unwrap();
            flate2::read::GzDecoder::new(&*packed).read_to_string(&mut gzip).unwrap();
            let packed = fs::read(beside(&file, "br")).unwrap();
            brotli::Decompressor::new(&*packed, 4096).read_to_string(&mut brotli).unwrap();
            assert_eq!([&gzip, &brotli], [&text, &text], "{kind}");
        }
        assert_eq!(files_below(dir.path()).unwrap().len(), 7 + 2 * KINDS.len());
    }
}
