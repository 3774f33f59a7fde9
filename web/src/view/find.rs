//! The panel for searching scenarios.

use antes_core::{Algorithm, Profile};
use yew::{Html, html};

use crate::find::found;
use crate::language::Language;
use crate::library::LIBRARY;
use crate::words::{self as w, Word};

/// The search field, and the results for each algorithm.
pub fn finder(query: &str, current: usize, runs: Profile, language: Language) -> Html {
    let places = found(query, runs);
    let group = |algorithm: Algorithm, name: Word| {
        let here = places.iter().filter(|&&place| LIBRARY[place].algorithm == algorithm);
        let mut here = here.peekable();
        here.peek()?;
        Some(html! {
            <section key={name.say(Language::English)}>
                <h3>{ name.say(language) }</h3>
                <ul>{ for here.map(|&place| entry(place, place == current, language)) }</ul>
            </section>
        })
    };
    let told = match places.len() {
        0 => w::FOUND_NOTHING.say(language).to_owned(),
        count => w::FOUND.fill(language, &[&count]),
    };
    html! {
        <div class="finder">
            <input type="search" data-action="query" value={query.to_owned()} autofocus=true
                autocomplete="off" spellcheck="false" enterkeyhint="go"
                placeholder={w::FIND_HINT.say(language)} aria-label={w::FIND.say(language)} />
            <p role="status">{ told }</p>
            // A separate element. With one child less, the field would be created again.
            <div>
                { for group(Algorithm::Clock, w::CLOCK_HINT) }
                { for group(Algorithm::Leader, w::LEADER_HINT) }
                { for group(Algorithm::Mutex, w::MUTEX_HINT) }
            </div>
        </div>
    }
}

fn entry(place: usize, is_current: bool, language: Language) -> Html {
    let entry = &LIBRARY[place];
    let hardened = entry.profile == Profile::Hardened;
    html! {
        <li key={entry.slug}>
            <button type="button" data-action="found" data-about={entry.slug}
                aria-current={is_current.then_some("true")}>
                { w::title(place, language) }
                if hardened { <span class="tag">{ w::HARDENED.say(language) }</span> }
            </button>
        </li>
    }
}
