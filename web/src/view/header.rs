//! The top line: what is shown, and how.

use antes_core::{Algorithm, Profile};
use yew::{Html, Properties, function_component, html};

use crate::address::Theme;
use crate::language::{Language, Word};
use crate::library::Entry;
use crate::look::Icon;
use crate::shared::Shared;
use crate::view::icon::{icon, icon_button};
use crate::words as w;

/// What the header shows.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// All scenarios.
    pub library: Shared<Vec<Entry>>,
    /// The one that is shown.
    pub current: usize,
    /// The profile that runs.
    pub profile: Profile,
    /// The language.
    pub language: Language,
    /// The theme that was chosen, if any.
    pub theme: Option<Theme>,
}

/// The header.
#[function_component(Header)]
pub fn header(props: &Props) -> Html {
    let language = props.language;
    let say = |word: Word| word.say(language);
    let shown = props.library.get(props.current).map(|entry| entry.scenario.config.algorithm);
    let algorithm = |algorithm: Algorithm, about: &'static str, name: Word| {
        let pressed = if shown == Some(algorithm) { "true" } else { "false" };
        html! {
            <button type="button" data-action="algorithm" data-about={about} aria-pressed={pressed}>
                { say(name) }
            </button>
        }
    };
    html! {
        <header class="top">
            <h1>{ "Antes" }</h1>
            <div class="segments" role="group" aria-label={say(w::ALGORITHM)}>
                { algorithm(Algorithm::Clock, "clock", w::CLOCK) }
                { algorithm(Algorithm::Leader, "leader", w::LEADER) }
                { algorithm(Algorithm::Mutex, "mutex", w::MUTEX) }
            </div>
            { picker(props) }
            if shown != Some(Algorithm::Clock) {
                <div class="segments profile" role="group" aria-label={say(w::PROFILE)}>
                    { profile(props, Profile::Classic, "classic", w::CLASSIC, w::CLASSIC_HINT) }
                    { profile(props, Profile::Hardened, "hardened", w::HARDENED, w::HARDENED_HINT) }
                </div>
            }
            <span class="grow"></span>
            <button type="button" class="quiet with-text" data-action="share"
                title={say(w::SHARE)} aria-label={say(w::SHARE)}>
                { icon(Icon::Share) }<span>{ say(w::SHARE) }</span>
            </button>
            <button type="button" class="quiet" data-action="language" lang={language.other().tag()}
                title={say(w::LANGUAGE)} aria-label={say(w::LANGUAGE)}>
                { match language { Language::English => "PT", Language::Portuguese => "EN" } }
            </button>
            { icon_button("theme", Icon::Theme, say(w::THEME), "quiet") }
            { icon_button("help", Icon::Help, say(w::HELP), "quiet") }
        </header>
    }
}

fn profile(props: &Props, profile: Profile, about: &'static str, name: Word, hint: Word) -> Html {
    html! {
        <button type="button" data-action="profile" data-about={about}
            title={hint.say(props.language)} aria-pressed={(props.profile == profile).to_string()}>
            { name.say(props.language) }
        </button>
    }
}

/// The scenarios of the algorithm that is shown.
fn picker(props: &Props) -> Html {
    let language = props.language;
    let shown = props.library.get(props.current).map(|entry| entry.scenario.config.algorithm);
    let offered = props.library.iter().enumerate();
    let offered = offered.filter(|(_, entry)| Some(entry.scenario.config.algorithm) == shown);
    let option = |(place, entry): (usize, &Entry)| {
        html! {
            <option key={entry.slug} value={entry.slug} selected={place == props.current}>
                { language.of(&entry.scenario.title).to_owned() }
            </option>
        }
    };
    html! {
        <label class="picker">
            <span class="sr-only">{ w::SCENARIO.say(language) }</span>
            <select data-action="scenario">{ for offered.map(option) }</select>
        </label>
    }
}
