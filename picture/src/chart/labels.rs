//! Places the labels of the diagram so that none covers another one, an event or a sign. Labels of the
//! selection and of what the pointer is at are placed first. Stamps, tokens and names of messages follow. A
//! label without a place is left out until it is selected or pointed at.

use antes_core::{ClusterSize, NodeId, Traffic};
use antes_sim::scenario::Stamps;
use antes_sim::trace::LineStamp;

use crate::chart::index::{SignKind, SpanKind};
use crate::chart::scale::Scale;
use crate::chart::scene::{ArrowShape, DotShape, Light, Look, SignShape, SpanShape};
pub use crate::chart::taken::{Label, Taken};
use crate::face::Face;
use crate::look;
use crate::px::{Point, Rect};

/// The distance of a stamp's baseline above its event's line, and its extra distance below.
const STAMP_RISE_PX: f64 = 10.0;

/// Half the size of the area that an event occupies.
const DOT_PX: f64 = 6.0;

/// The places of a name along its arrow, as parts of its length, the best one first.
const SHARES: [f64; 9] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/// The largest width of a name, as a multiple of its arrow's width. Longer names are shortened.
const WIDEST: f64 = 3.5;

/// If this many arrows with their middles in one column of cells have found no place for their names, the
/// column is full, and no further arrow there is tried.
const MOST_FAILED: u8 = 32;

/// The shapes that get labels.
pub struct Shapes<'a> {
    pub arrows: &'a mut [ArrowShape],
    pub signs: &'a mut [SignShape],
    pub dots: &'a mut [DotShape],
    pub spans: &'a mut [SpanShape],
}

/// Labels these shapes. Returns the occupied areas.
pub fn label(shapes: Shapes<'_>, scale: &Scale, look: &Look<'_>) -> Taken {
    let Shapes { arrows, signs, dots, spans } = shapes;
    let mut taken = Taken::new(look.left, look.right, scale);
    taken.take_all(dots.iter().map(|dot| Rect::around(dot.at, 2.0 * DOT_PX, 2.0 * DOT_PX)));
    for sign in signs.iter() {
        taken.take(sign_rect(sign));
    }
    let face = look.face;
    for dot in dots.iter_mut().filter(|dot| dot.pinned) {
        let text = stamp(&dot.stamp, look);
        dot.label = taken.force(face, &text, &beside(dot.at, face));
    }
    for arrow in arrows.iter_mut().filter(|arrow| arrow.pinned) {
        let name = arrow.message.content.name();
        let places: Vec<_> = along(arrow.from, arrow.to, face, face.width(name)).collect();
        arrow.name = taken.force(face, name, &places);
    }
    for sign in signs.iter_mut().filter(|sign| sign.kind == SignKind::Refused) {
        sign.label = taken.force(face, look.refused, &beside(sign.at, face));
    }
    label_dots(&mut taken, dots, scale, look);
    for span in spans {
        let SpanKind::Holds { token: Some(token), .. } = span.kind else { continue };
        let (text, end) = (token.to_string(), span.to.unwrap_or(f64::INFINITY));
        let first = span.from.max(look.left) + face.width(&text) / 2.0 + 4.0;
        let places = (0..6).map(|step| first + 44.0 * f64::from(step)).filter(|&x| x < end + 12.0);
        let places = places.flat_map(|x| beside(Point::new(x, span.y), face).into_iter().rev());
        span.label = taken.put(face, &text, places);
    }
    // If an event is selected, messages concurrent with it have no names, which would cover its past and
    // future.
    let is_told = |arrow: &ArrowShape| !arrow.pinned && arrow.light != Light::Concurrent;
    // Heartbeats and polls have no names, as their colour identifies them.
    let is_named = |arrow: &ArrowShape| arrow.message.content.traffic() != Traffic::Heartbeat;
    let mut failed = vec![0; taken.columns()];
    for arrow in arrows.iter_mut().filter(|arrow| is_told(arrow) && is_named(arrow)) {
        let failed = &mut failed[taken.column((arrow.from.x + arrow.to.x) / 2.0)];
        if *failed < MOST_FAILED {
            arrow.name = name(&mut taken, arrow.message.content.name(), arrow, look);
            *failed += u8::from(arrow.name.is_none());
        }
    }
    taken
}

/// Labels events with their stamps. Heartbeats and polls are last, and get no stamp where events are close
/// together.
fn label_dots(taken: &mut Taken, dots: &mut [DotShape], scale: &Scale, look: &Look<'_>) {
    let face = look.face;
    let is_quiet = |dot: &DotShape| dot.traffic == Some(Traffic::Heartbeat);
    for quiet in [false, true] {
        if quiet && scale.rank_px < 10.0 {
            return;
        }
        for dot in dots.iter_mut().filter(|dot| !dot.pinned && is_quiet(dot) == quiet) {
            let places = beside(dot.at, face);
            dot.label = taken.put(face, &stamp(&dot.stamp, look), places.into_iter());
            if dot.label.is_none() && look.stamps == Stamps::Vector {
                let short = short_vector(&dot.stamp, dot.node, look.nodes);
                dot.label = taken.put(face, &short, places.into_iter());
            }
        }
    }
}

/// The name of a message along its arrow, shortened if it does not fit.
fn name(
    taken: &mut Taken,
    name: &'static str,
    arrow: &ArrowShape,
    look: &Look<'_>,
) -> Option<Label> {
    let (from, to, face) = (arrow.from, arrow.to, look.face);
    let mut put = |text: &str| taken.put(face, text, along(from, to, face, face.width(text)));
    let is_wide = face.width(name) > (to.x - from.x) * WIDEST;
    let whole = if is_wide { None } else { put(name) };
    whole.or_else(|| put(look::short(name)))
}

/// The places of a stamp: above its event, or below.
fn beside(at: Point, face: &Face) -> [Point; 2] {
    [Point::new(at.x, at.y - STAMP_RISE_PX), Point::new(at.x, at.y + STAMP_RISE_PX + face.above())]
}

/// Places for a name of this width along an arrow, on both sides, the best one first.
pub fn along(from: Point, to: Point, face: &Face, width: f64) -> impl Iterator<Item = Point> {
    let direction = from.direction(to);
    SHARES
        .into_iter()
        .flat_map(move |share| beside_line(from.towards(to, share), direction, face, width))
}

/// The places for a text of this width at a point of a line: above the line, and below it.
pub fn beside_line(at: Point, direction: Point, face: &Face, width: f64) -> [Point; 2] {
    let aside = direction.right_hand();
    // The upper side comes first.
    let aside = if aside.y > 0.0 { Point::new(-aside.x, -aside.y) } else { aside };
    let height = face.above() + face.below();
    let off = (aside.x.abs() * width + aside.y.abs() * height) / 2.0 + 2.0;
    let drop = (face.above() - face.below()) / 2.0;
    [off, -off].map(|off| {
        let middle = at.plus(aside, off);
        Point::new(middle.x, middle.y + drop)
    })
}

fn sign_rect(sign: &SignShape) -> Rect {
    let Point { x, y } = sign.at;
    match sign.kind {
        SignKind::Crash | SignKind::Stop | SignKind::Restart | SignKind::Refused => {
            Rect::around(sign.at, 16.0, 16.0)
        }
        SignKind::Timeout => Rect::around(Point::new(x, y + 13.5), 10.0, 11.0),
        SignKind::Write => Rect::around(sign.at, 10.0, 10.0),
        SignKind::Violation => Rect::around(sign.at, 22.0, 22.0),
    }
}

/// A stamp as text: `6`, or `(2,0,3,1)`.
pub fn stamp(stamp: &LineStamp, look: &Look<'_>) -> String {
    match look.stamps {
        Stamps::Lamport => stamp.lamport().to_string(),
        Stamps::Vector => vector(stamp, look.nodes),
    }
}

/// A vector stamp with an entry for each node.
pub fn vector(stamp: &LineStamp, nodes: u8) -> String {
    let size = ClusterSize::new(nodes).unwrap_or(ClusterSize::MAX);
    let counts: Vec<_> = size.nodes().map(|node| stamp.of(node).to_string()).collect();
    ["(", &counts.join(","), ")"].concat()
}

/// A vector stamp for narrow places: only the node's own entry. `(…,3,…)` belongs to a node with others
/// before and after it.
pub fn short_vector(stamp: &LineStamp, node: NodeId, nodes: u8) -> String {
    let before = if node.get() > 1 { "…," } else { "" };
    let behind = if node.get() < nodes { ",…" } else { "" };
    ["(", before, &stamp.of(node).to_string(), behind, ")"].concat()
}

#[cfg(test)]
mod tests {
    use antes_core::Stamp;

    use super::*;
    #[test]
    fn a_long_vector_is_shortened_to_the_count_of_its_node() {
        let node = |number| NodeId::new(number).unwrap();
        let mut stamp = Stamp::<u64>::default();
        for _ in 0..3 {
            stamp.tick(node(2));
        }
        let stamp = LineStamp::from(&stamp);
        assert_eq!(vector(&stamp, 4), "(0,3,0,0)");
        let short = [1, 2, 4].map(|number| short_vector(&stamp, node(number), 4));
        assert_eq!(short, ["(0,…)", "(…,3,…)", "(…,0)"]);
    }
}
