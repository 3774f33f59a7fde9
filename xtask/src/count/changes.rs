//! Counts how many files a typical change touches.
//!
//! Each kind of change has an existing example: the files outside of tests that name the example
//! are the files that a similar change has to touch or add.

use super::section::Section;
use super::source::Source;

/// A kind of change, and the identifiers of its example.
const KINDS: [(&str, &[&str]); 6] = [
    (
        "an algorithm (the lock of the classic profile)",
        &["MutexMessage", "LockTimer", "ApplicationTimer"],
    ),
    (
        "a second lock (the distributed one)",
        &[
            "DistributedLock",
            "DistributedMessage",
            "Distributed",
            "is_distributed",
            "EntryOrder",
            "LOCKS",
        ],
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

/// Whether a line of code, not a comment, contains this identifier.
fn names(source: &Source, word: &str) -> bool {
    let code = source.text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(|letter: char| !letter.is_alphanumeric() && letter != '_'))
        .any(|name| name == word)
}
