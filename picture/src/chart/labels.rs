//! Places the labels of the diagram so that none covers another one, an event or a sign. Labels of the
//! selection and of what the pointer is at are placed first. Stamps, tokens and names of messages follow. A
//! label without a place is left out until it is selected or pointed at.

use antes_core::{MAX_NODES, NodeId, Stamp, Traffic};
use antes_sim::scenario::Stamps;

use crate::chart::index::{SignKind, SpanKind};
use crate::chart::scale::Scale;
use crate::chart::scene::{ArrowShape, DotShape, Light, Look, SignShape, SpanShape};
use crate::face::Face;
use crate::look;
use crate::px::{Point, Rect, Size};

/// The width of the vertical strips into which occupied areas are sorted, so that a search looks at few of
/// them.
const STRIP_PX: f64 = 64.0;

/// The smallest horizontal gap between two labels.
const GAP_PX: f64 = 2.0;

/// The distance of a stamp's baseline above its event's line, and its extra distance below.
const STAMP_RISE_PX: f64 = 10.0;

/// Half the size of the area that an event occupies.
const DOT_PX: f64 = 6.0;

/// How far labels may reach below the last line. Time labels are below that.
const ROOM_BELOW_PX: f64 = 10.0;

/// The places of a name along its arrow, as parts of its length, the best one first.
const SHARES: [f64; 9] = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82];

/// The largest width of a name, as a multiple of its arrow's width. Longer names are shortened.
const WIDEST: f64 = 3.5;

/// The largest distance of a label from its first place, in label heights.
const FARTHEST: u8 = 6;

#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    pub text: String,
    /// The middle of the baseline.
    pub at: Point,
}

/// The areas in which no further label may be placed.
#[derive(Clone, Debug)]
pub struct Taken {
    left: f64,
    lowest: f64,
    strips: Vec<Vec<Piece>>,
}

/// The area of a label, an event or a sign.
#[derive(Clone, Copy, Debug)]
struct Piece {
    rect: Rect,
    /// Whether it is a label. A label may cover an event or a sign, but not another label.
    is_text: bool,
}

impl Default for Taken {
    fn default() -> Self {
        Self { left: 0.0, lowest: 0.0, strips: vec![Vec::new()] }
    }
}

impl Taken {
    /// Nothing is occupied. Labels must be between these edges.
    pub fn new(left: f64, right: f64, scale: &Scale) -> Self {
        let count = ((right - left).max(0.0) / STRIP_PX) as usize + 1;
        Self { left, lowest: scale.bottom() + ROOM_BELOW_PX, strips: vec![Vec::new(); count] }
    }

    /// Nothing is occupied. Labels must be inside a surface of this size.
    pub fn within(size: Size) -> Self {
        let count = (size.width.max(0.0) / STRIP_PX) as usize + 1;
        let mut taken = Self { left: 0.0, lowest: size.height, strips: vec![Vec::new(); count] };
        for left in [-size.width, size.width] {
            let rect = Rect { corner: Point::new(left, 0.0), size };
            taken.add(Piece { rect, is_text: true });
        }
        taken
    }

    /// Occupies the area of an event or a sign.
    pub fn take(&mut self, rect: Rect) {
        self.add(Piece { rect, is_text: false });
    }

    fn add(&mut self, piece: Piece) {
        for strip in self.strips_of(&piece.rect) {
            self.strips[strip].push(piece);
        }
    }

    /// Whether a label fits there without covering anything.
    pub fn is_free(&self, rect: &Rect) -> bool {
        self.is_clear(rect, |_| true)
    }

    /// Whether a label there is inside the edges and covers no other label.
    fn is_legible(&self, rect: &Rect) -> bool {
        self.is_clear(rect, |piece| piece.is_text)
    }

    fn is_clear(&self, rect: &Rect, of: impl Fn(&Piece) -> bool) -> bool {
        rect.corner.y >= 0.0
            && rect.bottom() <= self.lowest
            && self.strips_of(rect).all(|strip| {
                self.strips[strip].iter().all(|piece| !of(piece) || !piece.rect.overlaps(rect))
            })
    }

    /// The strips that a rectangle touches. The first and the last strip have no outer limit.
    fn strips_of(&self, rect: &Rect) -> core::ops::RangeInclusive<usize> {
        let last = self.strips.len() - 1;
        let strip = |x: f64| ((((x - self.left) / STRIP_PX).max(0.0)) as usize).min(last);
        strip(rect.corner.x)..=strip(rect.right())
    }

    /// Puts a text at the first free place.
    pub fn put(
        &mut self,
        face: &Face,
        text: &str,
        places: impl Iterator<Item = Point>,
    ) -> Option<Label> {
        self.put_where(face, text, places, Self::is_free)
    }

    /// Puts a text at the first free place. If there is none, the text may cover events and signs, but no
    /// label, at one of these places or close to the first one.
    pub fn force(&mut self, face: &Face, text: &str, places: &[Point]) -> Option<Label> {
        let first = *places.first()?;
        let near = around(first, face.width(text), face.above() + face.below());
        self.put(face, text, places.iter().copied())
            .or_else(|| self.put_where(face, text, places.iter().copied(), Self::is_legible))
            .or_else(|| self.put_where(face, text, near, Self::is_legible))
    }

    fn put_where(
        &mut self,
        face: &Face,
        text: &str,
        mut places: impl Iterator<Item = Point>,
        fits: impl Fn(&Self, &Rect) -> bool,
    ) -> Option<Label> {
        let width = face.width(text);
        let at = places.find(|&at| fits(self, &rect_of(face, width, at)))?;
        self.add(Piece { rect: rect_of(face, width, at), is_text: true });
        Some(Label { text: text.to_owned(), at })
    }
}

/// Places around `at` for a text of this size, the nearest first.
fn around(at: Point, width: f64, height: f64) -> impl Iterator<Item = Point> {
    const AROUND: [(f64, f64); 8] = [
        (0.0, -1.0),
        (0.0, 1.0),
        (0.5, -1.0),
        (-0.5, -1.0),
        (0.5, 1.0),
        (-0.5, 1.0),
        (1.0, 0.0),
        (-1.0, 0.0),
    ];
    (1..=FARTHEST).flat_map(move |ring| {
        AROUND.map(|(x, y)| {
            let far = f64::from(ring);
            Point::new(at.x + far * x * (width + GAP_PX), at.y + far * y * (height + GAP_PX))
        })
    })
}

/// The area of a text with this width whose baseline has its middle at `at`.
fn rect_of(face: &Face, width: f64, at: Point) -> Rect {
    let width = width + GAP_PX;
    Rect {
        corner: Point::new(at.x - width / 2.0, at.y - face.above()),
        size: Size { width, height: face.above() + face.below() },
    }
}

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
    for dot in dots.iter() {
        taken.take(Rect::around(dot.at, 2.0 * DOT_PX, 2.0 * DOT_PX));
    }
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
    for arrow in arrows.iter_mut().filter(|arrow| is_told(arrow)) {
        arrow.name = name(&mut taken, arrow.message.content.name(), arrow, look);
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

/// The name of a message along its arrow, shortened if it does not fit. Heartbeats and polls have no names,
/// as their colour identifies them.
fn name(
    taken: &mut Taken,
    name: &'static str,
    arrow: &ArrowShape,
    look: &Look<'_>,
) -> Option<Label> {
    if arrow.message.content.traffic() == Traffic::Heartbeat {
        return None;
    }
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
pub fn stamp(stamp: &Stamp, look: &Look<'_>) -> String {
    match look.stamps {
        Stamps::Lamport => stamp.lamport.to_string(),
        Stamps::Vector => vector(stamp, look.nodes),
    }
}

/// A vector stamp with an entry for each node.
pub fn vector(stamp: &Stamp, nodes: u8) -> String {
    let counts = &stamp.vector.counts()[..usize::from(nodes.min(MAX_NODES))];
    let counts: Vec<_> = counts.iter().map(u64::to_string).collect();
    ["(", &counts.join(","), ")"].concat()
}

/// A vector stamp for narrow places: only the node's own entry. `(…,3,…)` belongs to a node with others
/// before and after it.
pub fn short_vector(stamp: &Stamp, node: NodeId, nodes: u8) -> String {
    let before = if node.get() > 1 { "…," } else { "" };
    let behind = if node.get() < nodes { ",…" } else { "" };
    ["(", before, &stamp.vector.of(node).to_string(), behind, ")"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_long_vector_is_shortened_to_the_count_of_its_node() {
        let mut stamp = Stamp::default();
        let node = |number| NodeId::new(number).unwrap();
        for _ in 0..3 {
            stamp.vector.tick(node(2));
        }
        assert_eq!(vector(&stamp, 4), "(0,3,0,0)");
        let short = [1, 2, 4].map(|number| short_vector(&stamp, node(number), 4));
        assert_eq!(short, ["(0,…)", "(…,3,…)", "(…,0)"]);
    }
}
