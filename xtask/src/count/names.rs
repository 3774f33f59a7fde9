//! Finds types with the same name.

use std::collections::BTreeMap;

use super::lines::is_test_only;
use super::section::Section;
use super::source::Source;

/// The names shared by two or more structs, enums or traits outside of tests, with their files.
///
/// Only items at the top level of a file count. `Props` of components is excluded: its name is
/// Yew's convention.
pub fn shared(sources: &[Source]) -> Section {
    let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        for item in &source.syntax.items {
            let (ident, attributes) = match item {
                syn::Item::Struct(item) => (&item.ident, &item.attrs),
                syn::Item::Enum(item) => (&item.ident, &item.attrs),
                syn::Item::Trait(item) => (&item.ident, &item.attrs),
                _ => continue,
            };
            if ident != "Props" && !attributes.iter().any(is_test_only) {
                names.entry(ident.to_string()).or_default().push(&source.path);
            }
        }
    }
    let found = names
        .into_iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, files)| format!("{name}: {}", files.join(", ")))
        .collect();
    Section::new("names that two or more types have", found)
}
