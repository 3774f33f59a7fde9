//! The transport bar. It displays the time and reports clicks; it does not advance time itself.

use yew::{Html, html};

use crate::control;
use crate::language::Language;
use crate::outlook::{Mark, MarkKind};
use crate::speed::Speed;
use crate::view::icon::{icon, icon_button};
use crate::words::{self as w, Word};

pub struct Shown {
    /// The current instant, in microseconds.
    pub now_us: u64,
    /// The beginning of the part to play, in microseconds.
    pub start_us: u64,
    /// The end of the part to play, in microseconds.
    pub end_us: u64,
    /// The current instant and the end as text.
    pub told: [String; 2],
    pub playing: bool,
    pub speed: Speed,
    /// The name of the speed control.
    pub speed_name: &'static str,
    /// Further controls at the end of the bar.
    pub last: Html,
    /// The marks on the scrubber.
    pub marks: Html,
    pub language: Language,
}

pub fn transport(shown: &Shown) -> Html {
    let language = shown.language;
    let say = |word: Word| word.say(language);
    let [now, end] = &shown.told;
    html! {
        <section class="transport" aria-label={say(w::TIME)}>
            <div class="buttons" role="group" aria-label={say(w::RUN)}>
                { icon_button(&control::RESET, language, "") }
                { icon_button(&control::BACK, language, "") }
                { play_button(shown) }
                { icon_button(&control::STEP, language, "") }
            </div>
            <div class="scrubber">
                <svg class="track" aria-hidden="true">
                    <line class="rest" x1="0" x2="100%" y1="50%" y2="50%" />
                    <line class="done" x1="0" x2={percent(shown.now_us, shown.start_us, shown.end_us)} y1="50%" y2="50%" />
                    { shown.marks.clone() }
                </svg>
                <input type="range" data-action="seek" min={shown.start_us.to_string()} max={shown.end_us.to_string()}
                    step="1000" value={shown.now_us.to_string()} aria-label={say(w::SCRUBBER)}
                    aria-valuetext={now.clone()} />
            </div>
            <output class="time">
                { now }<span>{ " / " }{ end }</span>
            </output>
            <label class="speed">
                <span class="sr-only">{ shown.speed_name }</span>
                <input type="range" data-action="speed" step="1"
                    min={Speed::MIN.exponent().to_string()} max={Speed::MAX.exponent().to_string()}
                    value={shown.speed.exponent().to_string()} title={shown.speed_name}
                    aria-valuetext={shown.speed.name()} />
                <output>{ shown.speed.name() }</output>
            </label>
            { shown.last.clone() }
        </section>
    }
}

/// The button for full screen.
pub fn full_screen(language: Language) -> Html {
    icon_button(&control::FULL_SCREEN, language, "full-screen")
}

/// The seed of the run, and a button for another one.
pub fn seed(seed: u64, language: Language) -> Html {
    let (name, seed) = (control::SEED.label.say(language), w::SEED.fill(language, &[&seed]));
    html! {
        <button type="button" class="seed" data-action={control::SEED.handle} title={name}
            aria-label={format!("{name} ({seed})")}>
            { for control::SEED.icon.map(icon) }<span>{ seed }</span>
        </button>
    }
}

fn play_button(shown: &Shown) -> Html {
    let control = if shown.playing { &control::PAUSE } else { &control::PLAY };
    let name = control.label.say(shown.language);
    html! {
        <button type="button" class="play" data-action={control.handle} title={name}>
            { for control.icon.map(icon) }<span>{ name }</span>
        </button>
    }
}

/// Draws the marks on the scrubber: ticks of different height and colour.
pub fn marks(marks: &[Mark], start_us: u64, end_us: u64) -> Html {
    let marks = marks.iter().filter(|mark| (start_us..=end_us).contains(&mark.at_us));
    let mark = |mark: &Mark| {
        let x = percent(mark.at_us, start_us, end_us);
        let (class, y1, y2) = match mark.kind {
            MarkKind::Fault => ("fault", "21%", "79%"),
            MarkKind::Mend => ("mend", "29%", "71%"),
            MarkKind::Lead => ("lead", "29%", "71%"),
            MarkKind::Violation => ("violation", "11%", "89%"),
        };
        html! { <line class={class} x1={x.clone()} x2={x} {y1} {y2} /> }
    };
    html! { <g class="marks">{ for marks.map(mark) }</g> }
}

/// The position of an instant in the part to play, in percent.
pub fn percent(at_us: u64, start_us: u64, end_us: u64) -> String {
    let span_us = end_us.saturating_sub(start_us).max(1);
    let hundredths =
        at_us.clamp(start_us, end_us.max(start_us)).abs_diff(start_us) * 10_000 / span_us;
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}
