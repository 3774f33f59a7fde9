//! The picture in the page's HTML, which is seen before the program is loaded: the moment that the page opens
//! with, without words. `web/boot.js` shows it and fits it to the window.
//!
//! A window may have any size, but a few drawings suffice. Between two sizes at which the same parts are left
//! out, almost every coordinate changes evenly with the width and the height. So each drawing says by how
//! much its numbers change per pixel.

use core::fmt::Write as _;

use antes_sim::run::Run;
use antes_sim::scenario::Scenario;

use crate::chart::camera::{cursor, opening_zoom};
use crate::chart::index::Index;
use crate::chart::scale::Scale;
use crate::element::{Child, Element};
use crate::language::Language;
use crate::outlook::Outlook;
use crate::panes::{self, Diagram, Ring};
use crate::px::{Size, px, view_box};
use crate::ring::scene::Scene;
use crate::telling::{Telling, telling_moment};

/// The surfaces of the ring in windows of common sizes, in units, the most common first. Windows in between need
/// no drawing of their own.
const RINGS: [(u16, u16); 15] = [
    (296, 214),
    (351, 294),
    (744, 457),
    (551, 384),
    (743, 624),
    (351, 262),
    (366, 312),
    (388, 352),
    (590, 432),
    (623, 564),
    (666, 528),
    (436, 410),
    (436, 342),
    (551, 330),
    (390, 272),
];

/// The surfaces of the diagram in such windows.
const DIAGRAMS: [(u16, u16); 14] = [
    (294, 127),
    (349, 187),
    (742, 302),
    (671, 493),
    (906, 733),
    (294, 200),
    (349, 164),
    (364, 201),
    (386, 232),
    (719, 541),
    (759, 673),
    (812, 637),
    (530, 541),
    (388, 238),
];

/// A surface gets a drawing of its own if the others would miss by more than this, in pixels.
const MOST_MISSED: f64 = 5.0;

/// The change of width and of height with which a drawing is compared, in pixels. The first one with which no
/// part appears or disappears is used.
const STEPS: [f64; 6] = [40.0, -40.0, 16.0, -16.0, 6.0, -6.0];

/// The widest surface of the diagram, and how far the drawing reaches beyond the edge of its own surface.
const WIDEST: f64 = 1200.0;
const OUTSIDE: f64 = 400.0;

/// The smallest number that is taken for a place on the surface, in pixels.
const SMALLEST_PLACE: f64 = 20.0;

/// A drawing, and how it follows the size of its surface.
pub struct Sketch {
    /// The smallest width for which it is meant.
    from: f64,
    /// The surface for which it is drawn.
    size: Size,
    class: String,
    inside: String,
    /// For each number in `inside`, by how much it grows with each pixel of width and of height. The page has
    /// these in hundredths.
    moves: Vec<(f64, f64)>,
}

/// The opening moment of a scenario.
pub struct Opening {
    run: Run,
    telling: Telling,
    scene: Scene,
    index: Index,
}

impl Opening {
    pub fn of(scenario: &Scenario) -> Self {
        let telling = telling_moment(scenario);
        let mut run = Run::new(scenario.clone());
        run.seek(telling.at_us);
        let outlook = Outlook::ahead(&mut run, |_, _, _| {});
        let mut index = Index::default();
        index.read(run.trace(), 0, &outlook);
        Self { scene: Scene::new(&run, &outlook), run, telling, index }
    }

    /// The ring on a surface of this size.
    fn ring(&self, size: Size) -> Element {
        let config = self.run.scenario().config;
        let selected = self.telling.seq.and_then(|seq| usize::try_from(seq).ok());
        let selected = selected.and_then(|seq| self.run.trace().get(seq)?.node);
        let ring = panes::draw_ring(&Ring {
            scene: &self.scene,
            nodes: config.size,
            has_resource: config.setting().has_lock(),
            now_us: self.run.now_us(),
            size,
            pointed: selected.into_iter().collect(),
            has_menus: true,
            language: Language::English,
        });
        wordless(&ring)
    }

    fn scale(&self, size: Size, zoom: i8) -> Scale {
        let scenario = self.run.scenario();
        let (config, latency) = (scenario.config, scenario.network.latency);
        Scale::new(size, config.size.get(), config.setting().has_lock(), latency, zoom)
    }

    /// The zoom that the page chooses for a diagram of this size.
    fn zoom(&self, size: Size) -> i8 {
        let scale = |zoom| self.scale(size, zoom);
        opening_zoom(self.telling.since_us, self.run.now_us(), scale)
    }

    /// The diagram on a surface of this size, with all events that a surface of at most [`WIDEST`] shows.
    fn diagram(&self, size: Size, zoom: i8) -> Element {
        let (run, config) = (&self.run, self.run.scenario().config);
        let left = |width: f64| self.scale(Size { width, ..size }, zoom).following(run.now_us());
        let scale = self.scale(size, zoom);
        let drawn = panes::draw_diagram(&Diagram {
            index: &self.index,
            trace: run.trace(),
            ring: &self.scene,
            now_us: run.now_us(),
            nodes: config.size,
            has_resource: config.setting().has_lock(),
            scale,
            cursor: cursor(&self.index, &scale, run.now_us()),
            left: left(size.width),
            from: left(WIDEST).max(left(size.width) - OUTSIDE),
            stamps: run.scenario().stamps,
            selected: self.telling.seq,
            end_us: 0,
            tick: &|_| String::new(),
            hides_unended: false,
            language: Language::English,
        });
        let lit = if self.telling.seq.is_some() { "lit" } else { "" };
        wordless(&Element::group(&["diagram", lit]).holding(drawn))
    }

    /// The drawings of the ring.
    pub fn rings(&self) -> Vec<Sketch> {
        let add = |sketches: &mut Vec<Sketch>, size: Size| {
            add(sketches, 0.0, size, &|size| self.ring(size))
        };
        enough(&RINGS, add)
    }

    /// The drawings of the diagram.
    pub fn diagrams(&self) -> Vec<Sketch> {
        let add = |sketches: &mut Vec<Sketch>, size: Size| {
            let zoom = self.zoom(size);
            add(sketches, self.narrowest(zoom), size, &|size| self.diagram(size, zoom))
        };
        enough(&DIAGRAMS, add)
    }

    /// The smallest width at which the diagram has this zoom. Zero for the smallest zoom that is drawn.
    fn narrowest(&self, zoom: i8) -> f64 {
        let drawn = DIAGRAMS.map(|(width, _)| width);
        let has_zoom = |&width: &u16| self.zoom(sized((width, 0))) >= zoom;
        let width = (0..u16::MAX).find(has_zoom).filter(|width| drawn.iter().any(|it| it < width));
        f64::from(width.unwrap_or_default())
    }
}

fn sized((width, height): (u16, u16)) -> Size {
    Size { width: f64::from(width), height: f64::from(height) }
}

/// Adds drawings until each surface has one that is close enough. A drawing that is added for one surface may
/// be chosen for another one, too.
fn enough(surfaces: &[(u16, u16)], add: impl Fn(&mut Vec<Sketch>, Size) -> bool) -> Vec<Sketch> {
    let mut sketches = Vec::new();
    loop {
        let added = surfaces.iter().filter(|&&size| add(&mut sketches, sized(size))).count();
        if added == 0 {
            return sketches;
        }
    }
}

/// Adds a drawing for a surface, unless the one that would be used for it is close enough. Returns whether
/// it was added.
fn add(sketches: &mut Vec<Sketch>, from: f64, size: Size, draw: &dyn Fn(Size) -> Element) -> bool {
    let wanted = inside(&draw(size));
    let is_close = |sketch: &Sketch| {
        sketch.from == from
            && without_numbers(&sketch.inside) == without_numbers(&wanted)
            && sketch.misses(size, &wanted) <= MOST_MISSED
    };
    let is_needed = !chosen(sketches, size).is_some_and(is_close);
    if is_needed {
        sketches.push(Sketch::of(from, size, draw));
    }
    is_needed
}

/// The drawing for a surface, chosen as `web/boot.js` does.
fn chosen(sketches: &[Sketch], size: Size) -> Option<&Sketch> {
    let fitting = || sketches.iter().filter(|sketch| sketch.from <= size.width);
    let from = fitting().map(|sketch| sketch.from).fold(0.0, f64::max);
    let distance = |sketch: &Sketch| {
        (sketch.size.width - size.width).abs() + (sketch.size.height - size.height).abs()
    };
    let alike = fitting().filter(|sketch| sketch.from == from);
    alike.min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

impl Sketch {
    /// The drawing at `size`, compared with wider and higher ones.
    fn of(from: f64, size: Size, draw: &dyn Fn(Size) -> Element) -> Self {
        let drawn = draw(size);
        let inside = inside(&drawn);
        let here = numbers(&inside);
        let grown = |resized: &dyn Fn(f64) -> Size| {
            let found = STEPS.into_iter().find_map(|step| {
                let other = self::inside(&draw(resized(step)));
                let there = numbers(&other);
                let is_alike = without_numbers(&other) == without_numbers(&inside);
                let by = |(here, there): (&f64, &f64)| (there - here) / step;
                is_alike.then(|| here.iter().zip(&there).map(by).collect::<Vec<_>>())
            });
            found.unwrap_or_else(|| vec![0.0; here.len()])
        };
        let wider = grown(&|by| Size { width: size.width + by, ..size });
        let higher = grown(&|by| Size { height: size.height + by, ..size });
        let class = drawn.attribute("class").unwrap_or_default().to_owned();
        let moves = wider.into_iter().zip(higher).collect();
        Self { from, size, class, moves, inside: without_fractions(&inside) }
    }

    /// The drawing as an `svg` element.
    pub fn markup(&self) -> String {
        let pair = |size: Size| [px(size.width), px(size.height)].join(" ");
        let mut moves = String::new();
        for (place, (wider, higher)) in self.moves.iter().enumerate() {
            moves.push_str(if place > 0 { " " } else { "" });
            let [wider, higher] = [wider, higher].map(|by| (by * 100.0).round());
            if (wider, higher) != (0.0, 0.0) {
                let _ = write!(moves, "{},{}", px(wider), px(higher));
            }
        }
        format!(
            "<svg class=\"{}\" data-from=\"{}\" data-drawn=\"{}\" data-moves=\"{}\" \
             viewBox=\"{}\">{}</svg>",
            self.class,
            px(self.from),
            pair(self.size),
            moves.trim_end(),
            view_box(self.size),
            self.inside,
        )
    }

    /// The content of the drawing for another surface, as `web/boot.js` computes it.
    fn fitted(&self, size: Size) -> Vec<f64> {
        let (by_width, by_height) = (size.width - self.size.width, size.height - self.size.height);
        let numbers = numbers(&self.inside);
        let moved = numbers.iter().zip(&self.moves);
        let fitted =
            moved.map(|(number, (wider, higher))| number + wider * by_width + higher * by_height);
        fitted.collect()
    }

    /// The largest difference from the content that is wanted for this surface, in pixels.
    fn misses(&self, size: Size, wanted: &str) -> f64 {
        let (fitted, wanted) = (self.fitted(size), numbers(wanted));
        let apart = fitted.iter().zip(&wanted).map(|(fitted, wanted)| (fitted - wanted).abs());
        apart.fold(0.0, f64::max)
    }
}

fn inside(drawn: &Element) -> String {
    let mut markup = String::new();
    drawn.write_inside(&mut markup);
    markup
}

/// Splits a text into its numbers and the texts around them. A hyphen directly before a digit belongs to the
/// number.
fn split(text: &str) -> Vec<(bool, &str)> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let digits_from = |at: usize| (at..).find(|&at| !is_digit(at)).unwrap_or(at);
    let (mut parts, mut began, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() {
        let first = at + usize::from(bytes[at] == b'-');
        if !is_digit(first) {
            at += 1;
            continue;
        }
        let mut end = digits_from(first);
        if bytes.get(end) == Some(&b'.') && is_digit(end + 1) {
            end = digits_from(end + 1);
        }
        parts.extend([(false, &text[began..at]), (true, &text[at..end])]);
        (began, at) = (end, end);
    }
    parts.push((false, &text[began..]));
    parts
}

fn numbers(text: &str) -> Vec<f64> {
    let found = split(text).into_iter().filter(|(is_number, _)| *is_number);
    found.filter_map(|(_, number)| number.parse().ok()).collect()
}

/// Rounds the numbers that are places on the surface to whole pixels, which makes the page smaller. Small numbers
/// are details of a sign and keep their fractions.
fn without_fractions(text: &str) -> String {
    let rounded = |(is_number, part): (bool, &str)| match part.parse::<f64>() {
        Ok(number) if is_number && number.abs() >= SMALLEST_PLACE => px(number.round()),
        _ => part.to_owned(),
    };
    split(text).into_iter().map(rounded).collect()
}

fn without_numbers(text: &str) -> Vec<&str> {
    split(text).into_iter().filter(|(is_number, _)| !is_number).map(|(_, part)| part).collect()
}

/// Whether an element of these classes contains an id, a letter or a number of its own.
fn is_written(class: &str) -> bool {
    let names = ["id", "lane-name", "unknown-mark", "badge", "clock-value"];
    class.split(' ').any(|name| names.contains(&name))
}

/// The drawing without words, without anything that cannot be seen, and without what only a program or a
/// screen reader needs.
fn wordless(drawn: &Element) -> Element {
    let class = drawn.attribute("class").unwrap_or_default().to_owned();
    let has = |name: &str| class.split(' ').any(|other| other == name);
    let mut kept = drawn.clone();
    kept.attributes.retain(|(name, _)| {
        !["data-", "aria-"].iter().any(|start| name.starts_with(start)) && *name != "role"
    });
    kept.children.retain(|child| {
        let Child::Element(child) = child else { return true };
        let named = child.attribute("class").unwrap_or_default();
        match (child.tag, named) {
            ("title", _) => false,
            ("text", named) => is_written(named) || is_written(&class),
            ("rect", _) => !has("cursor"),
            (_, "halo") => has("pointed"),
            (_, "hit") => has("more"),
            _ => true,
        }
    });
    for child in &mut kept.children {
        if let Child::Element(child) = child {
            *child = wordless(child);
        }
    }
    kept.children.retain(|child| match child {
        Child::Element(child) => child.tag != "g" || !child.children.is_empty(),
        Child::Text(_) => true,
    });
    kept
}

#[cfg(test)]
mod tests;
