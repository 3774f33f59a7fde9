//! The files that the page fetches on demand: all scenarios but the first, and its Portuguese
//! texts. The program `antes-pack` writes them next to the page's program, which is built with their names.

use antes_sim::scenario::{Scenario, packed};

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident: $en:literal, $pt:literal;)*) => { &[$($pt),*] };
}

/// The page's texts in Portuguese.
const PORTUGUESE: &[&str] = include!("src/words/all.rs");

/// A file to be served next to the program: its name and its bytes. The name contains a hash of the content, so
/// that a program never reads a file of another build.
pub type File = (String, Vec<u8>);

/// A file named after `stem`, the hash of `content`, and the extension `end`.
pub fn named(stem: &str, end: &str, content: Vec<u8>) -> File {
    // FNV-1a.
    let mix = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = content.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    (format!("{stem}-{hash:016x}.{end}"), content)
}

/// The file of all scenarios.
pub fn library(scenarios: &[Scenario]) -> File {
    named("library", "bin", packed::pack(scenarios))
}

/// The file of the page's Portuguese texts, one per line, followed by the titles of the scenarios.
pub fn portuguese(scenarios: &[Scenario]) -> File {
    let title =
        |scenario: &Scenario| scenario.title.pt.clone().unwrap_or(scenario.title.en.clone());
    let texts = PORTUGUESE.iter().map(|text| (*text).to_owned());
    let lines: Vec<_> = texts.chain(scenarios.iter().map(title)).collect();
    named("pt", "txt", lines.join("\n").into_bytes())
}
