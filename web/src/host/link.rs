//! The browser's part of talking with the page around this one: only `window.parent` is listened to.

use std::cell::RefCell;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement, MessageEvent, Window};

use crate::dom;
use crate::host::height;
use crate::host::keys;
use crate::host::order::{self, Message};
use crate::host::report;
use crate::host::value::Value;
use crate::visit;

/// An object that is being written.
pub struct Object(js_sys::Object);

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

impl Object {
    /// One without fields.
    pub fn new() -> Self {
        Self(js_sys::Object::new())
    }

    /// With one more field.
    #[must_use]
    pub fn value(self, name: &str, value: &JsValue) -> Self {
        // Refused only by objects that are frozen.
        let _ = js_sys::Reflect::set(&self.0, &name.into(), value);
        self
    }

    /// With one more field.
    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        self.value(name, &text.into())
    }

    /// With one more field.
    #[must_use]
    pub fn number(self, name: &str, number: f64) -> Self {
        self.value(name, &number.into())
    }

    /// With one more field.
    #[must_use]
    pub fn flag(self, name: &str, flag: bool) -> Self {
        self.value(name, &flag.into())
    }

    /// The object.
    pub fn into_value(self) -> JsValue {
        self.0.into()
    }

    /// Sends it to the page around this one, if there is one.
    pub fn post(self) {
        post(&self.into_value());
    }
}

thread_local! {
    /// The only origin that hears anything; any, where there is none. The state of a simulated run may
    /// be read by anybody.
    static AUDIENCE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on, only this origin hears anything.
pub fn speak_only_to(origin: &str) {
    AUDIENCE.set(Some(origin.to_owned()));
}

fn parent() -> Option<Window> {
    let parent = dom::window().parent().ok().flatten()?;
    visit::is_framed().then_some(parent)
}

fn post(message: &JsValue) {
    if let Some(parent) = parent() {
        let audience = AUDIENCE.with_borrow(Clone::clone);
        // Refused for what is no origin: then nobody hears it.
        let _ = parent.post_message(message, audience.as_deref().unwrap_or("*"));
    }
}

/// Tells what the page around this one asks for, for as long as the page lives.
pub fn listen(asked: impl Fn(Message) + 'static) {
    let Some(parent) = parent() else { return };
    let closure = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        let event: &MessageEvent = event.unchecked_ref();
        let is_parent = event.source().is_some_and(|source| js_sys::Object::is(&source, &parent));
        if !is_parent {
            return;
        }
        let message =
            Value::of(&event.data()).and_then(|message| order::read(&message, &event.origin()));
        if let Some(message) = message {
            asked(message);
        }
    });
    let listener = closure.as_ref().unchecked_ref();
    let _ = dom::window().add_event_listener_with_callback("message", listener);
    closure.forget();
}

/// Hands a key over to the page around this one: as reveal.js expects it, and by its name. Escape
/// gives the focus back as well.
pub fn hand_over(name: &str) {
    if let Some(text) = keys::of_reveal(name) {
        post(&text.into());
    }
    report::key(name).post();
    if name == "Escape" {
        give_focus_back();
    }
}

/// Gives the focus to the page around this one.
pub fn give_focus_back() {
    let focused: Option<Element> = dom::window().document().and_then(|it| it.active_element());
    if let Some(focused) = focused {
        let _ = focused.unchecked_ref::<HtmlElement>().blur();
    }
    if let Some(parent) = parent() {
        let _ = parent.focus();
    }
}

/// How wide the frame is, and how high it should be, in CSS pixels; nothing while it is not shown,
/// and outside of frames.
pub fn wanted_height() -> Option<(u32, u32)> {
    parent()?;
    let width = u32::try_from(dom::root()?.client_width()).ok().filter(|&width| width > 0)?;
    Some((width, height::wanted_px(width)))
}

/// The wish for a height, as pages understand it that embed exercises by SPLICE or LTI.
pub fn resize_of_splice(height_px: u32) -> Object {
    Object::new()
        .text("subject", "lti.frameResize")
        .text("message_id", "antes")
        .number("height", f64::from(height_px))
}
