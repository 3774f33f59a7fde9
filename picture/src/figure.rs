//! A figure as an SVG document: a line for each process, and events in columns, so that messages point to the
//! right.

mod grid;

use std::collections::BTreeSet;

use antes_core::Traffic;
use antes_sim::figure::{Figure, FigureKind, Stamped, stamp};

use crate::chart::draw::head as arrowhead;
use crate::chart::labels::{Label, Taken, along, beside_line};
use crate::document::{HEAD, MARGIN, WIDTH, framed, head, shortened, written};
use crate::element::Element;
use crate::face::Face;
use crate::figure::grid::{Arrow, Grid, Way};
use crate::language::Language;
use crate::look::{self, when};
use crate::px::{Path, Point, Rect, Size, line, moved_to, px};
use crate::style::Theme;
use crate::words as w;

/// The smallest width of a document, so that most titles fit.
const NARROWEST: f64 = 480.0;

/// The space above the first line, and below the last one.
const ABOVE: f64 = 52.0;
const BELOW: f64 = 52.0;

/// The distance between two lines.
const LANE: f64 = 78.0;

/// The smallest and the largest distance between two events of a process, unless a label needs more.
const COLUMN: f64 = 56.0;
const WIDEST_COLUMN: f64 = 116.0;

/// The distance between two labels of the same line.
const LABEL_GAP: f64 = 12.0;

/// The largest width of a name. Longer names are shortened.
const WIDEST_NAME: f64 = 160.0;

/// The distance of an event's labels from its line.
const RISE: f64 = 11.0;

/// Half the size of the area that an event occupies.
const DOT: f64 = 6.0;

/// The distance between the areas that an arrow occupies.
const STRIDE: f64 = 6.0;

/// Which stamp stands beside each event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FigureStamps {
    #[default]
    Lamport,
    Vector,
    /// None: the picture asks for them.
    None,
}

impl FigureStamps {
    pub const ALL: [Self; 3] = [Self::Lamport, Self::Vector, Self::None];

    /// The value of the command's option.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lamport => "lamport",
            Self::Vector => "vector",
            Self::None => "none",
        }
    }

    /// The stamp of an event as text, which is empty where none is shown.
    fn of(self, stamped: &Stamped<'_>, event: usize) -> String {
        match self {
            Self::Lamport => stamped.lamport[event].to_string(),
            Self::Vector => {
                let counts: Vec<_> = stamped.vector[event].iter().map(u32::to_string).collect();
                ["(", &counts.join(","), ")"].concat()
            }
            Self::None => String::new(),
        }
    }

    const fn told(self) -> Option<w::Word> {
        match self {
            Self::Lamport => Some(w::FIGURE_LAMPORT),
            Self::Vector => Some(w::FIGURE_VECTOR),
            Self::None => None,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WantedFigure {
    pub stamps: FigureStamps,
    pub theme: Theme,
    pub language: Language,
}

/// A figure as an SVG document.
pub fn document_of_figure(figure: &Figure, wanted: WantedFigure) -> String {
    written(&Drawing::new(figure, wanted).picture(), wanted.theme)
}

struct Drawing<'a> {
    figure: &'a Figure,
    wanted: WantedFigure,
    face: Face,
    /// The names of the processes, shortened where they are long.
    processes: Vec<String>,
    /// The names of the events, shortened likewise.
    events: Vec<String>,
    /// The stamp of each event, or nothing.
    stamps: Vec<String>,
    /// The left end of the processes' lines, in pixels.
    gutter: f64,
    grid: Grid,
    size: Size,
}

impl<'a> Drawing<'a> {
    fn new(figure: &'a Figure, wanted: WantedFigure) -> Self {
        let stamped = stamp(figure);
        let (face, bold) = (Face::widest(12.5, 0.0), Face::widest(15.0, 0.0));
        let short = |name: &String, face: &Face| shortened(name, face, WIDEST_NAME);
        let processes: Vec<_> = figure.processes.iter().map(|name| short(name, &bold)).collect();
        let events: Vec<_> = figure.events.iter().map(|event| short(&event.id, &face)).collect();
        let stamps: Vec<_> =
            (0..events.len()).map(|event| wanted.stamps.of(&stamped, event)).collect();
        let widest = |texts: &[String], face: &Face| {
            texts.iter().map(|text| face.width(text)).fold(0.0, f64::max)
        };
        let gutter = widest(&processes, &bold) + 20.0;
        let label = f64::max(widest(&events, &face), widest(&stamps, &face));
        let mut grid = Grid::new(figure, &stamped, COLUMN.max(label + LABEL_GAP), LANE);
        let around = gutter + 2.0 * MARGIN;
        grid.widen(((WIDTH - around) / grid.columns()).min(WIDEST_COLUMN));
        let width = (around + grid.width()).max(NARROWEST);
        let height = HEAD + ABOVE + grid.y(processes.len() - 1) + BELOW + MARGIN;
        let size = Size { width, height };
        Self { figure, wanted, face, processes, events, stamps, gutter, grid, size }
    }

    /// The document with its title, its lines and its events.
    fn picture(&self) -> Element {
        let (size, language) = (self.size, self.wanted.language);
        let title = match &*self.figure.title {
            "" => w::FIGURE.say(language),
            title => title,
        };
        let told = self.told();
        let panel = Size { width: size.width - 2.0 * MARGIN, height: size.height - HEAD - MARGIN };
        let frame = Element::new("rect").with("width", px(panel.width));
        let frame = frame.with("height", px(panel.height)).with("rx", "12");
        let frame = frame.with("fill", "var(--surface)").with("stroke", "var(--line)");
        let diagram = Element::group(&["diagram"])
            .with("transform", moved_to(Point::new(MARGIN, HEAD)))
            .holding([frame])
            .holding(self.lanes(panel.width))
            .holding(self.history(panel));
        framed(title, &told, self.described(), size, language)
            .holding(head(title, &told, size.width))
            .holding([diagram])
    }

    /// The line below the title.
    fn told(&self) -> String {
        let language = self.wanted.language;
        let (processes, events) = (self.processes.len(), self.events.len());
        let processes = w::FIGURE_PROCESSES.fill(language, &[&processes]);
        let mut told = vec![processes, w::FIGURE_EVENTS.fill(language, &[&events])];
        told.extend(self.wanted.stamps.told().map(|stamps| stamps.say(language).to_owned()));
        told.join(" · ")
    }

    /// The alternative text: the events of each process.
    fn described(&self) -> String {
        let all = |process| {
            let own = move |&event: &usize| self.figure.events[event].process == process;
            (0..self.events.len()).filter(own)
        };
        let tell = |(process, name): (usize, &String)| {
            let told: Vec<_> = all(process).map(|event| self.described_event(event)).collect();
            format!("{name}: {}.", told.join("; "))
        };
        let is_told = |&(process, _): &(usize, &String)| all(process).next().is_some();
        let processes = self.figure.processes.iter().enumerate().filter(is_told);
        processes.map(tell).collect::<Vec<_>>().join(" ")
    }

    fn described_event(&self, place: usize) -> String {
        let (event, language) = (&self.figure.events[place], self.wanted.language);
        let told = match &event.kind {
            FigureKind::Local => event.id.clone(),
            FigureKind::Send { messages } => {
                w::FIGURE_SENDS.fill(language, &[&event.id, &messages.join(", ")])
            }
            FigureKind::Receive { message, .. } => {
                w::FIGURE_RECEIVES.fill(language, &[&event.id, message])
            }
        };
        match &*self.stamps[place] {
            "" => told,
            stamp => format!("{told}, {stamp}"),
        }
    }

    /// The lines of the processes, with their names, and the clocks that do not start at 0.
    fn lanes(&self, width: f64) -> Vec<Element> {
        let mut drawn = Vec::new();
        for (process, name) in self.processes.iter().enumerate() {
            let y = self.grid.y(process) + ABOVE;
            let text = Element::new("text").wearing(&["lane-name"]).with("text-anchor", "end");
            let text = text.with("x", px(self.gutter - 8.0)).with("y", px(y + 5.0));
            drawn.push(text.saying(name.clone()));
            let from = Point::new(self.gutter, y);
            drawn.push(Element::path("lane", line(from, Point::new(width - 12.0, y))));
            let start = self.figure.start[process].0;
            if self.wanted.stamps == FigureStamps::Lamport && start > 0 {
                let text = Element::new("text").with("text-anchor", "end");
                let text = text.with("x", px(self.gutter - 8.0)).with("y", px(y + 21.0));
                drawn.push(text.saying(start.to_string()));
            }
        }
        drawn
    }

    /// Messages, above them events, and above these the labels of events.
    fn history(&self, panel: Size) -> [Element; 3] {
        let shift = Point::new(self.gutter, ABOVE);
        let moved = |at: Point| Point::new(at.x + shift.x, at.y + shift.y);
        let dots: Vec<_> = (0..self.events.len()).map(|event| moved(self.grid.at(event))).collect();
        let arrows: Vec<_> =
            self.grid.arrows().into_iter().map(|arrow| arrow.moved(shift)).collect();
        let mut taken = Taken::within(panel);
        for &at in &dots {
            taken.take(Rect::around(at, 2.0 * DOT, 2.0 * DOT));
        }
        // Many messages of one event lie on each other. An area for each would make the search for labels slow.
        let mut pixels = BTreeSet::new();
        for at in arrows.iter().flat_map(|arrow| arrow.points(STRIDE)) {
            if pixels.insert((at.x.round() as i32, at.y.round() as i32)) {
                taken.take(Rect::around(at, 2.0, 2.0));
            }
        }
        let labels: Vec<_> = dots
            .iter()
            .enumerate()
            .flat_map(|(event, &at)| self.labels(event, at, &mut taken))
            .collect();
        let arrows: Vec<_> =
            arrows.iter().map(|arrow| draw_arrow(arrow, &self.face, &mut taken)).collect();
        let dots = dots.iter().enumerate().map(|(event, &at)| self.dot(event, at));
        [
            Element::group(&[]).holding(arrows),
            Element::group(&[]).holding(dots),
            Element::group(&[]).holding(labels),
        ]
    }

    fn dot(&self, event: usize, at: Point) -> Element {
        let family = match self.figure.events[event].kind {
            FigureKind::Local => "local",
            FigureKind::Send { .. } | FigureKind::Receive { .. } => look::class(Traffic::Clock),
        };
        let shape = look::shape(Traffic::Clock, 5, at);
        Element::group(&["dot", family]).holding([Element::path("", shape)])
    }

    /// The name of an event above its line and its stamp below, or the other way round where messages are
    /// in the way.
    fn labels(&self, event: usize, at: Point, taken: &mut Taken) -> Vec<Element> {
        let face = &self.face;
        let (above, below) = (at.y - RISE, at.y + RISE + face.above());
        // The stamp has the page's style of an event that is pointed at, which is darker.
        let texts = [("dot", &self.events[event]), ("dot hovered", &self.stamps[event])];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        let mut rows = vec![above, below];
        let mut drawn = Vec::new();
        for (class, text) in texts {
            let places = |y: f64| {
                let aside = face.width(text) / 2.0 + DOT;
                [0.0, aside, -aside].map(|by| Point::new(at.x + by, y))
            };
            let all: Vec<_> = rows.iter().flat_map(|&y| places(y)).collect();
            let Some(label) = taken.force(face, text, &all) else { continue };
            rows.retain(|&y| (y - label.at.y).abs() > 1.0);
            drawn.push(Element::group(&[class]).holding([label_of(&label)]));
        }
        drawn
    }
}

fn draw_arrow(arrow: &Arrow, face: &Face, taken: &mut Taken) -> Element {
    let name = shortened(&arrow.name, face, WIDEST_NAME);
    let mut tip = Path::default();
    let mut shaft = Path::default();
    let places: Vec<_> = match arrow.way {
        Way::Across => {
            shaft.line(arrow.from, arrow.to);
            arrowhead(&mut tip, arrow.from, arrow.to);
            along(arrow.from, arrow.to, face, face.width(&name)).collect()
        }
        Way::Open => {
            shaft.line(arrow.from, arrow.to.plus(arrow.from.direction(arrow.to), -6.0));
            arrowhead(&mut tip, arrow.from, arrow.to);
            let beside = Point::new(arrow.to.x + face.width(&name) / 2.0 + 4.0, arrow.to.y + 4.0);
            let beside_it = along(arrow.from, arrow.to, face, face.width(&name));
            core::iter::once(beside).chain(beside_it).collect()
        }
        Way::Arc => {
            shaft.go('M', arrow.from);
            shaft.go('Q', arrow.control());
            shaft.go(' ', arrow.to);
            arrowhead(&mut tip, arrow.control(), arrow.to);
            beside_line(arrow.top(), Point::new(1.0, 0.0), face, face.width(&name)).to_vec()
        }
    };
    let label = taken.force(face, &name, &places);
    Element::group(&["arrow", look::class(Traffic::Clock), when(arrow.way == Way::Open, "reply")])
        .holding([Element::path("shaft", shaft.0), Element::path("head", tip.0)])
        .holding(label.as_ref().map(label_of))
}

fn label_of(label: &Label) -> Element {
    Element::text("", label.at, label.text.clone())
}

#[cfg(test)]
mod tests;
