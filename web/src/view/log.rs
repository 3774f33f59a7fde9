//! The log: one plain sentence an event. It is also the diagram's twin for those who cannot see
//! it.

use antes_sim::trace::{Happening, TraceEvent};
use yew::{Html, html};

use crate::language::Language;
use crate::look::{self, classes, when};
use crate::sentence;
use crate::words as w;

/// How many lines the log shows at first, and how many more when asked.
pub const PAGE: usize = 60;

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The event.
    pub seq: u64,
    /// When.
    pub at_us: u64,
    /// What happened.
    pub text: String,
    /// The class that gives it its colour.
    pub class: &'static str,
}

/// The last `count` lines that are not hidden, and how many there are before them.
pub fn lines(
    trace: &[TraceEvent],
    count: usize,
    hide_heartbeats: bool,
    language: Language,
) -> (Vec<Line>, usize) {
    let shown = |event: &&TraceEvent| !(hide_heartbeats && sentence::is_heartbeat(event));
    let mut lines: Vec<_> = trace
        .iter()
        .rev()
        .filter(shown)
        .take(count)
        .map(|event| Line {
            seq: event.seq,
            at_us: event.at_us,
            text: sentence::of(event, language),
            class: class(event),
        })
        .collect();
    lines.reverse();
    let first = lines.first().map_or(0, |line| usize::try_from(line.seq).unwrap_or(0));
    (lines, trace[..first.min(trace.len())].iter().filter(shown).count())
}

fn class(event: &TraceEvent) -> &'static str {
    match (&event.happening, event.message()) {
        (Happening::Violation(_), _) => "violation",
        (Happening::Crash | Happening::Pause | Happening::Cut { .. }, _) => "fault",
        (_, Some(message)) => look::class(message.content.traffic()),
        _ => "plain",
    }
}

/// What the log shows.
pub struct Shown<'a> {
    /// The lines.
    pub lines: &'a [Line],
    /// How many there are before them.
    pub earlier: usize,
    /// The selected event.
    pub selected: Option<u64>,
    /// The event that is pointed at.
    pub hovered: Option<u64>,
    /// Whether heartbeats are hidden.
    pub hide_heartbeats: bool,
    /// How instants are told.
    pub tell: &'a dyn Fn(u64) -> String,
    /// The language.
    pub language: Language,
}

/// The log.
pub fn log(shown: &Shown<'_>) -> Html {
    let language = shown.language;
    let pressed = if shown.hide_heartbeats { "true" } else { "false" };
    html! {
        <details class="panel log" open=true>
            <summary><h2>{ w::LOG.say(language) }</h2></summary>
            <div class="panel-tools">
                <button type="button" class="quiet small" data-action="heartbeats"
                    aria-pressed={pressed}>{ w::HIDE_HEARTBEATS.say(language) }</button>
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label={w::LOG.say(language)}>
                <div>
                    if shown.earlier > 0 {
                        <button type="button" class="quiet small earlier" data-action="earlier">
                            { w::EARLIER.fill(language, &[&shown.earlier]) }
                        </button>
                    }
                    if shown.lines.is_empty() {
                        <p class="empty">{ w::NOTHING_YET.say(language) }</p>
                    }
                    <ol>{ for shown.lines.iter().map(|line| draw(line, shown)) }</ol>
                </div>
            </div>
        </details>
    }
}

fn draw(line: &Line, shown: &Shown<'_>) -> Html {
    let seq = line.seq.to_string();
    let selected = shown.selected == Some(line.seq);
    let hovered = shown.hovered == Some(line.seq);
    let class = classes(&[line.class, when(selected, "selected"), when(hovered, "hovered")]);
    html! {
        <li key={seq.clone()}>
            <button type="button" class={class} data-event={seq.clone()} data-action="select"
                data-about={seq} aria-pressed={selected.to_string()}>
                <span class="at">{ (shown.tell)(line.at_us) }</span>
                <span>{ line.text.clone() }</span>
            </button>
        </li>
    }
}
