//! Keeps the moment of a frame that the host empties meanwhile, as slide decks do. The browser
//! keeps a frame's name while the frame exists, even without storage.

use std::cell::RefCell;

use crate::address::unescape;
use crate::dom;
use crate::visit;

/// The prefix of names set here. Names set by the host are not changed.
const PREFIX: &str = "antes ";

/// The longest query that is kept.
const MAX_QUERY: usize = 8_000;

thread_local! {
    /// The query with which the host opened the frame.
    static OPENED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The name that records the present query of a frame that was opened with another query.
fn named(opened: &str, query: &str, escape: impl Fn(&str) -> String) -> String {
    [PREFIX, &escape(opened), " ", &escape(query)].concat()
}

/// The query with which a frame was opened, and its last query.
fn parsed(name: &str) -> Option<(String, String)> {
    let (opened, query) = name.strip_prefix(PREFIX)?.split_once(' ')?;
    Some((unescape(opened), unescape(query)))
}

/// Continues at the last moment, if the host has opened the frame again with the same address.
pub fn resume() {
    let query = dom::query();
    let before = dom::window().name().ok().filter(|_| visit::is_framed());
    let opened = match before.as_deref().and_then(parsed) {
        Some((opened, left)) if opened == query => {
            visit::set_query(&left);
            opened
        }
        // The frame was loaded again with its present address.
        Some((opened, left)) if left == query => opened,
        _ => query,
    };
    OPENED.set(opened);
}

/// Keeps the present query in the frame's name.
pub fn keep(query: &str) {
    if !visit::is_framed() || query.len() > MAX_QUERY {
        return;
    }
    let window = dom::window();
    let is_ours = window.name().is_ok_and(|name| name.is_empty() || name.starts_with(PREFIX));
    if is_ours {
        let name = OPENED.with_borrow(|opened| named(opened, query, dom::escape));
        // No browser refuses this. Otherwise the frame would start anew.
        let _ = window.set_name(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_frame_was_opened_with_and_where_it_was() {
        let escape = |text: &str| text.replace('%', "%25").replace(' ', "%20");
        let (opened, query) = ("?scenario=a b", "?scenario=a%20b&t=5");
        let name = named(opened, query, escape);
        assert_eq!(parsed(&name), Some((opened.to_owned(), query.to_owned())));
        for other in ["", "antes", "deck", "antes ?a"] {
            assert_eq!(parsed(other), None, "{other:?}");
        }
    }
}
