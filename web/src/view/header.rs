//! The header: algorithm, scenario, profile, and the page's tools.

use antes_core::{Algorithm, Profile};
use yew::{Html, html};

use crate::control;
use crate::language::Language;
use crate::library::{Entry, entries, entry, listed_as, meant_by};
use crate::look::Icon;
use crate::view::icon::{icon, icon_button, text_button};
use crate::words::{self as w, Word};

/// The content of the header.
pub struct Shown {
    /// The index of the shown scenario.
    pub current: usize,
    pub profile: Profile,
    pub language: Language,
}

pub fn header(shown: &Shown) -> Html {
    let language = shown.language;
    let say = |word: Word| word.say(language);
    let entry = entry(shown.current);
    html! {
        <header class="top">
            { text_button(&control::SKIP, language, "skip") }
            <h1>{ "Antes" }</h1>
            <div class="choices">
                { algorithms(entry.algorithm, language) }
                if entry.setting().has_election() {
                    { profiles(shown.profile, language) }
                }
            </div>
            { picker(shown) }
            <span class="grow"></span>
            <div class="tools" role="group" aria-label={say(w::TOOLS)}>
                <a class="quiet" href="?trace" title={say(w::OPEN_FILE)} aria-label={say(w::OPEN_FILE)}>
                    { icon(Icon::Open) }
                </a>
                { icon_button(&control::COMPARE, language, "quiet") }
                <button type="button" class="quiet with-text" data-action={control::SHARE.handle}
                    title={say(w::SHARE)} aria-label={say(w::SHARE)}>
                    { icon(Icon::Share) }<span>{ say(w::SHARE) }</span>
                </button>
                { language_button(language, "quiet") }
                { icon_button(&control::THEME, language, "quiet") }
                { icon_button(&control::HELP, language, "quiet") }
                { icon_button(&control::MORE, language, "quiet") }
            </div>
        </header>
    }
}

/// The button for the other language, labelled in that language.
pub fn language_button(language: Language, class: &'static str) -> Html {
    let (short, name) = match language {
        Language::English => ("PT", "PT: Português"),
        Language::Portuguese => ("EN", "EN: English"),
    };
    html! {
        <button type="button" {class} data-action="language" lang={language.other().tag()}
            title={w::LANGUAGE.say(language)} aria-label={name}>{ short }</button>
    }
}

/// The choice of the algorithm.
pub fn algorithms(current: Algorithm, language: Language) -> Html {
    let one = |algorithm: Algorithm, about: &'static str, name: Word, hint: Word| {
        html! {
            <button type="button" data-action="algorithm" data-about={about}
                title={hint.say(language)} aria-pressed={(current == algorithm).to_string()}>
                { name.say(language) }
            </button>
        }
    };
    html! {
        <div class="segments" role="group" aria-label={w::ALGORITHM.say(language)}>
            { one(Algorithm::Clock, "clock", w::CLOCK, w::CLOCK_HINT) }
            { one(Algorithm::Leader, "leader", w::LEADER, w::LEADER_HINT) }
            { one(Algorithm::Mutex, "mutex", w::MUTEX, w::MUTEX_HINT) }
        </div>
    }
}

/// The choice of the profile.
pub fn profiles(current: Profile, language: Language) -> Html {
    let one = |profile: Profile, about: &'static str, name: Word, hint: Word| {
        html! {
            <button type="button" data-action="profile" data-about={about}
                title={hint.say(language)} aria-pressed={(current == profile).to_string()}>
                { name.say(language) }
            </button>
        }
    };
    html! {
        <div class="segments profile" role="group" aria-label={w::PROFILE.say(language)}>
            { one(Profile::Classic, "classic", w::CLASSIC, w::CLASSIC_HINT) }
            { one(Profile::Hardened, "hardened", w::HARDENED, w::HARDENED_HINT) }
        </div>
    }
}

/// The list of the algorithm's scenarios.
fn picker(shown: &Shown) -> Html {
    let language = shown.language;
    let algorithm = entry(shown.current).algorithm;
    let current = listed_as(shown.current);
    let is_offered = |(place, entry): &(usize, &Entry)| {
        entry.algorithm == algorithm && listed_as(*place) == *place
    };
    let offered = entries().filter(is_offered);
    // For a pair, the title of the one with the story for the running profile.
    let title = |place| w::title(meant_by(place, shown.profile), language);
    let option = |(place, entry): (usize, &Entry)| {
        html! {
            <option key={entry.slug} value={entry.slug} selected={place == current}>
                { title(place) }
            </option>
        }
    };
    html! {
        <div class="picker">
            <label>
                <span class="sr-only">{ w::SCENARIO.say(language) }</span>
                <select data-action="scenario" title={w::title(shown.current, language)}>{ for offered.map(option) }</select>
            </label>
            { icon_button(&control::FIND, language, "quiet") }
        </div>
    }
}
