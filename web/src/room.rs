//! Measures the available room and reports it to the style sheet and to the drawing code.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, HtmlElement};
use yew::NodeRef;

use crate::dom::{first, mark_root, root, window};
use crate::fit::Fit;
use crate::px::{Size, px};

/// The normal type size in CSS pixels. `web/style/page.css` uses `rem` relative to it.
const NORMAL_TYPE_PX: f64 = 16.0;

thread_local! {
    /// The length of a unit in CSS pixels.
    static UNIT: Cell<f64> = const { Cell::new(1.0) };
}

/// The length of a unit in CSS pixels, as last measured. More than one with large type.
pub fn unit() -> f64 {
    UNIT.get()
}

/// A length for the style sheet.
pub fn rem(units: f64) -> String {
    // Rounded to a hundredth of a rem, which is a sixth of a pixel.
    let hundredths = (units / NORMAL_TYPE_PX * 100.0).round();
    px(hundredths) + "e-2rem"
}

/// Calls `changed` with the sizes of the ring and the diagram, in units, whenever one changes, as
/// long as the page exists. The first call is before this returns.
pub fn watch(ring: &NodeRef, chart: &NodeRef, changed: impl Fn(Size, Size) + 'static) {
    let (Some(ring), Some(chart)) = (ring.cast::<Element>(), chart.cast::<Element>()) else {
        return;
    };
    let Some(type_size) = ruler() else { return };
    let (seen, drawn, ruler) = (ring.clone(), chart.clone(), type_size.clone());
    let told = Cell::new(None);
    let measure = Rc::new(move || {
        lay_out(&ruler);
        let sizes = (size_of(&seen), size_of(&drawn));
        if told.replace(Some(sizes)) != Some(sizes) {
            changed(sizes.0, sizes.1);
        }
    });
    measure();
    // In a separate frame: an observer is not notified of size changes that it causes itself.
    let later = Closure::<dyn Fn()>::new(move || measure());
    let later = later.into_js_value();
    let observed = Closure::<dyn Fn()>::new(move || {
        let _ = window().request_animation_frame(later.unchecked_ref());
    });
    let observed = observed.into_js_value();
    let _ = window().add_event_listener_with_callback("resize", observed.unchecked_ref());
    let Ok(observer) = web_sys::ResizeObserver::new(observed.unchecked_ref()) else { return };
    let around = [".top", ".transport"].into_iter().filter_map(first::<Element>);
    for element in [ring, chart, type_size].into_iter().chain(around) {
        observer.observe(&element);
    }
}

/// An element that is as wide as the type is large.
fn ruler() -> Option<Element> {
    if let Some(ruler) = first(".ruler") {
        return Some(ruler);
    }
    let document = window().document()?;
    let ruler = document.create_element("div").ok()?;
    ruler.set_class_name("ruler");
    ruler.set_attribute("aria-hidden", "true").ok()?;
    document.body()?.append_child(&ruler).ok()?;
    Some(ruler)
}

/// Chooses the layout for the available room.
pub fn fit() {
    if let Some(ruler) = ruler() {
        lay_out(&ruler);
    }
}

fn lay_out(ruler: &Element) {
    let Some(root) = root() else { return };
    let unit = (ruler.get_bounding_client_rect().width() / NORMAL_TYPE_PX).max(0.1);
    UNIT.set(unit);
    let window = Size {
        width: f64::from(root.client_width()) / unit,
        height: f64::from(root.client_height()) / unit,
    };
    let embed = root.has_attribute("data-embed");
    let tokens = Fit::tokens(window, embed);
    if root.get_attribute("data-fit").as_deref() != Some(&tokens) {
        mark_root("data-fit", &tokens);
    }
    fold(&tokens);
    let height = |css| first::<HtmlElement>(css).map_or(0, |part| part.offset_height());
    let bar = height(".transport");
    // The part of the first screen that is left for the pictures.
    let screen = (root.client_height() - height(".top") - bar).max(0);
    let style = root.unchecked_ref::<HtmlElement>().style();
    for (name, pixels) in [("--screen", screen), ("--bar", bar)] {
        let _ = style.set_property(name, &[&pixels.to_string(), "px"].concat());
    }
}

/// Folds the explanation and the log before the first drawing, so that new users see the pictures,
/// the time and the notes. Panels that the user has opened before stay open. For a recording, both
/// are open if there is room.
fn fold(tokens: &str) {
    let has = |token| tokens.split(' ').any(|other| other == token);
    let is_small = has("tall") || has("low");
    let is_recording = first::<Element>("[data-recording]").is_some();
    let fits = [(".why", !has("short") || is_small), (".log", !has("short") && !is_small)];
    for (css, fits) in fits {
        let Some(panel) = first::<Element>(css).filter(|panel| !panel.has_attribute(FOLDED)) else {
            continue;
        };
        let _ = panel.set_attribute(FOLDED, "");
        // The address of a frame may ask for the log.
        let is_asked = css == ".log" && first::<Element>("html[data-log='1']").is_some();
        let open = is_asked || kept(css).unwrap_or(is_recording && fits);
        let _ = panel.toggle_attribute_with_force("open", open);
    }
}

/// Marks a panel whose initial state was set. After that, only the user changes it.
const FOLDED: &str = "data-folded";

/// Whether the user has opened or folded a panel, on this or an earlier visit.
fn kept(css: &str) -> Option<bool> {
    let state = window().local_storage().ok()??.get_item(&["antes", css].concat()).ok()??;
    Some(state == OPEN)
}

const OPEN: &str = "open";

/// Stores in the browser that the user opens or folds this panel.
pub fn keep_fold(panel: &Element) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let state = if panel.has_attribute("open") { "folded" } else { OPEN };
    for css in [".why", ".log"] {
        if panel.matches(css).unwrap_or(false) {
            let _ = storage.set_item(&["antes", css].concat(), state);
        }
    }
}

/// Opens a panel that the user may have folded.
pub fn unfold(css: &str) {
    if let Some(panel) = first::<Element>(css) {
        let _ = panel.set_attribute("open", "");
    }
}

/// The inner size of an element, in units.
fn size_of(element: &Element) -> Size {
    let unit = unit();
    Size {
        width: f64::from(element.client_width()) / unit,
        height: f64::from(element.client_height()) / unit,
    }
}
