//! Decodes files as UTF-8 or UTF-16, with or without a byte order mark.

use alloc::borrow::Cow;
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
/// If the bytes are neither UTF-8 nor UTF-16: `line: what is wrong; what would be right`.
pub fn text(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    match utf8(bytes) {
        Cow::Borrowed(bytes) => core::str::from_utf8(bytes)
            .map(|text| Cow::Borrowed(without_mark(text)))
            .map_err(|error| {
                let good = &bytes[..error.valid_up_to()];
                let line = good.iter().filter(|&&byte| byte == b'\n').count() + 1;
                format!("{line}: this is no text; expected UTF-8")
            }),
        // It was decoded, so it is valid.
        Cow::Owned(bytes) => Ok(Cow::Owned(String::from_utf8(bytes).unwrap_or_default())),
    }
}

/// The same text in UTF-8 if the bytes are UTF-16, without a byte order mark. Otherwise the bytes as they are.
pub fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    match utf16(bytes) {
        Some(text) => Cow::Owned(text.into_bytes()),
        None => Cow::Borrowed(bytes),
    }
}

/// The text if the bytes are UTF-16. Every other byte of English text in UTF-16 is 0, which does not occur in
/// UTF-8 text.
fn utf16(bytes: &[u8]) -> Option<String> {
    let unit = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        [0, b, 0, d, ..] if *b != 0 && *d != 0 => u16::from_be_bytes,
        [a, 0, c, 0, ..] if *a != 0 && *c != 0 => u16::from_le_bytes,
        _ => return None,
    };
    // Half a character may be left at the end of a file that was cut off.
    let units = bytes.as_chunks().0.iter().map(|&pair| unit(pair));
    let mut text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    if text.starts_with(MARK) {
        text.drain(..MARK.len_utf8());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(text("\u{FEFF}nodes = 4".as_bytes()), Ok("nodes = 4".into()));
        assert_eq!(text("nodes = 4".as_bytes()), Ok("nodes = 4".into()));
        assert_eq!(text(b""), Ok("".into()));
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        for bytes in
            [&b"\xFF\xFE{\0\"\0"[..], b"\xFE\xFF\0{\0\"", b"{\0\"\0", b"\0{\0\"", b"{\0\"\0n"]
        {
            assert_eq!(text(bytes), Ok("{\"".into()), "{bytes:?}");
        }
        assert_eq!(text(b"\xFF\xFE\x3D\xD8\x00\xDE"), Ok("\u{1F600}".into()));
    }

    #[test]
    fn bytes_that_are_no_text_are_told_with_their_line() {
        assert_eq!(text(b"{\n\xFF}"), Err("2: this is no text; expected UTF-8".into()));
        // Half of a pair of surrogates.
        assert_eq!(text(b"\xFF\xFE\x3D\xD8"), Err("1: this is no text; expected UTF-8".into()));
    }
}
