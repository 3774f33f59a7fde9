//! The ring and the diagram, each as one drawing: for [documents](crate::document) and for the page's
//! [first picture](crate::first).

use antes_core::{ClusterSize, NodeSet};
use antes_sim::scenario::Stamps;
use antes_sim::trace::TraceEvent;

use crate::chart::draw::{self as diagram, Frame, stills};
use crate::chart::growing;
use crate::chart::index::Index;
use crate::chart::labels::Label;
use crate::chart::scale::{GUTTER, Scale};
use crate::chart::scene::{Look, Scene as DiagramScene};
use crate::element::Element;
use crate::face::Faces;
use crate::language::Language;
use crate::look::when;
use crate::px::{Point, Size, moved_to, px};
use crate::ring::draw as ring;
use crate::ring::flight::{Manner, flights};
use crate::ring::layout::Layout;
use crate::ring::node::{badges, disc, menu_sign};
use crate::ring::scene::Scene;
use crate::words as w;

/// The content of a ring.
pub(crate) struct Ring<'a> {
    pub scene: &'a Scene,
    pub nodes: ClusterSize,
    pub has_resource: bool,
    /// The shown moment, in microseconds.
    pub now_us: u64,
    pub size: Size,
    /// The nodes to highlight.
    pub pointed: NodeSet,
    /// Whether nodes have menu buttons.
    pub has_menus: bool,
    pub language: Language,
}

pub(crate) fn draw_ring(shown: &Ring<'_>) -> Element {
    let Ring { scene, size, language, .. } = *shown;
    let layout = Layout::new(size, shown.nodes, shown.has_resource);
    let look = ring::Look { layout: &layout, pointed: shown.pointed, language };
    let faces = Faces::widest();
    let manner = Manner {
        now_us: shown.now_us,
        layout: &layout,
        size,
        faces: &faces,
        pointed: &[],
        has_menus: shown.has_menus,
        language,
    };
    let [dead, alive] = flights(scene, &manner).map(|placed| {
        let moved = placed
            .into_iter()
            .map(|(_, flight, at)| flight.drawn().with("transform", moved_to(at)));
        moved.collect::<Vec<_>>()
    });
    let nodes = scene.nodes.iter().map(|node| {
        let group = Element::group(&[]).with("transform", moved_to(layout.centre(node.id)));
        let menu = shown.has_menus.then(|| menu_sign(node.id, &layout));
        group.holding([disc(node, &look)]).holding(badges(node, &layout)).holding(menu)
    });
    Element::group(&["ring", when(layout.is_small(), "small")])
        .holding(ring::below(scene, &look))
        .holding(dead)
        .holding(nodes)
        .holding(alive)
}

/// The content of a diagram.
pub(crate) struct Diagram<'a> {
    pub index: &'a Index,
    /// The lines up to the shown moment.
    pub trace: &'a [TraceEvent],
    /// The ring at the same moment. It knows how far messages have come.
    pub ring: &'a Scene,
    /// The shown moment, in microseconds.
    pub now_us: u64,
    pub nodes: ClusterSize,
    pub has_resource: bool,
    pub scale: Scale,
    /// The position of the cursor.
    pub cursor: f64,
    /// The left edge of the visible part.
    pub left: f64,
    /// The position from which on events are drawn. At most the left edge.
    pub from: f64,
    pub stamps: Stamps,
    /// The line of the selected event.
    pub selected: Option<u64>,
    /// The last instant that the axis can name.
    pub end_us: u64,
    /// Writes an instant for the axis.
    pub tick: &'a dyn Fn(u64) -> String,
    /// Whether only those messages on their way are drawn that the ring shows.
    pub hides_unended: bool,
    pub language: Language,
}

/// The names of the lines, and the part that scrolls.
pub(crate) fn draw_diagram(shown: &Diagram<'_>) -> Vec<Element> {
    let Diagram { trace, scale, cursor, left, .. } = *shown;
    let face = Faces::widest().chart;
    let look = Look {
        left: shown.from,
        right: left + scale.inner_width(),
        stamps: shown.stamps,
        selected: shown.selected,
        hovered: None,
        face: &face,
        refused: w::REFUSED.say(shown.language),
        nodes: shown.nodes.get(),
    };
    let mut scene = DiagramScene::new(shown.index, trace, &scale, &look);
    leave_out_cut_labels(&mut scene, &look);
    scene.ticks.retain(|&tick| tick <= shown.end_us);
    let growing_look =
        growing::Look { scale: &scale, cursor, trace, selected: shown.selected, hovered: None };
    let progress = |id| shown.ring.progress(id);
    let mut growing =
        growing::growing(shown.index, &growing_look, |id| progress(id).unwrap_or(1.0));
    if shown.hides_unended {
        growing.retain(|arrow| progress(arrow.message.id).is_some());
    }
    growing::name(&mut growing, scene.taken, &face);
    let is_whole = |name: &Label| is_between(name, &look);
    for arrow in &mut growing {
        arrow.name = arrow.name.take().filter(is_whole);
    }
    let frame = Frame {
        spans: &scene.spans,
        ticks: &scene.ticks,
        growing: &growing,
        scale,
        left,
        cursor,
        now_us: shown.now_us,
        nodes: shown.nodes,
        has_resource: shown.has_resource,
        tell: shown.tick,
    };
    let still = stills(scene.arrows, scene.signs, scene.dots).map(|(_, still)| still.drawn());
    let moved = Element::group(&[])
        .with("transform", moved_to(Point::new(-left, 0.0)))
        .holding(diagram::below(&frame))
        .holding(still)
        .holding(diagram::above(&frame));
    let inner = Element::new("svg").with("x", px(GUTTER)).with("y", "0");
    let inner = inner.with("width", px(scale.inner_width())).with("height", px(scale.size.height));
    let mut drawn = diagram::names(&frame);
    drawn.push(inner.holding([moved]));
    drawn
}

/// Leaves out labels that an edge would cut, since such a drawing cannot be scrolled.
fn leave_out_cut_labels(scene: &mut DiagramScene, look: &Look<'_>) {
    let arrows = scene.arrows.iter_mut().map(|arrow| &mut arrow.name);
    let signs = scene.signs.iter_mut().map(|sign| &mut sign.label);
    let dots = scene.dots.iter_mut().map(|dot| &mut dot.label);
    let spans = scene.spans.iter_mut().map(|span| &mut span.label);
    for label in arrows.chain(signs).chain(dots).chain(spans) {
        *label = label.take().filter(|label| is_between(label, look));
    }
}

/// Whether a label is completely between the diagram's edges.
fn is_between(label: &Label, look: &Look<'_>) -> bool {
    let half = look.face.width(&label.text) / 2.0;
    label.at.x - half >= look.left && label.at.x + half <= look.right
}
