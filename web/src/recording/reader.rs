//! Reads files that are brought into the page, whatever they are called: traces, as `antes merge` reads them,
//! figures, logs for ShiViz, and scenarios.

use antes_sim::content::{Content, recognize};
use antes_sim::merge::{Reader, merge};
use antes_sim::scenario::{self, Scenario};
use antes_sim::{encoding, figure, history};
use history::History;

use super::log;
use super::tape::Tape;
use crate::language::Language;
use crate::words::{Word, recorded as r};

/// A file.
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
    /// The history in it, if it is a log for ShiViz. An error begins with the line.
    log: Option<Result<History, String>>,
}

impl File {
    /// A file with this content. A log for ShiViz is read at once, because its regular expressions may take long.
    pub async fn new(name: String, bytes: Vec<u8>) -> Self {
        let log = match recognize(&bytes) {
            Content::Shiviz => Some(match encoding::text(&bytes) {
                Ok(text) => log::read(&text).await,
                Err(problem) => Err(problem),
            }),
            _ => None,
        };
        Self { log, ..Self::without_log(name, bytes) }
    }

    /// A file that is no log for ShiViz.
    pub const fn without_log(name: String, bytes: Vec<u8>) -> Self {
        Self { name, bytes, log: None }
    }
}

/// The readable content of the files.
pub enum Brought {
    Tape(Box<Tape>),
    /// A scenario, which is run, and the name of its file.
    Scenario(Box<Scenario>, String),
}

/// An error: a text with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The text.
    pub word: Word,
    /// The value of the first placeholder.
    pub about: String,
    /// The kind that the file has instead, the value of the second placeholder.
    pub is: Option<Word>,
}

impl Refusal {
    pub const fn new(word: Word, about: String) -> Self {
        Self { word, about, is: None }
    }

    /// The error as a sentence.
    pub fn tell(&self, language: Language) -> String {
        let is = self.is.map(|is| is.say(language)).unwrap_or_default();
        self.word.fill(language, &[&self.about, &is])
    }
}

impl Refusal {
    /// The error for a host: in English, without a full stop.
    pub fn reason(&self) -> String {
        if self.word == r::REFUSED {
            return self.about.clone();
        }
        self.tell(Language::English).trim_end_matches('.').to_owned()
    }
}

/// An error in a file. It is in English, as the command tells it.
fn refused(problem: String) -> Refusal {
    Refusal::new(r::REFUSED, problem)
}

/// The word for the kind of a file that the page does not show.
const fn foreign(content: Content) -> Option<Word> {
    Some(match content {
        Content::Trace | Content::Scenario | Content::Figure | Content::Shiviz => return None,
        Content::Empty => r::IS_EMPTY,
        Content::Stamped => r::IS_STAMPED,
        Content::Summary => r::IS_SUMMARY,
        Content::Spread => r::IS_SPREAD,
        Content::Json => r::IS_JSON,
        Content::Diagram => r::IS_DIAGRAM,
        Content::PlainText => r::IS_PLAIN_TEXT,
        Content::Page => r::IS_PAGE,
        Content::Picture => r::IS_PICTURE,
        Content::Packed => r::IS_PACKED,
        Content::Binary => r::IS_BINARY,
        Content::Text => r::IS_TEXT,
    })
}

/// Reads a scenario, a figure, a log for ShiViz, or one or several traces.
///
/// # Errors
///
/// If the files are invalid: what is wrong, where, and what would be right.
pub fn read(files: Vec<File>) -> Result<Brought, Refusal> {
    let contents: Vec<Content> = files.iter().map(|file| recognize(&file.bytes)).collect();
    if contents.contains(&Content::Trace) {
        return traces(files).map(|tape| Brought::Tape(Box::new(tape)));
    }
    let (Ok([file]), &[content]) = (<[File; 1]>::try_from(files), &*contents) else {
        return Err(Refusal::new(r::ONE_AT_A_TIME, String::new()));
    };
    if let Some(is) = foreign(content) {
        return Err(Refusal { word: r::IS_FOREIGN, about: file.name, is: Some(is) });
    }
    let name = file.name.clone();
    one(file, content).map_err(|problem| refused([&*name, ":", &problem].concat()))
}

/// Reads a file of another kind than a trace. An error begins with the line.
fn one(file: File, content: Content) -> Result<Brought, String> {
    if let Some(history) = file.log {
        return Ok(Brought::Tape(Box::new(Tape::of_history(history?)?)));
    }
    let text = encoding::text(&file.bytes)?;
    let history = match content {
        Content::Scenario => {
            let scenario = scenario::read(&text).map_err(|error| error.to_string())?;
            return Ok(Brought::Scenario(Box::new(scenario), file.name));
        }
        _ => {
            let figure = figure::read(&text).map_err(|error| error.to_string())?;
            history::of_figure(&figure).map_err(|problem| ["1: ", &problem].concat())?
        }
    };
    Ok(Brought::Tape(Box::new(Tape::of_history(history)?)))
}

/// Reads a whole trace, or merges the traces of a cluster's processes. The run is judged, whatever
/// the files say about violations.
fn traces(files: Vec<File>) -> Result<Tape, Refusal> {
    let names = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
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
        return Err(Refusal::new(r::EMPTY, names));
    }
    let merged = merge(parts, None).map_err(|error| refused(error.to_string()))?;
    if merged.events.is_empty() {
        return Err(Refusal::new(r::EMPTY, names));
    }
    notes.extend(merged.notes);
    Tape::new(merged.header, merged.events, notes).map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &[u8]) -> Result<Brought, Refusal> {
        read(vec![File::without_log("run.jsonl".into(), text.to_vec())])
    }

    fn told(text: &[u8]) -> String {
        read_text(text).err().expect("it is not shown").tell(Language::English)
    }

    const HEADER: &str = r#"{"antes_trace":1,"source":"sim","nodes":2,"seed":1,"profile":"classic","algorithm":"clock","title":""}"#;

    #[test]
    fn a_mistake_in_a_file_is_told_with_its_line_and_what_would_be_right() {
        let line = format!("{HEADER}\n{{\"seq\":0,\"at_us\":-1}}\n");
        assert!(told(line.as_bytes()).contains("run.jsonl:2: "), "{}", told(line.as_bytes()));
        let nodes = HEADER.replace("\"nodes\":2", "\"nodes\":17");
        assert!(told(nodes.as_bytes()).contains("expected 1 to 16"), "{}", told(nodes.as_bytes()));
        let setting = HEADER.replace("\"clock\"", "\"tick\"");
        assert!(
            told(setting.as_bytes()).contains("expected clock"),
            "{}",
            told(setting.as_bytes())
        );
        let figure =
            br#"{"processes": ["P"], "events": [{"id": "a", "proc": "Q", "kind": "local"}]}"#;
        assert!(told(figure).contains("run.jsonl:1:33: \"a\" is at \"Q\""), "{}", told(figure));
    }

    #[test]
    fn a_bad_scenario_gets_the_sentence_of_the_command() {
        let text = "nodes = 4\n\n[netwrok]\nloss = 0.1\n";
        let error = scenario::read(text).unwrap_err();
        assert_eq!(told(text.as_bytes()), format!("This cannot be shown: run.jsonl:{error}."));
    }

    #[test]
    fn what_a_file_is_instead_is_told_in_both_languages_with_what_would_be_right() {
        for bytes in [
            &b""[..],
            b"\x89PNG\r\n\x1a\n\0\0\0",
            b"PK\x03\x04\0\0",
            b"<!DOCTYPE html>\n",
            b"{\"name\":\"x\"}",
            b"[1,2]",
            b"\0\0\0\0",
            b"Just words.",
            b"sequenceDiagram\n",
        ] {
            let refusal = read_text(bytes).err().expect("it is not shown");
            for (language, right) in
                [(Language::English, "expected"), (Language::Portuguese, "esperava-se")]
            {
                let told = refusal.tell(language);
                assert!(told.contains("run.jsonl") && told.contains(right), "{told}");
            }
        }
    }

    #[test]
    fn every_kind_is_read_whatever_its_name_is_and_in_utf_16_too() {
        let event =
            r#"{"seq":0,"at_us":1,"node":1,"inc":1,"kind":"local","lamport":1,"vector":[1,0]}"#;
        let trace = format!("{HEADER}\n{event}\n");
        let figure =
            r#"{"processes": ["P"], "events": [{"id": "a", "proc": "P", "kind": "local"}]}"#;
        for (text, is_scenario) in [(&*trace, false), (figure, false), ("nodes = 2\n", true)] {
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let marked = ["\u{FEFF}", text].concat().into_bytes();
            for bytes in [text.as_bytes().to_vec(), units, marked] {
                let brought = read_text(&bytes).unwrap_or_else(|it| panic!("{it:?}: {text}"));
                assert_eq!(matches!(brought, Brought::Scenario(..)), is_scenario, "{text}");
            }
        }
    }

    #[test]
    fn two_runs_at_once_are_refused_and_so_are_two_scenarios() {
        let event =
            r#"{"seq":0,"at_us":1,"node":1,"inc":1,"kind":"local","lamport":1,"vector":[1,0]}"#;
        let bytes = format!("{HEADER}\n{event}\n").into_bytes();
        let file = |name: &str| File::without_log(name.into(), bytes.clone());
        assert!(read(vec![file("a.jsonl")]).is_ok());
        let refused = read(vec![file("a.jsonl"), file("b.jsonl")]).err().unwrap();
        assert!(refused.about.contains("whole run already"), "{refused:?}");
        let scenario = |name: &str| File::without_log(name.into(), b"nodes = 2\n".to_vec());
        let refused = read(vec![scenario("a.toml"), scenario("b.toml")]).err().unwrap();
        assert_eq!(refused.word, r::ONE_AT_A_TIME);
        // A file beside a trace is left out, and a note says so.
        let Ok(Brought::Tape(tape)) = read(vec![scenario("a.toml"), file("b.jsonl")]) else {
            panic!("the trace is shown");
        };
        assert!(tape.notes()[0].contains("a.toml:1: this is a scenario"), "{:?}", tape.notes());
    }
}
