//! Where the focus is: it walks by arrows through groups of controls, of which each is one stop of the
//! Tab key, and it is never lost when what had it goes away.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Element, Event, FocusEvent, HtmlElement, KeyboardEvent};

use crate::chart::walk::Way;
use crate::dom::window;
use crate::message::Ask;

/// Groups of controls: in each, one is a stop of the Tab key, and arrows lead to the others. A list and a
/// slider are in none: they need the arrows for themselves. A text that scrolls is in one: it needs the
/// upright arrows alone. The finder beside the list of scenarios is one of the tools, so that every
/// group is at most twelve Tabs away.
const GROUPS: [&str; 10] = [
    ".choices .segments:not(.profile) button",
    ".choices .profile button",
    ".picker button, .tools button, .tools a",
    ".ring [role=button]",
    ".narration :is(.told, button:not(:disabled), summary), .verdict button, .strip button",
    ".space-time > header button",
    ":is(.why, .log) > summary, .why > .scroll, :is(.why, .log) .panel-tools button",
    ".log .scroll button",
    ".transport .buttons button",
    ".actions > *",
];

/// What is the stop of its group before anybody has walked through the group.
const FIRST_STOPS: &str = ".play, [aria-pressed=true], .tools *, .why > .scroll";

/// The diagram, through whose events the arrows walk.
const CHART: &str = ".chart";

/// What the upright arrows scroll.
const SCROLLS: &str = ".told, .scroll";

/// What can have the focus.
const FOCUSABLE: &str = "button:not([disabled]):not([tabindex='-1']), a[href], select, \
                         input:not([disabled]), summary, [tabindex='0']";

/// What can be given the focus, also where the Tab key does not lead.
const TAKES_FOCUS: &str = "button:not([disabled]), a[href], select, input:not([disabled]), \
                           summary, [tabindex]";

/// What the arrows walk through in a menu.
const MENU: &str = "[role=menu] button:not(:disabled)";

/// What lies above the page, and gives the focus back.
const LAYERS: &str = ".menu, dialog";

/// An element and all that are around it, from the inside.
type Chain = Vec<Element>;

thread_local! {
    /// What had the focus last, unless somebody took it away.
    static LAST: RefCell<Chain> = const { RefCell::new(Vec::new()) };
    /// What had it before it went to a menu or a panel.
    static OPENER: RefCell<Chain> = const { RefCell::new(Vec::new()) };
    /// The stops of the groups.
    static STOPS: RefCell<Chain> = const { RefCell::new(Vec::new()) };
}

/// Listens, for as long as the page lives.
pub fn listen() {
    capture("focusin", |event| {
        if let (Some(to), Some(event)) = (target(event), event.dyn_ref::<FocusEvent>()) {
            let from = event.related_target().and_then(|from| from.dyn_into::<Element>().ok());
            came(to, from);
        }
    });
    // Whoever points elsewhere takes the focus away on purpose.
    capture("pointerdown", |event| {
        LAST.with_borrow_mut(Vec::clear);
        // In Safari a click opens a panel without moving the focus to the button.
        if let Some(to) = target(event).filter(|to| !is_in_layer(to)) {
            OPENER.set(chain_of(to));
        }
    });
    capture("keydown", |event| {
        if event.dyn_ref::<KeyboardEvent>().is_some_and(|key| key.key() == "Tab") {
            settle();
        }
    });
}

/// Brings the focus back if what had it is gone. To be called when something was drawn.
pub fn keep() {
    let lost = LAST.with_borrow(|chain| {
        let had = chain.first()?;
        let gone = !had.is_connected() || is(had, ":disabled");
        (gone && is_nowhere()).then(|| chain.clone())
    });
    let Some(chain) = lost else { return };
    let in_layer = chain.iter().any(|element| is(element, LAYERS));
    let opener = if in_layer { OPENER.with_borrow(Clone::clone) } else { Vec::new() };
    let place = opener.iter().chain(&chain).find_map(place_in);
    if let Some(place) = place {
        let _ = place.unchecked_ref::<HtmlElement>().focus();
    }
}

/// Has each group be one stop of the Tab key.
pub fn settle() {
    let Some(document) = window().document() else { return };
    let focused = document.active_element();
    let before = STOPS.take();
    let mut stops = Chain::new();
    for css in GROUPS {
        let controls = controls(css);
        let find = |fits: &dyn Fn(&Element) -> bool| controls.iter().find(|it| fits(it));
        let stop = find(&|it| focused.as_ref() == Some(it))
            .or_else(|| find(&|it| before.contains(it)))
            .or_else(|| find(&|it| is(it, FIRST_STOPS)))
            .or_else(|| controls.first());
        for control in &controls {
            mark(control, Some(control) == stop);
        }
        stops.extend(stop.cloned());
    }
    STOPS.set(stops);
}

fn mark(control: &Element, is_stop: bool) {
    let tab = if is_stop { "0" } else { "-1" };
    if control.get_attribute("tabindex").as_deref() != Some(tab) {
        let _ = control.set_attribute("tabindex", tab);
    }
}

fn came(to: Element, from: Option<Element>) {
    if is_in_layer(&to)
        && let Some(from) = from.filter(|from| !is_in_layer(from))
    {
        OPENER.set(chain_of(from));
    }
    LAST.set(chain_of(to));
}

fn is_in_layer(element: &Element) -> bool {
    element.closest(LAYERS).ok().flatten().is_some()
}

fn chain_of(element: Element) -> Chain {
    std::iter::successors(Some(element), |it| it.parent_element()).collect()
}

/// Where the focus goes if it was here: here, or to the first control inside.
fn place_in(element: &Element) -> Option<Element> {
    let is_fine = |it: &Element| it.is_connected() && is_seen(it);
    if !is_fine(element) || element.tag_name() == "BODY" || element.tag_name() == "HTML" {
        return None;
    }
    if is(element, TAKES_FOCUS) {
        return Some(element.clone());
    }
    all(element.query_selector_all(FOCUSABLE)).into_iter().find(is_fine)
}

/// Whether nothing on the page has the focus, though the page has it.
fn is_nowhere() -> bool {
    let Some(document) = window().document() else { return false };
    let nowhere = document
        .active_element()
        .is_none_or(|it| matches!(it.tag_name().as_str(), "BODY" | "HTML") || is(&it, ":disabled"));
    nowhere && document.has_focus().unwrap_or(false)
}

/// Whether arrows walk from here.
pub fn is_in_group(element: &Element) -> bool {
    is(element, CHART) || group_of(element).is_some_and(|css| controls(css).len() > 1)
}

/// Whether it is an item of a menu.
pub fn is_in_menu(element: &Element) -> bool {
    is(element, MENU)
}

/// Whether it is a text that the upright arrows scroll.
pub fn scrolls(element: &Element) -> bool {
    is(element, SCROLLS)
}

/// What an arrow does: moves the focus in its group, or asks for the next event of the diagram.
pub fn walk(focused: &Element, way: Way) -> Option<Ask> {
    if is(focused, CHART) {
        return Some(Ask::Walk(way));
    }
    let controls = controls(group_of(focused)?);
    let place = controls.iter().position(|control| control == focused)?;
    let count = controls.len();
    let step = if matches!(way, Way::Later | Way::Down) { 1 } else { count - 1 };
    let _ = controls[(place + step) % count].unchecked_ref::<HtmlElement>().focus();
    settle();
    None
}

fn group_of(element: &Element) -> Option<&'static str> {
    GROUPS.into_iter().chain([MENU]).find(|css| is(element, css))
}

fn is(element: &Element, css: &str) -> bool {
    element.matches(css).unwrap_or(false)
}

/// The controls of a group that are seen, in their order.
fn controls(css: &str) -> Vec<Element> {
    let Some(document) = window().document() else { return Vec::new() };
    all(document.query_selector_all(css)).into_iter().filter(is_seen).collect()
}

fn is_seen(element: &Element) -> bool {
    element.get_client_rects().length() > 0
}

fn all(found: Result<web_sys::NodeList, wasm_bindgen::JsValue>) -> Vec<Element> {
    let list = found.ok();
    let list = list.iter().flat_map(|list| (0..list.length()).filter_map(|at| list.item(at)));
    list.filter_map(|node| node.dyn_into().ok()).collect()
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Listens before anything else on the page does.
fn capture(kind: &str, heard: impl Fn(&Event) + 'static) {
    let Some(document) = window().document() else { return };
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| heard(&event));
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    let _ = document.add_event_listener_with_callback_and_add_event_listener_options(
        kind,
        closure.as_ref().unchecked_ref(),
        &options,
    );
    closure.forget();
}
