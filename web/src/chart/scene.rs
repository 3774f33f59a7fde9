//! The visible part of the diagram, as shapes. Lengths are from the beginning of the run; the
//! view moves all of it as the run goes on.

use antes_core::{Causality, MAX_NODES, NodeId, Stamp, Traffic};
use antes_sim::trace::{MessageId, MessageRecord, TraceEvent};

use crate::address::Stamps;
use crate::causality::relation;
use crate::chart::index::{Arrow, Dot, Fate, Index, SignKind, Span, SpanKind, Spot, receiver};
use crate::chart::scale::Scale;
use crate::px::Point;

/// How something relates to the selected event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Light {
    /// Nothing is selected.
    #[default]
    Plain,
    /// It is the selected one.
    Selected,
    /// It happened before.
    Past,
    /// It happened after.
    Future,
    /// It did neither.
    Concurrent,
}

impl Light {
    /// Its class, if any.
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

/// An arrow.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrowShape {
    /// The message.
    pub message: MessageRecord,
    /// The line of its send.
    pub sent_seq: u64,
    /// The line of its end.
    pub seq: u64,
    /// Where it begins.
    pub from: Point,
    /// Where it ends.
    pub to: Point,
    /// Whether it ends in a cross.
    pub died: bool,
    /// Whether it is a copy that the network made.
    pub is_copy: bool,
    /// How it relates to the selected event.
    pub light: Light,
}

/// An event of logical time.
#[derive(Clone, Debug, PartialEq)]
pub struct DotShape {
    /// Its line.
    pub seq: u64,
    /// Where it is.
    pub at: Point,
    /// The family of its message; none for a local event.
    pub traffic: Option<Traffic>,
    /// Its stamp, where there is room for it.
    pub label: Option<String>,
    /// How it relates to the selected event.
    pub light: Light,
    /// Whether it is pointed at.
    pub hovered: bool,
}

/// A sign.
#[derive(Clone, Debug, PartialEq)]
pub struct SignShape {
    /// Its line.
    pub seq: u64,
    /// Where it is.
    pub at: Point,
    /// What it stands for.
    pub kind: SignKind,
    /// Whether it is selected or pointed at.
    pub pointed: bool,
}

/// A stretch of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanShape {
    /// What it stands for.
    pub kind: SpanKind,
    /// Its left end.
    pub from: f64,
    /// Its right end; none as long as it lasts.
    pub to: Option<f64>,
    /// Its height.
    pub y: f64,
}

/// What is visible.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Stretches, to be drawn first.
    pub spans: Vec<SpanShape>,
    /// Arrows.
    pub arrows: Vec<ArrowShape>,
    /// Signs.
    pub signs: Vec<SignShape>,
    /// Events of logical time.
    pub dots: Vec<DotShape>,
    /// Round instants, in microseconds.
    pub ticks: Vec<u64>,
}

/// What decides how the scene looks, besides the trace.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The left edge.
    pub left: f64,
    /// The right edge.
    pub right: f64,
    /// Which stamps are written.
    pub stamps: Stamps,
    /// The selected event.
    pub selected: Option<u64>,
    /// The event that is pointed at.
    pub hovered: Option<u64>,
    /// How many nodes there are: the length of a vector stamp.
    pub nodes: u8,
}

impl Scene {
    /// The part of `index` that lies between the edges.
    pub fn new(index: &Index, trace: &[TraceEvent], scale: &Scale, look: &Look) -> Self {
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
            .filter_map(|arrow| shape_arrow(arrow, scale, &light))
            .filter(|arrow| arrow.to.x.max(arrow.from.x) >= look.left);
        let margin = first_us.saturating_sub(scale.instant(200.0));
        let begin = index.dots().partition_point(|dot| dot.spot.at_us < margin);
        let dots = index.dots()[begin..].iter().take_while(|dot| dot.spot.at_us <= last_us);
        let signs = index.signs().iter().filter(|sign| seen(sign.spot)).map(|sign| SignShape {
            seq: sign.seq,
            at: Point::new(scale.x(sign.spot), sign_y(sign.kind, sign.node, scale)),
            kind: sign.kind,
            pointed: look.selected == Some(sign.seq) || look.hovered == Some(sign.seq),
        });
        let is_seen = |span: &&Span| {
            span.from.at_us <= last_us && span.to.is_none_or(|to| to.at_us >= first_us)
        };
        let tick = scale.tick_us();
        Self {
            spans: index
                .spans()
                .iter()
                .filter(is_seen)
                .map(|span| shape_span(span, scale))
                .collect(),
            arrows: arrows.collect(),
            signs: signs.collect(),
            dots: label(dots, scale, look, &light),
            ticks: (first_us / tick..=last_us / tick).map(|count| count * tick).collect(),
        }
    }
}

fn light(selected: Option<&TraceEvent>, trace: &[TraceEvent], seq: u64) -> Light {
    let other = usize::try_from(seq).ok().and_then(|place| trace.get(place));
    let (Some(selected), Some(other)) = (selected, other) else { return Light::Plain };
    match relation(selected, other) {
        Some(Causality::Same) => Light::Selected,
        Some(Causality::Before) => Light::Past,
        Some(Causality::After) => Light::Future,
        Some(Causality::Concurrent) | None => Light::Concurrent,
    }
}

fn shape_arrow(arrow: &Arrow, scale: &Scale, light: &impl Fn(u64) -> Light) -> Option<ArrowShape> {
    let (end, fate) = arrow.end?;
    let from = Point::new(scale.x(arrow.sent), scale.y(arrow.message.id.from));
    let lane = receiver(arrow).map_or(scale.resource_y(), |node| scale.y(node));
    let to = Point::new(scale.x(end), lane);
    let (to, seq, died) = match fate {
        Fate::Arrived { seq } => (to, seq, false),
        Fate::Died { share, seq } => {
            (Point::new(to.x, from.y + (lane - from.y) * share), seq, true)
        }
    };
    let light = match (light(arrow.sent_seq), light(seq)) {
        (Light::Plain, _) => Light::Plain,
        // A way belongs to the past if its end does, and to the future if its beginning does.
        (_, Light::Past | Light::Selected) if !died => Light::Past,
        (Light::Future | Light::Selected, _) => Light::Future,
        _ => Light::Concurrent,
    };
    let Arrow { message, sent_seq, is_copy, .. } = *arrow;
    Some(ArrowShape { message, sent_seq, seq, from, to, died, is_copy, light })
}

fn shape_span(span: &Span, scale: &Scale) -> SpanShape {
    SpanShape {
        kind: span.kind,
        from: scale.x(span.from),
        to: span.to.map(|to| scale.x(to)),
        y: scale.y(span.node),
    }
}

fn sign_y(kind: SignKind, node: NodeId, scale: &Scale) -> f64 {
    match kind {
        SignKind::Write => scale.resource_y(),
        SignKind::Crash | SignKind::Restart | SignKind::Timeout | SignKind::Violation => {
            scale.y(node)
        }
    }
}

/// The dots, with stamps at those that leave room for them. What is selected or pointed at always
/// has its own.
fn label<'a>(
    dots: impl Iterator<Item = &'a Dot>,
    scale: &Scale,
    look: &Look,
    light: &impl Fn(u64) -> Light,
) -> Vec<DotShape> {
    let mut free_from = [f64::NEG_INFINITY; MAX_NODES as usize];
    let mut labelled = [0; MAX_NODES as usize];
    let mut shapes: Vec<DotShape> = Vec::new();
    for dot in dots {
        let x = scale.x(dot.spot);
        let text = stamp(&dot.stamp, look);
        let half = text.chars().count() as f64 * 3.7 + 1.0;
        let light = light(dot.seq);
        let hovered = look.hovered == Some(dot.seq);
        let pointed = hovered || light == Light::Selected;
        let quiet = dot.traffic == Some(Traffic::Heartbeat) && scale.rank_px < 10.0;
        let free = &mut free_from[dot.node.index()];
        let label = pointed || (x - half >= *free && !quiet);
        if label {
            if let (true, Some(before)) =
                (x - half < *free, shapes.get_mut(labelled[dot.node.index()]))
            {
                // The one that is pointed at takes the room of the one before.
                before.label = None;
            }
            *free = x + half;
            labelled[dot.node.index()] = shapes.len();
        }
        shapes.push(DotShape {
            seq: dot.seq,
            at: Point::new(x, scale.y(dot.node)),
            traffic: dot.traffic,
            label: label.then_some(text),
            light,
            hovered,
        });
    }
    shapes
}

/// A stamp as text: `6`, or `(2,0,3,1)`.
pub fn stamp(stamp: &Stamp, look: &Look) -> String {
    match look.stamps {
        Stamps::Lamport => stamp.lamport.to_string(),
        Stamps::Vector => vector(stamp, look.nodes),
    }
}

/// A vector stamp of so many nodes.
pub fn vector(stamp: &Stamp, nodes: u8) -> String {
    let counts = &stamp.vector.counts()[..usize::from(nodes)];
    let counts: Vec<_> = counts.iter().map(u64::to_string).collect();
    ["(", &counts.join(","), ")"].concat()
}

/// A message on its way: how far its arrow has grown.
#[derive(Clone, Debug, PartialEq)]
pub struct Growing {
    /// The message.
    pub message: MessageRecord,
    /// Where it begins.
    pub from: Point,
    /// How far it is.
    pub to: Point,
}

/// The arrows of messages on their way: they grow up to the cursor. `progress` tells how far each
/// is; one that has landed at a node that is paused waits at its line.
pub fn growing(
    index: &Index,
    scale: &Scale,
    cursor: f64,
    progress: impl Fn(MessageId) -> f64,
) -> Vec<Growing> {
    let grow = |arrow: &Arrow| {
        let from = Point::new(scale.x(arrow.sent), scale.y(arrow.message.id.from));
        let lane = receiver(arrow).map_or(scale.resource_y(), |node| scale.y(node));
        let share = progress(arrow.message.id);
        let to = Point::new(cursor.max(from.x), from.y + (lane - from.y) * share);
        Growing { message: arrow.message, from, to }
    };
    index.open().map(grow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Player;
    use crate::px::Size;
    use crate::speed::Speed;
    use antes_core::{Algorithm, ClusterSize};
    use antes_sim::scenario::{Action, Scenario};

    fn look(selected: Option<u64>) -> Look {
        let (stamps, hovered) = (Stamps::Lamport, None);
        Look { left: 0.0, right: 700.0, stamps, selected, hovered, nodes: 4 }
    }

    fn scene(at_us: u64, left: f64, selected: Option<u64>) -> Scene {
        let scenario = Scenario::new(Algorithm::Leader, ClusterSize::new(4).unwrap());
        let latency = scenario.network.latency;
        let mut player = Player::new(scenario, &[], Speed::DEFAULT);
        player.seek(700_000);
        player.act(Action::Crash(NodeId::new(4).unwrap()));
        player.seek(at_us);
        let mut index = Index::default();
        index.read(player.run().trace(), player.generation(), player.outlook());
        let scale = Scale::new(Size { width: 700.0, height: 320.0 }, 4, false, latency, 0);
        let look = Look { left, right: left + 700.0, ..look(selected) };
        Scene::new(&index, player.run().trace(), &scale, &look)
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
        // The first heartbeat: its send is in nobody's past but its receivers'.
        let plain = scene(5_000_000, 0.0, None);
        assert!(plain.dots.iter().all(|dot| dot.light == Light::Plain));
        let first = plain.dots[0].seq;
        let lit = scene(5_000_000, 0.0, Some(first));
        assert_eq!(lit.dots[0].light, Light::Selected);
        assert!(lit.dots[1..].iter().all(|dot| dot.light == Light::Future));
    }

    #[test]
    fn stamps_of_one_line_do_not_overlap() {
        let scene = scene(5_000_000, 400.0, None);
        for y in scene.dots.iter().map(|dot| dot.at.y) {
            let labelled: Vec<_> = scene
                .dots
                .iter()
                .filter(|dot| dot.at.y == y)
                .filter_map(|dot| Some((dot.at.x, dot.label.as_ref()?.len() as f64 * 3.7)))
                .collect();
            assert!(labelled.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0 - pair[1].1));
        }
    }
}
