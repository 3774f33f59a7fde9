//! The small menus of nodes and messages.

use antes_core::{Algorithm, NodeId};
use antes_sim::run::Run;
use antes_sim::trace::MessageId;
use antes_sim::world::Status;
use yew::{Html, html};

use crate::language::Language;
use crate::message::{DELAY, Target};
use crate::px::{Point, Size, within};
use crate::words::{self as w, Word};

/// One entry of a menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its `data-action`.
    pub action: &'static str,
    /// Its `data-about`.
    pub about: String,
    /// What it says.
    pub text: String,
}

/// What can be done to `target` at this moment.
pub fn items(target: Target, run: &Run, language: Language) -> Vec<Item> {
    match target {
        Target::Node(node) => node_items(node, run, language),
        Target::Message(message) => message_items(message, language),
    }
}

fn node_items(node: NodeId, run: &Run, language: Language) -> Vec<Item> {
    let world = run.world();
    let item = |action, word: Word| Item {
        action,
        about: node.to_string(),
        text: word.say(language).to_owned(),
    };
    let to = |action, other: NodeId, word: Word| Item {
        action,
        about: format!("{node}-{other}"),
        text: word.fill(language, &[&other]),
    };
    let mut items = vec![item("inspect", w::INSPECT)];
    let algorithm = world.config().algorithm;
    match world.node(node).status() {
        Status::Down => items.push(item("restart", w::RESTART)),
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
                    items.push(item("request", w::REQUEST));
                }
            }
            if algorithm != Algorithm::Clock {
                items.push(item("elect", w::ELECT));
            }
            items.push(item("local", w::LOCAL_EVENT));
            items.extend([item("freeze", w::FREEZE), item("crash", w::CRASH)]);
        }
    }
    if run.world().size().get() > 1 {
        items.push(item("isolate", w::ISOLATE));
    }
    if run.world().network().has_cuts() {
        items.push(item("heal", w::HEAL));
    }
    items
}

fn message_items(message: MessageId, language: Language) -> Vec<Item> {
    let item = |action, text: String| Item { action, about: message.to_string(), text };
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

/// The width that a menu is given, in pixels.
const WIDTH: f64 = 216.0;

/// The height of an entry, and of what is around all of them.
const ITEM_HEIGHT: f64 = 34.0;
const FRAME_HEIGHT: f64 = 46.0;

/// Where the top left corner of a menu of so many entries goes: beside what it is about, `gap`
/// away from it, inside of a surface of `size`.
pub fn corner(count: usize, at: Point, gap: f64, size: Size) -> Point {
    let height = ITEM_HEIGHT * count as f64 + FRAME_HEIGHT;
    let right = at.x + gap;
    let x = if right + WIDTH <= size.width { right } else { at.x - gap - WIDTH };
    let x = within(x, 0.0, (size.width - WIDTH).max(0.0));
    let y = within(at.y - height / 2.0, 0.0, (size.height - height).max(0.0));
    Point::new(x, y)
}

/// A menu. Once it is drawn, it has to be [placed](crate::dom::place_menu).
pub fn menu(title: String, items: &[Item]) -> Html {
    let item = |item: &Item| {
        html! {
            <button key={[item.action, &item.about].concat()} type="button" role="menuitem"
                data-action={item.action} data-about={item.about.clone()}>
                { item.text.clone() }
            </button>
        }
    };
    html! {
        <div class="menu" role="menu" aria-label={title.clone()}>
            <p aria-hidden="true">{ title }</p>
            { for items.iter().map(item) }
        </div>
    }
}
