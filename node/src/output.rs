//! Standard output that may be closed at any moment by whoever reads it, or a file instead.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use crate::Failure;

/// Standard output or a file, buffered.
pub struct Output(BufWriter<Box<dyn Write>>);

impl Output {
    pub fn new() -> Self {
        Self(BufWriter::new(Box::new(io::stdout())))
    }

    /// A file instead.
    pub fn to(file: File) -> Self {
        Self(BufWriter::new(Box::new(file)))
    }

    /// Prints one line to standard output, for a command that says no more.
    pub fn only_line(text: &str) -> Result<(), Failure> {
        let mut out = Self::new();
        out.line(text)?;
        out.finish()
    }

    /// Prints a text as it is.
    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.write(text.as_bytes())
    }

    /// Prints bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.0.write_all(bytes).map_err(|error| closed(&error))
    }

    /// Prints a text and ends the line.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.print(text)?;
        self.print("\n")
    }

    /// Makes sure that everything has been printed.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.0.flush().map_err(|error| closed(&error))
    }
}

/// Says something on standard error, as far as anybody can hear it there.
pub fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

fn closed(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::BadInput(format!("the output cannot be written: {error}")),
    }
}
