//! The file of a trace.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use antes_sim::export::Header;
use serde::Deserialize;

/// The smallest bound of a trace, in bytes. One write, and the part that is kept, fit into it several times.
pub const LEAST_BOUND: u64 = 1 << 16;

/// The largest length of a line of a trace, in bytes. A file with a longer line is not a trace, and is not
/// read further.
const LONGEST_LINE: u64 = 1 << 20;

/// The beginning of each header.
const HEADER: &[u8] = b"{\"antes_trace\":";

/// A trace to which lines can be added.
///
/// Lines are written immediately, without a buffer in this process. After a crash of the process, all written
/// lines are in the file, and at most the last one is torn. If lines cannot be written, for example because
/// the disk is full, they are left out and counted. The next lines are tried again.
pub struct TraceFile {
    out: Out,
    /// The number of the next line.
    pub seq: u64,
    /// The wall clock in microseconds since 1970, from which the lines count.
    pub began_us: u64,
    left_out: Arc<AtomicU64>,
    /// Whether the latest lines could not be written.
    failing: bool,
}

enum Out {
    Stdout(io::Stdout),
    File(Bounded),
}

/// A file that loses its oldest lines when it would become too long. It is locked while it is open.
struct Bounded {
    file: File,
    path: PathBuf,
    /// In bytes; all lines are whole.
    length: u64,
    /// In bytes. `None`: only the disk limits the file.
    bound: Option<u64>,
}

impl TraceFile {
    /// The trace of this name; `-` is standard output. A new file begins with `header`. If this process has
    /// written the file before, lines are appended. They follow its latest header if that header is of the
    /// same run and settings and did not begin later by the wall clock; otherwise `header` is added first. A
    /// torn last line is cut off. A file that would become longer than `bound` bytes loses its oldest lines,
    /// but at least half of the bound is kept.
    ///
    /// # Errors
    ///
    /// The file cannot be written, another process writes it, or it is not a trace of this process. Then it
    /// stays as it is.
    pub fn open(path: &Path, bound: Option<u64>, header: &Header) -> io::Result<Self> {
        let began_us = header.epoch_us.unwrap_or_default();
        let with = |out, seq, began_us| Self {
            out,
            seq,
            began_us,
            left_out: Arc::default(),
            failing: false,
        };
        if path.as_os_str() == "-" {
            let mut out = io::stdout();
            writeln!(out, "{}", header.to_json())?;
            return Ok(with(Out::Stdout(out), 0, began_us));
        }
        // Opening a pipe would block, and reading a device may never end.
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            let problem = "it is no ordinary file; expected one, or - for standard output";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        lock(&file)?;
        let known = Known::read(&file, header.node)?;
        file.set_len(known.whole)?;
        let mut file = Bounded { file, path: path.to_owned(), length: known.whole, bound };
        file.file.seek(SeekFrom::End(0))?;
        match known.header {
            Some(latest) if is_alike(&latest, header) && latest.epoch_us <= header.epoch_us => {
                let began_us = latest.epoch_us.unwrap_or_default();
                Ok(with(Out::File(file), known.seq, began_us))
            }
            Some(_) | None => {
                file.write(format!("{}\n", header.to_json()).as_bytes())?;
                Ok(with(Out::File(file), known.seq, began_us))
            }
        }
    }

    /// Adds `count` whole lines, or leaves them out if they cannot be written.
    pub fn write(&mut self, lines: &[u8], count: usize) {
        let written = match &mut self.out {
            Out::Stdout(out) => out.write_all(lines).and_then(|()| out.flush()),
            Out::File(file) => file.write(lines),
        };
        match written {
            Ok(()) if self.failing => {
                let missing = self.gaps();
                tracing::warn!("the trace is written again; {missing} lines are missing in it");
                self.failing = false;
            }
            Ok(()) => {}
            Err(error) => {
                if !self.failing {
                    tracing::error!("the trace cannot be written, and lines are left out: {error}");
                }
                self.failing = true;
                self.left_out.fetch_add(count as u64, Ordering::Relaxed);
            }
        }
    }

    /// The number of lines that were left out because they could not be written.
    pub fn gaps(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    /// The same count, for a thread that does not own the file.
    pub fn left_out(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.left_out)
    }
}

/// Whether new lines can follow the file's latest header: both headers are of the same run and settings.
fn is_alike(latest: &Header, header: &Header) -> bool {
    let of_run = |header: &Header| {
        let Header { nodes, profile, algorithm, lock, settings, birth, .. } = header.clone();
        (nodes, profile, algorithm, lock, settings, birth)
    };
    of_run(latest) == of_run(header)
}

/// Locks a file until it is closed.
fn lock(file: &File) -> io::Result<()> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            let problem =
                "another running process writes it; expected a file for this process only";
            io::Error::new(io::ErrorKind::ResourceBusy, problem)
        }
        TryLockError::Error(error) => error,
    })
}

impl Bounded {
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let longer = self.length + lines.len() as u64;
        if let Some(bound) = self.bound.filter(|&bound| longer > bound) {
            // Now the new lines fit, unless they are longer than all that may be kept.
            self.cut(bound / 2)?;
        }
        if let Err(error) = self.file.write_all(lines) {
            // A partial line would damage the next one.
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Keeps the latest lines, at most `kept` bytes, and their header. They are written to a second file,
    /// which then replaces this one atomically, so a crash leaves one of both.
    fn cut(&mut self, kept: u64) -> io::Result<()> {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let beside = PathBuf::from(name);
        match self.copy_latest(kept, &beside) {
            Ok((file, length)) => {
                fs::rename(&beside, &self.path)?;
                (self.file, self.length) = (file, length);
                Ok(())
            }
            Err(error) => {
                // The old file stays in use. The second one would only take space on a disk that may be full.
                let _ = fs::remove_file(&beside);
                self.file.seek(SeekFrom::Start(self.length))?;
                Err(error)
            }
        }
    }

    /// Copies the latest lines to a file `beside`. Returns that file and its length.
    fn copy_latest(&self, kept: u64, beside: &Path) -> io::Result<(File, u64)> {
        let mut reader = BufReader::new(&self.file);
        reader.seek(SeekFrom::Start(0))?;
        let (mut header, mut line, mut passed) = (Vec::new(), Vec::new(), 0);
        while passed < self.length.saturating_sub(kept) {
            line.clear();
            passed += reader.read_until(b'\n', &mut line)? as u64;
            if line.starts_with(HEADER) {
                header.clone_from(&line);
            }
        }
        if reader.fill_buf()?.starts_with(HEADER) {
            header.clear();
        }
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(true).clone();
        let file = options.open(beside)?;
        lock(&file)?;
        let mut writer = BufWriter::new(file);
        writer.write_all(&header)?;
        let copied = io::copy(&mut reader, &mut writer)?;
        let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        Ok((file, header.len() as u64 + copied))
    }
}

/// The content of a file that its process continues.
struct Known {
    /// The latest header. `None` for an empty file.
    header: Option<Header>,
    /// The number of the next line.
    seq: u64,
    /// The length of all whole lines, in bytes.
    whole: u64,
}

impl Known {
    /// Reads a file that must be empty or a trace of the process `node`.
    fn read(file: &File, node: Option<u8>) -> io::Result<Self> {
        let mut reader = BufReader::new(file);
        let mut known = Self { header: None, seq: 0, whole: 0 };
        let mut line = Vec::new();
        loop {
            line.clear();
            let count = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? as u64;
            let torn = line.last() != Some(&b'\n');
            if torn && count == LONGEST_LINE {
                return Err(foreign(node));
            }
            if known.header.is_none() {
                // If a life crashed while it wrote its first line, the file has only the beginning of a
                // header.
                let begins = line.starts_with(HEADER) || (torn && HEADER.starts_with(&line));
                if !begins {
                    return Err(foreign(node));
                }
            }
            if torn {
                return Ok(known);
            }
            known.take(&line, node)?;
            known.whole += count;
        }
    }

    /// Takes a whole line into account.
    fn take(&mut self, line: &[u8], node: Option<u8>) -> io::Result<()> {
        let text = String::from_utf8_lossy(line);
        if line.starts_with(HEADER) {
            let header = Header::read(text.trim_end()).map_err(|_| foreign(node))?;
            if header.node != node || header.epoch_us.is_none() {
                return Err(foreign(node));
            }
            self.header = Some(header);
        } else if let Ok(Place { seq }) = serde_json::from_str(&text) {
            self.seq = seq + 1;
        }
        Ok(())
    }
}

/// The fields that are read from a line of an earlier life.
#[derive(Deserialize)]
struct Place {
    seq: u64,
}

/// The error for a file that is not this process's trace and must not be changed.
fn foreign(node: Option<u8>) -> io::Error {
    let writer = match node {
        None | Some(0) => "the resource".to_owned(),
        Some(node) => format!("node {node}"),
    };
    let problem = format!("it is no trace of {writer}; expected another file, or none yet");
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests;
