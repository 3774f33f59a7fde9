//! Files that a user chooses, drops onto the page, or names in the address.

use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{Closure, JsValue, wasm_bindgen};
use web_sys::{DragEvent, Element, HtmlInputElement};

use super::reader::{File, Refusal};
use crate::dom;
use crate::words::recorded as r;

/// The most bytes that are read, of all files together.
const MAX_BYTES: f64 = 268_435_456.0;

// web/whole.js, which loads this program.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = antes)]
    fn keep(files: &js_sys::Array) -> Promise;
    #[wasm_bindgen(js_namespace = antes)]
    fn kept() -> Promise;
    #[wasm_bindgen(js_namespace = antes)]
    fn host() -> Promise;
}

/// The files from the browser.
#[derive(Clone, Debug)]
pub struct Chosen(Vec<web_sys::File>);

impl Chosen {
    fn new(list: Option<web_sys::FileList>) -> Self {
        let files =
            list.into_iter().flat_map(|list| (0..list.length()).map(move |at| list.get(at)));
        Self(files.flatten().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn names(&self) -> String {
        self.0.iter().map(web_sys::File::name).collect::<Vec<_>>().join(", ")
    }

    /// Reads the contents of the files.
    ///
    /// # Errors
    ///
    /// If they are too large, or the browser cannot read one.
    pub async fn read(&self) -> Result<Vec<File>, Refusal> {
        if self.0.iter().map(|file| file.size()).sum::<f64>() > MAX_BYTES {
            return Err(Refusal::new(r::TOO_LARGE, self.names()));
        }
        let mut read = Vec::with_capacity(self.0.len());
        for file in &self.0 {
            let unreadable = |_: JsValue| Refusal::new(r::UNREADABLE, file.name());
            let content = file.array_buffer().await.map_err(unreadable)?;
            let bytes = js_sys::Uint8Array::new(&content).to_vec();
            read.push(File::new(file.name(), bytes).await);
        }
        Ok(read)
    }

    /// Stores the files in the browser for a reload of the page. If that fails, the user has to
    /// choose them again.
    pub async fn keep(&self) {
        let files = js_sys::Array::new();
        for file in &self.0 {
            files.push(file);
        }
        let _ = keep(&files).await;
    }
}

/// The files that were open before the reload.
pub async fn kept_files() -> Chosen {
    let files = kept().await.ok().and_then(|files| files.dyn_into::<js_sys::Array>().ok());
    let files = files.unwrap_or_default();
    Chosen(files.iter().filter_map(|file| file.dyn_into().ok()).collect())
}

/// The origin of the host that passed those files, if one did.
pub async fn host_of_kept() -> Option<String> {
    host().await.ok()?.as_string()
}

/// Fetches a file beside the page.
///
/// # Errors
///
/// If it does not exist or cannot be fetched.
pub async fn fetched(name: &str) -> Result<Vec<File>, Refusal> {
    let bytes = dom::fetch(name).await;
    let bytes = bytes.ok_or_else(|| Refusal::new(r::NOT_FOUND, name.to_owned()))?;
    Ok(vec![File::new(name.to_owned(), bytes).await])
}

/// Calls `chosen` for all files that are chosen or dropped, as long as the page exists.
pub fn listen(chosen: impl Fn(Chosen) + 'static) {
    let Some(app) = dom::first::<Element>("#app") else { return };
    let closure = Closure::<dyn Fn(web_sys::Event)>::new(move |event: web_sys::Event| {
        let files = match event.dyn_ref::<DragEvent>() {
            Some(drag) => {
                event.prevent_default();
                // Otherwise the page would open it in the other program.
                event.stop_propagation();
                drag.data_transfer().and_then(|data| data.files())
            }
            None => {
                let input =
                    event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
                input.and_then(|input| input.files())
            }
        };
        let files = Chosen::new(files);
        if !files.is_empty() {
            chosen(files);
        }
    });
    for deed in ["change", "drop"] {
        let _ = app.add_event_listener_with_callback(deed, closure.as_ref().unchecked_ref());
    }
    closure.forget();
}
