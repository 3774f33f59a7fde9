//! Writes the files that the page fetches later into the folder that is given, or else into the one that trunk
//! builds into. In the latter case, it also draws the first picture into the page, and puts a hash into the file
//! names of the whole program, as trunk does for the first program.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use antes_picture::first::{Opening, Sketch};
use antes_picture::look::Icon;
use antes_sim::library::{self, FIRST, LIBRARY};
use antes_sim::scenario::Scenario;

#[path = "../../../web/files.rs"]
mod files;
#[allow(dead_code, reason = "only the table is needed here; the page chooses by the rest")]
#[path = "../../../web/src/fit.rs"]
mod fit;

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
    if named.is_some() {
        return Ok(());
    }
    let index = dir.join("index.html");
    let page = with_first_picture(&fs::read_to_string(&index)?, &scenarios)?;
    fs::write(index, page)?;
    name_whole(dir)
}

/// The page with its first picture: each name in braces is replaced by what it stands for.
fn with_first_picture(page: &str, scenarios: &[Scenario]) -> Result<String, Box<dyn Error>> {
    let place = LIBRARY.iter().position(|(slug, _)| *slug == FIRST);
    let first = place.and_then(|place| scenarios.get(place)).ok_or("there is no first scenario")?;
    let opening = Opening::of(first);
    let drawn = |sketches: Vec<Sketch>| sketches.iter().map(Sketch::markup).collect();
    let icon = |icon: Icon| {
        let path = icon.path();
        format!("<svg class=\"icon\" viewBox=\"0 0 20 20\"><path d=\"{path}\"/></svg>")
    };
    let parts: [(&str, String); 8] = [
        ("{fits}", fit::table().replace('"', "&quot;")),
        ("{rings}", drawn(opening.rings())),
        ("{diagrams}", drawn(opening.diagrams())),
        ("{reset}", icon(Icon::Reset)),
        ("{back}", icon(Icon::Back)),
        ("{play}", icon(Icon::Play)),
        ("{pause}", icon(Icon::Pause)),
        ("{step}", icon(Icon::Step)),
    ];
    let mut page = page.to_owned();
    for (name, part) in parts {
        if !page.contains(name) {
            return Err(format!("index.html has no place for {name}").into());
        }
        page = page.replace(name, &part);
    }
    Ok(page)
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
