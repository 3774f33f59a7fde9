//! Decodes files as UTF-8, with or without a byte order mark.

use alloc::format;
use alloc::string::String;

/// U+FEFF, which some editors write at the start of a file.
const MARK: char = '\u{FEFF}';

/// `text` without a leading byte order mark.
pub fn without_mark(text: &str) -> &str {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// The text of a file, without a byte order mark.
///
/// # Errors
///
/// If the bytes are not UTF-8: `line: what is wrong; what would be right`.
pub fn text(bytes: &[u8]) -> Result<&str, String> {
    if is_utf16(bytes) {
        return Err(format!("1: {UTF_16}"));
    }
    core::str::from_utf8(bytes).map(without_mark).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = good.iter().filter(|&&byte| byte == b'\n').count() + 1;
        format!("{line}: this is no text; expected UTF-8")
    })
}

/// The error for a file in UTF-16.
pub(crate) const UTF_16: &str =
    "the file is encoded in UTF-16; expected UTF-8: save it with that encoding";

/// Whether the bytes are UTF-16, with or without a byte order mark. Every other byte of English
/// text in UTF-16 is 0, which does not occur in UTF-8 text.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    match bytes {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => true,
        [0, b, 0, d, ..] => *b != 0 && *d != 0,
        [a, 0, c, 0, ..] => *a != 0 && *c != 0,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(text("\u{FEFF}nodes = 4".as_bytes()), Ok("nodes = 4"));
        assert_eq!(text("nodes = 4".as_bytes()), Ok("nodes = 4"));
        assert_eq!(text(b""), Ok(""));
    }

    #[test]
    fn utf_16_is_named_with_and_without_its_mark() {
        for bytes in [&b"\xFF\xFE{\0"[..], b"\xFE\xFF\0{", b"{\0\"\0", b"\0{\0\""] {
            assert_eq!(text(bytes), Err(format!("1: {UTF_16}")), "{bytes:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_line() {
        assert_eq!(text(b"{\n\xFF}"), Err("2: this is no text; expected UTF-8".into()));
    }
}
