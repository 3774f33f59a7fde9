//! Focus: arrow keys move it within groups of controls, each group is one stop of the Tab key, and
//! the focus is restored when its element disappears.

use std::cell::RefCell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Element, Event, FocusEvent, HtmlElement, KeyboardEvent};

use crate::chart::walk::Way;
use crate::control::Ask;
use crate::dom::window;

/// Groups of controls. One control of each is a stop of the Tab key, and arrows lead to the others.
/// Lists and sliders are in no group, since they need the arrows. A scrolling text is in a group,
/// since it needs only the vertical arrows. The finder beside the list of scenarios belongs to the
/// tools, so that each group is at most twelve Tabs away.
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

/// The stop of a group before the user has moved within the group.
const FIRST_STOPS: &str = ".play, [aria-pressed=true], .tools *, .why > .scroll";

/// The diagram, where the arrows lead from event to event.
const CHART: &str = ".chart";

/// Elements that the vertical arrows scroll.
const SCROLLS: &str = ".told, .scroll";

/// Elements that can have the focus.
const FOCUSABLE: &str = "button:not([disabled]):not([tabindex='-1']), a[href], select, \
                         input:not([disabled]), summary, [tabindex='0']";

/// Elements that can be given the focus, even if the Tab key does not lead there.
const TAKES_FOCUS: &str = "button:not([disabled]), a[href], select, input:not([disabled]), \
                           summary, [tabindex]";

/// Elements that the arrows lead to in a menu.
const MENU: &str = "[role=menu] button:not(:disabled)";

/// Layers above the page, which return the focus.
const LAYERS: &str = ".menu, dialog";

/// An element and all its ancestors, from the inside out.
type Chain = Vec<Element>;

thread_local! {
    /// The last focused element, unless the user moved the focus away.
    static LAST: RefCell<Chain> = const { RefCell::new(Vec::new()) };
    /// The element that was focused before a menu or panel opened.
    static OPENER: RefCell<Chain> = const { RefCell::new(Vec::new()) };
    /// The stops of the groups.
    static STOPS: RefCell<Chain> = const { RefCell::new(Vec::new()) };
}

/// Starts listening to focus events.
pub fn listen() {
    capture("focusin", |event| {
        if let (Some(to), Some(event)) = (target(event), event.dyn_ref::<FocusEvent>()) {
            let from = event.related_target().and_then(|from| from.dyn_into::<Element>().ok());
            came(to, from);
        }
    });
    // A pointer elsewhere removes the focus on purpose.
    capture("pointerdown", |event| {
        LAST.with_borrow_mut(Vec::clear);
        // In Safari a click opens a panel without focusing the button.
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

/// Restores the focus if its element is gone. Must be called after drawing.
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

/// Makes each group one stop of the Tab key.
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

/// Where the focus belongs at this element: the element itself, or its first control.
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

/// Whether the page has the focus but no element of it does.
fn is_nowhere() -> bool {
    let Some(document) = window().document() else { return false };
    let nowhere = document
        .active_element()
        .is_none_or(|it| matches!(it.tag_name().as_str(), "BODY" | "HTML") || is(&it, ":disabled"));
    nowhere && document.has_focus().unwrap_or(false)
}

/// Whether arrows move from this element to others of its group.
pub fn is_in_group(element: &Element) -> bool {
    is(element, CHART) || group_of(element).is_some_and(|css| controls(css).len() > 1)
}

/// Whether the element is an item of a menu.
pub fn is_in_menu(element: &Element) -> bool {
    is(element, MENU)
}

/// Whether the element is a text that the vertical arrows scroll.
pub fn scrolls(element: &Element) -> bool {
    is(element, SCROLLS)
}

/// Handles an arrow key: moves the focus in its group, or returns the message that goes to the next
/// event of the diagram.
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

/// The visible controls of a group in their order.
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

/// Listens in the capture phase.
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
