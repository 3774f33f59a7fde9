//! The places in the sources where a safeguard can be removed.
//!
//! A comment `// mutant: NAME` on a line of its own marks the statement or match arm below it. The part of it
//! that a mutant replaces follows from its syntax:
//!
//! - the condition of an `if`, or of a match arm that has one;
//! - the matched value of an `if let`, the values of a `for`;
//! - the initial value of a `let`; if that is a closure, the closure's value;
//! - the body of a match arm without a condition;
//! - the value of a block; any other statement as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The folders whose sources have marked places.
pub const FOLDERS: [&str; 2] = ["core/src", "sim/src"];

const MARKER: &str = "// mutant: ";

/// The code that a mutant replaces.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    /// The name in its marker.
    pub name: String,
    /// Its bytes in the file.
    pub code: Range<usize>,
    /// Whether a branch in its place needs parentheses: it is a value.
    pub is_value: bool,
    /// The bytes of the `const` of its function.
    pub constness: Option<Range<usize>>,
}

/// The marked places of all files below `root`, by the file's path from there.
pub fn all(root: &Path) -> Result<BTreeMap<PathBuf, Vec<Place>>> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = FOLDERS.map(PathBuf::from).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(root.join(&folder)).with_context(|| folder.display().to_string())?
        {
            let path = folder.join(entry?.file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(root.join(&path))?;
                let places = of_file(&text).with_context(|| path.display().to_string())?;
                if !places.is_empty() {
                    found.insert(path, places);
                }
            }
        }
    }
    Ok(found)
}

/// The marked places of one file, in their order.
pub fn of_file(text: &str) -> Result<Vec<Place>> {
    let mut marked = marked_lines(text)?;
    if marked.is_empty() {
        return Ok(Vec::new());
    }
    let mut finder = Finder { marked: &mut marked, constness: None, places: Vec::new() };
    finder.visit_file(&syn::parse_file(text)?);
    let Finder { mut places, .. } = finder;
    if let Some(name) = marked.into_values().next() {
        bail!("no statement or match arm begins below the marker of {name}");
    }
    places.sort_by_key(|place| place.code.start);
    Ok(places)
}

/// The number of the first line of code below each marker, with the marker's name.
fn marked_lines(text: &str) -> Result<BTreeMap<usize, String>> {
    let mut marked = BTreeMap::new();
    let mut name = None;
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if let Some(next) = line.strip_prefix(MARKER) {
            ensure!(name.is_none(), "two markers for the same code: {next}");
            name = Some(next.to_owned());
        } else if !line.is_empty() && !line.starts_with("//") {
            marked.extend(name.take().map(|name| (number, name)));
        }
    }
    Ok(marked)
}

struct Finder<'a> {
    /// The markers whose code has not been found.
    marked: &'a mut BTreeMap<usize, String>,
    /// The `const` of the function that is being visited.
    constness: Option<Range<usize>>,
    places: Vec<Place>,
}

impl Finder<'_> {
    /// Removes the marker above this line. `None` if there is none, or if a place is found already.
    fn take(&mut self, line: usize) -> Option<String> {
        self.marked.remove(&line)
    }

    fn add(&mut self, name: String, code: &impl Spanned, is_value: bool) {
        let (code, constness) = (code.span().byte_range(), self.constness.clone());
        self.places.push(Place { name, code, is_value, constness });
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.constness = function.sig.constness.as_ref().map(|word| word.span().byte_range());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.constness = function.sig.constness.as_ref().map(|word| word.span().byte_range());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let Some(name) = self.take(statement.span().start().line) {
            match statement {
                syn::Stmt::Local(syn::Local { init: Some(init), .. }) => {
                    self.add(name, value_of_closure(&init.expr), true);
                }
                syn::Stmt::Expr(syn::Expr::If(chosen), _) => match &*chosen.cond {
                    syn::Expr::Let(matched) => self.add(name, &matched.expr, true),
                    condition => self.add(name, condition, true),
                },
                syn::Stmt::Expr(syn::Expr::ForLoop(repeated), _) => {
                    self.add(name, &repeated.expr, true);
                }
                syn::Stmt::Expr(value, None) => self.add(name, value, true),
                whole => self.add(name, whole, false),
            }
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        if let Some(name) = self.take(arm.span().start().line) {
            match &arm.pat {
                syn::Pat::Guard(guarded) => self.add(name, &guarded.guard, true),
                _ => self.add(name, &arm.body, !matches!(*arm.body, syn::Expr::Block(_))),
            }
        }
        visit::visit_arm(self, arm);
    }
}

/// The value of a closure without a block; any other expression as it is.
fn value_of_closure(expression: &syn::Expr) -> &syn::Expr {
    match expression {
        syn::Expr::Closure(closure) if !matches!(*closure.body, syn::Expr::Block(_)) => {
            &closure.body
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name and the code of each place of a function with this body.
    fn places(body: &str) -> Vec<(String, String)> {
        let text = format!("fn f() {{\n{body}\n}}\n");
        let places = of_file(&text).unwrap();
        places.into_iter().map(|place| (place.name, text[place.code].to_owned())).collect()
    }

    #[test]
    fn the_replaced_part_follows_from_the_marked_syntax() {
        for (marked, code) in [
            ("if a && b {\n}", "a && b"),
            ("if let Some(a) = b {\n}", "b"),
            ("for a in b.c() {\n}", "b.c()"),
            ("let a = b(1);", "b(1)"),
            ("let Some(a) = b else { return };", "b"),
            ("let a = |b| b > 1;", "b > 1"),
            ("let a = |b| { b };", "|b| { b }"),
            ("a.b(\n1);", "a.b(\n1);"),
            ("a || b", "a || b"),
        ] {
            let body = format!("before();\n// mutant: m\n// A reason.\n{marked}");
            assert_eq!(places(&body), [("m".to_owned(), code.to_owned())], "{marked}");
        }
        let arms = "match a {\n// mutant: m\nSome(b) if b > 1 => 2,\n// mutant: n\n_ => 3,\n}";
        let pair = |name: &str, code: &str| (name.to_owned(), code.to_owned());
        assert_eq!(places(arms), [pair("m", "b > 1"), pair("n", "3")]);
    }

    #[test]
    fn a_marker_above_no_statement_is_refused() {
        for text in ["// mutant: m\nfn f() {}\n", "fn f() {\na(\n// mutant: m\nb);\n}\n"] {
            assert!(of_file(text).is_err(), "{text}");
        }
    }
}
