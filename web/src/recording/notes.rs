//! The remarks about the files of a recording, as the page tells them.

use antes_sim::history::Note;

use super::tape::Tape;
use crate::language::Language;
use crate::words::recorded as r;

/// All remarks, each with the tag of its language. Those of `antes merge` are in English.
pub fn told(tape: &Tape, language: Language) -> Vec<(&'static str, String)> {
    let own = tape.given().map(|given| &*given.notes).unwrap_or_default();
    let own = own.iter().map(|note| (language.tag(), tell(note, language)));
    let merged = tape.notes().iter().map(|note| (Language::English.tag(), note.clone()));
    own.chain(merged).collect()
}

fn tell(note: &Note, language: Language) -> String {
    match note {
        Note::UnknownField(field) => r::UNKNOWN_FIELD.fill(language, &[field]),
        Note::NeverReceived { message, sent_by } => {
            r::NEVER_RECEIVED.fill(language, &[message, sent_by])
        }
        Note::SeveralRuns => r::SEVERAL_RUNS.say(language).to_owned(),
    }
}
