//! Decides whether a key goes to the run or to the focused control. These are the rules:
//!
//! - A control that was reached by keyboard reacts to Space and Enter by its role. Within a group
//!   of controls the arrows move the focus.
//! - After a pointer has acted, no control has the keys, wherever the browser has left the focus:
//!   Space, the dot and the arrows control time.
//! - Shift with an arrow, and `n`, always control time.
//! - In a text field, all keys except Escape belong to the text.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Document, Element, Event, HtmlInputElement, KeyboardEvent};

use crate::chart::walk::Way;
use crate::control::{Ask, Key, from_key};
use crate::dom::{self, ask_of};
use crate::focus;
use crate::handle::from_control;
use crate::host;
use crate::message::Time;

/// The focused element, as far as keys depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// An element that does not react to keys.
    None,
    Text,
    /// A list, in which arrows and letters choose.
    List,
    /// The slider for the moment of the run.
    Scrubber,
    /// A slider other than the scrubber.
    Slider,
    /// An element that Space and Enter activate.
    Button,
    /// A link, which Enter follows.
    Link,
}

/// The focused element, and how it got the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Focus {
    role: Role,
    /// Whether it was reached by keyboard, and no pointer has acted since.
    by_keyboard: bool,
    /// Whether it is in a group of controls.
    in_group: bool,
    /// Whether that group is a menu.
    in_menu: bool,
    /// Whether it is a text that the vertical arrows scroll.
    scrolls: bool,
}

/// The recipient of a key.
#[derive(Clone, Debug, PartialEq)]
enum Owner {
    /// The browser, which may pass it to the focused control.
    Browser,
    /// The focused control, for which the browser does nothing.
    Control,
    /// The group: the focus moves to another control of it.
    Group(Way),
    /// The run, with this request.
    Page(Ask),
    Nobody,
}

fn owner(focus: Focus, key: Key<'_>) -> Owner {
    let Focus { role, by_keyboard, in_group, in_menu, scrolls } = focus;
    if role == Role::Text && key.name != "Escape" {
        return Owner::Browser;
    }
    let of_page = || from_key(key).map_or(Owner::Browser, Owner::Page);
    if key.command || key.alt || means_time(key) {
        return of_page();
    }
    let way = way(key.name);
    let upright = way.filter(|way| matches!(way, Way::Up | Way::Down));
    if role == Role::Scrubber && !key.shift {
        match key.name {
            "ArrowUp" => return Owner::Page(Ask::Time(Time::Step)),
            "ArrowDown" => return Owner::Page(Ask::Time(Time::Back)),
            "PageUp" => return Owner::Page(Ask::Time(Time::Jump)),
            "PageDown" => return Owner::Page(Ask::Time(Time::JumpBack)),
            _ => {}
        }
    }
    if let (true, Some(way)) = (in_menu, upright) {
        return Owner::Group(way);
    }
    if !by_keyboard {
        let has_no_key = key.name == "Enter" && role == Role::Button;
        return if has_no_key { Owner::Nobody } else { of_page() };
    }
    let moves =
        key.name.starts_with("Arrow") || matches!(key.name, "Home" | "End" | "PageUp" | "PageDown");
    match role {
        Role::List if key.name != "Escape" => Owner::Browser,
        Role::Slider if moves => Owner::Browser,
        Role::Button if matches!(key.name, " " | "Enter") => Owner::Control,
        Role::Link if key.name == "Enter" => Owner::Browser,
        _ if scrolls && upright.is_some() => Owner::Browser,
        _ => way.filter(|_| in_group).map_or_else(of_page, Owner::Group),
    }
}

/// The direction of an arrow key.
fn way(key: &str) -> Option<Way> {
    match key {
        "ArrowLeft" => Some(Way::Earlier),
        "ArrowRight" => Some(Way::Later),
        "ArrowUp" => Some(Way::Up),
        "ArrowDown" => Some(Way::Down),
        _ => None,
    }
}

/// Whether a key controls time, whatever is focused.
fn means_time(key: Key<'_>) -> bool {
    key.shift && matches!(key.name, "ArrowLeft" | "ArrowRight") || matches!(key.name, "n" | "N")
}

/// The recent inputs that the meaning of keys depends on.
#[derive(Default)]
struct Hand {
    /// Whether a pointer has acted after the last key.
    points: Cell<bool>,
    /// Whether the focus was moved by keyboard, and no pointer has acted since.
    by_keyboard: Cell<bool>,
    /// Whether a key was pressed in the focused list.
    types_in_list: Cell<bool>,
    /// Whether the focused list was opened by a pointer and nothing was chosen since.
    list_is_open: Cell<bool>,
    /// Whether the page has handled the space bar that is down.
    took_space: Cell<bool>,
}

impl Hand {
    /// Updates these flags for an input event.
    fn note(&self, event: &Event) {
        // A key that a script sends may have the document as its target, which has no tag.
        let in_list = || {
            let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
            target.is_some_and(|it| tag(&it) == "SELECT")
        };
        match event.type_().as_str() {
            "pointerdown" => {
                self.points.set(true);
                self.by_keyboard.set(false);
                self.list_is_open.set(in_list());
            }
            "focusin" => {
                self.by_keyboard.set(!self.points.get());
                self.types_in_list.set(false);
            }
            "focusout" => self.list_is_open.set(false),
            // After choosing from a list by key, further keys belong to the list. After choosing by
            // pointer, they belong to the run.
            "change" if in_list() && !self.types_in_list.get() => {
                self.by_keyboard.set(false);
                self.list_is_open.set(false);
            }
            "keydown" => {
                self.points.set(false);
                self.types_in_list.set(in_list());
            }
            _ => {}
        }
    }

    fn focus(&self, focused: Option<&Element>) -> Focus {
        let role = focused.map_or(Role::None, role_of);
        let by_keyboard = self.by_keyboard.get() || role == Role::List && self.list_is_open.get();
        Focus {
            role,
            by_keyboard,
            in_group: focused.is_some_and(focus::is_in_group),
            in_menu: focused.is_some_and(focus::is_in_menu),
            scrolls: focused.is_some_and(focus::scrolls),
        }
    }
}

fn tag(element: &Element) -> String {
    element.tag_name()
}

fn role_of(element: &Element) -> Role {
    match tag(element).as_str() {
        "TEXTAREA" => Role::Text,
        "SELECT" => Role::List,
        "BUTTON" | "SUMMARY" => Role::Button,
        "A" => Role::Link,
        "INPUT" => match element.unchecked_ref::<HtmlInputElement>().type_().as_str() {
            "range" if element.get_attribute("data-action").as_deref() == Some("seek") => {
                Role::Scrubber
            }
            "range" => Role::Slider,
            "checkbox" | "radio" | "file" | "button" => Role::Button,
            _ => Role::Text,
        },
        _ if is_drawn(element) => Role::Button,
        _ => Role::None,
    }
}

/// Whether it is a control only by its role: the browser does nothing for it.
fn is_drawn(element: &Element) -> bool {
    let role = element.get_attribute("role");
    let is_native = matches!(tag(element).as_str(), "BUTTON" | "SUMMARY" | "A" | "INPUT");
    !is_native && matches!(role.as_deref(), Some("button" | "option" | "radio"))
}

/// Calls `asked` for each key on the page, as long as the page exists, and prevents the browser's
/// default for it.
pub fn listen(asked: impl Fn(Ask) + 'static) {
    let Some(document) = dom::window().document() else { return };
    let hand = std::rc::Rc::new(Hand::default());
    let noting = hand.clone();
    // Before any other listener.
    add(&document, &["pointerdown", "focusin", "focusout", "change", "keydown"], true, {
        move |event| noting.note(event)
    });
    let pressing = hand.clone();
    add(&document, &["keydown"], false, move |event| {
        key_pressed(event.unchecked_ref(), &pressing, &asked);
    });
    // Some browsers press a button when the space bar is released.
    add(&document, &["keyup"], false, move |event| {
        let is_space = event.unchecked_ref::<KeyboardEvent>().key() == " ";
        if is_space && hand.took_space.replace(false) {
            event.prevent_default();
        }
    });
}

fn add(document: &Document, kinds: &[&str], first: bool, heard: impl Fn(&Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| heard(&event));
    let options = AddEventListenerOptions::new();
    options.set_capture(first);
    for kind in kinds {
        let listener = closure.as_ref().unchecked_ref();
        let _ = document.add_event_listener_with_callback_and_add_event_listener_options(
            kind, listener, &options,
        );
    }
    // The listener exists as long as the page.
    closure.forget();
}

fn key_pressed(event: &KeyboardEvent, hand: &Hand, asked: &impl Fn(Ask)) {
    let name = event.key();
    let focused: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let focused = focused.as_ref();
    if dom::has_dialog() && name != "Escape" {
        if dom::move_in_finder(&name) || walk_in_dialog(focused, &name) {
            event.prevent_default();
        }
        return;
    }
    // When AltGr is held, browsers report Control and Alt.
    let is_typed = event.get_modifier_state("AltGraph");
    let key = Key {
        name: &name,
        shift: event.shift_key(),
        command: !is_typed && (event.ctrl_key() || event.meta_key()),
        alt: !is_typed && event.alt_key(),
    };
    let focus = hand.focus(focused);
    let owner = match focused.and_then(|focused| menu_of(focused, key)) {
        Some(menu) => Owner::Page(menu),
        None => owner(focus, key),
    };
    // Escape closes an open panel, and is not handed to the host.
    if !dom::has_dialog() && is_of_no_control(&owner, focus, key) {
        match host::keys::owner_now(key) {
            host::keys::Owner::Page => {}
            host::keys::Owner::Browser => return,
            host::keys::Owner::Parent => {
                hand.took_space.set(name == " ");
                event.prevent_default();
                // A key that is held down continues through the run, but not in the host.
                if !event.repeat() {
                    host::link::hand_over(&name);
                    asked(Ask::HandedOver);
                }
                return;
            }
        }
    }
    match owner {
        Owner::Browser => return,
        Owner::Control => match focused.filter(|focused| is_drawn(focused)).and_then(ask_of) {
            Some(ask) if !event.repeat() => asked(ask),
            Some(_) => {}
            None => return,
        },
        Owner::Group(way) => {
            if let Some(ask) = focused.and_then(|focused| focus::walk(focused, way)) {
                asked(ask);
            }
        }
        // A key that is held down continues through time. Other actions do not repeat.
        Owner::Page(ask) if event.repeat() && !ask.bears_repetition() => {}
        Owner::Page(ask) => asked(ask),
        Owner::Nobody => {}
    }
    hand.took_space.set(name == " ");
    event.prevent_default();
}

/// Whether no control uses a key, so that the page or its host may.
fn is_of_no_control(owner: &Owner, focus: Focus, key: Key<'_>) -> bool {
    match owner {
        Owner::Page(_) => focus.role != Role::Text,
        Owner::Browser => {
            let is_plain = !focus.by_keyboard || matches!(focus.role, Role::None | Role::Button);
            focus.role != Role::Text && is_plain && !focus.scrolls && from_key(key).is_none()
        }
        Owner::Control | Owner::Group(_) | Owner::Nobody => false,
    }
}

/// The menu that a key opens for the focused drawing.
fn menu_of(focused: &Element, key: Key<'_>) -> Option<Ask> {
    let opens = !key.command && !key.alt && matches!(key.name, "m" | "M" | "ContextMenu");
    if !opens || !is_drawn(focused) {
        return None;
    }
    let about = focused.get_attribute("data-about")?;
    from_control("node-menu", &about).or_else(|| from_control("message-menu", &about))
}

/// Moves the focus in a group of a panel. `false` if the key or the focus is not of a group.
fn walk_in_dialog(focused: Option<&Element>, key: &str) -> bool {
    let (Some(focused), Some(way)) = (focused, way(key)) else { return false };
    let in_group = focus::is_in_group(focused);
    if in_group {
        focus::walk(focused, way);
    }
    in_group
}

#[cfg(test)]
mod tests;
