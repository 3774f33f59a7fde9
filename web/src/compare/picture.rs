//! The ring and the diagram of one side.

use antes_core::NodeSet;
use antes_picture::element::Element;
use antes_sim::trace::{MessageId, TraceEvent};
use yew::{Html, html};

use crate::address::Stamps;
use crate::chart::camera;
use crate::chart::draw::{Frame, Still, stills};
use crate::chart::growing::{self, Growing};
use crate::chart::index::Index;
use crate::chart::labels::Taken;
use crate::chart::scale::Scale;
use crate::chart::scene::{Look, Scene, SpanShape};
use crate::face::Faces;
use crate::language::Language;
use crate::player::Player;
use crate::pointed::Pointed;
use crate::px::{Size, px};
use crate::ring::draw::Look as RingLook;
use crate::ring::flight::{Manner, flights};
use crate::ring::layout::Layout;
use crate::ring::scene::Scene as RingScene;
use crate::view::crowd::Crowd;
use crate::view::flight::{self, Sprite};
use crate::view::layer::{Layer, Layers};
use crate::view::ring::ACTS;
use crate::view::{chart, ring};
use crate::words as w;

/// The diagram's scene is computed again when it has moved by this many pixels. In between it is only
/// shifted.
const BLOCK_PX: f64 = 240.0;

/// The inputs of the pictures of one side: its run, its layout, and the selection.
pub struct Given<'a> {
    pub player: &'a Player,
    pub sizes: [Size; 2],
    pub layout: &'a Layout,
    pub faces: &'a Faces,
    pub scale: Scale,
    /// The left edge of the diagram.
    pub left: f64,
    /// The position of the cursor in the diagram.
    pub cursor: f64,
    /// The line of the selected event.
    pub selected: Option<u64>,
    pub hovered: Option<Pointed>,
    /// The message whose menu is open.
    pub in_menu: Option<MessageId>,
    pub pointed: NodeSet,
    pub stamps: Stamps,
    /// The event with which the runs part, and its instant.
    pub parting: Option<(u64, Option<&'a TraceEvent>)>,
    pub language: Language,
}

/// The inputs of the diagram's scene.
#[derive(Clone, Copy, Debug, PartialEq)]
struct ChartKey {
    block: i64,
    lines: usize,
    generation: u32,
    selected: Option<u64>,
    hovered: Option<Pointed>,
    stamps: Stamps,
    em: f64,
    scale: Scale,
    language: Language,
}

#[derive(Default)]
pub struct Picture {
    index: Index,
    pub ring: RingScene,
    flying: Crowd<Sprite>,
    lost: Crowd<Sprite>,
    chart_key: Option<ChartKey>,
    spans: Vec<SpanShape>,
    ticks: Vec<u64>,
    taken: Taken,
    still: Crowd<Still>,
    layers: Layers,
    parting: Layer,
}

impl Picture {
    /// Reads the trace up to this moment.
    pub fn read(&mut self, player: &Player) {
        self.index.read(player.run().trace(), player.generation(), player.outlook());
    }

    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// The position of the cursor in the diagram.
    pub fn cursor(&self, scale: &Scale, now_us: u64) -> f64 {
        camera::cursor(&self.index, scale, now_us)
    }

    /// Computes the scenes of the ring and of the diagram.
    pub fn derive(&mut self, given: &Given<'_>) {
        self.derive_ring(given);
        self.derive_chart(given);
    }

    fn derive_ring(&mut self, given: &Given<'_>) {
        let run = given.player.run();
        let scene = RingScene::new(run, given.player.outlook());
        let sent = |seq: u64| {
            let event = run.trace().get(usize::try_from(seq).ok()?)?;
            event.message().map(|message| message.id)
        };
        let hovered = match given.hovered {
            Some(Pointed::Message(id)) => Some(id),
            Some(Pointed::Event(seq)) => sent(seq),
            Some(Pointed::Node(_)) | None => None,
        };
        let pointed = [given.in_menu, hovered, given.selected.and_then(sent)];
        let pointed: Vec<_> = pointed.into_iter().flatten().collect();
        let manner = Manner {
            now_us: run.now_us(),
            layout: given.layout,
            size: given.sizes[0],
            faces: given.faces,
            pointed: &pointed,
            has_menus: ACTS.menus,
            language: given.language,
        };
        let [dead, alive] = flights(&scene, &manner);
        flight::show(&mut self.lost, dead, &ACTS);
        flight::show(&mut self.flying, alive, &ACTS);
        self.ring = scene;
    }

    fn derive_chart(&mut self, given: &Given<'_>) {
        let trace = given.player.run().trace();
        let block = (given.left / BLOCK_PX).floor();
        let key = ChartKey {
            block: block as i64,
            lines: trace.len(),
            generation: given.player.generation(),
            selected: given.selected,
            hovered: given.hovered,
            stamps: given.stamps,
            em: given.faces.chart.em(),
            scale: given.scale,
            language: given.language,
        };
        if self.chart_key.replace(key) == Some(key) {
            return;
        }
        let left = block * BLOCK_PX;
        let look = Look {
            left: left - 40.0,
            right: left + BLOCK_PX + given.scale.inner_width() + 40.0,
            stamps: given.stamps,
            selected: given.selected,
            hovered: given.hovered,
            face: &given.faces.chart,
            refused: w::REFUSED.say(given.language),
            nodes: given.player.run().world().size().get(),
        };
        let Scene { spans, arrows, signs, dots, ticks, taken } =
            Scene::new(&self.index, trace, &given.scale, &look);
        (self.spans, self.ticks, self.taken) = (spans, ticks, taken);
        self.still.show(stills(arrows, signs, dots));
    }

    fn growing(&self, given: &Given<'_>) -> Vec<Growing> {
        let look = growing::Look {
            scale: &given.scale,
            cursor: given.cursor,
            trace: given.player.run().trace(),
            selected: given.selected,
            hovered: given.hovered,
        };
        let progress = |id| self.ring.progress(id).unwrap_or(1.0);
        let mut arrows = growing::growing(&self.index, &look, progress);
        growing::name(&mut arrows, self.taken.clone(), &given.faces.chart);
        arrows
    }

    pub fn draw_ring(&self, given: &Given<'_>) -> Html {
        ring::ring(&ring::Shown {
            scene: &self.ring,
            look: RingLook {
                layout: given.layout,
                pointed: given.pointed,
                language: given.language,
            },
            size: given.sizes[0],
            flying: self.flying.group(),
            lost: self.lost.group(),
            layers: &self.layers,
            clicks: &ACTS,
        })
    }

    pub fn draw_chart(&self, given: &Given<'_>) -> Html {
        let growing = self.growing(given);
        let run = given.player.run();
        let tell = |at_us: u64| given.language.seconds(at_us);
        let frame = Frame {
            spans: &self.spans,
            ticks: &self.ticks,
            growing: &growing,
            scale: given.scale,
            left: given.left,
            cursor: given.cursor,
            now_us: run.now_us(),
            nodes: run.world().size(),
            has_resource: has_resource(given.player),
            tell: &tell,
        };
        let still = html! {
            <>
                { self.parting.show(self.mark(given)) }
                { self.still.group() }
            </>
        };
        chart::chart(&chart::Shown {
            frame,
            layers: &self.layers,
            still,
            lit: given.selected.is_some(),
            points_at_node: matches!(given.hovered, Some(Pointed::Node(_))),
            language: given.language,
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
            let dot = self.index.dots().iter().find(|dot| dot.seq == event.seq);
            let sign = self.index.signs().iter().find(|sign| sign.seq == event.seq);
            let x = match (dot, sign) {
                (Some(dot), _) => scale.x(dot.spot),
                (None, Some(sign)) => scale.x(sign.spot),
                (None, None) => scale.x_of(event.at_us),
            };
            let y = event.node.map_or_else(|| scale.resource_y(), |node| scale.y(node));
            Element::circle("place", 12.0).with("cx", px(x)).with("cy", px(y))
        };
        let has_happened = |event: &&TraceEvent| event.at_us <= given.player.run().now_us();
        let mark = Element::group(&["parting"])
            .with("aria-hidden", "true")
            .holding([Element::path("line", line)])
            .holding(event.filter(has_happened).map(spot));
        Some(mark)
    }
}

/// Whether the run has a resource.
pub fn has_resource(player: &Player) -> bool {
    player.run().scenario().config.algorithm == antes_core::Algorithm::Mutex
}
