//! How many files a change of a usual kind touches.
//!
//! Each kind is stood for by something that is there already: the files outside of tests that name it
//! are those that its like has to change, or to add.

use super::section::Section;
use super::source::Source;

/// A kind of change, and the words by which the example that stands for it is found.
const KINDS: [(&str, &[&str]); 5] = [
    (
        "an algorithm (the lock of the classic profile)",
        &["MutexMessage", "MutexTimer", "MutexChoice", "MutexCause"],
    ),
    ("a message (WITHDRAW)", &["Withdraw"]),
    ("a field of a message (a request's repetition)", &["repetition"]),
    ("a button (Undo)", &["Undo"]),
    ("an export (Mermaid)", &["Mermaid", "mermaid"]),
];

pub fn touched(sources: &[Source]) -> Section {
    let found = KINDS
        .iter()
        .map(|(kind, words)| {
            let files: Vec<_> = sources
                .iter()
                .filter(|source| !source.is_test() && source.path != file!())
                .filter(|source| words.iter().any(|word| names(source, word)))
                .map(|source| source.path.as_str())
                .collect();
            format!("{kind}: {} files: {}", files.len(), files.join(", "))
        })
        .collect();
    Section { what: "files that name".to_owned(), found, always: true }
}

/// Whether a line of code, not of comment, has this word.
fn names(source: &Source, word: &str) -> bool {
    let code = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
        .any(|name| name == word)
}
