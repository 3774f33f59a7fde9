//! Panels above the page: help, the address to share, settings, the search for scenarios.

use antes_core::{Algorithm, Profile};
use yew::{Html, html};

use crate::address::{Motion, Theme, TypeSize};
use crate::control;
use crate::language::Language;
use crate::library;
use crate::look::Icon;
use crate::message::Dialog;
use crate::view::find::finder;
use crate::view::header::{algorithms, profiles};
use crate::view::icon::{icon, icon_button, named_button, text_button};
use crate::view::legend::legend;
use crate::words::{self as w, Word, recorded};

/// The content of a panel.
pub struct Shown<'a> {
    pub dialog: Dialog,
    /// The text in the search for scenarios.
    pub query: &'a str,
    /// The index of the current scenario.
    pub current: usize,
    pub runs: Profile,
    /// The address of the current moment.
    pub address: String,
    /// Whether copying the address succeeded. `None` before it was tried.
    pub copied: Option<bool>,
    pub view: View,
    pub algorithm: Algorithm,
    /// The current profile, if there is a choice.
    pub profile: Option<Profile>,
    pub seed: u64,
    pub language: Language,
}

/// The page's settings, which do not depend on the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// `None`: the system's theme is used.
    pub theme: Option<Theme>,
    pub type_size: TypeSize,
    /// `None`: the system's preference is used.
    pub motion: Option<Motion>,
    /// Whether the browser supports full screen.
    pub can_fill: bool,
    /// Whether keys of a single character are switched off.
    pub no_characters: bool,
}

/// The title and the body of a panel of a run.
pub fn sheet(shown: &Shown<'_>) -> (Word, Html) {
    let language = shown.language;
    match shown.dialog {
        Dialog::Help => (w::HELP, help(w::CLICK_HINT, &KEYS, language)),
        Dialog::Share => (w::SHARE, share(shown.address.clone(), shown.copied, true, language)),
        Dialog::More => (w::VIEW, more(shown)),
        Dialog::Find => (w::FIND, finder(shown.query, shown.current, shown.runs, language)),
    }
}

/// A panel with this title and body. After it is drawn, it has to be [opened](crate::dom::open_dialog).
pub fn frame(title: Word, body: Html, language: Language) -> Html {
    html! {
        // The key gives each panel its own element, so that a new panel takes the focus when it opens.
        <dialog key={title.say(Language::English)} class="sheet" role="dialog"
            aria-label={title.say(language)} data-action="close">
            // A click inside does not close the panel.
            <div class="inside" data-action="stay">
                <header>
                    <h2>{ title.say(language) }</h2>
                    <span class="grow"></span>
                    { icon_button(&control::CLOSE, language, "quiet") }
                </header>
                { body }
            </div>
        </dialog>
    }
}

/// The address, to copy. `has_files`: whether the run can be taken away as a picture or a file.
pub fn share(address: String, copied: Option<bool>, has_files: bool, language: Language) -> Html {
    let name = if copied == Some(true) { w::COPIED } else { w::COPY };
    html! {
        <div class="share">
            <p>{ w::SHARE_HINT.say(language) }</p>
            if address.starts_with("file:") {
                <p class="share-from-disk">{ w::SHARE_FROM_DISK.say(language) }</p>
            }
            if library::is_kept_here(&address) {
                <p class="share-from-disk">{ recorded::SHARE_BROUGHT.say(language) }</p>
            }
            <input type="text" readonly=true value={address}
                aria-label={w::SHARE.say(language)} />
            <button type="button" class="main" data-action="copy">{ name.say(language) }</button>
            <p role="status" class="copy-failed">
                if copied == Some(false) { { w::COPY_FAILED.say(language) } }
            </p>
            if has_files {
                { text_button(&control::TAKE_AWAY, language, "") }
            }
        </div>
    }
}

/// The settings, and the actions that do not fit into the header on a small screen.
fn more(shown: &Shown<'_>) -> Html {
    let language = shown.language;
    let say = |word: Word| word.say(language);
    html! {
        <>
            <div class="actions">
                { named_button(&control::SHARE, language, "") }
                { named_button(&control::COMPARE, language, "") }
                <a href="?trace">{ icon(Icon::Open) }{ say(w::OPEN_FILE) }</a>
                <button type="button" data-action="seed">
                    { icon(Icon::Seed) }{ w::OTHER_SEED.fill(language, &[&shown.seed]) }
                </button>
                { page_actions(&shown.view, true, language) }
            </div>
            <div class="setting only-tiny">
                <h3>{ say(w::ALGORITHM) }</h3>{ algorithms(shown.algorithm, language) }
            </div>
            if let Some(profile) = shown.profile {
                <div class="setting only-small">
                    <h3>{ say(w::PROFILE) }</h3>{ profiles(profile, language) }
                </div>
            }
            { settings(&shown.view, language) }
        </>
    }
}

/// The actions that both programs have.
pub fn page_actions(view: &View, has_help: bool, language: Language) -> Html {
    html! {
        <>
            if has_help {
                { named_button(&control::HELP, language, "") }
            }
            if view.can_fill {
                { named_button(&control::FULL_SCREEN, language, "") }
            }
            <button type="button" data-action="language" lang={language.other().tag()}>
                { icon(Icon::Language) }{ w::LANGUAGE.say(language) }
            </button>
        </>
    }
}

/// The controls for the page's settings.
pub fn settings(view: &View, language: Language) -> Html {
    let colours = [
        ("system", w::COLOURS_SYSTEM, view.theme.is_none()),
        ("light", w::COLOURS_LIGHT, view.theme == Some(Theme::Light)),
        ("dark", w::COLOURS_DARK, view.theme == Some(Theme::Dark)),
    ];
    let sizes = [
        ("normal", w::TYPE_NORMAL, view.type_size == TypeSize::Normal),
        ("projector", w::TYPE_PROJECTOR, view.type_size == TypeSize::Projector),
    ];
    let motions = [
        ("system", w::MOTION_SYSTEM, view.motion.is_none()),
        ("full", w::MOTION_FULL, view.motion == Some(Motion::Full)),
        ("reduced", w::MOTION_REDUCED, view.motion == Some(Motion::Reduced)),
    ];
    let characters = [
        ("on", w::CHARACTERS_ON, !view.no_characters),
        ("off", w::CHARACTERS_OFF, view.no_characters),
    ];
    html! {
        <>
            { setting("colours", w::COLOURS, &colours, language) }
            { setting("type", w::TYPE_SIZE, &sizes, language) }
            { setting("motion", w::MOTION, &motions, language) }
            { setting("characters", w::CHARACTERS, &characters, language) }
        </>
    }
}

fn setting(
    action: &'static str,
    title: Word,
    choices: &[(&'static str, Word, bool)],
    language: Language,
) -> Html {
    let choice = |&(about, name, is_chosen): &(&'static str, Word, bool)| {
        html! {
            <button type="button" data-action={action} data-about={about}
                aria-pressed={is_chosen.to_string()}>{ name.say(language) }</button>
        }
    };
    html! {
        <div class="setting">
            <h3>{ title.say(language) }</h3>
            <div class="segments" role="group" aria-label={title.say(language)}>
                { for choices.iter().map(choice) }
            </div>
        </div>
    }
}

/// Keys, and what they do.
pub const KEYS: [(&str, Word); 15] = [
    ("Space  .  K", w::KEY_PLAY),
    ("←  →", w::KEY_STEP),
    ("Shift ←  →", w::KEY_JUMP),
    ("J  L", w::KEY_ALIKE),
    ("N  P", w::KEY_NOTE),
    ("1 … 9", w::KEY_NODE),
    ("M", w::KEY_MENU),
    ("Ctrl Z  Y", w::KEY_UNDO),
    ("[  ]", w::KEY_SPEED),
    ("+  −", w::KEY_SCALE),
    ("PageUp  PageDown", w::KEY_PAN),
    ("Home  End", w::KEY_ENDS),
    ("/  F", w::KEY_FIND),
    ("?", w::KEY_HELP),
    ("Esc", w::KEY_ESCAPE),
];

/// The help: what clicks do, what keys do, what signs mean.
pub fn help(hint: Word, keys: &[(&'static str, Word)], language: Language) -> Html {
    let key = |(keys, meaning): &(&'static str, Word)| {
        html! { <><dt><kbd>{ *keys }</kbd></dt><dd>{ meaning.say(language) }</dd></> }
    };
    html! {
        <div class="help">
            <p>{ hint.say(language) }</p>
            <dl>{ for keys.iter().map(key) }</dl>
            { legend(language) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::{Key, from_key};

    /// The name of a key in the list. `None` for a key that is another one without Shift.
    fn written(name: &str) -> Option<String> {
        Some(match name {
            " " => "Space".to_owned(),
            "=" => return None,
            "ArrowLeft" => "←".to_owned(),
            "ArrowRight" => "→".to_owned(),
            "-" => "−".to_owned(),
            "Escape" => "Esc".to_owned(),
            digit if digit.parse::<u8>().is_ok() => "1 … 9".to_owned(),
            letter if letter.len() == 1 => letter.to_ascii_uppercase(),
            name => name.to_owned(),
        })
    }

    #[test]
    fn every_key_that_does_something_is_in_the_list() {
        let named = [
            "ArrowLeft",
            "ArrowRight",
            "ArrowUp",
            "ArrowDown",
            "Home",
            "End",
            "PageUp",
            "PageDown",
            "Escape",
            "Enter",
            "Tab",
            "Backspace",
            "Delete",
            "Insert",
        ];
        let letters = (' '..='~').map(String::from);
        for name in named.into_iter().map(str::to_owned).chain(letters) {
            let key = Key { name: &name, shift: false, command: false, alt: false };
            let (Some(_), Some(written)) = (from_key(key), written(&name)) else { continue };
            assert!(
                KEYS.iter().any(|(keys, _)| keys.contains(&written)),
                "{name:?} is not in the list"
            );
        }
    }
}
