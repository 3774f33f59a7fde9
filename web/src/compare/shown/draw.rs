//! Draws what only the page of a comparison has: the choice of the other run, the first difference, both sides, and
//! the table of numbers.

use antes_sim::compare::{Compared, Measure, Parting, Row, Value};
use yew::{Html, html};

use super::ShownPair;
use crate::app::subject::Parts;
use crate::app::{Page, Subject, side};
use crate::compare::asked::Versus;
use crate::control::{self, Control};
use crate::dom;
use crate::language::Language;
use crate::look::Icon;
use crate::message::Dialog;
use crate::sentence;
use crate::timeline::Timeline;
use crate::view::header::language_button;
use crate::view::icon::{icon, icon_button, named_button};
use crate::view::{dialog, strip, transport};
use crate::words::recorded as r;
use crate::words::{self as w, Word};

const KEYS: [(&str, Word); 11] = [
    ("Space  .  K", w::KEY_PLAY),
    ("←  →", w::KEY_STEP),
    ("Shift ←  →", w::KEY_JUMP),
    ("1 … 9", w::KEY_NODE),
    ("M", w::KEY_MENU),
    ("Ctrl Z  Y", w::KEY_UNDO),
    ("[  ]", w::KEY_SPEED),
    ("+  −", w::KEY_SCALE),
    ("PageUp  PageDown", w::KEY_PAN),
    ("Home  End", w::KEY_ENDS),
    ("Esc", w::KEY_ESCAPE),
];

impl ShownPair {
    pub(super) fn draw_header(&self, page: &Page) -> Html {
        let language = page.language;
        let say = |word: Word| word.say(language);
        html! {
            <header class="top">
                <h1>{ "Antes" }</h1>
                { self.chooser(page) }
                <span class="grow"></span>
                <div class="tools" role="group" aria-label={say(w::TOOLS)}>
                    <button type="button" class="quiet single" data-action="compare"
                        title={say(r::ONE_RUN)} aria-label={say(r::ONE_RUN)}>
                        { icon(Icon::Close) }<span>{ say(r::ONE_RUN) }</span>
                    </button>
                    { icon_button(&control::SHARE, language, "quiet") }
                    { language_button(language, "quiet") }
                    { icon_button(&control::THEME, language, "quiet") }
                    { icon_button(&control::HELP, language, "quiet") }
                    { icon_button(&control::MORE, language, "quiet") }
                </div>
            </header>
        }
    }

    /// The list of what the run can be compared with.
    fn chooser(&self, page: &Page) -> Html {
        let offered = self.compared.offered(page.language);
        let chosen = self.compared.versus;
        let option = |(versus, name): &(Versus, String)| {
            html! {
                <option key={versus.name()} value={versus.name()} selected={*versus == chosen}>
                    { name.clone() }
                </option>
            }
        };
        let is_other = |(versus, _): &&(Versus, String)| matches!(versus, Versus::Scenario(_));
        let (others, variants): (Vec<_>, Vec<_>) = offered.iter().partition(is_other);
        let [title, name] =
            [w::title(self.compared.place, page.language), r::COMPARE_WITH.say(page.language)];
        html! {
            <div class="picker">
                <b class="title" title={title}>{ title }</b>
                <label>
                    <span>{ name }</span>
                    <select data-action="versus" aria-label={name}>
                        <optgroup label={r::SAME_SCRIPT.say(page.language)}>
                            { for variants.into_iter().map(option) }
                        </optgroup>
                        <optgroup label={r::OTHER_SCENARIOS.say(page.language)}>
                            { for others.into_iter().map(option) }
                        </optgroup>
                    </select>
                </label>
            </div>
        }
    }

    /// The sentence about invalid parts of the address.
    pub(super) fn told_troubles(&self, page: &Page) -> Option<String> {
        let refused = self.refused.as_ref().map(|refused| refused.tell(page.language));
        let troubles =
            page.troubles.iter().take(3).map(|(word, part)| word.fill(page.language, &[part]));
        let told: Vec<_> = refused.into_iter().chain(troubles).collect();
        (!told.is_empty()).then(|| w::BAD_ADDRESS.fill(page.language, &[&told.join("; ")]))
    }

    pub(super) fn draw_main(&self, parts: &Parts<'_>) -> Html {
        html! {
            <main>
                { self.draw_difference(parts.page) }
                <div class="runs">{ for [0, 1].map(|side| self.draw_side(parts, side)) }</div>
                { self.draw_numbers(parts.page) }
            </main>
        }
    }

    /// The sentence about both runs, and the button that leads to the first difference.
    fn draw_difference(&self, page: &Page) -> Html {
        let language = page.language;
        html! {
            <section class="difference" aria-label={r::COMPARISON.say(language)}>
                <div class="told">
                    <p>{ self.compared.told(language) }</p>
                    <p class="parted">{ self.told_parting(page) }</p>
                </div>
                if self.comparison.parting.is_some() {
                    { named_button(&control::PARTING, language, "small") }
                }
                { page.draw_notice() }
            </section>
        }
    }

    /// The sentence about the first difference.
    fn told_parting(&self, page: &Page) -> String {
        let language = page.language;
        let Some(Parting { compared, shared, .. }) = &self.comparison.parting else {
            return r::SAME_IN_BOTH.say(language).to_owned();
        };
        let parting = self.comparison.parting.as_ref();
        let at = language.seconds(parting.map_or(0, Parting::at_us));
        let word = match compared {
            Compared::Events => r::PART_EVENTS,
            Compared::Decisions => r::PART_DECISIONS,
        };
        let next = |side: usize| {
            let event = parting.and_then(|parting| parting.next[side].as_ref());
            let told = match event {
                Some(event) => {
                    let trace = self.pair.player(side).run().known_trace();
                    let at = language.seconds(event.at_us);
                    [&at, " ", &sentence::told(event, trace, language)].concat()
                }
                None => r::NOTHING_MORE.say(language).to_owned(),
            };
            [&self.named(side, page), ": ", &told].concat()
        };
        [&word.fill(language, &[shared, &at]), " ", &next(0), " ", &next(1)].concat()
    }

    fn draw_side(&self, parts: &Parts<'_>, side: usize) -> Html {
        let (page, language) = (parts.page, parts.page.language);
        let (letter, named) = (side::LETTERS[side], self.named(side, page));
        let run = self.pair.player(side).run();
        let diagram = [page.say(w::DIAGRAM), ": ", &named].concat();
        let over = self.pair.over_since_us(side).map(|at_us| language.seconds(at_us));
        html! {
            <section key={side} class="one" data-side={letter} aria-label={named}
                data-events={run.done().to_string()}
                data-violations={run.world().violations().to_string()}>
                <header>
                    <h2><b>{ letter }</b>{ self.compared.name(side, language) }</h2>
                    { strip::verdict(&self.pair.verdicts(side), None, language) }
                    <p class="latest">
                        { match over {
                            Some(at) => r::OVER_SINCE.fill(language, &[&at]),
                            None => self.told_now(parts, side),
                        } }
                    </p>
                </header>
                { parts.ring(side) }
                <div class="panel space-time">
                    <div class="chart" ref={page.surfaces[side][1].clone()} tabindex="0" role="group"
                        aria-label={diagram}>
                        { parts.chart(side) }
                    </div>
                </div>
            </section>
        }
    }

    /// The instant and the sentence of the selected event of a side, otherwise of its latest decision.
    pub(super) fn told_now(&self, parts: &Parts<'_>, side: usize) -> String {
        let Some(event) = parts.latest(side) else { return String::new() };
        let (language, past) = (parts.page.language, self.pair.side(side).past);
        [&language.seconds(event.at_us), " ", &sentence::told(event, past, language)].concat()
    }

    /// The table that `antes compare` prints.
    fn draw_numbers(&self, page: &Page) -> Html {
        let language = page.language;
        let so_far = self.so_far.is_some();
        let switch = |control: &Control, is_pressed: bool| {
            html! {
                <button type="button" aria-pressed={is_pressed.to_string()}
                    data-action={control.handle}>{ control.label.say(language) }</button>
            }
        };
        let rows = self.so_far.as_ref().unwrap_or(&self.comparison).rows();
        let names = [0, 1].map(|side| self.named(side, page));
        html! {
            <section class="panel numbers" aria-label={r::NUMBERS.say(language)}>
                <div class="segments small" role="group" aria-label={r::NUMBERS.say(language)}>
                    { switch(&control::WHOLE_RUNS, !so_far) }
                    { switch(&control::SO_FAR, so_far) }
                </div>
                <div class="table" role="table" aria-label={r::NUMBERS.say(language)} tabindex="0">
                    <div role="row" class="row heads">
                        <span role="columnheader" class="measure">
                            <span class="sr-only">{ r::MEASURE.say(language) }</span>
                        </span>
                        { for names.iter().zip(side::LETTERS).map(|(name, letter)| html! {
                            <span role="columnheader" class="value" title={name.clone()}>
                                <span aria-hidden="true">{ letter }</span>
                                <span class="sr-only">{ name }</span>
                            </span>
                        }) }
                    </div>
                    { for rows.iter().filter(|row| row.measure != Measure::Profile).map(|it| row(it, language)) }
                </div>
            </section>
        }
    }

    pub(super) fn draw_transport_end(&self, page: &Page) -> Html {
        match page.embed && page.view.can_fill {
            true => transport::full_screen(page.language),
            false => Html::default(),
        }
    }

    /// The mark on the scrubber where the runs part.
    pub(super) fn draw_parting(&self) -> Html {
        let (start_us, end_us) = (self.pair.start_us(), self.pair.end_us());
        let parting = self.comparison.parting.as_ref().map(Parting::at_us);
        let parting = parting.filter(|at_us| (start_us..=end_us).contains(at_us)).map(|at_us| {
            let x = transport::percent(at_us, start_us, end_us);
            html! { <line class="parting" x1={x.clone()} x2={x} y1="0%" y2="100%" /> }
        });
        html! { <g class="marks">{ for parting }</g> }
    }

    /// A comparison has no search. Its pictures are those of its runs.
    pub(super) fn draw_dialog(&self, page: &Page, shown: Dialog) -> Option<(Word, Html)> {
        let language = page.language;
        Some(match shown {
            Dialog::Help => (w::HELP, dialog::help(r::COMPARE_CLICKS, &KEYS, language)),
            Dialog::Share => {
                let address = dom::address_with(&self.query(page));
                (w::SHARE, dialog::share(address, page.copied, false, language))
            }
            Dialog::More => {
                let body = html! {
                    <>
                        <div class="actions">
                            <button type="button" data-action={control::COMPARE.handle}>
                                { icon(Icon::Close) }{ page.say(r::ONE_RUN) }
                            </button>
                            { named_button(&control::SHARE, language, "") }
                            { dialog::page_actions(&page.view, true, language) }
                        </div>
                        { dialog::settings(&page.view, language) }
                    </>
                };
                (w::VIEW, body)
            }
            Dialog::Find => return None,
        })
    }
}

/// A line of the table. What differs is marked.
fn row(row: &Row, language: Language) -> Html {
    let differs = row.values[0] != row.values[1];
    let value = |value: &Value| match value {
        Value::Name(name) => name.clone(),
        Value::Count(count) => count.to_string(),
        Value::Wait(wait_us) => {
            wait_us.map_or_else(|| "–".to_owned(), |wait_us| language.seconds(wait_us))
        }
    };
    let name = match row.measure {
        Measure::Sent(name) => name,
        Measure::Profile => w::PROFILE.say(language),
        Measure::Messages => r::MESSAGES.say(language),
        Measure::Entries => r::ENTRIES.say(language),
        Measure::MeanWait => r::MEAN_WAIT.say(language),
        Measure::LongestWait => r::LONGEST_WAIT.say(language),
        Measure::StillWaiting => r::STILL_WAITING.say(language),
        Measure::Violations => r::VIOLATIONS.say(language),
    };
    html! {
        <div key={name} role="row" class={if differs { "row differs" } else { "row" }}>
            <span role="rowheader" class="measure">{ name }</span>
            { for row.values.iter().map(|it| html! {
                <span role="cell" class="value">{ value(it) }</span>
            }) }
        </div>
    }
}
