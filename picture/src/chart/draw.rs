//! Draws the shapes of the space-time diagram as elements.

use antes_core::{ClusterSize, NodeId, Traffic};
use antes_sim::trace::{MessageRecord, Recipient};

use crate::chart::growing::{Growing, MAX_NAMED};
use crate::chart::index::{SignKind, SpanKind};
use crate::chart::labels::Label;
use crate::chart::scale::{GUTTER, Scale};
use crate::chart::scene::{ArrowShape, DotShape, Light, SignShape, SpanShape, Tip};
use crate::element::Element;
use crate::look::{self, classes, when};
use crate::px::{Path, Point, line, moved_to, px, within};

/// The smallest distance between a time label and the one at the cursor.
const TICK_ROOM_PX: f64 = 66.0;

/// The smallest distance between a time label and the diagram's edges.
const TICK_EDGE_PX: f64 = 22.0;

/// The part of the diagram that changes while time passes.
pub struct Frame<'a> {
    /// Periods on the nodes' lines.
    pub spans: &'a [SpanShape],
    /// The instants of the time labels, in microseconds.
    pub ticks: &'a [u64],
    pub growing: &'a [Growing],
    pub scale: Scale,
    /// The left edge of the visible part.
    pub left: f64,
    /// The position of the cursor.
    pub cursor: f64,
    /// The shown moment, in microseconds.
    pub now_us: u64,
    pub nodes: ClusterSize,
    /// Whether the resource has a line.
    pub has_resource: bool,
    /// Writes an instant, given in microseconds, for the axis.
    pub tell: &'a dyn Fn(u64) -> String,
}

/// The smallest distance between the names of two lines, in pixels.
const NAME_PX: f64 = 12.0;

/// The names of the lines, at their left ends. Where lines are close, only some have names.
pub fn names(frame: &Frame<'_>) -> Vec<Element> {
    // Two digits are wider.
    let end = GUTTER - if frame.nodes.get() > 9 { 11.0 } else { 16.0 };
    let name = |class: &'static str, y: f64, name: String| {
        let text = Element::new("text").wearing(&[class]);
        let text = text.with("x", px(end)).with("y", px(y + 5.0));
        text.with("text-anchor", "end").saying(name)
    };
    let scale = &frame.scale;
    let mut last_y = f64::NEG_INFINITY;
    let has_room = |node: &NodeId| {
        let y = scale.y(*node);
        let fits =
            y - last_y >= NAME_PX && (!frame.has_resource || scale.resource_y() - y >= NAME_PX);
        if fits {
            last_y = y;
        }
        fits
    };
    let lanes = frame.nodes.nodes().filter(has_room);
    let names = lanes.map(|node| name("lane-name", scale.y(node), node.to_string()));
    let resource = frame.has_resource;
    let resource = resource.then(|| name("lane-name resource", scale.resource_y(), "R".to_owned()));
    names.chain(resource).collect()
}

/// The layer below the events: lines, time labels, and periods on the lines.
pub fn below(frame: &Frame<'_>) -> Vec<Element> {
    let Frame { spans, ticks, scale, cursor, left, now_us, .. } = frame;
    let has_room = |tick: &&u64| {
        let x = scale.x_of(**tick);
        // Many events of one instant move the cursor past the places of later instants.
        (x > *cursor) == (*tick > now_us)
            && (x - cursor).abs() > TICK_ROOM_PX
            && (TICK_EDGE_PX..scale.inner_width() - TICK_EDGE_PX).contains(&(x - left))
    };
    let ticks = ticks.iter().filter(has_room);
    let ticks = ticks.map(|&tick| draw_tick(tick, scale, (frame.tell)(tick)));
    let spans = spans.iter().map(|span| draw_span(span, *cursor));
    let hidden = |names: &[&str]| Element::group(names).with("aria-hidden", "true");
    let mut drawn = lanes(frame);
    drawn.extend([hidden(&["ticks"]).holding(ticks), hidden(&[]).holding(spans)]);
    drawn
}

/// The layer above the events: messages on their way, and the cursor.
pub fn above(frame: &Frame<'_>) -> [Element; 2] {
    [growing(frame.growing), cursor_line(frame)]
}

fn lanes(frame: &Frame<'_>) -> Vec<Element> {
    let scale = &frame.scale;
    let right = frame.left + scale.inner_width();
    let mut lines: Vec<f64> = frame.nodes.nodes().map(|node| scale.y(node)).collect();
    if frame.has_resource {
        lines.push(scale.resource_y());
    }
    let upto = within(frame.cursor, 0.0, right);
    let all = |from: f64, to: f64| -> String {
        lines.iter().map(|&y| line(Point::new(from, y), Point::new(to, y))).collect()
    };
    vec![
        Element::path("lane ahead", all(upto, right.max(upto))),
        Element::path("lane", all(0.0, upto)),
    ]
}

fn cursor_line(frame: &Frame<'_>) -> Element {
    let (scale, cursor) = (&frame.scale, frame.cursor);
    let (top, bottom) = (scale.top() - 22.0, scale.bottom() + 12.0);
    let label = (frame.tell)(frame.now_us);
    let half = label.chars().count() as f64 * 3.7 + 8.0;
    // At the beginning of the run, the label would be outside the diagram, so it moves to the right of the
    // line.
    let middle = within(half - cursor + frame.left, 0.0, half);
    let frame = Element::new("rect").with("x", px(middle - half)).with("y", px(bottom));
    let frame = frame.with("width", px(half * 2.0)).with("height", "22").with("rx", "6");
    Element::group(&["cursor"])
        .with("transform", moved_to(Point::new(cursor, 0.0)))
        .with("aria-hidden", "true")
        .holding([
            Element::path("", line(Point::new(0.0, top), Point::new(0.0, bottom))),
            frame,
            Element::text("", Point::new(middle, bottom + 15.5), label),
        ])
}

/// The arrows of messages on their way. There may be hundreds, and all change in each frame, so all arrows
/// with the same appearance are one path.
fn growing(grown: &[Growing]) -> Element {
    let mut groups: Vec<((Traffic, bool, Light), Path, Path)> = Vec::new();
    for Growing { message, from, to, light, .. } in grown {
        let looks = (message.content.traffic(), message.content.is_reply(), *light);
        let place = groups.iter().position(|(alike, ..)| *alike == looks).unwrap_or_else(|| {
            groups.push((looks, Path::default(), Path::default()));
            groups.len() - 1
        });
        let (_, shafts, heads) = &mut groups[place];
        shafts.line(*from, *to);
        head(heads, *from, *to);
    }
    let alike = |(looks, shafts, heads): ((Traffic, bool, Light), Path, Path)| {
        let (traffic, is_reply, light) = looks;
        let class =
            classes(&["arrow", look::class(traffic), when(is_reply, "reply"), light.class()]);
        Element::new("g")
            .with("class", class)
            .holding([Element::path("shaft", shafts.0), Element::path("head", heads.0)])
    };
    let has_few = grown.len() <= MAX_NAMED;
    Element::group(&["growing"])
        .with("aria-hidden", "true")
        .holding(groups.into_iter().map(alike))
        .holding(grown.iter().filter(|arrow| has_few || arrow.pinned).map(reached))
}

/// The clickable area of a growing arrow, and its name.
fn reached(arrow: &Growing) -> Element {
    let (content, seq) = (&arrow.message.content, arrow.sent_seq.to_string());
    Element::group(&["arrow", look::class(content.traffic()), arrow.light.class()])
        .with("data-event", seq.clone())
        .with("data-action", "select")
        .with("data-about", seq)
        .holding([title(&arrow.message), Element::path("hit", line(arrow.from, arrow.to))])
        .holding(arrow.name.as_ref().map(written))
}

/// A message as a tooltip: `OK 3 → 1`.
fn title(message: &MessageRecord) -> Element {
    let (name, from) = (message.content.name(), message.id.from);
    Element::new("title").saying(match message.to {
        Recipient::Node(to) => format!("{name} {from} → {to}"),
        Recipient::Resource => format!("{name} {from}"),
    })
}

fn draw_tick(tick: u64, scale: &Scale, told: String) -> Element {
    let at = Point::new(scale.x_of(tick), scale.bottom() + 28.0);
    Element::text("", at, told)
}

fn draw_span(span: &SpanShape, cursor: f64) -> Element {
    let width = (span.to.unwrap_or(cursor) - span.from).max(0.0);
    let (class, half) = match span.kind {
        SpanKind::Leads => ("leads", 11.0),
        SpanKind::Holds { .. } => ("holds", 5.0),
        SpanKind::Down => ("down", 4.0),
        SpanKind::Paused => ("frozen", 4.0),
    };
    let end = span.from + width;
    let dotted = || line(Point::new(span.from, span.y), Point::new(end, span.y));
    let is_dotted = matches!(span.kind, SpanKind::Down | SpanKind::Paused);
    let bar = Element::new("rect").with("x", px(span.from)).with("y", px(span.y - half));
    let bar = bar.with("width", px(width)).with("height", px(half * 2.0)).with("rx", "3");
    Element::group(&["span", class])
        .holding([bar])
        .holding(is_dotted.then(|| Element::path("", dotted())))
        .holding(span.label.as_ref().map(written))
}

/// A part of the diagram that changes only with events.
#[derive(Clone, Debug, PartialEq)]
pub enum Still {
    Arrow(ArrowShape),
    Sign(SignShape),
    Dot(DotShape),
}

/// All parts in drawing order, which is also the order of their keys: arrows, above them signs, above them
/// dots.
pub fn stills(
    arrows: Vec<ArrowShape>,
    signs: Vec<SignShape>,
    dots: Vec<DotShape>,
) -> impl Iterator<Item = (u64, Still)> {
    // Traces have far fewer than 2^48 lines.
    let above = |layer: u64, seq: u64| layer << 48 | seq;
    let arrows = arrows.into_iter().map(|arrow| (arrow.sent_seq, Still::Arrow(arrow)));
    let signs = signs.into_iter().map(move |sign| (above(1, sign.seq), Still::Sign(sign)));
    let dots = dots.into_iter().map(move |dot| (above(2, dot.seq), Still::Dot(dot)));
    arrows.chain(signs).chain(dots)
}

impl Still {
    /// The line of the trace that it shows.
    pub const fn seq(&self) -> u64 {
        match self {
            Self::Arrow(arrow) => arrow.seq,
            Self::Sign(sign) => sign.seq,
            Self::Dot(dot) => dot.seq,
        }
    }

    /// The part as an element.
    pub fn drawn(&self) -> Element {
        match self {
            Self::Arrow(arrow) => draw_arrow(arrow),
            Self::Sign(sign) => draw_sign(sign),
            Self::Dot(dot) => draw_dot(dot),
        }
    }
}

fn draw_arrow(arrow: &ArrowShape) -> Element {
    let content = &arrow.message.content;
    let names = [
        "arrow",
        look::class(content.traffic()),
        when(content.is_reply(), "reply"),
        when(arrow.is_copy, "copy"),
        when(arrow.tip == Tip::Refused, "refused"),
        when(arrow.belongs, "belongs"),
        arrow.light.class(),
    ];
    let mut tip = Path::default();
    let end = match arrow.tip {
        Tip::Head => {
            head(&mut tip, arrow.from, arrow.to);
            "head"
        }
        Tip::Cross => {
            cross(&mut tip, arrow.to, 4.5);
            "cross"
        }
        // The write's sign already shows the cross.
        Tip::Refused => "cross",
    };
    let shaft = line(arrow.from, arrow.to);
    Element::group(&names)
        .holding([
            title(&arrow.message),
            Element::path("hit", shaft.clone()),
            Element::path("shaft", shaft),
            Element::path(end, tip.0),
        ])
        .holding(arrow.name.as_ref().map(written))
}

fn draw_sign(sign: &SignShape) -> Element {
    let (class, x, y, way) = match sign.kind {
        SignKind::Crash => ("crash", -7.0, -7.0, "l14 14m0-14l-14 14"),
        SignKind::Stop => ("stop", -5.5, -5.5, "h11v11h-11z"),
        SignKind::Restart => ("restart", -4.0, -7.0, "l10 7-10 7z"),
        SignKind::Timeout => ("timeout", -4.0, 9.0, "h8l-8 9h8z"),
        SignKind::Write => ("write", -4.0, -4.0, "h8v8h-8z"),
        SignKind::Refused => ("refused", -6.0, -6.0, "l12 12m0-12l-12 12"),
        SignKind::Violation => ("violation", 0.0, -10.0, "l10 10-10 10-10-10zm0 5v5m0 3.5v1"),
    };
    let mut path = Path::default();
    path.go('M', Point::new(sign.at.x + x, sign.at.y + y));
    Element::group(&["sign", class, when(sign.pointed, "pointed"), when(sign.belongs, "belongs")])
        .holding(above_hit(sign.at, path.0 + way))
        .holding(sign.label.as_ref().map(written))
}

fn draw_dot(dot: &DotShape) -> Element {
    let names = [
        "dot",
        dot.traffic.map_or("local", look::class),
        dot.light.class(),
        when(dot.hovered, "hovered"),
        when(dot.belongs, "belongs"),
    ];
    let radius = match dot.light {
        Light::Selected => 7,
        Light::Concurrent => 4,
        Light::Plain | Light::Past | Light::Future if dot.hovered => 7,
        Light::Plain | Light::Past | Light::Future => 5,
    };
    let traffic = dot.traffic.unwrap_or(Traffic::Clock);
    Element::group(&names)
        .holding(above_hit(dot.at, look::shape(traffic, radius, dot.at)))
        .holding(dot.label.as_ref().map(written))
}

fn written(label: &Label) -> Element {
    Element::text("", label.at, label.text.clone())
}

/// A shape above a larger invisible one, so that a click close to it counts.
fn above_hit(at: Point, d: String) -> [Element; 2] {
    let hit = Element::circle("hit", 12.0).with("cx", px(at.x)).with("cy", px(at.y));
    [hit, Element::path("", d)]
}

/// An arrowhead at `to`, with a small gap to the dot there.
pub(crate) fn head(path: &mut Path, from: Point, to: Point) {
    let direction = from.direction(to);
    let tip = to.plus(direction, -4.0);
    let base = tip.plus(direction, -8.0);
    let aside = direction.right_hand();
    path.line(tip, base.plus(aside, 3.6));
    path.go('L', base.plus(aside, -3.6));
    path.0.push('Z');
}

fn cross(path: &mut Path, at: Point, half: f64) {
    let corner = |x: f64, y: f64| Point::new(at.x + x * half, at.y + y * half);
    path.line(corner(-1.0, -1.0), corner(1.0, 1.0));
    path.line(corner(-1.0, 1.0), corner(1.0, -1.0));
}
