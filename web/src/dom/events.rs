//! The page's events except keys, and the messages that they mean.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement};

use super::{first, window};
use crate::control::Ask;
use crate::handle::from_control;
use crate::message::Look;
use crate::pointed::Pointed;
use crate::room::{keep_fold, unit};

/// The events that the page listens to, except keys.
const DEEDS: [&str; 8] =
    ["click", "input", "change", "mouseover", "focusin", "wheel", "pointermove", "pointerdown"];

/// Calls `asked` for all events of the page, as long as the page exists.
pub fn listen(asked: impl Fn(Ask) + 'static) {
    // The listeners are not on the document, because browsers do not let those cancel a turn of the wheel.
    let Some(app) = first::<Element>("#app") else { return };
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let ask = match event.type_().as_str() {
            "pointerup" | "pointercancel" => Some(Ask::LetGo),
            _ => ask_of_deed(&event),
        };
        if let Some(ask) = ask {
            asked(ask);
        }
    });
    let listener = closure.as_ref().unchecked_ref();
    for deed in DEEDS {
        let _ = app.add_event_listener_with_callback(deed, listener);
    }
    // The pointer may be released outside of the element.
    for deed in ["pointerup", "pointercancel"] {
        let _ = window().add_event_listener_with_callback(deed, listener);
    }
    closure.forget();
}

/// The message for an event.
fn ask_of_deed(event: &Event) -> Option<Ask> {
    match event.type_().as_str() {
        "click" => {
            if let Some(panel) = under(event, ".panel > summary").and_then(|it| it.parent_element())
            {
                keep_fold(&panel);
            }
            Some(ask_of_click(event).unwrap_or(Ask::Dismiss))
        }
        "input" => ask_of_input(event),
        "change" => ask_of_choice(event),
        "mouseover" | "focusin" => Some(Ask::Hover(pointed_under(event))),
        "pointerdown" if under(event, "[data-action=seek]").is_some() => Some(Ask::Hold),
        kind => {
            under(event, ".chart")?;
            if kind == "wheel" {
                ask_of_wheel(event.unchecked_ref())
            } else {
                ask_of_drag(event.unchecked_ref())
            }
        }
    }
}

/// The message for a click, from the nearest control around the clicked element.
fn ask_of_click(event: &Event) -> Option<Ask> {
    control_of(event)
        .filter(|control| !is_slider(control) && !is_list(control))
        .as_ref()
        .and_then(ask_of)
}

/// The message for a slider's new value.
fn ask_of_input(event: &Event) -> Option<Ask> {
    let slider = control_of(event).filter(is_slider)?.unchecked_into::<HtmlInputElement>();
    from_control(&slider.get_attribute("data-action")?, &slider.value())
}

/// The message for the chosen entry of a list.
fn ask_of_choice(event: &Event) -> Option<Ask> {
    let list = control_of(event).filter(is_list)?.unchecked_into::<HtmlSelectElement>();
    from_control(&list.get_attribute("data-action")?, &list.value())
}

fn is_list(control: &Element) -> bool {
    control.tag_name() == "SELECT"
}

fn is_slider(control: &Element) -> bool {
    control.tag_name() == "INPUT"
}

/// The message for a turn of the wheel. It moves the diagram if the turn is sideways, and zooms if Control is
/// held.
fn ask_of_wheel(event: &web_sys::WheelEvent) -> Option<Ask> {
    if event.ctrl_key() {
        event.prevent_default();
        return Some(Ask::Look(Look::Zoom(if event.delta_y() > 0.0 { -1 } else { 1 })));
    }
    let sideways =
        if event.shift_key() { event.delta_y() + event.delta_x() } else { event.delta_x() };
    if sideways == 0.0 {
        return None;
    }
    event.prevent_default();
    Some(Ask::Look(Look::Pan(sideways)))
}

/// How far a pointer must move before its direction counts, in CSS pixels.
const SLOP_PX: i32 = 6;

/// The message for a drag, which moves the diagram. A finger that moves up or down scrolls the page instead.
fn ask_of_drag(event: &web_sys::PointerEvent) -> Option<Ask> {
    thread_local! {
        /// Where the drag began, and the diagram's position since then. The position is `None` if the drag
        /// scrolls the page.
        static DRAG: std::cell::Cell<Option<(i32, i32, Option<i32>)>> =
            const { std::cell::Cell::new(None) };
    }
    let (x, y) = (event.client_x(), event.client_y());
    if event.type_() == "pointerdown" {
        DRAG.set(Some((x, y, None)));
        return None;
    }
    if event.buttons() & 1 == 0 {
        DRAG.set(None);
    }
    let (from_x, from_y, at) = DRAG.get()?;
    let (across, along) = ((x - from_x).abs(), (y - from_y).abs());
    let is_finger = event.pointer_type() == "touch";
    if at.is_none() && is_finger && along > SLOP_PX && along > across {
        DRAG.set(None);
        return None;
    }
    if at.is_none() && is_finger && across <= SLOP_PX {
        return None;
    }
    let by = x - at.unwrap_or(from_x);
    DRAG.set(Some((from_x, from_y, Some(x))));
    (by != 0).then(|| Ask::Look(Look::Pan(-f64::from(by) / unit())))
}

/// The event, node or message under the pointer.
fn pointed_under(event: &Event) -> Option<Pointed> {
    ["data-event", "data-node", "data-message"].into_iter().find_map(|name| {
        let element = under(event, &["[", name, "]"].concat())?;
        Pointed::from_handle(name, &element.get_attribute(name)?)
    })
}

/// The nearest element for a selector around the target of an event.
fn under(event: &Event, css: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(css).ok()?
}

fn control_of(event: &Event) -> Option<Element> {
    under(event, "[data-action]")
}

/// The message of a control.
pub fn ask_of(control: &Element) -> Option<Ask> {
    let action = control.get_attribute("data-action")?;
    from_control(&action, &control.get_attribute("data-about").unwrap_or_default())
}
