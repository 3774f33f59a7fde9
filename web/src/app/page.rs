//! Draws the page of a run, from the header to the transport bar.

use antes_core::NodeSet;
use yew::{Html, html};

use super::{App, Offer};
use crate::address::Trouble;
use crate::chart::draw::Frame;
use crate::chart::growing::Growing;
use crate::dom;
use crate::look::Icon;
use crate::message::{Dialog, Selection, Target};
use crate::pointed::Pointed;
use crate::px::Point;
use crate::ring::draw::Look;
use crate::ring::layout::progress;
use crate::ring::scene::receiver;
use crate::sentence;
use crate::view::icon::icon_button;
use crate::view::{chart, dialog, menu, ring, transport};
use crate::words as w;

/// How many invalid parts of an address are shown one by one.
const MAX_TROUBLES: usize = 3;

impl App {
    pub(super) fn draw(&self) -> Html {
        let run = self.player.run();
        html! {
            <div class="app" data-time-us={run.now_us().to_string()}
                data-events={run.done().to_string()}
                data-seed={run.scenario().seed.to_string()}
                data-scenario={self.entry().slug}
                data-playing={self.player.is_playing().to_string()}
                data-violations={run.world().violations().to_string()}>
                { self.derived.header.show() }
                { self.draw_troubles() }
                if self.wanted.is_some() || self.is_translating {
                    <p class="busy" role="status">{ w::LOADING.say(self.language) }</p>
                }
                <main>
                    <section class="stage">
                        { self.draw_ring() }
                        <div class="say">
                            { self.derived.narration.show() }
                            { self.derived.verdict.show() }
                            { self.draw_notice() }
                        </div>
                        { self.derived.strip.show() }
                    </section>
                    <section class="side">
                        { self.draw_chart() }
                        <div class="pair">
                            { self.derived.why.show() }
                            { self.derived.log.show() }
                        </div>
                    </section>
                </main>
                { self.draw_transport() }
                <div class="sr-only" aria-live="polite">{ self.announced() }</div>
                // There must always be one child here. Yew matches children from the end, so an iterator of
                // zero or one children would recreate all elements before it.
                if let Some(dialog) = self.dialog { { self.draw_dialog(dialog) } }
            </div>
        }
    }

    fn draw_troubles(&self) -> Html {
        if self.troubles.is_empty() {
            return Html::default();
        }
        html! {
            <div class="trouble" role="alert">
                <p>{ self.told_troubles() }</p>
                { icon_button("close", Icon::Close, w::CLOSE.say(self.language), "quiet small") }
            </div>
        }
    }

    /// The sentence about invalid parts of the address.
    pub(super) fn told_troubles(&self) -> String {
        let told = |(word, part): &Trouble| word.fill(self.language, &[part]);
        let mut parts: Vec<_> = self.troubles.iter().take(MAX_TROUBLES).map(told).collect();
        if let Some(more @ 1..) = self.troubles.len().checked_sub(MAX_TROUBLES) {
            parts.push(w::MORE_TROUBLES.fill(self.language, &[&more]));
        }
        w::BAD_ADDRESS.fill(self.language, &[&parts.join("; ")])
    }

    fn draw_transport(&self) -> Html {
        let run = self.player.run();
        transport::transport(&transport::Shown {
            now_us: run.now_us(),
            start_us: self.player.start_us(),
            end_us: self.player.end_us(),
            told: [run.now_us(), self.player.end_us()].map(|at_us| self.language.seconds(at_us)),
            playing: self.player.is_playing(),
            speed: self.player.speed(),
            speed_name: w::SPEED.say(self.language),
            last: match (self.embed, self.view.can_fill) {
                (false, _) => transport::seed(run.scenario().seed, self.language),
                (true, true) => transport::full_screen(self.language),
                (true, false) => Html::default(),
            },
            marks: self.derived.marks.show(),
            language: self.language,
        })
    }

    fn draw_dialog(&self, shown: Dialog) -> Html {
        let run_config = self.player.run().scenario().config;
        dialog::sheet(&dialog::Shown {
            dialog: shown,
            query: &self.query,
            current: self.choice.place,
            runs: self.player.run().scenario().config.profile,
            address: dom::address_with(&self.address().write()),
            copied: self.copied,
            view: self.view,
            algorithm: run_config.algorithm,
            profile: run_config.setting().has_election().then_some(run_config.profile),
            seed: self.player.run().scenario().seed,
            language: self.language,
        })
    }

    fn draw_notice(&self) -> Html {
        let Some(notice) = &self.notice else { return Html::default() };
        let (action, name) = match notice.offer {
            Offer::Undo => ("undo", w::UNDO),
            Offer::Redo => ("redo", w::REDO),
        };
        html! {
            <div class="notice" role="status">
                <p>{ notice.text.clone() }</p>
                <button type="button" class="small" data-action={action}>
                    { name.say(self.language) }
                </button>
            </div>
        }
    }

    /// The text for screen readers: the explanation of the selection or the latest decision, and overdue
    /// invariants.
    fn announced(&self) -> String {
        match self.derived.explained.as_str() {
            "" => [&self.latest_decision(), " ", &self.derived.overdue].concat(),
            explained => explained.to_owned(),
        }
    }

    /// The sentence about the latest decision, for screen readers.
    fn latest_decision(&self) -> String {
        let trace = self.player.run().trace();
        let chosen = self.selected().and_then(|seq| trace.get(usize::try_from(seq).ok()?));
        if let Some(event) = chosen {
            return sentence::of(event, self.language);
        }
        let decided = trace.iter().rev().take(200).find(|event| sentence::is_decision(event));
        decided.map(|event| sentence::told(event, trace, self.language)).unwrap_or_default()
    }

    fn draw_chart(&self) -> Html {
        let tell = |at_us: u64| self.language.seconds(at_us);
        let drawn = match self.chart_size.width > 0.0 {
            true => chart::chart(&self.chart(&self.growing(), &tell)),
            false => Html::default(),
        };
        let follows = self.camera.left.is_none();
        chart::panel(drawn, &self.chart_ref, follows, self.stamps(), self.language)
    }

    fn chart<'a>(
        &'a self,
        growing: &'a [Growing],
        tell: &'a dyn Fn(u64) -> String,
    ) -> chart::Shown<'a> {
        let run = self.player.run();
        let frame = Frame {
            spans: &self.derived.spans,
            ticks: &self.derived.ticks,
            growing,
            scale: self.scale(),
            left: self.left_edge(),
            cursor: self.cursor(),
            now_us: run.now_us(),
            nodes: run.world().size(),
            has_resource: self.has_resource(),
            tell,
        };
        chart::Shown {
            frame,
            layers: &self.layers,
            still: self.derived.still.group(),
            lit: self.selected().is_some(),
            points_at_node: matches!(self.hovered, Some(Pointed::Node(_))),
            language: self.language,
        }
    }

    fn draw_ring(&self) -> Html {
        let shown = ring::Shown {
            scene: &self.derived.ring,
            look: Look { layout: &self.layout, pointed: self.pointed(), language: self.language },
            size: self.ring_size,
            flying: self.derived.flying.group(),
            lost: self.derived.lost.group(),
            layers: &self.layers,
            clicks: &ring::ACTS,
        };
        html! {
            <div class="ring-surface" ref={self.ring_ref.clone()}>
                if self.ring_size.width > 0.0 {
                    { ring::ring(&shown) }
                    { self.draw_menu() }
                }
            </div>
        }
    }

    /// The nodes to highlight because of the selection or the pointer.
    fn pointed(&self) -> NodeSet {
        let trace = self.player.run().trace();
        let node_of = |seq: u64| trace.get(usize::try_from(seq).ok()?)?.node;
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

    fn draw_menu(&self) -> Html {
        let Some(target) = self.menu else { return Html::default() };
        let title = match target {
            Target::Node(node)
            | Target::Links(node)
            | Target::Crash(node)
            | Target::Sides(node, _) => w::NODE.fill(self.language, &[&node]),
            Target::Message(id) => {
                let mut flights = self.derived.ring.flights.iter();
                let Some(flight) = flights.find(|flight| flight.message.id == id) else {
                    return Html::default();
                };
                format!("{} {id}", flight.message.content.name())
            }
        };
        menu::menu(title, &menu::items(target, self.player.run(), self.language))
    }

    /// The position of the open menu.
    pub(super) fn menu_corner(&self) -> Option<Point> {
        let (layout, run) = (&self.layout, self.player.run());
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
        Some(menu::corner(count, at, gap, self.ring_size))
    }
}
