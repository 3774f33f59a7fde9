//! The whole program: it has all functions of the page. The first visit loads a smaller program, which only
//! runs scenarios.
//!
//! This program draws the page if the address asks for a recording or a comparison. For the small program,
//! it exports runs as pictures and in the formats of other tools. A run is determined by its address, so the
//! small program passes only an address.

pub mod away;
mod bring;
mod film;
mod gif;
mod painted;
mod panel;
pub mod subject;

use wasm_bindgen::UnwrapThrowExt;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use web_sys::Element;

use self::away::Request;
use crate::dom;
use crate::recording::reader::{self, Brought, File};
use crate::words;

#[wasm_bindgen]
extern "C" {
    /// The table through which web/whole.js calls this program.
    #[wasm_bindgen(thread_local_v2, js_name = antes)]
    static OFFERED: JsValue;
}

/// Makes the functions that only this program has available, and draws the page unless the small program
/// has.
pub fn start() {
    words::add(words::recorded::TEXTS);
    offer("content", |request, done| {
        yew::platform::spawn_local(async move {
            let content = match Request::read(&request) {
                Ok(request) => request.content().await,
                Err(reason) => Err(reason),
            };
            let (content, reason) = match content {
                Ok(content) => (content.into(), JsValue::NULL),
                Err(reason) => (JsValue::NULL, reason.into()),
            };
            let _ = done.call2(&JsValue::NULL, &content, &reason);
        });
    });
    offer("panel", |address, done| {
        let address = address.as_string().unwrap_or_default();
        yew::platform::spawn_local(async move {
            words::fetch(dom::root_language()).await;
            let place = dom::first::<Element>("dialog.away > .inside");
            let drawn = place.map(|place| {
                let props = panel::Props { address };
                yew::Renderer::<panel::Panel>::with_root_and_props(place, props).render()
            });
            let leave = Closure::once_into_js(move || {
                if let Some(drawn) = drawn {
                    drawn.destroy();
                }
                subject::forget();
            });
            let _ = done.call1(&JsValue::NULL, &leave);
        });
    });
    offer("check", |text, done| {
        let bytes = text.as_string().unwrap_or_default().into_bytes();
        yew::platform::spawn_local(async move {
            let file = File::new("text".to_owned(), bytes).await;
            let (kind, reason) = match reader::read(vec![file]) {
                Ok(Brought::Scenario(..)) => ("scenario".into(), JsValue::NULL),
                Ok(Brought::Tape(_)) => ("trace".into(), JsValue::NULL),
                Err(refusal) => (JsValue::NULL, refusal.reason().into()),
            };
            let _ = done.call2(&JsValue::NULL, &kind, &reason);
        });
    });
    if dom::first::<Element>("html[data-boot=ready]").is_some() {
        return;
    }
    let query = dom::query();
    let (parts, _) = crate::host::mangled::pairs(&query);
    let asks_for = |name: &str| parts.iter().any(|(part, _)| part == name);
    if asks_for("trace") {
        crate::start_recording(None);
        return;
    }
    let compares = asks_for(crate::compare::asked::NAME);
    let scenario = parts.into_iter().find(|(part, _)| part == "scenario").map(|(_, value)| value);
    yew::platform::spawn_local(async move {
        match bring::scenario(&scenario.unwrap_or_default()).await {
            Err(refusal) => crate::start_recording(Some(refusal)),
            Ok(()) if compares => crate::start_comparison(),
            Ok(()) => crate::start(),
        }
    });
}

/// Makes a function of two arguments available to web/whole.js.
fn offer(name: &str, act: impl Fn(JsValue, js_sys::Function) + 'static) {
    let closure = Closure::<dyn Fn(JsValue, js_sys::Function)>::new(act);
    let table = OFFERED.with(JsValue::clone);
    js_sys::Reflect::set(&table, &name.into(), &closure.into_js_value())
        .expect_throw("web/whole.js has made the table");
}
