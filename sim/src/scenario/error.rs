//! Errors in scenario files: what is wrong, where, and what would be right.

use alloc::string::String;
use core::fmt;

/// The reason why a file is no scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
    pub problem: String,
    pub remedy: String,
}

impl fmt::Display for ScenarioError {
    /// `12:8: what is wrong; what would be right`. The caller prints the file name before it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.problem)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "; {}", self.remedy) }
    }
}

impl core::error::Error for ScenarioError {}

/// An error with a byte position instead of a line and column.
#[cfg(feature = "files")]
#[derive(Debug)]
pub(super) struct Fault {
    /// Where the mistake is, in bytes from the start of the file.
    pub at: usize,
    pub problem: String,
    pub remedy: String,
}

#[cfg(feature = "files")]
impl Fault {
    pub(super) fn new(at: usize, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { at, problem: problem.into(), remedy: remedy.into() }
    }

    /// Converts the byte position to a line and column of `text`.
    pub(super) fn in_text(self, text: &str) -> ScenarioError {
        let (line, column) = place(text, self.at);
        ScenarioError { line, column, problem: self.problem, remedy: self.remedy }
    }
}

/// The line and column, from 1, of a byte position in `text`.
pub(crate) fn place(text: &str, at: usize) -> (u32, u32) {
    let before = &text.as_bytes()[..at.min(text.len())];
    let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    // Each byte that does not continue a character starts one.
    let column = before[line_start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() + 1;
    let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
    // A position after the last line break is the end of the last line.
    if at > 0 && line_start == text.len() && line > 1 {
        return place(text, line_start - 1);
    }
    (number(line), number(column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_lines_and_characters_from_one() {
        assert_eq!(place("", 0), (1, 1));
        assert_eq!(place("ab\ncd", 4), (2, 2));
        assert_eq!(place("líder = 1", 7), (1, 7));
    }

    #[test]
    fn the_end_of_a_file_is_in_its_last_line() {
        assert_eq!(place("ab\n", 3), (1, 3));
        assert_eq!(place("ab", 99), (1, 3));
        assert_eq!(place("\n\n", 2), (2, 1));
    }
}
