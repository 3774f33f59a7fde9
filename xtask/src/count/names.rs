//! Finds types with the same name.

use std::collections::BTreeMap;

use super::lines::is_test_only;
use super::section::Section;
use super::source::Source;

/// The names shared by two or more structs, enums or traits outside of tests, with their files.
///
/// Only items at the top level of a file count, and only if other files can name them: a private type is seen
/// beside its file's code. The types of `xtask` are compared with each other only, since no other package
/// uses them. `Props` of components is excluded: its name is Yew's convention.
pub fn shared(sources: &[Source]) -> Section {
    let mut names: BTreeMap<(bool, String), Vec<&str>> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        for item in &source.syntax.items {
            let (ident, seen_by, attributes) = match item {
                syn::Item::Struct(item) => (&item.ident, &item.vis, &item.attrs),
                syn::Item::Enum(item) => (&item.ident, &item.vis, &item.attrs),
                syn::Item::Trait(item) => (&item.ident, &item.vis, &item.attrs),
                _ => continue,
            };
            let is_private = matches!(seen_by, syn::Visibility::Inherited);
            if ident != "Props" && !is_private && !attributes.iter().any(is_test_only) {
                let name = (source.package() == "xtask", ident.to_string());
                names.entry(name).or_default().push(&source.path);
            }
        }
    }
    let found = names
        .into_iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|((_, name), files)| format!("{name}: {}", files.join(", ")))
        .collect();
    Section::new("names that two or more types have which other files can name", found)
}
