//! `cargo xtask mutants`: mutation testing of the hardened profile and the distributed lock.
//!
//! A comment in the sources marks the code of each safeguard (see [`place`]). A copy of the sources gets all
//! mutants, each in a branch beside the original, and is built once. Then the safeguards are removed one at a
//! time: storms are swept until one fails; for safeguards of the locks, the states of its model are visited as
//! well, until a property is broken. The two tables of results go to `docs/proof.md`. It is an error if nothing
//! fails.

mod hunt;
mod model;
mod place;
mod sources;
mod table;

use std::fmt::Write;
use std::fs;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::command::{root, say, spoken, target_dir};
use crate::lock::Lock;
use crate::storms::{SEEDS, SEEDS_OF_SHAPES, bases, shapes};
use hunt::Hunt;
use table::Mutant;

/// The command line of `mutants`.
#[derive(Args)]
pub struct Options {
    /// Only the safeguards whose name contains this; the tables are printed and not written
    #[arg(value_name = "MEASURE")]
    measure: Option<String>,
}

const DOCUMENT: &str = "docs/proof.md";

/// The lines of [`DOCUMENT`] between which the tables stand: of the model, and of storms.
const MARKS: [[&str; 2]; 2] = [
    [
        "<!-- mutants in the model: written by cargo xtask mutants -->\n",
        "<!-- end of mutants in the model -->\n",
    ],
    ["<!-- mutants: written by cargo xtask mutants -->\n", "<!-- end of mutants -->\n"],
];

/// Tests all mutants and writes the tables, or only the named ones, whose tables are printed.
pub fn run_all(options: &Options) -> Result<()> {
    let chosen = |mutant: &Mutant| {
        options.measure.as_ref().is_none_or(|part| mutant.measure.contains(part.as_str()))
    };
    let started = Instant::now();
    let _lock = Lock::of(&target_dir().join("mutants"))?;
    let hunt = Hunt::prepare(mutants().concat())?;
    let mut survivors = Vec::new();
    let mut tables = MARKS.map(|_| {
        "| safeguard | change | found by | violated |\n\
         | --- | --- | --- | --- |\n"
            .to_owned()
    });
    let mut note = |table: &mut String, mutant: &'static Mutant, found: Option<String>| match found
    {
        Some(found) => {
            _ = writeln!(table, "| {} | {} | {found} |", mutant.measure, mutant.change());
        }
        None => survivors.push(mutant.measure),
    };
    for (model, mutants) in model::MODELS {
        for (mutant, totals) in mutants.iter().filter(|(mutant, _)| chosen(mutant)) {
            say(&format!("the model without {}", mutant.measure));
            note(&mut tables[0], mutant, hunt.in_states(mutant, model, totals)?);
        }
    }
    // The same sweeps as in the tests.
    let sweeps = [(SEEDS, bases()?), (SEEDS_OF_SHAPES, shapes()?)];
    for mutant in table::MUTANTS.iter().filter(|mutant| chosen(mutant)) {
        say(&format!("storms without {}", mutant.measure));
        note(&mut tables[1], mutant, hunt.in_storms(mutant, &sweeps)?);
    }
    print!("{}", tables.join("\n"));
    say(&format!("took {}", spoken(started.elapsed())));
    ensure!(survivors.is_empty(), "nothing misses: {}", survivors.join(", "));
    if options.measure.is_none() {
        write_down(&tables)?;
    }
    Ok(())
}

/// All mutants: of the model, and of storms.
fn mutants() -> [Vec<&'static Mutant>; MARKS.len()] {
    let of_model = model::MODELS.iter().flat_map(|(_, mutants)| *mutants);
    let of_model = of_model.map(|(mutant, _)| mutant);
    [of_model.collect(), table::MUTANTS.iter().collect()]
}

fn write_down(tables: &[String; MARKS.len()]) -> Result<()> {
    let path = root().join(DOCUMENT);
    let mut text = fs::read_to_string(&path).context(DOCUMENT)?;
    for ([begin, end], table) in MARKS.iter().zip(tables) {
        let (before, rest) = text.split_once(begin).context("a table's place is not marked")?;
        let (_, after) = rest.split_once(end).context("a table's end is not marked")?;
        text = format!("{before}{begin}\n{table}\n{end}{after}");
    }
    fs::write(&path, text).context(DOCUMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_one_marker_and_every_marker_a_mutant() {
        let places = place::all(root()).unwrap();
        let mut marked: Vec<&str> = places.values().flatten().map(|place| &*place.name).collect();
        marked.sort_unstable();
        let mut named: Vec<&str> = mutants().concat().iter().map(|mutant| mutant.place).collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(marked, named);
    }

    /// Checks the core alone, which has no dependencies. The other replacements are compiled by the command.
    #[test]
    fn all_replacements_in_the_core_compile() {
        let folder = tempfile::tempdir().unwrap();
        for part in place::FOLDERS {
            hunt::copy_folder(&root().join(part), &folder.path().join(part)).unwrap();
        }
        sources::insert(folder.path(), &mutants().concat()).unwrap();
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = std::process::Command::new(rustc)
            .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "-Awarnings"])
            .args(["core/src/lib.rs", "-o", "core.rmeta"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    #[test]
    fn the_document_tells_of_every_measure_what_was_changed() {
        let text = fs::read_to_string(root().join(DOCUMENT)).unwrap();
        for ([begin, end], mutants) in MARKS.iter().zip(mutants()) {
            let (_, rest) = text.split_once(begin).unwrap();
            let (table, _) = rest.split_once(end).unwrap();
            for mutant in &mutants {
                let cells = format!("| {} | {} |", mutant.measure, mutant.change());
                assert!(table.contains(&cells), "run cargo xtask mutants: {cells}");
            }
            let rows = table.lines().filter(|line| line.starts_with("| ")).count();
            assert_eq!(rows, mutants.len() + 2);
        }
    }
}
