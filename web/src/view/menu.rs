//! The menus of nodes and messages.

use antes_core::{Algorithm, NodeId, NodeSet, Profile};
use antes_sim::run::Run;
use antes_sim::trace::MessageId;
use antes_sim::world::Status;
use yew::{Html, html};

use crate::handle::DELAY;
use crate::language::Language;
use crate::look::{classes, when};
use crate::message::Target;
use crate::px::{Point, Size, within};
use crate::sentence::list;
use crate::words::{self as w, Word};

/// An entry of a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The request that a click makes, as its `data-action`.
    pub action: &'static str,
    /// The object of the request.
    pub about: String,
    /// The visible text, in the page's language.
    pub text: String,
    /// Whether it is checked. `None` if it cannot be.
    pub checked: Option<bool>,
}

/// The entries for `target` at this moment.
pub fn items(target: Target, run: &Run, language: Language) -> Vec<Item> {
    match target {
        Target::Node(node) => node_items(node, run, language),
        Target::Message(message) => message_items(message, language),
        Target::Links(node) => link_items(node, run, language),
        Target::Crash(node) => crash_items(node, run, language),
        Target::Sides(node, side) => side_items(node, side, run, language),
    }
}

fn node_items(node: NodeId, run: &Run, language: Language) -> Vec<Item> {
    let world = run.world();
    let item = |action, word: Word| Item {
        action,
        about: node.to_string(),
        text: word.say(language).to_owned(),
        checked: None,
    };
    let to = |action, other: NodeId, word: Word| Item {
        action,
        about: format!("{node}-{other}"),
        text: word.fill(language, &[&other]),
        checked: None,
    };
    let mut items = vec![item("inspect", w::INSPECT)];
    let algorithm = world.config().algorithm;
    match world.node(node).status() {
        Status::Crashed | Status::Stopped => {
            items.push(item("restart", w::RESTART));
            if world.config().profile == Profile::Hardened {
                items.push(item("restart-empty", w::RESTART_EMPTY));
            }
        }
        Status::Paused => {
            items.extend([item("resume", w::RESUME), item("crash", w::CRASH)]);
        }
        Status::Up => {
            match algorithm {
                Algorithm::Clock => {
                    let others = || world.size().others(node);
                    items.extend(others().map(|other| to("call", other, w::CALL)));
                    items.extend(others().map(|other| to("send", other, w::SEND)));
                }
                Algorithm::Leader => {}
                Algorithm::Mutex => {
                    let lock = world.node(node).node().stack().lock().unwrap_or_default();
                    if lock.requests.iter().any(|&(_, holds)| holds) {
                        items.extend([item("release", w::RELEASE), item("write", w::WRITE)]);
                    }
                    if lock.requests.iter().any(|&(_, holds)| !holds) {
                        items.push(item("withdraw", w::WITHDRAW));
                    }
                    items.push(item("request", w::REQUEST));
                    items.push(request_keep(run, item("request-keep", w::REQUEST_KEEP), language));
                }
            }
            if world.config().setting().has_election() {
                items.push(item("elect", w::ELECT));
            }
            items.push(item("local", w::LOCAL_EVENT));
            items.extend([item("freeze", w::FREEZE), item("crash", w::CRASH)]);
            items.push(item("crash-menu", w::CRASH_LATER));
        }
    }
    if run.world().size().get() > 1 {
        items.push(item("isolate", w::ISOLATE));
        items.push(item("links", w::CUT_LINKS));
        let about = format!("{node}-{node}");
        items.push(Item { about, ..item("sides", w::SIDES) });
    }
    if run.world().network().has_cuts() {
        items.push(item("heal", w::HEAL));
    }
    items
}

/// The entry for a request that is held until it is released, or until its lease ends.
fn request_keep(run: &Run, item: Item, language: Language) -> Item {
    let config = run.world().config();
    match config.profile {
        Profile::Classic => item,
        Profile::Hardened => {
            let lease_us = u64::try_from(config.hardened.lease.as_micros()).unwrap_or(0);
            Item { text: w::REQUEST_LEASE.fill(language, &[&language.span(lease_us)]), ..item }
        }
    }
}

/// The entries for stopping a node.
fn crash_items(node: NodeId, run: &Run, language: Language) -> Vec<Item> {
    let item = |action, word: Word| Item {
        action,
        about: node.to_string(),
        text: word.say(language).to_owned(),
        checked: None,
    };
    let mut items = vec![
        item("crash-at-send", w::CRASH_AT_SEND),
        item("crash-at-receive", w::CRASH_AT_RECEIVE),
    ];
    if run.world().config().profile == Profile::Hardened {
        items.push(item("crash-after-save", w::CRASH_AFTER_SAVE));
    }
    items.push(item("stop", w::STOP));
    items
}

/// The entries for cutting links of a node, in one or both directions.
fn link_items(node: NodeId, run: &Run, language: Language) -> Vec<Item> {
    let world = run.world();
    let item = |action, other: NodeId, word: Word| Item {
        action,
        about: format!("{node}-{other}"),
        text: word.fill(language, &[&other]),
        checked: None,
    };
    let mut items = Vec::new();
    for other in world.size().others(node) {
        let (to, from) = (!world.is_cut(node, other), !world.is_cut(other, node));
        items.extend((to && from).then(|| item("cut-both", other, w::CUT_BOTH)));
        items.extend(to.then(|| item("cut-to", other, w::CUT_TO)));
        items.extend(from.then(|| item("cut-from", other, w::CUT_FROM)));
    }
    items
}

/// The entries for choosing the nodes on a node's side, and for the partition.
fn side_items(node: NodeId, side: NodeSet, run: &Run, language: Language) -> Vec<Item> {
    let size = run.world().size();
    let about = |is_in: &dyn Fn(NodeId) -> bool| {
        let ids = size.nodes().filter(|&each| is_in(each)).map(|each| each.to_string());
        format!("{node}-{}", ids.collect::<Vec<_>>().join(" "))
    };
    let choice = |other: NodeId| Item {
        action: "sides",
        about: about(&|each| side.contains(each) != (each == other)),
        text: w::SIDE_OF.fill(language, &[&other]),
        checked: Some(side.contains(other)),
    };
    let (here, there): (Vec<_>, Vec<_>) = size.nodes().partition(|&each| side.contains(each));
    let mut items: Vec<_> = size.others(node).map(choice).collect();
    if !there.is_empty() {
        items.push(Item {
            action: "split",
            about: about(&|each| side.contains(each)),
            text: w::SPLIT.fill(language, &[&list(&here), &list(&there)]),
            checked: None,
        });
    }
    items
}

fn message_items(message: MessageId, language: Language) -> Vec<Item> {
    let item =
        |action, text: String| Item { action, about: message.to_string(), text, checked: None };
    let say = |word: Word| word.say(language).to_owned();
    let by = u64::try_from(DELAY.as_micros()).unwrap_or(0);
    vec![
        item("inspect-message", say(w::INSPECT)),
        item("deliver", say(w::DELIVER)),
        item("delay", w::DELAY.fill(language, &[&language.span(by)])),
        item("duplicate", say(w::DUPLICATE)),
        item("drop", say(w::DROP)),
    ]
}

/// The number of entries from which on a menu is a sheet at the lower edge of the window.
const LONG: usize = 16;

/// The width of a menu, in pixels.
const WIDTH: f64 = 216.0;

/// The height of an entry and of the menu's border, in pixels.
const ITEM_HEIGHT: f64 = 34.0;
const FRAME_HEIGHT: f64 = 46.0;

/// The top left corner of a menu with `count` entries: beside its target at distance `gap`, inside
/// an area of `size`.
pub fn corner(count: usize, at: Point, gap: f64, size: Size) -> Point {
    let height = ITEM_HEIGHT * count as f64 + FRAME_HEIGHT;
    let right = at.x + gap;
    let x = if right + WIDTH <= size.width { right } else { at.x - gap - WIDTH };
    let x = within(x, 0.0, (size.width - WIDTH).max(0.0));
    let y = within(at.y - height / 2.0, 0.0, (size.height - height).max(0.0));
    Point::new(x, y)
}

/// A menu. After drawing, it must be [placed](crate::dom::place_menu).
pub fn menu(title: String, items: &[Item]) -> Html {
    let item = |(place, item): (usize, &Item)| {
        let role = if item.checked.is_some() { "menuitemcheckbox" } else { "menuitem" };
        html! {
            <button key={place} type="button" {role}
                aria-checked={item.checked.map(|checked| checked.to_string())} data-action={item.action} data-about={item.about.clone()}>
                { item.text.clone() }
            </button>
        }
    };
    let long = when(items.len() > LONG, "long");
    html! {
        <div class={classes(&["menu", long])} role="menu" aria-label={title.clone()}>
            <p aria-hidden="true">{ title }</p>
            { for items.iter().enumerate().map(item) }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Ask;
    use crate::handle::from_control;
    use crate::interventions::encode_one;
    use crate::library;
    use crate::message::Act;
    use antes_sim::scenario::{Action, Step};
    use antes_sim::trace::Happening;
    use core::time::Duration;
    use std::collections::BTreeSet;

    fn run(slug: &str, at_us: u64, acts: &[Action]) -> Run {
        let scenario =
            antes_sim::library::scenarios().unwrap().swap_remove(library::find(slug).unwrap());
        let mut run = Run::new(scenario);
        run.seek(at_us);
        acts.iter().for_each(|action| run.act(action.clone()));
        run
    }

    /// The letters of the acts that the menus offer at this moment, as in addresses.
    fn offered(run: &Run) -> BTreeSet<char> {
        let nodes = run.world().size().nodes();
        let of_node = |node: NodeId| {
            let side = Target::Sides(node, [node].into_iter().collect());
            [Target::Node(node), Target::Links(node), Target::Crash(node), side]
        };
        let messages = run.world().flights().map(|flight| Target::Message(flight.message.id));
        let targets: Vec<_> = nodes.flat_map(of_node).chain(messages).collect();
        let items = targets.iter().flat_map(|&target| items(target, run, Language::English));
        let mut letters = BTreeSet::new();
        for item in items {
            let letter = |action: Action| {
                encode_one(&Step::new(Duration::ZERO, 0, action)).chars().next().unwrap()
            };
            match from_control(item.action, &item.about) {
                Some(Ask::Act(Act::Do(action))) => drop(letters.insert(letter(action))),
                Some(Ask::Act(Act::Stop(_))) => drop(letters.insert('L')),
                Some(Ask::Act(Act::Isolate(_) | Act::Split(_))) => drop(letters.insert('g')),
                Some(Ask::Act(Act::CutBoth(..))) => drop(letters.insert('x')),
                Some(Ask::Menu(_) | Ask::Select(_) | Ask::Inspect(_)) => {}
                other => panic!("{} asks for {other:?}", item.action),
            }
        }
        letters
    }

    #[test]
    fn every_act_of_an_address_is_offered_by_a_menu_where_it_makes_sense() {
        let node = |number| NodeId::new(number).unwrap();
        let mut letters = BTreeSet::new();
        letters.extend(offered(&run("random-calls", 2_050_000, &[])));
        letters.extend(offered(&run("lock-and-queue", 2_000_000, &[])));
        let hard =
            |acts: &[Action]| offered(&run("lock-through-a-leader-crash-hardened", 900_000, acts));
        letters.extend(hard(&[Action::Crash(node(2)), Action::Pause(node(3))]));
        letters.extend(hard(&[Action::Cut { from: node(1), to: node(2) }]));
        // `m` is `s` with a latency.
        let all: BTreeSet<_> = "crEpuSRAvesqQWlwkLxghdbny".chars().collect();
        assert_eq!(letters, all);
    }

    #[test]
    fn a_lock_that_is_kept_for_too_long_is_taken_by_its_lease_and_that_is_said() {
        let mut run = run("lock-through-a-leader-crash-hardened", 100_000, &[]);
        let node = NodeId::new(2).unwrap();
        let keep = from_control("request-keep", "2");
        let Some(Ask::Act(Act::Do(action))) = keep else { panic!("it asks for {keep:?}") };
        run.act(action);
        run.finish();
        let is_cut = |it: &&antes_sim::trace::TraceEvent| {
            it.node == Some(node)
                && matches!(it.happening, Happening::Exit { lease_over: true, .. })
        };
        let cut = run.trace().iter().find(is_cut).expect("no lease cuts it");
        assert_eq!(
            crate::sentence::of(cut, Language::English),
            "Node 2 leaves the critical section: the lease ended before the work."
        );
    }
}
