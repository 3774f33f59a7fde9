//! The ring and the diagram of a run, of a recording, or of one side of a comparison.

use antes_core::{ClusterSize, NodeSet};
use antes_picture::element::Element;
use antes_sim::trace::{MessageId, TraceEvent};
use yew::{Html, html};

use super::Page;
use crate::address::Stamps;
use crate::chart::camera;
use crate::chart::draw::{Frame, Still, stills};
use crate::chart::growing::{self, Growing};
use crate::chart::labels::Taken;
use crate::chart::scale::Scale;
use crate::chart::scene::{Look, Scene, SpanShape};
use crate::language::Language;
use crate::pointed::Pointed;
use crate::px::{Size, px};
use crate::ring::draw::Look as RingLook;
use crate::ring::flight::{Manner, flights};
use crate::ring::layout::Layout;
use crate::ring::scene::Scene as RingScene;
use crate::timeline::{Side, Timeline};
use crate::view::crowd::Crowd;
use crate::view::flight::{self, Sprite};
use crate::view::layer::{Layer, Layers};
use crate::view::ring::Clicks;
use crate::view::{chart, ring};
use crate::words as w;

/// The diagram's scene is computed again when it has moved by this many pixels. In between it is only
/// shifted.
const BLOCK_PX: f64 = 240.0;

/// The inputs of the pictures of one side.
pub struct Given<'a> {
    pub timeline: &'a dyn Timeline,
    pub page: &'a Page,
    pub side: usize,
    pub facts: Side<'a>,
    pub clicks: &'static Clicks,
    pub scale: Scale,
    /// The line of the selected event.
    pub selected: Option<u64>,
    pub hovered: Option<Pointed>,
    /// The message whose menu is open.
    pub in_menu: Option<MessageId>,
    /// The nodes to highlight.
    pub pointed: NodeSet,
    /// The event with which the runs part, and its instant.
    pub parting: Option<(u64, Option<&'a TraceEvent>)>,
}

impl Given<'_> {
    /// The left edge of the diagram.
    fn left(&self) -> f64 {
        self.page.camera.left_edge(&self.scale, self.timeline.now_us())
    }

    /// The position of the cursor in the diagram.
    fn cursor(&self) -> f64 {
        camera::cursor(self.facts.index, &self.scale, self.timeline.now_us())
    }
}

impl Page {
    /// The scale of a side's diagram.
    pub fn scale(&self, timeline: &dyn Timeline, side: usize) -> Scale {
        self.scale_at(timeline, side, self.camera.zoom)
    }

    /// The scale of a side's diagram with this zoom.
    pub fn scale_at(&self, timeline: &dyn Timeline, side: usize, zoom: i8) -> Scale {
        let facts = timeline.side(side);
        let (nodes, latency) = (facts.size.get(), timeline.latency());
        Scale::new(self.sizes[1], nodes, facts.has_resource, latency, zoom)
    }
}

/// The inputs of the diagram's scene.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ChartKey {
    block: i64,
    lines: usize,
    run: u32,
    generation: u32,
    selected: Option<u64>,
    hovered: Option<Pointed>,
    stamps: Stamps,
    em: f64,
    scale: Scale,
    language: Language,
}

/// The ring and the diagram of one side.
pub struct Picture {
    pub ring: RingScene,
    pub layout: Layout,
    laid_out: Option<(Size, ClusterSize, bool)>,
    flying: Crowd<Sprite>,
    lost: Crowd<Sprite>,
    chart_key: Option<ChartKey>,
    spans: Vec<SpanShape>,
    ticks: Vec<u64>,
    /// The areas that the labels and events of the diagram occupy.
    taken: Taken,
    still: Crowd<Still>,
    layers: Layers,
    parting: Layer,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            ring: RingScene::default(),
            layout: Layout::new(Size::default(), ClusterSize::MAX, false),
            laid_out: None,
            flying: Crowd::default(),
            lost: Crowd::default(),
            chart_key: None,
            spans: Vec::new(),
            ticks: Vec::new(),
            taken: Taken::default(),
            still: Crowd::default(),
            layers: Layers::default(),
            parting: Layer::default(),
        }
    }
}

impl Picture {
    /// Computes what has changed in the ring and in the diagram.
    pub fn derive(&mut self, given: &Given<'_>) {
        let Given { facts, page, .. } = given;
        // The ring of a recording does not show the resource.
        let has_resource = facts.has_resource && facts.run.is_some();
        let room = (page.sizes[0], facts.size, has_resource);
        if self.laid_out.replace(room) != Some(room) {
            self.layout = Layout::new(room.0, room.1, room.2);
        }
        self.derive_ring(given);
        self.derive_chart(given);
    }

    fn derive_ring(&mut self, given: &Given<'_>) {
        let Given { facts, page, clicks, .. } = given;
        let scene = given.timeline.scene(given.side);
        let hovered = match given.hovered {
            Some(Pointed::Message(id)) => Some(id),
            Some(Pointed::Event(seq)) => facts.message_of(seq),
            Some(Pointed::Node(_)) | None => None,
        };
        let selected = given.selected.and_then(|seq| facts.message_of(seq));
        let pointed: Vec<_> = [given.in_menu, hovered, selected].into_iter().flatten().collect();
        let manner = Manner {
            now_us: facts.now_us,
            layout: &self.layout,
            size: page.sizes[0],
            faces: &page.faces,
            pointed: &pointed,
            has_menus: clicks.menus,
            language: page.language,
        };
        let [dead, alive] = flights(&scene, &manner);
        flight::show(&mut self.lost, dead, clicks);
        flight::show(&mut self.flying, alive, clicks);
        self.ring = scene;
    }

    fn derive_chart(&mut self, given: &Given<'_>) {
        let Given { facts, page, scale, .. } = given;
        let block = (given.left() / BLOCK_PX).floor();
        let key = ChartKey {
            block: block as i64,
            lines: facts.past.len(),
            run: page.runs,
            generation: facts.generation,
            selected: given.selected,
            hovered: given.hovered,
            stamps: page.stamps,
            em: page.faces.chart.em(),
            scale: *scale,
            language: page.language,
        };
        if self.chart_key.replace(key) == Some(key) {
            return;
        }
        let left = block * BLOCK_PX;
        let look = Look {
            left: left - 40.0,
            right: left + BLOCK_PX + scale.inner_width() + 40.0,
            stamps: page.stamps,
            selected: given.selected,
            hovered: given.hovered,
            face: &page.faces.chart,
            refused: w::REFUSED.say(page.language),
            nodes: facts.size.get(),
        };
        let Scene { spans, arrows, signs, dots, mut ticks, taken } =
            Scene::new(facts.index, facts.past, scale, &look);
        ticks.retain(|&tick| tick <= given.timeline.last_tick_us());
        (self.spans, self.ticks, self.taken) = (spans, ticks, taken);
        self.still.show(stills(arrows, signs, dots));
    }

    /// The arrows of messages on their way.
    fn growing(&self, given: &Given<'_>) -> Vec<Growing> {
        let facts = &given.facts;
        let look = growing::Look {
            scale: &given.scale,
            cursor: given.cursor(),
            trace: facts.past,
            selected: given.selected,
            hovered: given.hovered,
        };
        let share = |id| self.ring.progress(id);
        let mut arrows = growing::growing(facts.index, &look, |id| share(id).unwrap_or(1.0));
        if !given.timeline.knows_ends() {
            // No line tells how the other messages ended.
            arrows.retain(|arrow| share(arrow.message.id).is_some());
        }
        growing::name(&mut arrows, self.taken.clone(), &given.page.faces.chart);
        arrows
    }

    pub fn ring(&self, given: &Given<'_>) -> Html {
        ring::ring(&ring::Shown {
            scene: &self.ring,
            look: RingLook {
                layout: &self.layout,
                pointed: given.pointed,
                language: given.page.language,
            },
            size: given.page.sizes[0],
            flying: self.flying.group(),
            lost: self.lost.group(),
            layers: &self.layers,
            clicks: given.clicks,
        })
    }

    pub fn chart(&self, given: &Given<'_>) -> Html {
        let Given { facts, page, timeline, .. } = given;
        let growing = self.growing(given);
        let tell = |at_us: u64| timeline.tell(timeline.told_us(at_us), page.language);
        let frame = Frame {
            spans: &self.spans,
            ticks: &self.ticks,
            growing: &growing,
            scale: given.scale,
            left: given.left(),
            cursor: given.cursor(),
            now_us: facts.now_us,
            nodes: facts.size,
            has_resource: facts.has_resource,
            tell: &tell,
        };
        let still = match given.parting {
            None => self.still.group(),
            Some(_) => html! {
                <>{ self.parting.show(self.mark(given)) }{ self.still.group() }</>
            },
        };
        chart::chart(&chart::Shown {
            frame,
            layers: &self.layers,
            still,
            lit: given.selected.is_some(),
            points_at_node: matches!(given.hovered, Some(Pointed::Node(_))),
            language: page.language,
        })
    }

    /// The mark of the instant at which the runs part, and of this side's event.
    fn mark(&self, given: &Given<'_>) -> Option<Element> {
        let (at_us, event) = given.parting?;
        let scale = &given.scale;
        let x = scale.x_of(at_us);
        let (top, bottom) = (scale.top() - 14.0, scale.bottom() + 10.0);
        let line = ["M", &px(x), " ", &px(top), "V", &px(bottom)].concat();
        let spot = |event: &TraceEvent| {
            let dot = given.facts.index.dots().iter().find(|dot| dot.seq == event.seq);
            let sign = given.facts.index.signs().iter().find(|sign| sign.seq == event.seq);
            let x = match (dot, sign) {
                (Some(dot), _) => scale.x(dot.spot),
                (None, Some(sign)) => scale.x(sign.spot),
                (None, None) => scale.x_of(event.at_us),
            };
            let y = event.node.map_or_else(|| scale.resource_y(), |node| scale.y(node));
            Element::circle("place", 12.0).with("cx", px(x)).with("cy", px(y))
        };
        let has_happened = |event: &&TraceEvent| event.at_us <= given.facts.now_us;
        let mark = Element::group(&["parting"])
            .with("aria-hidden", "true")
            .holding([Element::path("line", line)])
            .holding(event.filter(has_happened).map(spot));
        Some(mark)
    }
}
