//! The key that the cluster's secret is turned into.

use std::fmt;

use blake2::{Blake2s256, Digest as _};

/// The fewest bytes of a secret. The secret is no password that a person remembers: 16 random
/// characters of the usual alphabets are beyond guessing.
pub const MIN_SECRET_BYTES: usize = 16;

/// What separates this use of the secret from every other.
const PURPOSE: &[u8] = b"antes cluster secret, version 1\0";

/// The key that all links of a cluster are made with.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(pub(super) [u8; 32]);

/// A text that is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSecret;

impl fmt::Display for InvalidSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the cluster's secret is too short to keep anybody out; expected at least \
             {MIN_SECRET_BYTES} random characters, such as those of `openssl rand -hex 32`"
        )
    }
}

impl std::error::Error for InvalidSecret {}

impl Key {
    /// The key of a secret. Blanks and line ends around the secret are not part of it.
    ///
    /// # Errors
    ///
    /// The secret has fewer than [`MIN_SECRET_BYTES`] bytes.
    pub fn from_secret(secret: &str) -> Result<Self, InvalidSecret> {
        let secret = secret.trim();
        if secret.len() < MIN_SECRET_BYTES {
            return Err(InvalidSecret);
        }
        let digest = Blake2s256::new().chain_update(PURPOSE).chain_update(secret).finalize();
        Ok(Self(digest.into()))
    }

    /// The key of a cluster without a secret: everybody knows it, and so it is for loopback only.
    pub const fn of_nobody() -> Self {
        Self([0; 32])
    }
}

impl fmt::Debug for Key {
    /// Says nothing of the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_is_not_part_of_the_secret() {
        let secret = "correct horse battery staple";
        let with_line_end = Key::from_secret(&format!("{secret}\n"));
        assert_eq!(Key::from_secret(secret), with_line_end);
        assert_ne!(with_line_end, Key::from_secret("correct horse battery staples"));
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_shown() {
        assert_eq!(Key::from_secret("   hunter2       "), Err(InvalidSecret));
        let key = Key::from_secret("0123456789abcdef").expect("16 bytes are enough");
        assert_eq!(format!("{key:?}"), "Key(..)");
    }
}
