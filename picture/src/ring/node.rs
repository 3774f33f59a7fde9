//! One node of the ring: its disc, and everything around it.

use antes_core::{NodeId, NodeSet, Traffic};
use antes_sim::world::Status;

use crate::element::Element;
use crate::language::Language;
use crate::look::{self, Icon, when};
use crate::px::{Point, moved_to, px};
use crate::ring::layout::{Layout, MENU_RADIUS, Side};
use crate::ring::scene::{Countdown, Lock, NodeScene, Part, Queue};
use crate::words::{self as w, Word};

/// A smaller node has room for its id only. Its clock is in the diagram and in its name.
const LEAST_RADIUS_WITH_CLOCK: f64 = 14.0;

/// The largest number of timers drawn around a node.
const MAX_ARCS: usize = 3;

/// The largest number of waiting requests drawn one by one.
const MAX_QUEUE: usize = 6;

/// The largest number of nodes that a caption names.
const MAX_NAMED: usize = 3;

/// Settings for the ring's appearance.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub layout: &'a Layout,
    pub pointed: NodeSet,
    pub language: Language,
}

/// The disc, centred at the origin. Its shape shows the role.
pub fn disc(node: &NodeScene, look: &Look<'_>) -> Element {
    let layout = look.layout;
    let r = layout.radius;
    let names = [
        "node",
        node.state(),
        node.part.name(),
        when(node.status.is_down(), "down"),
        when(look.pointed.contains(node.id), "pointed"),
        when(node.lock == Lock::Holding, "holding"),
    ];
    let is_down = node.status.is_down();
    let inner = node.part == Part::Leader && !is_down;
    let bars = node.status == Status::Paused;
    Element::group(&names)
        .holding([
            Element::circle("halo", r + if layout.is_crowded() { 2.0 } else { 7.0 }),
            Element::circle("disc", r),
        ])
        .holding(inner.then(|| Element::circle("inner", r - 5.5)))
        .holding(written(node, layout))
        .holding(bars.then(|| Element::path("paused-bars", paused_bars(r))))
}

/// The text in the disc: the id and the Lamport clock.
fn written(node: &NodeScene, layout: &Layout) -> Vec<Element> {
    let r = layout.radius;
    let text =
        |class: &'static str, y: f64, text: String| Element::text(class, Point::new(0.0, y), text);
    // Two digits of the usual size would reach the badges.
    let is_long = node.id.get() > 9;
    let id = |y: f64| text(if is_long { "id long" } else { "id" }, y, node.id.to_string());
    if node.status.is_down() {
        let ghost = text("id ghost", -r * 0.52, node.id.to_string());
        let sign = match node.status {
            _ if node.is_unknown => text("unknown-mark", r * 0.36, "?".to_owned()),
            Status::Stopped => Element::path("stopped-mark", square_path(r * 0.32)),
            Status::Up | Status::Paused | Status::Crashed => {
                Element::path("cross", cross(r * 0.42))
            }
        };
        return vec![sign, ghost];
    }
    if r < LEAST_RADIUS_WITH_CLOCK {
        return vec![id(6.0)];
    }
    let clock = Element::group(&["clock-value"]).with("aria-hidden", "true");
    if has_dial(node, layout) {
        return vec![id(r * 0.06), dial(clock, node.clock, r)];
    }
    vec![id(-r * 0.02), clock.holding([text("", r * 0.72, node.clock.to_string())])]
}

/// How far the text in a disc reaches below its middle.
pub fn text_bottom(node: &NodeScene, layout: &Layout) -> f64 {
    const BELOW_PX: f64 = 4.5;
    let r = layout.radius;
    let baseline = if r < LEAST_RADIUS_WITH_CLOCK {
        6.0
    } else if has_dial(node, layout) {
        r * 0.47 + 5.5
    } else {
        r * 0.72
    };
    baseline + BELOW_PX
}

/// Whether the dial fits below the id, and between the number of the clock and the menu button.
fn has_dial(node: &NodeScene, layout: &Layout) -> bool {
    const LEAST_RADIUS: f64 = 32.5;
    const DIAL_PX: f64 = 20.0;
    const DIGIT_PX: f64 = 10.0;
    const EDGE_PX: f64 = 2.0;
    let digits = node.clock.to_string().len() as f64;
    let half = layout.menu_place(node.id).x.abs() - MENU_RADIUS - EDGE_PX;
    layout.radius >= LEAST_RADIUS && DIAL_PX + DIGIT_PX * digits <= 2.0 * half
}

/// Everything around the disc: timers, the two lines of the label, the coordinator's queue.
pub fn surroundings(node: &NodeScene, layout: &Layout, language: Language) -> Element {
    let r = layout.radius;
    let side = layout.label_side(node.id);
    let (first, second) = caption(node, language);
    let lines = layout.label_lines();
    let [y1, y2] = caption_lines(side, r, lines);
    let text =
        |class: &'static str, y: f64, text: String| Element::text(class, Point::new(0.0, y), text);
    let timers = node.timers.iter().take(MAX_ARCS).enumerate();
    let queue = node.queue.as_ref().filter(|_| layout.has_queue());
    Element::group(&["around", node.state(), when(node.status.is_down(), "down")])
        .with("transform", moved_to(layout.centre(node.id)))
        .with("aria-hidden", "true")
        .holding(timers.map(|(place, timer)| ring_arc(place, timer, r)))
        .holding((lines > 0).then(|| text("caption", y1, first)))
        .holding((lines > 1).then(|| text("caption second", y2, second)))
        .holding(queue.map(|queue| draw_queue(node.id, queue, layout, side)))
}

/// The baselines of the two lines beside a node, relative to its centre.
pub const fn caption_lines(side: Side, r: f64, lines: usize) -> [f64; 2] {
    match side {
        Side::Above if lines == 1 => [-(r + 20.0), 0.0],
        Side::Above => [-(r + 37.0), -(r + 20.0)],
        Side::Below => [r + 31.0, r + 48.0],
    }
}

/// The top of the coordinator's queue, relative to the node's centre.
pub fn queue_top(layout: &Layout, side: Side) -> f64 {
    // Beyond the label.
    let labels = [21.0, 40.0, 57.0][layout.label_lines()];
    match side {
        Side::Above => -(layout.radius + labels + 24.0),
        Side::Below => layout.radius + labels,
    }
}

/// The width of a drawn queue.
pub fn queue_width(queue: &Queue) -> f64 {
    28.0 + 26.0 * queue.waiting.len().clamp(1, MAX_QUEUE) as f64
}

/// The size of a badge and of the sign of the lock.
pub const BADGE_PX: f64 = 26.0;

/// The distance of a badge from the node's centre, in both directions.
pub const fn badge_corner(r: f64) -> f64 {
    // Far enough from the centre not to cover the id.
    (r * 0.74).max(21.5)
}

/// The two lines beside a node: its role, and its leader or what it waits for.
pub fn caption(node: &NodeScene, language: Language) -> (String, String) {
    let say = |word: Word| word.say(language).to_owned();
    if node.status.is_down() {
        return (say(node.how_it_ended()), String::new());
    }
    let role = match (node.status, node.part) {
        (_, Part::Peer) => String::new(),
        (_, Part::Leader) if node.queue.is_some() => say(w::ROLE_COORDINATOR),
        (_, Part::Leader) => say(w::ROLE_LEADER),
        (_, Part::Candidate) => say(w::ROLE_CANDIDATE),
        (_, Part::Follower) => say(w::ROLE_FOLLOWER),
    };
    let second = match (node.lock, node.leader) {
        (Lock::Holding, _) => match node.token {
            Some(token) => w::HOLDS_TOKEN.fill(language, &[&token]),
            None => say(w::HOLDS),
        },
        (Lock::Waiting, _) => waits(&node.missing, language),
        (Lock::None, Some(leader)) if leader == node.id => String::new(),
        (Lock::None, Some(leader)) => w::FOLLOWS.fill(language, &[&leader]),
        (Lock::None, None) if node.part == Part::Peer => String::new(),
        (Lock::None, None) => say(w::FOLLOWS_NOBODY),
    };
    if node.status == Status::Paused {
        let inbox = w::INBOX.fill(language, &[&node.inbox]);
        return (say(w::STATE_PAUSED), if node.inbox > 0 { inbox } else { role });
    }
    (role, second)
}

/// The line of a node that has asked for the lock: the missing OKs, if it counts OKs.
fn waits(missing: &[NodeId], language: Language) -> String {
    match missing.len() {
        0 => w::WAITS.say(language).to_owned(),
        1..=MAX_NAMED => {
            let names: Vec<_> = missing.iter().map(NodeId::to_string).collect();
            w::WAITS_FOR_OK.fill(language, &[&names.join(", ")])
        }
        many => w::WAITS_FOR_MANY_OKS.fill(language, &[&many]),
    }
}

fn cross(half: f64) -> String {
    let h = px(half);
    format!("M-{h}-{h}L{h} {h}M-{h} {h}L{h}-{h}")
}

fn square_path(half: f64) -> String {
    let h = px(half);
    format!("M-{h}-{h}H{h}V{h}H-{h}z")
}

fn paused_bars(r: f64) -> String {
    let (x, top, bottom) = (px(r * 0.16), px(-r * 0.86), px(-r * 0.56));
    format!("M-{x} {top}V{bottom}M{x} {top}V{bottom}")
}

/// The Lamport clock: a small dial and the number.
fn dial(clock: Element, value: u64, r: f64) -> Element {
    let text = value.to_string();
    let half = 4.5 * text.len() as f64;
    let number = Element::new("text").with("x", "11").with("y", "5.5").saying(text);
    clock.with("transform", moved_to(Point::new(-half - 1.0, r * 0.47))).holding([
        Element::circle("", 6.2),
        Element::path("", "M0-3.4V0L2.6 1.7"),
        number,
    ])
}

/// The button of a node's menu, as a shape.
pub fn menu_sign(id: NodeId, layout: &Layout) -> Element {
    let dot = |x: &'static str| Element::circle("dot", 1.6).with("cx", x);
    Element::group(&["more"]).with("transform", moved_to(layout.menu_place(id))).holding([
        Element::circle("hit", MENU_RADIUS),
        dot("-4.5"),
        dot("0"),
        dot("4.5"),
    ])
}

/// The letter of the role and the sign of the lock, around the origin.
pub fn badges(node: &NodeScene, layout: &Layout) -> Vec<Element> {
    if node.status.is_down() {
        return Vec::new();
    }
    let letter = match node.part {
        Part::Leader => Some("L"),
        Part::Candidate => Some("C"),
        Part::Follower | Part::Peer => None,
    };
    let corner = badge_corner(layout.radius);
    let badge = |kind: &str, name: &str, at: Point| {
        let badge = Element::group(&[kind, name]).with("aria-hidden", "true");
        badge.with("transform", moved_to(at))
    };
    let role = letter.filter(|_| !layout.is_crowded()).map(|letter| {
        badge("badge", node.part.name(), Point::new(corner, -corner))
            .holding([square(-11.5, 23.0, 7.0), Element::text("", Point::new(0.0, 5.0), letter)])
    });
    let lock = (node.lock != Lock::None).then(|| {
        let key = Element::new("path").with("transform", "translate(-9 -9) scale(.9)");
        badge("lock", node.lock.name(), layout.lock_place(node.id))
            .holding([square(-13.0, 26.0, 8.0), key.with("d", Icon::Key.path())])
    });
    role.into_iter().chain(lock).collect()
}

/// A square with round corners. `corner` is both coordinates of its top left corner.
fn square(corner: f64, side: f64, round: f64) -> Element {
    let square = Element::new("rect").with("x", px(corner)).with("y", px(corner));
    square.with("width", px(side)).with("height", px(side)).with("rx", px(round))
}

/// A timer: an arc that shrinks until the timer fires.
fn ring_arc(place: usize, timer: &Countdown, r: f64) -> Element {
    let thin = timer.traffic == Traffic::Heartbeat;
    Element::new("circle")
        .wearing(&["timer", look::class(timer.traffic), when(thin, "thin")])
        .with("r", px(r + 8.0 + 5.0 * place as f64))
        .with("pathLength", "100")
        .with("stroke-dasharray", px(timer.left * 100.0) + " 100")
        .with("transform", "rotate(-90)")
}

/// The coordinator's table: the holder of the lock, then the waiting nodes, the next one first.
fn draw_queue(id: NodeId, queue: &Queue, layout: &Layout, side: Side) -> Element {
    let (y, width) = (queue_top(layout, side), queue_width(queue));
    let cell = |place: usize, class: &'static str, node: Option<NodeId>| {
        let x = -width / 2.0 + if place == 0 { 0.0 } else { 8.0 + 26.0 * place as f64 };
        let number = node.map(|node| node.to_string()).unwrap_or_default();
        Element::group(&[class])
            .with("transform", moved_to(Point::new(x, y)))
            .holding([square(0.0, 24.0, 6.0), Element::text("", Point::new(12.0, 17.0), number)])
    };
    let first = if queue.holder.is_some() { "holder" } else { "empty" };
    let waiting = queue.waiting.iter().take(MAX_QUEUE).enumerate();
    Element::group(&["queue"])
        .with("data-queue", id.to_string())
        .holding([cell(0, first, queue.holder)])
        .holding(waiting.map(|(place, waiter)| cell(place + 1, "waiter", Some(*waiter))))
        .holding(queue.waiting.is_empty().then(|| cell(1, "empty", None)))
}
