//! The space-time diagram, drawn.

use antes_core::{ClusterSize, Traffic};
use antes_sim::trace::{MessageRecord, Recipient};
use web_sys::Element;
use yew::{Html, NodeRef, html};

use crate::address::Stamps;
use crate::chart::growing::{Growing, MAX_NAMED};
use crate::chart::index::{SignKind, SpanKind};
use crate::chart::labels::Label;
use crate::chart::scale::{GUTTER, Scale};
use crate::chart::scene::{ArrowShape, DotShape, Light, SignShape, SpanShape, Tip};
use crate::dom::set;
use crate::language::Language;
use crate::look::{self, Icon, classes, when};
use crate::px::{Path, Point, line, moved_to, px, view_box, within};
use crate::view::crowd::{Crowd, Figure};
use crate::view::icon::icon_button;
use crate::view::redraw::redraw;
use crate::words as w;

/// How far the instants below the diagram keep from the one at the cursor.
const TICK_ROOM_PX: f64 = 66.0;

/// How far they keep from the edges of the diagram.
const TICK_EDGE_PX: f64 = 22.0;

/// What the diagram shows.
pub struct Shown<'a> {
    /// Stretches of the lines.
    pub spans: &'a [SpanShape],
    /// Round instants, in microseconds.
    pub ticks: &'a [u64],
    /// What changes only when something happens, [drawn](show).
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
    /// Whether a node is pointed at.
    pub points_at_node: bool,
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
            <div class="chart" ref={surface.clone()} tabindex="0" role="group"
                aria-label={say(w::DIAGRAM_KEYS)}>{ diagram }</div>
        </section>
    }
}

/// The diagram.
pub fn chart(shown: &Shown<'_>) -> Html {
    let Shown { scale, left, cursor, .. } = shown;
    let cursor = *cursor;
    let height = px(scale.size.height);
    let shift = moved_to(Point::new(-left, 0.0));
    html! {
        <svg class={classes(&["diagram", when(shown.lit, "lit"), when(shown.points_at_node, "pointing")])}
            role="img" viewBox={view_box(scale.size)} aria-label={w::DIAGRAM_LABEL.say(shown.language)}>
            { names(shown) }
            <svg x={px(GUTTER)} y="0" width={px(scale.inner_width())} {height}>
                <g transform={shift}>
                    { lanes(shown, cursor) }
                    { ticks_and_spans(shown) }
                    { shown.still.clone() }
                    { growing(&shown.growing) }
                    { cursor_line(shown, cursor) }
                </g>
            </svg>
            // Never seen: the widths of texts are measured here.
            <svg class="probe" width="0" height="0" aria-hidden="true">
                <g class="dot"><text></text></g>
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
    // At the beginning of the run, it stands beside the line rather than out of sight.
    let middle = within(half - cursor + shown.left, 0.0, half);
    html! {
        <g class="cursor" transform={moved_to(Point::new(cursor, 0.0))} aria-hidden="true">
            <path d={line(Point::new(0.0, top), Point::new(0.0, bottom))} />
            <rect x={px(middle - half)} y={px(bottom)} width={px(half * 2.0)} height="22" rx="6" />
            <text text-anchor="middle" x={px(middle)} y={px(bottom + 15.5)}>{ label }</text>
        </g>
    }
}

/// The arrows of messages on their way. There may be hundreds, and all move with every frame: those
/// that look alike are one drawing.
fn growing(grown: &[Growing]) -> Html {
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
    let alike =
        |((traffic, is_reply, light), shafts, heads): ((Traffic, bool, Light), Path, Path)| {
            let class =
                classes(&["arrow", look::class(traffic), when(is_reply, "reply"), light.class()]);
            html! {
                <g key={class.clone()} {class}>
                    <path class="shaft" d={shafts.0} />
                    <path class="head" d={heads.0} />
                </g>
            }
        };
    let has_few = grown.len() <= MAX_NAMED;
    html! {
        <g class="growing" aria-hidden="true">
            { for groups.into_iter().map(alike) }
            { for grown.iter().filter(|arrow| has_few || arrow.pinned).map(reached) }
        </g>
    }
}

/// What is hit of an arrow that grows, and its name.
fn reached(arrow: &Growing) -> Html {
    let (content, seq) = (&arrow.message.content, arrow.sent_seq.to_string());
    let named = |label: &Label| {
        html! {
            <text text-anchor="middle" x={px(label.at.x)} y={px(label.at.y)}>{ label.text.clone() }</text>
        }
    };
    html! {
        <g key={arrow.message.id.to_string()}
            class={classes(&["arrow", look::class(content.traffic()), arrow.light.class()])}
            data-event={seq.clone()} data-action="select" data-about={seq}>
            <title>{ title(&arrow.message) }</title>
            <path class="hit" d={line(arrow.from, arrow.to)} />
            { for arrow.name.as_ref().map(named) }
        </g>
    }
}

/// A message in short: `OK 3 → 1`.
fn title(message: &MessageRecord) -> String {
    let (name, from) = (message.content.name(), message.id.from);
    match message.to {
        Recipient::Node(to) => format!("{name} {from} → {to}"),
        Recipient::Resource => format!("{name} {from}"),
    }
}

fn ticks_and_spans(shown: &Shown<'_>) -> Html {
    let Shown { spans, ticks, scale, cursor, left, .. } = shown;
    let has_room = |tick: &&u64| {
        let x = scale.x_of(**tick);
        (x - cursor).abs() > TICK_ROOM_PX
            && (TICK_EDGE_PX..scale.inner_width() - TICK_EDGE_PX).contains(&(x - left))
    };
    html! {
        <>
            <g class="ticks" aria-hidden="true">{ for ticks.iter()
                .filter(has_room)
                .map(|&tick| draw_tick(tick, scale, (shown.tell)(tick))) }</g>
            <g aria-hidden="true">{ for spans.iter().enumerate()
                .map(|(place, span)| draw_span(place, span, *cursor)) }</g>
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
        SpanKind::Holds { .. } => ("holds", 5.0),
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
            if let Some(label) = &span.label {
                <text text-anchor="middle" x={px(label.at.x)} y={px(label.at.y)}>
                    { label.text.clone() }
                </text>
            }
        </g>
    }
}

/// A part of the diagram that changes only when something happens.
#[derive(PartialEq)]
pub enum Still {
    /// An arrow.
    Arrow(ArrowShape),
    /// A sign.
    Sign(SignShape),
    /// An event of logical time.
    Dot(DotShape),
}

/// Shows these, and nothing else: arrows below signs, and signs below dots.
pub fn show(
    crowd: &mut Crowd<Still>,
    arrows: Vec<ArrowShape>,
    signs: Vec<SignShape>,
    dots: Vec<DotShape>,
) {
    // Lines of a trace are far fewer than this.
    let above = |layer: u64, seq: u64| layer << 48 | seq;
    let arrows = arrows.into_iter().map(|arrow| (arrow.sent_seq, Still::Arrow(arrow)));
    let signs = signs.into_iter().map(|sign| (above(1, sign.seq), Still::Sign(sign)));
    let dots = dots.into_iter().map(|dot| (above(2, dot.seq), Still::Dot(dot)));
    crowd.show(arrows.chain(signs).chain(dots));
}

impl Figure for Still {
    fn draw(&self, element: &Element) {
        let (seq, (class, inside)) = match self {
            Self::Arrow(arrow) => (arrow.seq, draw_arrow(arrow)),
            Self::Sign(sign) => (sign.seq, draw_sign(sign)),
            Self::Dot(dot) => (dot.seq, draw_dot(dot)),
        };
        let seq = seq.to_string();
        let set = |name, value: &str| set(element, name, value);
        set("class", &class);
        set("data-event", &seq);
        set("data-action", "select");
        set("data-about", &seq);
        redraw(element, &inside);
    }
}

fn draw_arrow(arrow: &ArrowShape) -> (String, String) {
    let content = &arrow.message.content;
    let class = classes(&[
        "arrow",
        look::class(content.traffic()),
        when(content.is_reply(), "reply"),
        when(arrow.is_copy, "copy"),
        when(arrow.tip == Tip::Refused, "refused"),
        when(arrow.belongs, "belongs"),
        arrow.light.class(),
    ]);
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
        // The sign at its end is the cross.
        Tip::Refused => "cross",
    };
    let title = title(&arrow.message);
    let shaft = line(arrow.from, arrow.to);
    let inside = format!(
        "<title>{title}</title><path class='hit' d='{shaft}' /><path class='shaft' d='{shaft}' />\
         <path class='{end}' d='{tip}' />{name}",
        tip = tip.0,
        name = arrow.name.as_ref().map(written).unwrap_or_default(),
    );
    (class, inside)
}

fn draw_sign(sign: &SignShape) -> (String, String) {
    let (class, x, y, way) = match sign.kind {
        SignKind::Crash => ("crash", -7.0, -7.0, "l14 14m0-14l-14 14"),
        SignKind::Restart => ("restart", -4.0, -7.0, "l10 7-10 7z"),
        SignKind::Timeout => ("timeout", -4.0, 9.0, "h8l-8 9h8z"),
        SignKind::Write => ("write", -4.0, -4.0, "h8v8h-8z"),
        SignKind::Refused => ("refused", -6.0, -6.0, "l12 12m0-12l-12 12"),
        SignKind::Violation => ("violation", 0.0, -10.0, "l10 10-10 10-10-10zm0 5v5m0 3.5v1"),
    };
    let mut path = Path::default();
    path.go('M', Point::new(sign.at.x + x, sign.at.y + y));
    let class =
        classes(&["sign", class, when(sign.pointed, "pointed"), when(sign.belongs, "belongs")]);
    let label = sign.label.as_ref().map(written).unwrap_or_default();
    (class, above_hit(sign.at, &(path.0 + way)) + &label)
}

fn draw_dot(dot: &DotShape) -> (String, String) {
    let class = classes(&[
        "dot",
        dot.traffic.map_or("local", look::class),
        dot.light.class(),
        when(dot.hovered, "hovered"),
        when(dot.belongs, "belongs"),
    ]);
    let radius = match dot.light {
        Light::Selected => 7,
        Light::Concurrent => 4,
        Light::Plain | Light::Past | Light::Future if dot.hovered => 7,
        Light::Plain | Light::Past | Light::Future => 5,
    };
    let traffic = dot.traffic.unwrap_or(Traffic::Clock);
    let mut inside = above_hit(dot.at, &look::shape(traffic, radius, dot.at));
    inside += &dot.label.as_ref().map(written).unwrap_or_default();
    (class, inside)
}

/// A label, written.
fn written(label: &Label) -> String {
    let (x, y, text) = (px(label.at.x), px(label.at.y), &label.text);
    format!("<text text-anchor='middle' x='{x}' y='{y}'>{text}</text>")
}

/// A shape, above what is hit when it is just missed.
fn above_hit(at: Point, d: &str) -> String {
    let (x, y) = (px(at.x), px(at.y));
    format!("<circle class='hit' cx='{x}' cy='{y}' r='12' /><path d='{d}' />")
}

/// An arrow's head at `to`, kept a little off the dot that it points at.
fn head(path: &mut Path, from: Point, to: Point) {
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
