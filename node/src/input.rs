//! Input files, or standard input.

use std::io::Read as _;

use antes_sim::encoding;

use crate::Failure;

/// The most bytes that are read.
const MAX_BYTES: u64 = 16 << 20;

/// The text of a file, and its name in messages.
pub struct Input {
    /// The name in error messages: the path, or `standard input`.
    pub name: String,
    pub text: String,
}

impl Input {
    /// Reads the file with this name; `-` is standard input.
    pub fn read(name: &str) -> Result<Self, Failure> {
        let mut bytes = Vec::new();
        let (name, read) = match name {
            "-" => {
                let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
                ("standard input", read)
            }
            name => {
                let file = std::fs::File::open(name);
                let read = file.and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
                (name, read)
            }
        };
        if let Err(error) = read {
            return Err(Failure::BadInput(format!("{name}: cannot be read: {error}")));
        }
        if bytes.len() as u64 > MAX_BYTES {
            let sentence = format!("{name}: has more than {MAX_BYTES} bytes; expected fewer");
            return Err(Failure::BadInput(sentence));
        }
        let name = name.to_owned();
        match encoding::text(&bytes) {
            Ok(text) => Ok(Self { text: text.into_owned(), name }),
            Err(problem) => Err(Failure::BadInput(format!("{name}:{problem}"))),
        }
    }

    /// The failure for `error`, whose message begins with the line.
    pub fn failure(&self, error: impl std::fmt::Display) -> Failure {
        Failure::BadInput(format!("{}:{error}", self.name))
    }
}
