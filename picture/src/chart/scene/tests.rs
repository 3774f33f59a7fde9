use super::*;
use crate::px::{Rect, Size};
use crate::watched::Watched;
use antes_core::{Algorithm, ClusterSize};
use antes_sim::scenario::{Action, Latency, Scenario, Step};
use core::time::Duration;

fn look(face: &Face, selected: Option<u64>) -> Look<'_> {
    let (stamps, hovered, refused) = (Stamps::Lamport, None, "refused");
    Look { left: 0.0, right: 700.0, stamps, selected, hovered, face, refused, nodes: 4 }
}

fn scene(at_us: u64, left: f64, selected: Option<u64>) -> Scene {
    let mut watched = Watched::new(Algorithm::Leader);
    let latency = watched.run.scenario().network.latency;
    watched.seek(700_000);
    watched.act(Action::Crash(NodeId::new(4).unwrap()));
    watched.seek(at_us);
    let mut index = Index::default();
    watched.read_by(&mut index);
    let scale = Scale::new(Size { width: 700.0, height: 320.0 }, 4, false, latency, 0);
    let face = Face::guessed(12.5);
    let look = Look { left, right: left + 700.0, ..look(&face, selected) };
    Scene::new(&index, watched.run.trace(), &scale, &look)
}

#[test]
fn only_what_is_visible_is_drawn() {
    let early = scene(20_000_000, 0.0, None);
    let late = scene(20_000_000, 9_000.0, None);
    assert!(early.arrows.len() < 30 && !late.arrows.is_empty());
    assert!(late.dots.iter().all(|dot| dot.at.x > 8_700.0));
}

#[test]
fn arrows_point_forwards_in_time() {
    let scene = scene(5_000_000, 0.0, None);
    assert!(scene.arrows.iter().all(|arrow| arrow.to.x > arrow.from.x));
}

#[test]
fn past_future_and_concurrent_are_told_apart() {
    // The send of the first heartbeat is only in the past of its receivers.
    let plain = scene(5_000_000, 0.0, None);
    assert!(plain.dots.iter().all(|dot| dot.light == Light::Plain));
    let first = plain.dots[0].seq;
    let lit = scene(5_000_000, 0.0, Some(first));
    assert_eq!(lit.dots[0].light, Light::Selected);
    assert!(lit.dots[1..].iter().all(|dot| dot.light == Light::Future));
}

/// The areas of the labels in a scene.
fn labels(scene: &Scene, face: &Face) -> Vec<(String, Rect)> {
    let dots = scene.dots.iter().filter_map(|dot| dot.label.as_ref());
    let arrows = scene.arrows.iter().filter_map(|arrow| arrow.name.as_ref());
    let rect = |label: &Label| {
        let middle = Point::new(label.at.x, label.at.y + (face.below() - face.above()) / 2.0);
        let height = face.above() + face.below();
        (label.text.clone(), Rect::around(middle, face.width(&label.text), height))
    };
    dots.chain(arrows).map(rect).collect()
}

#[test]
fn no_label_lies_on_another_one() {
    let face = Face::guessed(12.5);
    for (at_us, left) in [(2_350_000, 900.0), (5_000_000, 400.0), (20_000_000, 9_000.0)] {
        let labels = labels(&scene(at_us, left, None), &face);
        assert!(labels.len() > 5, "{} labels", labels.len());
        for (place, (text, rect)) in labels.iter().enumerate() {
            for (other, beside) in &labels[place + 1..] {
                assert!(!rect.overlaps(beside), "{text} and {other} at {at_us}");
            }
        }
    }
}

/// Eight nodes with this many messages on their way, which take two seconds each.
fn crowd(flying: u32) -> Scene {
    let eight = ClusterSize::new(8).unwrap();
    let mut scenario = Scenario::new(Algorithm::Clock, eight);
    scenario.network.latency = Latency::Fixed(Duration::from_secs(2));
    let ids: Vec<NodeId> = eight.nodes().collect();
    for place in 0..3 * flying as usize {
        let (from, to) = (ids[place % 8], ids[(place + 1 + place / 8 % 7) % 8]);
        let at = Duration::from_secs(2) / flying * place as u32;
        scenario.steps.push(Step::new(at, 0, Action::Send { from, to, latency: None }));
    }
    let latency = scenario.network.latency;
    let mut watched = Watched::of(scenario);
    watched.seek(5_000_000);
    let mut index = Index::default();
    watched.read_by(&mut index);
    let scale = Scale::new(Size { width: 700.0, height: 900.0 }, 8, false, latency, 0);
    let right = scale.x_of(5_000_000);
    let face = Face::guessed(12.5);
    let look = Look { left: right - 700.0, right, nodes: 8, ..look(&face, None) };
    Scene::new(&index, watched.run.trace(), &scale, &look)
}

#[test]
fn the_search_for_places_takes_no_longer_for_each_shape_if_there_are_many() {
    let effort = |flying: u32| {
        let scene = crowd(flying);
        let named = scene.arrows.iter().filter(|arrow| arrow.name.is_some()).count();
        let shapes = scene.arrows.len() + scene.dots.len();
        println!("{flying} {named} {shapes} {}", scene.taken.compared.get());
        (named, shapes, scene.taken.compared.get())
    };
    let (few, many) = (effort(50), effort(1_000));
    assert!(few.0 > 10 && many.0 > 5, "{few:?} {many:?}");
    assert!(many.1 > 10 * few.1, "{few:?} {many:?}");
    assert!(many.2 * few.1 <= few.2 * many.1, "{few:?} {many:?}");
}

#[test]
fn the_selection_has_its_stamp_and_its_name() {
    let plain = scene(5_000_000, 0.0, None);
    for arrow in plain.arrows.iter().take(40) {
        let scene = scene(5_000_000, 0.0, Some(arrow.seq));
        let find = |it: &&ArrowShape| it.seq == arrow.seq && it.sent_seq == arrow.sent_seq;
        let name = scene.arrows.iter().find(find).unwrap().name.as_ref().unwrap();
        assert_eq!(name.text, arrow.message.content.name());
        let selected = scene.dots.iter().find(|dot| dot.seq == arrow.seq);
        assert!(selected.is_none_or(|dot| dot.label.is_some()));
    }
}
