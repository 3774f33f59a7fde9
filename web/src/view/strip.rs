//! The invariants: green before they are ever red.

use antes_sim::trace::Invariant;
use yew::{Html, html};

use crate::language::Language;
use crate::look::Icon;
use crate::sentence;
use crate::view::icon::icon;
use crate::words as w;

/// How an invariant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Which.
    pub invariant: Invariant,
    /// How often it was found broken so far.
    pub broken: u32,
    /// The line that tells of it first.
    pub first: Option<u64>,
}

/// The strip.
pub fn strip(verdicts: &[Verdict], language: Language) -> Html {
    html! {
        <ul class="strip" aria-label={w::INVARIANTS.say(language)}>
            { for verdicts.iter().map(|verdict| chip(verdict, language)) }
        </ul>
    }
}

/// All of them in one line, for where there is no room for the strip.
pub fn verdict(verdicts: &[Verdict], language: Language) -> Html {
    let broken = verdicts.iter().find_map(|verdict| Some((verdict, verdict.first?)));
    match broken {
        None => html! {
            <p class="verdict" data-holds="true">
                { icon(Icon::Check) }
                <span>{ match verdicts.len() {
                    1 => w::ONE_HOLDS.say(language).to_owned(),
                    count => w::ALL_HOLD.fill(language, &[&count]),
                } }</span>
            </p>
        },
        Some((verdict, first)) => html! {
            <p class="verdict" data-holds="false">
                <button type="button" data-action="show" data-about={first.to_string()}>
                    { icon(Icon::Cross) }
                    <span>{ sentence::invariant(verdict.invariant).say(language) }</span>
                    <b>{ w::BROKEN.fill(language, &[&verdict.broken]) }</b>
                </button>
            </p>
        },
    }
}

fn chip(verdict: &Verdict, language: Language) -> Html {
    let name = sentence::invariant(verdict.invariant).say(language);
    let key = verdict.invariant.name();
    match verdict.first {
        None => html! {
            <li key={key} class="chip" data-invariant={key}
                title={sentence::judged_by(verdict.invariant).say(language)}>
                { icon(Icon::Check) }<span>{ name }</span>
                <span class="sr-only">{ w::HOLDS_SO_FAR.say(language) }</span>
            </li>
        },
        Some(first) => html! {
            <li key={key} data-invariant={key}>
                <button type="button" class="chip broken" data-action="show"
                    data-about={first.to_string()}>
                    { icon(Icon::Cross) }<span>{ name }</span>
                    <b>{ w::BROKEN.fill(language, &[&verdict.broken]) }</b>
                </button>
            </li>
        },
    }
}
