//! Finds doc comments that may only repeat the name they document.

use super::section::Section;
use super::source::Source;

/// The most words of such a paragraph.
const WORDS: usize = 4;

/// The doc paragraphs outside of tests with at most [`WORDS`] words.
pub fn paragraphs(sources: &[Source]) -> Section {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let mut paragraph = String::new();
        for (number, line) in (1..).zip(source.text.lines()) {
            match line.trim_start().strip_prefix("/// ") {
                Some(text) => paragraph = paragraph + text + " ",
                None => {
                    let words = paragraph.split_whitespace().count();
                    if (1..=WORDS).contains(&words) {
                        found.push(format!("{}:{number} {}", source.path, paragraph.trim_end()));
                    }
                    paragraph.clear();
                }
            }
        }
    }
    Section::new(format!("paragraphs of documentation of {WORDS} words or fewer"), found)
}
