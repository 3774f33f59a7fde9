//! Standard output, whose reader may close it at any moment, or a file.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use crate::Failure;

/// Standard output or a file, buffered.
pub struct Output(BufWriter<Box<dyn Write>>);

impl Output {
    pub fn new() -> Self {
        Self(BufWriter::new(Box::new(io::stdout())))
    }

    /// A buffered writer to this file instead of standard output.
    pub fn to(file: File) -> Self {
        Self(BufWriter::new(Box::new(file)))
    }

    /// Prints one line to standard output, for a command that prints nothing else.
    pub fn only_line(text: &str) -> Result<(), Failure> {
        let mut out = Self::new();
        out.line(text)?;
        out.finish()
    }

    pub fn print(&mut self, text: &str) -> Result<(), Failure> {
        self.write(text.as_bytes())
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.0.write_all(bytes).map_err(|error| closed(&error))
    }

    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        self.print(text)?;
        self.print("\n")
    }

    /// Writes the rest of the buffer. Must be called last, since a drop cannot report an error.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.0.flush().map_err(|error| closed(&error))
    }
}

/// Prints a sentence to standard error. Errors are ignored, as there is nowhere to report them.
pub fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "{sentence}");
}

fn closed(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::BadInput(format!("the output cannot be written: {error}")),
    }
}
