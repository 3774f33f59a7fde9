//! The page, drawn.

use antes_core::NodeSet;
use yew::{Context, Html, html};

use super::App;
use crate::dom;
use crate::message::{Ask, Target};
use crate::px::Point;
use crate::ring::scene::{Scene, receiver};
use crate::shared::Shared;
use crate::view::header::Header;
use crate::view::menu::{self, Menu};
use crate::view::ring::Ring;
use crate::view::transport::Transport;
use crate::words as w;

impl App {
    pub(super) fn draw(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let onclick = link.batch_callback(|event: yew::MouseEvent| dom::ask_of_click(&event));
        let oninput = link.batch_callback(|event: yew::InputEvent| dom::ask_of_input(&event));
        let onmouseover =
            link.callback(|event: yew::MouseEvent| Ask::Hover(dom::event_under(&event)));
        let run = self.player.run();
        let world = run.world();
        html! {
            <div class="app" {onclick} {oninput} {onmouseover}
                data-time-us={run.now_us().to_string()}
                data-seed={run.scenario().seed.to_string()}
                data-scenario={self.entry().slug}
                data-playing={self.player.is_playing().to_string()}
                data-violations={world.violations().to_string()}>
                <Header library={self.library.clone()} current={self.current}
                    language={self.language} theme={self.theme} />
                <main>
                    <section class="stage">
                        { self.draw_ring() }
                    </section>
                    <section class="side">
                        <div class="chart" ref={self.chart_ref.clone()}></div>
                    </section>
                </main>
                <Transport now_us={run.now_us()} end_us={run.end_us()}
                    playing={self.player.is_playing()} speed={self.player.speed()}
                    seed={run.scenario().seed} marks={self.marks.clone()}
                    language={self.language} />
            </div>
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
                        pointed={NodeSet::default()} {pointed_message} language={self.language} />
                    { self.draw_menu(&scene) }
                }
            </div>
        }
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
