//! The ring, with the controls that only the page adds.

use antes_core::NodeId;
use antes_picture::element::Element;
use antes_picture::ring::draw::{self, Look};
use antes_picture::ring::node::{badges, caption, disc, menu_sign};
use yew::{Html, html};

use crate::language::Language;
use crate::look::{classes, when};
use crate::px::{Size, moved_to, view_box};
use crate::ring::layout::Layout;
use crate::ring::scene::{NodeScene, ResourceScene, Scene};
use crate::view::layer::Layers;
use crate::words::{self as w, Word};

/// The effects of clicks on the ring, for labels.
#[derive(PartialEq)]
pub struct Clicks {
    /// The effect of a click on a running node.
    pub node: Word,
    /// The effect of a click on a node that is down.
    pub down: Word,
    /// The effect of a click on a message to a node.
    pub message: Word,
    /// The effect of a click on a write to the resource.
    pub write: Word,
    /// Whether nodes have menus with further actions.
    pub menus: bool,
}

/// In a simulated run, a click acts on the run.
pub const ACTS: Clicks = Clicks {
    node: w::NODE_LABEL,
    down: w::NODE_DOWN_LABEL,
    message: w::MESSAGE_LABEL,
    write: w::WRITE_LABEL,
    menus: true,
};

/// The content of the ring.
pub struct Shown<'a> {
    pub scene: &'a Scene,
    pub look: Look<'a>,
    /// The size of the drawing.
    pub size: Size,
    /// The messages on their way, as elements.
    pub flying: Html,
    /// The lost messages, as elements.
    pub lost: Html,
    /// The layers to draw into.
    pub layers: &'a Layers,
    pub clicks: &'a Clicks,
}

pub fn ring(shown: &Shown<'_>) -> Html {
    let Shown { scene, look, layers, .. } = shown;
    let mut below = draw::below(scene, look);
    let is_resource = |element: &&mut Element| {
        element.attribute("class").is_some_and(|class| class.starts_with("resource"))
    };
    if let (Some(element), Some(resource)) = (below.iter_mut().find(is_resource), &scene.resource) {
        let label = resource_label(resource, look.language);
        element.attributes.extend([("role", "img".into()), ("aria-label", label.into())]);
    }
    html! {
        <svg class={classes(&["ring", when(look.layout.is_small(), "small")])}
            viewBox={view_box(shown.size)} role="group" aria-label={w::RING.say(look.language)}>
            { layers.ring.show(below) }
            { shown.lost.clone() }
            { layers.nodes.show(scene.nodes.iter().map(|node| control(node, shown))) }
            { shown.flying.clone() }
            // Invisible. It is used to measure the widths of texts.
            <svg class="probe" width="0" height="0" aria-hidden="true">
                <g class="flight"><text></text></g>
                <g class="around"><text class="caption"></text></g>
            </svg>
        </svg>
    }
}

fn resource_label(resource: &ResourceScene, language: Language) -> String {
    let (written, token) = draw::written(resource, language);
    let told = match token {
        Some(token) => [&written, ", ", &token].concat(),
        None => written,
    };
    let told = match resource.refused {
        Some(refused) => {
            let token = draw::token_of(refused, language);
            w::REFUSED_LABEL.fill(language, &[&told, &refused.writer, &token])
        }
        None => told,
    };
    w::RESOURCE_LABEL.fill(language, &[&told])
}

/// A node as a control.
fn control(node: &NodeScene, shown: &Shown<'_>) -> Element {
    let Shown { look, clicks, .. } = shown;
    let id = node.id.to_string();
    let leader = node.leader.map(|leader| leader.to_string()).unwrap_or_default();
    let disc = disc(node, look)
        .with("role", "button")
        .with("tabindex", "0")
        .with("aria-label", label(node, clicks, look.language))
        .with("data-action", "node")
        .with("data-about", id.clone())
        .with("data-node", id)
        .with("data-state", node.state())
        .with("data-role", node.part.name())
        .with("data-leader", leader)
        .with("data-clock", node.clock.to_string())
        .with("data-lock", node.lock.name());
    let menu = clicks.menus.then(|| menu_button(node.id, look.layout, look.language));
    Element::new("g")
        .with("transform", moved_to(look.layout.centre(node.id)))
        .holding([disc])
        .holding(badges(node, look.layout))
        .holding(menu)
}

fn label(node: &NodeScene, clicks: &Clicks, language: Language) -> String {
    if node.status.is_down() {
        return clicks.down.fill(language, &[&node.id, &node.how_it_ended().say(language)]);
    }
    let (first, second) = caption(node, language);
    let mut told: Vec<_> = [first, second].into_iter().filter(|part| !part.is_empty()).collect();
    if told.is_empty() {
        // In a run about logical clocks, nodes have no role.
        told.push(w::STATE_ALIVE.say(language).to_owned());
    }
    clicks.node.fill(language, &[&node.id, &told.join(", "), &node.clock])
}

fn menu_button(id: NodeId, layout: &Layout, language: Language) -> Element {
    menu_sign(id, layout)
        .with("role", "button")
        .with("tabindex", "0")
        .with("aria-haspopup", "menu")
        .with("aria-label", w::NODE_MENU.fill(language, &[&id]))
        .with("data-action", "node-menu")
        .with("data-about", id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Player;
    use crate::speed::Speed;
    use crate::timeline::Timeline;

    #[test]
    fn the_name_of_a_node_leaves_out_no_word_in_any_scenario() {
        for scenario in antes_sim::library::scenarios().unwrap() {
            let mut player = Player::new(scenario, &[], Speed::DEFAULT);
            for step in 0..20 {
                player.seek(player.run().end_us() / 20 * step);
                let scene = Scene::new(player.run(), player.outlook());
                for language in [Language::English, Language::Portuguese] {
                    for node in &scene.nodes {
                        let label = label(node, &ACTS, language);
                        for gap in [": ,", ", ,", "  ", "()"] {
                            assert!(!label.contains(gap), "{label:?}");
                        }
                    }
                }
            }
        }
    }
}
