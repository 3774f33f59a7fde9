use super::*;
use crate::px::Rect;
use crate::recording::moment::Moment;
use crate::recording::tape::Tape;
use antes_sim::figure;
use antes_sim::history::of_figure;
use antes_sim::library::LIBRARY;
use antes_sim::scenario;

const LANGUAGES: [Language; 2] = [Language::English, Language::Portuguese];

/// Visits every scenario with its name, at `count` moments from beginning to end.
fn moments(count: u64, mut visit: impl FnMut(&str, &Run, &Outlook)) {
    for (slug, text) in LIBRARY {
        let mut run = Run::new(scenario::read(text).unwrap());
        let outlook = Outlook::ahead(&mut run, |_, _, _| {});
        for step in 1..=count {
            run.seek(run.end_us() / count * step);
            visit(slug, &run, &outlook);
        }
    }
}

/// A text, and the rectangle that it may cover at most.
pub(crate) type Written = (String, Rect);

/// The state that children inherit.
#[derive(Clone, Copy)]
struct Around {
    origin: Point,
    size: f64,
    spacing: f64,
    /// The horizontal range that the document shows.
    seen: (f64, f64),
}

fn number(element: &Element, name: &str) -> Option<f64> {
    element.attribute(name)?.trim_end_matches("em").parse().ok()
}

fn moved(element: &Element, origin: Point) -> Point {
    let shift = element.attribute("transform").and_then(|it| it.strip_prefix("translate("));
    let Some((x, y)) = shift.and_then(|it| it.split_once(')')?.0.split_once(' ')) else {
        return origin;
    };
    Point::new(origin.x + x.parse::<f64>().unwrap(), origin.y + y.parse::<f64>().unwrap())
}

/// How much the distance of two texts may have changed, because a picture has places with one decimal.
const ROUNDING_PX: f64 = 0.1;

fn collect(element: &Element, around: Around, written: &mut Vec<Written>) {
    if element.attribute("aria-hidden") == Some("true") {
        return;
    }
    let mut around = Around {
        origin: moved(element, around.origin),
        size: number(element, "font-size").unwrap_or(around.size),
        spacing: number(element, "letter-spacing").unwrap_or(around.spacing),
        ..around
    };
    let at = Point::new(number(element, "x").unwrap_or(0.0), number(element, "y").unwrap_or(0.0));
    if element.tag == "svg" && element.attribute("xmlns").is_none() {
        around.origin = Point::new(around.origin.x + at.x, around.origin.y + at.y);
        let width = number(element, "width").unwrap();
        around.seen = (around.origin.x, around.origin.x + width);
    }
    if element.tag == "text" {
        let mut text = String::new();
        element.write_inside(&mut text);
        let face = Face::widest(around.size, around.size * around.spacing);
        let width = face.width(&text);
        let share = match element.attribute("text-anchor") {
            Some("middle") => 0.5,
            Some("end") => 1.0,
            _ => 0.0,
        };
        let left = around.origin.x + at.x - share * width;
        let top = around.origin.y + at.y - face.above();
        let height = face.above() + face.below();
        let size = Size { width: width - ROUNDING_PX, height: height - ROUNDING_PX };
        let rect = Rect { corner: Point::new(left, top), size };
        assert!(rect.right() > around.seen.0 && left < around.seen.1, "{text:?} is not seen");
        written.push((text, rect));
    }
    element.elements().for_each(|inside| collect(inside, around, written));
}

fn texts(run: &Run, outlook: &Outlook, wanted: Wanted) -> Vec<Written> {
    let picture = picture(&Subject::of_run(run, outlook, wanted.language), wanted);
    texts_of(&picture, wanted.theme, WIDTH)
}

/// The texts of a picture of this width.
pub(crate) fn texts_of(picture: &Element, theme: Theme, width: f64) -> Vec<Written> {
    let mut written = Vec::new();
    let around = Around { origin: Point::default(), size: 16.0, spacing: 0.0, seen: (0.0, width) };
    collect(&styled(picture, theme).unwrap(), around, &mut written);
    written
}

#[test]
fn no_text_lies_on_another_one_or_leaves_the_picture_at_any_moment_of_any_scenario() {
    moments(12, |slug, run, outlook| {
        for language in LANGUAGES {
            let wanted = Wanted { language, ..Wanted::default() };
            let written = texts(run, outlook, wanted);
            for (place, (text, rect)) in written.iter().enumerate() {
                let here = format!("{slug} at {}: {text:?}", run.now_us());
                assert!(rect.corner.y >= 0.0 && rect.corner.x >= 0.0, "{here} leaves it");
                assert!(rect.right() <= WIDTH, "{here} leaves it");
                for (other, beside) in &written[place + 1..] {
                    assert!(!rect.overlaps(beside), "{here} lies on {other:?}");
                }
            }
        }
    });
}

/// The first element of this class.
fn find<'a>(element: &'a Element, class: &str) -> Option<&'a Element> {
    match element.attribute("class") {
        Some(found) if found == class => Some(element),
        _ => element.elements().find_map(|inside| find(inside, class)),
    }
}

#[test]
fn a_later_instant_is_to_the_right_of_the_cursor_and_an_earlier_one_to_the_left() {
    let mut seen = 0;
    moments(24, |slug, run, outlook| {
        let wanted = Wanted::default();
        let picture = picture(&Subject::of_run(run, outlook, wanted.language), wanted);
        let cursor = moved(find(&picture, "cursor").unwrap(), Point::default()).x;
        for tick in find(&picture, "ticks").unwrap().elements() {
            let mut told = String::new();
            tick.write_inside(&mut told);
            let seconds: f64 = told.trim_end_matches("\u{a0}s").parse().unwrap();
            let is_later = seconds * 1e6 > run.now_us() as f64;
            let is_right = number(tick, "x").unwrap() > cursor;
            assert_eq!(is_later, is_right, "{slug} at {}: {told}", run.now_us());
            seen += 1;
        }
    });
    assert!(seen > 1_000, "{seen} labels");
}

#[test]
fn a_picture_says_what_it_is_of_and_names_nothing_that_it_does_not_bring() {
    moments(4, |slug, run, outlook| {
        for theme in [Theme::Light, Theme::Dark] {
            for view in View::ALL {
                let svg = document(run, outlook, Wanted { view, theme, ..Wanted::default() });
                let title = run.scenario().title.en.replace('&', "&amp;");
                assert!(svg.contains(&["<title>", &title].concat()), "{slug}");
                assert!(svg.contains("<desc>Node 1: "), "{slug}");
                for foreign in ["var(", "color-mix", " class=", "style", "url(", "href", "NaN"] {
                    assert!(!svg.contains(foreign), "{slug}: {foreign}");
                }
            }
        }
    });
}

#[test]
fn both_themes_draw_the_same_in_other_colours() {
    moments(2, |slug, run, outlook| {
        let plain = |theme| {
            let svg = document(run, outlook, Wanted { theme, ..Wanted::default() });
            let mut rest = &*svg;
            let mut plain = String::new();
            let mut colours = Vec::new();
            while let Some((before, after)) = rest.split_once('#') {
                plain += before;
                colours.push(after[..6].to_owned());
                rest = &after[6..];
            }
            (plain + rest, colours)
        };
        let ((light, bright), (dark, dim)) = (plain(Theme::Light), plain(Theme::Dark));
        assert_eq!(light, dark, "{slug}");
        assert!(bright.iter().zip(&dim).all(|(a, b)| a != b), "{slug}");
    });
}

#[test]
fn a_long_title_is_shortened_to_the_width_of_the_picture() {
    let face = Face::widest(18.0, 0.0);
    let short = shortened(&"wide ".repeat(100), &face, 300.0);
    assert!(short.ends_with('…') && face.width(&short) <= 300.0, "{short}");
    assert_eq!(shortened("short", &face, 300.0), "short");
}

#[test]
fn an_instant_has_as_many_decimals_as_it_takes() {
    let told = [1_800_000, 2_994_079, 1_500].map(|at_us| instant(at_us, Language::English));
    assert_eq!(told, ["1.80\u{a0}s", "2.994079\u{a0}s", "0.0015\u{a0}s"]);
}

#[test]
fn the_axis_of_a_recording_ends_with_it() {
    let figure = r#"{"processes": ["P", "Q"], "events": [
        {"id": "p1", "proc": "P", "kind": "send", "msg": "a"},
        {"id": "q1", "proc": "Q", "kind": "recv", "msg": "a"}]}"#;
    let history = of_figure(&figure::read(figure).unwrap()).unwrap();
    let tape = Tape::new(history.header, history.events, Vec::new()).unwrap();
    let shown = Shown { tape: &tape, moment: &Moment::new(&tape), now_us: 0, told_us: 0 };
    let wanted = Wanted { view: View::Diagram, ..Wanted::default() };
    let picture = picture(&Subject::of_recording(&shown, wanted.language), wanted);
    let written = texts_of(&picture, wanted.theme, WIDTH);
    let mut instants: Vec<_> =
        written.iter().map(|(text, _)| text).filter(|text| text.ends_with("\u{a0}s")).collect();
    let all = instants.len();
    instants.sort_unstable();
    instants.dedup();
    assert!(all > 1 && instants.len() == all, "{instants:?} of {all}");
}
