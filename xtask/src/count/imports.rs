//! Finds circles of imports: files of a package that depend on each other.
//!
//! A file imports another one if it names it in a `use` or in a path (`crate::`, `super::`,
//! `self::`, or one of its children). Re-exports (`pub use`) and `mod` declarations are no imports.
//! A circle is a strongly connected component of more than one file.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::lines::is_test_only;
use super::section::Section;
use super::source::Source;

/// The path of a module from the root of its package. The root's own path is empty.
type Module = Vec<String>;

pub fn circles(sources: &[Source]) -> Section {
    let mut found = Vec::new();
    let mut packages: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.path.contains("src/")) {
        packages.entry(source.package()).or_default().push(source);
    }
    for sources in packages.values() {
        found.extend(circles_of(sources));
    }
    Section::new("circles of imports", found)
}

fn circles_of(sources: &[&Source]) -> Vec<String> {
    let modules: BTreeMap<Module, usize> =
        sources.iter().enumerate().map(|(at, source)| (module(&source.path), at)).collect();
    let arrows: Vec<BTreeSet<usize>> = sources
        .iter()
        .enumerate()
        .map(|(at, source)| {
            let mut reader =
                Reader { here: module(&source.path), modules: &modules, named: BTreeSet::new() };
            reader.visit_file(&source.syntax);
            reader.named.remove(&at);
            reader.named
        })
        .collect();
    let reached: Vec<_> = (0..arrows.len()).map(|from| reach(from, &arrows)).collect();
    let mut told = BTreeSet::new();
    let mut circles = Vec::new();
    for at in 0..arrows.len() {
        if told.contains(&at) {
            continue;
        }
        let circle: Vec<_> = (0..arrows.len())
            .filter(|&to| reached[at].contains(&to) && reached[to].contains(&at))
            .collect();
        told.extend(circle.iter().copied());
        if circle.len() > 1 {
            circles.push(told_with_arrows(&circle, &arrows, sources));
        }
    }
    circles
}

/// The files of a circle, each with those of them that it imports.
fn told_with_arrows(circle: &[usize], arrows: &[BTreeSet<usize>], sources: &[&Source]) -> String {
    let mut text = format!("{} files:", circle.len());
    for &from in circle {
        let to = circle.iter().filter(|to| arrows[from].contains(to));
        let to: Vec<_> = to.map(|&to| sources[to].path.as_str()).collect();
        text += &format!("\n    {} imports {}", sources[from].path, to.join(", "));
    }
    text
}

fn reach(from: usize, arrows: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for &to in &arrows[at] {
            if reached.insert(to) {
                open.push(to);
            }
        }
    }
    reached
}

/// The module of a file.
fn module(path: &str) -> Module {
    let (_, inside) = path.rsplit_once("src/").expect("only files below src are read");
    let inside = inside.trim_end_matches(".rs");
    let mut module: Module = inside.split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        module.pop();
    }
    module
}

/// Collects the modules that a file names.
struct Reader<'a> {
    here: Module,
    modules: &'a BTreeMap<Module, usize>,
    named: BTreeSet<usize>,
}

impl Reader<'_> {
    /// Records a path, which starts at this file or at the root.
    fn name(&mut self, segments: &[String]) {
        let mut at = self.here.clone();
        let mut segments = segments;
        let mut is_inside = false;
        while let [first, rest @ ..] = segments {
            match first.as_str() {
                "crate" => at.clear(),
                "super" => _ = at.pop(),
                "self" => {}
                _ => break,
            }
            is_inside = true;
            segments = rest;
        }
        let child =
            segments.first().map(|first| [at.as_slice(), std::slice::from_ref(first)].concat());
        if !is_inside && !child.is_some_and(|child| self.modules.contains_key(&child)) {
            return;
        }
        let mut target = self.modules.get(&at).copied();
        for segment in segments {
            at.push(segment.clone());
            match self.modules.get(&at) {
                Some(&file) => target = Some(file),
                None => break,
            }
        }
        self.named.extend(target);
    }

    fn name_tree(&mut self, tree: &syn::UseTree, before: &[String]) {
        match tree {
            syn::UseTree::Path(path) => {
                self.name_tree(&path.tree, &[before, &[path.ident.to_string()]].concat());
            }
            syn::UseTree::Name(name) => self.name(&[before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Rename(name) => self.name(&[before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Glob(_) => self.name(before),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.name_tree(tree, before))
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !module.attrs.iter().any(is_test_only) {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, import: &'ast syn::ItemUse) {
        if matches!(import.vis, syn::Visibility::Inherited)
            && !import.attrs.iter().any(is_test_only)
        {
            self.name_tree(&import.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments: Vec<_> =
                path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.name(&segments);
        }
        visit::visit_path(self, path);
    }
}
