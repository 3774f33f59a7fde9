//! The strip of invariants and waits.

use core::time::Duration;

use antes_core::Setting;
use antes_sim::run::Run;
use antes_sim::trace::{Happening, Invariant};
use yew::{Html, html};

use crate::language::Language;
use crate::look::Icon;
use crate::sentence;
use crate::view::icon::icon;
use crate::waits::{Bounds, Told, Waits};
use crate::words as w;

/// The state of an invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub invariant: Invariant,
    /// How often it was violated so far.
    pub broken: u32,
    /// The line of the first violation.
    pub first: Option<u64>,
}

/// The state of a wait. It is not kept or violated like an invariant: it lasts, and may be overdue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitShown {
    /// Its name as a handle.
    pub name: &'static str,
    /// The visible text: the kind of the wait and its length.
    pub text: String,
    /// The hint that explains its bound.
    pub hint: String,
    /// Whether it has lasted longer than its bound.
    pub late: bool,
    /// The line with which it began.
    pub from: Option<u64>,
}

/// The state of each invariant that a run is judged by.
pub fn verdicts(run: &Run) -> Vec<Verdict> {
    let config = run.scenario().config;
    let first = |invariant: Invariant| {
        let breaks = |happening: &Happening| match happening {
            Happening::Violation(violation) => violation.invariant == invariant,
            _ => false,
        };
        run.trace().iter().find(|event| breaks(&event.happening)).map(|event| event.seq)
    };
    let verdict = |invariant: Invariant| {
        let broken = run.world().violations_of(invariant);
        Verdict { invariant, broken, first: if broken > 0 { first(invariant) } else { None } }
    };
    let concerns = |invariant: &Invariant| invariant.concerns(config.setting());
    Invariant::ALL.into_iter().filter(concerns).map(verdict).collect()
}

/// The waits of a run: for a leader, for a single leader, and for the lock.
pub fn told(
    waits: &Waits,
    bounds: Option<Bounds>,
    setting: Setting,
    language: Language,
) -> Vec<WaitShown> {
    let span = |us: u64| tenths(us, language);
    let hint = |word: w::Word, bound: fn(Bounds) -> Duration| match bounds.map(bound) {
        Some(bound) => {
            let us = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX);
            word.fill(language, &[&language.span(us)])
        }
        None => w::WAIT_UNKNOWN_HINT.say(language).to_owned(),
    };
    let shown = |name, told: Told, text: String, hint: String| {
        let late = told.late.is_some();
        let text = if late { w::OVERDUE.fill(language, &[&text]) } else { text };
        let from = told.now.or(told.late).unwrap_or(told.longest);
        WaitShown { name, text, hint, late, from: (told.longest.us > 0).then_some(from.from) }
    };
    let (leader, leaders, lock) = (waits.leaderless(), waits.crowded(), waits.lock());
    let text = match leader.now.filter(|now| now.us > 0) {
        Some(now) => w::LEADERLESS_NOW.fill(language, &[&span(now.us)]),
        None => w::LEADERLESS_LONGEST.fill(language, &[&span(leader.longest.us)]),
    };
    let hinted = hint(w::LEADERLESS_HINT, |bounds| bounds.leaderless);
    let mut all = Vec::new();
    if setting.has_election() {
        all.push(shown("leader", leader, text, hinted));
    }
    if leaders.most > 1 {
        let text = match leaders.now {
            Some(now) => w::LEADERS_NOW.fill(language, &[&leaders.most, &span(now.us)]),
            None => w::LEADERS_MOST.fill(language, &[&leaders.most]),
        };
        let hinted = hint(w::LEADERS_HINT, |bounds| bounds.crowded);
        all.push(shown("leaders", leaders, text, hinted));
    }
    if setting.has_lock() {
        let text = match lock.now.filter(|now| now.us > 0) {
            Some(now) => w::LOCK_WAIT_NOW.fill(language, &[&span(now.us)]),
            None => w::LOCK_WAIT_LONGEST.fill(language, &[&span(lock.longest.us)]),
        };
        all.push(shown("lock", lock, text, hint(w::LOCK_WAIT_HINT, |bounds| bounds.lock)));
    }
    all
}

/// The sentence for screen readers when a wait becomes overdue.
pub fn said(wait: &WaitShown, language: Language) -> &'static str {
    let word = match wait.name {
        "leader" => w::OVERDUE_LEADER,
        "leaders" => w::OVERDUE_LEADERS,
        _ => w::OVERDUE_LOCK,
    };
    word.say(language)
}

/// In tenths of a second, so that the strip is not redrawn in each frame.
fn tenths(us: u64, language: Language) -> String {
    language.fine_seconds(us, 1)
}

/// The strip: the invariants, and the waits of the cluster.
pub fn strip(verdicts: &[Verdict], waits: &[WaitShown], language: Language) -> Html {
    html! {
        <ul class="strip" aria-label={w::INVARIANTS.say(language)}>
            { for verdicts.iter().map(|verdict| chip(verdict, language)) }
            if !waits.is_empty() {
                // On a line of their own: their texts change, and should move nothing else.
                <li class="break" aria-hidden="true"></li>
            }
            { for waits.iter().map(wait_chip) }
        </ul>
    }
}

/// All in one line, if there is no room for the strip.
pub fn verdict(verdicts: &[Verdict], late: Option<&WaitShown>, language: Language) -> Html {
    let broken = verdicts.iter().find_map(|verdict| Some((verdict, verdict.first?)));
    match broken {
        None if late.is_some() => html! {
            <ul class="verdict" data-holds="true">{ for late.map(wait_chip) }</ul>
        },
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

fn wait_chip(wait: &WaitShown) -> Html {
    let class = if wait.late { "chip wait late" } else { "chip wait" };
    let inside = html! { <>{ icon(Icon::Hourglass) }<span>{ wait.text.clone() }</span></> };
    html! {
        <li key={wait.name} data-wait={wait.name} data-late={wait.late.to_string()}>
            if let Some(from) = wait.from {
                <button type="button" {class} title={wait.hint.clone()} data-action="show"
                    data-about={from.to_string()}>{ inside }</button>
            } else {
                <span {class} title={wait.hint.clone()}>{ inside }</span>
            }
        </li>
    }
}
