//! The small menus of nodes and messages.

use antes_core::{Algorithm, NodeId};
use antes_sim::run::Run;
use antes_sim::trace::MessageId;
use antes_sim::world::Status;
use web_sys::HtmlElement;
use yew::{Html, Properties, function_component, html, use_effect_with, use_node_ref};

use crate::language::{Language, Word};
use crate::message::{DELAY, Target};
use crate::px::{Point, Size, px};
use crate::words as w;

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

/// What a menu shows, and where.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// Its name.
    pub title: String,
    /// Its entries.
    pub items: Vec<Item>,
    /// What it is about.
    pub at: Point,
    /// How far it keeps from that.
    pub gap: f64,
    /// The size of the surface that it lies on.
    pub size: Size,
}

/// The width that a menu is given, in pixels.
const WIDTH: f64 = 216.0;

/// The height of an entry, and of what is around all of them.
const ITEM_HEIGHT: f64 = 34.0;
const FRAME_HEIGHT: f64 = 46.0;

/// Where the menu's top left corner goes: beside what it is about, inside of the surface.
fn corner(props: &Props) -> Point {
    let height = ITEM_HEIGHT * props.items.len() as f64 + FRAME_HEIGHT;
    let right = props.at.x + props.gap;
    let x = if right + WIDTH <= props.size.width { right } else { props.at.x - props.gap - WIDTH };
    let x = x.clamp(0.0, (props.size.width - WIDTH).max(0.0));
    let y = (props.at.y - height / 2.0).clamp(0.0, (props.size.height - height).max(0.0));
    Point::new(x, y)
}

/// A menu. It takes the focus when it opens.
#[function_component(Menu)]
pub fn menu(props: &Props) -> Html {
    let panel = use_node_ref();
    let corner = corner(props);
    {
        let panel = panel.clone();
        // The policy forbids style attributes, not styles that are set this way.
        use_effect_with((px(corner.x), px(corner.y)), move |(x, y)| {
            if let Some(panel) = panel.cast::<HtmlElement>() {
                let style = panel.style();
                let _ = style.set_property("left", &[x, "px"].concat());
                let _ = style.set_property("top", &[y, "px"].concat());
            }
        });
    }
    {
        let panel = panel.clone();
        use_effect_with(props.title.clone(), move |_| {
            let first = panel.cast::<HtmlElement>();
            let first = first.and_then(|panel| panel.query_selector("button").ok().flatten());
            if let Some(first) = first {
                let _ = wasm_bindgen::JsCast::unchecked_into::<HtmlElement>(first).focus();
            }
        });
    }
    let item = |item: &Item| {
        html! {
            <button key={format!("{}{}", item.action, item.about)} type="button" role="menuitem"
                data-action={item.action} data-about={item.about.clone()}>
                { item.text.clone() }
            </button>
        }
    };
    html! {
        <div class="menu" role="menu" aria-label={props.title.clone()} ref={panel}>
            <p aria-hidden="true">{ props.title.clone() }</p>
            { for props.items.iter().map(item) }
        </div>
    }
}
