//! The address of a recording: the file, the moment and the settings.

use crate::address::{self, Address as Page, TypeSize};
use crate::dom;
use crate::language::Language;

/// The content of a recording's address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    /// The file beside the page. `None` for a file of the user's machine.
    pub file: Option<String>,
    /// The settings that all pages share: the moment on the trace's clock, and the number of lines
    /// if not all lines of that moment have happened.
    pub page: Page,
}

impl Address {
    /// The page's own address. The other program passes its language and colours.
    pub fn read() -> Self {
        let mut read = Self::of(&dom::query());
        let referrer = dom::referrer();
        if let Some(query) = referrer.strip_prefix(&dom::address()) {
            let (before, _) = Page::read(query);
            read.page.language = read.page.language.or(before.language);
            read.page.theme = read.page.theme.or(before.theme);
            read.page.motion = read.page.motion.or(before.motion);
            if read.page.type_size == TypeSize::Normal {
                read.page.type_size = before.type_size;
            }
        }
        read
    }

    fn of(query: &str) -> Self {
        let named =
            query.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix("trace="));
        let file = named.map(address::unescape).filter(|name| !name.is_empty());
        let page = Page::read(query).0;
        // These exist only for simulated runs. The zoom of a recording depends on its number of
        // lines.
        let (acts, zoom) = (Vec::new(), None);
        let page = Page { scenario: None, profile: None, seed: None, acts, zoom, ..page };
        Self { file, page }
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        let of_browser = || Language::from_tag(&dom::language_tag());
        self.page.language.or_else(of_browser).unwrap_or_default()
    }

    /// Whether it is the address of a recording that was open before.
    pub const fn was_open(&self) -> bool {
        self.page.at_us.is_some()
    }

    /// The query of this address.
    pub fn write(&self) -> String {
        let page = self.page.write();
        let file = self.file.as_deref().map(dom::escape).unwrap_or_default();
        let trace = if file.is_empty() { "?trace".to_owned() } else { ["?trace=", &file].concat() };
        trace + &page.replacen('?', "&", 1)
    }

    /// The query of the other program, with the same language and colours.
    pub fn of_simulator(&self) -> String {
        let Page { language, theme, type_size, motion, .. } = self.page;
        let query = Page { language, theme, type_size, motion, ..Page::default() }.write();
        if query.is_empty() { "?".to_owned() } else { query }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_file_and_a_moment() {
        let address = Address::of("?trace=a%20run.jsonl&t=1500.7&lang=pt&scenario=x");
        assert_eq!(address.file.as_deref(), Some("a run.jsonl"));
        assert_eq!((address.page.at_us, address.page.events), (Some(1500), Some(7)));
        assert!(address.was_open());
        assert_eq!(address.of_simulator(), "?lang=pt");
    }

    #[test]
    fn an_address_without_a_name_asks_for_a_file_of_this_machine() {
        for query in ["?trace", "?trace=", "?lang=en&trace"] {
            let address = Address::of(query);
            assert_eq!((&address.file, address.was_open()), (&None, false), "{query}");
        }
        assert_eq!(Address::of("?trace").of_simulator(), "?");
        assert_eq!(Address::of("?trace&stamps=vector").write(), "?trace&stamps=vector");
    }
}
