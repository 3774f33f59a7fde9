//! Writes the scenario library, packed, into a folder: the one that is named, or the one that trunk
//! is building the page into. The page fetches it when it needs more than its first scenario.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use antes_sim::library;
use antes_sim::scenario::packed;

fn main() -> Result<(), Box<dyn Error>> {
    let dir = env::args_os()
        .nth(1)
        .or_else(|| env::var_os("TRUNK_STAGING_DIR"))
        .ok_or("which folder is it to be written into?")?;
    let packed = packed::pack(&library::read()?);
    fs::write(Path::new(&dir).join(library::file_name(&packed)), packed)?;
    Ok(())
}
