//! Counts lines per package: code, doc comments, comments, and the tests in the code.
//!
//! Empty lines do not count. A line with code and a comment is code. Code in an item with
//! `#[cfg(test)]` is test code, and so is a file for which [`Source::is_test`] is true.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

use syn::spanned::Spanned;

use super::source::Source;

#[derive(Default, Clone, Copy)]
struct Lines {
    files: usize,
    code: usize,
    tests: usize,
    docs: usize,
    comments: usize,
}

/// A row per package, and their sum.
pub fn table(sources: &[Source]) -> String {
    let mut packages: BTreeMap<&str, Lines> = BTreeMap::new();
    let mut sum = Lines::default();
    for source in sources {
        let counted = count(source);
        packages.entry(source.package()).or_default().add(counted);
        sum.add(counted);
    }
    let mut text = String::new();
    writeln!(
        text,
        "{:16}{:>8}{:>8}{:>8}{:>8}{:>10}",
        "", "files", "code", "tests", "docs", "comments"
    )
    .expect("a string takes all");
    for (name, lines) in packages.into_iter().chain([("all", sum)]) {
        let Lines { files, code, tests, docs, comments } = lines;
        writeln!(text, "{name:16}{files:>8}{code:>8}{tests:>8}{docs:>8}{comments:>10}")
            .expect("a string takes all");
    }
    text
}

impl Lines {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.code += other.code;
        self.tests += other.tests;
        self.docs += other.docs;
        self.comments += other.comments;
    }
}

fn count(source: &Source) -> Lines {
    let tests = test_items(&source.syntax.items);
    let mut lines = Lines { files: 1, ..Lines::default() };
    for (number, line) in (1..).zip(source.text.lines()) {
        let line = line.trim_start();
        if line.is_empty() {
            continue;
        }
        if line.starts_with("///") || line.starts_with("//!") {
            lines.docs += 1;
        } else if line.starts_with("//") {
            lines.comments += 1;
        } else if source.is_test() || tests.iter().any(|range| range.contains(&number)) {
            lines.tests += 1;
        } else {
            lines.code += 1;
        }
    }
    lines
}

/// The line ranges of items that exist only in tests.
fn test_items(items: &[syn::Item]) -> Vec<RangeInclusive<usize>> {
    let mut ranges = Vec::new();
    for item in items {
        if attributes(item).iter().any(is_test_only) {
            ranges.push(item.span().start().line..=item.span().end().line);
        } else if let syn::Item::Mod(syn::ItemMod { content: Some((_, items)), .. }) = item {
            ranges.extend(test_items(items));
        }
    }
    ranges
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether this is `#[cfg(test)]`, possibly with further required conditions.
pub fn is_test_only(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string();
    list.path.is_ident("cfg")
        && (condition == "test" || condition.starts_with("all") && condition.contains("test"))
}
