//! A folder in which one process keeps a small value over crashes.
//!
//! The value is in a file with a line of JSON under a checksum. It is replaced as a whole: written
//! to another file, synced, renamed, and the folder synced. So a crash at any moment leaves either
//! the old or the new value.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use blake2::{Blake2s256, Digest as _};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Failure;

/// The default name of the file.
pub const FILE: &str = "state.json";

/// A folder that is locked for this process as long as this value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// The owner in error messages, such as `a node`.
    owner: &'static str,
    /// The name of the file.
    file: &'static str,
    _lock: File,
}

impl Folder {
    /// Creates the folder if necessary, and locks it. `owner` names the process in error messages,
    /// such as `a node`. The value is kept in `file`.
    ///
    /// # Errors
    ///
    /// If the folder cannot be used, or is in use.
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

    /// The kept value. `None` if the folder is new.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has another content.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        read(&self.path, self.file, self.owner)
    }

    /// Replaces the value. It is on the disk when this returns.
    ///
    /// # Errors
    ///
    /// If it fails; the value may be on the disk nevertheless.
    pub fn write<T: Serialize>(&self, value: &T) -> io::Result<()> {
        replace(&self.path, self.file, value)
    }
}

/// Reads a file of a folder. `None` if it does not exist. `owner` names the process in error
/// messages.
///
/// # Errors
///
/// If the file cannot be read, or has another content.
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
    unseal(&text).map(Some).map_err(|unfit| {
        let file = file.display();
        Failure::BadInput(match unfit {
            Unfit::Damaged => format!(
                "{file} is damaged: it does not fit its checksum; expected the file as antes wrote it. An \
                 older copy does not replace it: what {owner} had in this folder is lost (docs/cluster.md, \
                 \"A disk that is replaced\")"
            ),
            Unfit::Foreign(error) => format!(
                "{file}: this is not a state of {owner}: {error}; expected the file as antes wrote it"
            ),
        })
    })
}

/// The beginning of the file: the format. The checksum of the rest follows.
const BEGINNING: &[u8] = b"antes-state 1 ";

/// The reason why a file is not usable.
#[derive(Debug)]
enum Unfit {
    /// The checksum does not match.
    Damaged,
    /// The content has another type.
    Foreign(serde_json::Error),
}

/// The value as the content of the file: a line with the checksum, and a line with the value.
fn seal<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    let mut body = serde_json::to_vec(value)?;
    body.push(b'\n');
    Ok([BEGINNING, checksum(&body).as_bytes(), b"\n", &body].concat())
}

/// The value in the content of a file. Earlier versions wrote no checksum; the next write adds it.
fn unseal<T: DeserializeOwned>(text: &[u8]) -> Result<T, Unfit> {
    if text.first() == Some(&b'{') || text.first() == Some(&b'[') {
        return serde_json::from_slice(text).map_err(Unfit::Foreign);
    }
    let sealed = text.strip_prefix(BEGINNING).ok_or(Unfit::Damaged)?;
    let place = sealed.iter().position(|&byte| byte == b'\n').ok_or(Unfit::Damaged)?;
    let (sum, body) = (&sealed[..place], &sealed[place + 1..]);
    if sum != checksum(body).as_bytes() {
        return Err(Unfit::Damaged);
    }
    serde_json::from_slice(body).map_err(Unfit::Foreign)
}

fn checksum(body: &[u8]) -> String {
    Blake2s256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Replaces a file of a folder as a whole. It is on the disk when this returns.
///
/// # Errors
///
/// If it fails; the value may be on the disk nevertheless.
pub fn replace<T: Serialize>(folder: &Path, file: &str, value: &T) -> io::Result<()> {
    let (file, beside) = (folder.join(file), folder.join(format!("{file}.new")));
    let mut written = File::create(&beside)?;
    written.write_all(&seal(value)?)?;
    written.sync_all()?;
    fs::rename(beside, file)?;
    File::open(folder)?.sync_all()
}

/// The error for an unusable folder or file.
pub fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::BadInput(format!(
        "{}: cannot be used: {error}; expected a folder that can be written to",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use antes_core::{RequestId, Term, Token};
    use serde_json::json;

    use super::*;

    /// The files of nodes and resources, as they are written.
    fn files() -> Vec<Vec<u8>> {
        let token = Some(Token { term: Term(12), sequence: 345 });
        let life =
            serde_json::from_value(json!({"by": {"node": 3, "incarnation": 7}, "number": 41}));
        let request: RequestId = life.expect("it is one");
        let book = json!([{"birth": 77_u64, "incarnation": 7, "life": 9}, null, null]);
        let node = json!({"node": 1, "stable": {"term": 12, "vote": 3}, "birth": 1_u64 << 50});
        let sealed = [seal(&(token, request)), seal(&book), seal(&node)];
        sealed.into_iter().map(|file| file.expect("it can be written")).collect()
    }

    #[test]
    fn a_file_reads_back_as_it_was_written_and_one_of_the_version_before_too() {
        for file in files() {
            let value: serde_json::Value = unseal(&file).expect("it fits its checksum");
            let alone = serde_json::to_vec(&value).expect("JSON");
            assert_eq!(unseal::<serde_json::Value>(&alone).expect("it is read"), value);
        }
    }

    #[test]
    fn no_flip_of_a_bit_and_no_truncation_reads_as_anything() {
        for file in files() {
            for bit in 0..8 * file.len() {
                let mut damaged = file.clone();
                damaged[bit / 8] ^= 1 << (bit % 8);
                let read = unseal::<serde_json::Value>(&damaged);
                assert!(matches!(read, Err(Unfit::Damaged)), "bit {bit}: {read:?}");
            }
            for length in 0..file.len() {
                let read = unseal::<serde_json::Value>(&file[..length]);
                assert!(matches!(read, Err(Unfit::Damaged)), "{length} bytes: {read:?}");
            }
        }
    }

    #[test]
    fn a_damaged_file_is_told_with_what_to_do_and_left_as_it_is() {
        let folder = std::env::temp_dir().join(format!("antes-damaged-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let mut file = files().remove(2);
        file.pop();
        fs::write(folder.join(FILE), &file).expect("it is written");
        let told = read::<serde_json::Value>(&folder, FILE, "a node").expect_err("it is damaged");
        let Failure::BadInput(told) = told else { panic!("another failure") };
        assert!(told.contains("state.json is damaged"), "{told}");
        assert!(told.contains("A disk that is replaced"), "{told}");
        assert_eq!(fs::read(folder.join(FILE)).expect("it is there"), file);
        fs::remove_dir_all(folder).expect("it is removed");
    }
}
