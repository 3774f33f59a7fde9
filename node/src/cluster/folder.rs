//! A folder in which one process keeps one small value through crashes.
//!
//! The value is a JSON file that is replaced as a whole: written beside, synced, renamed, and the
//! folder synced, so that a crash at any moment leaves the old value or the new one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// The name that the file has unless a folder keeps several.
pub const FILE: &str = "state.json";

/// A folder that is this process's alone for as long as this lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Whose it is, in messages: `a node`.
    owner: &'static str,
    /// The file's name.
    file: &'static str,
    _lock: File,
}

impl Folder {
    /// Takes possession of a folder, and makes it if need be. `owner` is what messages call the
    /// process: `a node`. The value is kept in the file of the name `file`.
    ///
    /// # Errors
    ///
    /// The folder cannot be used, or is in use.
    pub fn lock(path: &Path, owner: &'static str, file: &'static str) -> Result<Self, Failure> {
        fs::create_dir_all(path).map_err(|error| cannot(path, &error))?;
        let lock = File::create(path.join("lock")).map_err(|error| cannot(path, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), owner, file, _lock: lock }),
            Err(fs::TryLockError::WouldBlock) => Err(Failure::BadInput(format!(
                "{} is in use by a running process; expected a folder of its own",
                path.display()
            ))),
            Err(fs::TryLockError::Error(error)) => Err(cannot(path, &error)),
        }
    }

    /// What is kept; nothing yet, if the folder is new.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is of something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        read(&self.path, self.file, self.owner)
    }

    /// Keeps a value instead of the one before. It is on the disk once this returns.
    ///
    /// # Errors
    ///
    /// It may be there or not.
    pub fn write<T: Serialize>(&self, value: &T) -> io::Result<()> {
        replace(&self.path, self.file, value)
    }
}

/// What a file of a folder says; nothing, if it is not there. `owner` is whose it is, in messages.
///
/// # Errors
///
/// The file cannot be read, or is of something else.
pub fn read<T: DeserializeOwned>(
    folder: &Path,
    file: &str,
    owner: &str,
) -> Result<Option<T>, Failure> {
    let file = folder.join(file);
    let text = match fs::read(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(&file, &error)),
    };
    match serde_json::from_slice(&text) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(Failure::BadInput(format!(
            "{}: this is no state of {owner}: {error}; expected the file as antes wrote it",
            file.display(),
        ))),
    }
}

/// Writes a file of a folder as a whole. It is on the disk once this returns.
///
/// # Errors
///
/// It may be there or not.
pub fn replace<T: Serialize>(folder: &Path, file: &str, value: &T) -> io::Result<()> {
    let (file, beside) = (folder.join(file), folder.join(format!("{file}.new")));
    let mut written = File::create(&beside)?;
    written.write_all(&serde_json::to_vec(value)?)?;
    written.sync_all()?;
    fs::rename(beside, file)?;
    File::open(folder)?.sync_all()
}

/// The folder, or what is in it, is of no use.
pub fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::BadInput(format!(
        "{}: cannot be used: {error}; expected a folder that can be written to",
        path.display()
    ))
}
