//! Reads the scenario library at build time, so that the page needs no scenario parser.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use antes_sim::library::{self, FIRST, LIBRARY, twin};
use antes_sim::scenario::{Scenario, Text, packed};

mod files;
#[path = "src/fold.rs"]
mod fold;

fn main() -> Result<(), Box<dyn Error>> {
    // The files are compiled into antes-sim and into this script, so it is rebuilt when they change.
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/fold.rs");
    let scenarios = library::scenarios()?;
    let place = |name: &str| LIBRARY.iter().position(|(slug, _)| *slug == name);
    let first = place(FIRST).ok_or("the scenario that opens the page is not in the library")?;

    let mut code = String::new();
    writeln!(code, "/// The place of the scenario that opens the page.")?;
    writeln!(code, "pub const FIRST: usize = {first};")?;
    writeln!(code, "const FIRST_PACKED: &[u8] = &{:?};", packed::pack(&scenarios[first..=first]))?;
    for (name, (file, _)) in [
        ("LIBRARY_FILE", files::library(&scenarios)),
        ("PORTUGUESE_FILE", files::portuguese(&scenarios)),
    ] {
        writeln!(code, "/// Where it is.\npub const {name}: &str = {file:?};")?;
    }
    writeln!(code, "/// All scenarios, in the order in which they are offered.")?;
    writeln!(code, "pub static LIBRARY: &[Entry] = &[")?;
    for ((slug, _), scenario) in LIBRARY.iter().zip(&scenarios) {
        let (title, words, config) = (&scenario.title.en, words(scenario), scenario.config);
        writeln!(
            code,
            "Entry {{ slug: {slug:?}, title: {title:?}, words: {words:?}, \
             algorithm: Algorithm::{:?}, profile: Profile::{:?}, lock: Lock::{:?}, twin: {:?} }},",
            config.algorithm,
            config.profile,
            config.mutex.lock,
            twin(slug).and_then(place),
        )?;
    }
    writeln!(code, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("library.rs"), code)?;
    Ok(())
}

/// The text that a scenario is searched by, besides its English title: each further word of its titles and
/// keywords, once.
fn words(scenario: &Scenario) -> String {
    let texts = [Some(&scenario.title), scenario.keywords.as_ref()].into_iter().flatten();
    let said = texts.flat_map(|Text { en, pt }| [Some(en), pt.as_ref()]).flatten();
    let folded: Vec<String> = said.map(|text| fold::fold(text)).collect();
    let title = fold::fold(&scenario.title.en);
    let is_new = |word: &&str| title.split_whitespace().all(|known| known != *word);
    let words: std::collections::BTreeSet<&str> =
        folded.iter().flat_map(|text| text.split_whitespace()).filter(is_new).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}
