//! The page and the browser's history: the address of an entry, and returning to an entry.

use js_sys::Reflect;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue};
use web_sys::PerformanceNavigation;

use crate::control::Ask;
use crate::dom;
use crate::host::place;

/// The key in the browser's storage for this visit, before the name of the history entry.
const KEPT: &str = "antes";

/// Whether another page embeds this one. The browser's back button then belongs to both.
pub fn is_framed() -> bool {
    let window = dom::window();
    match window.parent() {
        Ok(Some(parent)) => !js_sys::Object::is(&parent, &window),
        Ok(None) | Err(_) => true,
    }
}

/// Replaces the query of the address without loading anything and without a new history entry.
pub fn set_query(query: &str) {
    let Ok(history) = dom::window().history() else { return };
    // Browsers refuse this for pages from disk. Then the address stays unchanged.
    let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&dom::path_with(query)));
}

/// Sets the query with a new history entry, so that the back button returns to the earlier address.
pub fn push_query(query: &str) {
    let Ok(history) = dom::window().history() else { return };
    if is_framed() {
        // The history belongs to the host page.
        set_query(query);
    } else if history.push_state_with_url(&JsValue::NULL, "", Some(&dom::path_with(query))).is_err()
    {
        // Browsers limit the number of new entries per minute.
        set_query(query);
    }
}

/// Loads the page with another query, as a link does.
pub fn open(query: &str) {
    let location = dom::window().location();
    let _ = location.assign(&dom::path_with(query));
    if dom::is_on_disk() {
        // Only the fragment has changed, for which the browser loads nothing.
        let _ = location.reload();
    }
}

/// Loads the page with another query in place of this entry of the history.
pub fn open_instead(query: &str) {
    let location = dom::window().location();
    let _ = location.replace(&dom::path_with(query));
    if dom::is_on_disk() {
        let _ = location.reload();
    }
}

/// The storage key for the current history entry. Several of these pages may be in one deck of slides and
/// share the storage.
///
/// The browser's own key of an entry stays the same when the address changes. This matters for a reload: it
/// loads the address that the page had when the reload began, and the page plays on until the answer
/// arrives. Browsers without such keys let no frame pass meanwhile.
fn name() -> String {
    let get = |of: &JsValue, field: &str| Reflect::get(of, &field.into()).ok();
    let key = get(&dom::window(), "navigation")
        .and_then(|navigation| get(&navigation, "currentEntry"))
        .and_then(|entry| get(&entry, "key")?.as_string());
    [KEPT, &key.unwrap_or_else(dom::query)].concat()
}

/// Saves the current query. An address that is changed while the page is being left would be lost.
fn keep(query: &str) {
    let Ok(Some(storage)) = dom::window().session_storage() else { return };
    let name = name();
    set_query(query);
    let _ = storage.set_item(&name, query);
}

/// Returns and deletes the query saved for the current history entry.
fn take_kept() -> Option<String> {
    let storage = dom::window().session_storage().ok()??;
    let name = name();
    let kept = storage.get_item(&name).ok()?;
    let _ = storage.remove_item(&name);
    kept
}

/// Continues where the page was left, if it was reloaded or revisited.
pub fn resume() {
    let Some(query) = take_kept() else { return };
    let how = dom::window().performance().map(|performance| performance.navigation().type_());
    let comes_back = [PerformanceNavigation::TYPE_RELOAD, PerformanceNavigation::TYPE_BACK_FORWARD];
    if how.is_some_and(|how| comes_back.contains(&how)) {
        set_query(&query);
    }
}

/// Reports when the browser goes to another of the page's addresses, as long as the page exists.
pub fn listen(asked: impl Fn(Ask) + 'static) {
    add_listener("popstate", move || asked(Ask::Revisit));
}

/// Saves the query that `told` returns when the page is left. `told` must return it immediately, since a
/// message to the program might be handled too late. `None` saves nothing.
pub fn when_left(told: impl Fn() -> Option<String> + 'static) {
    add_listener("pagehide", move || {
        if let Some(query) = told() {
            keep(&query);
            place::keep(&query);
        }
    });
    // The browser may restore the whole page from its cache, in the state in which it was left.
    add_listener("pageshow", || _ = take_kept());
}

fn add_listener(kind: &str, heard: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(heard);
    let _ = dom::window().add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    closure.forget();
}
