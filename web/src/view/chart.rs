//! The space-time diagram, drawn.

use antes_core::{ClusterSize, Traffic};
use antes_sim::trace::Recipient;
use yew::{Html, NodeRef, html};

use crate::address::Stamps;
use crate::chart::index::{SignKind, SpanKind};
use crate::chart::scale::{GUTTER, Scale};
use crate::chart::scene::{ArrowShape, DotShape, Growing, Light, Scene, SignShape, SpanShape};
use crate::language::Language;
use crate::look::{self, Icon, classes, when};
use crate::px::{Point, line, moved_to, px, within};
use crate::view::icon::icon_button;
use crate::words as w;

/// How far the instants below the diagram keep from the one at the cursor.
const TICK_ROOM_PX: f64 = 54.0;

/// What the diagram shows.
pub struct Shown<'a> {
    /// What is visible.
    pub scene: &'a Scene,
    /// What of it moves only when something happens, [drawn](still).
    pub still: Html,
    /// Messages on their way.
    pub growing: Vec<Growing>,
    /// Places of instants and nodes.
    pub scale: Scale,
    /// The left edge.
    pub left: f64,
    /// Where the cursor is.
    pub cursor: f64,
    /// The moment.
    pub now_us: u64,
    /// How many nodes there are.
    pub nodes: ClusterSize,
    /// Whether there is a line for the resource.
    pub has_resource: bool,
    /// Whether an event is selected.
    pub lit: bool,
    /// How instants are told.
    pub tell: &'a dyn Fn(u64) -> String,
    /// The language.
    pub language: Language,
}

/// The diagram in its panel, with what moves and stretches it. `surface` is where it is drawn.
pub fn panel(
    diagram: Html,
    surface: &NodeRef,
    follows: bool,
    stamps: Stamps,
    language: Language,
) -> Html {
    let say = |word: w::Word| word.say(language);
    let pressed = |shown: Stamps| (stamps == shown).to_string();
    html! {
        <section class="panel space-time" aria-label={say(w::DIAGRAM)}>
            <header>
                <h2>{ say(w::DIAGRAM) }</h2>
                <span class="grow"></span>
                if !follows {
                    { icon_button("follow", Icon::Follow, say(w::FOLLOW), "quiet small") }
                }
                { icon_button("zoom-out", Icon::Minus, say(w::ZOOM_OUT), "quiet small") }
                { icon_button("zoom-in", Icon::Plus, say(w::ZOOM_IN), "quiet small") }
                <div class="segments small" role="group" aria-label={say(w::STAMPS)}>
                    <button type="button" data-action="lamport"
                        aria-pressed={pressed(Stamps::Lamport)}>{ say(w::LAMPORT) }</button>
                    <button type="button" data-action="vector"
                        aria-pressed={pressed(Stamps::Vector)}>{ say(w::VECTOR) }</button>
                </div>
            </header>
            <div class="chart" ref={surface.clone()}>{ diagram }</div>
        </section>
    }
}

/// The diagram.
pub fn chart(shown: &Shown<'_>) -> Html {
    let Shown { scale, left, cursor, .. } = shown;
    let cursor = *cursor;
    let size = scale.size;
    let view_box = format!("0 0 {} {}", px(size.width), px(size.height));
    let inner = format!("0 0 {} {}", px(scale.inner_width()), px(size.height));
    let shift = moved_to(Point::new(-left, 0.0));
    html! {
        <svg class={classes(&["diagram", when(shown.lit, "lit")])} viewBox={view_box} role="img"
            aria-label={w::DIAGRAM_LABEL.say(shown.language)}>
            { names(shown) }
            <svg x={px(GUTTER)} y="0" width={px(scale.inner_width())} height={px(size.height)}
                viewBox={inner}>
                <g transform={shift}>
                    { lanes(shown, cursor) }
                    { ticks_and_spans(shown) }
                    { shown.still.clone() }
                    { growing(&shown.growing) }
                    { cursor_line(shown, cursor) }
                </g>
            </svg>
        </svg>
    }
}

fn names(shown: &Shown<'_>) -> Html {
    let scale = &shown.scale;
    let name = |node: antes_core::NodeId| {
        html! {
            <text key={node.get()} class="lane-name" x={px(GUTTER - 16.0)} y={px(scale.y(node) + 5.0)}
                text-anchor="end">{ node.to_string() }</text>
        }
    };
    html! {
        <>
            { for shown.nodes.nodes().map(name) }
            if shown.has_resource {
                <text class="lane-name resource" x={px(GUTTER - 16.0)}
                    y={px(scale.resource_y() + 5.0)} text-anchor="end">{ "R" }</text>
            }
        </>
    }
}

fn lanes(shown: &Shown<'_>, cursor: f64) -> Html {
    let scale = &shown.scale;
    let right = shown.left + scale.inner_width();
    let mut lines: Vec<f64> = shown.nodes.nodes().map(|node| scale.y(node)).collect();
    if shown.has_resource {
        lines.push(scale.resource_y());
    }
    let upto = within(cursor, 0.0, right);
    let known: String =
        lines.iter().map(|&y| line(Point::new(0.0, y), Point::new(upto, y))).collect();
    let ahead: String =
        lines.iter().map(|&y| line(Point::new(upto, y), Point::new(right.max(upto), y))).collect();
    html! { <><path class="lane ahead" d={ahead} /><path class="lane" d={known} /></> }
}

fn cursor_line(shown: &Shown<'_>, cursor: f64) -> Html {
    let scale = &shown.scale;
    let (top, bottom) = (scale.top() - 22.0, scale.bottom() + 12.0);
    let label = (shown.tell)(shown.now_us);
    let half = label.chars().count() as f64 * 3.7 + 8.0;
    html! {
        <g class="cursor" transform={moved_to(Point::new(cursor, 0.0))} aria-hidden="true">
            <path d={line(Point::new(0.0, top), Point::new(0.0, bottom))} />
            <rect x={px(-half)} y={px(bottom)} width={px(half * 2.0)} height="22" rx="6" />
            <text text-anchor="middle" y={px(bottom + 15.5)}>{ label }</text>
        </g>
    }
}

/// The arrows of messages on their way. There may be hundreds, and all move with every frame: those
/// that look alike are one drawing.
fn growing(grown: &[Growing]) -> Html {
    let alike = |traffic: Traffic, is_reply: bool| {
        let (mut shafts, mut heads) = (String::new(), String::new());
        for Growing { message, from, to } in grown {
            if message.content.traffic() == traffic && message.content.is_reply() == is_reply {
                shafts += &line(*from, *to);
                heads += &head(*from, *to);
            }
        }
        html! {
            <g class={classes(&["arrow", look::class(traffic), when(is_reply, "reply")])}>
                <path class="shaft" d={shafts} />
                <path class="head" d={heads} />
            </g>
        }
    };
    let both = |traffic| html! { <>{ alike(traffic, false) }{ alike(traffic, true) }</> };
    html! { <g class="growing" aria-hidden="true">{ for look::FAMILIES.map(both) }</g> }
}

fn ticks_and_spans(shown: &Shown<'_>) -> Html {
    let Shown { scene, scale, cursor, .. } = shown;
    html! {
        <>
            <g class="ticks" aria-hidden="true">{ for scene.ticks.iter()
                .filter(|&&tick| (scale.x_of(tick) - cursor).abs() > TICK_ROOM_PX)
                .map(|&tick| draw_tick(tick, scale, (shown.tell)(tick))) }</g>
            <g aria-hidden="true">{ for scene.spans.iter().enumerate()
                .map(|(place, span)| draw_span(place, span, *cursor)) }</g>
        </>
    }
}

/// The part that moves only when something happens.
pub fn still(scene: &Scene) -> Html {
    html! {
        <>
            <g>{ for scene.arrows.iter().map(draw_arrow) }</g>
            <g>{ for scene.signs.iter().map(draw_sign) }</g>
            <g>{ for scene.dots.iter().map(draw_dot) }</g>
        </>
    }
}

fn draw_tick(tick: u64, scale: &Scale, told: String) -> Html {
    let at = Point::new(scale.x_of(tick), scale.bottom() + 28.0);
    html! {
        <text key={tick} x={px(at.x)} y={px(at.y)} text-anchor="middle">{ told }</text>
    }
}

fn draw_span(place: usize, span: &SpanShape, cursor: f64) -> Html {
    let width = (span.to.unwrap_or(cursor) - span.from).max(0.0);
    let (class, half) = match span.kind {
        SpanKind::Leads => ("leads", 11.0),
        SpanKind::Holds(_) => ("holds", 5.0),
        SpanKind::Down => ("down", 4.0),
        SpanKind::Paused => ("frozen", 4.0),
    };
    let end = span.from + width;
    let dotted = line(Point::new(span.from, span.y), Point::new(end, span.y));
    html! {
        <g key={place} class={classes(&["span", class])}>
            <rect x={px(span.from)} y={px(span.y - half)} width={px(width)}
                height={px(half * 2.0)} rx="3" />
            if matches!(span.kind, SpanKind::Down | SpanKind::Paused) {
                <path d={dotted} />
            }
        </g>
    }
}

fn draw_arrow(arrow: &ArrowShape) -> Html {
    let content = &arrow.message.content;
    let class = classes(&[
        "arrow",
        look::class(content.traffic()),
        when(content.is_reply(), "reply"),
        when(arrow.is_copy, "copy"),
        arrow.light.class(),
    ]);
    let seq = arrow.seq.to_string();
    let tip = if arrow.died { cross(arrow.to, 4.5) } else { head(arrow.from, arrow.to) };
    let end = if arrow.died { "cross" } else { "head" };
    let title = match arrow.message.to {
        Recipient::Node(to) => format!("{} {} → {to}", content.name(), arrow.message.id.from),
        Recipient::Resource => format!("{} {}", content.name(), arrow.message.id.from),
    };
    html! {
        <g key={arrow.message.id.to_string()} class={class} data-event={seq.clone()}
            data-action="select" data-about={seq}>
            <title>{ title }</title>
            <path class="hit" d={line(arrow.from, arrow.to)} />
            <path class="shaft" d={line(arrow.from, arrow.to)} />
            <path class={end} d={tip} />
        </g>
    }
}

fn draw_dot(dot: &DotShape) -> Html {
    let class = classes(&[
        "dot",
        dot.traffic.map_or("local", look::class),
        dot.light.class(),
        when(dot.hovered, "hovered"),
    ]);
    let radius = match dot.light {
        Light::Selected => 7,
        Light::Concurrent => 4,
        Light::Plain | Light::Past | Light::Future if dot.hovered => 7,
        Light::Plain | Light::Past | Light::Future => 5,
    };
    let seq = dot.seq.to_string();
    html! {
        <g key={seq.clone()} class={class} transform={moved_to(dot.at)} data-event={seq.clone()}
            data-action="select" data-about={seq}>
            <circle class="hit" r="12" />
            <path d={look::shape(dot.traffic.unwrap_or(Traffic::Clock), radius)} />
            if let Some(label) = &dot.label {
                <text text-anchor="middle" y="-10">{ label.clone() }</text>
            }
        </g>
    }
}

fn draw_sign(sign: &SignShape) -> Html {
    let (class, d) = match sign.kind {
        SignKind::Crash => ("crash", "M-7-7L7 7M-7 7L7-7"),
        SignKind::Restart => ("restart", "M-4-7L6 0-4 7Z"),
        SignKind::Timeout => ("timeout", "M-4 9H4L-4 18H4Z"),
        SignKind::Write => ("write", "M-4-4h8v8h-8z"),
        SignKind::Violation => ("violation", "M0-10L10 0 0 10-10 0ZM0-5v5M0 3.5v1"),
    };
    let class = classes(&["sign", class, when(sign.pointed, "pointed")]);
    let seq = sign.seq.to_string();
    html! {
        <g key={seq.clone()} class={class} transform={moved_to(sign.at)} data-event={seq.clone()}
            data-action="select" data-about={seq}>
            <circle class="hit" r="12" />
            <path d={d} />
        </g>
    }
}

/// An arrow's head at `to`, kept a little off the dot that it points at.
fn head(from: Point, to: Point) -> String {
    let direction = from.direction(to);
    let tip = to.plus(direction, -4.0);
    let base = tip.plus(direction, -8.0);
    let aside = direction.right_hand();
    let (a, b) = (base.plus(aside, 3.6), base.plus(aside, -3.6));
    [&line(tip, a), "L", &px(b.x), " ", &px(b.y), "Z"].concat()
}

fn cross(at: Point, half: f64) -> String {
    let corner = |x: f64, y: f64| Point::new(at.x + x * half, at.y + y * half);
    line(corner(-1.0, -1.0), corner(1.0, 1.0)) + &line(corner(-1.0, 1.0), corner(1.0, -1.0))
}
