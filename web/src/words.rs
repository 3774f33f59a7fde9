//! All texts of the page, in both languages. `words/all.rs` is the one file to translate.
//! Names of messages (ELECTION, OK, GRANT...) are not translated, since papers, traces and scenario files use
//! them.
//! The page contains its English texts and fetches the Portuguese ones when needed. Texts that only the
//! whole program uses are in `words/recorded.rs`, in both languages.

pub mod recorded;

use core::fmt::Display;
use std::sync::OnceLock;

use antes_picture::words::fill;
pub use antes_picture::words::{
    NO_TOKEN, REFUSED, STATE_ALIVE, STATE_CRASHED, STATE_PAUSED, STATE_STOPPED, STATE_UNKNOWN,
};

use crate::dom;
use crate::language::Language;
use crate::library::{self, LIBRARY, PORTUGUESE_FILE};

/// A text of the page in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u16);

macro_rules! words {
    ($($(#[$meta:meta])* $name:ident: $en:literal, $pt:literal;)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "as the constants are")]
        enum Place { $($name,)* Further }

        $(
            #[doc = concat!("\"", $en, "\"")]
            pub const $name: Word = Word(Place::$name as u16);
        )*

        static ENGLISH: &[&str] = &[$($en),*];

        #[cfg(test)]
        static PORTUGUESE: &[&str] = &[$($pt),*];
    };
}

include!("words/all.rs");

/// The fetched Portuguese texts, followed by the titles of the scenarios.
static FETCHED: OnceLock<Vec<&'static str>> = OnceLock::new();

#[cfg(not(test))]
fn portuguese() -> Option<&'static [&'static str]> {
    FETCHED.get().map(Vec::as_slice)
}

#[cfg(test)]
fn portuguese() -> Option<&'static [&'static str]> {
    Some(PORTUGUESE)
}

/// The texts that only the whole program has, in English and Portuguese.
static FURTHER: OnceLock<&'static [[&'static str; 2]]> = OnceLock::new();

#[cfg(not(test))]
fn further() -> Option<&'static [[&'static str; 2]]> {
    FURTHER.get().copied()
}

#[cfg(test)]
const fn further() -> Option<&'static [[&'static str; 2]]> {
    Some(recorded::TEXTS)
}

/// The first index of those texts.
const FURTHER_FROM: u16 = Place::Further as u16;

/// Adds the texts that only this program has.
pub fn add(texts: &'static [[&'static str; 2]]) {
    // A program has only one such table, and adds it once.
    let _ = FURTHER.set(texts);
}

/// Whether the texts of `language` are loaded.
pub fn are_at_hand(language: Language) -> bool {
    language == Language::English || portuguese().is_some()
}

/// Loads the texts of `language` if needed. Returns whether they are available.
pub async fn fetch(language: Language) -> bool {
    if !are_at_hand(language)
        && let Some(file) = dom::fetch(PORTUGUESE_FILE).await
        && let Ok(text) = String::from_utf8(file)
    {
        let texts: Vec<&'static str> = text.leak().split('\n').collect();
        if texts.len() == ENGLISH.len() + LIBRARY.len() {
            // Another call may have been faster, with the same texts.
            let _ = FETCHED.set(texts);
        }
    }
    are_at_hand(language)
}

/// The title of the scenario with this index. It is in English if `language` has not been fetched.
pub fn title(place: usize, language: Language) -> &'static str {
    if library::is_brought(place) {
        return library::title_of_brought(language);
    }
    let texts = if language == Language::Portuguese { portuguese() } else { None };
    texts.and_then(|texts| texts.get(ENGLISH.len() + place)).unwrap_or(&LIBRARY[place].title)
}

impl Word {
    /// The text in `language`, or in English if `language` has not been fetched.
    pub fn say(self, language: Language) -> &'static str {
        if self.0 >= FURTHER_FROM {
            return self.say_further(language);
        }
        let texts = match language {
            Language::English => ENGLISH,
            Language::Portuguese => portuguese().unwrap_or(ENGLISH),
        };
        texts[usize::from(self.0)]
    }

    fn say_further(self, language: Language) -> &'static str {
        let place = usize::from(self.0.wrapping_sub(FURTHER_FROM));
        let texts = further().and_then(|texts| texts.get(place));
        texts.map_or("", |texts| texts[language as usize])
    }

    /// The translation of `sentence`, if it is this text in English with values filled in. `None` otherwise.
    pub fn translate(self, sentence: &str, language: Language) -> Option<String> {
        let values = values_in(self.say(Language::English), sentence)?;
        let and = format!(" {} ", AND.say(language));
        let values: Vec<String> = values.iter().map(|value| value.replace(" and ", &and)).collect();
        let values: Vec<&dyn Display> = values.iter().map(|value| value as &dyn Display).collect();
        Some(self.fill(language, &values))
    }

    /// The text in `language`, with `{0}`, `{1}`... replaced by `values`.
    pub fn fill(self, language: Language, values: &[&dyn Display]) -> String {
        fill(self.say(language), values)
    }
}

/// The values that [`fill`] has put into `text`, if `filled` is its result.
fn values_in<'a>(text: &str, filled: &'a str) -> Option<Vec<&'a str>> {
    let (first, mut rest_of_text) = text.split_once('{').unwrap_or((text, ""));
    let mut rest = filled.strip_prefix(first)?;
    let mut values = Vec::new();
    while let Some((place, after)) = rest_of_text.split_once('}') {
        let (between, next) = after.split_once('{').unwrap_or((after, ""));
        let end = if next.is_empty() {
            rest.len().checked_sub(between.len())
        } else {
            rest.find(between)
        };
        let (value, behind) = rest.split_at_checked(end?)?;
        rest = behind.strip_prefix(between)?;
        let place: usize = place.parse().ok()?;
        if values.len() <= place {
            values.resize(place + 1, "");
        }
        values[place] = value;
        rest_of_text = next;
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_word_that_goes_with_it() {
        let events = |count: usize| CAUSALITY_COUNTS.fill(Language::English, &[&count, &0, &count]);
        assert_eq!(events(1), "1 event happened before it, 0 after it, 1 is concurrent with it.");
        assert_eq!(events(2), "2 events happened before it, 0 after it, 2 are concurrent with it.");
        let eventos =
            |count: usize| CAUSALITY_COUNTS.fill(Language::Portuguese, &[&count, &0, &count]);
        assert_eq!(eventos(1), "1 evento aconteceu antes dele, 0 depois, 1 é concorrente com ele.");
        assert_eq!(
            eventos(0),
            "0 eventos aconteceram antes dele, 0 depois, 0 são concorrentes com ele."
        );
    }

    #[test]
    fn the_values_of_a_sentence_can_be_read_from_it() {
        let text = "Node {0} grants request {1}, which nobody made.";
        let found = values_in(text, "Node 4 grants request 2:1, which nobody made.");
        assert_eq!(found, Some(vec!["4", "2:1"]));
        assert_eq!(values_in(text, "Node 4 grants request 2:1, but does not lead."), None);
        assert_eq!(values_in(text, "Node 4 grants"), None);
        assert_eq!(values_in("{1} before {0}", "a before b"), Some(vec!["b", "a"]));
        assert_eq!(values_in("nothing", "nothing"), Some(vec![]));
    }

    /// Words that courses do not use, with better ones.
    const BETTER: &[(&str, &str)] = &[
        ("enlace", "canal"),
        ("ficha", "token"),
        ("reforçad", "robusto"),
        ("calad", "sem responder"),
        ("caíd", "fora do ar"),
        ("estágio", "período de prova"),
        ("refeit", "restabelecido"),
        ("mais alto", "de id maior"),
        ("seção crítica", "região crítica (or both, once)"),
        ("mended", "restored"),
    ];

    #[test]
    fn one_term_is_used_for_one_thing() {
        let recorded = recorded::TEXTS.iter().flatten();
        for text in ENGLISH.iter().chain(PORTUGUESE).chain(recorded) {
            let both_terms = text.contains("região crítica (ou seção crítica)");
            for (word, better) in BETTER.iter().filter(|_| !both_terms) {
                assert!(!text.to_lowercase().contains(word), "not {word} but {better}: {text}");
            }
        }
    }

    #[test]
    fn both_languages_of_a_text_are_filled_with_the_same_things() {
        let places = |text: &str| {
            let place = |rest: &str| rest.split(['}', '?']).next().unwrap().to_owned();
            let mut found: Vec<_> = text.split('{').skip(1).map(place).collect();
            found.sort_unstable();
            found.dedup();
            found.join(" ")
        };
        let recorded = recorded::TEXTS.iter().map(|[en, pt]| (en, pt));
        for (en, pt) in ENGLISH.iter().zip(PORTUGUESE).chain(recorded) {
            assert_eq!(places(en), places(pt), "{en}");
            assert!(!pt.is_empty(), "{en} is not translated");
            assert!(!pt.contains('\n'), "a text is a line of the file: {pt}");
        }
    }
}
