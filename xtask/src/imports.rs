//! Shortens the names of the functions that the page's program imports from its script. wasm-bindgen gives
//! each one a name with a hash, which does not compress, and writes it into both files.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{ImportSection, Module, RawSection};
use wasmparser::{Import, Parser, Payload};

/// The name of the module in the program, which names the script.
const MODULE: &str = "a";

/// Shortens the names in a program and in its script, in place.
pub fn shorten(program: &Path, script: &Path) -> Result<()> {
    let bytes = fs::read(program)?;
    let text = fs::read_to_string(script).context("the program has no script beside it")?;
    let imports = imports(&bytes)?;
    let renamed = rename_in_script(&text, &imports)?;
    fs::write(program, rename_in_program(&bytes, &imports)?)?;
    fs::write(script, renamed)?;
    Ok(())
}

fn imports(program: &[u8]) -> Result<Vec<Import<'_>>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(program) {
        if let Payload::ImportSection(section) = payload? {
            found = section.into_imports().collect::<Result<_, _>>()?;
        }
    }
    let modules: HashSet<&str> = found.iter().map(|import| import.module).collect();
    ensure!(modules.len() == 1, "the program imports from {} modules, expected 1", modules.len());
    Ok(found)
}

/// The short name of the import with this index: `a` to `z`, then `aa`, `ab`...
fn short(index: usize) -> String {
    let letter = char::from(b'a' + (index % 26) as u8);
    match (index / 26).checked_sub(1) {
        Some(rest) => format!("{}{letter}", short(rest)),
        None => letter.to_string(),
    }
}

fn rename_in_program(program: &[u8], imports: &[Import<'_>]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(program) {
        let payload = payload?;
        if let Payload::ImportSection(_) = payload {
            let mut section = ImportSection::new();
            for (index, import) in imports.iter().enumerate() {
                let kind = RoundtripReencoder.entity_type(import.ty)?;
                section.import(MODULE, &short(index), kind);
            }
            module.section(&section);
        } else if let Some((id, range)) = payload.as_section() {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            module.section(&RawSection { id, data: &program[range] });
        }
    }
    Ok(module.finish())
}

/// The script with the short names. Fails unless each name is in it once, as the name of a property.
fn rename_in_script(script: &str, imports: &[Import<'_>]) -> Result<String> {
    let module = imports.first().map_or("", |import| import.module);
    let mut text = replaced_once(script, &format!("\"{module}\""), &format!("\"{MODULE}\""))?;
    for (index, import) in imports.iter().enumerate() {
        // A method of an object, or a property with a function.
        let ends = ['(', ':'].map(|end| format!("{}{end}", import.name));
        let [method, property] = &ends;
        let name = if text.contains(method) { method } else { property };
        let end = &name[import.name.len()..];
        text = replaced_once(&text, name, &format!("{}{end}", short(index)))?;
    }
    Ok(text)
}

fn replaced_once(text: &str, from: &str, to: &str) -> Result<String> {
    let count = text.matches(from).count();
    ensure!(count == 1, "the script has {from} {count} times, expected once");
    Ok(text.replacen(from, to, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CustomSection, EntityType, TypeSection};

    fn program(names: &[&str]) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        module.section(&types);
        let mut imports = ImportSection::new();
        for name in names {
            imports.import("./antes_bg.js", name, EntityType::Function(0));
        }
        module.section(&imports);
        module.section(&CustomSection { name: "kept".into(), data: (&[1, 2, 3]).into() });
        module.finish()
    }

    #[test]
    fn names_become_short_in_both_files_and_everything_else_stays() {
        let program = program(&["__wbg_add_12ab", "__wbg_call_34cd"]);
        let imports = imports(&program).unwrap();
        let script = r#"let i={__wbg_add_12ab(e){},__wbg_call_34cd:f(function(){})};return{"./antes_bg.js":i}"#;
        let text = rename_in_script(script, &imports).unwrap();
        assert_eq!(text, r#"let i={a(e){},b:f(function(){})};return{"a":i}"#);

        let renamed = rename_in_program(&program, &imports).unwrap();
        let found = super::imports(&renamed).unwrap();
        let names: Vec<_> = found.iter().map(|import| (import.module, import.name)).collect();
        assert_eq!(names, [("a", "a"), ("a", "b")]);
        assert!(renamed.ends_with(&[4, b'k', b'e', b'p', b't', 1, 2, 3]));
    }

    #[test]
    fn a_script_that_does_not_have_every_name_once_is_refused() {
        let program = program(&["__wbg_add_12ab"]);
        let imports = imports(&program).unwrap();
        for script in [
            r#"{"./antes_bg.js":{}}"#,
            r#"{"./antes_bg.js":{__wbg_add_12ab(){},__wbg_add_12ab(){}}}"#,
            "{__wbg_add_12ab(){}}",
        ] {
            assert!(rename_in_script(script, &imports).is_err(), "{script}");
        }
    }

    #[test]
    fn no_two_short_names_are_equal() {
        let names: HashSet<String> = (0..2_000).map(short).collect();
        assert_eq!(names.len(), 2_000);
        assert_eq!([short(0), short(25), short(26), short(702)], ["a", "z", "aa", "aaa"]);
    }
}
