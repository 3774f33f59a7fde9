//! The sources with all mutants in them. The environment chooses one when the program starts, so that a single
//! build serves all.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::place::{self, Place};
use super::table::Mutant;

/// The variable with the number of the mutant, from 1.
pub const CHOICE: &str = "ANTES_MUTANT";

/// The module of the core that tells which mutant was chosen.
const MODULE: &str = "
pub mod mutant {
    extern crate std;

    pub fn is(number: u32) -> bool {
        static CHOSEN: std::sync::LazyLock<Option<u32>> =
            std::sync::LazyLock::new(|| std::env::var(\"ANTES_MUTANT\").ok()?.parse().ok());
        *CHOSEN == Some(number)
    }
}
";

/// Writes all mutants into the sources below `root`. The number of a mutant is its place in the list, from 1.
pub fn insert(root: &Path, mutants: &[&Mutant]) -> Result<()> {
    let mut replacements: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for (number, mutant) in (1..).zip(mutants) {
        replacements.entry(mutant.place).or_default().push((number, mutant.replacement));
    }
    for (path, places) in place::all(root)? {
        let module = if path.starts_with("core") { "crate" } else { "antes_core" };
        let text = fs::read_to_string(root.join(&path))?;
        fs::write(root.join(&path), with_all(&text, &places, &replacements, module))?;
    }
    let core = root.join("core/src/lib.rs");
    let text = fs::read_to_string(&core).context("the core's root")?;
    Ok(fs::write(core, text + MODULE)?)
}

fn with_all(
    text: &str,
    places: &[Place],
    replacements: &BTreeMap<&str, Vec<(usize, &str)>>,
    module: &str,
) -> String {
    let mut edits = Vec::new();
    for place in places {
        let mut code = String::new();
        for (number, replacement) in replacements.get(&*place.name).into_iter().flatten() {
            _ = write!(code, "if {module}::mutant::is({number}) {{ {replacement} }} else ");
        }
        _ = write!(code, "{{ {} }}", &text[place.code.clone()]);
        if place.is_value {
            code = format!("({code})");
        }
        edits.push((place.code.clone(), code));
        // A `const fn` cannot ask which mutant was chosen.
        edits.extend(place.constness.clone().map(|constness| (constness, String::new())));
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut text = text.to_owned();
    for (range, code) in edits.into_iter().rev() {
        text.replace_range(range, &code);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mutant_is_a_branch_beside_the_original() {
        let text = "const fn f(a: u8) -> u8 {\n    // mutant: m\n    a + 1\n}\n";
        let replacements = BTreeMap::from([("m", vec![(3, "a"), (4, "a + 2")])]);
        let places = place::of_file(text).unwrap();
        let changed = with_all(text, &places, &replacements, "crate");
        let code =
            "(if crate::mutant::is(3) { a } else if crate::mutant::is(4) { a + 2 } else { a + 1 })";
        assert_eq!(changed, format!(" fn f(a: u8) -> u8 {{\n    // mutant: m\n    {code}\n}}\n"));
    }
}
