//! Reads the scenario library when the page is built, so that the page need not be able to.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use antes_sim::library::{LIBRARY, twin};
use antes_sim::scenario::packed;

/// The scenario that opens the page.
const FIRST: &str = "leader-dies";

fn main() -> Result<(), Box<dyn Error>> {
    // The files are part of antes-sim and antes-pack: this program is built again when they change.
    println!("cargo::rerun-if-changed=build.rs");
    let scenarios = antes_pack::scenarios()?;
    let place = |name: &str| LIBRARY.iter().position(|(slug, _)| *slug == name);
    let first = place(FIRST).ok_or("the scenario that opens the page is not in the library")?;

    let mut code = String::new();
    writeln!(code, "/// The place of the scenario that opens the page.")?;
    writeln!(code, "pub const FIRST: usize = {first};")?;
    writeln!(code, "const FIRST_PACKED: &[u8] = &{:?};", packed::pack(&scenarios[first..=first]))?;
    for (name, file) in [
        ("LIBRARY_FILE", antes_pack::library(&scenarios)),
        ("PORTUGUESE_FILE", antes_pack::portuguese(&scenarios)),
    ] {
        writeln!(code, "/// Where it is.\npub const {name}: &str = {:?};", file.name)?;
    }
    writeln!(code, "/// All scenarios, in the order in which they are offered.")?;
    writeln!(code, "pub static LIBRARY: &[Entry] = &[")?;
    for ((slug, _), scenario) in LIBRARY.iter().zip(&scenarios) {
        let (title, config) = (&scenario.title.en, scenario.config);
        writeln!(
            code,
            "Entry {{ slug: {slug:?}, title: {title:?}, \
             algorithm: Algorithm::{:?}, profile: Profile::{:?}, twin: {:?} }},",
            config.algorithm,
            config.profile,
            twin(slug).and_then(place),
        )?;
    }
    writeln!(code, "];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("library.rs"), code)?;
    Ok(())
}
