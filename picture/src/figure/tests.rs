use super::*;
use crate::document::tests::texts_of;
use antes_sim::figure::read;
use antes_sim::random::Random;

/// A figure by chance: events of a few processes, of which some send and some receive what is on its way.
fn by_chance(seed: u64) -> Figure {
    let mut random = Random::new(seed, 0);
    let processes = random.between(1, 7);
    let names: Vec<_> = (0..processes).map(|process| format!("\"N{process}\"")).collect();
    let mut on_their_way: Vec<String> = Vec::new();
    let mut events = Vec::new();
    for number in 0..random.between(1, 40) {
        let begin =
            format!("\"id\": \"e{number}\", \"proc\": \"N{}\"", random.between(0, processes - 1));
        events.push(match random.between(0, 3) {
            0 => format!("{{{begin}, \"kind\": \"local\"}}"),
            1 if !on_their_way.is_empty() => {
                let place = random.between(0, on_their_way.len() as u64 - 1) as usize;
                let message = on_their_way.swap_remove(place);
                format!("{{{begin}, \"kind\": \"recv\", \"msg\": {message}}}")
            }
            _ => {
                let count = random.between(1, 3);
                let sent: Vec<_> = (0..count).map(|copy| format!("\"m{number}.{copy}\"")).collect();
                on_their_way.extend(sent.iter().cloned());
                format!("{{{begin}, \"kind\": \"send\", \"msgs\": [{}]}}", sent.join(", "))
            }
        });
    }
    let text = format!(
        "{{\"title\": \"By chance\", \"processes\": [{}], \"events\": [{}]}}",
        names.join(", "),
        events.join(",\n")
    );
    read(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn wanted(stamps: FigureStamps) -> WantedFigure {
    WantedFigure { stamps, ..WantedFigure::default() }
}

#[test]
fn no_text_lies_on_another_one_or_leaves_the_picture_of_any_figure() {
    for seed in 0..60 {
        let figure = by_chance(seed);
        for stamps in FigureStamps::ALL {
            let drawing = Drawing::new(&figure, wanted(stamps));
            let texts = texts_of(&drawing.picture(), Theme::Light, drawing.size.width);
            for (place, (text, rect)) in texts.iter().enumerate() {
                let here = format!("figure {seed}, {stamps:?}: {text:?}");
                assert!(rect.corner.x >= 0.0 && rect.corner.y >= 0.0, "{here} leaves it");
                assert!(rect.right() <= drawing.size.width, "{here} leaves it");
                assert!(rect.bottom() <= drawing.size.height, "{here} leaves it");
                for (other, beside) in &texts[place + 1..] {
                    // Lengths are written to a tenth of a pixel.
                    assert!(rect.shared(beside) < 5.0, "{here} lies on {other:?}");
                }
            }
        }
    }
}

#[test]
fn every_event_has_its_name_and_its_stamp_in_every_figure() {
    for seed in 0..60 {
        let figure = by_chance(seed);
        let stamped = stamp(&figure);
        for stamps in [FigureStamps::Lamport, FigureStamps::Vector] {
            let drawing = Drawing::new(&figure, wanted(stamps));
            let texts = texts_of(&drawing.picture(), Theme::Light, drawing.size.width);
            let mut told: Vec<_> = texts.into_iter().map(|(text, _)| text).collect();
            for (place, event) in figure.events.iter().enumerate() {
                for text in [event.id.clone(), stamps.of(&stamped, place)] {
                    let found = told.iter().position(|told| *told == text);
                    let found = found.unwrap_or_else(|| panic!("figure {seed} without {text:?}"));
                    told.swap_remove(found);
                }
            }
        }
    }
}

#[test]
fn messages_point_to_the_right_and_keep_off_the_events_of_other_processes() {
    for seed in 0..60 {
        let figure = by_chance(seed);
        let drawing = Drawing::new(&figure, wanted(FigureStamps::Lamport));
        let all: Vec<_> = (0..figure.events.len()).map(|event| drawing.grid.at(event)).collect();
        for arrow in drawing.grid.arrows() {
            assert!(arrow.to.x > arrow.from.x, "figure {seed}: {arrow:?}");
            for at in arrow.points(1.0).filter(|_| arrow.way == Way::Across) {
                let is_own = |dot: &&Point| dot.y == arrow.from.y || dot.y == arrow.to.y;
                let strangers = all.iter().filter(|dot| !is_own(dot));
                let nearest = strangers.map(|dot| dot.distance(at)).fold(f64::MAX, f64::min);
                assert!(
                    nearest > 2.0 * DOT,
                    "figure {seed}: {arrow:?} passes an event at {nearest}"
                );
            }
        }
    }
}

#[test]
fn a_figure_says_what_it_is_of_and_names_nothing_that_it_does_not_bring() {
    let text = r#"{"title": "A < B & C", "processes": ["P", "Q"], "start": {"P": 10}, "events": [
        {"id": "p1", "proc": "P", "kind": "send", "msgs": ["a", "b"]},
        {"id": "q1", "proc": "Q", "kind": "recv", "msg": "a"}]}"#;
    let figure = read(text).unwrap();
    for theme in [Theme::Light, Theme::Dark] {
        let svg = document_of_figure(&figure, WantedFigure { theme, ..WantedFigure::default() });
        for told in [
            "<title>A &lt; B &amp; C · 2 processes · 2 events · Lamport stamps</title>",
            "<desc>P: p1 sends a, b, 11. Q: q1 receives a, 12.</desc>",
            ">10</text>",
        ] {
            assert!(svg.contains(told), "{told}: {svg}");
        }
        for foreign in ["var(", "color-mix", " class=", "style", "url(", "href", "NaN"] {
            assert!(!svg.contains(foreign), "{foreign}");
        }
    }
    let language = Language::Portuguese;
    let svg = document_of_figure(&figure, WantedFigure { language, ..wanted(FigureStamps::None) });
    assert!(svg.contains("<desc>P: p1 envia a, b. Q: q1 recebe a.</desc>"), "{svg}");
    assert!(svg.contains(" · 2 processos · 2 eventos</title>") && !svg.contains(">11</text>"));
}

#[test]
fn the_largest_figure_is_drawn() {
    let names: Vec<_> = (0..64).map(|process| format!("\"{process}\"")).collect();
    let event = |number: usize| {
        let (kind, end) = match number {
            0 => ("send", "\"msgs\": [\"m0\"]".to_owned()),
            number if number % 2 == 0 => ("send", format!("\"msgs\": [\"m{number}\"]")),
            number => ("recv", format!("\"msg\": \"m{}\"", number - 1)),
        };
        let process = number.div_ceil(2) * 7 % 64;
        format!("{{\"id\": \"e{number}\", \"proc\": \"{process}\", \"kind\": \"{kind}\", {end}}}")
    };
    let events: Vec<_> = (0..1_000).map(event).collect();
    let text =
        format!("{{\"processes\": [{}], \"events\": [{}]}}", names.join(","), events.join(","));
    let figure = read(&text).unwrap();
    let svg = document_of_figure(&figure, wanted(FigureStamps::Vector));
    assert!(svg.contains("<title>Figure · 64 processes · 1000 events · vector stamps</title>"));
    assert!(svg.contains("e999"));
}

#[test]
fn arrows_of_messages_that_are_not_received_stay_in_the_picture() {
    for count in [1, 2, 8, 30, 1_000] {
        let names: Vec<_> = (0..count).map(|number| format!("\"m{number}\"")).collect();
        let sent = names.join(",");
        let text = format!(
            "{{\"processes\": [\"P\"], \"events\": [{{\"id\": \"a\", \"proc\": \"P\", \"kind\": \"local\"}}, \
             {{\"id\": \"b\", \"proc\": \"P\", \"kind\": \"send\", \"msgs\": [{sent}]}}]}}"
        );
        let figure = read(&text).unwrap();
        let drawing = Drawing::new(&figure, wanted(FigureStamps::Lamport));
        let arrows = drawing.grid.arrows();
        let right = drawing.size.width - 2.0 * MARGIN - drawing.gutter;
        for (place, arrow) in arrows.iter().enumerate() {
            assert!(arrow.to.x < right, "{count} messages: {arrow:?}");
            let differs = place == 0 || arrows[place - 1].to.x < arrow.to.x;
            assert!(differs, "{count} messages: {arrow:?} hides the one before");
        }
    }
}

#[test]
fn a_thousand_messages_of_one_event_are_drawn() {
    let names: Vec<_> = (0..1_000).map(|number| format!("\"m{number}\"")).collect();
    let text = format!(
        "{{\"processes\": [\"P\"], \"events\": [{{\"id\": \"a\", \"proc\": \"P\", \"kind\": \"send\", \"msgs\": [{}]}}]}}",
        names.join(",")
    );
    let figure = read(&text).unwrap();
    // With an area for each point of each arrow, this took minutes.
    let svg = document_of_figure(&figure, wanted(FigureStamps::Lamport));
    let paths = svg.matches("<path").count();
    assert!(paths >= 2_000, "each arrow has a shaft and a head: {paths}");
}
