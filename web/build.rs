//! Reads the scenario library when the page is built, so that the page need not be able to.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use antes_sim::library::LIBRARY;
use antes_sim::scenario::{self, packed};

fn main() -> Result<(), Box<dyn Error>> {
    // The files are part of antes-sim, and this program is built again when they change.
    println!("cargo::rerun-if-changed=build.rs");
    let mut list = "static LIBRARY: &[(&str, &[u8])] = &[".to_owned();
    for (slug, text) in LIBRARY {
        let scenario = scenario::read(text).map_err(|error| format!("{slug}: {error}"))?;
        write!(list, "({slug:?}, &{:?}),", packed::pack(&scenario))?;
    }
    list += "];\n";
    let into = env::var("OUT_DIR")?;
    fs::write(Path::new(&into).join("library.rs"), list)?;
    Ok(())
}
