//! Writes the files into a folder: the one that is named, or the one that trunk is building into.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = env::args_os()
        .nth(1)
        .or_else(|| env::var_os("TRUNK_STAGING_DIR"))
        .ok_or("name the folder that the files are to be written into")?;
    let scenarios = antes_pack::scenarios()?;
    for file in [antes_pack::library(&scenarios), antes_pack::portuguese(&scenarios)] {
        fs::write(Path::new(&dir).join(file.name), file.content)?;
    }
    Ok(())
}
