//! Draws the page of a comparison.

use std::cell::Cell;

use antes_sim::compare::{Compared, Measure, Parting, Row, Value};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Element, Event, HtmlSelectElement};
use yew::{Context, Html, TargetCast, html};

use super::{App, Message};
use crate::compare::asked::Versus;
use crate::dom;
use crate::language::Language;
use crate::library;
use crate::look::Icon;
use crate::message::{Dialog, Selection, Target};
use crate::outlook::Mark;
use crate::px::Point;
use crate::ring::layout::progress;
use crate::ring::scene::receiver;
use crate::sentence;
use crate::view::header::language_button;
use crate::view::icon::{icon, icon_button};
use crate::view::strip;
use crate::view::{dialog, menu, transport};
use crate::words::recorded as r;
use crate::words::{self as w, Word};

/// The names of the sides, as `antes compare` prints them.
const LETTERS: [&str; 2] = ["A", "B"];

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

thread_local! {
    /// The side that a pointer or the focus was on last.
    static LAST: Cell<usize> = const { Cell::new(0) };
}

/// The side that a pointer or the focus was on last.
pub(super) fn last_side() -> usize {
    LAST.get()
}

/// Selects the element of a side.
pub(super) fn selector(side: usize) -> String {
    ["[data-side='", LETTERS[side], "']"].concat()
}

/// Notes which side an event is on, before anything else handles it.
pub(super) fn listen_for_sides() {
    let Some(document) = dom::window().document() else { return };
    let noted = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let side = target.and_then(|target| target.closest("[data-side]").ok()?);
        let letter = side.and_then(|side| side.get_attribute("data-side"));
        if let Some(side) = LETTERS.iter().position(|name| Some(*name) == letter.as_deref()) {
            LAST.set(side);
        }
    });
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    for kind in ["pointerdown", "click", "mouseover", "focusin", "keydown"] {
        let listener = noted.as_ref().unchecked_ref();
        let _ = document.add_event_listener_with_callback_and_add_event_listener_options(
            kind, listener, &options,
        );
    }
    // The listener exists as long as the page.
    noted.forget();
}

impl App {
    pub(super) fn draw(&self, ctx: &Context<Self>) -> Html {
        let violations: u32 =
            [0, 1].map(|side| self.pair.player(side).run().world().violations()).iter().sum();
        html! {
            <div class="app compare" data-compare={self.compared.versus.name()}
                data-scenario={library::entry(self.compared.place).slug}
                data-time-us={self.pair.now_us().to_string()}
                data-playing={self.pair.is_playing().to_string()}
                data-violations={violations.to_string()}>
                { self.header(ctx) }
                { self.draw_troubles() }
                <main>
                    { self.draw_difference(ctx) }
                    <div class="runs">{ for [0, 1].map(|side| self.draw_side(side)) }</div>
                    { self.draw_numbers(ctx) }
                </main>
                { self.draw_transport() }
                <div class="sr-only" aria-live="polite">{ self.announced() }</div>
                // There must always be one child here. Yew matches children from the end.
                if let Some(dialog) = self.dialog { { self.draw_dialog(dialog) } }
            </div>
        }
    }

    /// A side's letter and name.
    pub(super) fn named(&self, side: usize) -> String {
        [LETTERS[side], " (", &self.compared.name(side, self.language), ")"].concat()
    }

    fn header(&self, ctx: &Context<Self>) -> Html {
        let language = self.language;
        let say = |word: Word| word.say(language);
        html! {
            <header class="top">
                <h1>{ "Antes" }</h1>
                { self.chooser(ctx) }
                <span class="grow"></span>
                <div class="tools" role="group" aria-label={say(w::TOOLS)}>
                    <button type="button" class="quiet single" data-action="compare"
                        title={say(r::ONE_RUN)} aria-label={say(r::ONE_RUN)}>
                        { icon(Icon::Close) }<span>{ say(r::ONE_RUN) }</span>
                    </button>
                    { icon_button("share", Icon::Share, say(w::SHARE), "quiet") }
                    { language_button(language, "quiet") }
                    { icon_button("theme", Icon::Theme, say(w::THEME), "quiet") }
                    { icon_button("help", Icon::Help, say(w::HELP), "quiet") }
                    { icon_button("more", Icon::More, say(w::MORE), "quiet") }
                </div>
            </header>
        }
    }

    /// The list of what the run can be compared with.
    fn chooser(&self, ctx: &Context<Self>) -> Html {
        let offered = self.compared.offered(self.language);
        let chosen = self.compared.versus;
        let all: Vec<Versus> = offered.iter().map(|(versus, _)| *versus).collect();
        let change = ctx.link().batch_callback(move |event: Event| {
            let list: HtmlSelectElement = event.target_unchecked_into();
            let place = usize::try_from(list.selected_index()).ok()?;
            all.get(place).copied().map(Message::Versus)
        });
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
            [w::title(self.compared.place, self.language), r::COMPARE_WITH.say(self.language)];
        html! {
            <div class="picker">
                <b class="title" title={title}>{ title }</b>
                <label>
                    <span>{ name }</span>
                    <select data-action="versus" aria-label={name} onchange={change}>
                        <optgroup label={r::SAME_SCRIPT.say(self.language)}>
                            { for variants.into_iter().map(option) }
                        </optgroup>
                        <optgroup label={r::OTHER_SCENARIOS.say(self.language)}>
                            { for others.into_iter().map(option) }
                        </optgroup>
                    </select>
                </label>
            </div>
        }
    }

    fn draw_troubles(&self) -> Html {
        let Some(told) = self.told_troubles() else { return Html::default() };
        html! {
            <div class="trouble" role="alert">
                <p>{ told }</p>
                { icon_button("close", Icon::Close, w::CLOSE.say(self.language), "quiet small") }
            </div>
        }
    }

    /// The sentence about invalid parts of the address.
    pub(super) fn told_troubles(&self) -> Option<String> {
        let refused = self.refused.as_ref().map(|refused| refused.tell(self.language));
        let troubles =
            self.troubles.iter().take(3).map(|(word, part)| word.fill(self.language, &[part]));
        let told: Vec<_> = refused.into_iter().chain(troubles).collect();
        (!told.is_empty()).then(|| w::BAD_ADDRESS.fill(self.language, &[&told.join("; ")]))
    }

    /// The sentence about both runs, and the button that leads to the first difference.
    fn draw_difference(&self, ctx: &Context<Self>) -> Html {
        let language = self.language;
        let jump = ctx.link().callback(|_| Message::Parting);
        html! {
            <section class="difference" aria-label={r::COMPARISON.say(language)}>
                <div class="told">
                    <p>{ self.compared.told(language) }</p>
                    <p class="parted">{ self.told_parting() }</p>
                </div>
                if self.comparison.parting.is_some() {
                    <button type="button" class="small" data-action="parting" onclick={jump}>
                        { icon(Icon::Follow) }{ r::SHOW_PARTING.say(language) }
                    </button>
                }
                { self.draw_notice() }
            </section>
        }
    }

    /// The sentence about the first difference.
    pub(super) fn told_parting(&self) -> String {
        let language = self.language;
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
            [&self.named(side), ": ", &told].concat()
        };
        [&word.fill(language, &[shared, &at]), " ", &next(0), " ", &next(1)].concat()
    }

    fn draw_notice(&self) -> Html {
        let Some((text, offer)) = &self.notice else { return Html::default() };
        let offer = offer
            .map(|action| if action == "undo" { (action, w::UNDO) } else { (action, w::REDO) });
        html! {
            <div class="notice" role="status">
                <p>{ text.clone() }</p>
                if let Some((action, name)) = offer {
                    <button type="button" class="small" data-action={action}>
                        { name.say(self.language) }
                    </button>
                }
            </div>
        }
    }

    fn draw_side(&self, side: usize) -> Html {
        let language = self.language;
        let picture = &self.sides[side].picture;
        let given = self.given(side, picture);
        let run = given.player.run();
        let refs = match side {
            0 => [&self.ring_ref, &self.chart_ref],
            _ => [&self.other_refs[0], &self.other_refs[1]],
        };
        let [ring, chart] = self.sizes.map(|size| size.width > 0.0);
        let diagram = [w::DIAGRAM.say(language), ": ", &self.named(side)].concat();
        let over = self.pair.over_since_us(side).map(|at_us| language.seconds(at_us));
        html! {
            <section key={side} class="one" data-side={LETTERS[side]} aria-label={self.named(side)}
                data-events={run.done().to_string()}
                data-violations={run.world().violations().to_string()}>
                <header>
                    <h2><b>{ LETTERS[side] }</b>{ self.compared.name(side, language) }</h2>
                    { strip::verdict(&strip::verdicts(run), None, language) }
                    <p class="latest">
                        { match over {
                            Some(at) => r::OVER_SINCE.fill(language, &[&at]),
                            None => self.told_now(side),
                        } }
                    </p>
                </header>
                <div class="ring-surface" ref={refs[0].clone()}>
                    if ring { { picture.draw_ring(&given) }{ self.draw_menu(side) } }
                </div>
                <div class="panel space-time">
                    <div class="chart" ref={refs[1].clone()} tabindex="0" role="group"
                        aria-label={diagram}>
                        if chart { { picture.draw_chart(&given) } }
                    </div>
                </div>
            </section>
        }
    }

    /// The sentence about the selected event of a side, otherwise about its latest decision.
    fn told_now(&self, side: usize) -> String {
        let trace = self.pair.player(side).run().trace();
        let selected = match self.selection {
            Selection::Event(seq) if self.side == side => {
                usize::try_from(seq).ok().and_then(|place| trace.get(place))
            }
            _ => None,
        };
        let latest = || trace.iter().rev().find(|event| sentence::is_decision(event));
        let event = selected.or_else(latest);
        event.map_or_else(String::new, |event| {
            let at = self.language.seconds(event.at_us);
            [&at, " ", &sentence::told(event, trace, self.language)].concat()
        })
    }

    /// The text for screen readers.
    fn announced(&self) -> String {
        if self.pair.is_playing() {
            return String::new();
        }
        let told = [0, 1].map(|side| [&self.named(side), ": ", &self.told_now(side)].concat());
        told.join(" ")
    }

    fn draw_menu(&self, side: usize) -> Html {
        let Some(target) = self.menu.filter(|_| self.side == side) else { return Html::default() };
        let run = self.pair.player(side).run();
        let title = match target {
            Target::Node(node)
            | Target::Links(node)
            | Target::Crash(node)
            | Target::Sides(node, _) => w::NODE.fill(self.language, &[&node]),
            Target::Message(id) => {
                let mut flights = self.sides[side].picture.ring.flights.iter();
                let Some(flight) = flights.find(|flight| flight.message.id == id) else {
                    return Html::default();
                };
                format!("{} {id}", flight.message.content.name())
            }
        };
        menu::menu(title, &menu::items(target, run, self.language))
    }

    /// The position of the open menu.
    pub(super) fn menu_corner(&self) -> Option<Point> {
        let layout = &self.sides[self.side].layout;
        let run = self.pair.player(self.side).run();
        let target = self.menu?;
        let (at, gap) = match target {
            Target::Node(node)
            | Target::Links(node)
            | Target::Crash(node)
            | Target::Sides(node, _) => (layout.centre(node), layout.radius + 14.0),
            Target::Message(id) => {
                let flight = run.world().flights().find(|flight| flight.message.id == id)?;
                let (start, end) = layout.lane(id.from, receiver(&flight.message));
                let share = progress(run.now_us(), flight.sent_us, flight.lands_us);
                (start.towards(end, share), 22.0)
            }
        };
        let count = menu::items(target, run, self.language).len();
        Some(menu::corner(count, at, gap, self.sizes[0]))
    }

    /// The table that `antes compare` prints.
    fn draw_numbers(&self, ctx: &Context<Self>) -> Html {
        let language = self.language;
        let so_far = self.so_far.is_some();
        let switch = |value: bool, name: Word| {
            html! {
                <button type="button" aria-pressed={(so_far == value).to_string()}
                    data-action={if value { "so-far" } else { "whole-runs" }}
                    onclick={ctx.link().callback(move |_| Message::SoFar(value))}>
                    { name.say(language) }
                </button>
            }
        };
        let rows = self.so_far.as_ref().unwrap_or(&self.comparison).rows();
        let names = [0, 1].map(|side| self.named(side));
        html! {
            <section class="panel numbers" aria-label={r::NUMBERS.say(language)}>
                <div class="segments small" role="group" aria-label={r::NUMBERS.say(language)}>
                    { switch(false, r::WHOLE_RUNS) }
                    { switch(true, r::SO_FAR) }
                </div>
                <div class="table" role="table" aria-label={r::NUMBERS.say(language)} tabindex="0">
                    <div role="row" class="row heads">
                        <span role="columnheader" class="measure">
                            <span class="sr-only">{ r::MEASURE.say(language) }</span>
                        </span>
                        { for names.iter().zip(LETTERS).map(|(name, letter)| html! {
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

    fn draw_transport(&self) -> Html {
        let pair = &self.pair;
        let (start_us, end_us) = (pair.start_us(), pair.end_us());
        let outlooks = [0, 1].map(|side| pair.player(side).outlook().marks.clone());
        let marks: Vec<Mark> = outlooks.into_iter().flatten().collect();
        let parting = self.comparison.parting.as_ref().map(Parting::at_us);
        let parting = parting.filter(|at_us| (start_us..=end_us).contains(at_us)).map(|at_us| {
            let x = transport::percent(at_us, start_us, end_us);
            html! { <line class="parting" x1={x.clone()} x2={x} y1="0%" y2="100%" /> }
        });
        transport::transport(&transport::Shown {
            now_us: pair.now_us(),
            start_us,
            end_us,
            told: [pair.now_us(), end_us].map(|at_us| self.language.seconds(at_us)),
            playing: pair.is_playing(),
            speed: pair.speed(),
            speed_name: w::SPEED.say(self.language),
            last: match self.address.embed && self.view.can_fill {
                true => transport::full_screen(self.language),
                false => Html::default(),
            },
            marks: html! {
                <>{ transport::marks(&marks, start_us, end_us) }<g class="marks">{ for parting }</g></>
            },
            language: self.language,
        })
    }

    fn draw_dialog(&self, shown: Dialog) -> Html {
        let language = self.language;
        let say = |word: Word| word.say(language);
        let (title, body) = match shown {
            Dialog::Help => (w::HELP, dialog::help(r::COMPARE_CLICKS, &KEYS, language)),
            Dialog::Share => {
                let address = dom::address_with(&self.query());
                (w::SHARE, dialog::share(address, self.copied, false, language))
            }
            Dialog::More | Dialog::Find => {
                let body = html! {
                    <>
                        <div class="actions">
                            <button type="button" data-action="compare">
                                { icon(Icon::Close) }{ say(r::ONE_RUN) }
                            </button>
                            <button type="button" data-action="share">
                                { icon(Icon::Share) }{ say(w::SHARE) }
                            </button>
                            { dialog::page_actions(&self.view, true, language) }
                        </div>
                        { dialog::settings(&self.view, language) }
                    </>
                };
                (w::VIEW, body)
            }
        };
        dialog::frame(title, body, language)
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
