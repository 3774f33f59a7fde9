//! The token that a client must show to send commands (RFC 6750).

use std::fmt;

use axum::http::HeaderValue;
use subtle::ConstantTimeEq as _;

/// The fewest characters of a token: 16 random characters cannot be guessed.
const MIN_CHARACTERS: usize = 16;

/// The token that authorizes commands.
#[derive(Clone)]
pub struct Bearer(String);

impl Bearer {
    /// Accepts at least [`MIN_CHARACTERS`] printable ASCII characters without spaces.
    ///
    /// # Errors
    ///
    /// If it is too short, or not allowed in a header: what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() < MIN_CHARACTERS || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "the token for commands is invalid; expected at least {MIN_CHARACTERS} random \
                 letters and digits, such as those of `openssl rand -hex 32`"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether an `Authorization` field has this token. The time of the comparison depends only on
    /// the token's length.
    pub fn is_shown(&self, field: Option<&HeaderValue>) -> bool {
        let shown = field.and_then(|field| field.as_bytes().split_at_checked(7));
        shown.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(token.ct_eq(self.0.as_bytes()))
        })
    }
}

impl fmt::Debug for Bearer {
    /// The token must not reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let bearer = Bearer::parse("0123456789abcdef").expect("it is long enough");
        let shown = |text| bearer.is_shown(Some(&HeaderValue::from_static(text)));
        assert!(shown("Bearer 0123456789abcdef") && shown("bearer 0123456789abcdef"));
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "0123456789abcdef",
            "Basic 0123456789abcdef",
            "Bearer 0123456789abcde",
            "Bearer 0123456789abcdef0",
            "Bearer 0123456789abcdeF",
        ] {
            assert!(!shown(wrong), "{wrong}");
        }
        assert!(!bearer.is_shown(None));
        assert!(Bearer::parse("short").is_err() && Bearer::parse("0123456789 abcdef").is_err());
        assert_eq!(format!("{bearer:?}"), "Bearer(..)");
    }
}
