//! Locks for commands that run at the same time: if two need the same folder, one waits and says
//! so.
//!
//! The operating system keeps the locks, so they are released when the process ends, however it
//! ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::command::say;

/// Keeps other commands away until it is dropped.
#[must_use]
pub struct Lock(File);

impl Lock {
    /// Locks a folder or file, which need not exist. Waits while another command holds the lock.
    pub fn of(path: &Path) -> Result<Self> {
        let file = lock_file(path)?;
        let outcome = match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                say(&format!("another command works on {}: waiting for it", name.display()));
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        match outcome {
            // Some network file systems cannot lock. Cargo continues without a lock there, too.
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Self(file)),
            outcome => outcome.map(|()| Self(file)).with_context(|| cannot_lock(path)),
        }
    }

    /// Like [`Lock::of`], but returns `None` instead of waiting.
    pub fn free(path: &Path) -> Result<Option<Self>> {
        let file = lock_file(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) if error.kind() != io::ErrorKind::Unsupported => {
                Err(error).with_context(|| cannot_lock(path))
            }
            _ => Ok(Some(Self(file))),
        }
    }

    /// Passes the lock on to the program that this process is replaced by.
    #[cfg(unix)]
    pub fn survive_exec(&self) -> io::Result<()> {
        Ok(rustix::io::fcntl_setfd(&self.0, rustix::io::FdFlags::empty())?)
    }
}

/// The lock file. It is beside the folder, so that the folder may be created and removed.
fn lock_file(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    if let Some(folder) = name.parent() {
        fs::create_dir_all(folder).with_context(|| cannot_lock(path))?;
    }
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    options.open(name).with_context(|| cannot_lock(path))
}

fn cannot_lock(path: &Path) -> String {
    format!("cannot keep other commands away from {}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_command_gets_the_folder_when_the_first_is_done_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("tool-1.0.0");
        let first = Lock::of(&tool).unwrap();
        assert!(Lock::free(&tool).unwrap().is_none());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let lock = Lock::of(&tool).unwrap();
                assert!(tool.exists(), "the first was not done");
                lock
            });
            fs::create_dir(&tool).unwrap();
            drop(first);
            drop(second.join().unwrap());
        });
        assert!(Lock::free(&tool).unwrap().is_some());
    }
}
