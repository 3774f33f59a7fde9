//! `cargo xtask mutants`: mutation testing of the hardened profile.
//!
//! Each safeguard is removed from a copy of the sources, one at a time, and storms are swept over
//! the rest until one fails. The table of results goes to `docs/proof.md`. It is an error if no
//! storm fails, or if the safeguard's code is no longer in the sources.

mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::command::{cargo, root, run, say, spoken, target_dir};
use crate::lock::Lock;
use crate::storms::{SEEDS, SEEDS_OF_SHAPES, bases, shapes};
use table::{MUTANTS, Mutant};

/// The command line of `mutants`.
#[derive(Args)]
pub struct Options {
    /// Only the safeguards whose name contains this; the table is printed and not written
    #[arg(value_name = "MEASURE")]
    measure: Option<String>,
}

/// The document with the table, and the lines around it.
const DOCUMENT: &str = "docs/proof.md";
const BEGIN: &str = "<!-- mutants: written by cargo xtask mutants -->\n";
const END: &str = "<!-- end of mutants -->\n";

/// Tests all mutants.
pub fn run_all(options: &Options) -> Result<()> {
    let chosen = |mutant: &&Mutant| {
        options.measure.as_ref().is_none_or(|part| mutant.measure.contains(part.as_str()))
    };
    let started = Instant::now();
    // The same sweeps as in the tests.
    let sweeps = [(SEEDS, bases()?), (SEEDS_OF_SHAPES, shapes()?)];
    let _lock = Lock::of(&target_dir().join("mutants"))?;
    let copy = copy_sources()?;
    let mut table = String::from(
        "| measure | what was there, and what instead | found by | what broke |\n\
         | --- | --- | --- | --- |\n",
    );
    let mut survivors = Vec::new();
    for mutant in MUTANTS.iter().filter(chosen) {
        say(&format!("without {}", mutant.measure));
        match hunt(&copy, mutant, &sweeps)? {
            Some(found) => table.push_str(&row(mutant, &found)?),
            None => survivors.push(mutant.measure),
        }
    }
    print!("{table}");
    say(&format!("took {}", spoken(started.elapsed())));
    ensure!(survivors.is_empty(), "nothing misses: {}", survivors.join(", "));
    if options.measure.is_none() {
        write_down(&table)?;
    }
    Ok(())
}

/// Copies the sources that storms depend on into a workspace of their own.
fn copy_sources() -> Result<PathBuf> {
    let copy = target_dir().join("mutants");
    for folder in ["core/src", "sim/src", "xtask/hunt/src"] {
        let to = copy.join(folder);
        if to.exists() {
            fs::remove_dir_all(&to)?;
        }
        copy_folder(&root().join(folder), &to)?;
    }
    for file in ["core/Cargo.toml", "sim/Cargo.toml", "xtask/hunt/Cargo.toml", "Cargo.lock"] {
        fs::copy(root().join(file), copy.join(file)).with_context(|| file.to_owned())?;
    }
    // The library of scenarios is built into the simulator.
    copy_folder(&root().join("scenarios"), &copy.join("scenarios"))?;
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let lines = manifest.lines().filter(|line| !line.starts_with("default-members"));
    let mut manifest = String::new();
    for line in lines {
        let members = line.starts_with("members");
        manifest += if members { r#"members = ["core", "sim", "xtask/hunt"]"# } else { line };
        manifest.push('\n');
    }
    manifest += "\n[profile.hunt]\ninherits = \"dev\"\nopt-level = 1\ndebug = false\n";
    fs::write(copy.join("Cargo.toml"), manifest)?;
    Ok(copy)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
        }
    }
    Ok(())
}

/// Builds the copy without this safeguard, sweeps it, and puts the safeguard back.
fn hunt(copy: &Path, mutant: &Mutant, sweeps: &[(u64, Vec<PathBuf>)]) -> Result<Option<String>> {
    let file = copy.join(mutant.file);
    let whole = fs::read_to_string(&file).with_context(|| mutant.file.to_owned())?;
    fs::write(&file, mutant.applied_to(&whole)?)?;
    let target = copy.join("target");
    let built = run(cargo(&["build", "--quiet", "--profile", "hunt", "-p", "antes-hunt"])
        .env("CARGO_TARGET_DIR", &target)
        // Code that the safeguard used may be unused without it.
        .env("RUSTFLAGS", "-Awarnings")
        .current_dir(copy));
    fs::write(&file, whole)?;
    built?;
    let script = copy.join(format!("without-{}.toml", mutant.measure.replace([' ', '\''], "-")));
    for (seeds, bases) in sweeps {
        let output = Command::new(target.join("hunt/antes-hunt"))
            .arg(seeds.to_string())
            .arg(&script)
            .args(bases)
            .output()
            .context("the hunt did not start")?;
        if !output.status.success() {
            bail!("the hunt failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let found = String::from_utf8(output.stdout)?;
        eprint!("{found}");
        if !found.is_empty() {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A row of the table. `antes-hunt` prints its findings as fields between tabs.
fn row(mutant: &Mutant, found: &str) -> Result<String> {
    let fields: Vec<&str> = found.trim_end().split('\t').collect();
    let &[base, seed, broken, at, steps, _] = fields.as_slice() else {
        bail!("the hunt printed what is no row: {found}");
    };
    Ok(format!(
        "| {} | {} | {base}: seed {seed}, steps left: {steps} | {broken}, at {at} |\n",
        mutant.measure,
        mutant.change(),
    ))
}

fn write_down(table: &str) -> Result<()> {
    let path = root().join(DOCUMENT);
    let text = fs::read_to_string(&path).context(DOCUMENT)?;
    let (before, rest) = text.split_once(BEGIN).context("the table's place is not marked")?;
    let (_, after) = rest.split_once(END).context("the table's end is not marked")?;
    fs::write(&path, format!("{before}{BEGIN}\n{table}\n{END}{after}")).context(DOCUMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_still_in_its_file_once() {
        for mutant in MUTANTS {
            let text = fs::read_to_string(root().join(mutant.file)).unwrap();
            let changed = mutant.applied_to(&text).unwrap_or_else(|error| panic!("{error}"));
            assert_ne!(changed, text);
        }
    }

    #[test]
    fn the_document_tells_of_every_measure_what_was_changed() {
        let text = fs::read_to_string(root().join(DOCUMENT)).unwrap();
        let (_, rest) = text.split_once(BEGIN).unwrap();
        let (table, _) = rest.split_once(END).unwrap();
        for mutant in MUTANTS {
            let cells = format!("| {} | {} |", mutant.measure, mutant.change());
            assert!(table.contains(&cells), "run cargo xtask mutants: {cells}");
        }
        let rows = table.lines().filter(|line| line.starts_with("| ")).count();
        assert_eq!(rows, MUTANTS.len() + 2);
    }
}
