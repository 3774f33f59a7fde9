//! Builds the sources with all mutants, and searches for a failure of one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::model::Totals;
use super::sources;
use super::table::Mutant;
use crate::command::{cargo, root, run, target_dir};

/// The packages that `antes-hunt` is built from.
const PACKAGES: [&str; 3] = ["core", "sim", "check"];

/// A copy of the sources with all mutants, in a workspace of its own.
pub struct Hunt {
    copy: PathBuf,
    mutants: Vec<&'static Mutant>,
}

impl Hunt {
    /// Copies the packages, makes a workspace of them, and builds them with these mutants.
    pub fn prepare(mutants: Vec<&'static Mutant>) -> Result<Self> {
        let copy = target_dir().join("mutants");
        for package in PACKAGES {
            let to = copy.join(package);
            if to.exists() {
                fs::remove_dir_all(&to)?;
            }
            copy_folder(&root().join(package), &to)?;
        }
        fs::copy(root().join("Cargo.lock"), copy.join("Cargo.lock"))?;
        // The library of scenarios is built into the simulator.
        copy_folder(&root().join("scenarios"), &copy.join("scenarios"))?;
        let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
        let lines = manifest.lines().filter(|line| !line.starts_with("default-members"));
        let mut manifest = String::new();
        for line in lines {
            let members = line.starts_with("members");
            manifest += &if members { format!("members = {PACKAGES:?}") } else { line.to_owned() };
            manifest.push('\n');
        }
        manifest += "\n[profile.hunt]\ninherits = \"dev\"\nopt-level = 1\ndebug = false\n";
        fs::write(copy.join("Cargo.toml"), manifest)?;
        sources::insert(&copy, &mutants)?;
        let options = ["--quiet", "--profile", "hunt", "-p", "antes-check", "--features", "hunt"];
        run(cargo(&["build"])
            .args(options)
            .args(["--bin", "antes-hunt"])
            .env("CARGO_TARGET_DIR", copy.join("target"))
            .env("RUSTFLAGS", "-Awarnings")
            .current_dir(&copy))?;
        Ok(Self { copy, mutants })
    }

    /// Sweeps `seeds` storms over each scenario. Returns the cells "found by" and "what broke".
    pub fn in_storms(
        &self,
        mutant: &Mutant,
        sweeps: &[(u64, Vec<PathBuf>)],
    ) -> Result<Option<String>> {
        let name = mutant.measure.replace([' ', '\''], "-");
        let script = self.copy.join(format!("without-{name}.toml"));
        for (seeds, bases) in sweeps {
            let mut hunt = self.hunt("storms", mutant)?;
            let Some(found) = found(hunt.arg(seeds.to_string()).arg(&script).args(bases))? else {
                continue;
            };
            let &[base, seed, broken, at, steps, _] = fields(&found).as_slice() else {
                bail!("the hunt printed what is no row: {found}");
            };
            let row = format!("{base}: seed {seed}, steps left: {steps} | {broken}, at {at}");
            return Ok(Some(row));
        }
        Ok(None)
    }

    /// Visits the states of a lock's model with these totals. Returns the same cells.
    pub fn in_states(
        &self,
        mutant: &Mutant,
        model: &str,
        totals: &Totals,
    ) -> Result<Option<String>> {
        let totals = totals.iter().map(|(key, number)| format!("{key}={number}"));
        let totals: Vec<String> = totals.collect();
        let Some(found) = found(self.hunt("states", mutant)?.arg(model).args(&totals))? else {
            return Ok(None);
        };
        let &[property, steps] = fields(&found).as_slice() else {
            bail!("the hunt printed what is no row: {found}");
        };
        Ok(Some(format!("{} | {property}, in {steps} steps", totals.join(", "))))
    }

    fn hunt(&self, what: &str, mutant: &Mutant) -> Result<Command> {
        let is_it = |known: &&Mutant| std::ptr::eq(*known, mutant);
        let number = self.mutants.iter().position(is_it).context("the mutant was not built")? + 1;
        let mut hunt = Command::new(self.copy.join("target/hunt/antes-hunt"));
        hunt.arg(what).env(sources::CHOICE, number.to_string());
        Ok(hunt)
    }
}

/// The output of the program. `None` if it printed nothing, because it found no failure.
fn found(hunt: &mut Command) -> Result<Option<String>> {
    let output = hunt.output().context("the hunt did not start")?;
    if !output.status.success() {
        bail!("the hunt failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let found = String::from_utf8(output.stdout)?;
    eprint!("{found}");
    Ok((!found.is_empty()).then_some(found))
}

fn fields(found: &str) -> Vec<&str> {
    found.trim_end().split('\t').collect()
}

/// Copies a folder and everything below it.
pub fn copy_folder(from: &Path, to: &Path) -> Result<()> {
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
