//! Suggestions ("did you mean") for misspelled words.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The suggestion for `word`: the member of `words` that is similar, or all of them.
pub(crate) fn advice(word: &str, words: &[&str]) -> String {
    match nearest(word, words) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("expected {}", one_of(words)),
    }
}

/// The words as a choice: `"a", "b" or "c"`.
pub(crate) fn one_of(words: &[&str]) -> String {
    let mut text = String::new();
    for (place, word) in words.iter().enumerate() {
        text.push_str(match place {
            0 => "",
            _ if place + 1 == words.len() => " or ",
            _ => ", ",
        });
        text.push_str(&format!("\"{word}\""));
    }
    text
}

/// The member of `words` that differs in at most a third of its letters.
fn nearest<'a>(word: &str, words: &[&'a str]) -> Option<&'a str> {
    let asked: Vec<char> =
        word.chars().map(|c| c.to_ascii_lowercase()).take(MOST_LETTERS).collect();
    let near = words.iter().map(|&candidate| (distance(&asked, candidate), candidate)).min()?;
    let (errors, candidate) = near;
    (errors <= 1.max(candidate.len().div_ceil(3))).then_some(candidate)
}

/// Longer words are never similar to one of ours.
const MOST_LETTERS: usize = 40;

/// The number of letters to insert, delete or replace (Levenshtein distance), ignoring case.
fn distance(a: &[char], b: &str) -> usize {
    let b: Vec<char> = b.chars().map(|c| c.to_ascii_lowercase()).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let changed = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognized() {
        assert_eq!(advice("latancy", &["latency", "loss"]), "did you mean \"latency\"?");
        assert_eq!(advice("Clasic", &["classic", "hardened"]), "did you mean \"classic\"?");
        assert_eq!(advice("grant", &["REQUEST", "GRANT"]), "did you mean \"GRANT\"?");
    }

    #[test]
    fn a_word_like_none_is_answered_with_all() {
        assert_eq!(
            advice("x", &["clock", "leader", "mutex"]),
            "expected \"clock\", \"leader\" or \"mutex\""
        );
        assert_eq!(advice(&"x".repeat(100_000), &["clock"]), "expected \"clock\"");
    }
}
