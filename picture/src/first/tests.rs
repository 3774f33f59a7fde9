use super::*;
use antes_sim::library::LIBRARY;
use antes_sim::scenario;

fn opening() -> Opening {
    let (_, text) = LIBRARY.iter().find(|(slug, _)| *slug == "leader-dies").unwrap();
    Opening::of(&scenario::read(text).unwrap())
}

/// The texts of all elements of a drawing.
fn texts(markup: &str) -> Vec<&str> {
    let ends = markup.split('>').filter_map(|part| part.split_once('<'));
    ends.map(|(text, _)| text.trim()).filter(|text| !text.is_empty()).collect()
}

#[test]
fn numbers_are_split_from_a_text_as_a_browser_script_does_it() {
    assert_eq!(numbers("M-7-7L7.5 7m0-3.4V.9a5."), [-7.0, -7.0, 7.5, 7.0, 0.0, -3.4, 9.0, 5.0]);
    assert_eq!(without_numbers("M1 -2.5L3"), ["M", " ", "L", ""]);
}

#[test]
fn a_window_of_a_common_size_gets_the_drawing_that_its_size_would_give() {
    let opening = opening();
    let (rings, diagrams) = (opening.rings(), opening.diagrams());
    for size in RINGS.map(sized) {
        let (sketch, real) = (chosen(&rings, size).unwrap(), inside(&opening.ring(size)));
        assert_eq!(without_numbers(&real), without_numbers(&sketch.inside), "{size:?}");
        assert!(sketch.misses(size, &real) <= MOST_MISSED, "{size:?}");
    }
    for size in DIAGRAMS.map(sized) {
        let real = inside(&opening.diagram(size, opening.zoom(size)));
        let sketch = chosen(&diagrams, size).unwrap();
        assert_eq!(without_numbers(&real), without_numbers(&sketch.inside), "{size:?}");
        assert!(sketch.misses(size, &real) <= MOST_MISSED, "{size:?}");
    }
}

#[test]
fn a_diagram_of_any_size_has_the_zoom_and_the_events_that_the_page_gives_it() {
    let opening = opening();
    let diagrams = opening.diagrams();
    for width in (284..1100).step_by(48) {
        let size = sized((width, 300));
        let real = inside(&opening.diagram(size, opening.zoom(size)));
        let sketch = chosen(&diagrams, size).unwrap();
        assert_eq!(without_numbers(&real), without_numbers(&sketch.inside), "{width}");
        assert!(sketch.misses(size, &real) < 12.0, "{width}");
    }
}

#[test]
fn the_first_picture_has_no_words() {
    let opening = opening();
    for sketch in opening.rings().into_iter().chain(opening.diagrams()) {
        let markup = sketch.markup();
        let written = texts(&markup);
        assert!(written.len() >= 4, "{written:?}");
        for text in written {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            assert!(is_number || text.chars().count() == 1, "{text:?}");
        }
        for kept in ["data-action", "data-node", "role=", "aria-", "tabindex", "style="] {
            assert!(!markup.contains(kept), "{kept}");
        }
    }
}
