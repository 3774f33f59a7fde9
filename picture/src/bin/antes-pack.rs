//! Writes the files that the page fetches later into the folder that is given, or else into the one that trunk
//! builds into. In the latter case, it also puts a hash into the file names of the whole program, as trunk does for
//! the first program.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use antes_sim::library;

#[path = "../../../web/files.rs"]
mod files;

/// The file names of the whole program without their extensions, as trunk writes them and
/// as [`SCRIPT`] refers to them.
const STEM: &str = "antes-whole";

/// The extensions of these files.
const ENDS: [&str; 2] = [".js", "_bg.wasm"];

/// The script that loads the program.
const SCRIPT: &str = include_str!("../../../web/whole.js");

/// The style sheet that only the whole program uses.
const STYLE: &str = include_str!("../../../web/style/whole.css");

fn main() -> Result<(), Box<dyn Error>> {
    let named = env::args_os().nth(1);
    let built = env::var_os("TRUNK_STAGING_DIR");
    let dir = named.as_ref().or(built.as_ref());
    let dir = Path::new(dir.ok_or("name the folder that the files are to be written into")?);
    let scenarios = library::scenarios()?;
    for (name, content) in [files::library(&scenarios), files::portuguese(&scenarios)] {
        fs::write(dir.join(name), content)?;
    }
    if named.is_none() { name_whole(dir) } else { Ok(()) }
}

/// Renames the files of the whole program after a hash of their content, and writes the
/// script that loads them under the new name.
fn name_whole(dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut content = STYLE.as_bytes().to_vec();
    for end in ENDS {
        content.extend(fs::read(dir.join([STEM, end].concat()))?);
    }
    let (named, _) = files::named(STEM, "css", content);
    let stem = named.trim_end_matches(".css");
    for end in ENDS {
        fs::rename(dir.join([STEM, end].concat()), dir.join([stem, end].concat()))?;
    }
    fs::write(dir.join(&named), STYLE)?;
    fs::write(dir.join("whole.js"), SCRIPT.replace(STEM, stem))?;
    Ok(())
}
