//! The languages of the page, and how they write numbers and times.

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Portuguese,
}

impl Language {
    /// The language for a tag such as `pt-BR`. `None` if the page does not have it.
    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.get(..2)?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "pt" => Some(Self::Portuguese),
            _ => None,
        }
    }

    /// The tag for `html[lang]`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt-BR",
        }
    }

    /// The short name in addresses and on the switch.
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt",
        }
    }

    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Portuguese,
            Self::Portuguese => Self::English,
        }
    }

    /// The character between the integer part and the decimals.
    pub const fn decimal_mark(self) -> char {
        match self {
            Self::English => '.',
            Self::Portuguese => ',',
        }
    }

    /// A scenario's text in this language.
    pub fn of(self, text: &antes_sim::scenario::Text) -> &str {
        match (self, &text.pt) {
            (Self::Portuguese, Some(pt)) => pt,
            (Self::Portuguese, None) | (Self::English, _) => &text.en,
        }
    }

    /// Microseconds as seconds: `2.31 s`.
    pub fn seconds(self, micros: u64) -> String {
        let hundredths = micros / 10_000;
        let mark = self.decimal_mark();
        format!("{}{mark}{:02}\u{a0}s", hundredths / 100, hundredths % 100)
    }

    /// Microseconds as seconds with this many decimals, at most 6: `2.3146 s`.
    pub fn fine_seconds(self, micros: u64, decimals: usize) -> String {
        let mark = self.decimal_mark();
        let mut text = format!("{}{mark}{:06}", micros / 1_000_000, micros % 1_000_000);
        text.truncate(text.len() - 6 + decimals.min(6));
        text + "\u{a0}s"
    }

    /// Microseconds as whole milliseconds if below one second, else as seconds.
    pub fn span(self, micros: u64) -> String {
        if micros < 1_000_000 {
            format!("{}\u{a0}ms", micros.div_ceil(1000))
        } else {
            self.seconds(micros)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_two_decimals_and_the_mark_of_the_language() {
        assert_eq!(Language::English.seconds(2_319_999), "2.31\u{a0}s");
        assert_eq!(Language::Portuguese.seconds(60_000), "0,06\u{a0}s");
    }

    #[test]
    fn fine_seconds_have_as_many_decimals_as_are_asked_for() {
        assert_eq!(Language::English.fine_seconds(2_319_999, 4), "2.3199\u{a0}s");
        assert_eq!(Language::Portuguese.fine_seconds(60_007, 6), "0,060007\u{a0}s");
    }

    #[test]
    fn short_spans_are_told_in_milliseconds() {
        assert_eq!(Language::English.span(600_000), "600\u{a0}ms");
        assert_eq!(Language::English.span(1_200_000), "1.20\u{a0}s");
    }

    #[test]
    fn language_tags_are_recognized_whatever_their_region() {
        assert_eq!(Language::from_tag("pt-PT"), Some(Language::Portuguese));
        assert_eq!(Language::from_tag("EN"), Some(Language::English));
        assert_eq!(Language::from_tag("de"), None);
        assert_eq!(Language::from_tag("é"), None);
    }
}
