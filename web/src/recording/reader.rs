//! Reads files into a tape, like `antes merge`.

use antes_sim::merge::{Reader, merge};

use super::tape::Tape;
use crate::language::Language;
use crate::words::{Word, recorded as r};

/// The name and the content of a file.
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// An error: a text with a placeholder, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The text, with a placeholder for `about`.
    pub word: Word,
    /// The text that replaces the placeholder.
    pub about: String,
}

impl Refusal {
    /// The error as a sentence.
    pub fn tell(&self, language: Language) -> String {
        self.word.fill(language, &[&translated(&self.about, language)])
    }
}

/// The errors for files that are no traces.
const FOREIGN: [Word; 12] = [
    r::IS_UTF_16,
    r::IS_PACKED,
    r::IS_SHIVIZ,
    r::IS_MERMAID,
    r::IS_PLAIN_TEXT,
    r::IS_PAGE,
    r::IS_SCENARIO,
    r::IS_NO_TRACE,
    r::IS_SPREAD,
    r::IS_STAMPED,
    r::IS_FIGURE,
    r::IS_SUMMARY,
];

/// An error in the page's language, if it is about a file that is no trace: `a.toml:1: this is a
/// scenario...`. Errors within a trace are in English, like the trace itself.
fn translated(problem: &str, language: Language) -> String {
    let translate = |word: Word| {
        let place = problem.strip_suffix(word.say(Language::English))?;
        Some([place, word.say(language)].concat())
    };
    FOREIGN.into_iter().find_map(translate).unwrap_or_else(|| problem.to_owned())
}

/// Reads a whole trace, or merges the traces of a cluster's processes. The run is judged, whatever
/// the files say about violations.
///
/// # Errors
///
/// If the files are invalid: what is wrong, where, and what would be right.
pub fn read(files: Vec<File>) -> Result<Tape, Refusal> {
    let names = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let refused = |problem: String| Refusal { word: r::REFUSED, about: problem };
    let mut reader = Reader::default();
    let mut unread = Vec::new();
    for file in files {
        unread.extend(reader.read(&file.name, &file.bytes).err());
    }
    let (parts, mut notes) = reader.finished();
    notes.extend(unread.iter().map(|error| format!("{error}; the file is left out")));
    if parts.is_empty() {
        if let Some(error) = unread.first() {
            return Err(refused(error.to_string()));
        }
        return Err(Refusal { word: r::EMPTY, about: names });
    }
    let merged = merge(parts, None).map_err(|error| refused(error.to_string()))?;
    if merged.events.is_empty() {
        return Err(Refusal { word: r::EMPTY, about: names });
    }
    notes.extend(merged.notes);
    Tape::new(merged.header, merged.events, notes).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &[u8]) -> String {
        let file = File { name: "run.jsonl".into(), bytes: text.to_vec() };
        read(vec![file]).err().expect("it is no trace").tell(Language::English)
    }

    const HEADER: &str = r#"{"antes_trace":1,"source":"sim","nodes":2,"seed":1,"profile":"classic","algorithm":"clock","title":""}"#;

    #[test]
    fn a_mistake_in_a_file_is_told_with_its_line_and_what_would_be_right() {
        assert!(told(b"").contains("run.jsonl: "), "{}", told(b""));
        let no_trace = told(b"{\"seq\":0}\n");
        assert!(
            no_trace.contains("run.jsonl:1: ") && no_trace.contains("antes_trace"),
            "{no_trace}"
        );
        let line = format!("{HEADER}\n{{\"seq\":0,\"at_us\":-1}}\n");
        assert!(told(line.as_bytes()).contains("run.jsonl:2: "), "{}", told(line.as_bytes()));
        let nodes = HEADER.replace("\"nodes\":2", "\"nodes\":9");
        assert!(told(nodes.as_bytes()).contains("expected 1 to 8"), "{}", told(nodes.as_bytes()));
        let setting = HEADER.replace("\"clock\"", "\"tick\"");
        assert!(
            told(setting.as_bytes()).contains("expected clock"),
            "{}",
            told(setting.as_bytes())
        );
        assert!(told(b"\x89PNG\r\n\x1a\n\0\0\0").contains("run.jsonl"));
    }

    #[test]
    fn the_kind_of_a_file_that_is_no_trace_is_told_in_portuguese_too() {
        for sentence in antes_sim::merge::FOREIGN {
            let said = translated(&["a.txt:1: ", sentence].concat(), Language::Portuguese);
            let word = FOREIGN.iter().find(|word| word.say(Language::English) == sentence);
            let word = word.unwrap_or_else(|| panic!("no Portuguese for: {sentence}"));
            assert_eq!(said, ["a.txt:1: ", word.say(Language::Portuguese)].concat());
        }
        let file = File { name: "a.toml".into(), bytes: b"title.en = \"x\"\n".to_vec() };
        let told = read(vec![file]).err().unwrap().tell(Language::Portuguese);
        assert!(told.contains("a.toml:1: este \u{e9} um cen\u{e1}rio"), "{told}");
    }

    #[test]
    fn two_runs_at_once_are_refused() {
        let event =
            r#"{"seq":0,"at_us":1,"node":1,"inc":1,"kind":"local","lamport":1,"vector":[1,0]}"#;
        let bytes = format!("{HEADER}\n{event}\n").into_bytes();
        let file = |name: &str| File { name: name.into(), bytes: bytes.clone() };
        assert!(read(vec![file("a.jsonl")]).is_ok());
        let refused = read(vec![file("a.jsonl"), file("b.jsonl")]).err().unwrap();
        assert!(refused.about.contains("whole run already"), "{refused:?}");
    }
}
