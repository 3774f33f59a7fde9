//! Draws what only the page of a recording has: the way to open files, the note about the recording, and its panels.

use antes_core::{Algorithm, Profile, Setting};
use antes_sim::export::Source;
use antes_sim::history::Origin;
use yew::{Html, html};

use super::super::deck::Deck;
use super::super::notes;
use super::super::pace::Quiet;
use super::ShownRecording;
use crate::app::Page;
use crate::app::subject::Handles;
use crate::control;
use crate::language::Language;
use crate::look::Icon;
use crate::message::Dialog;
use crate::timeline::Timeline;
use crate::view::dialog;
use crate::view::header::language_button;
use crate::view::icon::{icon, icon_button, named_button};
use crate::view::ring::Clicks;
use crate::words::{self as w, Word, recorded as r};

/// In a recording, a click selects.
pub(super) const INSPECTS: Clicks = Clicks {
    node: r::NODE_LABEL,
    down: r::NODE_DOWN_LABEL,
    message: r::MESSAGE_LABEL,
    write: r::WRITE_LABEL,
    menus: false,
};

const KEYS: [(&str, Word); 11] = [
    ("Space  .  K", w::KEY_PLAY),
    ("←  →", w::KEY_STEP),
    ("Shift ←  →", w::KEY_JUMP),
    ("J  L", w::KEY_ALIKE),
    ("1 … 9", r::KEY_INSPECT),
    ("+  −", r::KEY_ZOOM),
    ("PageUp  PageDown", w::KEY_PAN),
    ("[  ]", w::KEY_SPEED),
    ("Home  End", w::KEY_ENDS),
    ("?", w::KEY_HELP),
    ("Esc", w::KEY_ESCAPE),
];

impl ShownRecording {
    pub(super) fn handles_of_deck(&self) -> Handles {
        let Some(deck) = &self.deck else {
            return Handles { recording: Some("none"), ..Handles::default() };
        };
        let source = match deck.tape().header().source {
            Source::Sim => "sim",
            Source::Cluster => "cluster",
        };
        Handles {
            recording: Some(source),
            lines: Some(deck.tape().events().len().to_string()),
            events: Some(deck.past().len().to_string()),
            violations: deck.tape().violations().0,
            ..Handles::default()
        }
    }

    /// A recording has no other scenarios, and is shared as a file.
    pub(super) fn draw_dialog(&self, page: &Page, shown: Dialog) -> Option<(Word, Html)> {
        let (language, view) = (page.language, &page.view);
        Some(match shown {
            Dialog::Help => (w::HELP, dialog::help(r::CLICK_HINT, &KEYS, language)),
            Dialog::More => {
                let body = html! {
                    <>
                        <div class="actions">
                            if self.deck.is_some() {
                                { named_button(&control::TAKE_AWAY, language, "") }
                            }
                            { dialog::page_actions(view, self.deck.is_some(), language) }
                        </div>
                        { dialog::settings(view, language) }
                    </>
                };
                (w::VIEW, body)
            }
            Dialog::Share | Dialog::Find => return None,
        })
    }

    /// The header: the title, and links to other content.
    pub(super) fn draw_header(&self, page: &Page) -> Html {
        let (deck, language) = (self.deck.as_ref(), page.language);
        html! {
            <header class="top">
                <h1>{ "Antes" }</h1>
                <p class="about">{ for deck.map(|deck| about(deck, language)) }</p>
                <span class="grow"></span>
                if deck.is_some() {
                    { chooser(page.say(r::OPEN_OTHER), "quiet") }
                }
                <a class="button quiet" href={self.addressed(page).of_simulator()}>
                    { page.say(r::SIMULATOR) }
                </a>
                <div class="tools" role="group" aria-label={page.say(w::TOOLS)}>
                    if deck.is_some() {
                        { icon_button(&control::TAKE_AWAY, language, "quiet") }
                    }
                    { language_button(language, "quiet") }
                    { icon_button(&control::THEME, language, "quiet") }
                    if deck.is_some() {
                        { icon_button(&control::HELP, language, "quiet") }
                    }
                    { icon_button(&control::MORE, language, "quiet") }
                </div>
            </header>
        }
    }

    /// The page before a recording is open.
    pub(super) fn doorway(&self, page: &Page) -> Html {
        if let Some(name) = &self.reading {
            let told = r::READING.fill(page.language, &[name]);
            return html! { <main class="doorway"><p role="status">{ told }</p></main> };
        }
        html! {
            <main class="doorway">
                <section class="panel open">
                    <h2>{ page.say(w::OPEN_FILE) }</h2>
                    <p>{ page.say(r::OPEN_HINT) }</p>
                    <p>{ chooser(page.say(r::CHOOSE), "main") }{ " " }{ page.say(r::DROP_HINT) }</p>
                    <p class="empty">{ page.say(r::STAYS_HERE) }</p>
                </section>
            </main>
        }
    }
}

/// An input for files that looks like a button.
fn chooser(name: &'static str, class: &'static str) -> Html {
    html! {
        <label class={yew::classes!("button", "chooser", class)}>
            { icon(Icon::Open) }<span>{ name }</span>
            <input type="file" multiple=true data-action="open" aria-label={name} />
        </label>
    }
}

/// The note about the recording: what it is, and its limits.
pub(super) fn note(deck: &Deck, page: &Page) -> Html {
    let language = page.language;
    let (tape, say) = (deck.tape(), |word: Word| word.say(language));
    let (broken, first) = tape.violations();
    let unseen = tape.unseen();
    let unseen = tape.size().nodes().filter(move |&node| unseen.contains(node));
    let shortened = tape.quiet() == Quiet::Shortened;
    let notes = notes::told(tape, language);
    let verdict = match broken {
        0 if tape.given().is_some() => say(r::NOT_JUDGED).to_owned(),
        0 => say(r::VERDICT_FINE).to_owned(),
        count => r::VERDICT_BROKEN.fill(language, &[&count]),
    };
    html! {
        <section class="narration" aria-label={say(r::RECORDING)}>
            <div class="note">
                <p>
                    { verdict }
                    if deck.is_over() {
                        { " " }<span class="end">{ say(r::ENDS) }</span>
                    }
                </p>
                if let Some(first) = first {
                    <button type="button" class="small" data-action="show"
                        data-about={first.to_string()}>{ say(r::SHOW_FIRST) }</button>
                }
                <button type="button" class="small" data-action={control::QUIET.handle}
                    aria-pressed={shortened.to_string()} title={say(r::SHORTEN_HINT)}>
                    { control::QUIET.label.say(language) }
                </button>
            </div>
            if let Some(given) = tape.given() {
                <p class="names">{ names(&given.names) }</p>
            }
            <div class="more">
                <details>
                    <summary>{ say(r::SHOWS) }</summary>
                    <p>{ say(r::NOT_TOLD) }</p>
                    { for unseen.map(|node| html! {
                        <p>{ r::UNSEEN.fill(language, &[&node]) }</p>
                    }) }
                </details>
                if !notes.is_empty() {
                    <details>
                        <summary>{ r::NOTES.fill(language, &[&notes.len()]) }</summary>
                        <ul>{ for notes.into_iter().map(|(tag, note)| html! {
                            <li lang={tag}>{ note }</li>
                        }) }</ul>
                    </details>
                }
            </div>
        </section>
    }
}

/// The nodes that stand for the processes of a figure or of a log: `1 P · 2 Q`.
fn names(names: &[String]) -> String {
    let names = names.iter().zip(1..).map(|(name, number)| format!("{number}\u{a0}{name}"));
    names.collect::<Vec<_>>().join(" · ")
}

/// The recording's source, number of nodes, algorithm and length.
fn about(deck: &Deck, language: Language) -> Html {
    let (tape, say) = (deck.tape(), |word: Word| word.say(language).to_owned());
    let Setting { algorithm, profile, .. } = tape.setting();
    let source = match (tape.given().map(|given| given.origin), tape.header().source) {
        (Some(Origin::Figure), _) => r::OF_FIGURE,
        (Some(Origin::Shiviz), _) => r::OF_SHIVIZ,
        (None, Source::Sim) => r::OF_SIMULATOR,
        (None, Source::Cluster) => r::OF_CLUSTER,
    };
    let algorithm = match algorithm {
        Algorithm::Clock => w::CLOCK,
        Algorithm::Leader => w::LEADER,
        Algorithm::Mutex => w::MUTEX,
    };
    let profile = match profile {
        Profile::Classic => w::CLASSIC,
        Profile::Hardened => w::HARDENED,
    };
    let title = Some(tape.header().title.clone()).filter(|title| !title.is_empty());
    let facts = [
        r::NODES.fill(language, &[&tape.size().get()]),
        say(algorithm),
        say(profile),
        r::EVENTS.fill(language, &[&tape.events().len()]),
    ];
    let facts: Vec<_> = title.into_iter().chain(facts).collect();
    html! {
        <>
            <b>{ say(r::RECORDING) }{ " " }{ say(source) }</b>
            <span>{ facts.join(" · ") }</span>
        </>
    }
}
