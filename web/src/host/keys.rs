//! Decides which keys an embedded page reports to its host. The run has the time keys as long as it can
//! move; keys that it cannot use go to the host. Only keys of a fixed list without modifiers are reported,
//! since a page that reported all keys would be a key logger.

use std::cell::Cell;

use crate::control::Key;

/// The state that decides about a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Whether the page is embedded.
    pub is_framed: bool,
    /// Whether the run is at the beginning, or at the beginning of its range.
    pub at_start: bool,
    /// Whether the run is at the end, or at the end of its range.
    pub at_end: bool,
    /// Whether a menu is open, which Escape closes.
    pub has_menu: bool,
    /// Whether single-character keys are off in the page.
    pub no_characters: bool,
}

/// The recipient of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Page,
    /// The key is reported to the host.
    Parent,
    Browser,
}

thread_local! {
    static NOW: Cell<Situation> = const { Cell::new(Situation {
        is_framed: false,
        at_start: false,
        at_end: false,
        has_menu: false,
        no_characters: false,
    }) };
}

/// Updates the state for the next key.
pub fn tell(now: Situation) {
    NOW.set(now);
}

/// The recipient of this key at the moment.
pub fn owner_now(key: Key<'_>) -> Owner {
    owner(key, NOW.get())
}

fn owner(key: Key<'_>, now: Situation) -> Owner {
    if key.command || key.alt {
        return Owner::Page;
    }
    if now.is_framed && !key.shift && is_for_parent(key.name, now) {
        return Owner::Parent;
    }
    if now.no_characters && is_character(key.name) { Owner::Browser } else { Owner::Page }
}

fn is_for_parent(name: &str, now: Situation) -> bool {
    match name {
        "ArrowRight" | " " => now.at_end,
        "." => now.at_end || now.no_characters,
        "ArrowLeft" => now.at_start,
        "Escape" => !now.has_menu,
        "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown" | "Home" | "End" | "f" | "F" => true,
        _ => false,
    }
}

/// Whether a key writes a visible character.
fn is_character(name: &str) -> bool {
    name != " " && name.chars().count() == 1
}

/// The call of reveal.js' API for a key: a method with its arguments.
pub fn of_reveal(name: &str) -> Option<&'static str> {
    Some(match name {
        "ArrowRight" => r#"{"method":"right"}"#,
        "ArrowLeft" => r#"{"method":"left"}"#,
        "ArrowUp" => r#"{"method":"up"}"#,
        "ArrowDown" => r#"{"method":"down"}"#,
        "PageDown" | " " => r#"{"method":"next"}"#,
        "PageUp" => r#"{"method":"prev"}"#,
        "." => r#"{"method":"togglePause"}"#,
        "Home" => r#"{"method":"slide","args":[0]}"#,
        "End" => r#"{"method":"slide","args":[1000000]}"#,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAMED: Situation = Situation {
        is_framed: true,
        at_start: false,
        at_end: false,
        has_menu: false,
        no_characters: false,
    };

    fn key(name: &str) -> Key<'_> {
        Key { name, shift: false, command: false, alt: false }
    }

    #[test]
    fn keys_of_time_are_the_runs_while_there_is_something_to_step() {
        for name in ["ArrowRight", "ArrowLeft", " ", "."] {
            assert_eq!(owner(key(name), FRAMED), Owner::Page, "{name:?}");
        }
        let at_end = Situation { at_end: true, ..FRAMED };
        for (name, whose) in [
            ("ArrowRight", Owner::Parent),
            (" ", Owner::Parent),
            (".", Owner::Parent),
            ("ArrowLeft", Owner::Page),
        ] {
            assert_eq!(owner(key(name), at_end), whose, "{name:?}");
        }
        let at_start = Situation { at_start: true, ..FRAMED };
        assert_eq!(owner(key("ArrowLeft"), at_start), Owner::Parent);
        assert_eq!(owner(key("ArrowRight"), at_start), Owner::Page);
    }

    #[test]
    fn a_key_that_the_run_does_not_use_goes_to_the_parent() {
        for name in ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "f", "Escape"] {
            assert_eq!(owner(key(name), FRAMED), Owner::Parent, "{name}");
            assert_eq!(owner(key(name), Situation::default()), Owner::Page, "{name}");
        }
        let with_menu = Situation { has_menu: true, ..FRAMED };
        assert_eq!(owner(key("Escape"), with_menu), Owner::Page);
    }

    #[test]
    fn no_other_key_leaves_the_page_and_none_with_a_modifier() {
        let ends = Situation { at_start: true, at_end: true, ..FRAMED };
        for name in ["Tab", "Enter", "a", "n", "4", "Backspace", "F5", "ArrowRightish"] {
            assert_eq!(owner(key(name), ends), Owner::Page, "{name}");
        }
        for name in ["ArrowRight", " ", "PageDown", "f"] {
            assert_eq!(owner(Key { shift: true, ..key(name) }, ends), Owner::Page, "{name}");
            assert_eq!(owner(Key { alt: true, ..key(name) }, ends), Owner::Page, "{name}");
            assert_eq!(owner(Key { command: true, ..key(name) }, ends), Owner::Page, "{name}");
        }
    }

    #[test]
    fn single_characters_can_be_switched_off_inside_of_frames_and_outside() {
        let off = Situation { no_characters: true, ..Situation::default() };
        for name in ["1", "n", ".", "?", "[", "é"] {
            assert_eq!(owner(key(name), off), Owner::Browser, "{name}");
        }
        for name in [" ", "ArrowRight", "Home", "Escape", "Enter"] {
            assert_eq!(owner(key(name), off), Owner::Page, "{name}");
        }
        let framed = Situation { no_characters: true, ..FRAMED };
        assert_eq!(owner(key("."), framed), Owner::Parent);
        assert_eq!(owner(key("n"), framed), Owner::Browser);
    }
}
