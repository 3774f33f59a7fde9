//! The page's visit in the browser's history: which address an entry has, and coming back to it.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::{Event, PerformanceNavigation};

use crate::dom;
use crate::message::Ask;

/// What the browser keeps for this visit, by the query that the page was left with.
const KEPT: &str = "antes";

/// Whether the page lies in another one, whose visitor goes back with the same button.
pub fn is_framed() -> bool {
    let window = dom::window();
    match window.parent() {
        Ok(Some(parent)) => !js_sys::Object::is(&parent, &window),
        Ok(None) | Err(_) => true,
    }
}

/// Has the address end with this query, without loading anything, and without an entry of its own
/// in the history.
pub fn set_query(query: &str) {
    let Ok(history) = dom::window().history() else { return };
    // Refused where the page is a bare file: then the address just stays as it is.
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&addressed(query)));
}

/// The same, with an entry of its own: the way back leads to the address before.
pub fn push_query(query: &str) {
    let Ok(history) = dom::window().history() else { return };
    if is_framed() {
        // The way back is the other page's.
        set_query(query);
    } else if history.push_state_with_url(&JsValue::NULL, "", Some(&addressed(query))).is_err() {
        // Browsers allow so many entries a minute.
        set_query(query);
    }
}

fn addressed(query: &str) -> String {
    dom::window().location().pathname().unwrap_or_default() + query
}

/// Keeps the query of this moment: an address that is changed while the page goes away is lost.
pub fn keep(query: &str) {
    let Ok(Some(storage)) = dom::window().session_storage() else { return };
    let left = dom::query();
    set_query(query);
    // There may be several of these pages in one deck of slides, which share what is kept.
    let _ = storage.set_item(&[KEPT, &left].concat(), query);
}

/// Goes on where the page was left, if it has been reloaded or come back to.
pub fn resume() {
    let Ok(Some(storage)) = dom::window().session_storage() else { return };
    let name = [KEPT, &dom::query()].concat();
    let Ok(Some(query)) = storage.get_item(&name) else { return };
    let _ = storage.remove_item(&name);
    let how = dom::window().performance().map(|performance| performance.navigation().type_());
    let comes_back = [PerformanceNavigation::TYPE_RELOAD, PerformanceNavigation::TYPE_BACK_FORWARD];
    if how.is_some_and(|how| comes_back.contains(&how)) {
        set_query(&query);
    }
}

/// Tells when the page is about to go away, and when the browser goes to another of its addresses,
/// for as long as the page lives.
pub fn listen(asked: impl Fn(Ask) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        asked(if event.type_() == "popstate" { Ask::Revisit } else { Ask::Leaving });
    });
    for kind in ["popstate", "pagehide"] {
        let listener = closure.as_ref().unchecked_ref();
        let _ = dom::window().add_event_listener_with_callback(kind, listener);
    }
    closure.forget();
}
