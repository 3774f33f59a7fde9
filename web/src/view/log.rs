//! The log: one sentence per event. It is also the diagram's alternative for users who cannot see
//! it.

use antes_sim::trace::{Happening, TraceEvent};
use yew::{Html, html};

use crate::address::Stamps;
use crate::chart::labels::vector;
use crate::chart::scene::{Light, light};
use crate::control::{self, Control};
use crate::language::Language;
use crate::look::{self, classes, when};
use crate::pointed::Pointed;
use crate::routine::{Hidden, Routines};
use crate::sentence;
use crate::words as w;

/// How many lines the log shows at first, and how many more on request.
pub const PAGE: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of its event's line in the trace.
    pub seq: u64,
    /// When the event happened, in microseconds.
    pub at_us: u64,
    /// The sentence that describes the event.
    pub text: String,
    /// The CSS class for its colour.
    pub class: &'static str,
    /// The event's stamp. `None` if it is not an event of logical time.
    pub stamp: Option<String>,
    /// Its causal relation to the selected event.
    pub light: Light,
    /// Whether the pointer is on the event, or on something that it belongs to.
    pub pointed: bool,
}

/// The content of the log, and its options.
pub struct Wanted<'a> {
    /// The kinds of all lines.
    pub routines: &'a Routines,
    pub hidden: Hidden,
    /// The maximum number of lines.
    pub count: usize,
    pub selected: Option<u64>,
    /// The thing under the pointer.
    pub pointed: Option<Pointed>,
    /// The kind of stamps to show.
    pub stamps: Stamps,
    /// The number of nodes, which is the length of a vector stamp.
    pub nodes: u8,
    pub language: Language,
}

/// The last lines that are not hidden, and the number of earlier ones.
pub fn lines(trace: &[TraceEvent], wanted: &Wanted<'_>) -> (Vec<Line>, usize) {
    let Wanted { stamps, nodes, language, .. } = *wanted;
    let shown = |event: &&TraceEvent| !wanted.hidden.hides(wanted.routines.of(event));
    let selected = wanted.selected.and_then(|seq| trace.get(usize::try_from(seq).ok()?));
    let line = |event: &TraceEvent| Line {
        seq: event.seq,
        at_us: event.at_us,
        text: sentence::told(event, trace, language),
        class: class(event),
        stamp: event.ticks().then(|| match stamps {
            Stamps::Lamport => ["L ", &event.stamp.lamport().to_string()].concat(),
            Stamps::Vector => vector(&event.stamp, nodes),
        }),
        light: light(selected, trace, event.seq),
        pointed: wanted.pointed.is_some_and(|pointed| pointed.is_about(event)),
    };
    let mut lines: Vec<_> = trace.iter().rev().filter(shown).take(wanted.count).map(line).collect();
    lines.reverse();
    let first = lines.first().map_or(0, |line| usize::try_from(line.seq).unwrap_or(0));
    (lines, trace[..first.min(trace.len())].iter().filter(shown).count())
}

fn class(event: &TraceEvent) -> &'static str {
    match (&event.happening, event.message()) {
        (Happening::Violation(_), _) => "violation",
        (Happening::Write { accepted: false, .. }, _) => "refused",
        (Happening::Crash | Happening::Stop | Happening::Pause | Happening::Cut { .. }, _) => {
            "fault"
        }
        (_, Some(message)) => look::class(message.content.traffic()),
        _ => "plain",
    }
}

pub struct Shown<'a> {
    pub lines: &'a [Line],
    /// The number of lines before them.
    pub earlier: usize,
    pub selected: Option<u64>,
    pub hidden: Hidden,
    /// Whether runs of this kind contain repetitions.
    pub has_repetitions: bool,
    /// Writes an instant, given in microseconds, before each line.
    pub tell: &'a dyn Fn(u64) -> String,
    pub language: Language,
}

pub fn log(shown: &Shown<'_>) -> Html {
    let language = shown.language;
    let switch = |control: &Control, is_hidden: bool| {
        html! {
            <button type="button" class="quiet small" data-action={control.handle}
                aria-pressed={is_hidden.to_string()}>{ control.label.say(language) }</button>
        }
    };
    html! {
        <details class="panel log" open=true>
            <summary><h2>{ w::LOG.say(language) }</h2></summary>
            <div class="panel-tools">
                { switch(&control::HEARTBEATS, shown.hidden.heartbeats) }
                if shown.has_repetitions {
                    { switch(&control::REPETITIONS, shown.hidden.repetitions) }
                }
            </div>
            <div class="scroll" tabindex="-1" role="region" aria-label={w::LOG.say(language)}>
                <div>
                    if shown.earlier > 0 {
                        <button type="button" class="quiet small earlier" data-action={control::EARLIER.handle}>
                            { control::EARLIER.label.fill(language, &[&shown.earlier]) }
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
    let class = classes(&[
        line.class,
        when(selected, "selected"),
        when(line.pointed, "hovered"),
        if selected { "" } else { line.light.class() },
    ]);
    let relation = match line.light {
        Light::Past => Some(w::PAST),
        Light::Future => Some(w::FUTURE),
        Light::Concurrent => Some(w::CONCURRENT),
        Light::Plain | Light::Selected => None,
    };
    html! {
        <li key={seq.clone()}>
            <button type="button" class={class} data-event={seq.clone()} data-action="select"
                data-about={seq} aria-pressed={selected.to_string()}>
                <span class="at">{ (shown.tell)(line.at_us) }</span>
                <span>{ line.text.clone() }</span>
                if let Some(stamp) = &line.stamp {
                    <span class="stamp">{ stamp.clone() }</span>
                }
                if let (Some(relation), true) = (relation, line.stamp.is_some()) {
                    <span class="sr-only">{ relation.say(shown.language) }</span>
                }
            </button>
        </li>
    }
}
