//! The ring: links, nodes, messages on their way.

use antes_core::NodeSet;
use yew::{Html, html};

use crate::language::Language;
use crate::look::{classes, when};
use crate::px::{Point, Size, line, moved_to, px, view_box};
use crate::ring::layout::Layout;
use crate::ring::scene::{CutScene, Refusal, ResourceScene, Scene};
use crate::view::ring_node::{disc, surroundings};
use crate::words::{self as w, Word};

/// What a click on the ring does, as its labels tell.
#[derive(PartialEq)]
pub struct Clicks {
    /// On a node that is up.
    pub node: Word,
    /// On one that is down.
    pub down: Word,
    /// On a message to a node.
    pub message: Word,
    /// On a write.
    pub write: Word,
    /// Whether nodes have a menu of what else can be done.
    pub menus: bool,
}

/// In a run that goes on, a click acts.
pub const ACTS: Clicks = Clicks {
    node: w::NODE_LABEL,
    down: w::NODE_DOWN_LABEL,
    message: w::MESSAGE_LABEL,
    write: w::WRITE_LABEL,
    menus: true,
};

/// What the ring shows.
pub struct Shown<'a> {
    /// The moment.
    pub scene: &'a Scene,
    /// Where things are.
    pub layout: &'a Layout,
    /// The size of the surface.
    pub size: Size,
    /// Nodes to point out.
    pub pointed: NodeSet,
    /// The messages on their way, drawn.
    pub flying: Html,
    /// The messages that died, drawn.
    pub lost: Html,
    /// What a click does.
    pub clicks: &'a Clicks,
    /// The language.
    pub language: Language,
}

/// The ring.
pub fn ring(shown: &Shown<'_>) -> Html {
    let Shown { scene, layout, language, .. } = shown;
    let nodes = || scene.nodes.iter();
    html! {
        <svg class={classes(&["ring", when(layout.is_small(), "small")])}
            viewBox={view_box(shown.size)} role="group" aria-label={w::RING.say(*language)}>
            <g class="links" aria-hidden="true">{ links(scene, layout) }</g>
            { for scene.cuts.iter().map(|cut| cut_link(*cut, layout)) }
            if let Some(resource) = &scene.resource {
                { draw_resource(resource, layout, *language) }
            }
            { for nodes().map(|node| surroundings(node, layout, *language)) }
            { shown.lost.clone() }
            { for nodes().map(|node| disc(node, shown)) }
            { shown.flying.clone() }
            // Never seen: the widths of texts are measured here.
            <svg class="probe" width="0" height="0" aria-hidden="true">
                <g class="flight"><text></text></g>
                <g class="around"><text class="caption"></text></g>
            </svg>
        </svg>
    }
}

fn links(scene: &Scene, layout: &Layout) -> Html {
    let ids = || scene.nodes.iter().map(|node| node.id);
    let path: String = ids()
        .flat_map(|a| ids().filter(move |&b| a < b).map(move |b| (a, b)))
        .map(|(a, b)| {
            let (start, end) = layout.link(a, b);
            line(start, end)
        })
        .collect();
    html! { <path d={path} /> }
}

/// A bar across a link that is cut, with an arrow's worth of gap where it still works one way.
fn cut_link(cut: CutScene, layout: &Layout) -> Html {
    let (start, end) = layout.link(cut.a, cut.b);
    let direction = start.direction(end);
    let aside = direction.right_hand();
    let middle = start.towards(end, 0.5);
    let bar = |from: f64, to: f64| line(middle.plus(aside, from), middle.plus(aside, to));
    // Lanes are on the right-hand side of where they go.
    let d = match (cut.there, cut.back) {
        (true, true) => bar(-16.0, 16.0),
        (true, false) => bar(2.0, 16.0),
        _ => bar(-16.0, -2.0),
    };
    html! {
        <g key={format!("cut-{}-{}", cut.a, cut.b)} class="cut">
            <path class="gap" d={line(start, end)} /><path d={d} />
        </g>
    }
}

/// Between two lines of text in the resource.
const LINE_HEIGHT: f64 = 17.0;

/// How far the tab of a refusal stands below the middle of the resource's edge, and its height.
const REFUSAL_HEIGHT: f64 = 22.0;

/// A tab below the resource: the token of the write that it has just refused.
fn token_of(refused: Refusal, language: Language) -> String {
    let none = || w::NO_TOKEN.say(language).to_owned();
    refused.token.map_or_else(none, |token| token.to_string())
}

fn refusal_text(refused: Refusal, language: Language) -> String {
    w::REFUSED_TOKEN.fill(language, &[&token_of(refused, language)])
}

/// How large the tab of a refusal is.
pub fn refusal_size(refused: Refusal, language: Language) -> Size {
    let letters = refusal_text(refused, language).chars().count();
    Size { width: REFUSAL_HEIGHT + 8.0 * letters as f64, height: REFUSAL_HEIGHT }
}

fn draw_refusal(refused: Refusal, half_height: f64, language: Language) -> Html {
    let told = refusal_text(refused, language);
    let Size { width, .. } = refusal_size(refused, language);
    html! {
        <g class="refusal" data-refused={token_of(refused, language)}
            transform={moved_to(Point::new(0.0, half_height + 3.0))}>
            <rect x={px(-width / 2.0)} width={px(width)} height={px(REFUSAL_HEIGHT)} rx="6" />
            <path d={cross_at(Point::new(11.0 - width / 2.0, REFUSAL_HEIGHT / 2.0))} />
            <text text-anchor="middle" x="8" y="15.5">{ told }</text>
        </g>
    }
}

fn cross_at(middle: Point) -> String {
    let corner = |x: f64, y: f64| Point::new(middle.x + x, middle.y + y);
    line(corner(-4.0, -4.0), corner(4.0, 4.0)) + &line(corner(-4.0, 4.0), corner(4.0, -4.0))
}

fn draw_resource(resource: &ResourceScene, layout: &Layout, language: Language) -> Html {
    let (half_width, half_height) = (layout.resource_half_width(), layout.resource_half_height());
    let written = match resource.writer {
        Some(writer) => w::LAST_WRITE.fill(language, &[&writer]),
        None => w::NO_WRITE.say(language).to_owned(),
    };
    let token = resource.token.map(|token| w::TOKEN.fill(language, &[&token]));
    let told = match &token {
        Some(token) => [&written, ", ", token].concat(),
        None => written.clone(),
    };
    let told = match &resource.refused {
        Some(refused) => w::REFUSED_LABEL
            .fill(language, &[&told, &refused.writer, &token_of(*refused, language)]),
        None => told,
    };
    // A token takes a line of its own: both together are wider than the box.
    let first_line = if token.is_some() { -11.0 } else { -3.0 };
    let line = |place: f64| px(first_line + place * LINE_HEIGHT);
    let class = match resource.open.len() {
        0 => "resource",
        1 => "resource open",
        _ => "resource open torn",
    };
    html! {
        <g key="resource" class={class} transform={moved_to(layout.resource())} role="img"
            aria-label={w::RESOURCE_LABEL.fill(language, &[&told])}>
            <rect x={px(-half_width)} y={px(-half_height)} width={px(half_width * 2.0)}
                height={px(half_height * 2.0)} rx="8" />
            <text class="name" text-anchor="middle" y={line(0.0)}>{ w::RESOURCE.say(language) }</text>
            <text class="value" text-anchor="middle" y={line(1.0)}>{ written }</text>
            { for token.map(|token| html! {
                <text class="value" text-anchor="middle" y={line(2.0)}>{ token }</text>
            }) }
            { for resource.refused.map(|refused| draw_refusal(refused, half_height, language)) }
        </g>
    }
}
