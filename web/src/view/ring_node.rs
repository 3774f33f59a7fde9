//! One node of the ring: a disc that can be clicked, and what surrounds it.

use antes_core::{NodeId, Traffic};
use antes_sim::world::Status;
use yew::{Html, html};

use crate::language::Language;
use crate::look::{self, Icon, classes, when};
use crate::px::{Point, moved_to, px};
use crate::ring::layout::{Layout, MENU_RADIUS, Side};
use crate::ring::scene::{Countdown, Lock, NodeScene, Part, Queue};
use crate::view::ring::{Clicks, Shown};
use crate::words::{self as w, Word};

/// The most timers that are drawn around one node.
const MAX_ARCS: usize = 3;

/// The most waiting requests that are drawn one by one.
const MAX_QUEUE: usize = 6;

/// The disc: its shape tells the role; a click crashes or restarts the node, or selects it.
pub fn disc(node: &NodeScene, shown: &Shown<'_>) -> Html {
    let Shown { layout, clicks, language, .. } = *shown;
    let r = layout.radius;
    let pointed = shown.pointed.contains(node.id);
    let id = node.id.to_string();
    let class = classes(&[
        "node",
        node.state(),
        node.part.name(),
        when(pointed, "pointed"),
        when(node.lock == Lock::Holding, "holding"),
    ]);
    let down = node.status == Status::Down;
    html! {
        <g key={id.clone()} transform={moved_to(layout.centre(node.id))}>
            <g class={class} role="button" tabindex="0" aria-label={label(node, clicks, language)}
                data-action="node" data-about={id.clone()} data-node={id.clone()}
                data-state={node.state()} data-role={node.part.name()}
                data-leader={node.leader.map(|leader| leader.to_string()).unwrap_or_default()}
                data-clock={node.clock.to_string()} data-lock={node.lock.name()}>
                <circle class="halo" r={px(r + 7.0)} />
                <circle class="disc" r={px(r)} />
                if node.part == Part::Leader && !down {
                    <circle class="inner" r={px(r - 5.5)} />
                }
                if down {
                    <path class="cross" d={cross(r * 0.42)} />
                    <text class="id ghost" text-anchor="middle" y={px(-r * 0.52)}>{ id.clone() }</text>
                } else if !has_dial(node, layout) {
                    <text class="id" text-anchor="middle" y={px(-r * 0.02)}>{ id.clone() }</text>
                    <g class="clock-value" aria-hidden="true"><text text-anchor="middle" y={px(r * 0.72)}>{ node.clock }</text></g>
                } else {
                    <text class="id" text-anchor="middle" y={px(r * 0.06)}>{ id.clone() }</text>
                    { clock(node.clock, r) }
                }
                if node.status == Status::Paused {
                    <path class="paused-bars" d={paused_bars(r)} />
                }
            </g>
            { badges(node, r) }
            if clicks.menus {
                { menu_button(node.id, layout, language) }
            }
        </g>
    }
}

/// Whether there is room in the disc for a dial beside the number of its clock.
fn has_dial(node: &NodeScene, layout: &Layout) -> bool {
    const DIAL_PX: f64 = 20.0;
    const DIGIT_PX: f64 = 8.6;
    let digits = node.clock.to_string().len() as f64;
    !layout.is_small() && DIAL_PX + DIGIT_PX * digits <= 1.5 * layout.radius
}

/// What surrounds the disc: timers, the two lines of its label, the coordinator's queue.
pub fn surroundings(node: &NodeScene, layout: &Layout, language: Language) -> Html {
    let r = layout.radius;
    let side = layout.label_side(node.id);
    let (first, second) = caption(node, language);
    let lines = layout.label_lines();
    let [y1, y2] = caption_lines(side, r, lines);
    html! {
        <g key={node.id.get().to_string()} class={classes(&["around", node.state()])}
            transform={moved_to(layout.centre(node.id))} aria-hidden="true">
            { for node.timers.iter().take(MAX_ARCS).enumerate().map(|(place, timer)| ring_arc(place, timer, r)) }
            if lines > 0 {
                <text class="caption" text-anchor="middle" y={px(y1)}>{ first }</text>
            }
            if lines > 1 {
                <text class="caption second" text-anchor="middle" y={px(y2)}>{ second }</text>
            }
            if let Some(queue) = node.queue.as_ref().filter(|_| layout.has_queue()) {
                { draw_queue(node.id, queue, layout, side, language) }
            }
        </g>
    }
}

/// Where the baselines of the two lines beside a node are, from its middle.
pub const fn caption_lines(side: Side, r: f64, lines: usize) -> [f64; 2] {
    match side {
        Side::Above if lines == 1 => [-(r + 20.0), 0.0],
        Side::Above => [-(r + 37.0), -(r + 20.0)],
        Side::Below => [r + 31.0, r + 48.0],
    }
}

/// Where the top of the coordinator's queue is, from the middle of its node.
pub fn queue_top(layout: &Layout, side: Side) -> f64 {
    // Beyond the lines of the label.
    let labels = [21.0, 40.0, 57.0][layout.label_lines()];
    match side {
        Side::Above => -(layout.radius + labels + 24.0),
        Side::Below => layout.radius + labels,
    }
}

/// How wide the drawing of a queue is.
pub fn queue_width(queue: &Queue) -> f64 {
    28.0 + 26.0 * queue.waiting.len().clamp(1, MAX_QUEUE) as f64
}

/// How far a badge is from the middle of its node, in either direction.
pub const fn badge_corner(r: f64) -> f64 {
    // Off the id.
    (r * 0.74).max(21.5)
}

fn label(node: &NodeScene, clicks: &Clicks, language: Language) -> String {
    if node.status == Status::Down {
        return clicks.down.fill(language, &[&node.id]);
    }
    let (first, second) = caption(node, language);
    let mut told: Vec<_> = [first, second].into_iter().filter(|part| !part.is_empty()).collect();
    if told.is_empty() {
        // A clock alone has no role.
        told.push(w::STATE_ALIVE.say(language).to_owned());
    }
    clicks.node.fill(language, &[&node.id, &told.join(", "), &node.clock])
}

/// The two lines beside a node: what it is, and whom it follows or what it waits for.
pub fn caption(node: &NodeScene, language: Language) -> (String, String) {
    let say = |word: Word| word.say(language).to_owned();
    let role = match (node.status, node.part) {
        (Status::Down, _) => return (say(w::STATE_CRASHED), String::new()),
        (_, Part::Peer) => String::new(),
        (_, Part::Leader) if node.queue.is_some() => say(w::ROLE_COORDINATOR),
        (_, Part::Leader) => say(w::ROLE_LEADER),
        (_, Part::Candidate) => say(w::ROLE_CANDIDATE),
        (_, Part::Follower) => say(w::ROLE_FOLLOWER),
    };
    let second = match (node.lock, node.leader) {
        (Lock::Holding, _) => match node.token {
            Some(token) => w::HOLDS_TOKEN.fill(language, &[&token]),
            None => say(w::HOLDS),
        },
        (Lock::Waiting, _) => say(w::WAITS),
        (Lock::None, Some(leader)) if leader == node.id => String::new(),
        (Lock::None, Some(leader)) => w::FOLLOWS.fill(language, &[&leader]),
        (Lock::None, None) if node.part == Part::Peer => String::new(),
        (Lock::None, None) => say(w::FOLLOWS_NOBODY),
    };
    if node.status == Status::Paused {
        let inbox = w::INBOX.fill(language, &[&node.inbox]);
        return (say(w::STATE_PAUSED), if node.inbox > 0 { inbox } else { role });
    }
    (role, second)
}

fn cross(half: f64) -> String {
    let h = px(half);
    format!("M-{h}-{h}L{h} {h}M-{h} {h}L{h}-{h}")
}

fn paused_bars(r: f64) -> String {
    let (x, top, bottom) = (px(r * 0.16), px(-r * 0.86), px(-r * 0.56));
    format!("M-{x} {top}V{bottom}M{x} {top}V{bottom}")
}

/// The Lamport clock: a small dial and the number.
fn clock(value: u64, r: f64) -> Html {
    let text = value.to_string();
    let half = 4.5 * text.len() as f64;
    html! {
        <g class="clock-value" aria-hidden="true" transform={moved_to(Point::new(-half - 1.0, r * 0.47))}>
            <circle r="6.2" /><path d="M0-3.4V0L2.6 1.7" />
            <text x="11" y="5.5">{ text }</text>
        </g>
    }
}

fn badges(node: &NodeScene, r: f64) -> Html {
    if node.status == Status::Down {
        return Html::default();
    }
    let letter = match node.part {
        Part::Leader => Some("L"),
        Part::Candidate => Some("C"),
        Part::Follower | Part::Peer => None,
    };
    let corner = badge_corner(r);
    html! {
        <>
            if let Some(letter) = letter {
                <g class={classes(&["badge", node.part.name()])} aria-hidden="true"
                    transform={moved_to(Point::new(corner, -corner))}>
                    <rect x="-11.5" y="-11.5" width="23" height="23" rx="7" />
                    <text text-anchor="middle" y="5">{ letter }</text>
                </g>
            }
            if node.lock != Lock::None {
                <g class={classes(&["lock", node.lock.name()])} aria-hidden="true"
                    transform={moved_to(Point::new(-corner, -corner))}>
                    <rect x="-13" y="-13" width="26" height="26" rx="8" />
                    <path transform="translate(-9 -9) scale(.9)" d={Icon::Key.path()} />
                </g>
            }
        </>
    }
}

fn menu_button(id: NodeId, layout: &Layout, language: Language) -> Html {
    html! {
        <g class="more" role="button" tabindex="0" aria-haspopup="menu"
            transform={moved_to(layout.menu_place(id))}
            aria-label={w::NODE_MENU.fill(language, &[&id])}
            data-action="node-menu" data-about={id.to_string()}>
            <circle class="hit" r={px(MENU_RADIUS)} />
            <circle class="dot" cx="-4.5" r="1.6" /><circle class="dot" r="1.6" />
            <circle class="dot" cx="4.5" r="1.6" />
        </g>
    }
}

/// A timer: an arc that shrinks to nothing as the time runs out.
fn ring_arc(place: usize, timer: &Countdown, r: f64) -> Html {
    let thin = timer.traffic == Traffic::Heartbeat;
    let class = classes(&["timer", look::class(timer.traffic), when(thin, "thin")]);
    html! {
        <circle key={timer.timer.name()} class={class} r={px(r + 8.0 + 5.0 * place as f64)}
            pathLength="100" stroke-dasharray={px(timer.left * 100.0) + " 100"}
            transform="rotate(-90)" />
    }
}

/// The table of the coordinator: who holds the lock, then who waits, the next one first.
fn draw_queue(id: NodeId, queue: &Queue, layout: &Layout, side: Side, language: Language) -> Html {
    let (y, width) = (queue_top(layout, side), queue_width(queue));
    let waiting = crate::sentence::list(&queue.waiting);
    let nobody = || w::NOBODY.say(language).to_owned();
    let holder = queue.holder.map_or_else(nobody, |holder| holder.to_string());
    let told = if waiting.is_empty() { nobody() } else { waiting };
    let cell = |place: usize, class: &'static str, text: String| {
        let x = -width / 2.0 + if place == 0 { 0.0 } else { 8.0 + 26.0 * place as f64 };
        html! {
            <g class={class} transform={moved_to(Point::new(x, y))}>
                <rect width="24" height="24" rx="6" />
                <text x="12" y="17" text-anchor="middle">{ text }</text>
            </g>
        }
    };
    html! {
        <g class="queue" data-queue={id.to_string()}
            aria-label={w::QUEUE_LABEL.fill(language, &[&id, &holder, &told])}>
            { cell(0, if queue.holder.is_some() { "holder" } else { "empty" }, queue.holder.map(|holder| holder.to_string()).unwrap_or_default()) }
            { for queue.waiting.iter().take(MAX_QUEUE).enumerate()
                .map(|(place, waiter)| cell(place + 1, "waiter", waiter.to_string())) }
            if queue.waiting.is_empty() {
                { cell(1, "empty", String::new()) }
            }
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Player;
    use crate::ring::scene::Scene;
    use crate::speed::Speed;
    use crate::view::ring::ACTS;

    #[test]
    fn what_a_node_is_called_leaves_out_no_word_in_any_scenario() {
        for scenario in antes_pack::scenarios().unwrap() {
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
