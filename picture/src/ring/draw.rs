//! Draws the links, the resource, and the layers below and above the messages.

use crate::element::Element;
use crate::language::Language;
use crate::px::{Point, Size, line, moved_to, px};
use crate::ring::layout::Layout;
pub use crate::ring::node::Look;
use crate::ring::node::surroundings;
use crate::ring::scene::{CutScene, Refusal, ResourceScene, Scene};
use crate::words as w;

/// The layer below lost messages, nodes and messages on their way, from bottom to top.
pub fn below(scene: &Scene, look: &Look<'_>) -> Vec<Element> {
    let Look { layout, language, .. } = *look;
    let mut drawn = vec![links(scene, layout)];
    let cuts = scene.cuts.iter().map(|cut| cut_link(*cut, layout));
    drawn.push(Element::new("g").holding(cuts));
    drawn.extend(scene.resource.as_ref().map(|it| draw_resource(it, layout, language)));
    drawn.extend(scene.nodes.iter().map(|node| surroundings(node, layout, language)));
    drawn
}

fn links(scene: &Scene, layout: &Layout) -> Element {
    let ids = || scene.nodes.iter().map(|node| node.id);
    let path: String = ids()
        .flat_map(|a| ids().filter(move |&b| a < b).map(move |b| (a, b)))
        .map(|(a, b)| {
            let (start, end) = layout.link(a, b);
            line(start, end)
        })
        .collect();
    let links = Element::group(&["links"]).with("aria-hidden", "true");
    links.holding([Element::path("", path)])
}

/// A bar across a cut link. If one direction works, it has a gap for an arrow.
fn cut_link(cut: CutScene, layout: &Layout) -> Element {
    let (start, end) = layout.link(cut.a, cut.b);
    let direction = start.direction(end);
    let aside = direction.right_hand();
    let middle = start.towards(end, 0.5);
    let bar = |from: f64, to: f64| line(middle.plus(aside, from), middle.plus(aside, to));
    // Each direction is drawn on the right-hand side of its link.
    let d = match (cut.there, cut.back) {
        (true, true) => bar(-16.0, 16.0),
        (true, false) => bar(2.0, 16.0),
        _ => bar(-16.0, -2.0),
    };
    Element::group(&["cut"]).holding([Element::path("gap", line(start, end)), Element::path("", d)])
}

/// The distance of two lines of text in the resource.
const LINE_HEIGHT: f64 = 17.0;
const TIGHT_LINE_HEIGHT: f64 = 14.5;

/// The height of the tab that shows a refused write, below the resource.
const REFUSAL_HEIGHT: f64 = 22.0;

/// The text for the token of a refused write.
pub fn token_of(refused: Refusal, language: Language) -> String {
    let none = || w::NO_TOKEN.say(language).to_owned();
    refused.token.map_or_else(none, |token| token.to_string())
}

fn refusal_text(refused: Refusal, language: Language) -> String {
    w::REFUSED_TOKEN.fill(language, &[&token_of(refused, language)])
}

/// The size of the tab that shows a refused write.
pub fn refusal_size(refused: Refusal, language: Language) -> Size {
    let letters = refusal_text(refused, language).chars().count();
    Size { width: REFUSAL_HEIGHT + 8.0 * letters as f64, height: REFUSAL_HEIGHT }
}

/// The tab below the resource, with the token of the write that was just refused.
fn draw_refusal(refused: Refusal, half_height: f64, language: Language) -> Element {
    let told = refusal_text(refused, language);
    let Size { width, .. } = refusal_size(refused, language);
    let tab = Element::new("rect").with("x", px(-width / 2.0)).with("width", px(width));
    let cross = cross_at(Point::new(11.0 - width / 2.0, REFUSAL_HEIGHT / 2.0));
    Element::group(&["refusal"])
        .with("data-refused", token_of(refused, language))
        .with("transform", moved_to(Point::new(0.0, half_height + 3.0)))
        .holding([
            tab.with("height", px(REFUSAL_HEIGHT)).with("rx", "6"),
            Element::path("", cross),
            Element::text("", Point::new(8.0, 15.5), told),
        ])
}

fn cross_at(middle: Point) -> String {
    let corner = |x: f64, y: f64| Point::new(middle.x + x, middle.y + y);
    line(corner(-4.0, -4.0), corner(4.0, 4.0)) + &line(corner(-4.0, 4.0), corner(4.0, -4.0))
}

/// The text in the resource: its last write, and the highest token if there is one.
pub fn written(resource: &ResourceScene, language: Language) -> (String, Option<String>) {
    let written = match resource.writer {
        Some(writer) => w::LAST_WRITE.fill(language, &[&writer]),
        None => w::NO_WRITE.say(language).to_owned(),
    };
    (written, resource.token.map(|token| w::TOKEN.fill(language, &[&token])))
}

fn draw_resource(resource: &ResourceScene, layout: &Layout, language: Language) -> Element {
    let (half_width, half_height) = (layout.resource_half_width(), layout.resource_half_height());
    let (written, token) = written(resource, language);
    // The token has its own line, since both together are wider than the box.
    let first_line = if token.is_some() { -11.0 } else { -3.0 };
    // A small box has room for three lines only if they are closer together.
    let is_tight = token.is_some() && layout.is_small();
    let line_height = if is_tight { TIGHT_LINE_HEIGHT } else { LINE_HEIGHT };
    let text = |class: &'static str, place: f64, text: String| {
        Element::text(class, Point::new(0.0, first_line + place * line_height), text)
    };
    let class = match resource.open.len() {
        0 => "resource",
        1 => "resource open",
        _ => "resource open torn",
    };
    let corner = Point::new(-half_width, -half_height);
    let frame = Element::new("rect").with("x", px(corner.x)).with("y", px(corner.y));
    let frame = frame.with("width", px(half_width * 2.0)).with("height", px(half_height * 2.0));
    let name = w::RESOURCE.say(language).to_owned();
    let lines = [text("name", 0.0, name), text("value", 1.0, written)];
    let refusal = resource.refused.map(|refused| draw_refusal(refused, half_height, language));
    Element::group(&[class])
        .with("transform", moved_to(layout.resource()))
        .holding([frame.with("rx", "8")])
        .holding(lines)
        .holding(token.map(|token| text("value", 2.0, token)))
        .holding(refusal)
}
