//! The legend: all signs and their meanings.

use antes_core::Traffic;
use yew::{Html, html};

use crate::language::Language;
use crate::look::{self, Icon, classes, when};
use crate::px::Point;
use crate::view::icon::icon;
use crate::words::{self as w, Word};

/// A sign and its meaning.
type Sign = (Html, Word);

/// Every sign of the pictures, with its meaning.
pub fn legend(language: Language) -> Html {
    let parts = [
        (w::RING, nodes()),
        (w::LEGEND_MESSAGES, messages()),
        (w::DIAGRAM, diagram()),
        (w::LEGEND_LIT, lit()),
        (w::INVARIANTS, strip()),
    ];
    let part = |(name, signs): (Word, Vec<Sign>)| {
        html! {
            <>
                <h3>{ name.say(language) }</h3>
                <dl class="signs">{ for signs.into_iter().map(|(drawn, meaning)| html! {
                    <><dt>{ drawn }</dt><dd>{ meaning.say(language) }</dd></>
                }) }</dl>
            </>
        }
    };
    html! { <section class="legend-of-all">{ for parts.into_iter().map(part) }</section> }
}

/// A drawing of the size of a line of text.
fn drawn(inside: Html) -> Html {
    html! {
        <svg class="legend" viewBox="-20 -14 40 28" width="40" height="28" aria-hidden="true">
            { inside }
        </svg>
    }
}

fn node(class: &'static str, more: Html) -> Html {
    drawn(html! {
        <g class={classes(&["node", class])}><circle class="disc" r="11" />{ more }</g>
    })
}

fn badge(part: &'static str, letter: &'static str) -> Html {
    html! {
        <g class={classes(&["badge", part])} transform="translate(9 -5) scale(.8)">
            <rect x="-11.5" y="-11.5" width="23" height="23" rx="7" />
            <text text-anchor="middle" y="5">{ letter }</text>
        </g>
    }
}

fn key(state: &'static str) -> Html {
    drawn(html! {
        <g class={classes(&["lock", state])}>
            <rect x="-13" y="-13" width="26" height="26" rx="8" />
            <path transform="translate(-9 -9) scale(.9)" d={Icon::Key.path()} />
        </g>
    })
}

fn nodes() -> Vec<Sign> {
    let leader = html! { <><circle class="inner" r="7.5" />{ badge("leader", "L") }</> };
    let crossed = html! { <path class="cross" d="M-5-5L5 5M-5 5L5-5" /> };
    let halted = html! { <path class="stopped-mark" d="M-4-4H4V4H-4z" /> };
    let bars = html! { <path class="paused-bars" d="M-3-4V4M3-4V4" /> };
    let dial = html! {
        <g class="clock-value"><circle r="6.2" /><path d="M0-3.4V0L2.6 1.7" /></g>
    };
    let arc = html! {
        <circle class="timer election" r="11" pathLength="100" stroke-dasharray="62 100"
            transform="rotate(-90)" />
    };
    let queue = html! {
        <g class="queue">
            <g class="holder" transform="translate(-19 -9)"><rect width="17" height="18" rx="5" /></g>
            <g class="waiter" transform="translate(2 -9)"><rect width="17" height="18" rx="5" /></g>
        </g>
    };
    let resource = html! {
        <g class="resource"><rect x="-17" y="-10" width="34" height="20" rx="5" /></g>
    };
    let refused = html! {
        <g class="ring"><g class="refusal"><rect x="-11" y="-9" width="22" height="18" rx="5" />
            <path d="M-4-4L4 4M-4 4L4-4" /></g></g>
    };
    let cut = html! {
        <><g class="links"><path d="M-18 0H18" /></g>
            <g class="cut"><path d="M0-9V9" /></g></>
    };
    vec![
        (node("leader", leader), w::LEGEND_LEADER),
        (node("candidate", badge("candidate", "C")), w::LEGEND_CANDIDATE),
        (node("follower", Html::default()), w::LEGEND_FOLLOWER),
        (node("down crashed", crossed), w::LEGEND_CRASHED),
        (node("down stopped", halted), w::LEGEND_STOPPED),
        (node("paused", bars), w::LEGEND_PAUSED),
        (drawn(dial), w::LEGEND_DIAL),
        (drawn(arc), w::LEGEND_ARC),
        (key("waiting"), w::LEGEND_WAITING),
        (key("holding"), w::LEGEND_HOLDING),
        (drawn(queue), w::LEGEND_QUEUE),
        (drawn(resource), w::LEGEND_RESOURCE),
        (drawn(refused), w::LEGEND_REFUSED),
        (drawn(cut), w::LEGEND_CUT),
    ]
}

/// The shape of a family of messages.
fn shape(traffic: Traffic, reply: bool) -> Html {
    let class = classes(&["flight", look::class(traffic), when(reply, "reply")]);
    drawn(html! { <g class={class}><path d={look::shape(traffic, 9, Point::default())} /></g> })
}

fn messages() -> Vec<Sign> {
    let died = html! { <g class="flight dead election"><path d="M-7-7L7 7M-7 7L7-7" /></g> };
    vec![
        (shape(Traffic::Clock, false), w::LEGEND_CLOCK),
        (shape(Traffic::Election, false), w::LEGEND_ELECTION),
        (shape(Traffic::Mutex, false), w::LEGEND_MUTEX),
        (shape(Traffic::Heartbeat, false), w::LEGEND_HEARTBEAT),
        (arrow("election", Html::default()), w::LEGEND_REQUEST),
        (arrow("election reply", Html::default()), w::LEGEND_REPLY),
        (drawn(died), w::LEGEND_DIED),
        (
            drawn(
                html! { <text class="legend-text" x="0" y="5" text-anchor="middle">{ "ELE" }</text> },
            ),
            w::LEGEND_SHORT,
        ),
    ]
}

/// An arrow as in the diagram.
fn arrow(class: &'static str, end: Html) -> Html {
    let has_end = end != Html::default();
    drawn(html! {
        <g class={classes(&["arrow", class])}>
            <path class="shaft" d="M-17-8L15 8" />
            if has_end { { end } } else { <path class="head" d="M17 9L7.5 8.5 11 2z" /> }
        </g>
    })
}

fn line(inside: Html) -> Html {
    drawn(html! { <><path class="lane" d="M-20 0H20" />{ inside }</> })
}

fn span(class: &'static str, half: i32) -> Html {
    line(html! {
        <g class={classes(&["span", class])}>
            <rect x="-16" y={(-half).to_string()} width="32" height={(2 * half).to_string()} rx="3" />
            if matches!(class, "down" | "frozen") { <path d="M-16 0H16" /> }
        </g>
    })
}

fn sign(class: &'static str, d: &'static str) -> Html {
    line(html! { <g class={classes(&["sign", class])}><path {d} /></g> })
}

fn diagram() -> Vec<Sign> {
    let dot = html! {
        <g class="dot election"><path d={look::shape(Traffic::Election, 5, Point::new(0.0, 6.0))} />
            <text class="legend-text" y="-4" text-anchor="middle">{ "7" }</text></g>
    };
    let cross = || html! { <path class="cross" d="M11 4L19 12M11 12L19 4" /> };
    vec![
        (drawn(dot), w::LEGEND_STAMP),
        (arrow("clock copy", Html::default()), w::LEGEND_COPY),
        (arrow("election", cross()), w::LEGEND_LOST),
        (span("leads", 11), w::LEGEND_LEADS),
        (span("holds", 5), w::LEGEND_HOLDS),
        (span("down", 4), w::LEGEND_DOWN),
        (span("frozen", 4), w::LEGEND_FROZEN),
        (sign("crash", "M-7-7l14 14m0-14l-14 14"), w::LEGEND_CRASH),
        (sign("stop", "M-5.5-5.5h11v11h-11z"), w::LEGEND_STOP),
        (sign("restart", "M-4-7l10 7-10 7z"), w::LEGEND_RESTART),
        (sign("timeout", "M-4-5h8l-8 9h8z"), w::LEGEND_TIMEOUT),
        (sign("write", "M-4-4h8v8h-8z"), w::LEGEND_WRITE),
        (sign("refused", "M-6-6l12 12m0-12l-12 12"), w::LEGEND_WRITE_REFUSED),
        (sign("violation", "M0-10l10 10-10 10-10-10zm0 5v5m0 3.5v1"), w::LEGEND_VIOLATION),
    ]
}

fn lit() -> Vec<Sign> {
    let dot = |class: &'static str, radius: u8| {
        drawn(html! {
            <g class="lit"><g class={classes(&["dot", class])}>
                <path d={look::shape(Traffic::Clock, radius, Point::default())} /></g></g>
        })
    };
    vec![
        (dot("selected", 7), w::LEGEND_SELECTED),
        (dot("past", 5), w::LEGEND_PAST),
        (dot("future", 5), w::LEGEND_FUTURE),
        (dot("concurrent", 4), w::LEGEND_CONCURRENT),
    ]
}

fn strip() -> Vec<Sign> {
    let chip = |class: &'static str, sign: Icon| {
        html! { <span class={classes(&["chip", class])}>{ icon(sign) }</span> }
    };
    vec![
        (chip("", Icon::Check), w::LEGEND_HOLDS_SO_FAR),
        (chip("broken", Icon::Cross), w::LEGEND_BROKEN),
        (chip("wait", Icon::Hourglass), w::LEGEND_WAIT),
        (chip("wait late", Icon::Hourglass), w::LEGEND_OVERDUE),
    ]
}
