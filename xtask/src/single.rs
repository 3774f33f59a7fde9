//! The page as one file that needs no server and no network.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lzma_rust2::{LzmaOptions, LzmaWriter};
use sha2::{Digest, Sha256};

use crate::command::{files_below, root, run, say};
use crate::tools;

/// The name of the file, in the folder of the page.
pub const FILE: &str = "antes.html";

/// The most bytes of the published file.
const LIMIT: usize = 700_000;

/// Writes a built page into one file beside it, and returns its path.
pub fn write(dir: &Path) -> Result<PathBuf> {
    let page = fs::read_to_string(dir.join("index.html")).context("there is no built page")?;
    let parts = Parts::find(dir)?;
    let styles = parts.styles.iter().map(fs::read_to_string);
    let style = styles.collect::<Result<String, _>>()?;
    let scripts = [bundle(&parts.script)?, fs::read_to_string(&parts.boot)?];
    ensure!(!scripts.iter().any(|text| text.contains("</script")), "a script ends its element");

    let head = policy(&style, &scripts);
    let mut data = vec![("css", style.into_bytes())];
    for (name, path) in &parts.data {
        data.push((name, fs::read(path)?));
    }
    let mut body = String::new();
    for (name, content) in data {
        let packed = letters(&packed(&content)?);
        body += &format!("<script type=\"text/plain\" data-file=\"{name}\">{packed}</script>\n");
    }
    for script in &scripts {
        body += &format!("<script>{script}</script>\n");
    }
    let page = without_first_picture(&without_links(&page)?)?;
    let page = page.replacen("<head>", &format!("<head>\n{head}"), 1);
    let page = page.replacen("</body>", &format!("{body}</body>"), 1);
    let single = dir.join(FILE);
    fs::write(&single, page)?;
    Ok(single)
}

/// Checks the address of a published page.
pub fn page_address(text: &str) -> Result<String, String> {
    let has_host = ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
    let is_plain = !text.contains(|sign: char| sign.is_whitespace() || "\"<>&?#".contains(sign));
    match has_host && is_plain {
        true => Ok(text.to_owned()),
        false => Err("expected the address of a page, such as https://host/antes/".to_owned()),
    }
}

/// Writes the address of the published page into the one file, which names it in links that it shares.
pub fn name_published(single: &Path, published: &str) -> Result<()> {
    let page = fs::read_to_string(single)?;
    let (before, after) = page.split_once("<html ").context("the page has no <html>")?;
    Ok(fs::write(single, format!("{before}<html data-published=\"{published}\" {after}"))?)
}

/// Fails if the published file is too large.
pub fn check(single: &Path) -> Result<()> {
    let bytes = fs::metadata(single)?.len();
    say(&format!("{FILE}: {bytes} bytes of at most {LIMIT}"));
    ensure!(bytes <= LIMIT as u64, "{FILE} has {bytes} bytes, over the limit of {LIMIT}");
    Ok(())
}

/// The files of a built page that go into the one file.
struct Parts {
    boot: PathBuf,
    script: PathBuf,
    /// The style sheet of the page, and then that of the whole program.
    styles: [PathBuf; 2],
    /// The program, under the name `wasm`, and what it fetches later, under its own name.
    data: Vec<(String, PathBuf)>,
}

impl Parts {
    fn find(dir: &Path) -> Result<Self> {
        let named = |begin: &str, end: &str| -> Result<PathBuf> {
            let matches = |path: &PathBuf| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with(begin) && name.ends_with(end)
            };
            let found: Vec<_> = files_below(dir)?.into_iter().filter(matches).collect();
            match <[PathBuf; 1]>::try_from(found) {
                Ok([path]) => Ok(path),
                Err(found) => bail!("{} files are named {begin}*{end}, expected one", found.len()),
            }
        };
        let mut data = vec![("wasm".to_owned(), named("antes-whole-", "_bg.wasm")?)];
        for path in [named("library-", ".bin")?, named("pt-", ".txt")?] {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            data.push((name, path));
        }
        Ok(Self {
            boot: named("boot-", ".js")?,
            script: named("antes-whole-", ".js")?,
            styles: [named("page-", ".css")?, named("antes-whole-", ".css")?],
            data,
        })
    }
}

/// The number of characters.
const BASE: u32 = 125;

/// The characters that encode bytes: ASCII without those that a page changes in a script element. A parser of HTML
/// replaces NUL, makes a line feed of a carriage return, and may see the end of the element after `<`.
fn alphabet() -> Vec<char> {
    ('\0'..='\u{7f}').filter(|letter| !"\0\r<".contains(*letter)).collect()
}

/// The largest 13 bits for which a 14th fits into a pair of characters.
const FOURTEEN: u32 = BASE * BASE - 8192 - 1;

/// Encodes bytes as text by the rules of basE91 (J. Henke, 2006) with more characters: two of them stand for 13 or 14
/// bits. The text is an eighth shorter than base 64. It is read right under every encoding that contains ASCII.
fn letters(bytes: &[u8]) -> String {
    let letters = alphabet();
    let mut text = String::with_capacity(bytes.len() * 5 / 4 + 2);
    let mut push = |digit: u32| text.push(letters[digit as usize]);
    let (mut queue, mut bits) = (0_u32, 0_u32);
    for &byte in bytes {
        queue |= u32::from(byte) << bits;
        bits += 8;
        if bits > 13 {
            let taken = if queue & 8191 > FOURTEEN { 13 } else { 14 };
            let pair = queue & ((1 << taken) - 1);
            queue >>= taken;
            bits -= taken;
            push(pair % BASE);
            push(pair / BASE);
        }
    }
    if bits > 0 {
        push(queue % BASE);
        if bits > 7 || queue >= BASE {
            push(queue / BASE);
        }
    }
    text
}

/// Compresses with LZMA. A program becomes a fifth smaller than with gzip. Browsers have no decoder for
/// LZMA, so the file contains one.
fn packed(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut options = LzmaOptions::with_preset(9);
    options.pb = 0;
    let mut packer = LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64))?;
    packer.write_all(bytes)?;
    Ok(packer.finish()?)
}

/// Bundles one script of `web/single.js` and the program's own script, which is a module.
fn bundle(script: &Path) -> Result<String> {
    let out = script.with_extension("single");
    let mut alias = std::ffi::OsString::from("--alias:antes-program=");
    alias.push(script);
    let mut lzma = std::ffi::OsString::from("--alias:lzma=");
    lzma.push(tools::lzma()?);
    let mut outfile = std::ffi::OsString::from("--outfile=");
    outfile.push(&out);
    run(Command::new(tools::esbuild()?)
        .args(["--bundle", "--format=iife", "--minify", "--log-level=warning"])
        // The module reads its own address only if it is started without a program.
        .arg("--log-override:empty-import-meta=silent")
        .args([alias, lzma, outfile])
        .arg(root().join("web/single.js")))?;
    let text = fs::read_to_string(&out)?;
    fs::remove_file(&out)?;
    Ok(text)
}

/// The policy of the file: it allows the file's own style and scripts by their hashes, and the worker that
/// web/whole.js makes of its own text, and nothing else.
fn policy(style: &str, scripts: &[String]) -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
    let scripts: Vec<String> = scripts.iter().map(|script| hash(script)).collect();
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         script-src {} 'wasm-unsafe-eval'; style-src {}; img-src data: blob:; \
         worker-src blob:\">\n",
        scripts.join(" "),
        hash(style),
    )
}

/// The page without its first picture: a file that is on the machine needs no picture to wait with.
fn without_first_picture(page: &str) -> Result<String> {
    let (before, rest) = page.split_once("<div id=\"first\"").context("there is no picture")?;
    let (_, after) = rest.split_once("<div id=\"boot\"").context("the picture does not end")?;
    Ok(format!("{before}<div id=\"boot\"{after}"))
}

/// The page without the elements that name other files, and without its own policy.
fn without_links(page: &str) -> Result<String> {
    let is_other = |line: &str| {
        line.contains("<script ")
            || line.contains("<link data-boot=")
            || line.contains("<link rel=\"stylesheet\"")
    };
    let mut kept = String::new();
    for line in page.lines() {
        let line = match line.split_once("<meta http-equiv=\"Content-Security-Policy\"") {
            Some((before, rest)) => {
                let (_, after) = rest.split_once('>').context("the policy does not end")?;
                format!("{before}{after}")
            }
            None => line.to_owned(),
        };
        if is_other(&line) {
            // The end of the head may follow on the same line, and must stay.
            if line.contains("</head>") {
                kept += "</head>\n";
            }
            continue;
        }
        kept += &line;
        kept.push('\n');
    }
    ensure!(kept.contains("</head>") && kept.contains("</body>"), "index.html is no whole page");
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_published_page_is_a_whole_one_without_a_query() {
        for right in ["https://host/antes/", "http://localhost:8080/"] {
            assert_eq!(page_address(right).as_deref(), Ok(right));
        }
        for wrong in
            ["host/antes/", "https://", "https://host/?a=1", "https://host/\" x", "file:///a"]
        {
            assert!(page_address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_of_the_page_is_loaded_from_elsewhere() {
        let page = "<head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">\n\
                    <link rel=\"icon\" href=\"data:,\">\n\
                    <link rel=\"stylesheet\" href=\"./page-1.css\"/>\n\
                    <script src=\"./boot-2.js\" defer></script>\n\
                    <link data-boot=\"wasm\" href=\"./web.wasm\"></head>\n\
                    <body></body>\n";
        let expected = "<head>\n<link rel=\"icon\" href=\"data:,\">\n</head>\n<body></body>\n";
        assert_eq!(without_links(page).unwrap(), expected);
    }

    #[test]
    fn two_letters_stand_for_thirteen_or_fourteen_bits() {
        let alphabet = alphabet();
        assert_eq!(alphabet.len(), BASE as usize);
        assert_eq!(alphabet[0], '\u{1}');
        assert_eq!(letters(&[]), "");
        assert_eq!(letters(&[0]), "\u{1}\u{1}");
        // 0x1fff = 8191 = 65 * 125 + 66, which is more than 7432, and the three bits left over.
        let pair: String = [66, 65, 7].map(|digit: usize| alphabet[digit]).iter().collect();
        assert_eq!(letters(&[0xff, 0xff]), pair);
        // 0x3d08 has the lowest 13 bits 7432, so a pair takes 14: 15624 = 124 * 125 + 124.
        let pair: String = [124, 124, 0].map(|digit: usize| alphabet[digit]).iter().collect();
        assert_eq!(letters(&[0x08, 0x3d]), pair);
    }

    #[test]
    fn the_policy_allows_exactly_the_scripts_and_the_style_of_the_file() {
        let policy = policy("a{}", &["let a".into()]);
        let hash = |text: &str| BASE64.encode(Sha256::digest(text));
        assert!(
            policy.contains(&format!("script-src 'sha256-{}' 'wasm-unsafe-eval'", hash("let a")))
        );
        assert!(policy.contains(&format!("style-src 'sha256-{}'", hash("a{}"))));
    }
}
