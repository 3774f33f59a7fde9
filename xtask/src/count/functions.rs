//! Finds functions that are too long.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::section::Section;
use super::source::Source;

/// Functions of more than `most` lines, from `fn` to the closing brace, the longest first.
pub fn longer_than(most: usize, sources: &[Source]) -> Section {
    let mut long = Vec::new();
    for source in sources {
        let mut found = Found { most, functions: Vec::new() };
        found.visit_file(&source.syntax);
        long.extend(found.functions.into_iter().map(|(lines, name)| (lines, &source.path, name)));
    }
    long.sort_by(|one, other| other.cmp(one));
    let found =
        long.into_iter().map(|(lines, path, name)| format!("{lines} {path} {name}")).collect();
    Section::new(format!("functions of more than {most} lines"), found)
}

struct Found {
    most: usize,
    functions: Vec<(usize, String)>,
}

impl Found {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line - signature.span().start().line + 1;
        if lines > self.most {
            self.functions.push((lines, signature.ident.to_string()));
        }
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.measure(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.measure(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
