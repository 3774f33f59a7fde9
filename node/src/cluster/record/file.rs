//! The trace's file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The least bound of a trace, in bytes: what is written at once, and what is kept of it, fit several
/// times.
pub const LEAST_BOUND: u64 = 1 << 16;

/// A trace that lines can be added to.
///
/// Lines are written as they come, without a buffer of this process: what was written before a
/// crash of the process is in the file, and at most the last line is torn.
pub struct TraceFile {
    out: Out,
    /// The place of the next line.
    pub seq: u64,
    /// When the trace began, in microseconds since 1970.
    pub began_us: u64,
}

enum Out {
    Stdout(io::Stdout),
    File(Bounded),
}

/// A file whose oldest lines go when it would become too long.
struct Bounded {
    file: File,
    path: PathBuf,
    /// How long it is, in bytes.
    length: u64,
    /// How long it may become; as long as the disk allows, if there is no bound.
    bound: Option<u64>,
}

/// What is read back of an earlier life's lines.
#[derive(Deserialize)]
struct Known {
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    epoch_us: Option<u64>,
}

impl TraceFile {
    /// The trace of this name; `-` is standard output. A new one begins with `header`, which says
    /// that the trace begins at `began_us`; one that is there already is added to, and a torn last
    /// line of it is cut off. A file that would become longer than `bound`, in bytes, loses its
    /// oldest lines, so that the latest ones are kept, half of the bound at least.
    ///
    /// # Errors
    ///
    /// It cannot be written, or is no trace.
    pub fn open(path: &Path, bound: Option<u64>, began_us: u64, header: &str) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            let mut out = io::stdout();
            writeln!(out, "{header}")?;
            return Ok(Self { out: Out::Stdout(out), seq: 0, began_us });
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let bounded = |file, length| Bounded { file, path: path.to_owned(), length, bound };
        let Some((first, last, whole)) = ends(&file)? else {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{header}")?;
            let out = Out::File(bounded(file, header.len() as u64 + 1));
            return Ok(Self { out, seq: 0, began_us });
        };
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        let known = |line: &str| serde_json::from_str::<Known>(line).ok();
        let began = known(&first).and_then(|known| known.epoch_us);
        let Some(began_us) = began else {
            let problem = "it is no trace of a node; expected another file, or none yet";
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        };
        let seq = known(&last).and_then(|known| known.seq).map_or(0, |seq| seq + 1);
        Ok(Self { out: Out::File(bounded(file, whole)), seq, began_us })
    }

    /// Adds whole lines.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Out::Stdout(out) => out.write_all(lines).and_then(|()| out.flush()),
            Out::File(file) => file.write(lines),
        }
    }
}

impl Bounded {
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let longer = self.length + lines.len() as u64;
        if let Some(bound) = self.bound.filter(|&bound| longer > bound) {
            // What comes now fits as well, unless it is longer than all that may be kept.
            self.cut(bound / 2)?;
        }
        self.file.write_all(lines)?;
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Keeps the header and the latest lines, `kept` bytes of them at most. They are written beside and
    /// take the file's place at once, so that a crash leaves the one or the other.
    fn cut(&mut self, kept: u64) -> io::Result<()> {
        let mut reader = BufReader::new(&self.file);
        reader.seek(SeekFrom::Start(0))?;
        let mut header = Vec::new();
        let begin = reader.read_until(b'\n', &mut header)? as u64;
        // One byte earlier, so that a line that begins right there is whole.
        reader.seek(SeekFrom::Start(self.length.saturating_sub(kept + 1).max(begin - 1)))?;
        reader.read_until(b'\n', &mut Vec::new())?;
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let beside = PathBuf::from(name);
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(true).clone();
        let mut writer = BufWriter::new(options.open(&beside)?);
        writer.write_all(&header)?;
        let copied = io::copy(&mut reader, &mut writer)?;
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        fs::rename(&beside, &self.path)?;
        self.file = file;
        self.length = begin + copied;
        Ok(())
    }
}

/// The first line, the last whole line, and how many bytes the whole lines have; nothing, if there
/// is no whole line.
fn ends(file: &File) -> io::Result<Option<(String, String, u64)>> {
    let mut reader = BufReader::new(file);
    let (mut first, mut last, mut whole) = (None, String::new(), 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = reader.read_until(b'\n', &mut line)?;
        if line.last() != Some(&b'\n') {
            return Ok(first.map(|first| (first, last, whole)));
        }
        whole += count as u64;
        last = String::from_utf8_lossy(&line).into_owned();
        first.get_or_insert_with(|| last.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let name = format!("antes-trace-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder for the test");
        folder
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_numbers_go_on() {
        let folder = folder("torn");
        let path = folder.join("trace.jsonl");
        let head = "{\"antes_trace\":1,\"epoch_us\":5}";
        let whole = format!("{head}\n{{\"seq\":0}}\n{{\"seq\":1}}\n");
        std::fs::write(&path, format!("{whole}{{\"se")).expect("it is written");
        let mut trace = TraceFile::open(&path, None, 99, "unused").expect("it is a trace");
        assert_eq!((trace.seq, trace.began_us), (2, 5));
        trace.write(b"{\"seq\":2}\n").expect("it is written");
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(text, format!("{whole}{{\"seq\":2}}\n"));
        std::fs::remove_dir_all(folder).expect("it is removed");
    }

    #[test]
    fn a_file_that_is_too_long_loses_its_oldest_lines_and_no_others() {
        let folder = folder("bound");
        let path = folder.join("trace.jsonl");
        let head = "{\"antes_trace\":1,\"epoch_us\":5}";
        let line = |seq: u64| format!("{{\"seq\":{seq},\"and\":\"{}\"}}\n", "x".repeat(97));
        let mut written = 0;
        let mut longest = 0;
        // It is opened again and again, as by one life after the other.
        for _ in 0..5 {
            let mut trace = TraceFile::open(&path, Some(LEAST_BOUND), 5, head).expect("a trace");
            assert_eq!((trace.seq, trace.began_us), (written, 5));
            for _ in 0..300 {
                let lines: String = (written..written + 3).map(line).collect();
                trace.write(lines.as_bytes()).expect("it is written");
                written += 3;
                longest = longest.max(fs::metadata(&path).expect("it is there").len());
            }
            let text = fs::read_to_string(&path).expect("it is there");
            let (first, rest) = text.split_once('\n').expect("lines");
            let kept = rest.lines().count() as u64;
            let expected: String = (written - kept..written).map(line).collect();
            assert_eq!((first, rest), (head, &*expected));
        }
        assert!(longest <= LEAST_BOUND && longest > LEAST_BOUND - 1000, "{longest}");
        let left: Vec<_> = fs::read_dir(&folder).expect("a folder").collect();
        assert_eq!(left.len(), 1, "nothing is left beside it");
        fs::remove_dir_all(folder).expect("it is removed");
    }

    #[test]
    fn a_file_that_is_no_trace_is_left_alone() {
        let folder = folder("other");
        let path = folder.join("notes.txt");
        std::fs::write(&path, "buy milk\n").expect("it is written");
        assert!(TraceFile::open(&path, None, 0, "{}").is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "buy milk\n");
        std::fs::remove_dir_all(folder).expect("it is removed");
    }
}
