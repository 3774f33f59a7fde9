//! Messages to and from the host through the browser. Only `window.parent` is listened to.

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

/// A JavaScript object that is being built.
pub struct Object(js_sys::Object);

impl Default for Object {
    fn default() -> Self {
        Self::new()
    }
}

impl Object {
    pub fn new() -> Self {
        Self(js_sys::Object::new())
    }

    /// Adds a field with any value.
    #[must_use]
    pub fn value(self, name: &str, value: &JsValue) -> Self {
        // Only frozen objects refuse this.
        let _ = js_sys::Reflect::set(&self.0, &name.into(), value);
        self
    }

    #[must_use]
    pub fn text(self, name: &str, text: &str) -> Self {
        self.value(name, &text.into())
    }

    #[must_use]
    pub fn number(self, name: &str, number: f64) -> Self {
        self.value(name, &number.into())
    }

    #[must_use]
    pub fn flag(self, name: &str, flag: bool) -> Self {
        self.value(name, &flag.into())
    }

    pub fn into_value(self) -> JsValue {
        self.0.into()
    }

    /// Sends it to the host, if there is one.
    pub fn post(self) {
        post(&self.into_value());
    }
}

thread_local! {
    /// The only origin that receives messages. `None` means any origin, since the state of a
    /// simulated run is public, even of a scenario that the user has brought.
    static AUDIENCE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Restricts messages to this origin.
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
        // Refused if the text is no origin. Then no page receives the message.
        let _ = parent.post_message(message, audience.as_deref().unwrap_or("*"));
    }
}

/// Calls `asked` for each message of the host, as long as the page exists.
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

/// Gives a key to the host: by name, and as reveal.js expects it. Escape also returns the focus.
pub fn hand_over(name: &str) {
    if let Some(text) = keys::of_reveal(name) {
        post(&text.into());
    }
    report::key(name).post();
    if name == "Escape" {
        give_focus_back();
    }
}

/// Returns the focus to the host.
pub fn give_focus_back() {
    let focused: Option<Element> = dom::window().document().and_then(|it| it.active_element());
    if let Some(focused) = focused {
        let _ = focused.unchecked_ref::<HtmlElement>().blur();
    }
    if let Some(parent) = parent() {
        let _ = parent.focus();
    }
}

/// The width of the frame and its preferred height, in CSS pixels. `None` while it is not shown,
/// and outside of frames.
pub fn wanted_height() -> Option<(u32, u32)> {
    parent()?;
    let width = u32::try_from(dom::root()?.client_width()).ok().filter(|&width| width > 0)?;
    Some((width, height::wanted_px(width)))
}

/// A height request for pages that embed exercises by SPLICE or LTI.
pub fn resize_of_splice(height_px: u32) -> Object {
    Object::new()
        .text("subject", "lti.frameResize")
        .text("message_id", "antes")
        .number("height", f64::from(height_px))
}
