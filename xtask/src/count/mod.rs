//! `cargo xtask count`: the size of the project, and how well it keeps its rules.
//!
//! It only reads the sources. To compare two commits, run it in both. Each part documents what it
//! counts: [`lines`], [`functions`], [`imports`], [`names`], [`filler`] and [`changes`].

mod changes;
mod filler;
mod functions;
mod imports;
mod lines;
mod names;
mod section;
mod source;

use anyhow::Result;
use clap::Args;

use section::Section;
use source::Source;

/// The most lines of a file.
const FILE: usize = 400;
/// The most lines of a function.
const FUNCTION: usize = 70;

#[derive(Args)]
pub struct Options {
    /// List each file, function, circle and type that is counted
    #[arg(long)]
    names: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let sources = source::all()?;
    let mut report = lines::table(&sources);
    let sections = [
        large_files(&sources),
        functions::longer_than(FUNCTION, &sources),
        imports::circles(&sources),
        names::shared(&sources),
        filler::paragraphs(&sources),
        changes::touched(&sources),
    ];
    for section in sections {
        section.write(options.names, &mut report);
    }
    print!("{report}");
    Ok(())
}

/// Files with more than [`FILE`] lines, the longest first.
fn large_files(sources: &[Source]) -> Section {
    let mut large: Vec<_> = sources
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > FILE)
        .collect();
    large.sort_by(|one, other| other.cmp(one));
    let found = large.into_iter().map(|(lines, path)| format!("{lines} {path}")).collect();
    Section::new(format!("files of more than {FILE} lines"), found)
}
