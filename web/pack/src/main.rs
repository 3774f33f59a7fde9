//! Writes the files into a folder: the one that is named, or the one that trunk is building into.
//! There, the program for recordings is named after its content, like the first one.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use antes_pack::File;

/// What the files of the program for recordings are called without their ends, as trunk names them
/// and as they are named in [`SCRIPT`].
const STEM: &str = "antes-recording";

/// How they end.
const ENDS: [&str; 2] = [".js", "_bg.wasm"];

/// What loads them.
const SCRIPT: &str = include_str!("../../recording.js");

/// What only that program wears.
const STYLE: &str = include_str!("../../style/recording.css");

fn main() -> Result<(), Box<dyn Error>> {
    let named = env::args_os().nth(1);
    let built = env::var_os("TRUNK_STAGING_DIR");
    let dir = named.as_ref().or(built.as_ref());
    let dir = Path::new(dir.ok_or("name the folder that the files are to be written into")?);
    let scenarios = antes_pack::scenarios()?;
    for file in [antes_pack::library(&scenarios), antes_pack::portuguese(&scenarios)] {
        fs::write(dir.join(file.name), file.content)?;
    }
    if named.is_none() { name_recording(dir) } else { Ok(()) }
}

/// Has the files of the program for recordings named after their content, and puts what loads them
/// beside them, which knows the name.
fn name_recording(dir: &Path) -> Result<(), Box<dyn Error>> {
    let mut content = STYLE.as_bytes().to_vec();
    for end in ENDS {
        content.extend(fs::read(dir.join([STEM, end].concat()))?);
    }
    let named = File::new(STEM, "css", content).name;
    let stem = named.trim_end_matches(".css");
    for end in ENDS {
        fs::rename(dir.join([STEM, end].concat()), dir.join([stem, end].concat()))?;
    }
    fs::write(dir.join(&named), STYLE)?;
    fs::write(dir.join("recording.js"), SCRIPT.replace(STEM, stem))?;
    Ok(())
}
