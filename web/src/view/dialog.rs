//! Panels above the page: keys and signs, and the address to share.

use antes_core::Traffic;
use yew::{Html, html};

use crate::language::Language;
use crate::look::{self, Icon, classes, when};
use crate::message::Dialog;
use crate::px::Point;
use crate::view::icon::icon_button;
use crate::words::{self as w, Word};

/// What a panel shows.
pub struct Shown {
    /// Which panel it is.
    pub dialog: Dialog,
    /// The address of this moment.
    pub address: String,
    /// Whether it has just been copied.
    pub copied: bool,
    /// The language.
    pub language: Language,
}

/// A panel. Once it is drawn, it has to be [opened](crate::dom::open_dialog).
pub fn sheet(shown: &Shown) -> Html {
    let language = shown.language;
    match shown.dialog {
        Dialog::Help => frame(w::HELP, help(w::CLICK_HINT, &KEYS, language), language),
        Dialog::Share => frame(w::SHARE, share(shown), language),
    }
}

/// A panel with a title, and what is in it.
pub fn frame(title: Word, body: Html, language: Language) -> Html {
    html! {
        <dialog class="sheet" role="dialog" aria-label={title.say(language)} data-action="close">
            // What is inside of it does not close it.
            <div class="inside" data-action="stay">
                <header>
                    <h2>{ title.say(language) }</h2>
                    <span class="grow"></span>
                    { icon_button("close", Icon::Close, w::CLOSE.say(language), "quiet") }
                </header>
                { body }
            </div>
        </dialog>
    }
}

fn share(shown: &Shown) -> Html {
    let language = shown.language;
    let name = if shown.copied { w::COPIED } else { w::COPY };
    html! {
        <div class="share">
            <p>{ w::SHARE_HINT.say(language) }</p>
            <input type="text" readonly=true value={shown.address.clone()}
                aria-label={w::SHARE.say(language)} />
            <button type="button" class="main" data-action="copy">{ name.say(language) }</button>
        </div>
    }
}

/// Keys, and what they do.
pub const KEYS: [(&str, Word); 9] = [
    ("Space  .", w::KEY_PLAY),
    ("←  →", w::KEY_STEP),
    ("Shift ←  →", w::KEY_JUMP),
    ("1 … 8", w::KEY_NODE),
    ("M", w::KEY_MENU),
    ("[  ]", w::KEY_SPEED),
    ("Home  End", w::KEY_ENDS),
    ("?", w::KEY_HELP),
    ("Esc", w::KEY_ESCAPE),
];

const SIGNS: [(Traffic, Word); 4] = [
    (Traffic::Clock, w::LEGEND_CLOCK),
    (Traffic::Election, w::LEGEND_ELECTION),
    (Traffic::Mutex, w::LEGEND_MUTEX),
    (Traffic::Heartbeat, w::LEGEND_HEARTBEAT),
];

/// What a click does, what keys do, what signs mean.
pub fn help(hint: Word, keys: &[(&'static str, Word)], language: Language) -> Html {
    let key = |(keys, meaning): &(&'static str, Word)| {
        html! { <><dt><kbd>{ *keys }</kbd></dt><dd>{ meaning.say(language) }</dd></> }
    };
    let sign = |&(traffic, meaning): &(Traffic, Word)| {
        html! {
            <><dt>{ shape(traffic, false) }</dt><dd>{ meaning.say(language) }</dd></>
        }
    };
    html! {
        <div class="help">
            <p>{ hint.say(language) }</p>
            <dl>{ for keys.iter().map(key) }</dl>
            <h3>{ w::LEGEND.say(language) }</h3>
            <dl>
                { for SIGNS.iter().map(sign) }
                <dt>{ shape(Traffic::Election, false) }</dt><dd>{ w::LEGEND_REQUEST.say(language) }</dd>
                <dt>{ shape(Traffic::Election, true) }</dt><dd>{ w::LEGEND_REPLY.say(language) }</dd>
            </dl>
        </div>
    }
}

fn shape(traffic: Traffic, reply: bool) -> Html {
    let class = classes(&["flight", look::class(traffic), when(reply, "reply")]);
    html! {
        <svg class="legend" viewBox="-14 -14 28 28" width="22" height="22" aria-hidden="true">
            <g class={class}><path d={look::shape(traffic, 9, Point::default())} /></g>
        </svg>
    }
}
