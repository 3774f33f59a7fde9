//! Creates a secret for a new cluster whose nodes share a folder.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use crate::Failure;

/// The number of random bytes in a new secret.
const SECRET_BYTES: usize = 32;

/// Creates a file with a fresh secret, unless it exists. If several processes try at the same time,
/// one succeeds, and all read the same complete secret afterwards.
///
/// # Errors
///
/// If the file cannot be written, or the operating system provides no random bytes.
pub fn make(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::CannotGoOn(format!("cannot get a secret from the operating system: {error}"))
    })?;
    let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    publish(path, &secret).map_err(|error| {
        Failure::BadInput(format!("{}: cannot be written: {error}", path.display()))
    })
}

/// Writes the text to another file, and then gives it the final name. Fails if that name exists.
fn publish(path: &Path, text: &str) -> io::Result<()> {
    // The first digits of the secret make the temporary name unique.
    let draft = path.with_extension(&text[..16]);
    let mut file = open_private(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Creates a file that only its owner may read.
fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::cluster::link::Key;

    #[test]
    fn all_that_make_a_secret_at_once_find_the_same() {
        let folder = std::env::temp_dir().join(format!("antes-secret-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        let path = folder.join("secret");
        let found: Vec<String> = thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        make(&path).expect("it is made");
                        fs::read_to_string(&path).expect("it is there")
                    })
                })
                .collect();
            makers.into_iter().map(|maker| maker.join().expect("no panic")).collect()
        });
        assert!(found.iter().all(|secret| secret == &found[0]), "{found:?}");
        assert!(Key::from_secret(&found[0]).is_ok());
        assert_eq!(fs::read_dir(&folder).expect("it is there").count(), 1, "no draft is left");
        fs::remove_dir_all(folder).expect("it is removed");
    }

    #[test]
    fn a_secret_that_is_there_is_kept() {
        let path = std::env::temp_dir().join(format!("antes-kept-{}", std::process::id()));
        fs::write(&path, "9f2c41d07be85a36\n").expect("it is written");
        make(&path).expect("there is nothing to do");
        assert_eq!(fs::read_to_string(&path).expect("it is read"), "9f2c41d07be85a36\n");
        fs::remove_file(path).expect("it is removed");
    }
}
