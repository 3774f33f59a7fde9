//! The visible part of the diagram, as shapes. Positions count from the beginning of the run; the view shifts
//! the whole drawing as the run goes on.

use antes_core::{Causality, NodeId, Stamp, Traffic};
use antes_sim::scenario::Stamps;
use antes_sim::trace::{MessageRecord, TraceEvent};

use crate::causality::relation;
use crate::chart::index::{Arrow, Dot, Fate, Index, SignKind, Span, SpanKind, Spot, receiver};
use crate::chart::labels::{Label, Shapes, Taken, label};
use crate::chart::scale::Scale;
use crate::face::Face;
use crate::pointed::Pointed;
use crate::px::Point;

/// The relation of a shape to the selected event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Light {
    #[default]
    Plain,
    /// It shows the selected event.
    Selected,
    /// It happened before the selected event.
    Past,
    /// It happened after the selected event.
    Future,
    /// It is concurrent with the selected event.
    Concurrent,
}

impl Light {
    /// The class, or an empty name.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Selected => "selected",
            Self::Past => "past",
            Self::Future => "future",
            Self::Concurrent => "concurrent",
        }
    }
}

/// The end of an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tip {
    /// An arrowhead: the message arrived.
    Head,
    /// A cross: the message was lost.
    Cross,
    /// The resource refused the write.
    Refused,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ArrowShape {
    pub message: MessageRecord,
    /// The line of its send.
    pub sent_seq: u64,
    /// The line of its end.
    pub seq: u64,
    pub from: Point,
    pub to: Point,
    pub tip: Tip,
    /// Whether the network made the message by duplicating another one.
    pub is_copy: bool,
    /// Its name. `None` if it does not fit.
    pub name: Option<Label>,
    pub light: Light,
    /// Whether it is selected or pointed at.
    pub pinned: bool,
    /// Whether the node that is pointed at sent or received it.
    pub belongs: bool,
}

/// An event that ticks the logical clock.
#[derive(Clone, Debug, PartialEq)]
pub struct DotShape {
    /// Its line in the trace.
    pub seq: u64,
    pub node: NodeId,
    pub at: Point,
    pub stamp: Stamp,
    /// The family of its message. `None` for a local event.
    pub traffic: Option<Traffic>,
    /// Its stamp as text. `None` if it does not fit.
    pub label: Option<Label>,
    pub light: Light,
    /// Whether it is pointed at.
    pub hovered: bool,
    /// Whether it is selected or pointed at.
    pub pinned: bool,
    /// Whether it belongs to the node that is pointed at.
    pub belongs: bool,
}

/// A shown event that does not tick the logical clock.
#[derive(Clone, Debug, PartialEq)]
pub struct SignShape {
    /// Its line in the trace.
    pub seq: u64,
    pub at: Point,
    pub kind: SignKind,
    /// The text beside the sign. `None` if it has none or it does not fit.
    pub label: Option<Label>,
    /// Whether it is selected or pointed at.
    pub pointed: bool,
    /// Whether it belongs to the node that is pointed at.
    pub belongs: bool,
}

/// A period on a node's line.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanShape {
    pub kind: SpanKind,
    pub from: f64,
    /// The right end. `None` while the period lasts.
    pub to: Option<f64>,
    pub y: f64,
    /// The text beside the period, such as a token. `None` if it has none or it does not fit.
    pub label: Option<Label>,
}

/// The visible part of the diagram.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// Periods are drawn below everything else.
    pub spans: Vec<SpanShape>,
    pub arrows: Vec<ArrowShape>,
    pub signs: Vec<SignShape>,
    pub dots: Vec<DotShape>,
    /// The instants of the time labels, in microseconds.
    pub ticks: Vec<u64>,
    /// The areas that labels, events and signs occupy.
    pub taken: Taken,
}

/// The visible range, the selection, and what the labels need.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The left edge of the visible part.
    pub left: f64,
    /// The right edge of the visible part.
    pub right: f64,
    /// The kind of stamp beside events.
    pub stamps: Stamps,
    /// The line of the selected event.
    pub selected: Option<u64>,
    /// The thing under the pointer.
    pub hovered: Option<Pointed>,
    /// For the widths of texts.
    pub face: &'a Face,
    /// The text at a refused write.
    pub refused: &'a str,
    /// The number of nodes, which is the length of a vector stamp.
    pub nodes: u8,
}

impl Scene {
    /// The part of `index` between the edges.
    pub fn new(index: &Index, trace: &[TraceEvent], scale: &Scale, look: &Look<'_>) -> Self {
        let first_us = scale.instant(look.left);
        let last_us = scale.instant(look.right);
        let selected = look.selected.and_then(|seq| trace.get(usize::try_from(seq).ok()?));
        let light = |seq: u64| light(selected, trace, seq);
        let seen = |spot: Spot| spot.at_us <= last_us && scale.x(spot) >= look.left;

        let earliest = first_us.saturating_sub(index.longest_us());
        let begin = index.arrows().partition_point(|arrow| arrow.sent.at_us < earliest);
        let arrows = index.arrows()[begin..]
            .iter()
            .take_while(|arrow| arrow.sent.at_us <= last_us)
            .filter_map(|arrow| shape_arrow(arrow, scale, look, &light))
            .filter(|arrow| arrow.to.x.max(arrow.from.x) >= look.left);
        let margin = first_us.saturating_sub(scale.instant(200.0));
        let begin = index.dots().partition_point(|dot| dot.spot.at_us < margin);
        let dots = index.dots()[begin..].iter().take_while(|dot| dot.spot.at_us <= last_us);
        let dots = dots.map(|dot| shape_dot(dot, scale, look, &light));
        let signs = index.signs().iter().filter(|sign| seen(sign.spot)).map(|sign| SignShape {
            seq: sign.seq,
            at: Point::new(scale.x(sign.spot), sign_y(sign.kind, sign.node, scale)),
            kind: sign.kind,
            label: None,
            pointed: look.selected == Some(sign.seq)
                || look.hovered == Some(Pointed::Event(sign.seq)),
            belongs: look.hovered == Some(Pointed::Node(sign.node)),
        });
        let is_seen = |span: &&Span| {
            span.from.at_us <= last_us && span.to.is_none_or(|to| to.at_us >= first_us)
        };
        let tick = scale.tick_us();
        let mut spans: Vec<_> =
            index.spans().iter().filter(is_seen).map(|span| shape_span(span, scale)).collect();
        let (mut arrows, mut signs, mut dots): (Vec<_>, Vec<_>, Vec<_>) =
            (arrows.collect(), signs.collect(), dots.collect());
        let shapes =
            Shapes { arrows: &mut arrows, signs: &mut signs, dots: &mut dots, spans: &mut spans };
        let taken = label(shapes, scale, look);
        let ticks = (first_us / tick..=last_us / tick).map(|count| count * tick).collect();
        Self { spans, arrows, signs, dots, ticks, taken }
    }
}

/// The relation of the line `seq` to the selected one.
pub fn light(selected: Option<&TraceEvent>, trace: &[TraceEvent], seq: u64) -> Light {
    let other = usize::try_from(seq).ok().and_then(|place| trace.get(place));
    let (Some(selected), Some(other)) = (selected, other) else { return Light::Plain };
    match relation(selected, other) {
        Some(Causality::Same) => Light::Selected,
        Some(Causality::Before) => Light::Past,
        Some(Causality::After) => Light::Future,
        Some(Causality::Concurrent) | None => Light::Concurrent,
    }
}

fn shape_arrow(
    arrow: &Arrow,
    scale: &Scale,
    look: &Look<'_>,
    light: &impl Fn(u64) -> Light,
) -> Option<ArrowShape> {
    let (end, fate) = arrow.end?;
    let from = Point::new(scale.x(arrow.sent), scale.y(arrow.message.id.from));
    let lane = receiver(arrow).map_or(scale.resource_y(), |node| scale.y(node));
    let to = Point::new(scale.x(end), lane);
    let (to, seq, tip) = match fate {
        Fate::Arrived { seq } => (to, seq, Tip::Head),
        Fate::Refused { seq } => (to, seq, Tip::Refused),
        Fate::Died { share, seq } => {
            (Point::new(to.x, from.y + (lane - from.y) * share), seq, Tip::Cross)
        }
    };
    let light = match (light(arrow.sent_seq), light(seq)) {
        (Light::Plain, _) => Light::Plain,
        // An arrow is in the past if its end is, and in the future if its beginning is.
        (_, Light::Past | Light::Selected) if tip != Tip::Cross => Light::Past,
        (Light::Future | Light::Selected, _) => Light::Future,
        _ => Light::Concurrent,
    };
    let Arrow { message, sent_seq, is_copy, .. } = *arrow;
    let hovered = match look.hovered {
        Some(Pointed::Event(event)) => event == sent_seq || event == seq,
        Some(Pointed::Message(id)) => id == message.id,
        Some(Pointed::Node(_)) | None => false,
    };
    let is_end = |event: u64| event == sent_seq || event == seq;
    let ends = [Some(message.id.from), receiver(arrow)];
    let belongs = |node| ends.contains(&Some(node));
    Some(ArrowShape {
        message,
        sent_seq,
        seq,
        from,
        to,
        tip,
        is_copy,
        name: None,
        light,
        pinned: hovered || look.selected.is_some_and(is_end),
        belongs: matches!(look.hovered, Some(Pointed::Node(node)) if belongs(node)),
    })
}

fn shape_span(span: &Span, scale: &Scale) -> SpanShape {
    SpanShape {
        kind: span.kind,
        from: scale.x(span.from),
        to: span.to.map(|to| scale.x(to)),
        y: scale.y(span.node),
        label: None,
    }
}

fn sign_y(kind: SignKind, node: NodeId, scale: &Scale) -> f64 {
    match kind {
        SignKind::Write | SignKind::Refused => scale.resource_y(),
        SignKind::Crash
        | SignKind::Stop
        | SignKind::Restart
        | SignKind::Timeout
        | SignKind::Violation => scale.y(node),
    }
}

/// A dot without its stamp.
fn shape_dot(dot: &Dot, scale: &Scale, look: &Look<'_>, light: &impl Fn(u64) -> Light) -> DotShape {
    let light = light(dot.seq);
    let hovered = look.hovered == Some(Pointed::Event(dot.seq));
    DotShape {
        seq: dot.seq,
        node: dot.node,
        at: Point::new(scale.x(dot.spot), scale.y(dot.node)),
        stamp: dot.stamp,
        traffic: dot.traffic,
        label: None,
        light,
        hovered,
        pinned: hovered || light == Light::Selected,
        belongs: look.hovered == Some(Pointed::Node(dot.node)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::px::{Rect, Size};
    use crate::watched::Watched;
    use antes_core::{Algorithm, ClusterSize};
    use antes_sim::scenario::{Action, Latency, Scenario, Step};
    use core::time::Duration;

    fn look(face: &Face, selected: Option<u64>) -> Look<'_> {
        let (stamps, hovered, refused) = (Stamps::Lamport, None, "refused");
        Look { left: 0.0, right: 700.0, stamps, selected, hovered, face, refused, nodes: 4 }
    }

    fn scene(at_us: u64, left: f64, selected: Option<u64>) -> Scene {
        let mut watched = Watched::new(Algorithm::Leader);
        let latency = watched.run.scenario().network.latency;
        watched.seek(700_000);
        watched.act(Action::Crash(NodeId::new(4).unwrap()));
        watched.seek(at_us);
        let mut index = Index::default();
        watched.read_by(&mut index);
        let scale = Scale::new(Size { width: 700.0, height: 320.0 }, 4, false, latency, 0);
        let face = Face::guessed(12.5);
        let look = Look { left, right: left + 700.0, ..look(&face, selected) };
        Scene::new(&index, watched.run.trace(), &scale, &look)
    }

    #[test]
    fn only_what_is_visible_is_drawn() {
        let early = scene(20_000_000, 0.0, None);
        let late = scene(20_000_000, 9_000.0, None);
        assert!(early.arrows.len() < 30 && !late.arrows.is_empty());
        assert!(late.dots.iter().all(|dot| dot.at.x > 8_700.0));
    }

    #[test]
    fn arrows_point_forwards_in_time() {
        let scene = scene(5_000_000, 0.0, None);
        assert!(scene.arrows.iter().all(|arrow| arrow.to.x > arrow.from.x));
    }

    #[test]
    fn past_future_and_concurrent_are_told_apart() {
        // The send of the first heartbeat is only in the past of its receivers.
        let plain = scene(5_000_000, 0.0, None);
        assert!(plain.dots.iter().all(|dot| dot.light == Light::Plain));
        let first = plain.dots[0].seq;
        let lit = scene(5_000_000, 0.0, Some(first));
        assert_eq!(lit.dots[0].light, Light::Selected);
        assert!(lit.dots[1..].iter().all(|dot| dot.light == Light::Future));
    }

    /// The areas of the labels in a scene.
    fn labels(scene: &Scene, face: &Face) -> Vec<(String, Rect)> {
        let dots = scene.dots.iter().filter_map(|dot| dot.label.as_ref());
        let arrows = scene.arrows.iter().filter_map(|arrow| arrow.name.as_ref());
        let rect = |label: &Label| {
            let middle = Point::new(label.at.x, label.at.y + (face.below() - face.above()) / 2.0);
            let height = face.above() + face.below();
            (label.text.clone(), Rect::around(middle, face.width(&label.text), height))
        };
        dots.chain(arrows).map(rect).collect()
    }

    #[test]
    fn no_label_lies_on_another_one() {
        let face = Face::guessed(12.5);
        for (at_us, left) in [(2_350_000, 900.0), (5_000_000, 400.0), (20_000_000, 9_000.0)] {
            let labels = labels(&scene(at_us, left, None), &face);
            assert!(labels.len() > 5, "{} labels", labels.len());
            for (place, (text, rect)) in labels.iter().enumerate() {
                for (other, beside) in &labels[place + 1..] {
                    assert!(!rect.overlaps(beside), "{text} and {other} at {at_us}");
                }
            }
        }
    }

    /// Eight nodes with this many messages on their way, which take two seconds each.
    fn crowd(flying: u32) -> Scene {
        let eight = ClusterSize::new(8).unwrap();
        let mut scenario = Scenario::new(Algorithm::Clock, eight);
        scenario.network.latency = Latency::Fixed(Duration::from_secs(2));
        let ids: Vec<NodeId> = eight.nodes().collect();
        for place in 0..3 * flying as usize {
            let (from, to) = (ids[place % 8], ids[(place + 1 + place / 8 % 7) % 8]);
            let at = Duration::from_secs(2) / flying * place as u32;
            scenario.steps.push(Step::new(at, 0, Action::Send { from, to, latency: None }));
        }
        let latency = scenario.network.latency;
        let mut watched = Watched::of(scenario);
        watched.seek(5_000_000);
        let mut index = Index::default();
        watched.read_by(&mut index);
        let scale = Scale::new(Size { width: 700.0, height: 900.0 }, 8, false, latency, 0);
        let right = scale.x_of(5_000_000);
        let face = Face::guessed(12.5);
        let look = Look { left: right - 700.0, right, nodes: 8, ..look(&face, None) };
        Scene::new(&index, watched.run.trace(), &scale, &look)
    }

    #[test]
    fn the_search_for_places_takes_no_longer_for_each_shape_if_there_are_many() {
        let effort = |flying: u32| {
            let scene = crowd(flying);
            let named = scene.arrows.iter().filter(|arrow| arrow.name.is_some()).count();
            let shapes = scene.arrows.len() + scene.dots.len();
            println!("{flying} {named} {shapes} {}", scene.taken.compared.get());
            (named, shapes, scene.taken.compared.get())
        };
        let (few, many) = (effort(50), effort(1_000));
        assert!(few.0 > 10 && many.0 > 5, "{few:?} {many:?}");
        assert!(many.1 > 10 * few.1, "{few:?} {many:?}");
        assert!(many.2 * few.1 <= few.2 * many.1, "{few:?} {many:?}");
    }

    #[test]
    fn the_selection_has_its_stamp_and_its_name() {
        let plain = scene(5_000_000, 0.0, None);
        for arrow in plain.arrows.iter().take(40) {
            let scene = scene(5_000_000, 0.0, Some(arrow.seq));
            let find = |it: &&ArrowShape| it.seq == arrow.seq && it.sent_seq == arrow.sent_seq;
            let name = scene.arrows.iter().find(find).unwrap().name.as_ref().unwrap();
            assert_eq!(name.text, arrow.message.content.name());
            let selected = scene.dots.iter().find(|dot| dot.seq == arrow.seq);
            assert!(selected.is_none_or(|dot| dot.label.is_some()));
        }
    }
}
