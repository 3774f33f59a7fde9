//! Positions on the ring. They depend only on its size and the number of nodes.

use core::f64::consts::FRAC_1_SQRT_2;

use antes_core::{ClusterSize, NodeId};

use crate::px::{Point, Size, within};
use crate::ring::node::{BADGE_PX, badge_corner};

/// The distance of a message to the right of its link, so that a reply never covers a request.
const LANE: f64 = 9.0;

/// The space around a node for its timers.
const TIMERS: f64 = 20.0;

/// The same on a low surface.
const LEAST_TIMERS: f64 = 12.0;

/// The space above or below a node for its label, by number of lines.
const LABEL_HEIGHTS: [f64; 3] = [0.0, 25.0, 44.0];

/// The further space for the queue of the lock, by number of lines.
const QUEUE_HEIGHTS: [f64; 3] = [26.0, 19.0, 18.0];

/// The space at both sides of a node for its label, or for its menu button if it has no label.
const LABEL_HALF_WIDTH: f64 = 66.0;
const MENU_HALF_WIDTH: f64 = 51.0;

/// The smallest gap between two nodes. If there is less, a line of the labels is left out.
const LEAST_GAP: f64 = 34.0;

/// The smallest half width of the resource.
const RESOURCE_LEAST: f64 = 44.0;

/// The smallest distance of the resource from nodes and from the surface's edge.
const RESOURCE_GAP: f64 = 2.0;

/// The smallest radius of a node, used if the resource would not fit otherwise.
const LEAST_RADIUS: f64 = 17.0;

/// The most nodes whose labels always have room beside each other.
const MAX_LABELLED: u8 = 8;

/// The smallest distance of nodes with menu buttons and badges at their sides, and of nodes with labels as well,
/// on rings of more than [`MAX_LABELLED`] nodes.
const LEAST_DISTANCE: f64 = 76.0;
const LEAST_DISTANCE_WITH_LABELS: f64 = 140.0;

/// The radii of nodes on a crowded ring. The first one is used that leaves the gap.
const CROWDED_RADII: [f64; 6] = [24.0, 20.0, 17.0, 15.0, 13.5, 12.0];
const CROWDED_GAP: f64 = 8.0;

/// Nodes below this radius have smaller type.
const SMALL_RADIUS: f64 = 25.5;

/// The largest ratio of the ring's width to its height, without and with a resource. Messages to the resource
/// need space too.
const MAX_ASPECT: f64 = 1.45;
const MAX_ASPECT_WITH_RESOURCE: f64 = 1.9;

/// The smallest half width of the ring on low surfaces, in radii of a node.
const LEAST_HALF_WIDTH: f64 = 4.5;

/// The positions of nodes, messages and the resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The radius of a node.
    pub radius: f64,
    centres: Vec<Point>,
    resource: Point,
    resource_half_width: f64,
    middle: Point,
    label_lines: usize,
    has_queue: bool,
    is_crowded: bool,
}

/// The things that are drawn around each node.
#[derive(Clone, Copy, Debug)]
struct Around {
    label_lines: usize,
    has_queue: bool,
    is_crowded: bool,
}

/// The radius of a node's menu button.
pub const MENU_RADIUS: f64 = 13.0;

/// The distance of a menu button from its node on a crowded ring.
const MENU_GAP: f64 = 2.0;

/// The side of a message on which its name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    Right,
    Left,
    Above,
    Below,
}

/// The side of a node on which its label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
}

impl Layout {
    /// The layout for `nodes` nodes on a surface of this size. Ids run clockwise. With four nodes, the first
    /// is at the top left, where reading begins. With a resource, the table of the lock needs space too.
    /// If space is short, nodes become smaller, and these are left out, in this order: the second line of the
    /// labels, the first line, the queue of the lock, the gaps between nodes. On a ring of many nodes, menu
    /// buttons then stand outside of the ring and signs of the lock inside, and letters of roles are left out.
    pub fn new(size: Size, nodes: ClusterSize, has_resource: bool) -> Self {
        let with_around = |around, radius| {
            let mut layout = Self::with_around(size, nodes, has_resource, around, radius);
            let has_place = !has_resource || layout.place_resource(size);
            (layout, has_place)
        };
        let with = |label_lines, has_queue, radius| {
            with_around(Around { label_lines, has_queue, is_crowded: false }, radius)
        };
        let radius = radius(size, nodes);
        let choices = [(2, has_resource), (1, has_resource), (0, has_resource), (0, false)];
        let roomy = choices.into_iter().map(|(lines, queue)| with(lines, queue, radius));
        let mut roomy = roomy
            .filter(|(layout, _)| layout.is_roomy())
            .filter_map(|(layout, has_place)| has_place.then_some(layout));
        if nodes.get() > MAX_LABELLED {
            let around = Around { label_lines: 0, has_queue: false, is_crowded: true };
            let crowded = CROWDED_RADII.map(|radius| with_around(around, radius));
            let mut fitting = crowded.into_iter().filter_map(|(layout, has_place)| {
                (has_place && layout.keeps(2.0 * layout.radius + CROWDED_GAP)).then_some(layout)
            });
            let least = CROWDED_RADII[CROWDED_RADII.len() - 1];
            return roomy
                .next()
                .or_else(|| fitting.next())
                .unwrap_or_else(|| with_around(around, least).0);
        }
        let mut tight = [radius, LEAST_RADIUS]
            .into_iter()
            .map(|radius| with(0, false, radius))
            .filter_map(|(layout, has_place)| has_place.then_some(layout));
        let fitting = roomy.next().or_else(|| tight.next());
        fitting.unwrap_or_else(|| with(0, false, LEAST_RADIUS).0)
    }

    /// Whether all gaps between nodes are large enough.
    fn is_roomy(&self) -> bool {
        let least = match self.label_lines {
            _ if self.centres.len() <= usize::from(MAX_LABELLED) => 0.0,
            0 => LEAST_DISTANCE,
            _ => LEAST_DISTANCE_WITH_LABELS,
        };
        self.keeps((2.0 * self.radius + LEAST_GAP).max(least))
    }

    /// Whether the centres of any two nodes have at least this distance.
    fn keeps(&self, distance: f64) -> bool {
        let apart = |(place, one): (usize, &Point)| {
            self.centres[..place].iter().all(|other| one.distance(*other) >= distance)
        };
        self.centres.iter().enumerate().all(apart)
    }

    fn with_around(
        size: Size,
        nodes: ClusterSize,
        has_resource: bool,
        around: Around,
        radius: f64,
    ) -> Self {
        let Around { label_lines, has_queue, is_crowded } = around;
        let middle = Point::new(size.width / 2.0, size.height / 2.0);
        let units = units(nodes);
        let most = |pick: fn(&Point) -> f64| units.iter().map(pick).fold(0.01, f64::max);
        let (left, right) = (most(|unit| -unit.x), most(|unit| unit.x));
        let (up, down) = (most(|unit| -unit.y), most(|unit| unit.y));
        let beside = if label_lines == 0 { MENU_HALF_WIDTH } else { LABEL_HALF_WIDTH };
        let queue = if has_queue { QUEUE_HEIGHTS[label_lines] } else { 0.0 };
        let timers = if label_lines == 0 && !has_queue { LEAST_TIMERS } else { TIMERS };
        let (margin_x, margin_y) = if is_crowded {
            let menu = radius + MENU_GAP + 2.0 * MENU_RADIUS + 2.0;
            (menu, menu)
        } else {
            let above = radius + timers + LABEL_HEIGHTS[label_lines] + queue;
            ((radius + TIMERS).max(beside), above)
        };
        let half_width = (middle.x - margin_x).max(radius);
        let half_height = (middle.y - margin_y).max(radius);
        let aspect = if has_resource { MAX_ASPECT_WITH_RESOURCE } else { MAX_ASPECT };
        let half_width = half_width.min((half_height * aspect).max(radius * LEAST_HALF_WIDTH));
        let half_height = half_height.min(half_width * aspect);
        let (rx, ry) = (half_width * 2.0 / (left + right), half_height * 2.0 / (up + down));
        // The hub moves up if more space is needed below than above.
        let hub = Point::new(middle.x, middle.y + ry * (up - down) / 2.0);
        let place = |unit: &Point| Point::new(hub.x + rx * unit.x, hub.y + ry * unit.y);
        let centres: Vec<_> = match nodes.get() {
            1 => vec![middle],
            many if many > MAX_LABELLED => spread(nodes, hub, rx, ry),
            _ => units.iter().map(place).collect(),
        };
        let resource_half_width = 0.0;
        let resource = hub;
        Self {
            radius,
            centres,
            resource,
            resource_half_width,
            middle,
            label_lines,
            has_queue,
            is_crowded,
        }
    }

    /// Puts the resource where it covers no node, and no badge if there is such a place, and makes it as wide
    /// as possible. If every place covers a node, takes the best one and returns false.
    fn place_resource(&mut self, size: Size) -> bool {
        let hub = self.resource;
        let places = self.resource_places(hub);
        let room = |place: &Point| self.resource_room(*place, size);
        let clear_room = |place: &Point| room(place).min(self.room_between_badges(*place));
        let clear = places.iter().find(|place| clear_room(place) >= RESOURCE_LEAST);
        let place = clear.or_else(|| places.iter().find(|place| room(place) >= RESOURCE_LEAST));
        let most = || places.iter().max_by(|a, b| room(a).total_cmp(&room(b)));
        let found = place.or_else(most).map_or(hub, |place| *place);
        let half_width = if clear.is_some() { clear_room(&found) } else { room(&found) };
        let full = (self.radius * 1.15).max(62.0);
        let has_place = place.is_some();
        self.resource = found;
        self.resource_half_width = half_width.min(full).max(RESOURCE_LEAST);
        has_place
    }

    /// Places for the resource, the best one first.
    fn resource_places(&self, hub: Point) -> Vec<Point> {
        let below = |distance: f64| Point::new(hub.x, hub.y + distance);
        let lowest = self.centres.iter().map(|centre| centre.y).fold(hub.y, f64::max);
        let shares: &[f64] = match self.centres[..] {
            [one] => return vec![Point::new(one.x, one.y + self.radius * 2.6)],
            [_, _] => {
                let clear = self.radius + self.resource_half_height() + RESOURCE_GAP;
                return vec![hub, below(-clear)];
            }
            // Three nodes leave little space between them.
            [_, two, three] => return vec![Point::new(two.x, three.y), hub, self.middle],
            [_, _, _, _, _] | [_, _, _, _, _, _, _] => &[0.0, 0.2, 0.4, -0.2],
            // Diagonal links cross in the middle, so the resource is below it.
            _ => &[0.56, 0.28, 0.0],
        };
        shares.iter().map(|share| below((lowest - hub.y) * share)).collect()
    }

    /// The largest half width that the resource may have at a place.
    fn resource_room(&self, place: Point, size: Size) -> f64 {
        let half_height = self.resource_half_height();
        if place.y + half_height + RESOURCE_GAP > size.height {
            return 0.0;
        }
        let reach = self.radius + RESOURCE_GAP;
        let beside = self.centres.iter().map(|centre| {
            let away = ((centre.y - place.y).abs() - half_height).max(0.0);
            let half_chord = (reach * reach - away * away).max(0.0).sqrt();
            if away < reach { (centre.x - place.x).abs() - half_chord } else { f64::INFINITY }
        });
        beside.fold(place.x.min(size.width - place.x) - 2.0 * RESOURCE_GAP, f64::min)
    }

    /// The largest half width at a place at which the resource touches no badge of a node.
    fn room_between_badges(&self, place: Point) -> f64 {
        let (corner, half) = (badge_corner(self.radius), BADGE_PX / 2.0);
        let beside = self.centres.iter().map(|centre| {
            let away = (centre.y - corner - place.y).abs();
            let is_beside = away < half + self.resource_half_height();
            let inner = (centre.x - place.x).abs() - corner - half - RESOURCE_GAP;
            if is_beside { inner } else { f64::INFINITY }
        });
        beside.fold(f64::INFINITY, f64::min)
    }

    pub fn centre(&self, node: NodeId) -> Point {
        self.centres[node.index()]
    }

    /// The centre of the resource.
    pub const fn resource(&self) -> Point {
        self.resource
    }

    /// The number of lines of a node's label, from 0 to 2.
    pub const fn label_lines(&self) -> usize {
        self.label_lines
    }

    /// Whether the queue of the lock fits beside the coordinator.
    pub const fn has_queue(&self) -> bool {
        self.has_queue
    }

    /// Whether nodes stand so close that menu buttons and signs of the lock are outside and inside of the ring.
    pub const fn is_crowded(&self) -> bool {
        self.is_crowded
    }

    /// The centre of the sign of the lock, relative to the node. It is at the left above the node, or on the inner
    /// side on a crowded ring.
    pub fn lock_place(&self, node: NodeId) -> Point {
        let corner = badge_corner(self.radius);
        match self.is_crowded {
            false => Point::new(-corner, -corner),
            true => self.inwards(node, self.radius + BADGE_PX / 2.0 - 3.0),
        }
    }

    /// The point at this distance from the centre of a node towards the middle, relative to the node.
    fn inwards(&self, node: NodeId, distance: f64) -> Point {
        let direction = self.centre(node).direction(self.middle);
        Point::new(direction.x * distance, direction.y * distance)
    }

    /// Whether nodes are so small that they need smaller type.
    pub fn is_small(&self) -> bool {
        self.radius < SMALL_RADIUS
    }

    /// The side of a node's label: away from the middle.
    pub fn label_side(&self, node: NodeId) -> Side {
        if self.centre(node).y < self.middle.y - 1.0 { Side::Above } else { Side::Below }
    }

    /// The centre of a node's menu button, relative to the node. It is on the outer side, where no message
    /// leaves or arrives.
    pub fn menu_place(&self, node: NodeId) -> Point {
        if self.is_crowded {
            return self.inwards(node, -(self.radius + MENU_GAP + MENU_RADIUS));
        }
        let centre = self.centre(node);
        let reach = (self.radius + 2.0).max(36.0);
        Point::new(if centre.x > self.middle.x + 1.0 { reach } else { -reach }, 0.0)
    }

    pub const fn resource_half_width(&self) -> f64 {
        self.resource_half_width
    }

    pub fn resource_half_height(&self) -> f64 {
        (self.radius * 0.62).max(if self.is_small() { 23.0 } else { 28.0 })
    }

    /// The way of a message, from edge to edge, on the right-hand side of its link.
    pub fn lane(&self, from: NodeId, to: Option<NodeId>) -> (Point, Point) {
        let start = self.centre(from);
        let end = to.map_or(self.resource, |to| self.centre(to));
        let direction = start.direction(end);
        let aside = direction.right_hand();
        // Where the message's line meets the circle.
        let edge = (self.radius * self.radius - LANE * LANE).sqrt() + 3.0;
        let far_edge = match to {
            Some(_) => edge,
            None => self.edge_of_resource(direction),
        };
        (
            start.plus(direction, edge).plus(aside, LANE),
            end.plus(direction, -far_edge).plus(aside, LANE),
        )
    }

    /// The line of a link, from edge to edge.
    pub fn link(&self, a: NodeId, b: NodeId) -> (Point, Point) {
        let (start, end) = (self.centre(a), self.centre(b));
        let direction = start.direction(end);
        (start.plus(direction, self.radius), end.plus(direction, -self.radius))
    }

    fn edge_of_resource(&self, direction: Point) -> f64 {
        let x = self.resource_half_width() / direction.x.abs().max(0.01);
        let y = self.resource_half_height() / direction.y.abs().max(0.01);
        x.min(y) + 3.0
    }
}

/// The radius of a node on a surface of this size, in pixels.
fn radius(size: Size, nodes: ClusterSize) -> f64 {
    let shortest = size.width.min(size.height);
    let (share, least) = match nodes.get() {
        1..=4 => (0.105, if shortest < 230.0 { 20.0 } else { 26.0 }),
        5 | 6 => (0.09, if shortest < 300.0 { 19.0 } else { 25.0 }),
        9.. => (0.055, 20.0),
        _ => (0.075, if shortest < 300.0 { 17.0 } else { 20.0 }),
    };
    within(shortest * share, least, 64.0)
}

/// Cosine and sine of half the angle between neighbours, by number of nodes; for four nodes, of an eighth of
/// a turn. Constants, because Rust's functions would add tables to the WebAssembly file.
const HALF_STEPS: [(f64, f64); 8] = [
    (-1.0, 0.0),
    (0.0, 1.0),
    (0.5, 0.866_025_403_784_438_6),
    (FRAC_1_SQRT_2, FRAC_1_SQRT_2),
    (0.809_016_994_374_947_5, 0.587_785_252_292_473_1),
    (0.866_025_403_784_438_6, 0.5),
    (0.900_968_867_902_419_1, 0.433_883_739_117_558_1),
    (0.923_879_532_511_286_7, 0.382_683_432_365_089_8),
];

/// The positions of up to [`MAX_LABELLED`] nodes on a circle of radius 1, clockwise. The top is half-way between
/// the first and the second node. For more nodes, two corners of the square around the circle.
fn units(nodes: ClusterSize) -> Vec<Point> {
    let Some(&(cos, sin)) = HALF_STEPS.get(usize::from(nodes.get()) - 1) else {
        return vec![Point::new(-1.0, -1.0), Point::new(1.0, 1.0)];
    };
    let (step_cos, step_sin) = (cos * cos - sin * sin, 2.0 * cos * sin);
    let first = Point::new(-sin, -cos);
    let next = |unit: &Point| {
        let Point { x, y } = *unit;
        Some(Point::new(x * step_cos - y * step_sin, x * step_sin + y * step_cos))
    };
    core::iter::successors(Some(first), next).take(usize::from(nodes.get())).collect()
}

/// The number of corners by which an ellipse is measured, and cosine and sine of the angle between two of them.
const CORNERS: usize = 128;
const CORNER_STEP: (f64, f64) = (0.998_795_456_205_172_4, 0.049_067_674_327_418_015);

/// The positions of many nodes on an ellipse around `hub`, clockwise, at even distances along it. At even angles,
/// those at its narrow ends would touch. The top is half-way between the first and the second node.
fn spread(nodes: ClusterSize, hub: Point, rx: f64, ry: f64) -> Vec<Point> {
    let (cos, sin) = CORNER_STEP;
    let next =
        |unit: &Point| Some(Point::new(unit.x * cos - unit.y * sin, unit.x * sin + unit.y * cos));
    let units = core::iter::successors(Some(Point::new(0.0, -1.0)), next).take(CORNERS + 1);
    let corners: Vec<_> =
        units.map(|unit| Point::new(hub.x + rx * unit.x, hub.y + ry * unit.y)).collect();
    let sides = || corners.iter().zip(&corners[1..]);
    let whole: f64 = sides().map(|(from, to)| from.distance(*to)).sum();
    let step = whole / f64::from(nodes.get());
    let (mut centres, mut walked) = (Vec::new(), 0.0);
    for (from, to) in sides() {
        let side = from.distance(*to);
        while centres.len() < usize::from(nodes.get()) {
            let ahead = step * (centres.len() as f64 + 0.5) - walked;
            if ahead > side {
                break;
            }
            centres.push(from.plus(from.direction(*to), ahead));
        }
        walked += side;
    }
    centres.rotate_right(1);
    centres
}

/// How much of its way a message has completed, from 0 to 1.
pub fn progress(now_us: u64, sent_us: u64, lands_us: u64) -> f64 {
    if lands_us <= sent_us {
        return 1.0;
    }
    let (done, whole) = (now_us.saturating_sub(sent_us) as f64, (lands_us - sent_us) as f64);
    (done / whole).min(1.0)
}

#[cfg(test)]
mod tests;
