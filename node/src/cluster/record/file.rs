//! The trace's file.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write};
use std::path::Path;

use serde::Deserialize;

/// A trace that lines can be added to.
///
/// Lines are written as they come, without a buffer of this process: what was written before a
/// crash of the process is in the file, and at most the last line is torn.
pub struct TraceFile {
    out: Box<dyn Write + Send>,
    /// The place of the next line.
    pub seq: u64,
    /// When the trace began, in microseconds since 1970.
    pub began_us: u64,
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
    /// line of it is cut off.
    ///
    /// # Errors
    ///
    /// It cannot be written, or is no trace.
    pub fn open(path: &Path, began_us: u64, header: &str) -> io::Result<Self> {
        if path.as_os_str() == "-" {
            let mut out = Box::new(io::stdout());
            writeln!(out, "{header}")?;
            return Ok(Self { out, seq: 0, began_us });
        }
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let Some((first, last, whole)) = ends(&file)? else {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{header}")?;
            return Ok(Self { out: Box::new(file), seq: 0, began_us });
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
        Ok(Self { out: Box::new(file), seq, began_us })
    }

    /// Adds whole lines.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.out.write_all(lines)?;
        self.out.flush()
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
        let mut trace = TraceFile::open(&path, 99, "unused").expect("it is a trace");
        assert_eq!((trace.seq, trace.began_us), (2, 5));
        trace.write(b"{\"seq\":2}\n").expect("it is written");
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(text, format!("{whole}{{\"seq\":2}}\n"));
        std::fs::remove_dir_all(folder).expect("it is removed");
    }

    #[test]
    fn a_file_that_is_no_trace_is_left_alone() {
        let folder = folder("other");
        let path = folder.join("notes.txt");
        std::fs::write(&path, "buy milk\n").expect("it is written");
        assert!(TraceFile::open(&path, 0, "{}").is_err());
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "buy milk\n");
        std::fs::remove_dir_all(folder).expect("it is removed");
    }
}
