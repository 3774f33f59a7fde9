//! The visible part of the diagram, as shapes. Positions count from the beginning of the run; the view shifts
//! the whole drawing as the run goes on.

use antes_core::{Causality, NodeId, Traffic};
use antes_sim::scenario::Stamps;
use antes_sim::trace::{LineStamp, MessageRecord, TraceEvent};

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
    pub stamp: LineStamp,
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
        stamp: dot.stamp.clone(),
        traffic: dot.traffic,
        label: None,
        light,
        hovered,
        pinned: hovered || light == Light::Selected,
        belongs: look.hovered == Some(Pointed::Node(dot.node)),
    }
}

#[cfg(test)]
mod tests;
