//! The ring: links, nodes, messages on their way.

use antes_core::{NodeId, NodeSet, Traffic};
use antes_sim::trace::MessageId;
use yew::{Html, html};

use crate::language::Language;
use crate::look::{self, classes, when};
use crate::px::{Point, Size, line, moved_to, px};
use crate::ring::layout::{Beside, Layout};
use crate::ring::scene::{CutScene, FlightScene, ResourceScene, Scene, receiver};
use crate::view::ring_node::{disc, surroundings};
use crate::words::{self as w, Word};

/// More messages than this are drawn without their names.
const MAX_NAMED: usize = 24;

/// On a ring that is smaller than this, names would lie upon each other.
const LEAST_NAMED_PX: f64 = 310.0;

/// How wide a letter of a message's name is, at most.
const LETTER_PX: f64 = 9.6;

/// What a click on the ring does, as its labels tell.
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
    /// A message to point out.
    pub pointed_message: Option<MessageId>,
    /// What a click does.
    pub clicks: &'a Clicks,
    /// The language.
    pub language: Language,
}

/// The ring.
pub fn ring(shown: &Shown<'_>) -> Html {
    let Shown { scene, layout, language, .. } = shown;
    let narrowest = shown.size.width.min(shown.size.height);
    let named = scene.flights.len() <= MAX_NAMED && narrowest >= LEAST_NAMED_PX;
    let view_box = format!("0 0 {} {}", px(shown.size.width), px(shown.size.height));
    let nodes = || scene.nodes.iter();
    html! {
        <svg class="ring" viewBox={view_box} role="group" aria-label={w::RING.say(*language)}>
            <g class="links" aria-hidden="true">{ links(scene, layout) }</g>
            { for scene.cuts.iter().map(|cut| cut_link(*cut, layout)) }
            if let Some(resource) = &scene.resource {
                { draw_resource(resource, layout, *language) }
            }
            { for nodes().map(|node| surroundings(node, layout, *language)) }
            <g>{ for scene.flights.iter().filter(|flight| flight.dead)
                .map(|flight| draw_flight(flight, shown, named)) }</g>
            { for nodes().map(|node| disc(node, shown)) }
            <g>{ for scene.flights.iter().filter(|flight| !flight.dead)
                .map(|flight| draw_flight(flight, shown, named)) }</g>
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

fn draw_flight(flight: &FlightScene, shown: &Shown<'_>, named: bool) -> Html {
    let message = &flight.message;
    let (from, to) = (message.id.from, receiver(message));
    let (start, end) = shown.layout.lane(from, to);
    let at = start.towards(end, flight.progress);
    let traffic = message.content.traffic();
    let name = message.content.name();
    let class = classes(&[
        "flight",
        look::class(traffic),
        when(message.content.is_reply(), "reply"),
        when(flight.dead, "dead"),
        when(shown.pointed_message == Some(message.id), "pointed"),
    ]);
    let id = message.id.to_string();
    let label = flight_label(flight, name, from, to, shown);
    let text = (named && traffic != Traffic::Heartbeat && !flight.dead)
        .then(|| flight_name(name, start.direction(end), at, shown));
    let radius = if traffic == Traffic::Heartbeat { 6 } else { 9 };
    if flight.dead {
        return html! {
            <g key={format!("dead-{id}")} class={class} transform={moved_to(at)} role="img"
                aria-label={label} data-message={id} data-kind={name} data-lost="true">
                <path d="M-7-7L7 7M-7 7L7-7" />
            </g>
        };
    }
    html! {
        <g key={id.clone()} class={class} transform={moved_to(at)} role="button" tabindex="0"
            aria-label={label} data-message={id.clone()} data-kind={name}
            data-action="message-menu" data-about={id}>
            <circle class="hit" r="15" />
            <path d={look::shape(traffic, radius)} />
            { text.unwrap_or_default() }
        </g>
    }
}

fn flight_label(
    flight: &FlightScene,
    name: &'static str,
    from: NodeId,
    to: Option<NodeId>,
    shown: &Shown<'_>,
) -> String {
    let Shown { clicks, language, .. } = *shown;
    match (flight.dead, to) {
        (true, Some(to)) => w::MESSAGE_DIED.fill(language, &[&name, &from, &to]),
        (true, None) => {
            w::MESSAGE_DIED.fill(language, &[&name, &from, &w::THE_RESOURCE.say(language)])
        }
        (false, Some(to)) => clicks.message.fill(language, &[&name, &from, &to]),
        (false, None) => clicks.write.fill(language, &[&from]),
    }
}

/// The name of a message, beside it.
fn flight_name(name: &'static str, direction: Point, at: Point, shown: &Shown<'_>) -> Html {
    let width = LETTER_PX * name.len() as f64;
    let (anchor, x, y) = match shown.layout.name_place(direction, at, width, shown.size) {
        Beside::Right => ("start", 16.0, 5.0),
        Beside::Left => ("end", -16.0, 5.0),
        Beside::Above => ("middle", 0.0, -17.0),
        Beside::Below => ("middle", 0.0, 27.0),
    };
    html! { <text text-anchor={anchor} x={px(x)} y={px(y)}>{ name }</text> }
}

/// Between two lines of text in the resource.
const LINE_HEIGHT: f64 = 17.0;

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
        </g>
    }
}
