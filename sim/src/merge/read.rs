//! Reads the trace of one process: its lives one after the other. The last line of a life may be
//! incomplete.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::foreign;
use super::part::{Line, MergeError, Part};
use super::streams::tells_of_its_node;
use crate::content::recognize;
use crate::encoding::utf8;
use crate::export::{Header, LineReader, MAX_LINES};

/// The most lives that are read, of all processes together.
const MAX_PARTS: usize = 10_000;

/// The start of a header. A process that was killed while writing leaves an incomplete line, and
/// the header of its next life may follow on the same line.
const HEADER: &str = "{\"antes_trace\":";

/// The most unreadable lines of a file that are reported one by one.
const MAX_TOLD: usize = 3;

/// The error for a line that a process had not finished when it was killed.
const TORN: &str = "the line is torn";

/// The lives that have been read so far.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    parts: Vec<Part>,
    notes: Vec<String>,
    events: usize,
    lines: LineReader,
}

impl Reader {
    /// Reads one file. Unreadable lines of a process are skipped and reported.
    ///
    /// # Errors
    ///
    /// If the file is no trace or too long, or if a line of a whole run cannot be read.
    pub fn read(&mut self, name: &str, bytes: &[u8]) -> Result<(), MergeError> {
        let mut file = File { name, current: None, bad: Vec::new(), headers: 0 };
        if let Some(problem) = foreign::sentence(recognize(bytes)) {
            return Err(file.error(1, problem.to_string()));
        }
        let bytes = &*utf8(bytes);
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        for (number, line) in (1..).zip(bytes.split(|&byte| byte == b'\n')) {
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            self.read_line(&mut file, number, line)?;
        }
        self.finish(&mut file);
        self.tell_bad(&file);
        Ok(())
    }

    /// Reports the skipped lines of a file.
    fn tell_bad(&mut self, file: &File<'_>) {
        let name = file.name;
        let told = file.bad.iter().take(MAX_TOLD);
        self.notes.extend(told.map(|bad| {
            let Bad { number, problem, .. } = bad;
            format!("{name}:{number}: left out: {problem}")
        }));
        if let Some(more) = file.bad.len().checked_sub(MAX_TOLD).filter(|&more| more > 0) {
            self.notes.push(format!("{name}: {more} more lines are left out"));
        }
    }

    /// All lives that have been read, and the notes about them.
    pub fn finished(self) -> (Vec<Part>, Vec<String>) {
        (self.parts, self.notes)
    }

    fn read_line(
        &mut self,
        file: &mut File<'_>,
        number: u32,
        line: &[u8],
    ) -> Result<(), MergeError> {
        let text = String::from_utf8_lossy(line);
        let whole = core::str::from_utf8(line).is_ok_and(is_json);
        if let Some(header) = header_in(&text, whole) {
            if header.len() < text.len() {
                file.leave_out(number, TORN.to_string());
            }
            return self.read_header(file, number, header);
        }
        let Some(part) = &file.current else {
            if file.headers > 0 || !whole {
                // The line follows an unreadable header, or comes before the first header.
                file.leave_out(number, TORN.to_string());
                return Ok(());
            }
            let problem =
                format!("the file does not begin with a header; expected {HEADER}1,...}}");
            return Err(file.error(number, problem));
        };
        let read = if whole {
            match self.lines.read(&text, part.header.nodes) {
                Ok(event) if part.events.last().is_some_and(|last| last.event == event) => {
                    file.leave_out_again(number);
                    return Ok(());
                }
                read => read.and_then(|event| part.check(&event).map(|()| event)),
            }
        } else {
            Err(TORN.to_string())
        };
        let event = match read {
            Ok(event) => event,
            // A whole run must not have unreadable lines.
            Err(problem) if part.header.node.is_none() && whole => {
                return Err(file.error(number, problem));
            }
            Err(problem) => {
                file.leave_out(number, problem);
                return Ok(());
            }
        };
        if self.events == MAX_LINES {
            let problem =
                format!("there are more than {MAX_LINES} events in all; expected a shorter run");
            return Err(file.error(number, problem));
        }
        self.events += 1;
        self.keep(file, Line { number, event })
    }

    /// Begins another life, or several lives under one header.
    fn read_header(
        &mut self,
        file: &mut File<'_>,
        number: u32,
        header: &str,
    ) -> Result<(), MergeError> {
        self.finish(file);
        match Header::read(header) {
            Ok(_) if self.parts.len() == MAX_PARTS => Err(file.too_many(number)),
            Ok(header) => {
                file.begin(number, header);
                Ok(())
            }
            // The life was cut off while it wrote its first line.
            Err(_) if !is_json(header) => {
                file.leave_out(number, TORN.to_string());
                Ok(())
            }
            Err(problem) if file.headers == 0 => Err(file.error(number, problem)),
            Err(problem) => {
                file.leave_out(number, problem);
                Ok(())
            }
        }
    }

    /// Adds an event. If it is of a later life, begins that life.
    fn keep(&mut self, file: &mut File<'_>, line: Line) -> Result<(), MergeError> {
        let Some(part) = &mut file.current else { return Ok(()) };
        let last = part.events.last().map_or(part.line, |last| last.number);
        part.gaps |= file.bad.iter().rev().take_while(|bad| bad.number > last).any(|bad| bad.gap);
        let inc = line.event.incarnation.get();
        if part.header.writer().is_none() || !tells_of_its_node(&line.event) || inc <= part.life {
            part.events.push(line);
            return Ok(());
        }
        if part.life > 0 {
            if self.parts.len() == MAX_PARTS {
                return Err(file.too_many(line.number));
            }
            let header = part.header.clone();
            let before = core::mem::take(&mut part.events);
            let (name, life, gaps) = (part.name.clone(), part.life, part.gaps);
            self.parts.push(Part { name, line: part.line, header, life, gaps, events: before });
            part.gaps = false;
            part.line = line.number;
        }
        part.life = inc;
        part.events.push(line);
        Ok(())
    }

    fn finish(&mut self, file: &mut File<'_>) {
        self.parts.extend(file.current.take());
    }
}

/// The file that is being read.
struct File<'a> {
    name: &'a str,
    /// The life whose lines are being read.
    current: Option<Part>,
    /// The lines that are skipped.
    bad: Vec<Bad>,
    /// The number of headers so far.
    headers: u32,
}

/// A line that is skipped.
struct Bad {
    number: u32,
    /// The mistake, and what would be right.
    problem: String,
    /// Whether something is missing without it.
    gap: bool,
}

impl File<'_> {
    /// Skips a line. If lines of the same life follow, that life has a gap.
    fn leave_out(&mut self, number: u32, problem: String) {
        self.bad.push(Bad { number, problem, gap: true });
    }

    /// Leaves out a line that is there already.
    fn leave_out_again(&mut self, number: u32) {
        let problem = "it is the line before again; expected each line once".to_string();
        self.bad.push(Bad { number, problem, gap: false });
    }

    /// Begins the life of a header. The resource's lines are about the nodes that write to it, so
    /// its lives are counted by their headers.
    fn begin(&mut self, line: u32, header: Header) {
        self.headers += 1;
        let life = if header.node == Some(0) { self.headers } else { 0 };
        let name = self.name.to_string();
        self.current = Some(Part { name, line, header, life, gaps: false, events: Vec::new() });
    }

    fn too_many(&self, line: u32) -> MergeError {
        self.error(line, format!("there are more than {MAX_PARTS} lives; expected fewer"))
    }

    fn error(&self, line: u32, problem: String) -> MergeError {
        MergeError { name: self.name.to_string(), line, problem }
    }
}

/// The header in a line, which may follow an incomplete line of the previous life.
fn header_in(text: &str, whole: bool) -> Option<&str> {
    if text.starts_with(HEADER) || whole && has_version(text) {
        return Some(text);
    }
    if whole {
        return None;
    }
    text.rfind(HEADER).map(|place| &text[place..])
}

/// Whether the first non-empty line, or a line after incomplete ones, is a header.
pub(crate) fn has_header(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let Some(first) = lines.find(|line| !line.is_empty()) else { return true };
    let text = String::from_utf8_lossy(first);
    let whole = is_json(&text);
    let begins = header_in(&text, whole).is_some();
    begins || !whole && bytes.windows(HEADER.len()).any(|window| window == HEADER.as_bytes())
}

/// Whether a JSON line from another tool, with spaces or another order of fields, is a header.
fn has_version(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "antes_trace")]
        _version: IgnoredAny,
    }
    text.contains("\"antes_trace\"") && serde_json::from_str::<Version>(text).is_ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}
