//! The page's visit in the browser's history: which address an entry has, and coming back to it.

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::PerformanceNavigation;

use crate::dom;
use crate::host::place;
use crate::message::Ask;

/// What the browser keeps for this visit, by the name of the entry in its history.
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
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&dom::path_with(query)));
}

/// The same, with an entry of its own: the way back leads to the address before.
pub fn push_query(query: &str) {
    let Ok(history) = dom::window().history() else { return };
    if is_framed() {
        // The way back is the other page's.
        set_query(query);
    } else if history.push_state_with_url(&JsValue::NULL, "", Some(&dom::path_with(query))).is_err()
    {
        // Browsers allow so many entries a minute.
        set_query(query);
    }
}

/// Under which name something is kept for the entry that is shown. There may be several of these pages in
/// one deck of slides, which share what is kept.
///
/// The browser's own key stays the same while the address changes. That matters to a reload: it loads
/// the address of its beginning, and the page plays on until the answer is there. Browsers without such
/// keys let no frame pass meanwhile.
fn name() -> String {
    let get = |of: &JsValue, field: &str| Reflect::get(of, &field.into()).ok();
    let key = get(&dom::window(), "navigation")
        .and_then(|navigation| get(&navigation, "currentEntry"))
        .and_then(|entry| get(&entry, "key")?.as_string());
    [KEPT, &key.unwrap_or_else(dom::query)].concat()
}

/// Keeps the query of this moment: an address that is changed while the page goes away is lost.
fn keep(query: &str) {
    let Ok(Some(storage)) = dom::window().session_storage() else { return };
    let name = name();
    set_query(query);
    let _ = storage.set_item(&name, query);
}

/// Forgets what was kept for the entry that is shown, and tells it.
fn take_kept() -> Option<String> {
    let storage = dom::window().session_storage().ok()??;
    let name = name();
    let kept = storage.get_item(&name).ok()?;
    let _ = storage.remove_item(&name);
    kept
}

/// Goes on where the page was left, if it has been reloaded or come back to.
pub fn resume() {
    let Some(query) = take_kept() else { return };
    let how = dom::window().performance().map(|performance| performance.navigation().type_());
    let comes_back = [PerformanceNavigation::TYPE_RELOAD, PerformanceNavigation::TYPE_BACK_FORWARD];
    if how.is_some_and(|how| comes_back.contains(&how)) {
        set_query(&query);
    }
}

/// Tells when the browser goes to another of the page's addresses, for as long as the page lives.
pub fn listen(asked: impl Fn(Ask) + 'static) {
    add_listener("popstate", move || asked(Ask::Revisit));
}

/// Keeps what is told when the page goes away: the query of that moment, if it is worth keeping. It has to
/// be told at once: a message to the program may wait until the page is gone.
pub fn when_left(told: impl Fn() -> Option<String> + 'static) {
    add_listener("pagehide", move || {
        if let Some(query) = told() {
            keep(&query);
            place::keep(&query);
        }
    });
    // The browser may have had the whole page kept, and show it as it was left.
    add_listener("pageshow", || _ = take_kept());
}

fn add_listener(kind: &str, heard: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(heard);
    let _ = dom::window().add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    closure.forget();
}
