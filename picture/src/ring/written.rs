//! The areas of the ring that the names of messages must not cover: texts, and everything that can be
//! clicked.

use crate::face::Faces;
use crate::language::Language;
use crate::px::{Point, Rect, Size};
use crate::ring::draw::refusal_size;
use crate::ring::layout::{Layout, MENU_RADIUS};
use crate::ring::node::{
    BADGE_PX, badge_corner, caption, caption_lines, queue_top, queue_width, text_bottom,
};
use crate::ring::scene::{Lock, NodeScene, Part, Scene};

/// The part of a node's radius that contains text.
const WRITTEN: f64 = 0.66;

/// The height of a queue.
const QUEUE_PX: f64 = 24.0;

/// The rectangles of all texts of the scene, which labels must not cover.
pub fn written(
    scene: &Scene,
    layout: &Layout,
    faces: &Faces,
    menus: bool,
    language: Language,
) -> Vec<Rect> {
    let mut taken = Vec::new();
    for node in &scene.nodes {
        around_node(&mut taken, node, layout, faces, language);
        if menus {
            let at = layout.centre(node.id).plus(layout.menu_place(node.id), 1.0);
            taken.push(Rect::around(at, 2.0 * MENU_RADIUS, 2.0 * MENU_RADIUS));
        }
    }
    if let Some(resource) = &scene.resource {
        let (at, half_height) = (layout.resource(), layout.resource_half_height());
        let width = 2.0 * layout.resource_half_width();
        taken.push(Rect::around(at, width, 2.0 * half_height));
        if let Some(refused) = resource.refused {
            let size = refusal_size(refused, language);
            let middle = Point::new(at.x, at.y + half_height + 3.0 + size.height / 2.0);
            taken.push(Rect::around(middle, size.width, size.height));
        }
    }
    taken
}

fn around_node(
    taken: &mut Vec<Rect>,
    node: &NodeScene,
    layout: &Layout,
    faces: &Faces,
    language: Language,
) {
    let (r, centre, side) = (layout.radius, layout.centre(node.id), layout.label_side(node.id));
    let at = |x: f64, y: f64| Point::new(centre.x + x, centre.y + y);
    let half = WRITTEN * r;
    let height = half + half.max(text_bottom(node, layout));
    taken.push(Rect { corner: at(-half, -half), size: Size { width: 2.0 * half, height } });
    let corner = badge_corner(r);
    if matches!(node.part, Part::Leader | Part::Candidate) && !layout.is_crowded() {
        taken.push(Rect::around(at(corner, -corner), BADGE_PX, BADGE_PX));
    }
    if node.lock != Lock::None {
        taken.push(Rect::around(centre.plus(layout.lock_place(node.id), 1.0), BADGE_PX, BADGE_PX));
    }
    let face = &faces.caption;
    let (first, second) = caption(node, language);
    let lines = layout.label_lines();
    let captions = [first, second];
    for (text, baseline) in captions.iter().take(lines).zip(caption_lines(side, r, lines)) {
        if !text.is_empty() {
            let width = face.width(text);
            taken.push(Rect {
                corner: at(-width / 2.0, baseline - face.above()),
                size: Size { width, height: face.above() + face.below() },
            });
        }
    }
    if let Some(queue) = node.queue.as_ref().filter(|_| layout.has_queue()) {
        let width = queue_width(queue);
        let middle = at(0.0, queue_top(layout, side) + QUEUE_PX / 2.0);
        taken.push(Rect::around(middle, width, QUEUE_PX));
    }
}
