//! The page, drawn.

use antes_core::NodeSet;
use yew::{Context, Html, html};

use super::App;
use crate::address::{Stamps, Trouble};
use crate::dom;
use crate::look::Icon;
use crate::message::{Ask, Selection, Target};
use crate::px::Point;
use crate::ring::scene::{Scene, receiver};
use crate::sentence;
use crate::shared::Shared;
use crate::view::chart::Chart;
use crate::view::dialog::Sheet;
use crate::view::header::Header;
use crate::view::icon::icon_button;
use crate::view::log::Log;
use crate::view::menu::{self, Menu};
use crate::view::narration::{self, Narration};
use crate::view::ring::Ring;
use crate::view::strip::Strip;
use crate::view::transport::Transport;
use crate::view::why::Inspector;
use crate::words as w;

impl App {
    pub(super) fn draw(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let onclick = link
            .callback(|event: yew::MouseEvent| dom::ask_of_click(&event).unwrap_or(Ask::Dismiss));
        let oninput = link.batch_callback(|event: yew::InputEvent| dom::ask_of_input(&event));
        let onmouseover =
            link.callback(|event: yew::MouseEvent| Ask::Hover(dom::event_under(&event)));
        let run = self.player.run();
        html! {
            <div class="app" {onclick} {oninput} {onmouseover}
                data-time-us={run.now_us().to_string()}
                data-seed={run.scenario().seed.to_string()}
                data-scenario={self.entry().slug}
                data-playing={self.player.is_playing().to_string()}
                data-violations={run.world().violations().to_string()}>
                <Header library={self.library.clone()} current={self.current}
                    profile={run.scenario().config.profile}
                    language={self.language} theme={self.theme} />
                { self.draw_troubles() }
                <main>
                    <section class="stage">
                        { self.draw_ring() }
                        <div class="say">
                            { self.draw_narration() }
                            { self.draw_notice() }
                        </div>
                        <Strip verdicts={self.derived.verdicts.clone()} language={self.language} />
                    </section>
                    <section class="side">
                        { self.draw_chart(ctx) }
                        <div class="pair">
                            <Inspector why={self.derived.why.clone()}
                                selected={self.selection != Selection::Latest}
                                language={self.language} />
                            <Log lines={self.derived.log.clone()} earlier={self.derived.earlier}
                                selected={self.selected()} hovered={self.hovered}
                                hide_heartbeats={self.hide_heartbeats} language={self.language} />
                        </div>
                    </section>
                </main>
                <Transport now_us={run.now_us()} end_us={run.end_us()}
                    playing={self.player.is_playing()} speed={self.player.speed()}
                    seed={run.scenario().seed} marks={self.marks.clone()}
                    language={self.language} />
                <div class="sr-only" aria-live="polite">{ self.latest_decision() }</div>
                if let Some(dialog) = self.dialog {
                    <Sheet {dialog} address={dom::address() + &self.address().write()}
                        copied={self.copied} language={self.language} />
                }
            </div>
        }
    }

    fn draw_troubles(&self) -> Html {
        if self.troubles.is_empty() {
            return Html::default();
        }
        let told = |(word, part): &Trouble| word.fill(self.language, &[part]);
        let told: Vec<_> = self.troubles.iter().map(told).collect();
        html! {
            <div class="trouble" role="alert">
                <p>{ w::BAD_ADDRESS.fill(self.language, &[&told.join("; ")]) }</p>
                { icon_button("close", Icon::Close, w::CLOSE.say(self.language), "quiet small") }
            </div>
        }
    }

    fn draw_narration(&self) -> Html {
        match narration::told(self.player.run(), self.language) {
            Some(told) => html! { <Narration {told} language={self.language} /> },
            None => Html::default(),
        }
    }

    fn draw_notice(&self) -> Html {
        let Some(notice) = &self.notice else { return Html::default() };
        html! {
            <div class="notice" role="status">
                <p>{ notice.text.clone() }</p>
                if notice.done == self.player.run().done() {
                    <button type="button" class="small" data-action="undo">
                        { w::UNDO.say(self.language) }
                    </button>
                }
            </div>
        }
    }

    /// What is told to those who cannot see it happen.
    fn latest_decision(&self) -> String {
        let trace = self.player.run().trace();
        let decided = trace.iter().rev().take(200).find(|event| sentence::is_decision(event));
        decided.map(|event| sentence::of(event, self.language)).unwrap_or_default()
    }

    fn draw_chart(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let onwheel = link.batch_callback(|event: yew::WheelEvent| dom::ask_of_wheel(&event));
        let onpointermove =
            link.batch_callback(|event: yew::PointerEvent| dom::ask_of_drag(&event));
        let say = |word: crate::language::Word| word.say(self.language);
        let pressed = |stamps: Stamps| (self.stamps == stamps).to_string();
        html! {
            <section class="panel space-time" aria-label={say(w::DIAGRAM)}>
                <header>
                    <h2>{ say(w::DIAGRAM) }</h2>
                    <span class="grow"></span>
                    if self.left.is_some() {
                        { icon_button("follow", Icon::Follow, say(w::FOLLOW), "quiet small") }
                    }
                    { icon_button("zoom-out", Icon::Minus, say(w::ZOOM_OUT), "quiet small") }
                    { icon_button("zoom-in", Icon::Plus, say(w::ZOOM_IN), "quiet small") }
                    <div class="segments small" role="group" aria-label={say(w::STAMPS)}>
                        <button type="button" data-action="lamport"
                            aria-pressed={pressed(Stamps::Lamport)}>{ say(w::LAMPORT) }</button>
                        <button type="button" data-action="vector"
                            aria-pressed={pressed(Stamps::Vector)}>{ say(w::VECTOR) }</button>
                    </div>
                </header>
                <div class="chart" ref={self.chart_ref.clone()} {onwheel} {onpointermove}>
                    if self.chart_size.width > 0.0 {
                        <Chart scene={self.derived.chart.clone()}
                            growing={Shared::new(self.growing())} scale={self.scale()}
                            left={self.left_edge()} cursor={self.cursor()} now_us={self.player.run().now_us()}
                            nodes={self.player.run().world().size()}
                            has_resource={self.has_resource()} lit={self.selected().is_some()}
                            language={self.language} />
                    }
                </div>
            </section>
        }
    }

    fn draw_ring(&self) -> Html {
        let scene = Shared::new(Scene::new(self.player.run(), self.player.outlook()));
        let pointed_message = match self.menu {
            Some(Target::Message(id)) => Some(id),
            _ => None,
        };
        html! {
            <div class="ring-surface" ref={self.ring_ref.clone()}>
                if self.ring_size.width > 0.0 {
                    <Ring scene={scene.clone()} layout={self.layout.clone()} size={self.ring_size}
                        pointed={self.pointed()} {pointed_message} language={self.language} />
                    { self.draw_menu(&scene) }
                }
            </div>
        }
    }

    /// The nodes that the selection or the pointer is about.
    fn pointed(&self) -> NodeSet {
        let trace = self.player.run().trace();
        let node_of = |seq: u64| trace.get(usize::try_from(seq).ok()?)?.node;
        let selected = match self.selection {
            Selection::Node(node) => Some(node),
            Selection::Event(seq) => node_of(seq),
            Selection::Latest => None,
        };
        selected.into_iter().chain(self.hovered.and_then(node_of)).collect()
    }

    fn draw_menu(&self, scene: &Scene) -> Html {
        let Some(target) = self.menu else { return Html::default() };
        let layout = &self.layout;
        let (at, gap, title) = match target {
            Target::Node(node) => {
                (layout.centre(node), layout.radius + 14.0, w::NODE.fill(self.language, &[&node]))
            }
            Target::Message(id) => {
                let flight = scene.flights.iter().find(|flight| flight.message.id == id);
                let Some(flight) = flight.filter(|flight| !flight.dead) else {
                    return Html::default();
                };
                let (start, end) = layout.lane(id.from, receiver(&flight.message));
                let title = format!("{} {id}", flight.message.content.name());
                (start.towards(end, flight.progress), 22.0, title)
            }
        };
        let items = menu::items(target, self.player.run(), self.language);
        html! { <Menu {title} {items} at={Point::new(at.x, at.y)} {gap} size={self.ring_size} /> }
    }
}
