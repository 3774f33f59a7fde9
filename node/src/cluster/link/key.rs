//! The key that is derived from the cluster's secret.

use std::fmt;

use blake2::{Blake2s256, Digest as _};

/// The fewest bytes of a secret.
pub const MIN_SECRET_BYTES: usize = 16;

/// The fewest unpredictable characters of a secret.
const MIN_SURPRISES: usize = 12;

/// With this many random characters, practically all texts have enough unpredictable ones.
const ENOUGH: usize = 24;

/// Separates this use of the secret from other uses.
const PURPOSE: &[u8] = b"antes cluster secret, version 1\0";

/// The key for all links of a cluster.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub(super) [u8; 32]);

/// A text that is not acceptable as a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSecret;

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the cluster's secret is too short or too easy to guess; expected at least \
             {ENOUGH} random characters, letters and digits among them, such as those of \
             `openssl rand -hex 32`"
        )
    }
}

impl std::error::Error for InvalidSecret {}

impl Key {
    /// Derives the key. Spaces and line ends around the secret are ignored.
    ///
    /// # Errors
    ///
    /// If the secret has fewer than [`MIN_SECRET_BYTES`] bytes, or is easy to guess.
    pub fn from_secret(secret: &str) -> Result<Self, InvalidSecret> {
        let secret = secret.trim();
        if secret.len() < MIN_SECRET_BYTES || !is_beyond_guessing(secret) {
            return Err(InvalidSecret);
        }
        let digest = Blake2s256::new().chain_update(PURPOSE).chain_update(secret).finalize();
        Ok(Self(digest.into()))
    }

    /// The key of a cluster without a secret. It is public, so it is for loopback only.
    pub const fn of_nobody() -> Self {
        Self([0; 32])
    }
}

/// Whether a text looks random. Someone who records the first frame of a handshake can try guesses
/// without asking a node, so a secret that a person invented is not enough. A character counts as
/// unpredictable unless it continues a run such as `aaa`, `abc` or `321`, or repeats what followed
/// the same two characters before. Words alone are refused: both digits and letters are required.
///
/// A dictionary would find more, but would take four times the memory of an idle node.
fn is_beyond_guessing(secret: &str) -> bool {
    let bytes = secret.as_bytes();
    let goes_on = |at: usize| at > 0 && bytes[at].abs_diff(bytes[at - 1]) <= 1;
    let repeats = |at: usize| {
        at > 2 && (2..at).any(|earlier| bytes[earlier - 2..=earlier] == bytes[at - 2..=at])
    };
    let surprises = (0..bytes.len()).filter(|&at| !goes_on(at) && !repeats(at)).count();
    surprises >= MIN_SURPRISES
        && bytes.iter().any(u8::is_ascii_digit)
        && bytes.iter().any(u8::is_ascii_alphabetic)
}

impl fmt::Debug for Key {
    /// The key must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_not_part_of_the_secret() {
        let secret = "9f2c41d07be85a36e1b4";
        let with_line_end = Key::from_secret(&format!("{secret}\n"));
        assert_eq!(Key::from_secret(secret), with_line_end);
        assert_ne!(with_line_end, Key::from_secret("9f2c41d07be85a36e1b5"));
    }

    #[test]
    fn a_secret_that_can_be_guessed_is_refused() {
        for weak in [
            "   hunter2       ",
            "0123456789abcdef",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "passwordpasswordpassword",
            "qwertyuiopasdfghjkl",
            "antesantesantesantesantes",
            "correct horse battery staple",
            "password1234567890",
            "20261129-20261129-20261129",
        ] {
            assert_eq!(Key::from_secret(weak), Err(InvalidSecret), "{weak}");
        }
    }

    #[test]
    fn random_characters_are_a_secret_and_are_not_shown() {
        for random in
            ["yV3q-Zt8KxW1.mB5", "9f2c41d07be85a36e1b49f2c41d07be85a36e1b49f2c41d07be85a36e1b4d07b"]
        {
            let key = Key::from_secret(random).expect("it is beyond guessing");
            assert_eq!(format!("{key:?}"), "Key(..)");
        }
    }
}
