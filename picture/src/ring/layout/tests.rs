use super::*;
use core::f64::consts::{PI, TAU};

const SIZE: Size = Size { width: 560.0, height: 480.0 };

fn layout(nodes: u8) -> Layout {
    Layout::new(SIZE, ClusterSize::new(nodes).unwrap(), false)
}

fn node(number: u8) -> NodeId {
    NodeId::new(number).unwrap()
}

#[test]
fn nodes_stand_at_even_angles() {
    for count in 1..=8 {
        let nodes = ClusterSize::new(count).unwrap();
        for (place, unit) in (0..count).zip(units(nodes)) {
            let (n, place) = (f64::from(count), f64::from(place));
            let angle = -PI / 2.0 - PI / n + place * TAU / n;
            assert!((unit.x - angle.cos()).abs() < 1e-12 && (unit.y - angle.sin()).abs() < 1e-12);
        }
    }
}

#[test]
fn four_nodes_stand_in_reading_order_clockwise_from_the_top_left() {
    let places = layout(4);
    let [one, two, three, four] = [1, 2, 3, 4].map(|number| places.centre(node(number)));
    assert!(one.x < two.x && (one.y - two.y).abs() < 0.01);
    assert!(three.x > four.x && (three.y - four.y).abs() < 0.01);
    assert!(one.y < four.y && (one.x - four.x).abs() < 0.01);
}

#[test]
fn every_cluster_fits_its_surface_and_no_nodes_touch() {
    for (width, height) in [(343.0, 360.0), (560.0, 480.0), (900.0, 700.0)] {
        for count in 1..=8 {
            let cluster = ClusterSize::new(count).unwrap();
            let places = Layout::new(Size { width, height }, cluster, true);
            for a in cluster.nodes() {
                let centre = places.centre(a);
                assert!(centre.x >= places.radius && centre.x <= width - places.radius);
                assert!(centre.y >= places.radius && centre.y <= height - places.radius);
                for b in cluster.others(a) {
                    let gap = centre.distance(places.centre(b));
                    assert!(gap > 2.0 * places.radius + 8.0, "{count} nodes, {width} wide");
                }
            }
        }
    }
}

/// The distance between the resource and the nearest node; negative if they overlap.
fn distance_to_nodes(places: &Layout) -> f64 {
    let (half_width, half_height) = (places.resource_half_width(), places.resource_half_height());
    let distances = places.centres.iter().map(|centre| {
        let x = ((centre.x - places.resource.x).abs() - half_width).max(0.0);
        let y = ((centre.y - places.resource.y).abs() - half_height).max(0.0);
        x.hypot(y) - places.radius
    });
    distances.fold(f64::INFINITY, f64::min)
}

#[test]
fn the_resource_lies_on_no_node() {
    // The smallest surfaces. With up to four nodes: half of a narrow phone, with type of twice the size.
    let least = [(144, 144), (160, 144), (160, 144), (160, 144)];
    let least = least.into_iter().chain([(230, 200), (250, 210), (260, 230), (280, 250)]);
    for (count, (width, height)) in (1..=8).zip(least) {
        let widths = (width..700).step_by(7);
        for (width, height) in widths.flat_map(|w| (height..600).step_by(9).map(move |h| (w, h))) {
            let size = Size { width: f64::from(width), height: f64::from(height) };
            let places = Layout::new(size, ClusterSize::new(count).unwrap(), true);
            assert!(distance_to_nodes(&places) > 0.0, "{count} nodes, {width} x {height}");
            let (at, half) = (places.resource(), places.resource_half_width());
            let is_inside = at.x - half > 0.0
                && at.x + half < size.width
                && at.y + places.resource_half_height() < size.height;
            assert!(
                is_inside,
                "{count} nodes, {width} x {height}: the resource leaves the surface"
            );
        }
    }
}

#[test]
fn where_there_is_another_place_no_badge_lies_on_the_resource() {
    // Half of a frame of 560 by 315 pixels, as in slides.
    let size = Size { width: 250.0, height: 200.0 };
    let places = Layout::new(size, ClusterSize::new(4).unwrap(), true);
    let (corner, half) = (badge_corner(places.radius), BADGE_PX / 2.0);
    for centre in &places.centres {
        for x in [centre.x - corner, centre.x + corner] {
            let beside = (x - places.resource.x).abs() - half;
            let above = (centre.y - corner - places.resource.y).abs() - half;
            let is_clear =
                beside > places.resource_half_width() || above > places.resource_half_height();
            assert!(is_clear, "{places:?}");
        }
    }
}

#[test]
fn a_message_runs_from_edge_to_edge() {
    let places = layout(4);
    let (start, end) = places.lane(node(1), Some(node(2)));
    let from_centre = start.distance(places.centre(node(1)));
    let to_centre = end.distance(places.centre(node(2)));
    for distance in [from_centre, to_centre] {
        assert!((distance - places.radius).abs() < 4.0);
    }
}

#[test]
fn request_and_reply_keep_to_their_own_lanes() {
    let places = layout(4);
    let (there, _) = places.lane(node(1), Some(node(2)));
    let (_, back) = places.lane(node(2), Some(node(1)));
    assert!(there.distance(back) > 2.0 * LANE - 1.0);
}

#[test]
fn progress_is_the_share_of_the_time_that_has_passed() {
    assert!((progress(150, 100, 200) - 0.5).abs() < 1e-9);
    assert!((progress(50, 100, 200) - 0.0).abs() < 1e-9);
    assert!((progress(500, 100, 200) - 1.0).abs() < 1e-9);
    assert!((progress(100, 100, 100) - 1.0).abs() < 1e-9);
}

/// Surfaces of all sizes that a ring of many nodes gets, in pixels.
fn surfaces() -> impl Iterator<Item = Size> {
    let widths =
        [(270, 230), (288, 300), (343, 300), (400, 240), (560, 480), (900, 420), (1200, 900)];
    widths.into_iter().map(|(width, height)| Size { width: width.into(), height: height.into() })
}

#[test]
fn rings_of_many_nodes_keep_nodes_menu_buttons_and_the_resource_apart() {
    for (size, count) in surfaces().flat_map(|size| (9..=16).map(move |count| (size, count))) {
        let cluster = ClusterSize::new(count).unwrap();
        let places = Layout::new(size, cluster, true);
        let told = format!("{count} nodes on {size:?}: {places:?}");
        assert!(distance_to_nodes(&places) > 0.0, "{told}");
        let menu = |node| places.centre(node).plus(places.menu_place(node), 1.0);
        for a in cluster.nodes() {
            for (at, reach) in [(places.centre(a), places.radius), (menu(a), MENU_RADIUS)] {
                let is_inside = at.x >= reach && at.x <= size.width - reach;
                assert!(is_inside && at.y >= reach && at.y <= size.height - reach, "{a}: {told}");
            }
            for b in cluster.others(a) {
                let nodes = places.centre(a).distance(places.centre(b)) - 2.0 * places.radius;
                let menus = menu(a).distance(menu(b)) - 2.0 * MENU_RADIUS;
                let menu_and_node =
                    menu(a).distance(places.centre(b)) - MENU_RADIUS - places.radius;
                for gap in [nodes - 7.0, menus, menu_and_node] {
                    assert!(gap > 0.0, "{a} and {b} by {gap}: {told}");
                }
            }
        }
    }
}

#[test]
fn the_nodes_of_a_long_ring_have_even_distances() {
    let hub = Point::new(300.0, 100.0);
    let centres = spread(ClusterSize::MAX, hub, 250.0, 70.0);
    assert_eq!(centres.len(), 16);
    let gaps: Vec<f64> =
        (0..16).map(|place| centres[place].distance(centres[(place + 1) % 16])).collect();
    let (least, most) = (
        gaps.iter().copied().fold(f64::INFINITY, f64::min),
        gaps.iter().copied().fold(0.0, f64::max),
    );
    assert!(most < least * 1.3, "{gaps:?}");
    assert!((centres[0].x + centres[1].x - 2.0 * hub.x).abs() < 0.01, "the top is between the two");
    assert!(centres[0].y < hub.y && centres[0].x < centres[1].x, "they run clockwise");
}
