//! The side of a comparison that the user points at.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{AddEventListenerOptions, Element, Event};

use crate::dom;

/// The names of the sides, as `antes compare` prints them.
pub const LETTERS: [&str; 2] = ["A", "B"];

thread_local! {
    static LAST: Cell<usize> = const { Cell::new(0) };
}

/// The side that a pointer or the focus was on last. Always 0 if there is only one.
pub fn last() -> usize {
    LAST.get()
}

/// Selects the element of a side.
pub fn selector(side: usize) -> String {
    ["[data-side='", LETTERS[side], "']"].concat()
}

/// Notes which side an event is on, before anything else handles it.
pub fn listen() {
    let Some(document) = dom::window().document() else { return };
    let noted = Closure::<dyn Fn(Event)>::new(|event: Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let side = target.and_then(|target| target.closest("[data-side]").ok()?);
        let letter = side.and_then(|side| side.get_attribute("data-side"));
        if let Some(side) = LETTERS.iter().position(|name| Some(*name) == letter.as_deref()) {
            LAST.set(side);
        }
    });
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    for kind in ["pointerdown", "click", "mouseover", "focusin", "keydown"] {
        let listener = noted.as_ref().unchecked_ref();
        let _ = document.add_event_listener_with_callback_and_add_event_listener_options(
            kind, listener, &options,
        );
    }
    // The listener exists as long as the page.
    noted.forget();
}
