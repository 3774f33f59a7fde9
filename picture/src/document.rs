//! A picture as an SVG document that needs no other file.

use core::time::Duration;

use antes_core::{ClusterSize, NodeSet, Profile, Setting};
use antes_sim::run::Run;
use antes_sim::scenario::{Latency, Stamps};
use antes_sim::trace::{Recipient, TraceEvent};

use crate::chart::camera::{Camera, cursor};
use crate::chart::index::Index;
use crate::chart::scale::Scale;
use crate::element::Element;
use crate::face::Face;
use crate::language::Language;
use crate::outlook::Outlook;
use crate::panes::{self, Diagram, Ring};
use crate::px::{Point, Size, moved_to, px, view_box};
use crate::recording::Shown;
use crate::recording::pace::MESSAGE_US;
use crate::recording::scene::scene;
use crate::ring::node::caption;
use crate::ring::scene::Scene;
use crate::style::{Theme, styled};
use crate::words as w;

/// The width of a document, in pixels. All lengths here are in pixels.
pub(crate) const WIDTH: f64 = 880.0;

/// The margin at all edges.
pub(crate) const MARGIN: f64 = 16.0;

/// The height of title and caption above the picture.
pub(crate) const HEAD: f64 = 62.0;

/// The height of the ring.
const RING: f64 = 500.0;

/// The gap between the ring and the diagram. Queues of the lock may reach the ring's edge.
const GAP: f64 = 12.0;

/// The distance between two lines of the diagram, and the height of the rest of the diagram.
const LANE: f64 = 46.0;
const REST: f64 = 76.0;

/// The smallest distance between the cursor and the diagram's right edge.
const CURSOR_ROOM: f64 = 60.0;

/// The font families, in order of preference. Each system has at least one of them.
const FAMILY: &str =
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    Ring,
    Diagram,
    /// Both, the ring above the diagram.
    #[default]
    Both,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Ring, Self::Diagram, Self::Both];

    /// The value of the command's option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ring => "ring",
            Self::Diagram => "diagram",
            Self::Both => "both",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub view: View,
    pub theme: Theme,
    pub language: Language,
}

/// A run at its current moment, as an SVG document.
pub fn document(run: &Run, outlook: &Outlook, wanted: Wanted) -> String {
    written(&picture(&Subject::of_run(run, outlook, wanted.language), wanted), wanted.theme)
}

/// A recording at one of its moments, as an SVG document.
pub fn document_of_recording(shown: &Shown<'_>, wanted: Wanted) -> String {
    written(&picture(&Subject::of_recording(shown, wanted.language), wanted), wanted.theme)
}

/// A picture as text, in the colours of a theme.
pub(crate) fn written(picture: &Element, theme: Theme) -> String {
    let mut text = String::new();
    let styled = styled(picture, theme);
    styled.as_ref().unwrap_or(picture).write(&mut text);
    text.push('\n');
    text
}

/// The moment of a run or of a recording that is drawn.
struct Subject<'a> {
    title: String,
    setting: Setting,
    nodes: ClusterSize,
    scene: Scene,
    index: Index,
    /// The lines up to this moment.
    trace: &'a [TraceEvent],
    now_us: u64,
    /// The latency by which the diagram is scaled.
    latency: Latency,
    stamps: Stamps,
    /// The last instant that the diagram's axis can name.
    end_us: u64,
    /// An instant as it is written at the diagram's axis, and in the caption.
    tick: Box<dyn Fn(u64) -> String + 'a>,
    moment: String,
    /// Whether the diagram draws only those messages on their way that the ring shows.
    hides_unended: bool,
}

impl<'a> Subject<'a> {
    fn of_run(run: &'a Run, outlook: &Outlook, language: Language) -> Self {
        let scenario = run.scenario();
        let mut index = Index::default();
        index.read(run.trace(), 0, outlook);
        Self {
            title: language.of(&scenario.title).to_owned(),
            setting: scenario.config.setting(),
            nodes: scenario.config.size,
            scene: Scene::new(run, outlook),
            index,
            trace: run.trace(),
            now_us: run.now_us(),
            latency: scenario.network.latency,
            stamps: scenario.stamps,
            end_us: u64::MAX,
            tick: Box::new(move |at_us| language.seconds(at_us)),
            moment: instant(run.now_us(), language),
            hides_unended: false,
        }
    }

    fn of_recording(shown: &Shown<'a>, language: Language) -> Self {
        let tape = shown.tape;
        let mut index = Index::default();
        for (line, event) in shown.past().iter().enumerate() {
            index.take(event, tape.at_us(line), tape.outlook());
        }
        let title = match &*tape.header().title {
            "" => w::CLUSTER.fill(language, &[&tape.size().get()]),
            title => title.to_owned(),
        };
        let tell = move |at_us| language.fine_seconds(tape.told_us(at_us), tape.decimals());
        Self {
            title,
            setting: tape.setting(),
            nodes: tape.size(),
            scene: scene(shown),
            index,
            trace: shown.past(),
            now_us: shown.now_us,
            latency: Latency::Fixed(Duration::from_micros(MESSAGE_US)),
            stamps: Stamps::Lamport,
            moment: language.fine_seconds(shown.told_us, tape.decimals()),
            end_us: tape.end_us(),
            tick: Box::new(tell),
            hides_unended: true,
        }
    }

    const fn has_resource(&self) -> bool {
        self.setting.has_lock()
    }
}

/// The picture as elements, before the style is applied.
fn picture(subject: &Subject<'_>, wanted: Wanted) -> Element {
    let has_ring = wanted.view != View::Diagram;
    let has_diagram = wanted.view != View::Ring;
    let (title, told) = caption_of(subject, wanted.language);
    let description = described(&subject.scene, has_diagram, wanted.language);
    let mut parts = head(&title, &told, WIDTH);
    let mut height = HEAD;
    if has_ring {
        let ring = draw_ring(subject, wanted.language);
        parts.push(ring.with("transform", moved_to(Point::new(0.0, height))));
        height += RING;
    }
    if has_ring && has_diagram {
        height += GAP;
    }
    if has_diagram {
        let (diagram, high) = draw_diagram(subject, wanted.language);
        parts.push(diagram.with("transform", moved_to(Point::new(MARGIN, height))));
        height += high + MARGIN;
    }
    let size = Size { width: WIDTH, height };
    framed(&title, &told, description, size, wanted.language).holding(parts)
}

/// An empty document of this size, in pixels, with its texts for screen readers.
pub(crate) fn framed(
    title: &str,
    told: &str,
    description: String,
    size: Size,
    language: Language,
) -> Element {
    let Size { width, height } = size;
    let ground = Element::new("rect").with("width", px(width)).with("height", px(height));
    Element::new("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("width", px(width))
        .with("height", px(height))
        .with("viewBox", view_box(size))
        .with("role", "img")
        .with("lang", language.tag())
        .with("font-family", FAMILY)
        .holding([
            Element::new("title").saying([title, " · ", told].concat()),
            Element::new("desc").saying(description),
            ground.with("fill", "var(--ground)"),
        ])
}

/// The title of the run, and a line with its moment and profile.
fn caption_of(subject: &Subject<'_>, language: Language) -> (String, String) {
    let profile = match subject.setting.profile {
        Profile::Classic => w::CLASSIC,
        Profile::Hardened => w::HARDENED,
    };
    let told = [&*subject.moment, " · ", profile.say(language)].concat();
    (subject.title.clone(), told)
}

/// An instant in seconds, with all its decimals, but at least two.
fn instant(at_us: u64, language: Language) -> String {
    let whole = |&decimals: &u32| at_us.is_multiple_of(10_u64.pow(6 - decimals));
    let decimals = (2..=6).find(whole).unwrap_or(6);
    language.fine_seconds(at_us, decimals as usize)
}

/// The title and the caption above a picture of this width.
pub(crate) fn head(title: &str, told: &str, width: f64) -> Vec<Element> {
    let line = |y: f64, size: &'static str, text: String| {
        let line = Element::new("text").with("x", px(MARGIN)).with("y", px(y));
        line.with("font-size", size).saying(text)
    };
    let title = shortened(title, &Face::widest(18.0, 0.0), width - 2.0 * MARGIN);
    let title = line(30.0, "18", title).with("font-weight", "700").with("fill", "var(--ink)");
    vec![title, line(51.0, "14", told.to_owned()).with("fill", "var(--muted)")]
}

/// The text, cut so that it fits the width.
pub(crate) fn shortened(text: &str, face: &Face, width: f64) -> String {
    if face.width(text) <= width {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while short.pop().is_some() && face.width(&short) + face.width("…") > width {}
    short.trim_end().to_owned() + "…"
}

/// The alternative text of the picture, for screen readers.
fn described(scene: &Scene, has_diagram: bool, language: Language) -> String {
    let mut sentences = Vec::new();
    for node in &scene.nodes {
        let (first, second) = caption(node, language);
        let clock = w::NODE_CLOCK.fill(language, &[&node.clock]);
        let told: Vec<_> =
            [first, second, clock].into_iter().filter(|part| !part.is_empty()).collect();
        sentences.push(w::NODE.fill(language, &[&node.id, &told.join(", ")]));
    }
    let messages = scene.flights.iter().map(|flight| {
        let (name, from) = (flight.message.content.name(), flight.message.id.from);
        match flight.message.to {
            Recipient::Node(to) => format!("{name} {from} → {to}"),
            Recipient::Resource => format!("{name} {from} → {}", w::RESOURCE.say(language)),
        }
    });
    let messages: Vec<_> = messages.collect();
    if !messages.is_empty() {
        sentences.push(w::ON_THEIR_WAY.fill(language, &[&messages.join(", ")]));
    }
    if has_diagram {
        sentences.push(w::DIAGRAM.say(language).to_owned());
    }
    sentences.join(" ")
}

fn draw_ring(subject: &Subject<'_>, language: Language) -> Element {
    panes::draw_ring(&Ring {
        scene: &subject.scene,
        nodes: subject.nodes,
        has_resource: subject.has_resource(),
        now_us: subject.now_us,
        size: Size { width: WIDTH, height: RING },
        pointed: NodeSet::default(),
        has_menus: false,
        language,
    })
}

/// The diagram in its frame, and its height.
fn draw_diagram(subject: &Subject<'_>, language: Language) -> (Element, f64) {
    let Subject { nodes, index, trace, now_us, latency, .. } = subject;
    let (nodes, now_us, has_resource) = (*nodes, *now_us, subject.has_resource());
    let lanes = nodes.get() + u8::from(has_resource);
    let height = REST + LANE * f64::from(lanes.max(2) - 1);
    let size = Size { width: WIDTH - 2.0 * MARGIN, height };
    let scale = Scale::new(size, nodes.get(), has_resource, *latency, 0);
    let cursor = cursor(index, &scale, now_us);
    // Many events of the same instant may stand to its right.
    let left = Camera { zoom: 0, left: None }.left_edge(&scale, now_us);
    let left = left.max(cursor + CURSOR_ROOM - scale.inner_width());
    let drawn = panes::draw_diagram(&Diagram {
        index,
        trace,
        ring: &subject.scene,
        now_us,
        nodes,
        has_resource,
        scale,
        cursor,
        left,
        from: left,
        stamps: subject.stamps,
        selected: None,
        end_us: subject.end_us,
        tick: &subject.tick,
        hides_unended: subject.hides_unended,
        language,
    });
    let panel = Element::new("rect").with("width", px(size.width)).with("height", px(height));
    let panel = panel.with("rx", "12").with("fill", "var(--surface)");
    let diagram =
        Element::group(&["diagram"]).holding([panel.with("stroke", "var(--line)")]).holding(drawn);
    (diagram, height)
}

#[cfg(test)]
pub(crate) mod tests;
