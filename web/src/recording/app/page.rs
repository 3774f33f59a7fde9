//! Draws the page of a recording.

use antes_core::{Algorithm, NodeSet, Profile, Setting};
use antes_sim::export::Source;
use antes_sim::history::Origin;
use yew::{Context, Html, html};

use super::super::deck::Deck;
use super::super::pace::Quiet;
use super::{App, Message};
use crate::chart::draw::Frame;
use crate::language::Language;
use crate::look::Icon;
use crate::message::{Dialog, Selection};
use crate::pointed::Pointed;
use crate::ring::draw::Look;
use crate::sentence;
use crate::view::header::language_button;
use crate::view::icon::{icon, icon_button};
use crate::view::ring::Clicks;
use crate::view::{chart, dialog, ring, transport};
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

impl App {
    pub(super) fn draw(&self, ctx: &Context<Self>) -> Html {
        match &self.deck {
            Some(deck) => self.draw_recording(ctx, deck),
            None => html! {
                <div class="app" data-recording="none">
                    { self.header(None) }
                    { self.draw_refusal() }
                    <main class="doorway">{ self.doorway() }</main>
                    if let Some(dialog) = self.dialog { { self.draw_dialog(dialog) } }
                </div>
            },
        }
    }

    fn draw_recording(&self, ctx: &Context<Self>, deck: &Deck) -> Html {
        let tape = deck.tape();
        let source = match tape.header().source {
            Source::Sim => "sim",
            Source::Cluster => "cluster",
        };
        html! {
            <div class="app" data-recording={source}
                data-time-us={tape.told_us(deck.now_us()).to_string()}
                data-events={deck.past().len().to_string()}
                data-lines={tape.events().len().to_string()}
                data-playing={deck.is_playing().to_string()}
                data-violations={tape.violations().0.to_string()}>
                { self.header(Some(deck)) }
                { self.draw_refusal() }
                <main>
                    <section class="stage">
                        { self.draw_ring(deck) }
                        <div class="say">{ self.draw_note(ctx, deck) }</div>
                        { self.derived.strip.show() }
                    </section>
                    <section class="side">
                        { self.draw_chart(deck) }
                        <div class="pair">
                            { self.derived.why.show() }
                            { self.derived.log.show() }
                        </div>
                    </section>
                </main>
                { self.draw_transport(deck) }
                <div class="sr-only" aria-live="polite">{ self.announced(deck) }</div>
                // There must always be one child here. Yew matches children from the end, so an iterator of
                // zero or one children would recreate all elements before it.
                if let Some(dialog) = self.dialog { { self.draw_dialog(dialog) } }
            </div>
        }
    }

    fn draw_dialog(&self, shown: Dialog) -> Html {
        let (language, view) = (self.language, self.view_settings());
        let (title, body) = match shown {
            Dialog::Help => (w::HELP, dialog::help(r::CLICK_HINT, &KEYS, language)),
            Dialog::More | Dialog::Share | Dialog::Find => {
                let body = html! {
                    <>
                        <div class="actions">
                            if self.deck.is_some() {
                                <button type="button" data-action="take-away">
                                    { icon(Icon::Share) }{ w::TAKE_AWAY.say(language) }
                                </button>
                            }
                            { dialog::page_actions(&view, self.deck.is_some(), language) }
                        </div>
                        { dialog::settings(&view, language) }
                    </>
                };
                (w::VIEW, body)
            }
        };
        dialog::frame(title, body, language)
    }

    /// The header: the title, and links to other content.
    fn header(&self, deck: Option<&Deck>) -> Html {
        let language = self.language;
        let say = |word: Word| word.say(language);
        html! {
            <header class="top">
                <h1>{ "Antes" }</h1>
                <p class="about">{ for deck.map(|deck| about(deck, language)) }</p>
                <span class="grow"></span>
                if deck.is_some() {
                    { self.chooser(say(r::OPEN_OTHER), "quiet") }
                }
                <a class="button quiet" href={self.address.of_simulator()}>{ say(r::SIMULATOR) }</a>
                <div class="tools" role="group" aria-label={say(w::TOOLS)}>
                    if deck.is_some() {
                        { icon_button("take-away", Icon::Share, say(w::TAKE_AWAY), "quiet") }
                    }
                    { language_button(language, "quiet") }
                    { icon_button("theme", Icon::Theme, say(w::THEME), "quiet") }
                    if deck.is_some() {
                        { icon_button("help", Icon::Help, say(w::HELP), "quiet") }
                    }
                    { icon_button("more", Icon::More, say(w::MORE), "quiet") }
                </div>
            </header>
        }
    }

    /// An input for files that looks like a button.
    fn chooser(&self, name: &'static str, class: &'static str) -> Html {
        html! {
            <label class={yew::classes!("button", "chooser", class)}>
                { icon(Icon::Open) }<span>{ name }</span>
                <input type="file" multiple=true data-action="open" aria-label={name} />
            </label>
        }
    }

    /// The page before a recording is open.
    fn doorway(&self) -> Html {
        let say = |word: Word| word.say(self.language);
        if let Some(name) = &self.reading {
            return html! { <p role="status">{ r::READING.fill(self.language, &[name]) }</p> };
        }
        html! {
            <section class="panel open">
                <h2>{ say(w::OPEN_FILE) }</h2>
                <p>{ say(r::OPEN_HINT) }</p>
                <p>{ self.chooser(say(r::CHOOSE), "main") }{ " " }{ say(r::DROP_HINT) }</p>
                <p class="empty">{ say(r::STAYS_HERE) }</p>
            </section>
        }
    }

    fn draw_refusal(&self) -> Html {
        let Some(refusal) = &self.refusal else { return Html::default() };
        html! {
            <div class="trouble" role="alert">
                <p>{ refusal.tell(self.language) }</p>
                { icon_button("close", Icon::Close, w::CLOSE.say(self.language), "quiet small") }
            </div>
        }
    }

    /// The note about the recording: what it is, and its limits.
    fn draw_note(&self, ctx: &Context<Self>, deck: &Deck) -> Html {
        let language = self.language;
        let (tape, say) = (deck.tape(), |word: Word| word.say(language));
        let (broken, first) = tape.violations();
        let unseen = tape.unseen();
        let unseen = tape.size().nodes().filter(move |&node| unseen.contains(node));
        let shortened = tape.quiet() == Quiet::Shortened;
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
                    <button type="button" class="small" data-action="quiet"
                        aria-pressed={shortened.to_string()} title={say(r::SHORTEN_HINT)}
                        onclick={ctx.link().callback(|_| Message::Quiet)}>
                        { say(r::SHORTEN) }
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
                    if !tape.notes().is_empty() {
                        <details>
                            <summary>{ r::NOTES.fill(language, &[&tape.notes().len()]) }</summary>
                            <ul lang="en">{ for tape.notes().iter().map(|note| html! {
                                <li>{ note.clone() }</li>
                            }) }</ul>
                        </details>
                    }
                </div>
            </section>
        }
    }

    fn draw_ring(&self, deck: &Deck) -> Html {
        let shown = ring::Shown {
            scene: &self.derived.ring,
            look: Look {
                layout: &self.layout,
                pointed: self.pointed(deck),
                language: self.language,
            },
            size: self.ring_size,
            flying: self.derived.flying.group(),
            lost: self.derived.lost.group(),
            layers: &self.layers,
            clicks: &INSPECTS,
        };
        html! {
            <div class="ring-surface" ref={self.ring_ref.clone()}>
                if self.ring_size.width > 0.0 {
                    { ring::ring(&shown) }
                }
            </div>
        }
    }

    /// The nodes to highlight because of the selection or the pointer.
    fn pointed(&self, deck: &Deck) -> NodeSet {
        let node_of = |seq: u64| deck.tape().events().get(usize::try_from(seq).ok()?)?.node;
        let selected = match self.selection {
            Selection::Node(node) => Some(node),
            Selection::Event(seq) => node_of(seq),
            Selection::Latest => None,
        };
        let hovered = match self.hovered {
            Some(Pointed::Event(seq)) => node_of(seq),
            Some(Pointed::Node(node)) => Some(node),
            Some(Pointed::Message(_)) | None => None,
        };
        selected.into_iter().chain(hovered).collect()
    }

    fn draw_chart(&self, deck: &Deck) -> Html {
        let tell = |at_us: u64| self.tell(deck, at_us);
        let growing = self.growing(deck);
        let frame = Frame {
            spans: &self.derived.spans,
            ticks: &self.derived.ticks,
            growing: &growing,
            scale: self.scale(deck),
            left: self.left_edge(deck),
            cursor: self.cursor(deck),
            now_us: deck.now_us(),
            nodes: deck.tape().size(),
            has_resource: deck.tape().has_resource(),
            tell: &tell,
        };
        let shown = (self.chart_size.width > 0.0).then(|| chart::Shown {
            frame,
            layers: &self.layers,
            still: self.derived.still.group(),
            lit: self.selected().is_some(),
            points_at_node: matches!(self.hovered, Some(Pointed::Node(_))),
            language: self.language,
        });
        let drawn = shown.as_ref().map(chart::chart).unwrap_or_default();
        chart::panel(drawn, &self.chart_ref, self.camera.left.is_none(), self.stamps, self.language)
    }

    fn draw_transport(&self, deck: &Deck) -> Html {
        let language = self.language;
        transport::transport(&transport::Shown {
            now_us: deck.now_us(),
            start_us: deck.start_us(),
            end_us: deck.end_us(),
            told: [deck.now_us(), deck.end_us()].map(|at_us| self.tell(deck, at_us)),
            playing: deck.is_playing(),
            speed: deck.speed(),
            speed_name: r::SPEED.say(language),
            last: Html::default(),
            marks: self.derived.marks.show(),
            language,
        })
    }

    /// An instant of the recording, as the trace's clock shows it.
    fn tell(&self, deck: &Deck, at_us: u64) -> String {
        self.language.fine_seconds(deck.tape().told_us(at_us), deck.tape().decimals())
    }

    /// The text for screen readers: the explanation of the selection, otherwise the latest decision.
    fn announced(&self, deck: &Deck) -> String {
        match self.derived.explained.as_str() {
            "" => self.latest_decision(deck),
            explained => explained.to_owned(),
        }
    }

    /// The sentence about the latest decision, for screen readers.
    fn latest_decision(&self, deck: &Deck) -> String {
        let decided = deck.past().iter().rev().take(200).find(|it| sentence::is_decision(it));
        decided.map(|event| sentence::told(event, deck.past(), self.language)).unwrap_or_default()
    }
}

/// Which node stands for which process of a figure or of a log: `1 P · 2 Q`.
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
