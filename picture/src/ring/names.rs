//! Places the names of messages on the ring. No name covers another name, a text of a node or of the
//! resource, or a button. A name stays on its side of the message as long as possible.
//! A name without a place is left out until its message is pointed at. Then it is placed first, and may be
//! further away.
//! The result depends only on the moment, so stepping back shows the same names again.

use std::collections::BinaryHeap;

use crate::face::Face;
use crate::px::{Point, Rect, Size};
use crate::ring::layout::Beside;

/// The distance between a message and the middle of its name.
const REACH_PX: f64 = 16.0;

/// The smallest vertical distance between a message and the middle of its name.
const RISE_PX: f64 = 19.0;

/// How many times that distance the name may be away if its message is pointed at.
const FARTHER: [f64; 3] = [1.7, 2.4, 3.1];

/// The smallest gap between two names.
const GAP_PX: f64 = 3.0;

/// A message that gets a name.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    pub start: Point,
    pub end: Point,
    /// When the message was sent, in microseconds.
    pub sent_us: u64,
    /// When it arrives or would have arrived, in microseconds.
    pub lands_us: u64,
    /// The width of the name, in pixels.
    pub width: f64,
    /// Whether it is pointed at. Then it is placed before the others.
    pub pinned: bool,
}

impl Named {
    /// The message's position at an instant.
    fn at(&self, us: u64) -> Point {
        let share = crate::ring::layout::progress(us, self.sent_us, self.lands_us);
        self.start.towards(self.end, share)
    }
}

/// A rectangle that moves at constant speed.
#[derive(Clone, Copy)]
struct Moving {
    now: Rect,
    /// The corner's position at the end of the movement.
    last: Point,
    /// How long the rectangle is shown.
    lasts_us: f64,
}

impl Moving {
    const fn still(rect: Rect) -> Self {
        Self { now: rect, last: rect.corner, lasts_us: f64::INFINITY }
    }

    /// The movement in one microsecond.
    fn pace(&self) -> Point {
        if self.lasts_us.is_infinite() || self.lasts_us <= 0.0 {
            return Point::default();
        }
        let (from, to) = (self.now.corner, self.last);
        Point::new((to.x - from.x) / self.lasts_us, (to.y - from.y) / self.lasts_us)
    }

    /// How long both overlap from now on, in microseconds.
    fn meets_us(&self, other: &Self) -> f64 {
        let together = self.lasts_us.min(other.lasts_us);
        let (a, b) = (self.pace(), other.pace());
        let (one, two) = (&self.now, &other.now);
        let along_x = meeting(
            one.corner.x - two.corner.x,
            a.x - b.x,
            -one.size.width..two.size.width,
            together,
        );
        let along_y = meeting(
            one.corner.y - two.corner.y,
            a.y - b.y,
            -one.size.height..two.size.height,
            together,
        );
        (along_x.1.min(along_y.1) - along_x.0.max(along_y.0)).max(0.0)
    }
}

/// The time span in which `from + pace * t` is within `range`, up to `end`.
fn meeting(from: f64, pace: f64, range: core::ops::Range<f64>, end: f64) -> (f64, f64) {
    if pace.abs() < 1e-12 {
        let inside = range.start < from && from < range.end;
        return if inside { (0.0, end) } else { (end, 0.0) };
    }
    let (a, b) = ((range.start - from) / pace, (range.end - from) / pace);
    (a.min(b).max(0.0), a.max(b).min(end))
}

/// For each message, the middle of its name relative to the message, or `None` if it has no place. `taken`
/// are areas that must stay free; `size` is that of the surface.
pub fn place(
    messages: &[Named],
    now_us: u64,
    face: &Face,
    taken: &[Rect],
    size: Size,
) -> Vec<Option<Point>> {
    let mut placed: Vec<Moving> = taken.iter().map(|&rect| Moving::still(rect)).collect();
    let mut places = vec![None; messages.len()];
    // A message that was sent earlier keeps its place when others are sent. A heap takes less code than sorting.
    let order = messages.iter().enumerate();
    let order = order.map(|(place, message)| (!message.pinned, message.sent_us, place));
    let order: BinaryHeap<_> = order.collect();
    for (.., place) in order.into_sorted_vec() {
        let message = &messages[place];
        let named = |aside: Point| name_of(message, aside, now_us, face);
        let fits = |name: &Moving| {
            let (now, corner) = (&name.now, name.now.corner);
            corner.x >= 0.0
                && now.right() <= size.width
                && corner.y >= 0.0
                && now.bottom() <= size.height
        };
        let near = wishes(message.start, message.end).map(|side| middle(side, message.width));
        let is_free = |name: &Moving| placed.iter().all(|other| !other.now.overlaps(&name.now));
        let free = near.into_iter().map(|aside| (aside, named(aside)));
        let free = free.filter(|(_, name)| fits(name) && is_free(name));
        // The place that is covered for the shortest time.
        let hidden_us = |name: &Moving| placed.iter().map(|other| name.meets_us(other)).sum();
        let mut best: Option<(f64, Point, Moving)> = None;
        for (aside, name) in free {
            let hidden: f64 = hidden_us(&name);
            if best.as_ref().is_none_or(|&(least, _, _)| hidden < least) {
                best = Some((hidden, aside, name));
            }
        }
        let farther = || {
            let far =
                FARTHER.into_iter().flat_map(|far| near.map(|it| Point::default().plus(it, far)));
            far.map(|aside| (aside, named(aside))).find(|(_, name)| fits(name) && is_free(name))
        };
        let best = best.map(|(_, aside, name)| (aside, name));
        if let Some((aside, name)) = best.or_else(|| farther().filter(|_| message.pinned)) {
            places[place] = Some(aside);
            placed.push(name);
        }
    }
    places
}

/// The sides for the name of a message on this way, the best one first: away from its link.
fn wishes(start: Point, end: Point) -> [Beside; 4] {
    use Beside::{Above, Below, Left, Right};
    let aside = start.direction(end).right_hand();
    if aside.x > 0.5 {
        [Right, Above, Below, Left]
    } else if aside.x < -0.5 {
        [Left, Above, Below, Right]
    } else if aside.y > 0.0 {
        [Below, Above, Right, Left]
    } else {
        [Above, Below, Left, Right]
    }
}

/// The middle of a name of this width, relative to the message.
fn middle(side: Beside, width: f64) -> Point {
    match side {
        Beside::Right => Point::new(REACH_PX + width / 2.0, 0.0),
        Beside::Left => Point::new(-REACH_PX - width / 2.0, 0.0),
        Beside::Above => Point::new(0.0, -RISE_PX),
        Beside::Below => Point::new(0.0, RISE_PX),
    }
}

fn name_of(message: &Named, aside: Point, now_us: u64, face: &Face) -> Moving {
    let height = face.above() + face.below() + GAP_PX;
    let width = message.width + GAP_PX;
    let rect = |us: u64| {
        let at = message.at(us);
        Rect::around(Point::new(at.x + aside.x, at.y + aside.y), width, height)
    };
    let lasts_us = message.lands_us.saturating_sub(now_us) as f64;
    Moving { now: rect(now_us), last: rect(message.lands_us).corner, lasts_us }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 600.0, height: 500.0 };

    fn message(from: (f64, f64), to: (f64, f64), sent_us: u64) -> Named {
        let (start, end) = (Point::new(from.0, from.1), Point::new(to.0, to.1));
        let lands_us = sent_us + 100_000;
        Named { start, end, sent_us, lands_us, width: 70.0, pinned: false }
    }

    /// Five messages: three from one node, a reply, and one across.
    fn crowd() -> Vec<Named> {
        vec![
            message((100.0, 100.0), (500.0, 110.0), 0),
            message((100.0, 100.0), (500.0, 400.0), 0),
            message((100.0, 100.0), (110.0, 400.0), 0),
            message((500.0, 90.0), (100.0, 90.0), 20_000),
            message((500.0, 100.0), (100.0, 400.0), 30_000),
        ]
    }

    fn rects(messages: &[Named], now_us: u64, face: &Face) -> Vec<Rect> {
        let sides = place(messages, now_us, face, &[], SIZE);
        let named = messages.iter().zip(sides);
        named
            .filter_map(|(message, aside)| Some(name_of(message, aside?, now_us, face).now))
            .collect()
    }

    #[test]
    fn no_name_ever_lies_on_another_one() {
        let face = Face::guessed(13.0);
        let mut seen = 0;
        for now_us in (30_000..100_000).step_by(1_000) {
            let names = rects(&crowd(), now_us, &face);
            seen += names.len();
            for (place, name) in names.iter().enumerate() {
                assert!(names[place + 1..].iter().all(|other| !other.overlaps(name)), "{now_us}");
            }
        }
        assert!(seen > 70 * 4, "{seen} names at 70 moments");
    }

    #[test]
    fn a_name_keeps_its_side_for_as_long_as_it_can() {
        let face = Face::guessed(13.0);
        let alone = [message((100.0, 250.0), (500.0, 250.0), 0)];
        let sides: Vec<_> = (0..100_000)
            .step_by(1_000)
            .map(|now_us| place(&alone, now_us, &face, &[], SIZE)[0])
            .collect();
        assert!(sides.iter().all(|&side| side == sides[0] && side.is_some()));
    }

    #[test]
    fn texts_are_not_covered_and_a_message_that_is_pointed_at_is_named_further_away() {
        let face = Face::guessed(13.0);
        let mut one = message((100.0, 250.0), (500.0, 250.0), 0);
        let around = [Rect::around(Point::new(300.0, 250.0), 230.0, 56.0)];
        assert_eq!(place(&[one], 50_000, &face, &around, SIZE), [None]);
        one.pinned = true;
        let aside = place(&[one], 50_000, &face, &around, SIZE)[0].unwrap();
        assert!(!name_of(&one, aside, 50_000, &face).now.overlaps(&around[0]));
        let all = [Rect::around(Point::new(300.0, 250.0), 600.0, 500.0)];
        assert_eq!(place(&[one], 50_000, &face, &all, SIZE), [None]);
    }
}
